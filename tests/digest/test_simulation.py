"""Two years of digests in three zones, with all that can go wrong with time; and careless digesters fail the same."""

from __future__ import annotations

import logging
import re
from collections import Counter
from datetime import time
from pathlib import Path

import pytest

from bot.digest import Digester
from bot.models import Every, Held, QuietDays
from tests.digest.years_checker import Checker, HitCame, Rang
from tests.digest.years_naive import EachMissed, FromMemory, tell_the_last_day
from tests.digest.years_plan import (
    BEGIN,
    CYCLE,
    DAY,
    FIRST,
    HOUR,
    LEFT_OUT,
    MORNING,
    Discord,
    KillInSend,
    Notices,
    Plan,
    make_plan,
)
from tests.digest.years_world import Years, years

ZONES = (
    ("Europe/Paris", "Indian/Reunion", QuietDays.SAY),
    ("America/New_York", "Pacific/Honolulu", QuietDays.SAY),
    ("Asia/Kathmandu", "Pacific/Auckland", QuietDays.SILENT),
)
PARIS = ZONES[0]
SEED = 1
TWENTY_YEARS = 20 * 366


@pytest.fixture(autouse=True)
def _only_errors(caplog: pytest.LogCaptureFixture) -> None:
    """Log errors of ours, but not the thousands of warnings of late digests and messages put off."""
    caplog.set_level(logging.ERROR)


async def _live(
    folder: Path, patch: pytest.MonkeyPatch, zone: tuple[str, str, QuietDays], days: int, seed: int = SEED
) -> Checker:
    name, other, quiet_days = zone
    async with years(folder, patch, make_plan(name, other, seed, days), quiet_days) as lived:
        checker = await lived.live()
        _holds_all(lived, checker)
    return checker


def _holds_all(lived: Years, checker: Checker) -> None:
    """Make sure that the years held what they are to hold: changes of the clocks, delays, clocks far off, and hits."""
    rings = [entry for entry in lived.journal if isinstance(entry, Rang)]
    made = {every: set(days) for (_, every, at), days in checker.days.items() if at == time(2, 30)}[Every.DAILY]
    zone_changes = [change.date() for change in lived.plan.changes]
    assert {day for day in zone_changes if day > min(made)} <= made
    assert any(ring.now.year == 1970 for ring in rings)
    assert {ring.off.days for ring in rings} >= {3, 365}
    assert any(not ring.is_open for ring in rings)
    hits = Counter(entry.held for entry in lived.journal if isinstance(entry, HitCame))
    assert hits.keys() == {None, *Held} - LEFT_OUT
    assert sum(map(len, checker.days.values())) > lived.plan.days


@pytest.mark.parametrize(
    "zone",
    [ZONES[0], *(pytest.param(zone, marks=pytest.mark.torture) for zone in ZONES[1:])],
    ids=lambda zone: zone[0],
)
async def test_in_two_years_no_digest_is_missed_or_doubled_and_each_hit_is_in_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, zone: tuple[str, str, QuietDays]
) -> None:
    checker = await _live(tmp_path, monkeypatch, zone, CYCLE)
    assert (checker.faults, caplog.messages) == ([], []), f"seed {SEED}"


@pytest.mark.torture
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("seed", range(2, 5))
@pytest.mark.parametrize("zone", ZONES, ids=lambda zone: zone[0])
async def test_in_twenty_years_no_digest_is_missed_or_doubled_and_each_hit_is_in_one(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    zone: tuple[str, str, QuietDays],
    seed: int,
) -> None:
    checker = await _live(tmp_path, monkeypatch, zone, TWENTY_YEARS, seed)
    assert (checker.faults, caplog.messages) == ([], []), f"seed {seed}"


async def test_a_digest_that_discord_took_just_before_an_outage_is_the_only_one_of_its_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = (
        (BEGIN, MORNING),
        (BEGIN + DAY, Notices(items=(1,), held=None)),
        (BEGIN + DAY, KillInSend(is_taken=True)),
        (BEGIN + DAY, Discord(is_up=False)),
        (BEGIN + DAY + 12 * HOUR, Discord(is_up=True)),
    )
    plan = Plan("Asia/Kathmandu", SEED, 3, events, ())
    async with years(tmp_path, monkeypatch, plan, QuietDays.SILENT) as lived:
        checker = await lived.live()
    rings = [entry for entry in lived.journal if isinstance(entry, Rang)]
    assert [ring.is_open for ring in rings if ring.posts] == [False]
    assert (checker.faults, len(lived.discord.in_channel(FIRST))) == ([], 1)


FEW_DAYS = 60


async def _faults_of(folder: Path, patch: pytest.MonkeyPatch, kind: type[Digester]) -> list[str]:
    """Return what is wrong in the first weeks of a careless digester."""
    async with years(folder, patch, make_plan(*PARIS[:2], SEED, FEW_DAYS), kind=kind) as lived:
        return (await lived.live()).faults


async def test_the_weeks_in_which_careless_digesters_fail_are_well_with_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await _faults_of(tmp_path, monkeypatch, Digester) == []


async def test_a_digester_that_keeps_its_next_run_in_memory_misses_some(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = await _faults_of(tmp_path, monkeypatch, FromMemory)
    assert any(fault.endswith("is missing") for fault in faults)


async def test_a_digester_that_makes_up_for_each_day_doubles_some(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = await _faults_of(tmp_path, monkeypatch, EachMissed)
    assert any("that nothing called for" in fault for fault in faults)


async def test_a_digester_that_tells_of_the_last_day_loses_hits_and_tells_some_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with years(tmp_path, monkeypatch, make_plan(*PARIS[:2], SEED, FEW_DAYS)) as lived:
        tell_the_last_day(monkeypatch, lived.clock)
        faults = (await lived.live()).faults
    assert any(re.search(r"lacks \{'", fault) for fault in faults)
    assert any(re.search(r"should not tell \{'", fault) for fault in faults)
