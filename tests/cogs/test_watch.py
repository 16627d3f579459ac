from __future__ import annotations

import json
from typing import Any

import pytest

from bot.loopback import Platform
from bot.models import Held, ItemKind, Notice, Priority
from bot.storage.archive import notices as notice_rows
from bot.storage.watching import hits
from bot.watchlist.entry import ITEMS
from tests.cogs.house import House, Room, hit
from tests.factories import owed_to_digest

TENDER = Notice(
    id="26-7",
    source="boamp",
    title="Achat de caméras-piétons",
    text="Fourniture de caméras-piétons pour la police municipale",
    buyer="Ville de Lyon",
    url="https://boamp.example/26-7",
)


async def test_what_is_added_is_stored_as_it_was_typed(house: House, room: Room) -> None:
    channel = room.guild.add_channel("vidéo")
    await room.reporter.slash(
        "watch add",
        room.desk,
        kind="company",
        name="  Axon   Public Safety SAS ",
        aliases="Taser; Axon ; Taser",
        identifiers="siren:998100473",
        any_of='caméra-piéton; "a; b"',
        none_of="factice",
        sources="boamp",
        channel=channel,
        priority="digest",
        ref="A-1",
        note="vu au salon",
    )
    [item] = await house.items(room)
    assert item.kind is ItemKind.COMPANY
    assert item.name == "Axon Public Safety SAS"
    assert item.aliases == ("Taser", "Axon")
    assert item.identifiers == ("siren:998100473",)
    assert item.any_of == ("caméra-piéton", '"a; b"')
    assert item.none_of == ("factice",)
    assert item.sources == ("boamp",)
    assert item.channel_id == channel.id
    assert item.priority is Priority.DIGEST
    assert (item.ref, item.note, item.added_by) == ("A-1", "vu au salon", room.reporter.id)


async def test_the_history_of_an_items_own_channel_is_read_from_the_command_on(house: House, room: Room) -> None:
    channel = room.guild.add_channel("vidéo")
    reply = await room.reporter.slash("watch add", room.desk, kind="company", name="Axon", channel=channel)
    async with house.app.database.read() as connection:
        row = await connection.one("SELECT floor_id FROM channel WHERE channel_id = ?", channel.id)
    assert row is not None
    assert row["floor_id"] == reply.interaction.id


async def test_the_reply_says_how_a_company_was_read(room: Room) -> None:
    reply = await room.reporter.slash("watch add", room.desk, kind="company", name="Axon SAS")
    assert reply.ephemeral
    assert reply.deferred
    assert "**Axon**, avec ou sans sa forme juridique (SAS)" in reply.text


async def test_the_reply_says_how_an_official_was_read(room: Room) -> None:
    reply = await room.reporter.slash("watch add", room.desk, kind="official", name="Marie Curie-Dupont")
    assert "prénom **Marie**, nom **Curie-Dupont**" in reply.text


async def test_the_reply_says_how_a_query_was_read_in_the_persons_language(room: Room) -> None:
    reply = await room.reporter.slash(
        "watch add", room.desk, kind="keyword", name="drone OU caméra", locale="en-US", none_of="jouet"
    )
    assert "drone OR caméra" in reply.text
    assert "never with: **jouet**" in reply.text


async def test_the_reply_shows_what_it_would_have_matched(house: House, room: Room) -> None:
    await house.publish(TENDER, Notice(id="26-8", source="boamp", title="Ascenseurs"))
    reply = await room.reporter.slash("watch add", room.desk, kind="keyword", name="caméra-piéton")
    assert "1 avis sur 2 enregistrés" in reply.text
    assert "[Achat de caméras-piétons](https://boamp.example/26-7) · Ville de Lyon" in reply.text
    assert "**caméras-piétons**" in reply.text


