from __future__ import annotations

from bot.models import ItemKind, Notice
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
    assert "Rien n\u2019en figure dans ce texte" in reply.text


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
