"""Stopped dead at every place on its way to a message of Discord, the bot loses nothing and repeats nothing."""

from __future__ import annotations

import asyncio
import functools
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import TypeVar

import pytest

from tests.e2e import digest_sweep, log_sweep
from tests.e2e.digest_sweep import Falls, tell_digest, tell_storm
from tests.e2e.log_sweep import LONG, SHORT, Step, tell
from tests.e2e.nursery import Nursery
from tests.e2e.sweep import Place, Stop, Told, Trouble, Verdict, names_in_the_source, sweep_point

Run = TypeVar("Run", Verdict, Told)

AT_ONCE = 4
MARGIN = 4
"""Places tried beyond those of the traced run: a restart or a retry passes some more."""


async def stopped_at(stops: Iterable[Stop], run: Callable[[Path, Stop], Awaitable[Run]], folder: Path) -> list[Run]:
    """Carry out a run with each of these stops, a few at a time; one that never came to its place stops at the first.

    How often a place is passed depends on what the bot does at the same time.
    """
    room = asyncio.Semaphore(AT_ONCE)

    async def one(number: int, stop: Stop) -> Run:
        async with room:
            done = await run(folder / str(number), stop)
            if not done.was_killed and isinstance(stop, Place) and stop.times > 1:
                done = await run(folder / f"{number}-again", Place(stop.name, 1))
            return done

    return await asyncio.gather(*(one(number, stop) for number, stop in enumerate(stops, 1)))


