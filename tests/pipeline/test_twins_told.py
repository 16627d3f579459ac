"""A change of a notice that two sources publish: told once, and no less where the other said it unheard."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.models import NoticeKind
from bot.pipeline import PollReport
from bot.sources import Window
from bot.storage.database import Connection
from bot.storage.outbox.announcements import Place
from bot.storage.reading import source_pauses
from tests.factories import GUILD, add_item, add_newsroom, days_ago, make_item
from tests.pipeline.fates import faults
from tests.pipeline.two_sources import EARLIER, LATER, NOBODYS, gazette, journal, read_journal
from tests.pipeline.wire import NO_CLIENT, Wire

DAY = timedelta(days=1)
FIRST_TOLD = ["gazette:26-1 r1"]
BOTH_TOLD = [*FIRST_TOLD, "journal:71-2026 r2"]


async def about(wire: Wire, place: Place | None = None) -> list[str]:
    """Return what the messages of a channel are about."""
    return [f"{row.subject} r{row.revision}" for row in await wire.owed(place)]


async def pause(wire: Wire, name: str) -> None:
    async with wire.database.tx("test.pause") as connection:
        await source_pauses.pause(connection, GUILD, name, by=7, now=wire.clock.now())


@pytest.fixture
async def told(both: Wire) -> Wire:
    """Hold one notice in both sources, of which the message of the gazette was sent."""
    await both.poll([gazette(deadline=EARLIER)])
    await read_journal(both, journal(deadline=EARLIER))
    await both.send_all()
    return both


CHANGES: list[tuple[dict[str, Any], dict[str, Any], int]] = [
    ({"deadline": LATER}, {"deadline": LATER}, 1),
    ({"deadline": LATER}, {"deadline": LATER.date()}, 1),
    ({"deadline": LATER}, {"deadline": LATER + DAY}, 2),
    ({"deadline": LATER}, {"deadline": LATER, "buyer": "Métropole"}, 2),
    ({"title": "Autres caméras-piétons"}, {"deadline": LATER}, 1),
    ({"kind": NoticeKind.CANCELLATION}, {"kind": NoticeKind.CANCELLATION}, 1),
]


@pytest.mark.parametrize(("first", "second", "told"), CHANGES)
@pytest.mark.parametrize("is_twin_first", [False, True])
async def test_a_material_change_that_both_say_is_told_once(
    both: Wire, first: dict[str, Any], second: dict[str, Any], told: int, *, is_twin_first: bool
) -> None:
    await both.poll([gazette()])
    await read_journal(both, journal())
    await both.send_all()
    if is_twin_first:
        await read_journal(both, journal(**first))
        await both.send_all()
        await both.poll([gazette(**second)])
    else:
        await both.poll([gazette(**first)])
        await both.send_all()
        await read_journal(both, journal(**second))
    later = (await both.owed())[1:]
    assert len(later) == told
    assert all(row.follows == 1 for row in later)


async def test_a_change_is_told_where_only_the_twin_was_announced(both: Wire) -> None:
    await both.poll([gazette(**NOBODYS)])
    await read_journal(both, journal())
    await both.send_all()
    await both.poll([gazette(**NOBODYS, deadline=LATER)])
    assert await about(both) == ["journal:71-2026 r1", "gazette:26-1 r2"]


async def test_a_change_that_its_twin_said_unheard_is_told(fresh: Wire) -> None:
    await fresh.poll([gazette(deadline=LATER)])
    await read_journal(fresh, journal(0, procedure=None, **NOBODYS))
    await read_journal(fresh, journal())
    await fresh.send_all()
    await read_journal(fresh, journal(deadline=LATER))
    assert await about(fresh) == ["journal:71-2026 r1", "journal:71-2026 r2"]


async def test_a_change_that_a_paused_source_said_first_is_told_by_the_other(told: Wire) -> None:
    await pause(told, "gazette")
    await told.poll([gazette(deadline=LATER)])
    assert await about(told) == FIRST_TOLD
    await read_journal(told, journal(deadline=LATER))
    assert (await about(told), await faults(told.database)) == (BOTH_TOLD, [])


async def test_a_change_that_an_edit_alone_showed_is_told_by_the_other(told: Wire) -> None:
    """The message of the gazette has come to show the deadline, and nobody was told of it."""
    await pause(told, "gazette")
    await told.poll([gazette(deadline=LATER)])
    await told.send_all()
    await read_journal(told, journal(deadline=LATER))
    assert await about(told) == BOTH_TOLD


async def test_a_change_that_was_read_in_a_history_is_told_by_the_other(told: Wire) -> None:
    async def close(_: Connection, __: PollReport) -> None:
        pass

    told.clock.advance(DAY)
    told.source.pages = ([gazette(deadline=LATER)],)
    await told.pipeline.read_back(told.source, NO_CLIENT, Window(days_ago(60), days_ago(40)), close)
    await read_journal(told, journal(deadline=LATER))
    assert await about(told) == BOTH_TOLD


async def test_a_change_that_was_muted_then_is_told_by_the_other(told: Wire) -> None:
    await told.mute(told.item, timedelta(hours=1))
    await told.poll([gazette(deadline=LATER)])
    told.clock.advance(DAY)
    await read_journal(told, journal(deadline=LATER))
    assert await about(told) == BOTH_TOLD


async def test_a_change_is_told_by_the_other_to_the_newsroom_that_paused_the_first_alone(fresh: Wire) -> None:
    await add_newsroom(fresh.database, 1002, channel=3001, operations=None)
    await add_item(fresh.database, make_item(guild_id=1002))
    await fresh.poll([gazette(9, procedure=None, **NOBODYS)])
    await read_journal(fresh, journal(9, procedure=None, **NOBODYS))
    await fresh.poll([gazette(deadline=EARLIER)])
    await read_journal(fresh, journal(deadline=EARLIER))
    await fresh.send_all()
    await pause(fresh, "gazette")
    await fresh.poll([gazette(deadline=LATER)])
    await read_journal(fresh, journal(deadline=LATER))
    told_other = await about(fresh, Place(1002, 3001))
    assert (await about(fresh), told_other) == (BOTH_TOLD, ["gazette:26-1 r1", "gazette:26-1 r2"])


async def test_a_change_that_was_told_is_not_told_again_though_a_paused_one_came_between(told: Wire) -> None:
    await told.poll([gazette(deadline=LATER)])
    await told.send_all()
    await pause(told, "gazette")
    await told.poll([gazette(deadline=LATER, buyer="Métropole")])
    await read_journal(told, journal(deadline=LATER))
    assert await about(told) == [*FIRST_TOLD, "gazette:26-1 r2"]


async def test_a_message_that_waits_tells_a_change_that_came_meanwhile(both: Wire) -> None:
    await both.poll([gazette(deadline=EARLIER)])
    await read_journal(both, journal(deadline=EARLIER))
    await both.poll([gazette(deadline=LATER)])
    await read_journal(both, journal(deadline=LATER))
    assert await about(both) == FIRST_TOLD


async def test_a_message_on_an_undone_change_is_taken_back_though_it_brought_an_item_that_the_twin_had_told(
    told: Wire,
) -> None:
    await add_item(told.database, make_item("drone"))
    drones = {"text": "Caméras-piétons et drones."}
    await read_journal(told, journal(deadline=EARLIER, **drones))
    await told.send_all()
    await told.poll([gazette(deadline=LATER, **drones)])
    assert await about(told) == [*BOTH_TOLD, "gazette:26-1 r2"]
    await told.poll([gazette(deadline=EARLIER, **drones)])
    assert (await about(told), await faults(told.database)) == (BOTH_TOLD, [])


async def test_a_message_on_one_change_told_nobody_of_another_one_that_came_in_silence(told: Wire) -> None:
    await pause(told, "gazette")
    await told.poll([gazette(deadline=LATER)])
    async with told.database.tx("test.resume") as connection:
        await source_pauses.resume(connection, GUILD, "gazette")
    await told.poll([gazette(deadline=LATER, buyer="Métropole")])
    await told.send_all()
    await read_journal(told, journal(deadline=LATER, buyer="Métropole"))
    row = (await told.owed())[-1]
    assert (row.subject, [change["field"] for change in row.details["changes"]]) == ("journal:71-2026", ["deadline"])
