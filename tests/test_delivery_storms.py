"""Random faults and restarts over many rows: none lost, none twice; and careless designs fail the same checker."""

from __future__ import annotations

import asyncio
import contextlib
import random
import secrets
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

import bot.delivery.outbox
from bot.cards import Card
from bot.composing import compose
from bot.delivery import Delivery, Sender
from bot.models import Announcement
from bot.storage.database import Database
from bot.storage.outbox import sending
from bot.storage.outbox.announcements import Place
from tests.delivery_world import World, faults_of, make_world
from tests.empty_database import place_empty_database
from tests.factories import CHANNEL, GUILD, SettableClock
from tests.fake_discord import Crash, Ending, is_full
from tests.one_thread import stay_in_thread

CHANNELS = (CHANNEL, 2003, 2004)
ROWS = 300
OPEN, PASSED = timedelta(days=365), timedelta()
ANSWERS = (
    Ending.FORBIDDEN,
    Ending.CHANNEL_GONE,
    Ending.TOO_MANY,
    Ending.DOUBT_BEFORE,
    Ending.DOUBT_AFTER,
    Ending.HANG_BEFORE,
    Ending.HANG_AFTER,
    Ending.BROKEN,
    Ending.CRASH_BEFORE,
    Ending.CRASH_AFTER,
)


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
async def database(tmp_path: Path, clock: SettableClock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    monkeypatch.setattr(bot.delivery.outbox, "SEND_TIMEOUT_S", 0.002)
    stay_in_thread(monkeypatch)
    opened = await Database.open(place_empty_database(tmp_path / "vigie.sqlite3"), clock)
    yield opened
    await opened.close()


async def _storm(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    *,
    seed: int,
    rows: int = ROWS,
    kind: type[Delivery] = Delivery,
    is_late: bool = False,
) -> list[str]:
    """Owe rows to three channels, deliver them through faults, crashes and restarts, and return what is wrong."""
    chance = random.Random(seed)  # noqa: S311  # repeatable
    answers = (*ANSWERS, Ending.DOUBT_LATE) if is_late else ANSWERS

    def ending(verb: str) -> Ending:
        if chance.random() > 0.3:
            return Ending.OK
        # A history that cannot be read sets a row aside, and those behind it go first: the order is another matter.
        found = chance.choice(answers)
        return Ending.DOUBT_BEFORE if verb == "find" and found is Ending.FORBIDDEN else found

    def point(_: str) -> None:
        if chance.random() < 0.02:
            raise Crash

    for number in range(rows):
        await world.owe(number, CHANNELS[number % len(CHANNELS)])
    async with world.database.tx("test.leads_nowhere") as connection:
        # What a deleted channel was owed goes to another one: the order there is another matter.
        await connection.run("UPDATE newsroom SET announcements_channel = NULL")
    world.discord.chance = ending
    world.discord.refuses = lambda card: is_full(card) and sum(card.footer.encode()) % 10 == 0
    monkeypatch.setattr("bot.storage.database.crash.point", point)
    await world.restart(kind)
    for _ in range(100 * rows):
        try:
            await world.try_again()
            await world.delivery.retry_parked(GUILD)
        except Crash:
            world.clock.advance(timedelta(seconds=chance.uniform(0, 60)))
            await world.restart(kind)
            continue
        async with world.database.read() as connection:
            if not await sending.waiting(connection, world.clock.now()):
                break
    return faults_of(await world.rows(), world.discord.truth)


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.torture) for seed in range(1, 20))])
@pytest.mark.parametrize(("window", "is_late"), [(OPEN, True), (PASSED, False)], ids=["window open", "window passed"])
async def test_no_announcement_is_lost_or_sent_twice_in_a_storm(
    database: Database,
    clock: SettableClock,
    monkeypatch: pytest.MonkeyPatch,
    window: timedelta,
    *,
    is_late: bool,
    seed: int,
) -> None:
    world = await make_world(database, clock, window, more=CHANNELS)
    assert await _storm(world, monkeypatch, seed=seed, is_late=is_late) == []


