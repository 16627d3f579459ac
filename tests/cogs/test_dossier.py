"""Dossiers from end to end: opened, filled, shown, closed, reopened; and where the cards of what they hold go."""

from __future__ import annotations

from typing import Any

import pytest

from bot.loopback import Member, Reply
from bot.loopback.channels import Channel
from bot.loopback.replies import text_of
from bot.models import Dossier, ItemKind, ThingKind, WatchItem
from bot.storage.log import dossiers
from tests.cogs.house import House, Room, shown

TEXT = "Axon aurait rencontré le cabinet du maire"
CLAIM = "Axon a rencontré le cabinet du maire"
SOURCE = "https://mairie.example/agenda"


@pytest.fixture
async def room(house: House) -> Room:
    made = await house.newsroom(house.guild())
    await house.log_of(made)
    return made


@pytest.fixture
def log(room: Room) -> Channel:
    return next(channel for channel in room.guild.channels if channel.name == "journal")


@pytest.fixture
async def axon(house: House, room: Room) -> WatchItem:
    return await house.follow(room, kind=ItemKind.COMPANY, name="Axon")


async def stored(house: House, room: Room) -> list[Dossier]:
    async with house.app.database.read() as connection:
        return await dossiers.every(connection, room.guild.id)


async def held(house: House, room: Room, dossier: int = 1) -> dict[ThingKind, list[int]]:
    async with house.app.database.read() as connection:
        return {kind: await dossiers.things(connection, room.guild.id, dossier, kind) for kind in ThingKind}


async def put(by: Member, room: Room, thing: str, dossier: str = "caméras") -> Reply:
    return await by.slash("dossier add", room.desk, dossier=dossier, thing=thing)


async def tip(room: Room, by: Member | None = None, **options: Any) -> Reply:
    return await (by or room.reporter).slash("tip add", room.desk, text=TEXT, **options)


async def fact(room: Room, **options: Any) -> Reply:
    return await room.reporter.slash("fact add", room.desk, claim=CLAIM, source=SOURCE, **options)


# --- create ---


async def test_a_dossier_is_stored_with_its_channel(house: House, room: Room) -> None:
    channel = room.guild.add_channel("caméras")
    reply = await room.reporter.slash("dossier create", room.desk, name="  Caméras   de Lyon ", channel=channel)
    [dossier] = await stored(house, room)
    assert (dossier.name, dossier.channel_id, dossier.created_by) == ("Caméras de Lyon", channel.id, room.reporter.id)
    assert reply.ephemeral
    assert f"<#{channel.id}>" in reply.text


@pytest.mark.parametrize("name", ["Caméras", "CAMERAS", "caméras!"])
async def test_a_name_is_taken_once_whatever_its_case_and_accents(house: House, room: Room, name: str) -> None:
    await house.dossier(room, "Caméras")
    reply = await room.reporter.slash("dossier create", room.desk, name=name)
    assert "Il y a déjà un dossier" in reply.text
    assert len(await stored(house, room)) == 1


async def test_the_name_of_a_closed_dossier_is_refused_with_the_way_to_reopen_it(house: House, room: Room) -> None:
    await house.dossier(room, "Caméras")
    await room.editor.slash("dossier close", room.desk, dossier="caméras")
    reply = await room.reporter.slash("dossier create", room.desk, name="Caméras")
    assert "`/dossier rouvrir`" in reply.text
    assert len(await stored(house, room)) == 1


async def test_two_newsrooms_may_have_a_dossier_of_one_name(house: House, room: Room) -> None:
    other = await house.newsroom(house.guild("L\u2019Autre"))
    await house.dossier(room, "Caméras")
    await house.dossier(other, "Caméras")
    assert len(await stored(house, other)) == 1


