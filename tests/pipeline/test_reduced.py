"""A publisher that gives fewer fields than it has: what is new counts, what is known whole stays as it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from bot.models import Held, Notice, NoticeKind
from bot.sources import Payload
from bot.storage.archive import notices
from tests.factories import make_notice, page_of
from tests.pipeline.wire import FIRST, Wire

DEADLINE = datetime(2026, 12, 20, 12, tzinfo=UTC)
HIT = make_notice("26-1", title="Caméras-piétons")
"""A notice that the item of `Wire` hits."""


def reduced(*found: Notice) -> Payload:
    return Payload(page_of(*found), is_reduced=True)


async def stored(wire: Wire) -> Notice:
    async with wire.database.read() as connection:
        known = (await notices.known(connection, "gazette", [HIT.id]))[HIT.id]
        return await notices.get(connection, known.row, known.revision)


async def test_a_known_notice_stays_as_it_is_where_fields_are_missing(wire: Wire) -> None:
    await wire.poll([replace(HIT, buyer="Ville de Corvoy")])

    await wire.poll(reduced(replace(HIT, buyer=None)))

    assert ((await stored(wire)).buyer, await wire.about()) == ("Ville de Corvoy", ["26-1 r1"])


async def test_a_new_notice_is_announced_where_fields_are_missing(wire: Wire) -> None:
    await wire.poll(reduced(HIT))

    assert await wire.about() == ["26-1 r1"]


async def test_what_was_read_without_all_fields_becomes_whole_in_silence(wire: Wire) -> None:
    await wire.poll(reduced(replace(HIT, deadline=None, buyer=None)))
    await wire.send_all()
    whole = replace(HIT, deadline=DEADLINE, buyer="Ville de Corvoy", kind=NoticeKind.CANCELLATION)

    await wire.poll([whole])

    (announcement,) = await wire.owed()
    assert (announcement.due_revision, announcement.details) == (2, {"changes": []})
    assert await stored(wire) == replace(whole, revision=2)


async def test_what_became_whole_changes_like_any_other_from_then_on(wire: Wire) -> None:
    await wire.poll(reduced(replace(HIT, deadline=None)))
    await wire.poll([replace(HIT, deadline=DEADLINE)])
    await wire.send_all()

    await wire.poll(reduced(replace(HIT, deadline=None)))
    await wire.poll([replace(HIT, deadline=DEADLINE.replace(day=24))])

    assert await wire.about() == ["26-1 r1", "26-1 r3"]


async def test_newer_rules_of_reading_do_not_keep_a_notice_from_becoming_whole(wire: Wire) -> None:
    await wire.poll(reduced(replace(HIT, title="Fournitures", text="")))
    wire.source.revision_hash_version = 2  # type: ignore[misc]  # another version of the program

    await wire.poll([HIT])

    assert await wire.about() == ["26-1 r2"]


async def test_what_only_the_whole_notice_says_is_announced(wire: Wire) -> None:
    await wire.poll(reduced(replace(HIT, title="Fournitures", text="")))
    assert await wire.about() == []

    await wire.poll([HIT])

    assert await wire.about() == ["26-1 r2"]


async def test_a_baseline_without_all_fields_stays_silent_once_it_is_whole(fresh: Wire) -> None:
    await fresh.poll(reduced(FIRST, replace(HIT, title="Fournitures", text="")))

    await fresh.poll([FIRST, HIT])

    assert (await fresh.owed(), await fresh.held()) == ([], [Held.BASELINE])
