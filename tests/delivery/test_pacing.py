"""The pace of what is asked of Discord: never more than its limits in any stretch, in order, and nothing lost."""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.pacing import REQUESTS, ROWS, Limits, Pace, Pacer


class Seconds:
    """A clock that sleeping moves, and nothing else."""

    def __init__(self) -> None:
        self.at = 100.0

    def now(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)
        self.at += seconds


def most_within(taken: Sequence[float], seconds: float) -> int:
    """Return how many of these moments lie at most in a stretch of so many seconds, its end left out."""
    # Moments are sums of parts of seconds: what lies a billionth apart is one moment.
    return max(bisect_left(taken, start + seconds - 1e-9) - place for place, start in enumerate(taken))


@given(
    pauses=st.lists(st.floats(0, 0.3), min_size=1, max_size=80),
    limits=st.sampled_from([REQUESTS, ROWS, ((3, 1.0), (2, 0.25))]),
)
def test_no_stretch_holds_more_than_its_limit_however_they_come(pauses: list[float], limits: Limits) -> None:
    pace, now, taken = Pace(limits), 0.0, []
    for pause in pauses:
        now += pause
        while (left := pace.wait(now)) > 0:
            now += left
        pace.take(now)
        taken.append(now)
    assert all(most_within(taken, seconds) <= number for number, seconds in limits)


def test_what_is_within_the_limit_goes_at_once() -> None:
    pace = Pace(((3, 1.0),))
    for _ in range(3):
        assert pace.wait(5.0) == 0
        pace.take(5.0)
    assert pace.wait(5.0) == pytest.approx(1.0)
    assert pace.wait(6.0) == 0


async def test_those_who_wait_go_in_the_order_in_which_they_asked() -> None:
    seconds, went = Seconds(), list[int]()
    pacer = Pacer(((2, 1.0),), now=seconds.now, sleep=seconds.sleep)

    async def go(number: int) -> None:
        await pacer.turn()
        went.append(number)

    await asyncio.gather(*map(go, range(9)))
    assert went == [*range(9)]
    assert seconds.at == pytest.approx(104)


async def test_one_that_is_cancelled_while_it_waits_takes_nothing_and_lets_the_next_go() -> None:
    seconds = Seconds()
    is_asleep, wakes = asyncio.Event(), asyncio.Event()

    async def sleep(left: float) -> None:
        is_asleep.set()
        await wakes.wait()
        await seconds.sleep(left)

    pacer = Pacer(((1, 1.0),), now=seconds.now, sleep=sleep)
    await pacer.turn()
    waiting, next_one = asyncio.create_task(pacer.turn()), asyncio.create_task(pacer.turn())
    await is_asleep.wait()
    waiting.cancel()
    wakes.set()
    assert await next_one == pytest.approx(101)
    assert waiting.cancelled()


async def test_a_turn_that_is_given_back_is_somebody_elses() -> None:
    seconds = Seconds()
    pacer = Pacer(((1, 1.0),), now=seconds.now, sleep=seconds.sleep)
    pacer.give_back(await pacer.turn())
    await pacer.turn()
    assert seconds.at == 100


def test_rows_leave_room_for_what_commands_ask_and_all_of_it_for_what_arrives_late() -> None:
    (rows, of_rows), (requests, of_requests) = ROWS[0], REQUESTS[0]
    assert of_rows == of_requests == 1
    assert rows < requests < 50
