"""A source that loses far more than usual: told once, like any other trouble."""

from __future__ import annotations

import pytest

from bot.sources import Loss, Parsed, Payload
from bot.storage.reading import polls
from bot.storage.reading.polls import KEPT, Usual
from tests.factories import OPERATIONS, START, PagesSource, make_notice, place_of
from tests.pipeline.wire import Wire

USUAL, FAR_MORE = 2, 20


class LossySource(PagesSource):
    """Read pages of 40 notices, the first of which lost their buyer."""

    lost = 0

    def parse(self, payload: bytes, *, lenient: bool = False) -> Parsed:
        parsed = super().parse(payload, lenient=lenient)
        losses = tuple(Loss(notice.id, "buyer", "missing") for notice in parsed.notices[: self.lost])
        return Parsed(parsed.notices, losses, revision_hashes=parsed.revision_hashes)


class Desk:
    """Poll a lossy source every half hour; each poll brings one new notice."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.source = LossySource()
        self.number = 0

    async def poll(self, lost: int, times: int = 1, read: int = 40) -> None:
        for _ in range(times):
            self.number += 1
            found = [make_notice(f"25-{place}", title="x") for place in range(read - 1)]
            self.source.lost, self.source.pages = lost, ([*found, make_notice(f"27-{self.number}", title="x")],)
            await self.wire.poll(source=self.source)


@pytest.fixture
async def desk(fresh: Wire) -> Desk:
    desk = Desk(fresh)
    await desk.poll(USUAL, times=5)
    return desk


async def test_a_source_that_loses_as_usual_is_well(desk: Desk) -> None:
    await desk.poll(3 * USUAL)
    assert (await desk.wire.told(), (await desk.wire.state()).degraded_since) == ([], None)


async def test_a_source_that_loses_far_more_is_told_once_with_figures(desk: Desk) -> None:
    await desk.poll(FAR_MORE, times=3)
    operations = [row.details for row in await desk.wire.owed(place_of(OPERATIONS))]
    assert [(one["event"], one["losses"], one["read"], one["usual"]) for one in operations] == [
        ("source_degraded", FAR_MORE, 40, USUAL)
    ]


async def test_its_end_is_told_once(desk: Desk) -> None:
    for lost in (FAR_MORE, USUAL, USUAL):
        await desk.poll(lost)
    assert await desk.wire.told() == ["source_degraded", "source_recovered"]


async def test_what_was_lost_for_long_does_not_become_usual(desk: Desk) -> None:
    await desk.poll(FAR_MORE, times=KEPT + 5)
    assert await desk.wire.told() == ["source_degraded"]


async def test_an_answer_without_anything_newer_neither_ends_nor_begins_it(desk: Desk) -> None:
    await desk.poll(FAR_MORE)
    desk.source.pages = (Payload(is_unchanged=True),)
    await desk.wire.poll(source=desk.source)
    assert await desk.wire.told() == ["source_degraded"]


async def test_usual_counts_are_those_of_the_last_polls_but_not_of_the_first(desk: Desk) -> None:
    await desk.poll(0, read=80)
    async with desk.wire.database.read() as connection:
        assert await polls.usual(connection, "gazette") == Usual(read=40, new=1, polls=5)


async def test_the_last_30_polls_of_each_source_are_kept(fresh: Wire) -> None:
    async with fresh.database.tx("test.polls") as connection:
        for number, source in enumerate(["bulletin", *["gazette"] * (KEPT + 3)]):
            await polls.note(
                connection, source, started_at=START, ended_at=START, read=number, new=0, changed=0, losses=number
            )
        rows = await connection.all("SELECT source, min(read), count(*) FROM poll_log GROUP BY source ORDER BY source")
    assert [tuple(row) for row in rows] == [("bulletin", 0, 1), ("gazette", 4, KEPT)]


async def test_a_source_that_was_never_polled_has_no_usual_counts(fresh: Wire) -> None:
    async with fresh.database.read() as connection:
        assert await polls.usual(connection, "gazette") == Usual(read=0, new=0, polls=0)
