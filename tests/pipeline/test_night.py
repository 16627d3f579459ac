"""Quiet hours: what polls find in them waits for their end, once, in order, and braked as that of one poll is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.cards import OperationsKind
from bot.delivery import Delivery
from bot.errors import SourceError
from bot.following_up import follow
from bot.models import AnnouncementKind, AnnouncementState, Notice, NoticeKind
from bot.pipeline.intake import Intake, Prepared, Taken
from bot.reference import AnnouncementKey
from bot.storage import newsrooms
from bot.storage.database import Connection
from bot.storage.outbox import announcements, quieting, sending
from tests.factories import CHANNEL, GUILD, OPERATIONS, START, make_notice, owe_notice, place_of
from tests.fake_discord import FakeDiscord
from tests.pipeline.fates import faults
from tests.pipeline.wire import Wire

STORM = 3
NIGHT = datetime(2026, 11, 16, 22, 0, tzinfo=UTC)
"""23:00 in Paris."""
MORNING = datetime(2026, 11, 17, 6, 0, tzinfo=UTC)
"""07:00 in Paris."""


@pytest.fixture
async def night(wire: Wire) -> Wire:
    """Hold a pipeline at 23:00 whose newsroom is quiet from 22:00 to 07:00 and takes three new hits at once."""
    await wire.brake(STORM)
    async with wire.database.tx("test.quiet") as connection:
        newsroom = await newsrooms.find(connection, GUILD)
        assert newsroom is not None
        await newsrooms.save(connection, replace(newsroom, quiet_from="22:00", quiet_until="07:00"))
    wire.clock.moment = NIGHT
    return wire


def some(count: int, first: int = 1) -> list[Notice]:
    return [make_notice(f"26-{number}") for number in range(first, first + count)]


async def sent(wire: Wire, discord: FakeDiscord) -> list[str]:
    """Deliver what is due and return the titles that stand in the channel."""
    delivery = Delivery(wire.database, wire.clock)
    delivery.connect(discord)
    await delivery.settle()
    return [message.cards[-1].title for message in discord.in_channel(CHANNEL)]


async def test_what_a_poll_finds_at_night_is_held_till_the_morning(night: Wire) -> None:
    await night.poll(some(2))
    assert [row.held_until for row in await night.owed()] == [MORNING, MORNING]
    async with night.database.read() as connection:
        waiting = await sending.waiting(connection, night.clock.now())
    assert waiting == {place_of(): MORNING}


async def test_it_is_sent_in_the_morning_once_and_in_order(night: Wire) -> None:
    discord = FakeDiscord(night.clock)
    await night.poll([make_notice("26-1", title="Caméras-piétons, lot 1")])
    await night.poll([make_notice("26-2", title="Caméras-piétons, lot 2")])
    assert await sent(night, discord) == []
    night.clock.moment = MORNING - timedelta(seconds=1)
    assert await sent(night, discord) == []
    night.clock.moment = MORNING
    assert [title[-1] for title in await sent(night, discord)] == ["1", "2"]
    assert len(await sent(night, discord)) == 2


async def test_what_people_log_at_night_waits_for_nothing_that_is_held(night: Wire) -> None:
    """What a person does stands behind a held row in the outbox and is sent at once."""
    discord = FakeDiscord(night.clock)
    await night.poll(some(1))
    key = AnnouncementKey(
        guild_id=GUILD, channel_id=CHANNEL, kind=AnnouncementKind.OPERATIONS, subject="check_report:1"
    )
    details = {"event": "channel_deleted", "channel": CHANNEL}
    async with night.database.tx("test.by_people") as connection:
        await announcements.owe(connection, key, now=night.clock.now(), details=details)
    assert len(await sent(night, discord)) == 1
    assert [row.state for row in await night.owed()] == [AnnouncementState.PENDING, AnnouncementState.SENT]


async def test_too_much_over_a_whole_night_becomes_one_message_in_the_morning(night: Wire) -> None:
    for first in (1, 3, 5, 7):
        await night.poll(some(2, first))
    [storm] = await night.owed()
    assert (storm.kind, storm.held_until) == (AnnouncementKind.STORM, MORNING)
    assert (await faults(night.database), len(await night.held())) == ([], 8)
    discord = FakeDiscord(night.clock)
    night.clock.moment = MORNING
    assert await sent(night, discord) == ["8 hits during quiet hours"]


async def test_as_much_as_the_newsroom_takes_over_a_night_stays_one_by_one(night: Wire) -> None:
    await night.poll(some(2))
    await night.poll(some(1, 3))
    assert await night.kinds() == ["notice"] * 3


async def test_the_storm_of_one_poll_at_night_becomes_part_of_that_of_the_night(night: Wire) -> None:
    await night.poll(some(1))
    await night.poll(some(STORM + 2, 2))
    assert await night.kinds() == ["storm"]
    await night.poll(some(1, 20))
    assert await night.kinds() == ["storm"]
    assert (await faults(night.database), len(await night.held())) == ([], 7)


async def test_the_next_night_has_a_storm_of_its_own(night: Wire) -> None:
    discord = FakeDiscord(night.clock)
    await night.poll(some(STORM + 1))
    night.clock.moment = MORNING
    await sent(night, discord)
    night.clock.moment = NIGHT + timedelta(days=1)
    await night.poll(some(STORM + 2, 10))
    night.clock.moment = MORNING + timedelta(days=1)
    assert await sent(night, discord) == ["4 hits during quiet hours", "5 hits during quiet hours"]
    assert await faults(night.database) == []


async def test_what_began_before_the_night_and_ended_in_it_is_held(
    night: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found at 21:59:59, let go at 22:00:10: decided then."""
    night.clock.moment = datetime(2026, 11, 16, 20, 29, 59, tzinfo=UTC)
    store = Intake.store

    async def store_slowly(intake: Intake, connection: Connection, prepared: Prepared, now: datetime) -> Taken:
        taken = await store(intake, connection, prepared, now)
        night.clock.advance(timedelta(seconds=11))
        return taken

    monkeypatch.setattr(Intake, "store", store_slowly)
    await night.poll(some(1))
    [row] = await night.owed()
    assert (row.created_at, row.held_until) == (datetime(2026, 11, 16, 20, 59, 59, tzinfo=UTC), MORNING)


