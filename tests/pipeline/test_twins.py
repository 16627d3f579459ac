"""One procedure in two sources: announced once, with two links, whoever comes first and whatever held the first."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import pytest

from bot.composing import compose
from bot.digest import Digester
from bot.models import AnnouncementKind, Every, Held, ItemKind, NoticeKind, Priority
from bot.models import Notice as Notice_
from bot.pipeline.twins import twin_of
from bot.storage.archive.twins import Alike
from bot.storage.digesting import digests
from bot.storage.reading import source_pauses
from bot.storage.watching import hits, watchlist
from bot.watchlist.dismissing import dismiss, mark_of
from bot.watchlist.explaining import explain
from bot.watchlist.live import Watchlist
from bot.watchlist.naming import named
from tests.factories import CHANNEL, GUILD, START, add_item, days_ago, make_item, make_notice, place_of
from tests.pipeline.fates import fates, faults
from tests.pipeline.two_sources import EARLIER, LATER, NOBODYS, gazette, journal, read_journal
from tests.pipeline.wire import Kill, Wire, kill_at

SECOND_CHANNEL = 2003
DAY = timedelta(days=1)
OTHER_UUID = "5f0c2d9e-6f0a-4c1e-9d3b-5a1b2c3d4e5f"


async def about(wire: Wire, channel: int = CHANNEL) -> list[str]:
    """Return what the messages of a channel are about."""
    rows = await wire.owed(place_of(channel))
    return [f"{row.subject} r{row.revision}" for row in rows if row.kind is AnnouncementKind.NOTICE]


async def words(wire: Wire, number: int = 0) -> str:
    """Return what a message says, with its links."""
    row = (await wire.owed())[number]
    async with wire.database.read() as connection:
        card = (await compose(connection, row, wire.clock.now())).card
    lines = [*card.body, *(line for field in card.fields for line in (((field.label, None),), *field.lines))]
    return "\n".join(" ".join(_words(part) for part in line) for line in lines)


def _words(part: Any) -> str:
    return str(part[0]) if isinstance(part, tuple) else f"{part.text} {part.url or ''}"


SECOND = {"gazette": journal(), "journal": gazette()}
PAIRED = [
    ({}, {}, True),
    ({}, {"published": START.date() + 10 * DAY}, True),
    ({}, {"published": START.date() + 11 * DAY}, False),
    ({}, {"kind": NoticeKind.AWARD}, False),
    ({}, {"procedure": OTHER_UUID}, False),
    ({"procedure": "shared"}, {"procedure": "shared"}, False),
    ({"kind": NoticeKind.AWARD}, {"kind": NoticeKind.AWARD}, True),
    ({"kind": NoticeKind.COMPANY}, {"kind": NoticeKind.COMPANY}, False),
    ({"kind": NoticeKind.CHANGE}, {"kind": NoticeKind.CHANGE}, True),
    ({"kind": NoticeKind.CHANGE}, {"kind": NoticeKind.CHANGE, "deadline": LATER}, False),
    ({"kind": NoticeKind.CHANGE}, {"kind": NoticeKind.CHANGE, "deadline": EARLIER.date()}, True),
    ({}, {"published": None}, False),
]


@pytest.mark.parametrize(("first", "second", "is_one"), PAIRED)
async def test_two_notices_are_one_when_the_procedure_the_kind_and_the_days_agree(
    both: Wire, first: Mapping[str, Any], second: Mapping[str, Any], *, is_one: bool
) -> None:
    await both.poll([gazette(**first)])
    await read_journal(both, journal(**second))
    async with both.database.read() as connection:
        rows = await connection.all("SELECT source_id, same_as FROM notice WHERE same_as IS NOT NULL")
    assert [(row["source_id"], row["same_as"]) for row in rows] == ([("71-2026", 3)] if is_one else [])


@pytest.mark.parametrize("first", ["gazette", "journal"])
@pytest.mark.parametrize("is_sent", [False, True])
async def test_a_procedure_in_two_sources_is_one_message_with_both_links(
    both: Wire, first: str, *, is_sent: bool
) -> None:
    for name in (first, SECOND[first].source):
        if is_sent and name != first:
            await both.send_all()
        before = await both.owed()
        await (both.poll([gazette()]) if name == "gazette" else read_journal(both, journal()))
    [after] = await both.owed()
    assert (after.code, after.remade - before[0].remade) == (before[0].code, 1)
    said = await words(both)
    other = SECOND[first]
    assert f"Also published by:   {other.source} {other.url}  · notice {other.id}" in said


async def test_a_message_that_was_sent_is_edited_once_for_its_twin(both: Wire) -> None:
    await both.poll([gazette()])
    await both.send_all()
    await read_journal(both, journal())
    [row] = await both.owed()
    assert ((row.shown_revision or 0) < row.due_revision, row.state.value) == (True, "sent")
    await read_journal(both, journal())
    assert (await both.owed())[0].remade == row.remade


@pytest.mark.parametrize("number", [1, 2, 3, 4])
async def test_a_twin_whose_poll_is_broken_off_is_told_as_if_it_had_not(
    both: Wire, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    await both.poll([gazette()])
    await both.send_all()
    with monkeypatch.context() as patch, suppress(Kill):
        kill_at(patch, number)
        await read_journal(both, journal(text="Caméras-piétons et drones."))
    await both.pipeline.resume()
    await read_journal(both, journal(text="Caméras-piétons et drones."))
    [row] = await both.owed()
    assert ((row.shown_revision or 0) < row.due_revision, await both.held()) == (True, [Held.COMPANION, None])


async def test_the_polls_of_both_sources_under_way_at_once_owe_one_message(
    both: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.pipeline.intake import Intake  # noqa: PLC0415  # patched here

    preparing = Intake.prepare

    async def read_meanwhile(intake: Intake, entries: Any) -> Any:
        prepared = await preparing(intake, entries)
        monkeypatch.setattr(Intake, "prepare", preparing)
        await read_journal(both, journal())
        return prepared

    monkeypatch.setattr(Intake, "prepare", read_meanwhile)
    await both.poll([gazette()])
    assert await about(both) == ["journal:71-2026 r1"]


async def test_what_only_the_text_of_the_twin_says_is_shown_under_the_message_that_waits(both: Wire) -> None:
    drone = await add_item(both.database, make_item("drone"))
    await both.poll([gazette()])
    await read_journal(both, journal(text="Caméras-piétons et drones."))
    said = await words(both)
    assert (await about(both), "drone" in said, await both.held(drone)) == (["gazette:26-1 r1"], True, [None])
    assert await both.held() == [Held.COMPANION, None]


async def test_what_only_the_text_of_the_twin_says_is_announced_with_both_links_after_a_message_that_was_sent(
    both: Wire,
) -> None:
    drone = await add_item(both.database, make_item("drone"))
    await both.poll([gazette()])
    await both.send_all()
    await read_journal(both, journal(text="Caméras-piétons et drones."))
    first, then = await both.owed()
    said = await words(both, 1)
    assert (then.subject, then.follows, await both.held(drone)) == ("journal:71-2026", first.id, [None])
    assert ("drone" in said, "https://gazette.example" in said) == (True, True)
    assert await faults(both.database) == []


HELD_FIRST: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("late", {"published": days_ago(9)}, {"published": days_ago(2)}, "journal:71-2026"),
    ("late after", {}, {"published": days_ago(9)}, "gazette:26-1"),
    ("nobody's", NOBODYS, {}, "journal:71-2026"),
    ("nobody's after", {}, NOBODYS, "gazette:26-1"),
]


@pytest.mark.parametrize(("_name", "first", "second", "told"), HELD_FIRST)
async def test_a_first_notice_that_was_not_announced_swallows_nothing(
    both: Wire, _name: str, first: dict[str, Any], second: dict[str, Any], told: str
) -> None:
    await both.poll([gazette(**first)])
    await read_journal(both, journal(**second))
    other = "26-1" if told == "journal:71-2026" else "71-2026"
    assert set(await both.held()) <= {None, Held.LATE if told == "journal:71-2026" else Held.COMPANION}
    assert (await about(both), f"notice {other}" in await words(both)) == ([f"{told} r1"], True)


async def test_a_notice_of_the_silent_first_poll_swallows_nothing(fresh: Wire) -> None:
    await fresh.poll([gazette()])
    await read_journal(fresh, journal(0, procedure=None, **NOBODYS))
    await read_journal(fresh, journal())
    assert await about(fresh) == ["journal:71-2026 r1"]


async def test_a_source_that_is_added_later_adds_its_links_in_silence(wire: Wire) -> None:
    await wire.poll([gazette()])
    await wire.send_all()
    await read_journal(wire, journal(text="Caméras-piétons et drones."))
    assert (await about(wire), await wire.held()) == (["gazette:26-1 r1"], [Held.BASELINE, None])
    assert "journal.example" in await words(wire)


async def test_each_place_is_judged_alone(both: Wire) -> None:
    await add_item(both.database, make_item("drone", channel_id=SECOND_CHANNEL))
    await both.poll([gazette()])
    await read_journal(both, journal(text="Caméras-piétons et drones."))
    assert (await about(both), await about(both, SECOND_CHANNEL)) == (["gazette:26-1 r1"], ["journal:71-2026 r1"])


async def test_a_message_that_nobody_follows_any_longer_swallows_nothing(both: Wire) -> None:
    await both.poll([gazette()])
    await both.mute(both.item, DAY)
    await add_item(both.database, make_item("police municipale"))
    await read_journal(both, journal())
    assert await about(both) == ["gazette:26-1 r1", "journal:71-2026 r1"]


async def test_a_twin_of_what_was_dismissed_adds_nothing(both: Wire) -> None:
    await both.poll([gazette()])
    await both.send_all()
    async with both.database.read() as connection:
        [stored] = await hits.of_item(connection, GUILD, both.item.id or 0, 5)
    await dismiss(both.database, GUILD, stored.row, None, 7, both.clock.now())
    await read_journal(both, journal())
    assert (await about(both), await both.held()) == (["gazette:26-1 r1"], [Held.DISMISSED, None])


async def test_what_was_dismissed_of_the_first_swallows_nothing_of_the_twin(both: Wire) -> None:
    atlas = await add_item(both.database, make_item("Atlas", kind=ItemKind.COMPANY))
    await both.remove(both.item)
    await both.poll([gazette(text="Marché conclu avec Atlas Sud.")])
    await both.send_all()
    async with both.database.read() as connection:
        [stored] = await hits.of_item(connection, GUILD, atlas.id or 0, 5)
    (mark,) = map(mark_of, stored.organisations or {})
    await dismiss(both.database, GUILD, stored.row, mark, 7, both.clock.now())
    await read_journal(both, journal(text="Marché conclu avec Atlas Copco."))
    told = [fate.in_digest.value for fate in await fates(both.database)]
    assert (await about(both), told) == (["gazette:26-1 r1", "journal:71-2026 r1"], ["due", "due"])


async def test_a_message_is_kept_for_what_its_twin_alone_still_says(both: Wire) -> None:
    atlas = await add_item(both.database, make_item("Atlas", kind=ItemKind.COMPANY))
    await both.remove(both.item)
    await both.poll([gazette(text="Marché conclu avec Atlas Sud.")])
    await read_journal(both, journal(text="Marché conclu avec Atlas Copco."))
    await both.poll([gazette(title="Caméras", text="Marché conclu avec Atlas Sud.")])
    async with both.database.read() as connection:
        stored, _, _ = await hits.of_item(connection, GUILD, atlas.id or 0, 5)
    (mark,) = map(mark_of, stored.organisations or {})
    await dismiss(both.database, GUILD, stored.row, mark, 7, both.clock.now())
    assert (await about(both), "Copco" in await words(both)) == (["gazette:26-1 r1"], True)


AWARD = {"kind": NoticeKind.AWARD, **NOBODYS, "deadline": None}
CORRIGENDA = [
    ("same order", [journal(2, kind=NoticeKind.CHANGE, published=days_ago(3), **NOBODYS, deadline=None),
                    journal(3, kind=NoticeKind.CHANGE, published=days_ago(1), **NOBODYS, deadline=None)]),
    ("read the other way round", [journal(3, kind=NoticeKind.CHANGE, published=days_ago(1), **NOBODYS, deadline=None),
                                  journal(2, kind=NoticeKind.CHANGE, published=days_ago(3), **NOBODYS, deadline=None)]),
]  # fmt: skip


async def test_what_follows_attaches_across_sources_and_is_told_once(both: Wire) -> None:
    await both.poll([gazette()])
    await read_journal(both, journal(2, **AWARD))
    await both.poll([gazette(2, **AWARD)])
    first, then = await both.owed()
    assert (then.subject, then.follows, len(await both.owed())) == ("journal:72-2026", first.id, 2)
    assert "gazette.example" in await words(both, 1)


@pytest.mark.parametrize(("_name", "corrigenda"), CORRIGENDA)
async def test_several_corrigenda_pair_in_the_order_of_their_publication(
    both: Wire, _name: str, corrigenda: list[Notice_]
) -> None:
    change = {"kind": NoticeKind.CHANGE, **NOBODYS, "deadline": None}
    await both.poll([gazette()])
    await both.poll([gazette(2, published=days_ago(4), **change), gazette(3, published=days_ago(2), **change)])
    await read_journal(both, *corrigenda)
    async with both.database.read() as connection:
        rows = await connection.all(
            "SELECT notice.source_id, said.source_id AS same"
            " FROM notice JOIN notice AS said ON said.id = notice.same_as"
        )
    assert {(row["source_id"], row["same"]) for row in rows} == {("72-2026", "26-2"), ("73-2026", "26-3")}
    assert await about(both) == ["gazette:26-1 r1", "gazette:26-2 r1", "gazette:26-3 r1"]


async def test_a_third_notice_of_one_source_is_no_twin_and_is_told(both: Wire) -> None:
    change = {"kind": NoticeKind.CHANGE, **NOBODYS, "deadline": None}
    await both.poll([gazette()])
    await both.poll([gazette(2, **change)])
    await read_journal(both, journal(2, **change), journal(3, **change))
    assert await about(both) == ["gazette:26-1 r1", "gazette:26-2 r1", "journal:73-2026 r1"]


async def test_a_trifle_of_one_twin_is_not_announced_for_an_item_that_the_other_told(both: Wire) -> None:
    await add_item(both.database, make_item("drone"))
    await both.poll([gazette()])
    await read_journal(both, journal(text="Caméras-piétons et drones."))
    await both.send_all()
    await both.poll([gazette(text="Caméras-piétons et drones.")])
    assert await about(both) == ["gazette:26-1 r1"]


async def digest(wire: Wire) -> list[str]:
    """Return the items of the lines of a digest that is made now."""
    wire.clock.advance(DAY)
    await Digester(wire.database, wire.clock, {}, lambda: None).make_now(GUILD, 1, 7, int(wire.clock.now().timestamp()))
    told = [row for row in await wire.owed() if row.kind is AnnouncementKind.DIGEST][-1]
    lines = told.details["hits"]
    async with wire.database.read() as connection:
        found = [await hits.find(connection, GUILD, line[-1]) for line in lines]
    await wire.send_all()
    return sorted(stored.item_name for stored in found if stored is not None)


DIGESTED: list[tuple[str, dict[str, Any], dict[str, Any], list[str], list[str]]] = [
    ("both announced", {}, {}, [], ["caméra-piéton"]),
    ("late, then announced", {"published": days_ago(9)}, {}, [], ["caméra-piéton"]),
    ("announced, then late", {}, {"published": days_ago(9)}, [], ["caméra-piéton"]),
    ("both late", {"published": days_ago(9)}, {"published": days_ago(9)}, [], ["caméra-piéton"]),
    ("late and told, then announced", {"published": days_ago(9)}, {}, ["caméra-piéton"], []),
    ("late and told, then late", {"published": days_ago(9)}, {"published": days_ago(9)}, ["caméra-piéton"], []),
    ("the twin's own item", {}, {"text": "Caméras-piétons, drones."}, [], ["caméra-piéton", "drone"]),
]


@pytest.mark.parametrize(("_name", "first", "second", "between", "after"), DIGESTED)
async def test_a_digest_lists_twins_once(
    both: Wire, _name: str, first: dict[str, Any], second: dict[str, Any], between: list[str], after: list[str]
) -> None:
    await add_item(both.database, make_item("drone"))
    async with both.database.tx("test.digest") as connection:
        await digests.add(connection, GUILD, CHANNEL, None, Every.DAILY, START.time(), 7, START)
    await both.poll([gazette(**first)])
    if between:
        assert await digest(both) == between
    await read_journal(both, journal(**second))
    assert (await digest(both), await digest(both)) == (after, [])


async def test_a_first_notice_that_waits_for_the_digest_leaves_the_twin_to_an_item_that_no_longer_does(
    both: Wire,
) -> None:
    waiting = await add_item(both.database, make_item("police municipale", priority=Priority.DIGEST))
    await both.remove(both.item)
    await both.poll([gazette()])
    async with both.database.tx("test.instant") as connection:
        await connection.run("UPDATE watch_item SET priority = 'instant' WHERE id = ?", waiting.id)
        await watchlist.mute(connection, GUILD, waiting.id or 0, None)
        await connection.run("UPDATE installation SET watchlist_version = watchlist_version + 1")
        await connection.run(
            "UPDATE watch_item SET changed_in = (SELECT watchlist_version FROM installation) WHERE id = ?", waiting.id
        )
    await read_journal(both, journal())
    assert (await about(both), await both.held(waiting)) == (["journal:71-2026 r1"], [None, Held.DIGEST])


async def test_a_storm_of_the_first_takes_the_items_of_its_twin_along(
    both: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    await both.brake(2)
    await add_item(both.database, make_item("drone"))
    monkeypatch.setattr("bot.pipeline.poll.BATCH", 1)
    from bot.pipeline.intake import Intake  # noqa: PLC0415  # patched here

    preparing, batches = Intake.prepare, 0

    async def read_meanwhile(intake: Intake, entries: Any) -> Any:
        nonlocal batches
        batches += 1
        if batches == 2:  # between the first batch and the second
            await read_journal(both, journal(text="Caméras-piétons et drones."))
        return await preparing(intake, entries)

    monkeypatch.setattr(Intake, "prepare", read_meanwhile)
    await both.poll([gazette(), *(make_notice(f"26-{number}") for number in range(2, 4))])
    assert await both.kinds() == ["storm"]
    held = {(fate.notice, fate.item, fate.held) for fate in await fates(both.database)}
    assert held >= {("26-1", 1, Held.STORM), ("71-2026", 2, Held.STORM), ("71-2026", 1, Held.STORM)}
    assert await faults(both.database) == []


async def test_a_paused_twin_is_shown_and_never_told(both: Wire) -> None:
    await add_item(both.database, make_item("drone"))
    async with both.database.tx("test.pause") as connection:
        await source_pauses.pause(connection, GUILD, "journal", by=7, now=both.clock.now())
    await both.poll([gazette()])
    await read_journal(both, journal(text="Caméras-piétons et drones."), journal(2, **AWARD))
    assert (await about(both), await both.held()) == (["gazette:26-1 r1"], [Held.PAUSED, None])
    async with both.database.tx("test.resume") as connection:
        await source_pauses.resume(connection, GUILD, "journal")
    await read_journal(both, journal(title="Des caméras-piétons"), journal(3, kind=NoticeKind.CHANGE, **NOBODYS))
    assert await about(both) == ["gazette:26-1 r1", "journal:73-2026 r1"]


@pytest.mark.parametrize("typed", ["26-1", "71-2026"])
async def test_why_knows_both_by_either_number(both: Wire, typed: str) -> None:
    await both.poll([gazette()])
    await read_journal(both, journal(**NOBODYS))
    row = await named(both.database, GUILD, typed, ["gazette", "journal"])
    assert isinstance(row, int)
    told = await explain(both.database, Watchlist(both.database), GUILD, row, "en")
    (twin,) = told.twins
    assert [one.announcement.subject for one in told.tellings] == ["gazette:26-1"]
    assert {twin.source_id, told.notice.id} == {"26-1", "71-2026"}


def test_twins_are_never_two_of_one_source() -> None:
    def one(row: int, source: str, day: int, leader: int | None = None) -> Alike:
        return Alike(row, source, leader or row, date(2026, 11, day), None)

    found = [one(1, "a", 1), one(2, "b", 2, leader=1), one(3, "b", 3)]
    assert twin_of(3, found, NoticeKind.TENDER) is None
    assert twin_of(4, [*found, one(4, "a", 4)], NoticeKind.TENDER) == 3
    assert twin_of(4, [*found, one(4, "c", 4)], NoticeKind.TENDER) == 1


async def test_an_official_found_weakly_first_is_told_surely_by_the_twin(both: Wire) -> None:
    official = await add_item(both.database, make_item("Jeanne Martinet", kind=ItemKind.OFFICIAL))
    await both.remove(both.item)
    await both.poll([gazette(text="Signé : J. Martinet")])
    await read_journal(both, journal(text="Signé : Jeanne Martinet"))
    assert (await both.held(official), await about(both)) == ([None, Held.WEAK], ["journal:71-2026 r1"])
