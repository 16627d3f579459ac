"""Stopped dead at every place on its way to a message of Discord, the bot loses nothing and repeats nothing."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path

import pytest

from tests.e2e import digest_sweep, log_sweep
from tests.e2e.digest_sweep import Falls, tell_digest, tell_storm
from tests.e2e.log_sweep import LONG, SHORT, Step, tell
from tests.e2e.nursery import Nursery
from tests.e2e.sweep import Told, Trouble, Verdict, names_in_the_source, sweep_point

AT_ONCE = 4
SHARES = 2
MARGIN = 4
"""Places tried beyond those of the traced run: a restart or a retry passes some more."""


async def swept(folder: Path, nursery: Nursery, trouble: Trouble, share: int) -> list[Verdict]:
    """Run one share of all places, a few at a time."""
    traced = await sweep_point(folder / "trace", nursery, 0, trouble)
    room = asyncio.Semaphore(AT_ONCE)

    async def one(stop_at: int) -> Verdict:
        async with room:
            return await sweep_point(folder / str(stop_at), nursery, stop_at, trouble)

    places = range(1 + share, len(traced.points) + MARGIN, SHARES)
    return [traced, *await asyncio.gather(*(one(place) for place in places))]


@pytest.mark.timeout(280)
@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("trouble", Trouble, ids=lambda trouble: trouble.value)
async def test_nothing_is_lost_and_nothing_comes_twice(
    tmp_path: Path, nursery: Nursery, trouble: Trouble, share: int
) -> None:
    verdicts = await swept(tmp_path, nursery, trouble, share)
    assert sum(verdict.was_killed for verdict in verdicts) >= 10
    assert [(v.points[-1:], v.lost, v.twice) for v in verdicts if v.lost or v.twice] == []


async def test_the_sweep_passes_every_place_that_the_source_names(tmp_path: Path, nursery: Nursery) -> None:
    named = names_in_the_source()
    traces = [await sweep_point(tmp_path / trouble.name, nursery, 0, trouble) for trouble in Trouble]
    passed = {point for trace in traces for point in trace.points}
    assert len(named) >= 20
    assert named - passed == set()


async def test_the_same_sweep_finds_out_a_naive_delivery(tmp_path: Path, nursery: Nursery) -> None:
    """It fails at one place, between the POST and the mark; that is passed once for each message."""
    launcher = "tests.e2e.naive"
    traced = await sweep_point(tmp_path / "trace", nursery, 0, Trouble.NONE, launcher=launcher)
    places = [place for place, point in enumerate(traced.points, 1) if point == "discord.send: after"]
    runs = [
        sweep_point(tmp_path / str(place), nursery, place, Trouble.NONE, launcher=launcher)
        for place in places[:AT_ONCE]
    ]
    assert sum(verdict.twice for verdict in await asyncio.gather(*runs)) >= 1


async def told(
    folder: Path, nursery: Nursery, steps: Sequence[Step], trouble: Trouble = Trouble.NONE, *, is_whole: bool
) -> list[Told]:
    """Let people log things with a kill at every place, or at the last one of each name, a few at a time."""
    traced = await tell(folder / "trace", nursery, steps, 0, trouble)
    started = traced.points.index("form.opened: before commit")
    named = {point: place for place, point in enumerate(traced.points, 1) if place > started}
    room = asyncio.Semaphore(AT_ONCE)

    async def one(stop_at: int) -> Told:
        async with room:
            return await tell(folder / str(stop_at), nursery, steps, stop_at, trouble)

    places = range(1, len(traced.points) + MARGIN) if is_whole else named.values()
    return [traced, *await asyncio.gather(*(one(place) for place in places))]


@pytest.mark.timeout(280)
async def test_what_people_log_is_stored_once_and_its_card_stands_once(tmp_path: Path, nursery: Nursery) -> None:
    runs = await told(tmp_path, nursery, SHORT, is_whole=False)
    assert sum(run.was_killed for run in runs) >= 20
    assert [(run.points[-1:], run.wrong) for run in runs if run.wrong] == []


@pytest.mark.torture
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("trouble", Trouble, ids=lambda trouble: trouble.value)
async def test_whatever_people_log_is_stored_once_and_its_card_stands_once(
    tmp_path: Path, nursery: Nursery, trouble: Trouble
) -> None:
    runs = await told(tmp_path, nursery, LONG, trouble, is_whole=True)
    assert sum(run.was_killed for run in runs) >= 100
    assert [(run.points[-1:], run.wrong) for run in runs if run.wrong] == []


async def test_people_who_do_everything_pass_every_place_of_the_log_that_the_source_names(
    tmp_path: Path, nursery: Nursery
) -> None:
    named = names_in_the_source(log_sweep.PATH, log_sweep.OFF_PATH)
    run = await tell(tmp_path / "trace", nursery, LONG, 0, Trouble.AMBIGUOUS)
    assert len(named) >= 40
    assert named - set(run.points) == set()
    assert run.wrong == ()


DIGEST_NAMES = names_in_the_source(digest_sweep.PATH, digest_sweep.OFF_PATH)
STORM_NAMES = names_in_the_source(digest_sweep.STORM_PATH, digest_sweep.OFF_PATH)


async def told_at(
    folder: Path,
    nursery: Nursery,
    tell: Callable[[Path, Nursery, int, Trouble], Awaitable[Told]],
    trouble: Trouble,
    chosen: Callable[[Sequence[str]], Sequence[int]],
) -> list[Told]:
    """Let a digest or a storm be told with a kill at each of the places chosen of a traced run, a few at a time."""
    traced = await tell(folder / "trace", nursery, 0, trouble)
    room = asyncio.Semaphore(AT_ONCE)

    async def one(stop_at: int) -> Told:
        async with room:
            return await tell(folder / str(stop_at), nursery, stop_at, trouble)

    return [traced, *await asyncio.gather(*(one(place) for place in chosen(traced.points)))]


def every_place(points: Sequence[str]) -> Sequence[int]:
    return range(1, len(points) + MARGIN)


def every_place_named(names: AbstractSet[str], points: Sequence[str]) -> Sequence[int]:
    return [place for place, point in enumerate(points, 1) if point in names]


def first_place_named(names: AbstractSet[str], points: Sequence[str]) -> Sequence[int]:
    return [points.index(name) + 1 for name in names if name in points]


@pytest.mark.timeout(280)
async def test_a_digest_of_several_messages_is_told_once_and_in_order(tmp_path: Path, nursery: Nursery) -> None:
    chosen = functools.partial(every_place_named, DIGEST_NAMES)
    runs = await told_at(tmp_path, nursery, tell_digest, Trouble.WINDOW_PASSED, chosen)
    assert sum(run.was_killed for run in runs) >= 18
    assert [(run.points[-1:], run.wrong) for run in runs if run.wrong] == []


@pytest.mark.timeout(280)
async def test_a_storm_is_one_message_and_its_hits_are_told_by_one_digest(tmp_path: Path, nursery: Nursery) -> None:
    chosen = functools.partial(first_place_named, STORM_NAMES)
    runs = await told_at(tmp_path, nursery, tell_storm, Trouble.NONE, chosen)
    assert sum(run.was_killed for run in runs) >= 12
    assert [(run.points[-1:], run.wrong) for run in runs if run.wrong] == []


async def test_digests_and_storms_pass_every_place_of_theirs_that_the_source_names(
    tmp_path: Path, nursery: Nursery
) -> None:
    digest = await tell_digest(tmp_path / "digest", nursery, 0, Trouble.AMBIGUOUS)
    storm = await tell_storm(tmp_path / "storm", nursery, 0, Trouble.AMBIGUOUS)
    assert len(DIGEST_NAMES) >= 14
    assert len(STORM_NAMES) >= 20
    assert (DIGEST_NAMES - set(digest.points), STORM_NAMES - set(storm.points)) == (set(), set())
    assert digest.wrong + storm.wrong == ()


async def test_the_digest_sweep_finds_out_a_naive_delivery(tmp_path: Path, nursery: Nursery) -> None:
    tell = functools.partial(tell_digest, launcher="tests.e2e.naive")
    chosen = functools.partial(every_place_named, {"discord.send: after"})
    runs = await told_at(tmp_path, nursery, tell, Trouble.NONE, chosen)
    assert any("stands 2 times" in wrong for run in runs for wrong in run.wrong)


@pytest.mark.torture
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("falls", Falls, ids=lambda falls: falls.value)
@pytest.mark.parametrize("trouble", Trouble, ids=lambda trouble: trouble.value)
async def test_whenever_a_digest_falls_due_it_is_told_once_and_in_order(
    tmp_path: Path, nursery: Nursery, trouble: Trouble, falls: Falls
) -> None:
    runs = await told_at(tmp_path, nursery, functools.partial(tell_digest, falls=falls), trouble, every_place)
    assert sum(run.was_killed for run in runs) >= 25
    assert [(run.points[-1:], run.wrong) for run in runs if run.wrong] == []


@pytest.mark.torture
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("trouble", Trouble, ids=lambda trouble: trouble.value)
async def test_wherever_it_is_stopped_a_storm_is_one_message_and_its_hits_are_told_by_one_digest(
    tmp_path: Path, nursery: Nursery, trouble: Trouble
) -> None:
    runs = await told_at(tmp_path, nursery, tell_storm, trouble, every_place)
    assert sum(run.was_killed for run in runs) >= 30
    assert [(run.points[-1:], run.wrong) for run in runs if run.wrong] == []
