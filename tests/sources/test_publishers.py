"""Every source read over HTTP from its loopback publisher: right, or refused, but never a part of it in silence."""

from __future__ import annotations

import functools
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.errors import SourceError
from bot.loopback.publishers import Publisher, PublisherFault
from bot.sources import Asked, Parsed, PoliteClient, Source, Timeouts, Window, sources
from tests.sources.any_publisher import has_publisher, publisher_for
from tests.sources.layouts import sample_of, source_of

NAMES = [name for name in sorted(sources()) if has_publisher(name)]
"""The sources of which the publisher can be had on this machine."""

ALL = pytest.mark.parametrize("name", NAMES)

WHOLE_READ = 10_000
"""More answers than a read has: the fault of a publisher that spoils every one of them."""

CAP = 2_000_000
PATIENT = Timeouts(2, 2, 10, wait=0)
IMPATIENT = Timeouts(2, 0.15, 10, wait=0)

REFUSED = [
    PublisherFault.ERROR,
    PublisherFault.TOO_MANY,
    PublisherFault.UNAVAILABLE,
    PublisherFault.FORBIDDEN,
    PublisherFault.EMPTY,
    PublisherFault.HTML,
    PublisherFault.CUT_BODY,
    PublisherFault.REDIRECT,
]
"""What one answer of a read may not be."""

HARMLESS = [PublisherFault.DRIP, PublisherFault.REORDERED, PublisherFault.REPEATED]


@dataclass(slots=True)
class Came:
    """Hold what a read brought: by notice the revision hash and what people read, and the cursor that it left.

    `told` names the fields that were said to be lost or unknown.
    """

    hashes: dict[str, str] = field(default_factory=dict)
    texts: dict[str, tuple[str, str]] = field(default_factory=dict)
    cursor: Mapping[str, Any] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)
    is_unchanged: bool = False


@functools.cache
def expected(name: str) -> Parsed:
    return source_of(name).parse(sample_of(name).raw)


def asked(name: str, cursor: Mapping[str, Any] | None = None) -> Asked:
    """Return a first read of a time in which everything of the sample appeared."""
    days = [_day(notice.published) for notice in expected(name).notices if notice.published is not None]
    watched = frozenset(number for notice in expected(name).notices for number in notice.identifiers)
    now = datetime.combine(max(days) + timedelta(days=1), time(12), UTC)
    return Asked(Window(min(days) - timedelta(days=1)), now, cursor=cursor or {}, watched=watched)


def _day(moment: date | datetime) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


@asynccontextmanager
async def serving(name: str) -> AsyncIterator[tuple[Source, Publisher]]:
    """Serve the sample of a source; the source reads it there, in the name of any of its family."""
    kind = sources()[name]
    async with publisher_for(name) as publisher:
        publisher.load(sample_of(name).raw)
        yield kind(publisher.address, member="essai" if kind.is_family else None), publisher


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def client(timeouts: Timeouts = PATIENT) -> PoliteClient:
    return PoliteClient("redaction@journal.example", version="1", timeouts=timeouts)


async def read(source: Source, wanted: Asked, timeouts: Timeouts = PATIENT) -> Came:
    came = Came()
    async with (
        client(timeouts) as reader,
        aclosing(source.fetch(wanted, reader)) as payloads,  # type: ignore[type-var]  # it is a generator
    ):
        async for payload in payloads:
            came.cursor = payload.cursor if payload.cursor is not None else came.cursor
            came.is_unchanged |= payload.is_unchanged
            if payload.is_unchanged:
                continue
            with payload.opened() as stream:
                for parsed in source.parse_stream(stream):
                    came.hashes |= parsed.revision_hashes
                    came.told |= {loss.field for loss in parsed.losses} | parsed.unknown_fields
                    came.texts |= {notice.id: (notice.title, notice.text) for notice in parsed.notices}
    return came


_right: dict[str, Came] = {}


async def right(name: str) -> Came:
    """Return what a read brings where nothing goes wrong."""
    if name not in _right:
        async with serving(name) as (source, _):
            _right[name] = await read(source, asked(name))
    return _right[name]


async def read_anyway(source: Source, name: str, timeouts: Timeouts = PATIENT) -> Came | None:
    """Return what a read brought, None where the source refused."""
    try:
        return await read(source, asked(name), timeouts)
    except SourceError:
        return None


@ALL
async def test_a_read_brings_what_is_published(name: str) -> None:
    came = await right(name)

    # A source may be asked for less than its sample holds: the buyers of one country, the companies that are watched.
    assert came.hashes.items() <= expected(name).revision_hashes.items()
    assert len(came.hashes) * 2 > len(expected(name).notices)


@ALL
async def test_a_second_read_brings_the_same_or_says_that_nothing_changed(name: str) -> None:
    async with serving(name) as (source, _):
        first = await read(source, asked(name))
        second = await read(source, asked(name, json.loads(json.dumps(dict(first.cursor)))))

    assert first.hashes == (await right(name)).hashes
    assert second.hashes.items() <= first.hashes.items()
    assert second.is_unchanged or second.hashes