@pytest.mark.parametrize("name", ["\u200b", "Caméras; Mairie"])
async def test_a_name_that_cannot_stand_in_a_list_is_refused(house: House, room: Room, name: str) -> None:
    reply = await room.reporter.slash("dossier create", room.desk, name=name)
    assert "sans point-virgule" in reply.text
    assert await stored(house, room) == []


@pytest.mark.parametrize(("length", "number"), [(80, 1), (81, 0)])
async def test_a_name_has_at_most_80_characters(house: House, room: Room, length: int, number: int) -> None:
    await room.reporter.slash("dossier create", room.desk, name="é" * length)
    assert len(await stored(house, room)) == number


async def test_a_newsroom_that_is_full_opens_no_more(house: House, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.dossiers.DOSSIERS", 1)
    await house.dossier(room, "Caméras")
    reply = await room.reporter.slash("dossier create", room.desk, name="Mairie")
    assert "le plus que Vigie en garde" in reply.text
    assert len(await stored(house, room)) == 1


# --- add ---


async def test_an_item_a_tip_and_a_fact_are_put_into_a_dossier(house: House, room: Room, axon: WatchItem) -> None:
    await house.dossier(room, "Caméras")
    await tip(room)
    await fact(room)
    for thing in (f"élément {axon.id}", "tuyau 1", "fait 1"):
        reply = await put(room.reporter, room, thing)
        assert "est maintenant dans le dossier **Caméras**" in reply.text
    assert await held(house, room) == {ThingKind.ITEM: [axon.id], ThingKind.TIP: [1], ThingKind.FACT: [1]}


async def test_a_thing_may_be_in_several_dossiers(house: House, room: Room) -> None:
    await house.dossier(room, "Caméras")
    await house.dossier(room, "Mairie")
    await fact(room)
    await put(room.reporter, room, "fait 1")
    await put(room.reporter, room, "fait 1", "mairie")
    assert [(await held(house, room, dossier))[ThingKind.FACT] for dossier in (1, 2)] == [[1], [1]]


async def test_what_is_there_already_is_said_and_not_put_twice(house: House, room: Room) -> None:
    await house.dossier(room, "Caméras")
    await fact(room)
    await put(room.reporter, room, "fait 1")
    reply = await put(room.reporter, room, "fait 1")
    assert "était déjà dans le dossier" in reply.text
    assert (await held(house, room))[ThingKind.FACT] == [1]


@pytest.mark.parametrize("typed", ["fact 1", "fait:1", "Fait n° 1", "fait #1", "a rencontré", "FACT:1"])
async def test_a_fact_is_named_by_kind_and_number_or_by_its_words(house: House, room: Room, typed: str) -> None:
    await house.dossier(room, "Caméras")
    await fact(room)
    await put(room.reporter, room, typed)
    assert (await held(house, room))[ThingKind.FACT] == [1]


async def test_an_items_whole_name_means_the_item_whatever_tips_and_facts_say(
    house: House, room: Room, axon: WatchItem
) -> None:
    await house.dossier(room, "Caméras")
    await tip(room)
    await tip(room)
    await put(room.reporter, room, "axon")
    assert await held(house, room) == {ThingKind.ITEM: [axon.id], ThingKind.TIP: [], ThingKind.FACT: []}


async def test_a_name_of_several_things_is_refused_with_what_it_may_mean(house: House, room: Room) -> None:
    await house.dossier(room, "Caméras")
    await tip(room)
    await fact(room)
    reply = await put(room.reporter, room, "cabinet du maire")
    assert "tip:1" in reply.text
    assert "fact:1" in reply.text
    assert await held(house, room) == {kind: [] for kind in ThingKind}


@pytest.mark.parametrize("typed", ["fait 9", "tuyau 9", "élément 9", "inconnu", "?!"])
async def test_what_is_not_there_is_refused(house: House, room: Room, typed: str) -> None:
    await house.dossier(room, "Caméras")
    await fact(room)
    reply = await put(room.reporter, room, typed)
    assert typed.rsplit(maxsplit=1)[-1] in reply.text
    assert await held(house, room) == {kind: [] for kind in ThingKind}


async def test_a_removed_item_is_not_put_into_a_dossier(house: House, room: Room, axon: WatchItem) -> None:
    await house.dossier(room, "Caméras")
    await room.reporter.slash("watch remove", room.desk, item="Axon")
    await put(room.reporter, room, f"élément {axon.id}")
    assert (await held(house, room))[ThingKind.ITEM] == []


async def test_an_unknown_dossier_is_refused(house: House, room: Room) -> None:
    await fact(room)
    reply = await put(room.reporter, room, "fait 1")
    assert "Aucun dossier ne s\u2019appelle «\u00a0caméras\u00a0»" in reply.text
    assert await stored(house, room) == []


async def test_a_beginning_that_two_dossiers_have_is_refused_with_both(house: House, room: Room) -> None:
    await house.dossier(room, "Caméras de Lyon")
    await house.dossier(room, "Caméras de Nice")
    await fact(room)
    reply = await put(room.reporter, room, "fait 1", "caméras")
    assert "Caméras de Lyon" in reply.text
    assert "Caméras de Nice" in reply.text


# --- list and show ---


async def test_the_list_counts_what_each_dossier_holds_open_ones_first(
    house: House, room: Room, axon: WatchItem
) -> None:
    for name in ("Abattoirs", "Caméras"):
        await house.dossier(room, name)
    await tip(room, dossier="caméras")
    await fact(room, dossier="caméras")
    await put(room.reporter, room, f"élément {axon.id}")
    await room.editor.slash("dossier close", room.desk, dossier="abattoirs")
    reply = await room.reporter.slash("dossier list", room.desk)
    assert reply.ephemeral
    assert "**Caméras** (2) · 1 élément · 1 fait · 1 tuyau" in reply.text
    assert "**Abattoirs** (1) · 0 élément · 0 fait · 0 tuyau · dossier fermé" in reply.text
    assert reply.text.index("Caméras") < reply.text.index("Abattoirs")


@pytest.mark.parametrize("command", ["dossier list", "dossier show"])
async def test_an_item_that_is_no_longer_watched_is_not_counted(
    house: House, room: Room, axon: WatchItem, command: str
) -> None:
    await house.dossier(room, "Caméras")
    await put(room.reporter, room, f"élément {axon.id}")
    await room.reporter.slash("watch remove", room.desk, item="Axon")
    options: dict[str, Any] = {"dossier": "caméras"} if command == "dossier show" else {}
    reply = await room.reporter.slash(command, room.desk, **options)
    assert "0 élément" in reply.text
    assert "Axon" not in reply.text


async def test_without_a_dossier_the_list_says_how_to_open_one(room: Room) -> None:
    reply = await room.reporter.slash("dossier list", room.desk)
    assert "`/dossier créer`" in reply.text


async def test_show_tells_what_a_dossier_gathers_the_latest_first(house: House, room: Room, axon: WatchItem) -> None:
    channel = room.guild.add_channel("caméras")
    await house.dossier(room, "Caméras", channel)
    await put(room.reporter, room, f"élément {axon.id}")
    await tip(room, dossier="caméras")
    for number in range(10):
        await room.reporter.slash("fact add", room.desk, claim=f"Constat {number:02}", source=SOURCE, dossier="caméras")
    reply = await room.reporter.slash("dossier show", room.desk, dossier="cam")
    assert reply.ephemeral
    for words in ("1 élément", "Axon", "10 faits", "1 tuyau", TEXT, f"<#{channel.id}>", f"<@{room.reporter.id}>"):
        assert words in reply.text
    assert reply.text.index("Constat 09") < reply.text.index("Constat 08")
    assert "Constat 01" not in reply.text
    assert "et 2 autres" in reply.text


async def test_a_closed_dossier_is_still_shown_with_who_closed_it(house: House, room: Room) -> None:
    await house.dossier(room, "Caméras")
    await fact(room, dossier="caméras")
    await room.editor.slash("dossier close", room.desk, dossier="caméras")
    reply = await room.reporter.slash("dossier show", room.desk, dossier="caméras")
    assert f"Fermé par <@{room.editor.id}>" in reply.text
    assert CLAIM in reply.text


# --- close and reopen ---


async def test_a_reporter_does_not_close_a_dossier(house: House, room: Room) -> None:
    await house.dossier(room, "Caméras")
    reply = await room.reporter.slash("dossier close", room.desk, dossier="caméras")
    assert "Seule la rédaction en chef" in reply.text
    assert [dossier.closed_at for dossier in await stored(house, room)] == [None]


@pytest.mark.parametrize("what", ["dossier add", "tip add", "fact add", "tip add form", "fact add form"])
async def test_nothing_goes_into_a_closed_dossier(house: House, room: Room, what: str) -> None:
    await house.dossier(room, "Caméras")
    await fact(room)
    await room.editor.slash("dossier close", room.desk, dossier="caméras")
    match what:
        case "dossier add":
            reply = await put(room.reporter, room, "fait 1")
        case "tip add":
            reply = await tip(room, dossier="caméras")
        case "fact add":
            reply = await fact(room, dossier="caméras")
        case _:
            reply = await room.reporter.slash(what.removesuffix(" form"), room.desk, dossier="caméras")
    assert "est fermé" in reply.text
    assert await held(house, room) == {kind: [] for kind in ThingKind}
    assert (len(await house.tips(room)), len(await house.facts(room))) == (0, 1)


async def test_a_closed_dossier_is_not_closed_again(room: Room, house: House) -> None:
    await house.dossier(room, "Caméras")
    for _ in range(2):
        reply = await room.editor.slash("dossier close", room.desk, dossier="caméras")
    assert "est fermé" in reply.text


async def test_a_reopened_dossier_takes_things_again(house: House, room: Room) -> None:
    await house.dossier(room, "Caméras")
    await fact(room)
    await room.editor.slash("dossier close", room.desk, dossier="caméras")
    reply = await room.reporter.slash("dossier reopen", room.desk, dossier="caméras")
    assert "**Caméras** rouvert" in reply.text
    await put(room.reporter, room, "fait 1")
    assert (await held(house, room))[ThingKind.FACT] == [1]


async def test_people_are_told_where_an_items_hits_are_announced_as_dossiers_open_and_close(
    house: House, room: Room, axon: WatchItem
) -> None:
    channels = [room.guild.add_channel(name) for name in ("caméras", "abattoirs")]
    for name, channel in zip(("Caméras", "Abattoirs"), channels, strict=True):
        await house.dossier(room, name, channel)
        reply = await put(room.reporter, room, f"élément {axon.id}", name)
        assert channel.mention in reply.text.partition("\n")[2]

    async def shown_in() -> list[bool]:
        reply = await room.reporter.slash("watch show", room.desk, item="axon")
        return [channel.mention in reply.text for channel in (*channels, room.desk)]

    assert await shown_in() == [True, True, False]
    for name, channel in zip(("Caméras", "Abattoirs"), channels, strict=True):
        assert channel.mention in (await room.editor.slash("dossier close", room.desk, dossier=name)).text
    assert await shown_in() == [False, False, True]
    assert channels[0].mention in (await room.editor.slash("dossier reopen", room.desk, dossier="caméras")).text
    assert await shown_in() == [True, False, False]


async def test_an_open_dossier_is_not_reopened(house: House, room: Room) -> None:
    await house.dossier(room, "Caméras")
    reply = await room.reporter.slash("dossier reopen", room.desk, dossier="caméras")
    assert "est ouvert" in reply.text


async def test_what_happens_in_a_closed_dossier_does_not_spill_into_the_log(
    house: House, room: Room, log: Channel
) -> None:
    channel = room.guild.add_channel("caméras")
    await house.dossier(room, "Caméras", channel)
    await fact(room, dossier="caméras")
    await shown(channel, CLAIM)
    await room.editor.slash("dossier close", room.desk, dossier="caméras")
    reply = await room.editor.slash("fact verify", room.desk, fact="1", reason="un seul acte")
    assert "Son dossier est fermé" in reply.text
    await shown(channel, "· vérifié", CLAIM)
    assert log.messages == []


async def test_what_a_closed_dossiers_channel_shows_does_not_grow_old(house: House, room: Room) -> None:
    channel = room.guild.add_channel("caméras")
    await house.dossier(room, "Caméras", channel)
    await fact(room, dossier="caméras")
    await shown(channel, CLAIM)
    await room.editor.slash("dossier close", room.desk, dossier="caméras")
    await room.editor.slash("fact retract", room.desk, fact="1", reason="Homonyme")
    await channel.wait_for(lambda message: message.reference is None and "RETIRÉ" in text_of(message))
    assert [message.reference is not None for message in channel.messages] == [False, True]


async def test_a_reopened_dossiers_channel_gets_its_cards_again(house: House, room: Room) -> None:
    channel = room.guild.add_channel("caméras")
    await house.dossier(room, "Caméras", channel)
    await room.editor.slash("dossier close", room.desk, dossier="caméras")
    await room.reporter.slash("dossier reopen", room.desk, dossier="caméras")
    await fact(room, dossier="caméras")
    await shown(channel, CLAIM)


# --- autocomplete ---


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("dossier add", ["Caméras"]),
        ("dossier close", ["Caméras"]),
        ("dossier show", ["Caméras", "Abattoirs"]),
        ("dossier reopen", ["Abattoirs"]),
        ("tip list", ["Caméras", "Abattoirs"]),
        ("fact list", ["Caméras", "Abattoirs"]),
    ],
)
async def test_dossiers_are_proposed_open_or_closed_as_the_command_takes_them(
    house: House, room: Room, command: str, expected: list[str]
) -> None:
    await house.dossier(room, "Abattoirs")
    await house.dossier(room, "Caméras")
    await room.editor.slash("dossier close", room.desk, dossier="abattoirs")
    proposed = await room.editor.autocomplete(command, option="dossier", typed="", channel=room.desk)
    assert [choice.name.split(" · ")[0] for choice in proposed] == expected


