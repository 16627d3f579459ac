"""What a poll asks of a source, what it keeps of the answer, and when an answer that brings nothing is a success."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from bot.errors import SourceError
from bot.models import ItemKind
from bot.pipeline.intake import Intake, Prepared, Taken
from bot.sources import Asked, Parsed, Payload, PoliteClient
from bot.storage.archive import notices
from bot.storage.database import Connection
from tests.factories import PagesSource, add_item, add_newsroom, make_item, make_notice, page_of
from tests.pipeline.wire import FIRST, Kill, Wire, kill_at

MANY = 60
"""Notices of three batches."""


def _many() -> list[Any]:
    return [make_notice(f"26-{number}") for number in range(1, MANY + 1)]


def _payload(*found: Any, **said: Any) -> Payload:
    return Payload(page_of(*found), **said)


async def test_a_poll_is_told_what_the_last_one_left(wire: Wire) -> None:
    await wire.poll(_payload(FIRST, cursor={"page": 1}), _payload(make_notice(), cursor={"page": 2}), [FIRST])
    await wire.poll([FIRST])
    assert [asked.cursor for asked in wire.source.asked] == [{}, {}, {"page": 2}]


async def test_a_poll_is_told_when_the_last_success_was_and_what_the_time_is(wire: Wire) -> None:
    before = wire.clock.now()
    await wire.poll([FIRST])
    asked = wire.source.asked[-1]
    assert (asked.last_ok, asked.now, asked.is_backfill) == (before, wire.clock.now(), False)


async def test_a_source_that_is_read_by_numbers_is_told_those_of_live_items_of_all_newsrooms(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PagesSource, "by_identifier", True)
    await add_newsroom(wire.database, 3001, channel=4001, operations=None)
    for guild_id, number in ((1001, "siren:998100473"), (3001, "siren:998100481"), (3001, "siren:998100499")):
        item = make_item(number, kind=ItemKind.COMPANY, identifiers=(number,), guild_id=guild_id)
        gone = await add_item(wire.database, item)
    await wire.remove(gone)
    await wire.poll([FIRST])
    assert wire.source.asked[-1].watched == {"siren:998100473", "siren:998100481"}


async def test_a_cursor_stays_where_a_poll_leaves_none(wire: Wire) -> None:
    await wire.poll(_payload(FIRST, cursor={"page": 1}))
    await wire.poll([FIRST])
    assert (await wire.state()).cursor == {"page": 1}


async def test_a_poll_that_fails_leaves_the_cursor_where_it_was(wire: Wire) -> None:
    await wire.poll(_payload(FIRST, cursor={"page": 1}))
    await wire.poll(_payload(make_notice(), cursor={"page": 2}), SourceError("status 500"))
    assert (await wire.state()).cursor == {"page": 1}


@pytest.mark.usefixtures("_whole_batches")
@pytest.mark.parametrize("number", range(1, 7))
async def test_the_cursor_moves_with_the_last_batch_and_no_earlier(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Three batches are stored, each with a place before and one after its commit."""
    with monkeypatch.context() as patch:
        kill_at(patch, number)
        with pytest.raises(Kill):
            await wire.poll(_payload(*_many(), cursor={"page": 2}))
    assert (await wire.state()).cursor == ({"page": 2} if number == 6 else {})


async def test_an_answer_that_has_nothing_newer_is_a_success_and_no_news(wire: Wire) -> None:
    new_at = (await wire.state()).new_at
    report = await wire.poll(Payload(is_unchanged=True, cursor={"etag": "b"}))
    state = await wire.state()
    assert (report.error, state.failures, state.succeeded_at) == (None, 0, wire.clock.now())
    assert (state.new_at, state.cursor) == (new_at, {"etag": "b"})


async def test_a_source_that_has_nothing_newer_for_too_long_is_silent(wire: Wire) -> None:
    for _ in range(2):
        wire.clock.advance(timedelta(days=2))
        await wire.poll(Payload(is_unchanged=True))
    assert await wire.told() == ["source_silent"]


async def test_an_empty_answer_is_a_success_where_that_is_usual(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PagesSource, "may_be_empty", True)
    assert (await wire.poll([])).error is None


async def test_a_read_that_brings_nothing_at_all_is_a_failure(wire: Wire) -> None:
    report = await wire.poll()
    assert report.error is not None