@pytest.mark.parametrize(("name", "step"), [(name, step) for name in NAMES if (step := sources()[name].step)])
async def test_history_is_read_window_by_window(name: str, step: int) -> None:
    whole, came = asked(name), Came()
    since = whole.window.since
    async with serving(name) as (source, _):
        while since <= whole.now.date():
            window = Window(since, since + timedelta(days=step))
            part = await read(source, replace(whole, window=window, is_backfill=True))
            came.hashes |= part.hashes
            since += timedelta(days=step)

            assert not part.cursor

    assert came.hashes == (await right(name)).hashes


@ALL
async def test_nothing_that_was_downloaded_is_left_when_a_read_is_over(name: str, tmp_path: Path) -> None:
    async with (
        serving(name) as (source, _),
        PoliteClient("redaction@journal.example", version="1", folder=tmp_path) as reader,
    ):
        async for payload in source.fetch(asked(name), reader):
            assert payload.is_unchanged or payload.file is None or payload.file.is_file()

        assert left_in(tmp_path) == []


@ALL
async def test_a_probe_tells_whether_a_source_can_be_read(name: str) -> None:
    async with serving(name) as (source, publisher), client() as reader:
        healthy = await source.probe(asked(name), reader)
        publisher.fail_next(PublisherFault.ERROR)
        with pytest.raises(SourceError):
            await source.probe(asked(name), reader)

    assert healthy > 0 or source.is_register or source.may_be_empty


@ALL
@pytest.mark.parametrize("fault", REFUSED)
async def test_an_answer_that_is_none_ends_the_read(fault: PublisherFault, name: str) -> None:
    async with serving(name) as (source, publisher):
        publisher.fail_next(fault)

        assert await read_anyway(source, name) is None


@ALL
async def test_an_answer_that_never_comes_ends_the_read(name: str) -> None:
    async with serving(name) as (source, publisher):
        publisher.fail_next(PublisherFault.HANG)

        assert await read_anyway(source, name, IMPATIENT) is None


@ALL
async def test_a_bomb_ends_the_read(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources()[name], "max_bytes", CAP)
    async with serving(name) as (source, publisher):
        publisher.fail_next(PublisherFault.BOMB, bomb_bytes=CAP * 4)

        assert await read_anyway(source, name) is None


@ALL
async def test_a_pause_that_is_asked_for_is_handed_on(name: str) -> None:
    async with serving(name) as (source, publisher):
        publisher.fail_next(PublisherFault.TOO_MANY, retry_after="90")

        with pytest.raises(SourceError) as caught:
            await read(source, asked(name))
    assert caught.value.pause_s == 90


@ALL
async def test_one_id_for_everything_ends_the_read(name: str) -> None:
    async with serving(name) as (source, publisher):
        publisher.fail_next(PublisherFault.ONE_ID, WHOLE_READ)

        assert await read_anyway(source, name) is None


@ALL
async def test_a_renamed_field_ends_the_read_or_is_told_where_none_is_mandatory(name: str) -> None:
    async with serving(name) as (source, publisher):
        publisher.fail_next(PublisherFault.RENAMED, WHOLE_READ)
        came = await read_anyway(source, name)

    assert came is None or (not source.layout.mandatory and came.told)


@ALL
async def test_answers_without_a_record_end_the_read_or_bring_nothing(name: str) -> None:
    async with serving(name) as (source, publisher):
        publisher.fail_next(PublisherFault.NO_RECORDS, WHOLE_READ)
        came = await read_anyway(source, name)

    assert came is None or came.hashes == {}


@ALL
@pytest.mark.parametrize("after", [1, 2])
@pytest.mark.parametrize("fault", [PublisherFault.ERROR, PublisherFault.CUT])
async def test_a_read_that_breaks_in_the_middle_brings_all_or_nothing(
    fault: PublisherFault, after: int, name: str
) -> None:
    async with serving(name) as (source, publisher):
        publisher.fail_next(fault, after=after)
        came = await read_anyway(source, name)

        assert came is None or came.hashes == (await right(name)).hashes
        assert came is None or fault is PublisherFault.CUT or len(publisher.requests) <= after


@ALL
async def test_a_connection_that_is_cut_ends_the_read_or_is_taken_up_again(name: str) -> None:
    async with serving(name) as (source, publisher):
        publisher.fail_next(PublisherFault.CUT)
        came = await read_anyway(source, name)

        assert came is None or came.hashes == (await right(name)).hashes


@ALL
async def test_another_charset_ends_the_read_or_is_read_right(name: str) -> None:
    async with serving(name) as (source, publisher):
        publisher.fail_next(PublisherFault.CHARSET, WHOLE_READ)
        came = await read_anyway(source, name)

    assert came is None or came.texts == (await right(name)).texts


@ALL
@pytest.mark.parametrize("fault", HARMLESS)
async def test_what_changes_nothing_brings_the_same(fault: PublisherFault, name: str) -> None:
    async with serving(name) as (source, publisher):
        publisher.fail_next(fault, WHOLE_READ, delay_s=0)

        assert (await read(source, asked(name))).hashes == (await right(name)).hashes


@ALL
async def test_what_vanishes_and_comes_back_is_the_same(name: str) -> None:
    async with serving(name) as (source, publisher):
        for record in publisher.records:
            with suppress(LookupError):  # Some publishers give some records no id.
                publisher.vanish(publisher.id_of(record))
                break
        without = await read(source, asked(name))
        publisher.bring_back()

        assert (await read(source, asked(name))).hashes == (await right(name)).hashes
    assert without.hashes.items() < (await right(name)).hashes.items()
