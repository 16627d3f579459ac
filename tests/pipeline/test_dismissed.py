"""What was dismissed once is held back when the next poll brings it again, and is not lost once that is undone."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest

from bot.digest import Digester
from bot.models import Every, Held, ItemKind, Notice, NoticeKind, Priority, WatchItem
from bot.pipeline.intake import Intake, Prepared
from bot.storage.digesting import digests
from bot.storage.reading.spool import Entry
from bot.storage.watching import dismissals, hits
from bot.storage.watching.hits import StoredHit
from bot.watchlist.dismissing import Told, dismiss, look_at, mark_of, undo
from tests.factories import CHANNEL, GUILD, add_item, make_item, make_notice
from tests.pipeline.wire import Wire

COPCO, SUD = "atlas copco france", "atlas sud"


def award(number: int, text: str = "", **said: Any) -> Notice:
    """Return a notice of its own procedure, that names no item but what a test says."""
    return make_notice(
        f"26-{number}", **{"title": f"Avis {number}", "text": text, "procedure": f"p:{number}", **said}
    )  # fmt: skip


@pytest.fixture
async def atlas(wire: Wire) -> WatchItem:
    return await add_item(wire.database, make_item("Atlas", kind=ItemKind.COMPANY))


async def newest(wire: Wire, item: WatchItem) -> StoredHit:
    async with wire.database.read() as connection:
        return (await hits.of_item(connection, GUILD, item.id or 0, 1))[0]


async def press(wire: Wire, item: WatchItem, key: str | None = COPCO) -> Told:
    """Say of the newest hit of an item that an organisation, or its series, is not the item."""
    stored = await newest(wire, item)
    mark = mark_of(key) if key is not None else None
    return await dismiss(wire.database, GUILD, stored.row, mark, 7, wire.clock.now())


async def take_back(wire: Wire, told: Told) -> Told:
    return await undo(wire.database, GUILD, told.dismissal.id, 7, wire.clock.now())


async def digest(wire: Wire) -> list[str]:
    """Make the digest of the channel; return what it tells, by notice."""
    async with wire.database.tx("test.digest") as connection:
        [made, *_] = await digests.every(connection, GUILD) or [
            await digests.add(connection, GUILD, CHANNEL, None, Every.DAILY, time(8), 7, wire.clock.now())
        ]
    before = len(await wire.owed())
    asked = before + int(wire.clock.now().timestamp())
    await Digester(wire.database, wire.clock, {}, lambda: None).make_now(GUILD, made.id, 7, asked)
    told = [row.id for row in (await wire.owed())[before:]]
    async with wire.database.read() as connection:
        rows = await connection.all(
            "SELECT announcement_id, source_id FROM announcement_hit JOIN hit ON hit.id = hit_id"
            " JOIN notice ON notice.id = hit.notice_id ORDER BY source_id"
        )
    return [row["source_id"] for row in rows if row["announcement_id"] in told]


async def test_a_dismissed_organisation_is_held_back_and_another_one_is_announced(wire: Wire, atlas: WatchItem) -> None:
    await wire.poll([award(1, "avec Atlas Copco France")])
    await press(wire, atlas)
    await wire.poll([award(2, "avec ATLAS COPCO FRANCE SAS"), award(3, "avec Atlas Sud"), award(4, "avec Atlas")])
    assert await wire.about() == ["26-3 r1", "26-4 r1"]
    assert await wire.held(atlas) == [None, None, Held.DISMISSED, Held.DISMISSED]


async def test_a_hit_that_stands_elsewhere_too_is_announced_there(wire: Wire, atlas: WatchItem) -> None:
    await wire.poll([award(1, "avec Atlas Copco France")])
    await press(wire, atlas)
    await wire.poll([award(2, "avec Atlas Copco France, puis Atlas Sud")])
    stored = await newest(wire, atlas)
    assert (stored.held, stored.dismissed, stored.hit.start, stored.hit.count) == (None, None, 30, 1)
    assert await wire.about() == ["26-2 r1"]


async def test_a_dismissed_series_is_not_followed_and_its_hits_are_held(wire: Wire, atlas: WatchItem) -> None:
    await wire.poll([award(1, "avec Atlas", procedure="p")])
    await wire.send_all()
    await press(wire, atlas, None)
    await wire.poll(
        [
            award(2, "rien", procedure="p", kind=NoticeKind.CHANGE),
            award(3, "avec Atlas", procedure="p", kind=NoticeKind.AWARD),
            award(4, "avec Atlas"),
        ]
    )
    assert await wire.about() == ["26-1 r1", "26-4 r1"]
    assert await wire.held(atlas) == [None, Held.DISMISSED, None]


async def test_a_series_is_still_followed_because_of_another_item(wire: Wire, atlas: WatchItem) -> None:
    await wire.poll([award(1, "avec Atlas et des caméras-piétons", procedure="p")])
    await wire.send_all()
    await press(wire, atlas, None)
    await wire.poll([award(2, "rien", procedure="p", kind=NoticeKind.CHANGE)])
    assert await wire.about() == ["26-1 r1", "26-2 r1"]


async def test_a_material_change_of_a_dismissed_notice_is_not_announced(wire: Wire, atlas: WatchItem) -> None:
    await wire.poll([award(1, "avec Atlas Copco France")])
    await wire.send_all()
    await press(wire, atlas)
    await wire.poll([award(1, "avec Atlas Copco France", buyer="Métropole de Lyon")])
    assert await wire.about() == ["26-1 r1"]
    assert (await newest(wire, atlas)).held is Held.DISMISSED


async def test_a_revision_that_comes_to_name_the_item_itself_is_news(wire: Wire, atlas: WatchItem) -> None:
    await wire.poll([award(1, "avec Atlas Copco France")])
    await wire.send_all()
    await press(wire, atlas)
    await wire.poll([award(1, "avec Atlas Copco France, puis Atlas")])
    assert await wire.about() == ["26-1 r1", "26-1 r2"]
    assert (await newest(wire, atlas)).held is None


async def test_so_is_one_of_a_notice_that_was_held_back_from_the_start(wire: Wire, atlas: WatchItem) -> None:
    await wire.poll([award(1, "avec Atlas Copco France")])
    await press(wire, atlas)
    await wire.poll([award(2, "avec Atlas Copco France")])
    await wire.poll([award(2, "avec Atlas Copco France, puis Atlas")])
    assert await wire.about() == ["26-2 r2"]
    assert await wire.held(atlas) == [None, Held.DISMISSED, Held.DISMISSED]


async def test_what_was_held_back_goes_to_the_digest_once_it_is_undone(wire: Wire, atlas: WatchItem) -> None:
    await wire.poll([award(1, "avec Atlas Copco France")])
    await wire.send_all()
    assert await digest(wire) == []
    told = await press(wire, atlas)
    await wire.poll([award(2, "avec Atlas Copco France")])
    await wire.poll([award(2, "avec Atlas Copco France.")])
    assert await digest(wire) == []
    back = await take_back(wire, told)
    assert (back.is_changed, back.notices) == (True, 1)
    assert await wire.kinds() == ["notice", "digest", "digest"]
    assert await digest(wire) == ["26-2"]
    await wire.poll([award(3, "avec Atlas Copco France")])
    assert (await wire.about())[-1] == "26-3 r1"


async def test_a_rewording_after_the_undo_is_no_news_of_what_waits_for_the_digest(wire: Wire, atlas: WatchItem) -> None:
    await wire.poll([award(1, "avec Atlas Copco France")])
    told = await press(wire, atlas)
    await wire.poll([award(2, "avec Atlas Copco France")])
    await take_back(wire, told)
    await wire.poll([award(2, "toujours avec Atlas Copco France")])
    assert await wire.about() == []
    assert await digest(wire) == ["26-1", "26-2"]


async def test_an_unsent_announcement_is_taken_back_and_told_by_the_digest_after_the_undo(
    wire: Wire, atlas: WatchItem
) -> None:
    await wire.poll([award(1, "avec Atlas Copco France")])
    told = await press(wire, atlas)
    assert await wire.about() == []
    assert (await take_back(wire, told)).notices == 1
    assert await digest(wire) == ["26-1"]


async def test_a_digest_that_is_still_owed_gives_up_what_was_dismissed_and_tells_it_after_the_undo(
    wire: Wire, atlas: WatchItem
) -> None:
    await add_item(wire.database, make_item("Sud", priority=Priority.DIGEST))
    await digest(wire)
    await wire.send_all()
    await wire.poll([award(1, "avec Atlas Copco France"), award(2, "avec Atlas Sud")])
    await wire.send_all()
    assert await digest(wire) == ["26-1", "26-2", "26-2"]
    told = await press(wire, atlas, SUD)
    [owed] = [row for row in await wire.owed() if row.state == "pending"]
    assert len(owed.details["hits"]) == 2
    await wire.send_all()
    assert await digest(wire) == []
    await take_back(wire, told)
    assert await digest(wire) == ["26-2"]


async def test_what_was_dismissed_while_the_poll_had_matched_already_is_held(
    wire: Wire, atlas: WatchItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    await wire.poll([award(1, "avec Atlas Copco France")])
    prepare = Intake.prepare

    async def prepare_then_press(self: Intake, entries: list[Entry]) -> Prepared:
        prepared = await prepare(self, entries)
        await press(wire, atlas)
        return prepared

    monkeypatch.setattr(Intake, "prepare", prepare_then_press)
    await wire.poll([award(2, "avec Atlas Copco France")])
    assert await wire.held(atlas) == [Held.DISMISSED, Held.DISMISSED]
    assert await wire.about() == []


async def test_muted_and_first_polls_hold_for_their_own_reason(wire: Wire, atlas: WatchItem) -> None:
    await wire.poll([award(1, "avec Atlas Copco France")])
    await press(wire, atlas)
    await wire.mute(atlas, timedelta(days=1))
    await wire.poll([award(2, "avec Atlas Copco France")])
    assert (await wire.held(atlas))[0] is Held.MUTED


async def test_a_hit_of_before_is_looked_at_when_somebody_presses_and_its_fellows_with_it(
    wire: Wire, atlas: WatchItem
) -> None:
    await wire.poll([award(1, "avec Atlas Copco France"), award(2, "avec Atlas Copco France"), award(3, "avec Atlas")])
    await wire.send_all()
    async with wire.database.tx("test.forget") as connection:
        await connection.run("UPDATE hit SET organisations = NULL")
    async with wire.database.read() as connection:
        rows = [stored.row for stored in await hits.of_item(connection, GUILD, atlas.id or 0, 9)][::-1]
    stored, _ = await look_at(wire.database, GUILD, rows[0])
    assert stored.organisations == {COPCO: "Atlas Copco France"}
    told = await dismiss(wire.database, GUILD, rows[0], mark_of(COPCO), 7, wire.clock.now())
    assert told.notices == 2
    async with wire.database.read() as connection:
        precision = await dismissals.precision(connection, GUILD, atlas.id or 0)
    assert (precision.notices, precision.dismissed) == (3, 2)


async def test_a_hit_of_before_of_an_item_edited_since_is_told_apart_by_its_series_alone(
    wire: Wire, atlas: WatchItem
) -> None:
    await wire.poll([award(1, "avec Atlas Copco France")])
    async with wire.database.tx("test.forget") as connection:
        await connection.run("UPDATE hit SET organisations = NULL")
        await connection.run("UPDATE watch_item SET name = 'Autre' WHERE id = ?", atlas.id)
    stored, _ = await look_at(wire.database, GUILD, (await newest(wire, atlas)).row)
    assert stored.organisations == {}
