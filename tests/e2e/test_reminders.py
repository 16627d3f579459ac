"""Reminders by the real bot: private messages come once each, over weeks, restarts and kills."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.loopback import Message
from tests.e2e.world import PARIS, World, words_of

WORDS = "Varnoquel aurait signé"
POINTS = (
    "reminding.member: after commit",
    "reminding.asked: after commit",
    "discord.send: after",
    "delivery.sent: before commit",
)
"""Where the bot is killed on the way from what is due to a private message that stands."""


def told(desk: World) -> list[Message]:
    """Return what the bot wrote to the reporter alone, oldest first."""
    return [message for message in desk.reporter.dm.messages if message.author.bot]


def go_to(desk: World, days: int) -> None:
    """Make it ten in the morning, so many days from today."""
    day = datetime.now(PARIS).date() + timedelta(days=days)
    desk.set_clock(datetime.combine(day, datetime.min.time(), PARIS) + timedelta(hours=10))


async def begin(desk: World) -> None:
    """Start the bot this morning, set it up, and log a sensitive tip."""
    go_to(desk, 0)
    await desk.started()
    await desk.set_up()
    reply = await desk.reporter.slash("tip add", desk.announcements, text=WORDS, sensitive=True)
    assert reply.ephemeral


async def reminded(desk: World, number: int) -> Message:
    """Wait until the reporter has so many private messages, and nothing more is owed."""
    await desk.reporter.dm.wait_for(lambda _: len(told(desk)) >= number)
    await desk.until_settled()
    assert len(told(desk)) == number
    return told(desk)[-1]


@pytest.mark.timeout(120)
async def test_over_weeks_restarts_and_kills_each_reminder_comes_once(desk: World) -> None:
    await begin(desk)
    await desk.bots[-1].stop()
    go_to(desk, 15)
    bot = await desk.started()
    assert "Rien de neuf depuis deux semaines" in words_of(await reminded(desk, 1))
    await bot.stop()
    bot = await desk.started()
    await bot.stop()
    go_to(desk, 91)
    bot = await desk.started()
    question = await reminded(desk, 2)
    await bot.stop()
    await desk.started()
    assert "gardé" in (await desk.reporter.click(question, label="Garder")).text
    await desk.until_settled()
    assert len(told(desk)) == 2
    assert [row["kept_at"] is not None for row in desk.rows("SELECT kept_at FROM tip")] == [True]
    await is_told_once_though_killed(desk)
    everywhere = "".join(bot.log for bot in desk.bots) + "".join(words_of(message) for message in told(desk))
    assert WORDS not in everywhere


async def is_told_once_though_killed(desk: World) -> None:
    """Let the tip rest again and again, and kill the bot at each point on the way to its reminder."""
    for number, point in enumerate(POINTS, 1):
        await desk.bots[-1].stop()
        go_to(desk, 91 + 15 * number)
        bot = await desk.start(VIGIE_CRASH_AT=point)
        assert await bot.gone() != 0, f"never came to {point}"
        await desk.started()
        await reminded(desk, 2 + number)
        reply = await desk.reporter.slash("tip note", desk.announcements, tip="1", text="Rappelé")
        assert reply.ephemeral
        await desk.until_settled()
