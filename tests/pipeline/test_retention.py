"""Texts that concern nobody go after a while; what a notice is stays known."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.indexing import Indexer
from bot.models import Priority
from bot.pipeline.retention import drop_old_texts
from bot.reference import AnnouncementKey
from bot.storage.archive import notices
from bot.storage.outbox import announcements
from bot.storage.outbox.announcements import AnnouncementKind
from tests.factories import CHANNEL, GUILD, add_item, make_item, make_notice
from tests.pipeline.wire import FIRST, Wire

KEEP = timedelta(days=730)
DULL = {"title": "Fourniture de mobilier", "text": "Tables et chaises de bureau."}
"""What nobody watches."""


async def _drop(wire: Wire) -> int:
    return await drop_old_texts(wire.database, wire.clock, KEEP)


async def _texts(wire: Wire, notice_id: str = "26-1") -> list[str]:
    async with wire.database.read() as connection:
        rows = await connection.all(
            """
            SELECT text FROM notice_revision JOIN notice ON notice.id = notice_id
            WHERE source_id = ? ORDER BY notice_revision.revision
            """,
            notice_id,
        )
    return [row["text"] for row in rows]


async def _finds(wire: Wire, word: str) -> bool:
    await Indexer(wire.database).catch_up()
    async with wire.database.read() as connection:
        return bool(await connection.all("SELECT 1 FROM notice_words WHERE notice_words MATCH ?", word))


@pytest.fixture
async def old(wire: Wire) -> Wire:
    """Hold a pipeline with a dull notice in two revisions, seen just longer ago than texts are kept."""
    await wire.poll([make_notice(**DULL)])
    await wire.poll([make_notice(**DULL, buyer="Métropole")])
    wire.clock.advance(KEEP + timedelta(seconds=1))
    return wire


async def test_an_old_text_that_concerns_nobody_goes_from_all_revisions(old: Wire) -> None:
    assert await _drop(old) == 2
    assert (await _texts(old), await _texts(old, FIRST.id)) == (["", ""], [""])


async def test_everything_else_of_it_stays(old: Wire) -> None:
    before = await old.dump()
    await _drop(old)
    after = await old.dump()
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"notice", "notice_revision"}
    async with old.database.read() as connection:
        latest = (await notices.latest(connection, [2]))[2]
    assert (latest.title, latest.buyer, latest.published) == (DULL["title"], "Métropole", make_notice().published)


async def test_a_dropped_text_is_found_no_longer_but_its_title_is(old: Wire) -> None:
    assert await _finds(old, "chaises")
    await _drop(old)
    assert (await _finds(old, "chaises"), await _finds(old, "mobilier")) == (False, True)


async def test_a_text_that_is_young_stays(old: Wire) -> None:
    old.clock.advance(-timedelta(hours=2))
    assert await _drop(old) == 0


async def test_a_text_of_which_a_revision_is_young_stays(old: Wire) -> None:
    await old.poll([make_notice(**DULL, buyer="Ville de Paris")])
    assert await _drop(old) == 1
    assert len(set(await _texts(old))) == 1


async def test_a_text_goes_once(old: Wire) -> None:
    await _drop(old)
    assert await _drop(old) == 0


async def test_a_text_with_a_hit_stays_though_the_item_is_gone(wire: Wire) -> None:
    item = await add_item(wire.database, make_item("chaises", priority=Priority.DIGEST))
    await wire.poll([make_notice(**DULL)])
    await wire.remove(item)
    wire.clock.advance(2 * KEEP)
    assert await _drop(wire) == 1
    assert await _texts(wire) == [DULL["text"]]


async def test_a_text_that_was_announced_stays(old: Wire) -> None:
    key = AnnouncementKey(guild_id=GUILD, channel_id=CHANNEL, kind=AnnouncementKind.NOTICE, subject="gazette:26-1")
    async with old.database.tx("test.owe") as connection:
        await announcements.owe(connection, key, now=old.clock.now(), thing_id=2)
    await _drop(old)
    assert await _texts(old) == [DULL["text"]] * 2


async def test_a_text_that_is_told_beside_another_notice_stays(old: Wire) -> None:
    key = AnnouncementKey(guild_id=GUILD, channel_id=CHANNEL, kind=AnnouncementKind.NOTICE, subject="gazette:26-0")
    async with old.database.tx("test.owe") as connection:
        announcement = await announcements.owe(connection, key, now=old.clock.now(), thing_id=1)
        await connection.run(
            "INSERT INTO announcement_companion (guild_id, announcement_id, notice_id) VALUES (?, ?, 2)",
            GUILD,
            announcement,
        )
    await _drop(old)
    assert await _texts(old) == [DULL["text"]] * 2


async def test_a_text_that_a_fact_cites_stays(old: Wire) -> None:
    async with old.database.tx("test.cite") as connection:
        at = "2026-11-16T08:00:00.000000+00:00"
        await connection.run("INSERT INTO fact (id, guild_id, logged_by, logged_at) VALUES (1, ?, 7, ?)", GUILD, at)
        await connection.run(
            """
            INSERT INTO fact_revision (guild_id, fact_id, revision, claim, made_by, made_at) VALUES (?, 1, 1, 'x', 7, ?)
            """,
            GUILD,
            at,
        )
        await connection.run(
            """
            INSERT INTO citation (guild_id, fact_id, n, from_revision, kind, title, notice_id, added_by, added_at)
            VALUES (?, 1, 1, 1, 'notice', 'x', 2, 7, ?)
            """,
            GUILD,
            at,
        )
    await _drop(old)
    assert await _texts(old) == [DULL["text"]] * 2


async def test_a_text_that_a_live_item_matches_stays_though_it_has_no_hit(old: Wire) -> None:
    await add_item(old.database, make_item("chaises"))
    await _drop(old)
    assert await _texts(old) == [DULL["text"]] * 2


async def test_a_dropped_notice_that_is_read_again_is_known(old: Wire) -> None:
    await _drop(old)
    report = await old.poll([make_notice(**DULL, buyer="Métropole")])
    assert (report.tally.new, report.tally.changed, await _texts(old)) == (0, 0, ["", ""])


async def test_a_later_revision_of_a_dropped_notice_brings_its_text_again(old: Wire) -> None:
    await _drop(old)
    report = await old.poll([make_notice(**DULL, buyer="Ville de Paris")])
    assert (report.tally.changed, await _texts(old)) == (1, ["", "", DULL["text"]])
    assert await _finds(old, "chaises")
    old.clock.advance(KEEP + timedelta(seconds=1))
    assert (await _drop(old), await _texts(old)) == (1, ["", "", ""])


async def test_a_correction_of_a_dropped_notice_is_no_news_for_an_item_of_since(old: Wire) -> None:
    await _drop(old)
    await add_item(old.database, make_item("chaises"))
    await old.poll([make_notice(**DULL, buyer="Métropole", url="https://gazette.example/moved")])
    assert await old.about() == []


async def test_many_texts_go_in_small_transactions(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.pipeline.retention.BATCH", 7)
    await wire.poll([make_notice(f"26-{number}", **DULL) for number in range(1, 31)])
    wire.clock.advance(2 * KEEP)
    labels = []
    begin = wire.database.tx
    monkeypatch.setattr(wire.database, "tx", lambda label: labels.append(label) or begin(label))
    assert (await _drop(wire), labels) == (31, ["retention.texts"] * 5)