class NeverLooks(Delivery):
    """Trust the nonce alone."""

    async def _is_found(self, *_: object) -> bool:
        return False


class ByChance(Delivery):
    """Post under a nonce of the moment, as a library does by itself."""

    async def _send(self, row: Announcement, place: Place, sender: Sender) -> None:
        await super()._send(row, place, _RandomNonces(sender))


class MarksFirst(Delivery):
    """Note a row as sent before it is posted, so that it cannot go twice."""

    async def _send(self, row: Announcement, place: Place, sender: Sender) -> None:
        async with self._database.tx("naive.sent") as connection:
            composed = await compose(connection, row, self._clock.now())
            await sending.begin(connection, place, row.id, self._clock.now())
            await self._mark_sent(connection, row, None, composed, composed.revision)
        with contextlib.suppress(bot.delivery.DeliveryError, TimeoutError):
            async with asyncio.timeout(bot.delivery.outbox.SEND_TIMEOUT_S):
                await sender.send(place, composed.card, row.nonce)


class SkipsTheDoubt(Delivery):
    """Take a row in doubt for sent."""

    async def _is_found(self, row: Announcement, *_: object) -> bool:
        async with self._database.tx("naive.found") as connection:
            composed = await compose(connection, row, self._clock.now())
            await self._mark_sent(connection, row, None, composed, composed.revision)
        return True


class _RandomNonces:
    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self.edit, self.find, self.delete = sender.edit, sender.find, sender.delete
        self.open_private, self.membership, self.seen = sender.open_private, sender.membership, sender.seen
        self.create_post, self.find_post = sender.create_post, sender.find_post
        self.open_thread, self.threads = sender.open_thread, sender.threads

    async def send(
        self,
        place: Place,
        card: Card,
        nonce: str,  # noqa: ARG002  # the interface
        *,
        answers: int | None = None,
        thread: int | None = None,
    ) -> int:
        return await self._sender.send(place, card, secrets.token_hex(12), answers=answers, thread=thread)


@pytest.mark.parametrize(
    ("kind", "window", "says"),
    [
        (NeverLooks, PASSED, "stands 2 times"),
        pytest.param(ByChance, OPEN, "stands 2 times", marks=pytest.mark.torture),
        (MarksFirst, OPEN, "stands 0 times"),
        pytest.param(SkipsTheDoubt, OPEN, "stands 0 times", marks=pytest.mark.torture),
    ],
)
async def test_a_careless_delivery_is_caught_by_the_same_checker(
    database: Database,
    clock: SettableClock,
    monkeypatch: pytest.MonkeyPatch,
    kind: type[Delivery],
    window: timedelta,
    says: str,
) -> None:
    world = await make_world(database, clock, window, more=CHANNELS)
    wrong = await _storm(world, monkeypatch, seed=1, kind=kind, is_late=window == OPEN)
    assert [fault for fault in wrong if says in fault]


async def test_messages_out_of_order_are_caught_by_the_checker(database: Database, clock: SettableClock) -> None:
    world = await make_world(database, clock, more=CHANNELS)
    for number in (1, 2):
        await world.owe(number)
    await world.settle()
    truth = list(reversed(world.discord.truth))
    assert faults_of(await world.rows(), truth) == [f"channel {CHANNEL} is out of order"]


async def test_a_message_in_another_channel_is_caught_by_the_checker(database: Database, clock: SettableClock) -> None:
    world = await make_world(database, clock, more=CHANNELS)
    await world.owe()
    await world.settle()
    world.discord.truth[0].place = Place(GUILD, CHANNELS[1])
    code = (await world.row()).code
    assert f"{code} stands in channel {CHANNELS[1]}, where it does not belong" in faults_of(
        await world.rows(), world.discord.truth
    )