def each_once(points: Sequence[str], trouble: Trouble) -> list[Place]:
    """Return each place that was passed once: as it is passed for the first time, the last, or one between."""
    return [
        Place(name, {Trouble.NONE: times, Trouble.AMBIGUOUS: 1, Trouble.WINDOW_PASSED: (times + 1) // 2}[trouble])
        for name, times in Counter(points).items()
    ]


def every_pass(points: Sequence[str]) -> range:
    """Return every pass of every place."""
    return range(1, len(points) + MARGIN)


def never_stopped_at(names: AbstractSet[str], runs: Iterable[Verdict | Told]) -> set[str]:
    """Return those of some places where none of these runs was killed."""
    return set(names) - {run.points[-1] for run in runs if run.was_killed}


@pytest.mark.timeout(280)
@pytest.mark.parametrize("trouble", Trouble, ids=lambda trouble: trouble.value)
async def test_nothing_is_lost_and_nothing_comes_twice(tmp_path: Path, nursery: Nursery, trouble: Trouble) -> None:
    traced = await sweep_point(tmp_path / "trace", nursery, 0, trouble)
    run = functools.partial(_sweep, nursery, trouble)
    verdicts = await stopped_at(each_once(traced.points, trouble), run, tmp_path)
    assert never_stopped_at(set(traced.points), verdicts) == set()
    assert [(v.points[-1:], v.lost, v.twice) for v in [traced, *verdicts] if v.lost or v.twice] == []


@pytest.mark.torture
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("trouble", Trouble, ids=lambda trouble: trouble.value)
async def test_at_whichever_pass_of_a_place_it_is_stopped_nothing_is_lost_and_nothing_comes_twice(
    tmp_path: Path, nursery: Nursery, trouble: Trouble
) -> None:
    traced = await sweep_point(tmp_path / "trace", nursery, 0, trouble)
    verdicts = await stopped_at(every_pass(traced.points), functools.partial(_sweep, nursery, trouble), tmp_path)
    assert sum(verdict.was_killed for verdict in verdicts) >= 50
    assert [(v.points[-1:], v.lost, v.twice) for v in verdicts if v.lost or v.twice] == []


async def _sweep(nursery: Nursery, trouble: Trouble, folder: Path, stop_at: Stop) -> Verdict:
    return await sweep_point(folder, nursery, stop_at, trouble)


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


async def _log(nursery: Nursery, steps: Sequence[Step], trouble: Trouble, folder: Path, stop_at: Stop) -> Told:
    return await tell(folder, nursery, steps, stop_at, trouble)


@pytest.mark.timeout(280)
async def test_what_people_log_is_stored_once_and_its_card_stands_once(tmp_path: Path, nursery: Nursery) -> None:
    traced = await tell(tmp_path / "trace", nursery, SHORT, 0)
    begun = {*traced.points[traced.points.index("form.opened: before commit") + 1 :]}
    places = [place for place in each_once(traced.points, Trouble.NONE) if place.name in begun]
    runs = await stopped_at(places, functools.partial(_log, nursery, SHORT, Trouble.NONE), tmp_path)
    assert len(begun) >= 20
    assert never_stopped_at(begun, runs) == set()
    assert [(run.points[-1:], run.wrong) for run in [traced, *runs] if run.wrong] == []


@pytest.mark.torture
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("trouble", Trouble, ids=lambda trouble: trouble.value)
async def test_whatever_people_log_is_stored_once_and_its_card_stands_once(
    tmp_path: Path, nursery: Nursery, trouble: Trouble
) -> None:
    traced = await tell(tmp_path / "trace", nursery, LONG, 0, trouble)
    runs = await stopped_at(every_pass(traced.points), functools.partial(_log, nursery, LONG, trouble), tmp_path)
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


async def _digest(nursery: Nursery, trouble: Trouble, falls: Falls, folder: Path, stop_at: Stop) -> Told:
    return await tell_digest(folder, nursery, stop_at, trouble, falls=falls)


async def _storm(nursery: Nursery, trouble: Trouble, folder: Path, stop_at: Stop) -> Told:
    return await tell_storm(folder, nursery, stop_at, trouble)


@pytest.mark.timeout(280)
async def test_a_digest_of_several_messages_is_told_once_and_in_order(tmp_path: Path, nursery: Nursery) -> None:
    run = functools.partial(_digest, nursery, Trouble.WINDOW_PASSED, Falls.DOWN)
    traced = await run(tmp_path / "trace", 0)
    points = [point for point in traced.points if point in DIGEST_NAMES]
    # Between two messages and at the last.
    places = {*each_once(points, Trouble.WINDOW_PASSED), *each_once(points, Trouble.NONE)}
    runs = await stopped_at(sorted(places), run, tmp_path)
    assert len(places) >= 12
    assert never_stopped_at(set(points), runs) == set()
    assert [(run.points[-1:], run.wrong) for run in [traced, *runs] if run.wrong] == []


@pytest.mark.timeout(280)
async def test_a_storm_is_one_message_and_its_hits_are_told_by_one_digest(tmp_path: Path, nursery: Nursery) -> None:
    run = functools.partial(_storm, nursery, Trouble.NONE)
    traced = await run(tmp_path / "trace", 0)
    names = STORM_NAMES.intersection(traced.points)
    runs = await stopped_at([Place(name, 1) for name in sorted(names)], run, tmp_path)
    assert len(names) >= 12
    assert never_stopped_at(names, runs) == set()
    assert [(run.points[-1:], run.wrong) for run in [traced, *runs] if run.wrong] == []


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
    launcher = "tests.e2e.naive"
    traced = await tell_digest(tmp_path / "trace", nursery, 0, Trouble.NONE, launcher=launcher)
    places = [place for place, point in enumerate(traced.points, 1) if point == "discord.send: after"]
    runs = [
        tell_digest(tmp_path / str(place), nursery, place, Trouble.NONE, launcher=launcher)
        for place in places[:AT_ONCE]
    ]
    assert any("stands 2 times" in wrong for run in await asyncio.gather(*runs) for wrong in run.wrong)


@pytest.mark.torture
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("falls", Falls, ids=lambda falls: falls.value)
@pytest.mark.parametrize("trouble", Trouble, ids=lambda trouble: trouble.value)
async def test_whenever_a_digest_falls_due_it_is_told_once_and_in_order(
    tmp_path: Path, nursery: Nursery, trouble: Trouble, falls: Falls
) -> None:
    run = functools.partial(_digest, nursery, trouble, falls)
    traced = await run(tmp_path / "trace", 0)
    runs = [traced, *await stopped_at(every_pass(traced.points), run, tmp_path)]
    assert sum(run.was_killed for run in runs) >= 25
    assert [(run.points[-1:], run.wrong) for run in runs if run.wrong] == []


@pytest.mark.torture
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("trouble", Trouble, ids=lambda trouble: trouble.value)
async def test_wherever_it_is_stopped_a_storm_is_one_message_and_its_hits_are_told_by_one_digest(
    tmp_path: Path, nursery: Nursery, trouble: Trouble
) -> None:
    run = functools.partial(_storm, nursery, trouble)
    traced = await run(tmp_path / "trace", 0)
    runs = [traced, *await stopped_at(every_pass(traced.points), run, tmp_path)]
    assert sum(run.was_killed for run in runs) >= 30
    assert [(run.points[-1:], run.wrong) for run in runs if run.wrong] == []