async def test_a_payload_that_stands_in_a_file_is_read_part_by_part(wire: Wire, tmp_path: Path) -> None:
    kept: list[int] = []

    class Parts(PagesSource):
        async def fetch(self, asked: Asked, client: PoliteClient) -> AsyncIterator[Payload]:  # noqa: ARG002  # the interface
            path = tmp_path / "dump"
            path.write_bytes(b"\n".join(page_of(make_notice(f"26-{number}")) for number in range(1, 4)))
            yield Payload(file=path)

        def parse_stream(self, stream: BinaryIO, **_: Any) -> Iterator[Parsed]:
            for line in stream:
                kept.append(stream.tell())
                yield self.parse(line)

    report = await wire.poll(source=Parts())
    assert (report.tally.new, len(kept)) == (3, 3)


async def test_what_cannot_be_read_in_a_later_part_leaves_everything_as_it_was(wire: Wire) -> None:
    class Cut(PagesSource):
        def parse_stream(self, stream: BinaryIO, **_: Any) -> Iterator[Parsed]:
            yield self.parse(stream.read())
            raise SourceError("cut")

    before = await wire.dump("source_state")
    report = await wire.poll(source=Cut([make_notice()]))
    assert (report.error, await wire.dump("source_state")) == ("cut", before)


async def test_notices_that_did_not_change_take_no_turn_of_those_who_write(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    await wire.poll(_many())
    labels = []
    begin = wire.database.tx

    monkeypatch.setattr(wire.database, "tx", lambda label: labels.append(label) or begin(label))
    await wire.poll(_many())
    assert labels == ["poll.batch"]


@pytest.mark.usefixtures("_whole_batches")
async def test_who_wants_to_write_gets_a_turn_after_every_batch(wire: Wire) -> None:
    """The database held one notice before, and batches are of 25."""
    seen: set[int] = set()

    async def write() -> None:
        while True:
            async with wire.database.tx("test.write") as connection:
                seen.add(await notices.count(connection))

    writing = asyncio.create_task(write())
    await wire.poll(_many())
    writing.cancel()
    await asyncio.wait([writing])
    assert {1, 26, 51} <= seen


async def test_notices_that_take_long_to_store_are_stored_in_smaller_batches(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first batch is of 5; any time at all is too long for the others."""
    monkeypatch.setattr("bot.pipeline.storing.AIM_S", 1e-9)
    labels = []
    begin = wire.database.tx
    monkeypatch.setattr(wire.database, "tx", lambda label: labels.append(label) or begin(label))
    report = await wire.poll(_payload(*_many(), cursor={"page": 2}))
    assert (report.tally.new, len(labels)) == (MANY, 1 + MANY - 5)
    assert (await wire.state()).cursor == {"page": 2}


async def test_a_read_begins_with_few_notices_and_stores_more_while_they_take_no_time(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.pipeline.storing.AIM_S", 3_600.0)
    sizes: list[int] = []
    storing = Intake.store

    async def store(intake: Intake, connection: Connection, prepared: Prepared, now: datetime) -> Taken:
        sizes.append(len(prepared.entries))
        return await storing(intake, connection, prepared, now)

    monkeypatch.setattr(Intake, "store", store)
    await wire.poll(_many())
    assert sizes == [5, 10, 20, 25]


async def test_particulars_are_stored_with_each_revision(wire: Wire) -> None:
    class Careful(PagesSource):
        def parse(self, payload: bytes, *, lenient: bool = False) -> Parsed:
            parsed = super().parse(payload, lenient=lenient)
            [notice] = parsed.notices
            pairs = (("spend", notice.buyer or ""), ("sector", "a"))
            return Parsed((make_notice(buyer=notice.buyer, particulars=pairs),), revision_hashes=parsed.revision_hashes)

    for buyer in ("10000-25000", "25000-50000"):
        await wire.poll(source=Careful([make_notice(buyer=buyer)]))
    async with wire.database.read() as connection:
        rows = await connection.all("SELECT particulars FROM notice_revision WHERE notice_id = 2 ORDER BY revision")
    assert [row["particulars"] for row in rows] == [
        '[["spend", "10000-25000"], ["sector", "a"]]', '[["spend", "25000-50000"], ["sector", "a"]]',
    ]  # fmt: skip
