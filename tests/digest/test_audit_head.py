"""The head of the audit log in a digest: once a week, of the whole channel, whole enough to be compared."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.cards import render
from bot.composing.digest import part_of
from bot.models import AuditHead, Digest, DigestNews, Every, QuietDays
from bot.storage.custody import audit
from tests.digest.world import Desk, open_desk
from tests.factories import CHANNEL

DAY = timedelta(days=1)
THERE = 3001


def head_of(parts: list[DigestNews]) -> AuditHead | None:
    """Return the head that some messages name, in the last of them."""
    assert all(part.audit_head is None for part in parts[:-1])
    return parts[-1].audit_head if parts else None


async def log_of(desk: Desk) -> AuditHead | None:
    async with desk.database.read() as connection:
        return await audit.head(connection, desk.guild_id)


async def due(desk: Desk, days: int = 1) -> list[DigestNews]:
    """Let days go by, make the digests that are due then, and return what their messages tell."""
    desk.clock.advance(days * DAY)
    before = len(await desk.rows())
    await desk.digester.make_due()
    return await desk.parts(before)


async def test_the_first_daily_digest_of_a_week_names_the_head_and_the_others_of_that_week_do_not(desk: Desk) -> None:
    await desk.schedule()  # on a Monday, after its hour
    named = [head_of(await due(desk)) is not None for _ in range(14)]
    assert named == [True, *[False] * 5, True, *[False] * 6, True]


async def test_the_head_is_the_last_entry_of_the_log_before_the_digest(desk: Desk) -> None:
    digest = await desk.schedule()
    before = await log_of(desk)
    assert head_of(await desk.make(digest)) == before
    assert await log_of(desk) != before


async def test_a_weekly_digest_names_it_on_its_day_each_week_and_not_when_somebody_asks_for_it(desk: Desk) -> None:
    digest = await desk.schedule(every=Every.FRIDAY)
    assert head_of(await desk.make(digest)) is None
    await desk.hit(await desk.item())
    friday = await due(desk, 4)
    again = await due(desk, 7)
    assert head_of(friday) is not None
    assert head_of(again) is not None


async def test_the_digest_of_a_dossier_names_no_head(desk: Desk) -> None:
    digest = await desk.schedule(dossier=await desk.dossier())
    assert head_of(await desk.make(digest)) is None
    whole = await desk.schedule()
    assert head_of(await desk.make(whole)) is not None


async def test_two_daily_digests_of_one_channel_name_it_once(desk: Desk) -> None:
    morning, evening = await desk.schedule(), await desk.schedule(every=Every.WEEKDAYS)
    assert head_of(await desk.make(morning)) is not None
    assert head_of(await desk.make(evening)) is None


async def test_a_silent_newsroom_is_told_by_its_first_digest_that_says_something(desk: Desk) -> None:
    await desk.settings(quiet_days=QuietDays.SILENT)
    digest = await desk.schedule()
    assert await desk.make(digest) == []
    await desk.hit(await desk.item())
    assert head_of(await desk.make(digest)) is not None


async def test_the_head_of_another_newsroom_is_named_nowhere(tmp_path: Path) -> None:
    async with open_desk(tmp_path, guilds=(1001, THERE)) as here:
        there = here.of(THERE)
        digest = await there.schedule()
        await here.schedule()
        await here.dossier("Un")
        assert head_of(await there.make(digest)) == AuditHead(1, (await first_hash(there)))


async def first_hash(desk: Desk) -> str:
    async with desk.database.read() as connection:
        return (await audit.listed(connection, desk.guild_id))[-1].hash


async def test_a_quiet_day_shows_the_number_and_the_whole_hash_last(desk: Desk) -> None:
    digest = await desk.schedule()
    head = await log_of(desk)
    await desk.make(digest)
    [card] = await desk.cards()
    assert head is not None
    assert f"Journal d\u2019audit\u00a0: 1 entrée, empreinte `{head.hash}`" in render(card).description


async def test_a_message_of_several_parts_names_it_in_the_last(desk: Desk) -> None:
    digest = await desk.schedule()
    item = await desk.item()
    for number in range(60):
        await desk.hit(item, number, title=f"Avis {number} {'x' * 100}")
    parts = await desk.make(digest)
    assert len(parts) > 1
    assert head_of(parts) is not None


async def test_what_was_named_stays_as_it_was_told(desk: Desk) -> None:
    digest = await desk.schedule()
    head = await log_of(desk)
    await desk.make(digest)
    [row] = await desk.rows()
    assert head is not None
    assert row.details["audit_head"] == {"number": head.number, "hash": head.hash}


async def test_a_digest_from_before_the_audit_log_is_still_shown(desk: Desk) -> None:
    digest: Digest = await desk.schedule()
    await desk.make(digest)
    [row] = await desk.rows()
    older = {key: value for key, value in json.loads(json.dumps(row.details)).items() if key != "audit_head"}
    async with desk.database.read() as connection:
        part = await part_of(connection, replace(row, details=older))
    assert (part.audit_head, row.channel_id) == (None, CHANNEL)
