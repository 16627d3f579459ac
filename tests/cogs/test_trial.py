from __future__ import annotations

import pytest

from bot.models import ItemKind, Notice
from bot.watchlist import trying
from cogs._replies import leaving_room, sheet
from tests.cogs.house import House, Room

TEXT = "La ville achète 30 caméras-piétons à Axon pour sa police."


async def test_an_item_that_matches_a_text_says_why(house: House, room: Room) -> None:
    await house.follow(room, kind=ItemKind.KEYWORD, name="caméra-piéton")
    reply = await room.reporter.slash("watch test", room.desk, item="caméra", text=TEXT)
    assert "correspond" in reply.text
    assert "**caméras-piétons**" in reply.text
    assert "singulier ou pluriel" in reply.text


async def test_a_missing_context_word_is_said(house: House, room: Room) -> None:
    await house.follow(room, kind=ItemKind.COMPANY, name="Axon", any_of=("drone", "radar"))
    reply = await room.reporter.slash("watch test", room.desk, item="Axon", text=TEXT)
    assert "ne correspond pas" in reply.text
    assert "any_of" in reply.text
    assert "drone; radar" in reply.text


async def test_an_excluding_word_is_said(house: House, room: Room) -> None:
    await house.follow(room, kind=ItemKind.COMPANY, name="Axon", none_of=("police",))
    reply = await room.reporter.slash("watch test", room.desk, item="Axon", text=TEXT)
    assert "ne correspond pas" in reply.text
    assert "none_of" in reply.text
    assert "police" in reply.text


async def test_a_text_is_of_no_source_so_that_an_items_sources_do_not_matter(house: House, room: Room) -> None:
    await house.follow(room, kind=ItemKind.COMPANY, name="Axon", sources=("boamp",))
    reply = await room.reporter.slash("watch test", room.desk, item="Axon", text=TEXT)
    assert "**Axon** (entreprise) correspond" in reply.text


async def test_a_text_without_the_words_says_that_nothing_of_them_is_there(house: House, room: Room) -> None:
    await house.follow(room, kind=ItemKind.COMPANY, name="Taser")
    reply = await room.reporter.slash("watch test", room.desk, item="Taser", text=TEXT)
    assert "Rien n\u2019y correspond" in reply.text


async def test_a_query_is_tried_without_being_followed(house: House, room: Room) -> None:
    reply = await room.reporter.slash("watch test", room.desk, query="caméra* ET police", text=TEXT)
    assert "correspond" in reply.text
    assert await house.items(room) == []


async def test_a_wrong_query_is_shown_with_its_place(room: Room) -> None:
    reply = await room.reporter.slash("watch test", room.desk, query="(police", text=TEXT)
    assert "```\n(police\n^\n```" in reply.text


async def test_an_item_and_a_query_are_not_tried_at_once(house: House, room: Room) -> None:
    await house.follow(room, kind=ItemKind.COMPANY, name="Axon")
    reply = await room.reporter.slash("watch test", room.desk, item="Axon", query="police")
    assert "pas les deux" in reply.text


async def test_without_a_text_the_stored_notices_are_tried(house: House, room: Room) -> None:
    await house.publish(
        Notice(id="26-1", source="boamp", title="Achat de drones"), Notice(id="26-2", source="boamp", title="Autre")
    )
    reply = await room.reporter.slash("watch test", room.desk, query="drone")
    assert "1 avis sur 2 enregistrés ces 90 derniers jours" in reply.text
    assert "Achat de **drones**" in reply.text


