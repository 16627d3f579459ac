from __future__ import annotations

from datetime import timedelta

import pytest

from bot.models import SourceState
from bot.pipeline.health import ERROR_CHARS, HealthEvent, Tally, after_failure, after_success
from tests.factories import START

QUIET = timedelta(days=2)
HOUR = timedelta(hours=1)
CALM = SourceState(source="gazette", baseline_at=START, succeeded_at=START, new_at=START)


def _failed(state: SourceState, times: int) -> list[HealthEvent | None]:
    events = []
    for number in range(1, times + 1):
        outcome = after_failure(state, "x", START + number * HOUR, quiet_limit=QUIET)
        state = outcome.state
        events.append(outcome.event)
    return events


def test_the_third_failure_in_a_row_is_told_once() -> None:
    assert _failed(CALM, 5) == [None, None, HealthEvent.FAILING, None, None]


def test_a_first_failure_past_the_usual_silence_is_told() -> None:
    outcome = after_failure(CALM, "x", START + 3 * QUIET, quiet_limit=QUIET)
    assert outcome.event is HealthEvent.FAILING


def test_a_source_that_never_answered_is_told_after_three_failures() -> None:
    assert _failed(SourceState(source="gazette"), 3)[-1] is HealthEvent.FAILING


def test_trouble_began_with_the_first_failure() -> None:
    state = after_failure(CALM, "x", START + HOUR, quiet_limit=QUIET).state
    assert after_failure(state, "x", START + 2 * HOUR, quiet_limit=QUIET).state.failing_since == START + HOUR


def test_a_long_error_is_cut() -> None:
    assert after_failure(CALM, "x" * 9_999, START, quiet_limit=QUIET).state.error == "x" * ERROR_CHARS


def test_a_pause_outlives_a_failure_that_asks_for_none() -> None:
    state = after_failure(CALM, "x", START, quiet_limit=QUIET, pause=HOUR).state
    assert after_failure(state, "x", START, quiet_limit=QUIET).state.not_before == START + HOUR


def test_a_success_clears_the_failure() -> None:
    state = after_failure(CALM, "x", START, quiet_limit=QUIET, pause=HOUR).state
    healthy = after_success(state, Tally(new=1), (), START, quiet_limit=QUIET).state
    assert (healthy.failures, healthy.failing_since, healthy.error, healthy.not_before) == (0, None, None, None)


def test_the_silent_first_poll_is_noted_once() -> None:
    state = after_success(SourceState(source="gazette"), Tally(), (), START, quiet_limit=QUIET).state
    later = after_success(state, Tally(), (), START + HOUR, quiet_limit=QUIET).state
    assert later.baseline_at == START


@pytest.mark.parametrize(
    ("told", "new", "event"),
    [
        (None, 0, HealthEvent.SILENT),
        (HealthEvent.SILENT, 0, None),
        (HealthEvent.FAILING, 0, HealthEvent.SILENT),
        (None, 1, None),
        (HealthEvent.SILENT, 1, HealthEvent.RECOVERED),
        (HealthEvent.FAILING, 1, HealthEvent.RECOVERED),
    ],
)
def test_an_answer_after_a_long_silence_is_told_as_what_it_is(
    told: HealthEvent | None, new: int, event: HealthEvent | None
) -> None:
    state = SourceState(source="gazette", new_at=START, told=told, told_since=START if told else None)
    outcome = after_success(state, Tally(new=new), (), START + 2 * QUIET, quiet_limit=QUIET)
    assert outcome.event is event


def test_losses_add_up() -> None:
    state = after_success(CALM, Tally(losses=2), (), START, quiet_limit=QUIET).state
    assert after_success(state, Tally(losses=3), (), START, quiet_limit=QUIET).state.losses_total == 5
