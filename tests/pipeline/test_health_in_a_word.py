from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.models import SourceState
from bot.pipeline.health import Health, health_of

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("changes", "health"),
    [
        ({}, Health.WAITING),
        ({"succeeded_at": NOW - HOUR, "new_at": NOW - HOUR}, Health.WELL),
        ({"succeeded_at": NOW - HOUR, "new_at": NOW - 8 * DAY}, Health.SILENT),
        ({"succeeded_at": NOW - HOUR, "new_at": NOW - 7 * DAY}, Health.WELL),
        ({"succeeded_at": NOW - HOUR, "new_at": NOW, "degraded_since": NOW}, Health.DEGRADED),
        ({"succeeded_at": NOW - HOUR, "new_at": NOW - 8 * DAY, "degraded_since": NOW}, Health.SILENT),
        ({"succeeded_at": NOW - DAY, "failures": 1, "failing_since": NOW, "error": "404"}, Health.FAILING),
        ({"succeeded_at": NOW - HOUR, "not_before": NOW + HOUR}, Health.PAUSED),
        ({"succeeded_at": NOW - HOUR, "new_at": NOW, "not_before": NOW - HOUR}, Health.WELL),
        ({"failures": 3, "failing_since": NOW, "error": "x", "not_before": NOW + HOUR}, Health.FAILING),
    ],
)
def test_the_trouble_that_matters_most_is_told(changes: dict[str, Any], health: Health) -> None:
    state = SourceState(source="boamp", **changes)
    assert health_of(state, quiet_limit=7 * DAY, is_enabled=True, now=NOW) is health


def test_a_source_that_is_not_enabled_has_no_other_trouble() -> None:
    state = SourceState(source="boamp", failures=3, failing_since=NOW, error="x")
    assert health_of(state, quiet_limit=7 * DAY, is_enabled=False, now=NOW) is Health.DISABLED
