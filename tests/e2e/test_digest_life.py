"""Weeks of a desk with polls, storms and digests, under random kills and a clock that jumps: nothing lost or twice."""

from __future__ import annotations

import asyncio
import os
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.loopback import FaultPlan
from bot.models import ItemKind, Priority, WatchItem
from bot.storage.database import Database
from bot.storage.watching import watchlist
from tests.e2e.digest_world import (
    exactly_once,
    faults_of,
    lay_down_newsroom,
    lots,
    record,
    schedule_digest,
    sent,
    settle_before,
    stormed,
    until_stored,
)
from tests.e2e.nursery import Nursery
from tests.e2e.sweep import pass_baseline
from tests.e2e.test_torture import KINDS, MESSAGES
from tests.e2e.world import PARIS, World, world

START = datetime(2026, 10, 14, 7, 0, tzinfo=UTC)
"""Less than two weeks before the clocks of Paris are set back."""
STEPS = 40
CROWDS = (0, 0, 1, 4, 12, 30, 55)
JUMPS_H = (1, 3, 7, 11, 14, 23, 24, 30, 75, -2)


@dataclass
class Life:
    """What was published so far: each notice by its number, with the word by which it is found."""

    made: World
    chance: random.Random
    instant: set[int] = field(default_factory=set)
    held: set[int] = field(default_factory=set)
    latest: datetime = START

    @property
    def all(self) -> set[int]:
        return self.instant | self.held

    def publish(self) -> None:
        """Publish some notices on the day that the bot's clock shows; every fourth for the digest alone."""
        day = self.made.now().astimezone(PARIS).date()
        for _ in range(self.chance.choice(CROWDS)):
            lot, waits = len(self.all), self.chance.random() < 0.25
            (self.held if waits else self.instant).add(lot)
            self.made.boamp.records.append(record(lot, day, word="Drones" if waits else "Caméras-piétons"))

    def jump(self) -> None:
        """Let hours go by, or set the clock back."""
        self.made.set_clock(self.made.now() + timedelta(hours=self.chance.choice(JUMPS_H)))
        self.latest = max(self.latest, self.made.now())

    async def live(self) -> int:
        """Run the bot for a moment again and again, most times to its death; return the kills."""
        kills = 0
        for _ in range(STEPS):
            self.jump()
            self.publish()
            bot = await self.made.start()
            await asyncio.sleep(self.chance.uniform(0.4, 2.0))
            if self.chance.random() < 0.75:
                await bot.kill()
                kills += 1
            else:
                await bot.stop()
        return kills

    async def end(self) -> None:
        """Let everything come out: what was put off by a clock that was ahead, then what waits for a digest."""
        made = self.made
        made.platform.faults.plan = None
        made.set_clock(self.latest + timedelta(days=1))
        await made.started()
        await until_stored(made, len(self.all))
        await made.editor.slash("digest now", made.announcements, digest="1")
        await made.until_settled(60)
        assert await made.bots[-1].stop() == 0

    def wrong(self) -> list[str]:
        """Return what is wrong by what Discord and the database hold."""
        alone, storms, told = (sent(self.made, kind) for kind in ("notice", "storm", "digest"))
        numbers = [number for message in alone for number in lots([message])[:1]]
        found = faults_of(self.made)
        found += exactly_once(numbers, set(numbers), "is announced")
        found += exactly_once(lots(told), self.all, "is in a digest")
        found += [f"lot {lot:04} was announced and should wait" for lot in self.held & set(numbers)]
        if sum(stormed(storms)) + len(numbers) != len(self.instant):
            stood = f"storms of {stormed(storms)} and {len(numbers)} announcements"
            found.append(f"{stood} are not the {len(self.instant)} that were published")
        return found


async def lay_down(made: World) -> None:
    """Store a newsroom with two digests of one channel, and three items, of which one waits for them."""
    made.configure(every="1s")
    made.set_clock(START)
    database = await Database.open(made.database, SystemClock())
    async with database.tx("lay.down") as connection:
        await lay_down_newsroom(made, connection)
        drones = WatchItem(
            guild_id=made.guild.id,
            kind=ItemKind.KEYWORD,
            name="drone",
            priority=Priority.DIGEST,
            added_by=made.reporter.id,
        )
        await watchlist.add(connection, drones, drones.name, START)
        for due_at in (START - timedelta(minutes=30), START + timedelta(hours=10)):
            digest = await schedule_digest(made, connection, due_at)
            await settle_before(connection, digest, START)
        await pass_baseline(connection, START)
    await database.close()


@pytest.mark.torture
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(200, 200 + int(os.environ.get("TORTURE_RUNS", "6"))))
async def test_weeks_of_polls_storms_and_digests_under_kills_lose_nothing_and_repeat_nothing(
    tmp_path: Path, nursery: Nursery, seed: int
) -> None:
    async with world(tmp_path, nursery, nonce_window_s=0.5) as made:
        await lay_down(made)
        made.platform.faults.plan = FaultPlan(seed, 0.15, KINDS, only=[("POST", MESSAGES), ("GET", MESSAGES)])
        life = Life(made, random.Random(seed))  # noqa: S311  # a seed, so that a failure can be repeated
        kills = await life.live()
        await life.end()
        assert life.wrong()[:10] == [], f"seed {seed}"
        assert kills >= STEPS // 2
        assert len(sent(made, "storm")) >= 2
        assert len(made.rows("SELECT 1 FROM digest_slot WHERE messages > 0")) >= 5
