from __future__ import annotations

from datetime import timedelta

import pytest

from bot.models import SourceState
from bot.pipeline.health import ERROR_CHARS, HealthEvent, Lost, Tally, after_failure, after_success, too_much_lost
from bot.storage.reading.polls import UsualLosses
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


USUALLY_20_OF_1000 = UsualLosses(losses=600, read=30_000, polls=30)


@pytest.mark.parametrize(
    ("losses", "read", "lost"),
    [
        (60, 1_000, None),
        (61, 1_000, Lost(61, 1_000, 20)),
        (30, 400, Lost(30, 400, 8)),
        (9, 10, None),
        (10, 10, Lost(10, 10, 0)),
    ],
)
def test_a_poll_that_loses_more_than_three_times_as_much_as_usual_is_degraded_unless_that_is_little(
    losses: int, read: int, lost: Lost | None
) -> None:
    assert too_much_lost(losses, read, USUALLY_20_OF_1000) == lost


def test_two_polls_say_nothing_of_what_is_usual() -> None:
    assert too_much_lost(500, 500, UsualLosses(losses=0, read=1_000, polls=2)) is None


def _after(state: SourceState, *, new: int = 1, is_degraded: bool | None, days: float = 0) -> SourceState:
    now = START + timedelta(days=days)
    return after_success(state, Tally(new=new), (), now, quiet_limit=QUIET, is_degraded=is_degraded).state


def test_a_degraded_source_is_so_since_the_first_poll_that_lost_too_much() -> None:
    state = _after(_after(CALM, is_degraded=True), is_degraded=True, days=1)
    assert (state.degraded_since, state.told, state.told_since) == (START, HealthEvent.DEGRADED, START)


def test_an_answer_by_which_nothing_can_be_judged_leaves_it_as_it_was() -> None:
    degraded = _after(CALM, is_degraded=True)
    assert [_after(one, is_degraded=None).degraded_since for one in (CALM, degraded)] == [None, START]


def test_what_is_told_is_the_worst_trouble_that_a_source_has() -> None:
    """Degraded, then silent too, then failing, then answering as it did, then well."""
    state, events = CALM, []
    for outcome in (
        lambda state: after_success(state, Tally(new=1), (), START, quiet_limit=QUIET, is_degraded=True),
        lambda state: after_success(state, Tally(), (), START + 2 * QUIET, quiet_limit=QUIET, is_degraded=True),
        lambda state: after_failure(state, "x", START + 3 * QUIET, quiet_limit=QUIET),
        lambda state: after_failure(state, "x", START + 4 * QUIET, quiet_limit=QUIET),
        lambda state: after_success(state, Tally(new=1), (), START + 4 * QUIET, quiet_limit=QUIET, is_degraded=True),
        lambda state: after_success(state, Tally(new=1), (), START + 4 * QUIET, quiet_limit=QUIET),
    ):
        made = outcome(state)
        state = made.state
        events.append(made.event)
    assert events == [
        HealthEvent.DEGRADED, HealthEvent.SILENT, None, HealthEvent.FAILING, HealthEvent.DEGRADED,
        HealthEvent.RECOVERED,
    ]  # fmt: skip
