"""Newer rules of reading: what is stored is read anew in silence, so that the next change is judged by it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.models import Notice
from bot.pipeline.retention import drop_old_texts
from bot.storage.archive import notices
from tests.factories import PagesSource, make_notice
from tests.pipeline.register import RegisterSource, crowd, organisation
from tests.pipeline.wire import FIRST, Wire

DEADLINE = datetime(2026, 12, 20, 12, tzinfo=UTC)


class Careful(PagesSource):
    """Read pages with the particulars that their JSON lines lack."""

    def __init__(self, read: list[Notice]) -> None:
        super().__init__(read)
        self._particulars = {one.id: one.particulars for one in read}

    def parse(self, payload: bytes, *, lenient: bool = False) -> Any:
        parsed = super().parse(payload, lenient=lenient)
        found = tuple(replace(one, particulars=self._particulars[one.id]) for one in parsed.notices)
        return replace(parsed, notices=found)


@pytest.fixture
def newer(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return what makes the rules newer."""
    return lambda: monkeypatch.setattr(PagesSource, "revision_hash_version", 2)


async def stored(wire: Wire, notice_id: str = "26-1") -> Notice:
    async with wire.database.read() as connection:
        known = (await notices.known(connection, "gazette", [notice_id]))[notice_id]
        return await notices.get(connection, known.row, known.revision)


async def said_to_change(wire: Wire) -> list[list[str]]:
    return [[change["field"] for change in row.details["changes"]] for row in await wire.owed()]


async def test_what_newer_rules_read_is_stored_in_the_place_of_what_was(wire: Wire, newer: Any) -> None:
    await wire.poll([make_notice()])
    newer()
    read = make_notice(text="Des caméras-piétons.", deadline=DEADLINE, particulars=(("leader", "Zoé Corvoy"),))
    await wire.poll(source=Careful([read]))
    assert await stored(wire) == read


async def test_what_newer_rules_read_is_told_to_nobody(wire: Wire, newer: Any) -> None:
    await wire.poll([make_notice()])
    await wire.send_all()
    newer()
    await wire.poll([make_notice(deadline=DEADLINE)])
    assert [(row.revision, row.due_revision) for row in await wire.owed()] == [(1, 1)]


async def test_a_later_change_is_told_without_what_newer_rules_had_read(wire: Wire, newer: Any) -> None:
    await wire.poll([make_notice()])
    await wire.send_all()
    newer()
    await wire.poll([make_notice(deadline=DEADLINE)])
    await wire.poll([make_notice(deadline=DEADLINE, buyer="Métropole")])
    assert await said_to_change(wire) == [[], ["buyer"]]


async def test_a_change_back_of_what_newer_rules_had_read_is_told(wire: Wire, newer: Any) -> None:
    await wire.poll([make_notice()])
    await wire.send_all()
    newer()
    await wire.poll([make_notice(deadline=DEADLINE)])
    await wire.poll([make_notice()])
    assert await said_to_change(wire) == [[], ["deadline"]]


async def test_what_newer_rules_read_is_searched(wire: Wire, newer: Any) -> None:
    async def unindexed() -> list[str]:
        async with wire.database.read() as connection:
            rows = await connection.all("SELECT source_id FROM notice WHERE is_indexed = 0")
        return [row["source_id"] for row in rows]

    await wire.poll([FIRST, make_notice()])
    async with wire.database.tx("test.indexed") as connection:
        await connection.run("UPDATE notice SET is_indexed = 1")
    newer()
    await wire.poll([FIRST, make_notice(text="Des caméras-piétons.")])
    assert await unindexed() == ["26-1"]


async def test_a_text_that_was_dropped_stays_dropped(wire: Wire, newer: Any) -> None:
    await wire.remove(wire.item)
    await wire.poll([make_notice()])
    wire.clock.advance(timedelta(days=800))
    assert await drop_old_texts(wire.database, wire.clock, timedelta(days=730)) == 2
    newer()
    await wire.poll([make_notice(buyer="Métropole")])
    read = await stored(wire)
    assert (read.text, read.buyer) == ("", "Métropole")


async def test_what_was_gone_and_comes_back_is_read_as_it_is_though_the_rules_are_newer(
    fresh: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    stays = {**crowd(), **organisation("H1", title="Conseil en caméras-piétons")}
    source = RegisterSource(stays)
    await fresh.poll(source=source)
    source.dump = crowd()
    for _ in range(2):
        await fresh.poll(source=source)
    monkeypatch.setattr(RegisterSource, "revision_hash_version", 2)
    source.dump = stays
    await fresh.poll(source=source)
    async with fresh.database.read() as connection:
        [known] = (await notices.known(connection, "register", ["H1"])).values()
        kind = (await notices.get(connection, known.row, known.revision)).kind
    assert (known.revision, kind) == (3, stays["H1"][0].kind)
