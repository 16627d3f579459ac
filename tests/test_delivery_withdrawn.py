"""Messages about a tip that was erased: taken out of their channels, through doubt, kills and refusals."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.access import Viewer
from bot.cards import OperationsKind
from bot.delivery.outbox import STUMBLES
from bot.delivery.withdrawing import LOOKS
from bot.models import AnnouncementState, TipWords
from bot.storage import newsrooms
from bot.storage.custody import inspection
from bot.storage.database import Database
from bot.storage.log import tips
from bot.storage.outbox import sightings
from bot.tips import changes, erasing
from tests.delivery_world import World, make_world
from tests.factories import FLOOR, GUILD, OPERATIONS, SettableClock
from tests.fake_discord import Crash, Ending

LOG = 2003
EDITOR = Viewer(guild_id=GUILD, user_id=9, sees_all=True)
CANARY = "Morvaldine"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    clock = SettableClock()
    database = await Database.open(tmp_path / "vigie.sqlite3", clock)
    made = await make_world(database, clock, more=[LOG])
    async with database.tx("test.log") as connection:
        newsroom = await newsrooms.find(connection, GUILD)
        assert newsroom is not None
        await newsrooms.save(connection, dataclasses.replace(newsroom, log_channel=LOG))
    yield made
    await database.close()


async def log_tip(world: World, text: str = f"{CANARY} verse des commissions") -> int:
    """Log a tip, whose card is owed; return its number."""
    return (await changes.add(world.database, EDITOR, TipWords(text=text), world.clock.now())).tip.id


async def erase(world: World, tip: int = 1) -> None:
    await erasing.erase(world.database, EDITOR, tip, world.clock.now())


def standing(world: World) -> list[int]:
    """Return what stands in the log channel of Discord."""
    return [message.id for message in world.discord.in_channel(LOG) if not message.is_deleted]


async def hide(world: World) -> None:
    """Make the tip 1 sensitive."""
    async with world.database.read() as connection:
        words = changes.words_of(await tips.get(connection, GUILD, 1))
    sensitive = dataclasses.replace(words, is_sensitive=True)
    await changes.edit(world.database, EDITOR, 1, sensitive, world.clock.now(), seen=1)


async def blocked(world: World, event: OperationsKind = OperationsKind.WITHDRAWAL_BLOCKED) -> list[str]:
    """Return which messages the operations channel is told that could not be deleted, or edited."""
    rows = [row for row in await world.rows() if row.channel_id == OPERATIONS]
    assert CANARY not in json.dumps([row.details | {"subject": row.subject} for row in rows])
    return [row.details["code"] for row in rows if row.details["event"] == event]


async def test_a_card_that_was_sent_is_deleted_once_and_never_shown_again(world: World) -> None:
    await log_tip(world)
    await world.settle()
    await erase(world)
    await world.settle()
    assert standing(world) == []
    assert world.discord.asked == ["send", "delete"]
    row = await world.row()
    assert (row.state, row.shown) == (AnnouncementState.WITHDRAWN, None)


async def test_a_card_that_a_person_deleted_is_gone(world: World) -> None:
    await log_tip(world)
    await world.settle()
    world.discord.delete_by_hand(world.discord.in_channel(LOG)[0].id)
    await erase(world)
    await world.settle()
    assert (await world.row()).state is AnnouncementState.WITHDRAWN


async def test_a_card_in_doubt_is_looked_for_and_deleted(world: World) -> None:
    world.discord.plan("send", Ending.DOUBT_AFTER)
    await log_tip(world)
    await world.delivery.settle()
    await erase(world)
    await world.settle()
    assert (standing(world), len(world.discord.in_channel(LOG))) == ([], 1)
    assert (await world.row()).state is AnnouncementState.WITHDRAWN


async def test_a_card_that_lands_after_it_was_looked_for_is_deleted_all_the_same(world: World) -> None:
    world.discord.plan("send", Ending.DOUBT_LATE)
    await log_tip(world)
    await world.delivery.settle()
    await erase(world)
    await world.delivery.settle()
    assert world.discord.in_channel(LOG) == []
    await log_tip(world, "Un autre tuyau")
    await world.settle()
    posted = world.discord.in_channel(LOG)
    assert [(CANARY in str(message.cards), message.is_deleted) for message in posted] == [(True, True), (False, False)]


async def test_a_card_that_never_lands_is_looked_for_over_some_minutes_and_settled(world: World) -> None:
    world.discord.plan("send", Ending.DOUBT_BEFORE)
    await log_tip(world)
    await world.delivery.settle()
    await erase(world)
    erased_at = world.clock.now()
    await world.settle()
    assert world.clock.now() - erased_at > timedelta(minutes=4)
    assert world.discord.asked == ["send", *["find"] * (LOOKS + 1)]
    assert (await world.row()).state is AnnouncementState.WITHDRAWN


@pytest.mark.parametrize("kill", [Ending.CRASH_BEFORE, Ending.CRASH_AFTER])
async def test_a_kill_around_the_deletion_leaves_nothing_behind(world: World, kill: Ending) -> None:
    await log_tip(world)
    await world.settle()
    await erase(world)
    world.discord.plan("delete", kill)
    with pytest.raises(Crash):
        await world.delivery.settle()
    await world.restart()
    await world.settle()
    assert standing(world) == []
    assert (await world.row()).state is AnnouncementState.WITHDRAWN


async def test_a_deletion_that_goes_wrong_is_tried_again_and_holds_nothing_up(world: World) -> None:
    await log_tip(world)
    await world.settle()
    await erase(world)
    world.discord.plan("delete", Ending.DOUBT_BEFORE, Ending.BROKEN, Ending.TOO_MANY, Ending.DOUBT_AFTER)
    await log_tip(world, "Un autre tuyau")
    await world.delivery.settle()
    assert len(standing(world)) == 2
    await world.settle()
    assert len(standing(world)) == 1
    assert CANARY not in str([m.cards for m in world.discord.in_channel(LOG) if not m.is_deleted])


async def test_a_channel_that_refuses_us_is_told_of_and_the_card_deleted_once_it_does_not(world: World) -> None:
    await log_tip(world)
    await world.settle()
    world.discord.unreachable[LOG] = "forbidden"
    await erase(world)
    await world.settle()
    code = (await world.row()).code
    assert (await blocked(world), len(standing(world))) == ([code], 1)
    async with world.database.read() as connection:
        box = await inspection.outbox(connection, world.clock.now())
    assert (box.withdrawals, box.edits, box.owed) == (1, 0, 0)
    world.discord.unreachable.clear()
    await world.delivery.retry_parked(GUILD, LOG)
    await world.settle()
    assert (await blocked(world), standing(world)) == ([code], [])


async def test_a_card_in_doubt_where_the_history_cannot_be_read_waits_until_it_can(world: World) -> None:
    world.discord.plan("send", Ending.DOUBT_AFTER)
    await log_tip(world)
    await world.delivery.settle()
    await erase(world)
    world.discord.plan("find", Ending.FORBIDDEN)
    await world.settle()
    row = await world.row()
    assert (row.state, await blocked(world), len(standing(world))) == (AnnouncementState.SET_ASIDE, [row.code], 1)
    await world.delivery.retry_parked(GUILD, LOG)
    await world.settle()
    assert standing(world) == []


async def test_a_deletion_that_discord_refuses_is_told_and_tried_every_hour(world: World) -> None:
    await log_tip(world)
    await world.settle()
    await erase(world)
    erased_at = world.clock.now()
    world.discord.plan("delete", Ending.REFUSED, Ending.REFUSED)
    await world.settle()
    assert len(await blocked(world)) == 1
    assert standing(world) == []
    assert world.clock.now() - erased_at == timedelta(hours=2)


async def test_a_tip_that_is_erased_while_its_card_is_on_its_way_leaves_no_card(world: World) -> None:
    await log_tip(world)
    gate = world.discord.gate[LOG] = asyncio.Event()
    sending = asyncio.create_task(world.delivery.settle())
    while "send" not in world.discord.asked:
        await asyncio.sleep(0)
    await erase(world)
    gate.set()
    await sending
    await world.settle()
    assert (standing(world), (await world.row()).shown) == ([], None)


async def test_a_card_that_was_sent_between_a_backup_and_its_restore_is_deleted(world: World) -> None:
    await log_tip(world)
    await world.settle()
    async with world.database.tx("test.restore") as connection:
        now = world.clock.now()
        world.discord.truth[0].id = sightings.snowflake(now)
        await connection.run(
            """
            UPDATE announcement SET state = 'pending', message_id = NULL, sent_at = NULL, shown = NULL,
                first_try_at = NULL, history_from = NULL, shown_revision = NULL
            """
        )
        await sightings.begin(connection, now - timedelta(hours=1), now + timedelta(hours=1))
    await erase(world)
    assert (await world.row()).state is AnnouncementState.PENDING
    await world.settle()
    assert (standing(world), (await world.row()).state) == ([], AnnouncementState.WITHDRAWN)


async def test_the_card_is_deleted_in_each_channel_that_it_was_shown_in(world: World) -> None:
    await log_tip(world)
    await world.settle()
    async with world.database.tx("test.channel") as connection:
        await newsrooms.use_channel(connection, GUILD, 2009, FLOOR)
        newsroom = await newsrooms.find(connection, GUILD)
        assert newsroom is not None
        await newsrooms.save(connection, dataclasses.replace(newsroom, log_channel=2009))
    await changes.note(world.database, EDITOR, 1, "rappelé", world.clock.now())
    await world.settle()
    assert {message.place.channel_id for message in world.discord.truth} == {LOG, 2009}
    await erase(world)
    await world.settle()
    assert all(message.is_deleted for message in world.discord.truth)


@pytest.mark.parametrize("endings", [[Ending.REFUSED] * 2, [Ending.BROKEN] * STUMBLES], ids=["refused", "broken"])
async def test_an_edit_that_hides_a_tip_and_fails_is_told_once_and_tried_until_it_does_not(
    world: World, endings: list[Ending]
) -> None:
    await log_tip(world)
    await world.settle()
    await hide(world)
    world.discord.plan("edit", *endings)
    await world.settle()
    (message,) = world.discord.in_channel(LOG)
    assert await blocked(world, OperationsKind.EDIT_BLOCKED) == [(await world.row()).code]
    assert CANARY not in str(message.cards[-1])


async def test_a_channel_that_refuses_the_edit_that_hides_a_tip_is_told_of(world: World) -> None:
    await log_tip(world)
    await world.settle()
    world.discord.unreachable[LOG] = "forbidden"
    await hide(world)
    await world.settle()
    assert await blocked(world, OperationsKind.EDIT_BLOCKED) == [(await world.row()).code]


async def test_a_message_whose_channel_was_deleted_is_not_told_to_stay(world: World) -> None:
    await log_tip(world)
    await world.settle()
    world.discord.unreachable[LOG] = "deleted"
    await erase(world)
    await world.settle()
    assert await blocked(world) == []
    assert await world.parked() == {LOG: "deleted"}