async def test_at_most_three_examples_are_shown_the_newest_first(house: House, room: Room) -> None:
    await house.publish(*(Notice(id=f"26-{n}", source="boamp", title=f"Drone {n}") for n in range(5)))
    reply = await room.reporter.slash("watch add", room.desk, kind="keyword", name="drone")
    shown = [n for n in range(5) if f"**Drone {n}**" in reply.text]
    assert shown == [2, 3, 4]
    assert reply.text.index("**Drone 4**") < reply.text.index("**Drone 3**")


async def test_a_noisy_item_is_warned_of(house: House, room: Room) -> None:
    await house.publish(*(Notice(id=f"26-{n}", source="boamp", title=f"Marché {n}") for n in range(30)))
    reply = await room.reporter.slash("watch add", room.desk, kind="keyword", name="marché")
    assert "C\u2019est beaucoup" in reply.text
    assert "any_of" in reply.text


async def test_a_new_item_announces_nothing(house: House, room: Room) -> None:
    await house.publish(TENDER)
    await room.reporter.slash("watch add", room.desk, kind="keyword", name="caméra-piéton")
    await house.app.delivery.settle()
    assert room.desk.messages == []


async def test_a_digest_item_says_where_its_hits_are_seen(room: Room) -> None:
    await room.editor.slash("digest schedule", room.desk, channel=room.desk, every="daily", at="8")
    reply = await room.reporter.slash("watch add", room.desk, kind="company", name="Axon", priority="digest")
    assert "attendent le résumé" in reply.text


NO_DIGEST = "aucun résumé n\u2019est planifié dans <#{}> pour les dire (`/résumé planifier`)"


async def test_a_digest_item_of_a_channel_without_a_digest_says_that_none_tells_its_hits(room: Room) -> None:
    video = room.guild.add_channel("vidéo")
    await room.editor.slash("digest schedule", room.desk, channel=room.desk, every="daily", at="8")
    reply = await room.reporter.slash(
        "watch add", room.desk, kind="company", name="Axon", priority="digest", channel=video
    )
    assert NO_DIGEST.format(video.id) in reply.text
    assert "attendent le résumé" not in reply.text
    shown = await room.reporter.slash("watch show", room.desk, item="Axon")
    assert NO_DIGEST.format(video.id) in shown.text
    await room.editor.slash("digest schedule", room.desk, channel=video, every="daily", at="8")
    shown = await room.reporter.slash("watch show", room.desk, item="Axon")
    assert "attendent le résumé" in shown.text


async def test_the_digest_of_its_dossier_tells_the_hits_of_a_digest_item_while_the_dossier_is_open(
    house: House, room: Room
) -> None:
    for name in ("Caméras", "Drones"):
        await house.dossier(room, name)
        await room.editor.slash(
            "digest schedule", room.desk, channel=room.operations, every="daily", at="8", dossier=name
        )
    reply = await room.reporter.slash(
        "watch add", room.desk, kind="company", name="Axon", priority="digest", dossier="caméras"
    )
    assert "attendent le résumé" in reply.text
    await room.editor.slash("dossier close", room.desk, dossier="caméras")
    shown = await room.reporter.slash("watch show", room.desk, item="Axon")
    assert NO_DIGEST.format(room.desk.id) in shown.text


async def test_an_item_that_is_announced_at_once_says_nothing_of_digests(room: Room) -> None:
    reply = await room.reporter.slash("watch add", room.desk, kind="company", name="Axon")
    assert "résumé" not in reply.text


async def test_sources_that_are_not_read_are_said(room: Room) -> None:
    reply = await room.reporter.slash("watch add", room.desk, kind="company", name="Axon", sources="boamp")
    assert "Aucune des sources choisies n\u2019est lue" in reply.text


async def test_a_wrong_query_is_shown_with_a_caret_and_nothing_is_stored(house: House, room: Room) -> None:
    reply = await room.reporter.slash("watch add", room.desk, kind="company", name="Axon", any_of="drone; (caméra")
    assert "```\n(caméra\n^\n```" in reply.text
    assert await house.items(room) == []


