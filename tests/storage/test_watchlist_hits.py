"""The hits of an item as they are listed, and the dossiers of many items at once."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from bot.models import AnnouncementKind, AnnouncementState, Every, Held, ThingKind
from bot.reference import AnnouncementKey
from bot.storage.archive import notices
from bot.storage.database import Database
from bot.storage.digesting import digests
from bot.storage.log import dossiers
from bot.storage.outbox import announcements, sending
from bot.storage.watching import dossier_items, hits
from bot.storage.watching.hits import HitFilter
from tests.factories import (
    CHANNEL,
    GUILD,
    START,
    add_hit,
    add_item,
    add_newsroom,
    add_notice,
    make_item,
    make_notice,
    owe_notice,
    place_of,
)

THERE = 3001


@pytest.fixture
async def item_id(database: Database) -> int:
    """Store a newsroom with an item, and five notices that it hit, an hour apart, each second one held."""
    await add_newsroom(database)
    item = await add_item(database)
    for number in range(5):
        notice = make_notice(f"26-{number}")
        async with database.tx("test.hit") as connection:
            row = await add_notice(connection, notice)
            held = Held.MUTED if number % 2 else None
            now = START + timedelta(hours=number)
            await add_hit(connection, item, notice, row, held=held, now=now)
    return item.id or 0


async def listed(database: Database, guild_id: int = GUILD, limit: int = 10, **asked: object) -> list[str]:
    more = {name: asked.pop(name) for name in ("before", "skip") if name in asked}
    async with database.read() as connection:
        found = await hits.listed(connection, guild_id, HitFilter(**asked), limit, **more)  # type: ignore[arg-type]
    return [one.stored.hit.notice for one in found]


async def test_the_newest_hits_come_first_with_their_notice(database: Database, item_id: int) -> None:
    async with database.read() as connection:
        [first, *_] = await hits.listed(connection, GUILD, HitFilter(item_id=item_id), 10)
    assert first.stored.hit.notice == "26-4"
    assert (first.source, first.revision, first.title) == ("gazette", 1, "Acquisition de caméras-piétons")
    assert (first.url, first.published) == ("https://gazette.example/26-4", START.date())
    assert (first.announcement, first.message_url) == (None, None)


@pytest.mark.usefixtures("item_id")
async def test_pages_follow_one_another_without_a_gap(database: Database) -> None:
    assert await listed(database, limit=2) == ["26-4", "26-3"]
    assert await listed(database, limit=2, skip=2) == ["26-2", "26-1"]
    async with database.read() as connection:
        [*_, last] = await hits.listed(connection, GUILD, HitFilter(), 2)
    assert await listed(database, limit=2, before=last.stored.row) == ["26-2", "26-1"]


@pytest.mark.usefixtures("item_id")
async def test_since_is_included_and_until_is_not(database: Database) -> None:
    since, until = START + timedelta(hours=1), START + timedelta(hours=3)
    assert await listed(database, since=since, until=until) == ["26-2", "26-1"]


async def test_hits_are_counted_in_the_same_span(database: Database, item_id: int) -> None:
    since, until = START + timedelta(hours=1), START + timedelta(hours=4)
    async with database.read() as connection:
        assert await hits.record(connection, GUILD, item_id, since, until) == hits.ItemRecord(
            1, 2, START + timedelta(hours=3), 3
        )
        assert (await hits.record(connection, GUILD, item_id)).announced == 3


async def test_only_the_hits_of_the_item_or_the_dossier_are_listed(database: Database, item_id: int) -> None:
    other = await add_item(database, make_item("drone"))
    await owe_notice(database, other, make_notice("26-9"))
    async with database.tx("test.dossier") as connection:
        dossier = await dossiers.add(connection, GUILD, "Drones", "drones", None, 7, START)
        await dossiers.put(connection, GUILD, dossier.id, ThingKind.ITEM, other.id or 0, 7, START)
    assert await listed(database, item_id=other.id) == ["26-9"]
    assert await listed(database, dossier_id=dossier.id) == ["26-9"]
    assert "26-9" not in await listed(database, item_id=item_id)


@pytest.mark.usefixtures("item_id")
async def test_another_newsroom_lists_nothing(database: Database) -> None:
    await add_newsroom(database, THERE, channel=None, operations=None)
    assert await listed(database, THERE) == []
    assert await listed(database, THERE, item_id=1) == []


async def test_the_message_that_announced_a_hit_is_found(database: Database) -> None:
    await add_newsroom(database)
    item = await add_item(database)
    owed = await owe_notice(database, item, make_notice("26-1"))
    async with database.read() as connection:
        [before] = await hits.listed(connection, GUILD, HitFilter(item_id=item.id), 1)
    assert (before.announcement, before.message_url) == (AnnouncementState.PENDING, None)
    async with database.tx("test.sent") as connection:
        await connection.run(
            "UPDATE announcement SET state = 'sent', first_try_at = ?, history_from = 1, sent_at = ?, message_id = 77,"
            " shown = '{}', shown_revision = 1 WHERE guild_id = ? AND id = ?",
            START.isoformat(),
            START.isoformat(),
            GUILD,
            owed,
        )
        [after] = await hits.listed(connection, GUILD, HitFilter(item_id=item.id), 1)
    assert after.announcement is AnnouncementState.SENT
    assert after.message_url == f"https://discord.com/channels/{GUILD}/{CHANNEL}/77"


async def test_of_two_announcements_the_one_with_a_message_is_shown(database: Database) -> None:
    await add_newsroom(database)
    item = await add_item(database)
    first = await owe_notice(database, item, make_notice("26-1"))
    async with database.tx("test.sent") as connection:
        await connection.run(
            "UPDATE announcement SET state = 'sent', first_try_at = ?, history_from = 1, sent_at = ?, message_id = 77"
            " WHERE guild_id = ? AND id = ?",
            START.isoformat(),
            START.isoformat(),
            GUILD,
            first,
        )
        row = (await notices.known(connection, "gazette", ["26-1"]))["26-1"].row
        key = AnnouncementKey(
            guild_id=GUILD,
            channel_id=CHANNEL,
            kind=announcements.AnnouncementKind.NOTICE,
            subject="gazette:26-1",
            revision=2,
        )
        again = await announcements.owe(connection, key, now=START, thing_id=row)
        [hit] = await hits.listed(connection, GUILD, HitFilter(item_id=item.id), 5)
        assert again is not None
        await announcements.link(connection, GUILD, again, hit.stored.row)
        [listed_once] = await hits.listed(connection, GUILD, HitFilter(item_id=item.id), 5)
    assert listed_once.message_id == 77


async def owe_and_send(database: Database, kind: AnnouncementKind, subject: str, hit_row: int, message_id: int) -> None:
    """Send the usual channel an announcement that is linked to a hit."""
    key = AnnouncementKey(guild_id=GUILD, channel_id=CHANNEL, kind=kind, subject=subject)
    async with database.tx("test.sent") as connection:
        digest = None
        if kind is AnnouncementKind.DIGEST:
            digest = (await digests.add(connection, GUILD, CHANNEL, None, Every.DAILY, time(8, 30), 7, START)).id
        owed = await announcements.owe(connection, key, now=START, thing_id=digest, details={"source": "gazette"})
        assert owed is not None
        await announcements.link(connection, GUILD, owed, hit_row)
        await sending.begin(connection, place_of(), owed, START)
        await sending.sent(connection, owed, message_id=message_id, shown={}, revision=1, now=START)


async def test_a_hit_held_in_a_storm_is_listed_with_the_storms_message(database: Database) -> None:
    await add_newsroom(database)
    item = await add_item(database)
    async with database.tx("test.hit") as connection:
        row = await add_hit(
            connection, item, make_notice(), await add_notice(connection, make_notice()), held=Held.STORM
        )
    async with database.read() as connection:
        [before] = await hits.listed(connection, GUILD, HitFilter(item_id=item.id), 5)
    await owe_and_send(database, AnnouncementKind.STORM, "storm:gazette:now", row, 88)
    await owe_and_send(database, AnnouncementKind.DIGEST, "digest:1:2026-11-17", row, 99)
    async with database.read() as connection:
        [after] = await hits.listed(connection, GUILD, HitFilter(item_id=item.id), 5)
    assert (before.announcement, before.message_url) == (None, None)
    assert after.message_url == f"https://discord.com/channels/{GUILD}/{CHANNEL}/88"


async def test_a_change_in_a_storm_is_listed_with_the_storm_and_not_with_the_message_that_was_edited(
    database: Database,
) -> None:
    await add_newsroom(database)
    item = await add_item(database)
    first = await owe_notice(database, item, make_notice())
    async with database.tx("test.hit") as connection:
        await sending.begin(connection, place_of(), first, START)
        await sending.sent(connection, first, message_id=77, shown={}, revision=1, now=START)
        later = make_notice(revision=2, buyer="Métropole")
        await notices.revise(connection, 1, later, "1", 1, now=START)
        row = await add_hit(connection, item, later, 1, revision=2, held=Held.STORM)
        await announcements.link(connection, GUILD, first, row)
    await owe_and_send(database, AnnouncementKind.STORM, "storm:gazette:now", row, 88)
    async with database.read() as connection:
        listed = await hits.listed(connection, GUILD, HitFilter(item_id=item.id), 5)
    assert [one.message_id for one in listed] == [88, 77]


async def test_a_digest_is_not_the_message_that_announced_a_hit(database: Database) -> None:
    await add_newsroom(database)
    item = await add_item(database)
    await owe_notice(database, item, make_notice())
    await owe_and_send(database, AnnouncementKind.DIGEST, "digest:1:2026-11-17", 1, 99)
    async with database.read() as connection:
        [listed] = await hits.listed(connection, GUILD, HitFilter(item_id=item.id), 5)
    assert (listed.announcement, listed.message_url) == (AnnouncementState.PENDING, None)


async def test_items_are_in_exactly_the_dossiers_that_are_wanted(database: Database) -> None:
    await add_newsroom(database)
    first, second = await add_item(database), await add_item(database, make_item("drone"))
    async with database.tx("test.dossiers") as connection:
        ids = [(await dossiers.add(connection, GUILD, name, name, None, 7, START)).id for name in ("a", "b", "c")]
        await dossier_items.settle(connection, GUILD, {first.id or 0: ids[:2], second.id or 0: ids[:1]}, 7, START)
        await dossier_items.settle(connection, GUILD, {first.id or 0: ids[1:]}, 8, START)
        assert await dossier_items.gathered(connection, GUILD) == {
            first.id: frozenset(ids[1:]),
            second.id: frozenset(ids[:1]),
        }
        await dossier_items.settle(connection, GUILD, {first.id or 0: [], second.id or 0: []}, 8, START)
        assert await dossier_items.gathered(connection, GUILD) == {}


async def test_another_newsrooms_items_are_not_settled_and_not_told(database: Database) -> None:
    await add_newsroom(database)
    await add_newsroom(database, THERE, channel=None, operations=None)
    item = await add_item(database)
    async with database.tx("test.dossiers") as connection:
        dossier = await dossiers.add(connection, GUILD, "a", "a", None, 7, START)
        await dossier_items.settle(connection, GUILD, {item.id or 0: [dossier.id]}, 7, START)
        await dossier_items.settle(connection, THERE, {item.id or 0: []}, 7, START)
        assert await dossier_items.gathered(connection, THERE) == {}
        assert await dossier_items.gathered(connection, GUILD) == {item.id: frozenset({dossier.id})}
