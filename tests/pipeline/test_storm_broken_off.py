"""A poll that is broken off while it stores: what it owed is let go, and nothing is lost, repeated or kept back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import SourceError
from bot.models import Held, Notice
from bot.pipeline.intake import Intake, Prepared
from bot.storage.outbox import sending
from tests.factories import START, make_notice, place_of
from tests.pipeline.fates import fates, faults, kept_back
from tests.pipeline.wire import Kill, Wire, kill_at

pytestmark = pytest.mark.usefixtures("_whole_batches")

BATCH = 5
COUNT = 22
"""Notices of five batches."""
STORM = 12
"""Passed in the third batch."""
PLACES = range(1, 2 * -(-COUNT // BATCH) + 1)
"""Before and after the commit of each batch."""


@pytest.fixture
async def small(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> Wire:
    """Hold a pipeline past its silent first poll that writes small batches."""
    monkeypatch.setattr("bot.pipeline.poll.BATCH", BATCH)
    await wire.brake(STORM)
    return wire


def some(count: int = COUNT, first: int = 1, **said: Any) -> list[Notice]:
    return [make_notice(f"26-{number}", **said) for number in range(first, first + count)]


async def broken_off(wire: Wire, monkeypatch: pytest.MonkeyPatch, number: int, found: Sequence[Notice]) -> None:
    """Poll, and stop dead at the k-th place."""
    with monkeypatch.context() as patch:
        kill_at(patch, number)
        with pytest.raises(Kill):
            await wire.poll(found)


async def waiting(wire: Wire) -> int:
    """Return how many channels the delivery would serve."""
    async with wire.database.read() as connection:
        return len(await sending.waiting(connection, START))


@pytest.mark.parametrize("is_resumed", [True, False])
@pytest.mark.parametrize("number", PLACES)
async def test_every_hit_is_in_one_message_or_one_storm_wherever_the_poll_was_stopped(
    small: Wire, monkeypatch: pytest.MonkeyPatch, number: int, *, is_resumed: bool
) -> None:
    await broken_off(small, monkeypatch, number, some())
    is_over = number == PLACES[-1]
    assert (await waiting(small), await faults(small.database)) == (int(is_over), [])
    if is_resumed:
        await small.pipeline.resume()
        assert await kept_back(small.database) == 0
    await small.poll(some())
    assert (await faults(small.database), await kept_back(small.database)) == ([], 0)
    assert sorted(fate.notice for fate in await fates(small.database)) == sorted(f"26-{n}" for n in range(1, COUNT + 1))


@pytest.mark.parametrize("number", PLACES)
async def test_a_storm_of_changes_that_was_stopped_anywhere_is_told_once(
    small: Wire, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    await small.brake(COUNT)
    await small.poll(some())
    await small.send_all()
    await small.brake(STORM)
    await broken_off(small, monkeypatch, number, some(buyer="Métropole"))
    await small.pipeline.resume()
    await small.poll(some(buyer="Métropole"))
    assert (await faults(small.database), await kept_back(small.database)) == ([], 0)
    again = [fate for fate in await fates(small.database) if fate.revision == 2]
    assert len(again) == COUNT
    assert [row.due_revision for row in await small.owed() if row.revision == 1 and row.sent_at] == [2] * COUNT


async def test_a_poll_that_is_repeated_makes_no_second_storm_of_the_same_hits(
    small: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    await broken_off(small, monkeypatch, 2 * 4, some())
    await small.pipeline.resume()
    await small.poll(some())
    assert await small.kinds() == ["storm", "notice", "notice"]


async def test_what_a_broken_poll_left_is_no_part_of_the_next_ones_storm(
    small: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    await broken_off(small, monkeypatch, 2 * 2, some(10))
    await small.poll(some())
    assert await small.kinds() == ["notice"] * COUNT


async def test_a_failing_poll_lets_go_what_the_one_before_left(small: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    await broken_off(small, monkeypatch, 2 * 2, some())
    await small.poll(SourceError("status 500"))
    assert (await kept_back(small.database), await small.kinds()) == (0, ["notice"] * 10)


async def test_a_poll_that_fails_while_it_stores_is_let_go_when_it_is_counted(
    small: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("bot.pipeline.poll.after_success", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            await small.poll(some())
    before = (await kept_back(small.database), await waiting(small))
    await small.pipeline.note_failure(small.source, SourceError("error of ours"), small.clock.now())
    assert (before, await kept_back(small.database), await waiting(small)) == ((1, 0), 0, 1)
    await small.poll(some())
    assert (await faults(small.database), len(await fates(small.database))) == ([], COUNT)


async def test_a_poll_that_was_taken_for_broken_goes_on_with_the_storm_that_it_had(
    small: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    preparing = Intake.prepare
    batches = 0

    async def give_up(intake: Intake, entries: Sequence[Any]) -> Prepared:
        nonlocal batches
        batches += 1
        if batches == 4:
            await small.brake(1)
            await small.pipeline.note_failure(small.source, SourceError("error of ours"), small.clock.now())
        return await preparing(intake, entries)

    monkeypatch.setattr(Intake, "prepare", give_up)
    await small.poll(some())
    assert (await small.kinds(), await faults(small.database)) == (["storm"], [])
    assert {fate.held for fate in await fates(small.database)} == {Held.STORM}


async def test_the_report_of_a_repeated_poll_counts_what_that_poll_owes(
    small: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    await broken_off(small, monkeypatch, 2 * 2, some())
    report = await small.poll(some())
    assert (report.owed, await small.kinds()) == (COUNT - 10, ["notice"] * COUNT)


async def test_what_waits_for_the_end_of_a_poll_keeps_its_turn(small: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    await broken_off(small, monkeypatch, 2 * 2, some())
    small.clock.advance(timedelta(days=1))
    await small.pipeline.resume()
    async with small.database.read() as connection:
        due = await sending.next_due(connection, place_of(), small.clock.now())
    assert due is not None
    assert due.subject == "gazette:26-1"