async def test_a_caret_stays_below_its_character_in_a_hostile_query(room: Room) -> None:
    query = "`" * 3 + "a\u202e" + "x" * 100 + " ("
    reply = await room.reporter.slash("watch add", room.desk, kind="keyword", name=query)
    line, caret = reply.text.split("```")[1].strip("\n").split("\n")
    assert line[len(caret) - 1] == "("
    assert "\u202e" not in line


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"name": "x" * 201}, "201 caractères : 200 au plus"),
        ({"aliases": ";".join(f"alias {n}" for n in range(31))}, "31 alias, c\u2019est trop : 30 au plus"),
        ({"aliases": "y" * 201}, "201 caractères : 200 au plus"),
        ({"identifiers": ";".join(str(n) for n in range(21))}, "21 identifiants, c\u2019est trop : 20 au plus"),
        ({"identifiers": "1" * 61}, "61 caractères : 60 au plus"),
        ({"any_of": ";".join(f"mot{n}" for n in range(31))}, "31 requêtes, c\u2019est trop"),
        ({"none_of": "z" * 201}, "201 caractères : 200 au plus"),
        ({"ref": "r" * 61}, "61 caractères : 60 au plus"),
        ({"note": "n" * 501}, "501 caractères : 500 au plus"),
        ({"sources": "boamp; nulle-part"}, "source nommée «\u00a0nulle-part\u00a0». Les sources sont\u00a0: boamp"),
        ({"name": "\u200b"}, "Tapez un nom"),
    ],
)
async def test_what_is_too_much_is_refused_in_words(
    house: House, room: Room, options: dict[str, Any], said: str
) -> None:
    reply = await room.reporter.slash("watch add", room.desk, **{"kind": "company", "name": "Axon", **options})
    assert said.replace(" : ", "\u00a0: ") in reply.text
    assert await house.items(room) == []


async def test_without_a_channel_anywhere_an_item_is_refused(house: House) -> None:
    room = house.guild()
    await room.administrator.slash("setup", room.desk, reporter=room.reporter_role)
    reply = await room.reporter.slash("watch add", room.desk, kind="company", name="Axon")
    assert "/réglages annonces" in reply.text
    assert await house.items(room) == []


async def test_an_items_own_channel_is_enough(house: House) -> None:
    room = house.guild()
    await room.administrator.slash("setup", room.desk, reporter=room.reporter_role)
    await room.reporter.slash("watch add", room.desk, kind="company", name="Axon", channel=room.desk)
    assert len(await house.items(room)) == 1


@pytest.mark.parametrize("name", ["axon", "AXON", "Axôn"])
async def test_a_name_that_is_followed_already_is_refused_and_named(house: House, room: Room, name: str) -> None:
    item = await house.follow(room, kind=ItemKind.COMPANY, name="Axon")
    reply = await room.editor.slash("watch add", room.desk, kind="company", name=name)
    assert f"«\u00a0Axon\u00a0» est déjà surveillé, sous le numéro {item.id}" in reply.text
    assert len(await house.items(room)) == 1


async def test_the_same_name_of_another_kind_is_another_item(house: House, room: Room) -> None:
    await house.follow(room, kind=ItemKind.COMPANY, name="Axon")
    await room.editor.slash("watch add", room.desk, kind="keyword", name="axon")
    assert len(await house.items(room)) == 2


async def test_queries_that_differ_by_their_signs_are_two_items(house: House, room: Room) -> None:
    await room.editor.slash("watch add", room.desk, kind="keyword", name="drone")
    await room.editor.slash("watch add", room.desk, kind="keyword", name="drone*")
    assert len(await house.items(room)) == 2


async def test_a_reference_that_is_taken_is_refused_and_named(house: House, room: Room) -> None:
    await house.follow(room, kind=ItemKind.COMPANY, name="Axon", ref="A-1")
    reply = await room.editor.slash("watch add", room.desk, kind="company", name="Autre", ref="A-1")
    assert "A-1" in reply.text
    assert "Axon" in reply.text
    assert len(await house.items(room)) == 1


