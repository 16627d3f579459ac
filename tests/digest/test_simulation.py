"""Two years of digests in three zones, with all that can go wrong with time; and careless digesters fail the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.models import QuietDays
from tests.digest.years_plan import make_plan
from tests.digest.years_world import years

ZONES = [
    ("Europe/Paris", "Indian/Reunion", QuietDays.SAY),
    ("America/New_York", "Pacific/Honolulu", QuietDays.SAY),
    ("Asia/Kathmandu", "Pacific/Auckland", QuietDays.SILENT),
]


@pytest.mark.parametrize(("zone", "other_zone", "quiet_days"), ZONES)
async def test_in_two_years_no_digest_is_missed_or_doubled_and_each_hit_is_in_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zone: str, other_zone: str, quiet_days: QuietDays
) -> None:
    plan = make_plan(zone, other_zone, seed=1)
    async with years(tmp_path, monkeypatch, plan, quiet_days) as lived:
        checker = await lived.live()
    assert checker.faults == []
