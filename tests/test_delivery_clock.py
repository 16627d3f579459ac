"""What a clock that was wrong for a while does to a message that waits: nothing, once it is right again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.models import AnnouncementState
from bot.storage.database import Database
from tests.delivery_world import World, make_world
from tests.factories import CHANNEL, START, SettableClock
from tests.fake_discord import Ending

AHEAD = (timedelta(days=3), timedelta(days=365))


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    clock = SettableClock()
    database = await Database.open(tmp_path / "vigie.sqlite3", clock)
    yield await make_world(database, clock)
    await database.close()


@pytest.mark.parametrize("ahead", AHEAD, ids=["3 days", "a year"])
async def test_a_message_put_off_by_a_clock_far_ahead_is_sent_once_the_clock_is_right(
    world: World, ahead: timedelta
) -> None:
    row = await world.owe()
    world.clock.advance(ahead)
    world.discord.plan("send", Ending.DOUBT_BEFORE)
    await world.delivery.settle()
    world.clock.moment = START + timedelta(hours=1)
    await world.delivery.settle()
    assert (await world.row(row)).state is AnnouncementState.SENT
    assert len(world.discord.in_channel(CHANNEL)) == 1


async def test_an_edit_put_off_by_a_clock_far_ahead_is_made_once_the_clock_is_right(world: World) -> None:
    row = await world.owe()
    await world.delivery.settle()
    world.clock.advance(AHEAD[1])
    await world.revise(row)
    world.discord.plan("edit", Ending.DOUBT_BEFORE)
    await world.delivery.settle()
    world.clock.moment = START + timedelta(hours=1)
    await world.delivery.settle()
    assert len(world.discord.in_channel(CHANNEL)[0].cards) == 2


async def test_a_message_behind_one_put_off_by_a_clock_far_ahead_does_not_wait_for_it(world: World) -> None:
    await world.owe(1)
    world.clock.advance(AHEAD[1])
    world.discord.plan("send", Ending.DOUBT_BEFORE)
    await world.delivery.settle()
    world.clock.moment = START + timedelta(hours=1)
    await world.owe(2)
    await world.delivery.settle()
    assert [(await world.row(row)).state for row in (1, 2)] == [AnnouncementState.SENT] * 2


async def test_a_message_put_off_for_minutes_still_waits(world: World) -> None:
    row = await world.owe()
    world.discord.plan("send", Ending.TOO_MANY)
    await world.delivery.settle()
    world.clock.advance(timedelta(seconds=5))
    await world.delivery.settle()
    assert (await world.row(row)).state is AnnouncementState.PENDING


async def test_discord_may_ask_for_a_day_at_most(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.fake_discord.RETRY_AFTER_S", 40 * 24 * 3600.0)
    row = await world.owe()
    world.discord.plan("send", Ending.TOO_MANY)
    await world.delivery.settle()
    assert (await world.row(row)).next_try_at == world.clock.now() + timedelta(days=1)
    await world.delivery.settle()
    assert (await world.row(row)).state is AnnouncementState.PENDING