async def test_a_full_watchlist_takes_nothing_more(house: House, room: Room) -> None:
    async with house.app.database.tx("test") as connection:
        await connection.run(
            """
            INSERT INTO watch_item (guild_id, kind, name, name_key, aliases, identifiers, any_of, none_of, sources,
                priority, added_by, added_at)
            SELECT ?, 'company', value, value, '[]', '[]', '[]', '[]', '[]', 'instant', 1, '2026-01-01'
            FROM json_each(?)
            """,
            room.guild.id,
            json.dumps([f"firm {n}" for n in range(ITEMS)]),
        )
    reply = await room.editor.slash("watch add", room.desk, kind="company", name="Axon")
    assert "2\u202f000 éléments au plus" in reply.text


async def test_the_autocomplete_of_a_full_watchlist_keeps_to_discords_limits(house: House, room: Room) -> None:
    for number in range(30):
        await house.follow(room, kind=ItemKind.COMPANY, name=f"Firm {number} {'x' * 150}")
    proposed = await room.reporter.autocomplete("watch show", option="item", typed="firm", channel=room.desk)
    assert len(proposed) == 25
    assert max(len(choice.name) for choice in proposed) <= 100


async def test_items_are_proposed_by_folded_name_the_likeliest_first(house: House, room: Room) -> None:
    for name in ("Société Éole", "Néo-Éole", "Éole", "Autre"):
        await house.follow(room, kind=ItemKind.COMPANY, name=name)
    proposed = await room.reporter.autocomplete("watch show", option="item", typed="EOLE", channel=room.desk)
    assert [choice.name.split(" · ")[0] for choice in proposed] == ["Éole", "Néo-Éole", "Société Éole"]


async def test_a_proposal_sends_our_id(house: House, room: Room) -> None:
    item = await house.follow(room, kind=ItemKind.COMPANY, name="Axon")
    [choice] = await room.reporter.autocomplete("watch show", option="item", typed="ax", channel=room.desk)
    assert choice.value == str(item.id)
    reply = await room.reporter.slash("watch show", room.desk, item=str(choice.value))
    assert "Axon" in reply.text


async def test_the_last_source_of_a_list_is_completed(room: Room) -> None:
    proposed = await room.reporter.autocomplete("watch add", option="sources", typed="x ; boa", channel=room.desk)
    assert [(choice.name, choice.value) for choice in proposed] == [("x; boamp", "x; boamp")]


async def test_a_source_that_stands_in_the_list_is_not_proposed_again(room: Room) -> None:
    proposed = await room.reporter.autocomplete("watch add", option="sources", typed="boamp; boa", channel=room.desk)
    assert proposed == []


@pytest.mark.parametrize("typed", ["axon public safety", "AXON", "Axôn Public"])
async def test_a_typed_name_or_its_beginning_finds_the_item(house: House, room: Room, typed: str) -> None:
    await house.follow(room, kind=ItemKind.COMPANY, name="Axon Public Safety")
    reply = await room.reporter.slash("watch show", room.desk, item=typed)
    assert "Axon Public Safety" in reply.text


async def test_a_name_that_could_be_several_lists_up_to_five(house: House, room: Room) -> None:
    for number in range(7):
        await house.follow(room, kind=ItemKind.COMPANY, name=f"Axon {number}")
    reply = await room.reporter.slash("watch show", room.desk, item="axon")
    assert "7 choses" in reply.text
    assert reply.text.count("entreprise") == 5


async def test_an_unknown_name_is_refused_in_words(room: Room) -> None:
    reply = await room.reporter.slash("watch show", room.desk, item="Personne")
    assert "Aucun élément surveillé ne s\u2019appelle «\u00a0Personne\u00a0»" in reply.text


