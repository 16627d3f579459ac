"""Stopped dead at every place on its way through the days and nights of a desk, the bot loses and repeats nothing."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Final

import pytest

from tests.e2e import desk_day, desk_night, digest_sweep, log_sweep
from tests.e2e.desk_sweep import shift, stops_of
from tests.e2e.nursery import Nursery
from tests.e2e.sweep import Trouble, names_in_the_source

STORIES: Final = pytest.mark.parametrize("story", [desk_day, desk_night], ids=["day", "night"])
AT_ONCE: Final = 4

RENEWED: Final = "done again by itself, with nothing lost, whenever it was not"
ASKED: Final = "a person sees that it was not done, and asks again: one transaction, covered by tests of its own"
OF_DISCORD: Final = "passed only where Discord refuses, forbids or forgets something: the tests of delivery"
OF_RESTORES: Final = "passed only after a restore: test_restored.py and the tests of delivery"
OF_READERS: Final = "a source that fails, or is read far back, owes nothing: the tests of the pipeline"
OF_CLOCKS: Final = "a clock that was wrong: the tests of delivery"
OF_TIPS: Final = "what becomes of a tip that rests or is erased: test_reminders.py and test_erasing.py"
OF_COPIES: Final = "a program beside the bot, done again by who called it: the tests of the command line"

ELSEWHERE: Final[Mapping[str, str]] = {
    "audit.seal": RENEWED,
    "audit.sealed": RENEWED,
    "client.synced": RENEWED,
    "drafts.purge": RENEWED,
    "index.notices": RENEWED,
    "index.prepare": RENEWED,
    "reminding.member": RENEWED,
    "reminding.seen": RENEWED,
    "retention.texts": RENEWED,
    "channel.forums": ASKED,
    "check.report": ASKED,
    "digest.remove": ASKED,
    "digest.schedule": ASKED,
    "embargo.put": ASKED,
    "fact.items": ASKED,
    "fact.unseen": ASKED,
    "form.refused": ASKED,
    "hide_again": ASKED,
    "reminding.told": ASKED,
    "source.pause": ASKED,
    "source.resume": ASKED,
    "watch.add": ASKED,
    "watch.edit": ASKED,
    "watch.import": ASKED,
    "watch.numbers": ASKED,
    "watch.remove": ASKED,
    "watch.restore": ASKED,
    "delivery.blocked": OF_DISCORD,
    "delivery.edit_blocked": OF_DISCORD,
    "delivery.elsewhere": OF_DISCORD,
    "delivery.is_forum": OF_DISCORD,
    "delivery.looked": OF_DISCORD,
    "delivery.parked": OF_DISCORD,
    "delivery.plain": OF_DISCORD,
    "delivery.refused": OF_DISCORD,
    "delivery.retry": OF_DISCORD,
    "delivery.set_aside": OF_DISCORD,
    "delivery.threads_forbidden": OF_DISCORD,
    "delivery.threads_full": OF_DISCORD,
    "delivery.judged": OF_CLOCKS,
    "delivery.sent_meanwhile": OF_RESTORES,
    "delivery.sighted": OF_RESTORES,
    "delivery.sighted_in_thread": OF_RESTORES,
    "restore": OF_RESTORES,
    "backfill.begin": OF_READERS,
    "backfill.stopped": OF_READERS,
    "history.paused": OF_READERS,
    "poll.failed": OF_READERS,
    "delivery.dropped": OF_TIPS,
    "delivery.withdrawn": OF_TIPS,
    "discord.delete: after": OF_TIPS,
    "discord.delete: before": OF_TIPS,
    "embargo.release": OF_TIPS,
    "reminding.asked": OF_TIPS,
    "reminding.channel": OF_TIPS,
    "reminding.corrected": OF_TIPS,
    "reminding.corrected_cli": OF_TIPS,
    "reminding.diverted": OF_TIPS,
    "reminding.reopened": OF_TIPS,
    "reminding.silent": OF_TIPS,
    "tip.erase": OF_TIPS,
    "tip.erase_again": OF_TIPS,
    "tip.keep": OF_TIPS,
    "tip.reassign": OF_TIPS,
    "tip.wish": OF_TIPS,
    "backup.begin": OF_COPIES,
    "backup.finish": OF_COPIES,
    "backup.forget": OF_COPIES,
    "export.record": OF_COPIES,
    "export.record_file": OF_COPIES,
}
"""The places that no sweep passes, each with why."""


async def lived(
    folder: Path, nursery: Nursery, story: ModuleType, trouble: Trouble, alone: tuple[str, str] | None = None
) -> list[str]:
    """Let a desk live through a story once; return what is wrong then."""
    async with shift(folder, nursery, trouble, at=story.BEGINS, **story.SETTINGS) as desk:
        await desk.live_through(story.STAGES, alone)
        return desk.judge(story.STANDING, story.AUDITED)


@pytest.mark.timeout(280)
@STORIES
async def test_a_desk_finds_all_done_once_though_its_bot_died_at_each_place(
    tmp_path: Path, nursery: Nursery, story: ModuleType
) -> None:
    assert await lived(tmp_path, nursery, story, Trouble.WINDOW_PASSED) == []


@pytest.mark.torture
@pytest.mark.timeout(3600)
@STORIES
@pytest.mark.parametrize("trouble", Trouble, ids=lambda trouble: trouble.value)
async def test_a_desk_finds_all_done_once_wherever_its_bot_died(
    tmp_path: Path, nursery: Nursery, story: ModuleType, trouble: Trouble
) -> None:
    room, stops = asyncio.Semaphore(AT_ONCE), list(stops_of(story.STAGES))

    async def one(number: int, stop: tuple[str, str]) -> list[str]:
        async with room:
            return await lived(tmp_path / str(number), nursery, story, trouble, stop)

    found = await asyncio.gather(*(one(number, stop) for number, stop in enumerate(stops)))
    assert [(stop, wrong) for stop, wrong in zip(stops, found, strict=True) if wrong] == []


def labels(places: Iterable[str]) -> set[str]:
    """Return the labels of places: those of a transaction have two."""
    return {place.removesuffix(": before commit").removesuffix(": after commit") for place in places}


def swept() -> Iterator[str]:
    """Yield each place at which a test that always runs stops the bot."""
    yield from names_in_the_source()
    yield from names_in_the_source(log_sweep.PATH, log_sweep.OFF_PATH)
    yield from names_in_the_source(digest_sweep.STORM_PATH, digest_sweep.OFF_PATH)
    yield from (stop for story in (desk_day, desk_night) for stage in story.STAGES for stop in stage.stops)


@functools.cache
def named() -> frozenset[str]:
    """Return every place of the bot and its face."""
    return frozenset(names_in_the_source(("bot", "cogs"), set()))


def test_every_place_that_the_source_names_is_swept_or_said_to_be_passed_elsewhere() -> None:
    passed = labels(swept())
    assert sorted(labels(named()) - passed - ELSEWHERE.keys()) == []
    assert sorted(ELSEWHERE.keys() - labels(named())) + sorted(ELSEWHERE.keys() & passed) == []


def test_a_transaction_of_a_story_is_stopped_on_both_sides_of_its_commit() -> None:
    stops = {stop for story in (desk_day, desk_night) for stage in story.STAGES for stop in stage.stops}
    of_delivery = labels(named() & names_in_the_source(("bot/delivery", "cogs/_sender.py"), {"delivery.held"}))
    own = {place for place in named() if labels({place}) & labels(stops) - of_delivery}
    assert len(own) >= 28
    assert sorted(own - stops) == []
