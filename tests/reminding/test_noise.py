"""The weekly note on items that bring noise: when, of which items, and what it suggests."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.models import Held, ItemKind, WatchItem
from bot.storage import newsrooms
from bot.storage.watching import watchlist
from tests.factories import CHANNEL, GUILD, OPERATIONS, add_item, make_item, make_notice
from tests.noisy import add_found, bring, dismiss
from tests.reminding.world import Room


async def brings(room: Room, item: WatchItem, good: int, wrong: int, first: int = 0, held: Held | None = None) -> None:
    await bring(room.database, item, room.clock.now(), good=good, wrong=wrong, first=first, held=held)


@pytest.fixture
async def axis(room: Room) -> WatchItem:
    return await add_item(room.database, make_item("Axis", kind=ItemKind.COMPANY))


async def test_the_note_reads_as_promised(room: Room, axis: WatchItem) -> None:
    await brings(room, axis, 24, 190)
    await room.remind()
    (told,) = room.told(OPERATIONS)
    told = told.replace("\u202f", " ").replace("\u00a0", " ").replace("*", "")
    assert "1 élément fait surtout du bruit" in told
    assert "190 correspondances sur 214 pour Axis ont été écartées en 28 jours." in told
    assert "Essayez Axis Communications : cela garderait 24 des 24 bonnes et en écarterait 190 des 190." in told


async def test_an_item_is_named_once_in_four_weeks(room: Room, axis: WatchItem) -> None:
    await brings(room, axis, 10, 20)
    await room.remind()
    for _ in range(3):
        room.restart()
        await room.after(8)
        await brings(room, axis, 1, 3, first=round(room.clock.now().timestamp()))
    assert len(room.told(OPERATIONS)) == 1
    await brings(room, axis, 1, 12, first=9_000_000)
    await room.after(5)
    assert len(room.told(OPERATIONS)) == 2


@pytest.mark.parametrize(("good", "wrong"), [(1, 8), (10, 10), (30, 10)])
async def test_few_hits_and_those_that_are_mostly_right_are_no_noise(
    room: Room, axis: WatchItem, good: int, wrong: int
) -> None:
    await brings(room, axis, good, wrong)
    await room.remind()
    assert room.told(OPERATIONS) == []


async def test_what_is_older_than_four_weeks_is_forgotten(room: Room, axis: WatchItem) -> None:
    await brings(room, axis, 3, 20)
    await room.after(29)
    assert room.told(OPERATIONS) == []


@pytest.mark.parametrize("held", [Held.BASELINE, Held.MUTED, Held.PAUSED, Held.DISMISSED])
async def test_what_nobody_was_shown_is_no_noise(room: Room, axis: WatchItem, held: Held) -> None:
    await brings(room, axis, 3, 20, held=held)
    await room.remind()
    assert room.told(OPERATIONS) == []


async def test_an_item_that_was_made_narrower_since_is_not_named(room: Room, axis: WatchItem) -> None:
    await brings(room, axis, 5, 20)
    async with room.database.tx("test.narrower") as connection:
        await connection.run("UPDATE watch_item SET name = 'Axis Communications' WHERE id = ?", axis.id)
    await room.remind()
    assert room.told(OPERATIONS) == []


async def test_a_muted_or_removed_item_makes_no_noise(room: Room, axis: WatchItem) -> None:
    other = await add_item(room.database, make_item("enrobés"))
    await brings(room, axis, 3, 20)
    async with room.database.tx("test.out") as connection:
        await watchlist.mute(connection, GUILD, axis.id or 0, room.clock.now() + timedelta(days=9))
        await watchlist.remove(connection, GUILD, other.id or 0, 7, room.clock.now())
    await room.remind()
    assert room.told(OPERATIONS) == []


async def test_a_dismissal_that_was_undone_counts_no_more(room: Room, axis: WatchItem) -> None:
    await brings(room, axis, 3, 20)
    async with room.database.tx("test.undone") as connection:
        await connection.run("UPDATE dismissal SET undone_by = 7, undone_at = made_at WHERE id > 3")
    await room.remind()
    assert room.told(OPERATIONS) == []


async def test_ten_items_a_week_the_noisiest_first(room: Room) -> None:
    for number in range(12):
        item = await add_item(room.database, make_item(f"Nom{number:02}"))
        async with room.database.tx("test.hits") as connection:
            for one in range(10 + number):
                notice = make_notice(f"26-{number}-{one}", title=f"Nom{number:02} rue {one}")
                row = await add_found(connection, item, notice, room.clock.now())
                await dismiss(connection, item, row, room.clock.now())
    await room.remind()
    (told,) = room.told(OPERATIONS)
    named = [name for name in (f"Nom{number:02}" for number in range(11, -1, -1)) if f"{name} (n" in told]
    assert named == [f"Nom{number:02}" for number in range(11, 1, -1)]
    assert told.index("Nom11") < told.index("Nom02")
    await room.after(3)
    assert len(room.told(OPERATIONS)) == 1
    await room.after(4)
    assert "2 éléments" in room.told(OPERATIONS)[1]


async def test_an_item_that_floods_and_is_of_little_use_is_named(room: Room) -> None:
    item = await add_item(room.database, make_item("marché", kind=ItemKind.KEYWORD))
    async with room.database.tx("test.flood") as connection:
        for number in range(217):
            notice = make_notice(f"26-{number}", title=f"Marché n° {number}")
            await add_found(connection, item, notice, room.clock.now())
    await room.remind()
    (told,) = room.told(OPERATIONS)
    assert "31 correspondances par jour depuis une semaine" in told.replace("\u00a0", " ")
    assert "0 a servi" in told.replace("\u00a0", " ")
    assert "/veille modifier" in told


async def test_without_an_operations_channel_the_note_goes_where_hits_are_announced(
    room: Room, axis: WatchItem
) -> None:
    await room.settings(operations_channel=None, announcements_channel=CHANNEL)
    await brings(room, axis, 5, 20)
    await room.remind()
    assert len(room.told(CHANNEL)) == 1


async def test_a_note_is_no_matter_for_quiet_hours(room: Room, axis: WatchItem) -> None:
    await room.settings(quiet_from="08:00", quiet_until="12:00")
    await brings(room, axis, 5, 20)
    await room.remind()
    assert room.told(OPERATIONS) == []
    await room.after(3 / 24)
    assert len(room.told(OPERATIONS)) == 1


async def test_a_note_told_while_the_clock_was_years_ahead_is_not_the_last_one(room: Room, axis: WatchItem) -> None:
    room.clock.advance(timedelta(days=3_650))
    await brings(room, axis, 5, 20)
    await room.remind()
    room.clock.advance(timedelta(days=-3_650))
    await brings(room, axis, 5, 20, first=1_000)
    await room.remind()
    assert len(room.told(OPERATIONS)) == 2


async def test_another_newsroom_is_told_nothing_of_it(room: Room, axis: WatchItem) -> None:
    await brings(room, axis, 5, 20)
    await room.remind()
    async with room.database.read() as connection:
        rows = await connection.all("SELECT DISTINCT guild_id FROM announcement")
        assert len(await newsrooms.every(connection)) == 2
    assert [row["guild_id"] for row in rows] == [GUILD]