async def test_show_tells_everything_that_was_entered(room: Room) -> None:
    channel = room.guild.add_channel("vidéo")
    await room.reporter.slash(
        "watch add",
        room.desk,
        kind="company",
        name="Axon SAS",
        aliases="Taser",
        any_of="drone",
        none_of="jouet",
        sources="boamp",
        channel=channel,
        priority="digest",
        ref="A-1",
        note="vu au salon",
    )
    reply = await room.editor.slash("watch show", room.desk, item="Axon SAS")
    for shown in ("Taser", "drone", "jouet", "BOAMP", f"<#{channel.id}>", "résumé", "A-1", "vu au salon"):
        assert shown in reply.text
    assert f"<@{room.reporter.id}>" in reply.text


async def test_show_counts_the_hits_and_says_why_some_were_held(house: House, room: Room) -> None:
    item = await house.follow(room, kind=ItemKind.KEYWORD, name="caméra-piéton")
    now = house.app.clock.now()
    async with house.app.database.tx("test") as connection:
        for number, held in enumerate((None, Held.BASELINE, Held.MUTED)):
            notice = Notice(id=f"26-{number}", source="boamp", title=f"Caméras {number}")
            row = await notice_rows.add(connection, notice, "hash", 1, now=now, is_baseline=False)
            await hits.add(
                connection,
                room.guild.id,
                hit(notice, item),
                notice_row=row,
                revision=1,
                held=held,
                in_digest=owed_to_digest(held),
                now=now,
            )
    reply = await room.reporter.slash("watch show", room.desk, item=str(item.id))
    assert "3 correspondances" in reply.text
    assert "1 annoncée, 2 retenues" in reply.text
    for fate in ("annoncée", "première lecture", "en sourdine"):
        assert fate in reply.text


async def test_markup_in_a_name_stays_a_name(house: House, room: Room, platform: Platform) -> None:
    name = "**Axon** <@1> @everyone [x](https://evil.example) `y`"
    await room.reporter.slash("watch add", room.desk, kind="company", name=name, note="_@here_\n# gros")
    acts: dict[str, dict[str, Any]] = {"watch list": {}, "watch show": {"item": "1"}, "watch remove": {"item": "1"}}
    for command, options in acts.items():
        reply = await room.reporter.slash(command, room.desk, **options)
        assert "\\*\\*Axon\\*\\*" in reply.text
        assert "<@1>" not in reply.text
        assert "](https://evil" not in reply.text
    assert len(await house.items(room)) == 0
    platform.check()


async def test_a_second_newsroom_sees_nothing_of_the_first(house: House, room: Room) -> None:
    item = await house.follow(room, kind=ItemKind.COMPANY, name="Axon")
    other = await house.newsroom(house.guild("L\u2019Autre"))
    chief = other.administrator
    assert "Axon" not in (await chief.slash("watch list", other.desk)).text
    for command in ("watch show", "watch remove", "watch test"):
        for typed in ("Axon", str(item.id)):
            reply = await chief.slash(command, other.desk, item=typed)
            assert "Aucun élément surveillé" in reply.text
        assert await chief.autocomplete(command, option="item", typed="ax", channel=other.desk) == []
    await room.reporter.slash("watch remove", room.desk, item="Axon")
    reply = await chief.slash("watch restore", other.desk, item=str(item.id))
    assert "Aucun élément retiré" in reply.text
    assert await chief.autocomplete("watch restore", option="item", typed="ax", channel=other.desk) == []
    await chief.slash("watch add", other.desk, kind="company", name="Axon")
    assert len(await house.items(other)) == 1


async def test_an_error_of_ours_is_answered_by_a_reference_and_nothing_typed_is_logged(
    house: House, room: Room, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(house.app.watchlist, "try_items", broken)
    reply = await room.reporter.slash("watch add", room.desk, kind="company", name="Secret Firm", note="très secret")
    assert "référence" in reply.text
    assert "RuntimeError" in caplog.text
    assert "Secret" not in caplog.text
    assert "très secret" not in caplog.text
