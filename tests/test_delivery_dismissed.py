"""A card that is to be made anew at the revision that it shows: whenever it is asked, the message comes to show it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import bot.delivery.outbox
from bot.storage.database import Database
from bot.storage.watching import dismissals, dismissed_news
from tests.delivery_world import World, make_world
from tests.empty_database import place_empty_database
from tests.factories import CHANNEL, GUILD, SettableClock
from tests.fake_discord import Ending

DISMISSED = "Dismissed: nothing to do with caméra-piéton"


@pytest.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    monkeypatch.setattr(bot.delivery.outbox, "SEND_TIMEOUT_S", 0.02)
    clock = SettableClock()
    database = await Database.open(place_empty_database(tmp_path / "vigie.sqlite3"), clock)
    yield await make_world(database, clock)
    await database.close()


async def dismiss(world: World) -> int:
    """Say that the first notice is not about the item; return our id of what was said."""
    async with world.database.tx("test.dismiss") as connection:
        item, now = world.item.id or 0, world.clock.now()
        said = await dismissals.add(connection, GUILD, item, 1, None, "Caméras", 7, now)
        assert said is not None
        await dismissed_news.take_back(connection, said)
        await dismissed_news.show_anew(connection, said, now)
        return said.id


async def undo(world: World, dismissal_id: int) -> None:
    async with world.database.tx("test.undo") as connection:
        await dismissals.undo(connection, GUILD, dismissal_id, 7, world.clock.now())
        said = await dismissals.find(connection, GUILD, dismissal_id)
        assert said is not None
        await dismissed_news.show_anew(connection, said, world.clock.now())


def cards(world: World) -> list[bool]:
    """Return of each card that the one message ever showed whether it says that the item was dismissed."""
    [message] = world.discord.truth
    return [DISMISSED in str(card.body) for card in message.cards]


async def test_what_was_dismissed_before_the_post_is_not_posted(world: World) -> None:
    await world.owe()
    await dismiss(world)
    await world.settle()
    assert world.discord.truth == []


async def test_what_is_dismissed_and_undone_is_edited_each_time(world: World) -> None:
    await world.owe()
    await world.settle()
    said = await dismiss(world)
    await world.settle()
    await undo(world, said)
    await world.settle()
    assert cards(world) == [False, True, False]


@pytest.mark.parametrize("verb", ["send", "edit"])
async def test_what_is_dismissed_during_a_request_is_edited_in_after_it(
    world: World, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.delivery.outbox, "SEND_TIMEOUT_S", 60)
    announcement = await world.owe()
    if verb == "edit":
        await world.settle()
        await world.revise(announcement)
    before = len(world.discord.asked)
    gate = world.discord.gate[CHANNEL] = asyncio.Event()
    settling = asyncio.create_task(world.delivery.settle())
    while len(world.discord.asked) == before:
        await asyncio.sleep(0)
    await dismiss(world)
    gate.set()
    await settling
    await world.settle()
    assert cards(world)[-2:] == [False, True]


@pytest.mark.parametrize("ending", [Ending.DOUBT_AFTER, Ending.DOUBT_BEFORE])
async def test_what_is_dismissed_while_nobody_knows_whether_it_was_sent_ends_as_dismissed(
    world: World, ending: Ending
) -> None:
    await world.owe()
    world.discord.plan("send", ending)
    await world.delivery.settle()
    await dismiss(world)
    await world.settle()
    assert cards(world)[-1] is True
