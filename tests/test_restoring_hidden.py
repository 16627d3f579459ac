"""What a backup does not know of what was sent and hidden after it: nothing is said twice, nothing hidden is read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from bot import embargo
from bot.access import Viewer
from bot.audit import verify
from bot.cli._backup import _told
from bot.facts import changes as fact_changes
from bot.locales import Language, Texts
from bot.models import Fact, ThingKind, Tip
from bot.restoring import restore
from bot.storage import newsrooms
from bot.storage.custody import audit
from bot.storage.log import facts, tips
from bot.storage.outbox import announcements
from bot.storage.outbox.sightings import snowflake
from bot.tips import changes, erasing
from tests.factories import CHANNEL, FLOOR, GUILD, make_notice, owe_notice
from tests.log_world import log_fact, log_tip
from tests.test_restoring import BY, HOUR, Desk, clock, desk, stored

__all__ = ("clock", "desk")

LOG, NEW = 2003, 2050
EDITOR = Viewer(guild_id=GUILD, user_id=9, sees_all=True)
CANARY = "Morvaldine"


async def use(desk: Desk, channel: int, floor: int = FLOOR) -> None:
    async with desk.world.database.tx("test.use") as connection:
        await newsrooms.use_channel(connection, GUILD, channel, floor)


async def with_log(desk: Desk) -> None:
    await use(desk, LOG)
    async with desk.world.database.tx("test.log") as connection:
        newsroom = await newsrooms.find(connection, GUILD)
        assert newsroom is not None
        await newsrooms.save(connection, replace(newsroom, log_channel=LOG))


async def make_sensitive(desk: Desk, tip: Tip) -> None:
    words = replace(changes.words_of(tip), is_sensitive=True)
    await changes.edit(desk.world.database, EDITOR, tip.id, words, desk.clock.now(), seen=tip.revision)


async def put(desk: Desk, thing: Tip | Fact) -> None:
    """Put a thing under embargo for a month."""
    kind, now = ThingKind.TIP if isinstance(thing, Tip) else ThingKind.FACT, desk.clock.now()
    await embargo.put(desk.world.database, EDITOR, kind, thing.id, now + timedelta(days=30), now, seen=None)


async def send(desk: Desk) -> None:
    desk.world.discord.advance_to(desk.clock.now())
    await desk.world.settle()


def read_in(desk: Desk, channel: int) -> str:
    """Return what is to be read in a channel now."""
    return str([message.cards[-1] for message in desk.world.discord.in_channel(channel)])


async def test_a_channel_that_came_into_use_after_the_backup_is_read_too(desk: Desk) -> None:
    await desk.announce(1)
    await desk.back_up()
    await use(desk, NEW, snowflake(desk.clock.now()))
    await owe_notice(desk.world.database, desk.world.item, make_notice("26-2"), NEW)
    await send(desk)
    await desk.restore()
    desk.clock.moment += HOUR
    await use(desk, NEW, snowflake(desk.clock.now()))
    await owe_notice(desk.world.database, desk.world.item, make_notice("26-2"), NEW)
    await desk.world.settle()
    assert len(desk.world.discord.in_channel(NEW)) == 1


async def test_a_clock_that_once_ran_ahead_hides_nothing_that_was_sent(desk: Desk) -> None:
    await desk.announce(1)
    async with desk.world.database.tx("test.ahead") as connection:
        ahead = (desk.clock.now() + timedelta(days=2)).isoformat()
        await connection.run("UPDATE notice SET seen_at = ?", ahead)
    await desk.back_up()
    await desk.announce(2, 3)
    await desk.restore()
    await desk.announce(2, 3)
    assert len(desk.world.discord.truth) == 3


async def test_what_may_have_been_sent_is_not_moved_to_another_channel(desk: Desk) -> None:
    await use(desk, NEW)
    await owe_notice(desk.world.database, desk.world.item, make_notice("26-1"))
    await desk.back_up()
    await send(desk)
    await desk.restore()
    async with desk.world.database.tx("test.reroute") as connection:
        await announcements.reroute(connection, GUILD, CHANNEL, NEW)
    await desk.world.settle()
    assert len(desk.world.discord.truth) == 1


async def test_a_tip_made_sensitive_before_its_channel_was_read_is_hidden_there(desk: Desk) -> None:
    await with_log(desk)
    tip = await log_tip(desk.world.database, text=CANARY)
    await desk.back_up()
    await send(desk)
    await desk.restore()
    await make_sensitive(desk, tip)
    await desk.world.settle()
    assert CANARY not in read_in(desk, LOG)


async def test_what_was_hidden_after_the_backup_is_hidden_again(desk: Desk) -> None:
    await with_log(desk)
    tips_made = [await log_tip(desk.world.database, text=f"{CANARY} {number}") for number in range(3)]
    fact = await log_fact(desk.world.database, claim=CANARY)
    await send(desk)
    await desk.back_up()
    await make_sensitive(desk, tips_made[0])
    await put(desk, tips_made[1])
    await put(desk, fact)
    restored = await desk.restore()
    await desk.world.settle()
    async with desk.world.database.read() as connection:
        found = [await tips.get(connection, GUILD, tip.id) for tip in tips_made]
        entries = await audit.listed(connection, GUILD)
        standing = await facts.get(connection, GUILD, fact.id)
    assert [(tip.is_sensitive, tip.embargo_until is not None) for tip in found] == [
        (True, False),
        (False, True),
        (False, False),
    ]
    assert standing.is_hidden
    assert read_in(desk, LOG).count(CANARY) == 1
    assert restored.hidden == 3
    by_hand = [(entry.action, entry.subject) for entry in entries if entry.made_by == BY]
    assert sorted(by_hand, key=str) == sorted(
        [("restore", None), ("tip edit", "tip:1"), ("tip embargo", "tip:2"), ("fact embargo", "fact:1")], key=str
    )


async def test_the_audit_log_of_what_was_restored_is_intact(desk: Desk) -> None:
    tip, erased = [await log_tip(desk.world.database, text=CANARY) for _ in range(2)]
    fact = await log_fact(desk.world.database)
    await desk.back_up()
    await make_sensitive(desk, tip)
    await put(desk, fact)
    await erasing.erase(desk.world.database, EDITOR, erased.id, desk.clock.now())
    await desk.restore()
    await desk.close()
    assert verify(desk.path).finding is None


async def test_another_thing_that_got_the_number_is_not_hidden(desk: Desk) -> None:
    await log_tip(desk.world.database, text=CANARY)
    await desk.back_up()
    async with desk.world.database.tx("test.other") as connection:
        await connection.run("UPDATE tip SET is_sensitive = 1, logged_at = '2020-01-01T00:00:00.000000+00:00'")
    restored = await desk.restore()
    assert restored.hidden == 0


async def test_a_fact_that_was_under_embargo_in_both_is_left_as_it_is(desk: Desk) -> None:
    fact = await log_fact(desk.world.database)
    await put(desk, fact)
    await desk.back_up()
    await fact_changes.dispute(desk.world.database, EDITOR, fact.id, "démenti", desk.clock.now())
    restored = await desk.restore()
    assert restored.hidden == 0


@pytest.mark.parametrize("left", [b"\xff" * 20_000, None], ids=["damaged", "missing"])
async def test_where_the_former_database_is_not_read_that_is_said(desk: Desk, left: bytes | None) -> None:
    await log_tip(desk.world.database, text=CANARY)
    await desk.back_up()
    await desk.close()
    desk.path.unlink()
    if left is not None:
        desk.path.write_bytes(left)
    restored = await restore(desk.backup, desk.path, desk.clock, BY)
    assert not restored.is_former_read
    assert "manque ou n\u2019a pas pu être lue" in "\n".join(_told(Texts(Language.FR, UTC), restored))
    assert stored(desk.path, "SELECT text FROM tip_revision") == [(CANARY,)]


async def test_where_the_former_database_is_read_nothing_is_asked(desk: Desk) -> None:
    await desk.back_up()
    restored = await desk.restore()
    assert restored.is_former_read
    assert "manque" not in "\n".join(_told(Texts(Language.FR, UTC), restored))