async def test_the_last_dossier_of_a_list_is_completed_after_those_before(house: House, room: Room) -> None:
    await house.dossier(room, "Caméras")
    await house.dossier(room, "Mairie")
    [choice] = await room.reporter.autocomplete("tip add", option="dossier", typed="Caméras; mai", channel=room.desk)
    await tip(room, dossier=str(choice.value))
    assert [(await held(house, room, dossier))[ThingKind.TIP] for dossier in (1, 2)] == [[1], [1]]


@pytest.mark.parametrize("before", ["1", "Caméras", "caméras"])
async def test_what_stands_in_a_list_is_not_proposed_again(house: House, room: Room, before: str) -> None:
    await house.dossier(room, "Caméras")
    await house.dossier(room, "Mairie")
    typed = f"{before};"
    proposed = await room.reporter.autocomplete("tip add", option="dossier", typed=typed, channel=room.desk)
    assert [(choice.name, choice.value) for choice in proposed] == [(f"{before}; Mairie", f"{before}; 2")]


async def test_things_of_each_kind_are_proposed_with_their_kind(room: Room, axon: WatchItem) -> None:
    await tip(room)
    await fact(room)
    proposed = await room.reporter.autocomplete("dossier add", option="thing", typed="axon", channel=room.desk)
    assert [choice.value for choice in proposed] == [f"item:{axon.id}", "tip:1", "fact:1"]
    assert [choice.name.split(" · ")[0] for choice in proposed] == [f"Élément {axon.id}", "Tuyau 1", "Fait 1"]
