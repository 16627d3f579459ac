"""Watch items that nothing has hit for half a year are listed once for review."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.models import Held, WatchItem
from bot.storage.watching import watchlist
from tests.factories import GUILD, OPERATIONS, START, add_hit, add_item, add_notice, make_item, make_notice
from tests.reminding.world import Room


@pytest.fixture
async def item(room: Room) -> WatchItem:
    return await add_item(room.database, make_item("Brumovar"))


async def hit(room: Room, item: WatchItem, held: Held | None = Held.DIGEST) -> None:
    async with room.database.tx("test.hit") as connection:
        notice = make_notice(f"26-{room.clock.now():%j%H}")
        row = await add_notice(connection, notice)
        await add_hit(connection, item, notice, row, held=held, now=room.clock.now())


@pytest.mark.usefixtures("item")
async def test_an_item_silent_for_half_a_year_is_listed_once(room: Room) -> None:
    await room.after(179)
    assert room.told(OPERATIONS) == []
    await room.after(1)
    (told,) = room.told(OPERATIONS)
    assert "1 élément sans correspondance depuis six mois" in told
    assert "Brumovar (n° 1)" in told
    assert "/veille retirer" in told
    for _ in range(3):
        room.restart()
        await room.after(100)
    assert len(room.told(OPERATIONS)) == 1


@pytest.mark.usefixtures("item")
async def test_a_list_told_while_the_clock_was_years_ahead_is_not_the_last_one(room: Room) -> None:
    room.clock.advance(timedelta(days=3_650))
    await room.remind()
    room.clock.advance(timedelta(days=-3_650))
    for _ in range(4):
        await room.after(90)
    assert len(room.told(OPERATIONS)) == 2


async def test_a_hit_of_any_kind_is_no_silence(room: Room, item: WatchItem) -> None:
    room.clock.advance(timedelta(days=10))
    await hit(room, item, Held.BASELINE)
    await room.after(175)
    assert room.told(OPERATIONS) == []


async def test_an_item_that_fell_silent_again_is_listed_again(room: Room, item: WatchItem) -> None:
    await room.after(180)
    room.clock.advance(timedelta(days=10))
    await hit(room, item)
    await room.after(179)
    assert len(room.told(OPERATIONS)) == 1
    await room.after(1)
    assert len(room.told(OPERATIONS)) == 2


async def test_a_muted_item_is_silent_on_purpose(room: Room, item: WatchItem) -> None:
    async with room.database.tx("test.mute") as connection:
        await watchlist.mute(connection, GUILD, item.id or 0, START + timedelta(days=1_000))
    await room.after(200)
    assert room.told(OPERATIONS) == []


async def test_a_removed_item_is_not_listed(room: Room, item: WatchItem) -> None:
    async with room.database.tx("test.remove") as connection:
        await watchlist.remove(connection, GUILD, item.id or 0, 7, START)
    await room.after(200)
    assert room.told(OPERATIONS) == []


async def test_many_items_are_listed_over_the_weeks_each_once(room: Room) -> None:
    for number in range(25):
        await add_item(room.database, make_item(f"Brumovar {number}"))
    await room.after(180)
    await room.after(3)
    assert len(room.told(OPERATIONS)) == 1
    await room.after(4)
    first, second = room.told(OPERATIONS)
    assert (first.count("Brumovar"), second.count("Brumovar")) == (20, 5)