async def test_what_a_killed_process_left_is_held_when_the_next_one_starts_at_night(night: Wire) -> None:
    owed = await owe_notice(night.database, night.item, make_notice("26-9"))
    async with night.database.tx("test.broken_off") as connection:
        await connection.run("UPDATE announcement SET polled = 'gazette' WHERE id = ?", owed)
    await night.pipeline.resume()
    [row] = await night.owed()
    assert (row.polled, row.held_until) == (None, MORNING)


async def test_what_could_not_be_sent_before_the_night_is_held_when_it_falls_due_in_it(night: Wire) -> None:
    """Discord was away from 21:00 on: what waited then does not ring anybody out of bed."""
    discord = FakeDiscord(night.clock)
    await owe_notice(night.database, night.item, make_notice("26-9"))
    assert await sent(night, discord) == []
    assert [row.held_until for row in await night.owed()] == [MORNING]
    night.clock.moment = MORNING
    assert len(await sent(night, discord)) == 1


async def test_a_source_that_fails_at_night_is_told_in_the_morning(night: Wire) -> None:
    for _ in range(3):
        await night.poll(SourceError("broken"))
    [failing] = await night.owed(place_of(OPERATIONS))
    assert failing.details["event"] == OperationsKind.SOURCE_FAILING
    assert failing.held_until == MORNING


async def test_what_may_stand_in_its_channel_already_is_settled_at_night_too(night: Wire) -> None:
    owed = await owe_notice(night.database, night.item, make_notice("26-9"))
    async with night.database.tx("test.in_doubt") as connection:
        assert await sending.begin(connection, place_of(), owed, START)
        await quieting.judge(connection, GUILD, MORNING)
    assert [row.held_until for row in await night.owed()] == [None]
    assert len(await sent(night, FakeDiscord(night.clock))) == 1


async def test_a_row_that_is_not_certain_after_a_restore_is_not_folded(night: Wire) -> None:
    await night.poll(some(STORM))
    async with night.database.tx("test.restored") as connection:
        code = (await night.owed())[0].code
        await connection.run(
            "INSERT INTO sighting (guild_id, channel_id, code, message_id) VALUES (?, ?, ?, 77)", GUILD, CHANNEL, code
        )
    await night.poll(some(2, 10))
    assert await night.kinds() == ["notice", "storm"]


async def test_no_storm_takes_the_card_that_somebody_asked_for(night: Wire) -> None:
    await night.poll([make_notice("26-1", procedure="P")])
    async with night.database.read() as connection:
        (row,) = await connection.all("SELECT id FROM notice WHERE procedure = 'P'")
    await follow(night.database, GUILD, row["id"], 7, night.clock.now())
    await night.poll(some(STORM + 1, first=2))
    assert (await night.kinds(), (await night.about())[0]) == (["notice", "storm"], "26-1 r1")
    night.clock.moment = MORNING
    await night.send_all()
    said = {"title": "Attribution", "text": "Un titulaire.", "kind": NoticeKind.AWARD, "deadline": None}
    await night.poll([make_notice("26-9", procedure="P", **said)])
    assert (await night.about())[-1] == "26-9 r1"
    assert await faults(night.database) == []
