"""BOAMP down, slow, truncated or changed: the poll fails whole, people are told once, everything else goes on."""

from __future__ import annotations

import asyncio

import pytest

from bot.loopback.publishers import PublisherFault
from bot.loopback.publishers.boamp_records import fns_notice
from tests.e2e.world import World, in_days, today, words_of

FAULTS = (PublisherFault.CUT, PublisherFault.RENAMED)
"""One of the transport and one of the content; `tests/sources/test_publishers.py` tries all, on every source."""


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.value)
async def test_a_failing_source_is_told_once_and_its_recovery_once(running: World, fault: PublisherFault) -> None:
    running.boamp.records.append(
        fns_notice(idweb="26-2", objet="Caméras-piétons à Orléans", published=today(), deadline=in_days(12))
    )
    running.boamp.fail_next(fault, times=3)
    told, recovered = await running.shown(2, running.operations)
    await running.until_polled()
    assert len(running.posted(running.operations)) == 2
    assert "boamp" in words_of(told).lower()
    assert "boamp" in words_of(recovered).lower()
    assert len(await running.shown(1)) == 1


async def test_the_state_of_a_failing_source_says_what_it_answered(running: World) -> None:
    running.boamp.fail_next(PublisherFault.RENAMED, times=30)
    await running.shown(1, running.operations)
    reply = await running.reporter.slash("source show", running.announcements, source="boamp")
    assert "objet" in reply.text


async def test_commands_are_answered_while_a_source_hangs(running: World) -> None:
    running.boamp.fail_next(PublisherFault.HANG, times=1)
    await running.polls(1)
    reply = await running.reporter.slash("watch list", running.announcements)
    assert "Valmarin" in reply.text


async def test_nothing_of_a_poll_that_breaks_on_its_second_page_is_kept(running: World) -> None:
    records = [
        fns_notice(idweb=f"26-{number}", objet="Caméras-piétons", published=today(), deadline=in_days(12))
        for number in range(1000, 1150)
    ]
    title = records[-1].pop("objet")
    running.boamp.records.extend(records)
    await running.shown(1, running.operations)
    assert [row["source_id"] for row in running.rows("SELECT source_id FROM notice")] == ["26-1"]
    records[-1]["objet"] = title
    await running.shown(2, running.operations)
    assert len(running.rows("SELECT 1 FROM notice")) == 151


async def test_a_source_that_asks_for_a_pause_is_left_alone(running: World) -> None:
    running.boamp.fail_next(PublisherFault.TOO_MANY, times=1, retry_after="600")
    await running.polls(1)
    asked = len(running.boamp.requests)
    await asyncio.sleep(2.5)  # two periods in which nothing may happen
    assert len(running.boamp.requests) == asked
