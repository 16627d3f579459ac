from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.models import Digest, Held, QuietDays
from tests.digest.world import Desk, shown
from tests.factories import START

MORNING = datetime(2026, 11, 17, 7, 30, tzinfo=UTC)


async def silent(desk: Desk) -> Digest:
    """Schedule a digest whose newsroom wants no word of quiet days, and let its next slot come."""
    await desk.settings(quiet_days=QuietDays.SILENT)
    digest = await desk.schedule()
    desk.clock.moment = MORNING
    return digest


async def test_a_quiet_day_is_said_in_one_line(desk: Desk) -> None:
    digest = await desk.schedule()
    await desk.make(digest)
    await desk.make(digest)
    first, second = [shown(card) for card in await desk.cards()]
    assert "Premier résumé : rien de nouveau" in first
    assert "Rien de nouveau depuis" in second


async def test_a_silent_day_settles_its_slot_with_no_message(desk: Desk) -> None:
    await silent(desk)
    assert await desk.digester.make_due() == 1
    assert await desk.slots() == [("2026-11-17", 0)]
    assert await desk.rows() == []
    assert await desk.digester.make_due() == 0


async def test_the_digest_after_a_silent_day_tells_what_came_since(desk: Desk) -> None:
    digest = await silent(desk)
    await desk.digester.make_due()
    assert (await desk.now(digest)).told_at == MORNING
    await desk.hit(await desk.item(), 1)
    desk.clock.advance(timedelta(days=1))
    await desk.digester.make_due()
    assert await desk.slots() == [("2026-11-17", 0), ("2026-11-18", 1)]


async def test_hits_end_a_silent_day(desk: Desk) -> None:
    digest = await silent(desk)
    await desk.hit(await desk.item(), 1)
    assert len(await desk.make(digest)) == 1


async def test_facts_end_a_silent_day(desk: Desk) -> None:
    digest = await silent(desk)
    await desk.fact()
    assert len(await desk.make(digest)) == 1


async def test_a_near_deadline_alone_ends_a_silent_day(desk: Desk) -> None:
    digest = await silent(desk)
    await desk.hit(await desk.item(), 1, held=Held.BASELINE, deadline=(START + timedelta(days=3)).date())
    assert len(await desk.make(digest)) == 1


async def test_a_tip_without_an_owner_alone_ends_a_silent_day(desk: Desk) -> None:
    digest = await silent(desk)
    await desk.tip()
    assert len(await desk.make(digest)) == 1


@pytest.mark.parametrize("held", [Held.MUTED, Held.BASELINE])
async def test_what_nobody_was_to_hear_of_leaves_a_day_silent(desk: Desk, held: Held) -> None:
    digest = await silent(desk)
    await desk.hit(await desk.item(), 1, held=held)
    await desk.tip(is_sensitive=True)
    assert await desk.make(digest) == []