async def test_where_only_the_newest_notices_were_looked_through_it_is_said(
    house: House, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.publish(*(Notice(id=f"26-{n}", source="boamp", title="Achat de drones") for n in range(5)))
    monkeypatch.setattr(trying, "SWEPT", 3)
    reply = await room.reporter.slash("watch test", room.desk, query="re:/drones/")
    assert "3 avis sur 5 enregistrés" in reply.text
    assert "Seuls les 3 avis les plus récents ont été examinés" in reply.text


async def test_without_anything_the_whole_watchlist_is_tried_item_by_item(house: House, room: Room) -> None:
    await house.publish(
        Notice(id="26-1", source="boamp", title="Achat de drones"),
        Notice(id="26-2", source="boamp", title="Drones et caméras"),
    )
    await house.follow(room, kind=ItemKind.KEYWORD, name="drone")
    await house.follow(room, kind=ItemKind.KEYWORD, name="caméra")
    reply = await room.reporter.slash("watch test", room.desk)
    assert "2 avis sur 2" in reply.text
    assert "- drone\u00a0: 2 avis" in reply.text
    assert "- caméra\u00a0: 1 avis" in reply.text


async def test_the_whole_watchlist_is_that_of_this_newsroom_only(house: House, room: Room) -> None:
    await house.publish(Notice(id="26-1", source="boamp", title="Achat de drones"))
    await house.follow(room, kind=ItemKind.KEYWORD, name="drone")
    other = await house.newsroom(house.guild("L\u2019Autre"))
    empty = await other.reporter.slash("watch test", other.desk)
    assert "/veille ajouter" in empty.text
    await house.follow(other, kind=ItemKind.KEYWORD, name="ascenseur")
    for text in (None, "Des drones"):
        reply = await other.reporter.slash("watch test", other.desk, text=text)
        assert "rone" not in reply.text


async def test_the_whole_watchlist_is_tried_on_a_text(house: House, room: Room) -> None:
    await house.follow(room, kind=ItemKind.COMPANY, name="Axon")
    await house.follow(room, kind=ItemKind.COMPANY, name="Taser")
    reply = await room.reporter.slash("watch test", room.desk, text=TEXT)
    assert "**Axon** (entreprise) correspond" in reply.text
    assert "Taser" not in reply.text


async def test_hostile_texts_stay_within_discords_limits(house: House, room: Room) -> None:
    for number in range(12):
        await house.follow(room, kind=ItemKind.KEYWORD, name=f"drone{number} OU caméra")
    reply = await room.reporter.slash("watch test", room.desk, text="*_`caméra`_* <@1> @everyone " * 120)
    assert "<@1>" not in reply.text
    assert "4 autres" in reply.text


async def test_why_an_item_does_not_match_a_text_is_said_with_the_place(house: House, room: Room) -> None:
    await house.follow(room, kind=ItemKind.OFFICIAL, name="Paul Corvoy")
    reply = await room.reporter.slash("watch test", room.desk, item="Paul", text="Paul Martin et Anne Corvoy")
    assert "**Paul Corvoy** ne correspond pas" in reply.text
    assert "«\u00a0Paul Martin et Anne Corvoy\u00a0»" in reply.text


async def test_a_query_says_which_operand_is_missing_in_the_persons_language(room: Room) -> None:
    query = "drone AND (town OR village)"
    reply = await room.reporter.slash("watch test", room.desk, query=query, text="des drones", locale="en-GB")
    assert "“drones” is there, but this is missing: town OR village" in reply.text


async def test_of_a_whole_watchlist_only_what_comes_near_says_why_not(house: House, room: Room) -> None:
    await house.follow(room, kind=ItemKind.COMPANY, name="Valmarin Défense")
    await house.follow(room, kind=ItemKind.COMPANY, name="Orvelin")
    reply = await room.reporter.slash("watch test", room.desk, text="Valmarin, pour la défense du littoral")
    assert "**Valmarin Défense** ne correspond pas" in reply.text
    assert "Orvelin" not in reply.text


async def test_a_weak_hit_says_why_it_is_only_weak(house: House, room: Room) -> None:
    await house.follow(room, kind=ItemKind.OFFICIAL, name="Paul Corvoy")
    reply = await room.reporter.slash("watch test", room.desk, item="Paul", text="Le maire, P. Corvoy, a signé.")
    assert "l\u2019avis ne donne que l\u2019initiale du prénom" in reply.text
    assert "attend le résumé" in reply.text


async def test_an_ordinary_word_is_told_in_figures_with_the_newsrooms_own_words_as_context(
    house: House, room: Room
) -> None:
    await house.follow(room, kind=ItemKind.KEYWORD, name="drone")
    fruits = [Notice(id=f"1-{number}", source="boamp", title="Orange amère, un lot") for number in range(6)]
    words = [Notice(id=f"2-{number}", source="boamp", title="Une orange") for number in range(2)]
    company = Notice(id="3", source="boamp", title="Un marché attribué à Orange pour la fibre")
    await house.publish(*fruits, *words, company)
    reply = await room.reporter.slash("watch add", room.desk, kind="company", name="Orange")
    assert "7 avis sur 9" in reply.text
    assert "Dont 1 «\u00a0Exact\u00a0», 6 «\u00a0À vérifier\u00a0»" in reply.text
    assert "Dans 2 avis, ce n\u2019est que le mot courant" in reply.text
    assert "Pour 6 d\u2019entre eux" in reply.text
    assert "élément `2`, any_of `drone`" in reply.text


async def test_a_name_that_is_sure_is_not_said_to_be_noisy(house: House, room: Room) -> None:
    await house.publish(*(Notice(id=str(number), source="boamp", title="Marché à Valmarin") for number in range(4)))
    reply = await room.reporter.slash("watch add", room.desk, kind="company", name="Valmarin")
    assert "4 avis sur 4" in reply.text
    assert "any_of" not in reply.text


async def test_what_conditions_hold_back_among_the_stored_notices_is_counted(house: House, room: Room) -> None:
    await house.publish(*(Notice(id=str(number), source="boamp", title="Marché à Valmarin") for number in range(3)))
    await house.follow(room, kind=ItemKind.COMPANY, name="Valmarin", any_of=("drone",))
    reply = await room.reporter.slash("watch test", room.desk, item="Valmarin")
    assert "0 avis sur 3" in reply.text
    assert "Il figure dans 3 avis qui ne comptent pas\u00a0: aucun des mots demandés (any_of)" in reply.text


async def test_what_a_query_tried_excludes_is_not_called_by_an_option(room: Room) -> None:
    reply = await room.reporter.slash("watch test", room.desk, query="Axon SAUF police", text=TEXT)
    assert "la requête exclut ce qui y est aussi\u00a0: police" in reply.text
    assert "none_of" not in reply.text


async def test_the_example_of_context_keeps_what_is_there_and_leaves_out_the_items_own_words(
    house: House, room: Room
) -> None:
    for name in ("une orange", "marché_public", "drone"):
        await house.follow(room, kind=ItemKind.KEYWORD, name=name)
    fruits = [Notice(id=str(number), source="boamp", title="Orange amère, une_fibre") for number in range(6)]
    await house.publish(*fruits)
    item = await house.follow(room, kind=ItemKind.COMPANY, name="Orange", any_of=("une_fibre",))
    reply = await room.reporter.slash("watch test", room.desk, item=str(item.id))
    assert f"élément `{item.id}`, any_of `une_fibre ; marché_public ; drone`" in reply.text


async def test_what_is_held_back_is_not_counted_as_the_ordinary_word_too(house: House, room: Room) -> None:
    await house.publish(*(Notice(id=str(n), source="boamp", title="Attribué à Orange pour la fibre") for n in range(2)))
    await house.publish(Notice(id="9", source="boamp", title="Une orange"))
    item = await house.follow(room, kind=ItemKind.COMPANY, name="Orange", none_of=("fibre",))
    reply = await room.reporter.slash("watch test", room.desk, item=str(item.id))
    assert "Il figure dans 2 avis" in reply.text
    assert "Dans 1 avis, ce n\u2019est que le mot courant" in reply.text


async def test_an_item_of_many_names_leaves_room_for_the_figures(house: House, room: Room) -> None:
    await house.publish(Notice(id="1", source="boamp", title="Longue Compagnie Maritime"))
    aliases = "; ".join(f"Compagnie Numéro {number} {'x' * 150}" for number in range(30))
    reply = await room.reporter.slash(
        "watch add", room.desk, kind="company", name="Longue Compagnie Maritime", aliases=aliases
    )
    assert "\n25 autres" in reply.text
    assert "1 avis sur 1" in reply.text


def test_the_first_lines_of_a_sheet_leave_room_for_those_after() -> None:
    first, after = ["a" * 900 for _ in range(6)], ["b" * 900, "c" * 900]
    shown = leaving_room(first, after)
    assert shown == [*first[:2], "…"]
    told = sheet("Titre", [*shown, *after]).description
    assert told is not None
    assert told.endswith("c" * 900)
    assert leaving_room(first[:2], after) == first[:2]
