"""Killed at random under random faults, again and again, until everything is out: nothing lost, nothing twice."""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from pathlib import Path

import pytest

from bot.loopback import FaultPlan
from bot.loopback.publishers.boamp_records import fns_notice
from bot.setting_up import MOST_STORM
from tests.e2e.nursery import Nursery
from tests.e2e.sweep import prepare
from tests.e2e.world import World, in_days, today, words_of, world

KINDS = (
    "500_before",
    "500_after",
    "502_html_after",
    "503_before",
    "503_after",
    "504_after",
    "520_after",
    "429_user",
    "close_before",
    "close_after",
    "reset_after",
    "cut_after",
    "bad_json_after",
)
MESSAGES = "/channels/{channel_id}/messages"


async def torture(made: World, seed: int, number: int) -> int:
    """Publish notices while the bot is killed and started again; return the kills once all are out."""
    chance = random.Random(seed)  # noqa: S311  # a seed, so that a failure can be repeated
    made.platform.faults.plan = FaultPlan(seed, 0.3, KINDS, only=[("POST", MESSAGES), ("GET", MESSAGES)])
    made.boamp.records.clear()
    for index in range(number):
        record = fns_notice(
            idweb=f"26-{1000 + index}", objet=f"Caméras-piétons, lot {index}", published=today(), deadline=in_days(9)
        )
        made.boamp.records.append(record)
    kills = 0
    while len(set(titles(made))) < number:
        bot = await made.start()
        try:
            async with asyncio.timeout(chance.uniform(0.6, 1.4)):
                await made.announcements.wait_for(lambda _: len(set(titles(made))) >= number)
        except TimeoutError:
            await bot.kill()
            kills += 1
    await made.bots[-1].kill()
    made.platform.faults.plan = None
    await made.started()
    await made.until_settled(60)
    assert await made.bots[-1].stop() == 0
    return kills


def titles(made: World) -> list[str]:
    return [words_of(message).splitlines()[0] for message in made.posted()]


async def check(folder: Path, nursery: Nursery, seed: int, number: int) -> int:
    async with world(folder, nursery, nonce_window_s=0.5) as made:
        await prepare(made, storm=MOST_STORM)
        kills = await torture(made, seed, number)
        counted = Counter(titles(made))
        assert len(counted) == number, f"seed {seed}: {number - len(counted)} lost"
        assert {title: count for title, count in counted.items() if count > 1} == {}, f"seed {seed}: twice"
        return kills


@pytest.mark.timeout(200)
@pytest.mark.parametrize("seed", [1])
async def test_random_kills_and_faults_lose_nothing_and_repeat_nothing(
    tmp_path: Path, nursery: Nursery, seed: int
) -> None:
    assert await check(tmp_path, nursery, seed, 60) >= 3


@pytest.mark.torture
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(100, 100 + int(os.environ.get("TORTURE_RUNS", "6"))))
async def test_a_long_run_of_kills_and_faults_loses_nothing_and_repeats_nothing(
    tmp_path: Path, nursery: Nursery, seed: int
) -> None:
    assert await check(tmp_path, nursery, seed, 500) >= 30
