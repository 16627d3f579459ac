"""What waits for the end of quiet hours: it takes nothing from others, and not longer than those last."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.delivery import Delivery, judge_held
from bot.delivery.pacing import Pacer
from bot.models import AnnouncementState
from bot.storage.database import Database
from tests.delivery_world import World, make_world
from tests.empty_database import place_empty_database
from tests.factories import START, SettableClock

NOON = START.replace(hour=11)
NIGHT = NOON + timedelta(hours=11, minutes=30)
PENDING, SENT = AnnouncementState.PENDING, AnnouncementState.SENT


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    clock = SettableClock(NOON)
    database = await Database.open(place_empty_database(tmp_path / "vigie.sqlite3"), clock)
    yield await make_world(database, clock)
    await database.close()


async def rest(world: World, start: str, end: str, zone: str = "Europe/Paris") -> None:
    """Set quiet hours, as nobody does who waits for nothing."""
    async with world.database.tx("test.quiet") as connection:
        await connection.run("UPDATE newsroom SET quiet_from = ?, quiet_until = ?, timezone = ?", start, end, zone)


class Turns(Pacer):
    """Count the turns that were taken and not given back."""

    def __init__(self) -> None:
        super().__init__(((1_000, 1.0),))
        self.number = 0

    async def turn(self) -> float:
        self.number += 1
        return await super().turn()

    def give_back(self, taken: float) -> None:
        self.number -= 1
        super().give_back(taken)


async def test_what_is_held_back_takes_no_turn_from_others(world: World) -> None:
    turns = Turns()
    world.delivery = Delivery(world.database, world.clock, pacer=turns)
    world.delivery.connect(world.discord)
    for number in range(1, 4):
        await world.owe(number)
    await rest(world, "00:00", "20:00")
    await world.delivery.settle()
    assert (world.discord.truth, turns.number) == ([], 0)


async def test_hours_that_cannot_be_told_are_an_error_of_one_row_and_stop_no_channel(world: World) -> None:
    row = await world.owe()
    await rest(world, "22:00", "07:00", "Nowhere/Else")
    await world.delivery.settle()
    assert (await world.row(row)).tries == 1


async def test_what_a_wrong_clock_held_is_let_go_once_the_clock_is_right(world: World) -> None:
    await rest(world, "22:00", "07:00")
    row = await world.owe()
    world.clock.moment = NIGHT
    await world.delivery.settle()
    assert (await world.row(row)).held_until is not None
    world.clock.moment = NOON
    assert await judge_held(world.database, NOON)
    await world.delivery.settle()
    assert (await world.row(row)).state is SENT


async def test_what_is_held_till_the_end_of_the_hours_that_it_is_stays_held(world: World) -> None:
    await rest(world, "22:00", "07:00")
    row = await world.owe()
    world.clock.moment = NIGHT
    await world.delivery.settle()
    held = (await world.row(row)).held_until
    assert not await judge_held(world.database, NIGHT + timedelta(hours=2))
    assert ((await world.row(row)).state, (await world.row(row)).held_until) == (PENDING, held)
