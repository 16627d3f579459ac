"""A digest that is made while a poll is under way: what that poll may still make a storm of waits for the next one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from typing import Any

import pytest

from bot.access import Viewer
from bot.composing.digest import part_of
from bot.digest import Digester, schedule
from bot.models import Digest, DigestHit, Every, Held, Priority
from bot.pipeline.intake import Intake, Prepared
from bot.storage.outbox import announcements
from tests.factories import CHANNEL, FLOOR, GUILD, add_item, make_item, make_notice
from tests.pipeline.fates import faults
from tests.pipeline.wire import Wire

EDITOR = Viewer(guild_id=GUILD, user_id=9, sees_all=True)
COUNT = 60
"""Hits that take a poll several batches."""
WAITS = "police municipale"
"""What an item of the same newsroom watches for the digest alone; every notice speaks of it."""


async def scheduled(wire: Wire) -> tuple[Digester, Digest]:
    """Schedule a digest of the usual channel, and let a poll find something for it before."""
    now = wire.clock.now()
    digest = await schedule(wire.database, EDITOR, CHANNEL, Every.DAILY, time(8, 30), None, FLOOR, now)
    await add_item(wire.database, make_item(WAITS, priority=Priority.DIGEST))
    await wire.poll([make_notice("26-901")])
    return Digester(wire.database, wire.clock, {}, lambda: None), digest


async def told(wire: Wire) -> list[list[DigestHit]]:
    """Return the hits that each digest so far tells, in order."""
    digests: dict[str, list[DigestHit]] = {}
    async with wire.database.read() as connection:
        rows = await connection.all("SELECT id, subject FROM announcement WHERE kind = 'digest' ORDER BY id")
        for row in rows:
            part = await part_of(connection, await announcements.get(connection, GUILD, row["id"]))
            digests.setdefault(row["subject"].rpartition(":")[0], []).extend(part.hits)
    return list(digests.values())


def names(hits: Sequence[DigestHit]) -> list[str]:
    return sorted(hit.source_id for hit in hits)


def made_between_batches(monkeypatch: pytest.MonkeyPatch, digester: Digester, digest: Digest) -> None:
    """Have a digest made before a poll prepares its second batch: it has stored the first."""
    preparing = Intake.prepare
    batches = iter(range(1, COUNT))

    async def prepare(intake: Intake, entries: Sequence[Any]) -> Prepared:
        if next(batches) == 2:
            await digester.make_now(GUILD, digest.id, 7, 1)
        return await preparing(intake, entries)

    monkeypatch.setattr(Intake, "prepare", prepare)


@pytest.mark.parametrize(
    ("storm", "held"),
    [(1, Held.STORM), (COUNT - 1, Held.STORM), (COUNT, None)],
    ids=["in the first batch", "in the last", "no storm"],
)
async def test_what_a_poll_under_way_finds_is_told_once_by_the_digest_after_it_ended(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, storm: int, held: Held | None
) -> None:
    digester, digest = await scheduled(wire)
    found = [f"26-{number}" for number in range(1, COUNT + 1)]
    await wire.brake(storm)
    made_between_batches(monkeypatch, digester, digest)
    await wire.poll([make_notice(name) for name in found])
    for asked in (2, 3):
        await digester.make_now(GUILD, digest.id, 7, asked)
    first, second, third = await told(wire)
    assert names(first) == ["26-901"] * 2
    assert [names([hit for hit in second if (hit.item == WAITS) is waits]) for waits in (True, False)] == [
        sorted(found)
    ] * 2
    assert {hit.held for hit in second if hit.item != WAITS} == {held}
    assert third == []
    assert await faults(wire.database) == []
