"""`/watch edit`, and dossiers in `/watch add`, `list` and `show`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.loopback import Platform
from bot.models import Dossier, ItemKind, Notice, Priority, ThingKind, WatchItem
from bot.storage.log import dossiers
from tests.cogs.house import House, Room, settings_of


@pytest.fixture
async def item(house: House, room: Room) -> WatchItem:
    return await house.follow(
        room, kind=ItemKind.COMPANY, name="Axon Public Safety", aliases=("Taser",), ref="A-1", note="vu au salon"
    )


async def of_item(house: House, room: Room, item: WatchItem) -> list[Dossier]:
    async with house.app.database.read() as connection:
        return await dossiers.of_thing(connection, room.guild.id, ThingKind.ITEM, item.id or 0)


async def open_dossiers(room: Room, *names: str) -> None:
    for name in names:
        await room.reporter.slash("dossier create", room.desk, name=name)


async def test_what_is_given_is_changed_and_told_before_and_after(house: House, room: Room, item: WatchItem) -> None:
    channel = room.guild.add_channel("vidéo")
    reply = await room.reporter.slash(
        "watch edit",
        room.desk,
        item=str(item.id),
        name="Axon SAS",
        aliases="Taser; TASER International",
        any_of="drone",
        channel=channel,
        priority="digest",
        note="-",
    )
    assert reply.ephemeral
    assert reply.deferred
    for line in (
        "**Nom\u00a0:** Axon SAS (avant\u00a0: Axon Public Safety)",
        "**Alias\u00a0:** Taser ; TASER International (avant\u00a0: Taser)",
        "**Au moins une de (any\\_of)\u00a0:** drone (avant\u00a0: rien)",
        f"**Salon\u00a0:** <#{channel.id}> (avant\u00a0: le salon de la rédaction)",
        "**Annonce\u00a0:** dans le résumé (avant\u00a0: tout de suite)",
        "**Note\u00a0:** rien (avant\u00a0: vu au salon)",
    ):
        assert line.replace("any\\_of", "any_of") in reply.text.replace("any\\_of", "any_of")
    assert "Référence" not in reply.text
    [after] = await house.items(room)
    assert (after.name, after.aliases, after.any_of) == ("Axon SAS", ("Taser", "TASER International"), ("drone",))
    assert (after.channel_id, after.priority, after.note, after.ref) == (channel.id, Priority.DIGEST, None, "A-1")


async def test_the_reply_says_how_it_was_understood_and_what_it_would_have_matched(
    house: House, room: Room, item: WatchItem
) -> None:
    await house.publish(Notice(id="26-7", source="boamp", title="Achat de caméras Axis"))
    reply = await room.reporter.slash("watch edit", room.desk, item=str(item.id), name="Axis SAS")
    assert "**Axis**, avec ou sans sa forme juridique (SAS)" in reply.text
    assert "1 avis sur 1 enregistrés" in reply.text
    assert "**Axis**" in reply.text


async def test_an_item_that_becomes_noisy_is_warned_of(house: House, room: Room, item: WatchItem) -> None:
    await house.publish(*(Notice(id=f"26-{n}", source="boamp", title=f"Marché {n} Taser") for n in range(30)))
    reply = await room.reporter.slash("watch edit", room.desk, item=str(item.id), aliases="Taser; Marché")
    assert "C\u2019est beaucoup" in reply.text
    assert "/veille modifier" in reply.text


async def test_an_item_that_becomes_a_digest_item_says_that_no_digest_tells_its_hits(
    room: Room, item: WatchItem
) -> None:
    reply = await room.reporter.slash("watch edit", room.desk, item=str(item.id), priority="digest")
    assert f"aucun résumé n\u2019est planifié dans <#{room.desk.id}> pour les dire" in reply.text


async def test_the_newsrooms_own_channel_takes_an_items_channel_away(house: House, room: Room, item: WatchItem) -> None:
    channel = room.guild.add_channel("vidéo")
    await room.reporter.slash("watch edit", room.desk, item=str(item.id), channel=channel)
    reply = await room.reporter.slash("watch edit", room.desk, item=str(item.id), channel=room.desk)
    assert f"le salon de la rédaction (avant\u00a0: <#{channel.id}>)" in reply.text
    assert [one.channel_id for one in await house.items(room)] == [None]


async def test_without_anything_to_change_it_says_so(room: Room, item: WatchItem) -> None:
    nothing = await room.reporter.slash("watch edit", room.desk, item=str(item.id))
    assert "au moins une chose" in nothing.text
    same = await room.reporter.slash("watch edit", room.desk, item=str(item.id), aliases="Taser")
    assert "Rien n\u2019a changé" in same.text


async def test_a_wrong_query_is_shown_with_its_place_and_nothing_changes(
    house: House, room: Room, item: WatchItem
) -> None:
    reply = await room.reporter.slash("watch edit", room.desk, item=str(item.id), any_of="drone; (caméra", note="x")
    assert "```\n(caméra\n^\n```" in reply.text
    assert await house.items(room) == [item]


async def test_a_name_that_is_followed_already_is_refused_and_named(house: House, room: Room, item: WatchItem) -> None:
    other = await house.follow(room, kind=ItemKind.COMPANY, name="Axis")
    reply = await room.reporter.slash("watch edit", room.desk, item=str(item.id), name="AXIS")
    assert f"«\u00a0Axis\u00a0» est déjà surveillé, sous le numéro {other.id}" in reply.text


async def test_a_reporter_edits_their_own_and_an_editor_all(house: House, room: Room) -> None:
    item = await house.follow(room, room.editor, kind=ItemKind.COMPANY, name="Axis")
    assert await room.reporter.autocomplete("watch edit", option="item", typed="ax", channel=room.desk) == []
    refused = await room.reporter.slash("watch edit", room.desk, item="Axis", note="x")
    assert "quelqu\u2019un d\u2019autre" in refused.text
    own = await house.follow(room, kind=ItemKind.COMPANY, name="Axon")
    await room.editor.slash("watch edit", room.desk, item="Axon", note="x")
    assert {one.id: one.note for one in await house.items(room)} == {item.id: None, own.id: "x"}


async def test_the_hits_of_an_edited_item_are_those_it_now_asks_for(house: House, room: Room, item: WatchItem) -> None:
    await room.reporter.slash("watch edit", room.desk, item=str(item.id), name="Axis", aliases="-")
    live = await house.app.watchlist.live()
    assert [hit.item for hit in live.matcher.find(Notice(id="1", title="Axis et Taser"))] == [item.id]
    assert live.matcher.find(Notice(id="2", title="Taser")) == []


async def test_markup_in_what_changed_stays_text(room: Room, item: WatchItem, platform: Platform) -> None:
    reply = await room.reporter.slash(
        "watch edit", room.desk, item=str(item.id), note="**x** <@1> @everyone [y](https://evil.example)"
    )
    assert "<@1>" not in reply.text
    assert "](https://evil" not in reply.text
    platform.check()


async def test_the_longest_edit_fits_the_reply(room: Room) -> None:
    def said(sign: str) -> dict[str, Any]:
        return {
            "name": f"Firm {sign} " + "*_" * 90,
            "aliases": "; ".join(f"nom {n:02} {sign}" + "`~" * 60 for n in range(30)),
            "identifiers": "; ".join(f"{n:02}{sign}" + "9" * 57 for n in range(20)),
            "any_of": "; ".join(f"mot{n}{sign} " + "x" * 180 for n in range(30)),
            "none_of": "; ".join(f"pas{n}{sign} " + "x" * 180 for n in range(30)),
            "note": sign + "_" * 499,
            "ref": sign + "*" * 59,
        }

    await room.reporter.slash("watch add", room.desk, kind="company", **said("a"))
    reply = await room.reporter.slash("watch edit", room.desk, item="1", **said("b"))
    assert reply.text.count(" (avant\u00a0: ") == 7


async def test_an_item_is_added_to_dossiers_and_listed_and_shown_with_them(room: Room) -> None:
    await open_dossiers(room, "Caméras", "Drones")
    reply = await room.reporter.slash("watch add", room.desk, kind="company", name="Axon", dossier="caméras; Drones")
    await room.reporter.slash("watch add", room.desk, kind="company", name="Axis")
    assert "Dossiers\u00a0: Caméras ; Drones" in reply.text
    listed = await room.reporter.slash("watch list", room.desk, dossier="Drones")
    assert "Axon" in listed.text
    assert "Axis" not in listed.text
    assert "Dossier **Drones**" in listed.text
    shown = await room.reporter.slash("watch show", room.desk, item="Axon")
    assert "Dossiers\u00a0: Caméras ; Drones" in shown.text


@pytest.mark.parametrize(("dossier", "said"), [("Rien", "Aucun dossier"), ("Fermé", "est fermé")])
async def test_an_unknown_or_closed_dossier_is_refused_and_nothing_is_added(
    house: House, room: Room, dossier: str, said: str
) -> None:
    await open_dossiers(room, "Fermé", "Drones")
    await room.editor.slash("dossier close", room.desk, dossier="Fermé")
    reply = await room.reporter.slash("watch add", room.desk, kind="company", name="Axon", dossier=f"Drones; {dossier}")
    assert said in reply.text
    assert await house.items(room) == []


async def test_the_dossiers_of_an_item_are_replaced_and_emptied(house: House, room: Room, item: WatchItem) -> None:
    await open_dossiers(room, "Caméras", "Drones")
    await room.reporter.slash("watch edit", room.desk, item=str(item.id), dossier="Caméras")
    reply = await room.reporter.slash("watch edit", room.desk, item=str(item.id), dossier="Drones")
    assert "**Dossiers\u00a0:** Drones (avant\u00a0: Caméras)" in reply.text
    assert [one.name for one in await of_item(house, room, item)] == ["Drones"]
    await room.reporter.slash("watch edit", room.desk, item=str(item.id), dossier="-")
    assert await of_item(house, room, item) == []


async def test_a_closed_dossier_is_still_listed_and_said_to_be_closed(room: Room, item: WatchItem) -> None:
    await open_dossiers(room, "Caméras")
    await room.reporter.slash("watch edit", room.desk, item=str(item.id), dossier="Caméras")
    await room.editor.slash("dossier close", room.desk, dossier="Caméras")
    listed = await room.reporter.slash("watch list", room.desk, dossier="Caméras")
    assert "Caméras (fermé)" in listed.text
    assert "Axon" in listed.text


async def test_the_last_dossier_of_a_list_is_completed(room: Room) -> None:
    await open_dossiers(room, "Caméras", "Drones", "Fermé")
    await room.editor.slash("dossier close", room.desk, dossier="Fermé")
    for command in ("watch add", "watch edit"):
        proposed = await room.reporter.autocomplete(command, option="dossier", typed="Caméras; dro", channel=room.desk)
        assert [choice.name for choice in proposed] == ["Caméras; Drones"]
        assert await room.reporter.autocomplete(command, option="dossier", typed="fer", channel=room.desk) == []
    closed = await room.reporter.autocomplete("watch list", option="dossier", typed="fer", channel=room.desk)
    assert len(closed) == 1


async def test_another_newsroom_sees_and_changes_nothing(house: House, room: Room, item: WatchItem) -> None:
    await open_dossiers(room, "Caméras")
    await room.reporter.slash("watch edit", room.desk, item=str(item.id), dossier="Caméras")
    other = await house.newsroom(house.guild("L\u2019Autre"))
    chief = other.administrator
    for typed in ("Axon", str(item.id)):
        reply = await chief.slash("watch edit", other.desk, item=typed, note="x")
        assert "Aucun élément surveillé" in reply.text
    assert await chief.autocomplete("watch edit", option="item", typed="ax", channel=other.desk) == []
    for command in ("watch add", "watch edit", "watch list"):
        assert await chief.autocomplete(command, option="dossier", typed="cam", channel=other.desk) == []
    for typed in ("Caméras", "1"):
        assert "Aucun dossier" in (await chief.slash("watch list", other.desk, dossier=typed)).text
        reply = await chief.slash("watch add", other.desk, kind="company", name="Axis", dossier=typed)
        assert "Aucun dossier" in reply.text
    assert await house.items(other) == []
    assert await house.items(room) == [item]


async def test_an_outsider_sees_and_changes_nothing(house: House, room: Room, item: WatchItem) -> None:
    await open_dossiers(room, "Caméras")
    reply = await room.stranger.slash("watch edit", room.desk, item="Axon", note="x", force=True)
    assert "rôle de la rédaction" in reply.text
    assert "Axon" not in reply.text
    for option, typed in (("item", "ax"), ("dossier", "cam"), ("sources", "boa")):
        asked = room.stranger.autocomplete("watch edit", option=option, typed=typed, channel=room.desk, force=True)
        assert await asked == []
    assert await house.items(room) == [item]


async def test_the_pages_of_a_dossier_turn_after_a_restart(platform: Platform, tmp_path: Path) -> None:
    house = House(platform, settings_of(tmp_path))
    async with house.running():
        room = await house.newsroom(house.guild())
        await open_dossiers(room, "Caméras")
        for number in range(12):
            await room.reporter.slash(
                "watch add", room.desk, kind="company", name=f"Firm {number:02}", dossier="Caméras"
            )
        await house.follow(room, kind=ItemKind.COMPANY, name="Firm 99")
        reply = await room.reporter.slash("watch list", room.desk, dossier="Caméras")
    house = House(platform, settings_of(tmp_path))
    async with house.running(delivers=False):
        turned = await room.reporter.click(reply, label="Suivants")
        assert "Firm 11" in turned.text
        assert "Firm 99" not in turned.text
