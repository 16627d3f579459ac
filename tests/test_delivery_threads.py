"""What continues a procedure stands in its thread, a forum gets posts: once each, whatever happens on the way."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

import bot.delivery.outbox
from bot.delivery import STUMBLES
from bot.delivery.showing import answered
from bot.models import AnnouncementKind, AnnouncementState
from bot.storage.outbox import announcements, explained, shown, sightings
from bot.storage.watching import hits
from bot.storage.watching.hits import HitFilter
from tests.delivery_world import World, faults_of
from tests.factories import CHANNEL, GUILD, OPERATIONS
from tests.fake_discord import Crash, Ending
from tests.threads_world import FORUM, first, follow, places, set_threads, store, stored, threads_world, told

LIMIT_UNITS = 100
SENT, SENDING = AnnouncementState.SENT, AnnouncementState.SENDING


@pytest.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    monkeypatch.setattr(bot.delivery.outbox, "SEND_TIMEOUT_S", 0.02)
    async with threads_world(tmp_path) as made:
        yield made


class TestInATextChannel:
    async def test_what_continues_a_procedure_goes_into_a_thread_of_its_first_message(self, world: World) -> None:
        root = await told(world)
        await follow(world, 2, root)
        await follow(world, 3, root + 1)
        await world.settle()
        assert places(world, CHANNEL) == [None, *2 * [await first(world, root)]]
        assert world.discord.asked.count("thread") == 1

    async def test_its_thread_is_called_as_the_first_message(self, world: World) -> None:
        root = await told(world)
        await follow(world, 2, root)
        await world.settle()
        (thread,) = world.discord.threads_of.values()
        assert thread.name == world.discord.truth[0].cards[0].title

    async def test_what_continues_nothing_opens_no_thread(self, world: World) -> None:
        await told(world)
        await told(world, 2)
        assert world.discord.threads_of == {}

    async def test_in_a_thread_nothing_is_answered(self, world: World) -> None:
        await follow(world, 2, await told(world))
        await world.settle()
        assert [message.answers for message in world.discord.truth] == [None, None]

    @pytest.mark.parametrize("kind", [AnnouncementKind.NOTICE, AnnouncementKind.CORRECTION])
    async def test_without_threads_it_answers_the_first_message_of_the_procedure(
        self, world: World, kind: AnnouncementKind
    ) -> None:
        await set_threads(world, is_on=False)
        root = await told(world)
        second = await follow(world, 2, root)
        await world.settle()
        await follow(world, 3, second if kind is AnnouncementKind.NOTICE else root)
        await world.settle()
        assert [m.answers for m in world.discord.truth] == [None, *2 * [await first(world, root)]]

    async def test_a_setting_changed_after_the_first_try_moves_nothing(self, world: World) -> None:
        await follow(world, 2, await told(world))
        world.discord.plan("send", Ending.DOUBT_AFTER)
        await world.delivery.settle()
        await set_threads(world, is_on=False)
        await world.settle()
        assert faults_of(await world.rows(), world.discord.truth) == []

    async def test_the_link_leads_into_the_thread(self, world: World) -> None:
        root = await told(world)
        later = await follow(world, 2, root)
        await world.settle()
        row = await world.row(later)
        assert row.url == f"https://discord.com/channels/{GUILD}/{await first(world, root)}/{row.message_id}"

    async def test_a_message_in_a_thread_is_known_by_a_link_copied_there(self, world: World) -> None:
        root = await told(world)
        later = await follow(world, 2, root)
        await world.settle()
        row, thread = await world.row(later), await first(world, root)
        async with world.database.read() as connection:
            found = await shown.by_message(connection, GUILD, thread, row.message_id or 0)
            assert found is not None
            assert found.id == later
            assert await shown.by_message(connection, GUILD, CHANNEL, row.message_id or 0) is None

    async def test_every_link_that_is_read_from_the_rows_leads_into_the_thread(self, world: World) -> None:
        root = await told(world)
        later = await follow(world, 2, root)
        await world.settle()
        url = (await world.row(later)).url
        async with world.database.read() as connection:
            listed = await hits.listed(connection, GUILD, HitFilter(), 10)
            row = await world.row(later)
            tellings = await explained.tellings(connection, GUILD, row.notice_id or 0)
        assert listed[0].message_url == url
        assert [telling.message_url for telling in tellings] == [url]

    async def test_an_edit_is_made_in_the_thread(self, world: World) -> None:
        later = await follow(world, 2, await told(world))
        await world.settle()
        await world.revise(later, 2)
        await world.settle()
        assert len(world.discord.truth[1].cards) == 2

    @pytest.mark.parametrize("what", ["deleted", "locked"])
    async def test_a_closed_thread_leaves_the_channel_in_use(self, world: World, what: str) -> None:
        root = await told(world)
        await follow(world, 2, root)
        await world.settle()
        thread = await first(world, root)
        if what == "deleted":
            world.discord.delete_thread(thread)
        else:
            world.discord.threads_of[thread].is_locked = True
        later = await follow(world, 3, root)
        await world.settle()
        assert (world.discord.truth[-1].thread, world.discord.truth[-1].answers) == (None, thread)
        assert (await world.row(later)).thread_id is None
        assert await world.parked() == {}

    async def test_a_thread_whose_message_is_gone_is_not_opened(self, world: World) -> None:
        root = await told(world)
        world.discord.delete_by_hand(await first(world, root))
        await follow(world, 2, root)
        await world.settle()
        assert places(world, CHANNEL) == [None]
        assert world.discord.threads_of == {}

    async def test_where_threads_are_forbidden_the_channel_takes_it_and_that_is_told_once(self, world: World) -> None:
        root = await told(world)
        world.discord.plan("thread", Ending.THREAD_FORBIDDEN, Ending.THREAD_FORBIDDEN)
        await follow(world, 2, root)
        await follow(world, 3, root)
        await world.settle()
        assert places(world, CHANNEL) == [None, None, None]
        assert await world.told() == ["threads_forbidden"]
        assert world.discord.in_channel(OPERATIONS) != []

    async def test_a_name_that_discord_refuses_does_not_cost_the_message(self, world: World) -> None:
        later = await follow(world, 2, await told(world))
        world.discord.plan("thread", Ending.REFUSED)
        await world.settle()
        row = await world.row(later)
        assert (row.state, row.thread_id, row.is_plain) == (SENT, None, False)
        assert await world.told() == []

    async def test_where_new_threads_are_too_many_the_channel_takes_it_and_nothing_waits(self, world: World) -> None:
        root = await told(world)
        await follow(world, 2, root)
        await world.owe(3)
        world.discord.plan("thread", Ending.TOO_MANY)
        await world.delivery.settle()
        assert [message.answers for message in world.discord.truth] == [None, await first(world, root), None]

    async def test_a_correction_answers_its_card_in_the_post_that_it_shares(self, world: World) -> None:
        root = await told(world, channel=FORUM)
        later = await follow(world, 2, root, FORUM)
        async with world.database.tx("test.correction") as connection:
            row = await announcements.get(connection, GUILD, later)
            correction = dataclasses.replace(row, kind=AnnouncementKind.CORRECTION)
            thread = await first(world, root)
            assert await answered(connection, correction, thread) == thread
            assert await answered(connection, correction, None) is None


ENDINGS = [
    Ending.OK,
    Ending.REFUSED,
    Ending.CHANNEL_GONE,
    Ending.THREAD_FORBIDDEN,
    Ending.TOO_MANY,
    Ending.DOUBT_BEFORE,
    Ending.DOUBT_AFTER,
    Ending.HANG_AFTER,
    Ending.BROKEN,
    Ending.CRASH_BEFORE,
    Ending.CRASH_AFTER,
]
THEN = [Ending.OK, Ending.DOUBT_AFTER, Ending.CRASH_AFTER]


async def _carry_through(world: World) -> None:
    """Go on until all is settled, over crashes and parked channels."""
    for _ in range(4 * STUMBLES):
        try:
            await world.settle()
        except Crash:
            await world.restart()
        await world.delivery.retry_parked(GUILD, by_hand=True)
    await world.settle()


@pytest.mark.parametrize("then", THEN)
@pytest.mark.parametrize("ending", ENDINGS)
async def test_however_the_making_of_a_post_ends_there_is_one(world: World, ending: Ending, then: Ending) -> None:
    await world.owe(1, FORUM)
    world.discord.plan("post", ending, then)
    await _carry_through(world)
    assert faults_of(await world.rows(), world.discord.truth) == []


@pytest.mark.parametrize("look", [Ending.DOUBT_BEFORE, Ending.CRASH_BEFORE, Ending.TOO_MANY])
@pytest.mark.parametrize("ending", [Ending.DOUBT_AFTER, Ending.CRASH_AFTER])
async def test_however_a_look_for_a_post_ends_there_is_one(world: World, ending: Ending, look: Ending) -> None:
    await world.owe(1, FORUM)
    world.discord.plan("post", ending)
    world.discord.plan("find", look)
    await _carry_through(world)
    assert faults_of(await world.rows(), world.discord.truth) == []


@pytest.mark.parametrize("send", THEN)
@pytest.mark.parametrize("opened", ENDINGS)
async def test_however_a_thread_is_opened_the_message_stands_once(world: World, opened: Ending, send: Ending) -> None:
    await follow(world, 2, await told(world))
    world.discord.plan("thread", opened)
    world.discord.plan("send", send)
    await _carry_through(world)
    assert faults_of(await world.rows(), world.discord.truth) == []


async def test_a_thread_deleted_while_a_message_in_it_is_in_doubt_leaves_it_in_the_channel(world: World) -> None:
    root = await told(world)
    later = await follow(world, 2, root)
    world.discord.plan("send", Ending.DOUBT_BEFORE)
    await world.delivery.settle()
    world.discord.delete_thread(await first(world, root))
    await follow(world, 3, root)
    await world.settle()
    assert len(places(world, CHANNEL)) == 3
    assert (await world.row(later)).state is SENT


@pytest.mark.parametrize("channel", [CHANNEL, FORUM])
async def test_what_was_sent_into_threads_and_posts_since_a_backup_is_not_sent_again(
    world: World, channel: int
) -> None:
    root = await told(world, 1, channel)
    now = world.clock.now()
    world.discord.advance_to(now + timedelta(minutes=1))
    for number in range(2, 6):
        await follow(world, number, root, channel)
    single = await world.owe(6, channel)
    await world.settle()
    before = len(world.discord.truth)
    async with world.database.tx("test.restored") as connection:
        await connection.run(
            """
            UPDATE announcement SET state = 'pending', sent_at = NULL, message_id = NULL, thread_id = NULL,
                first_try_at = NULL, history_from = NULL, shown = NULL, shown_revision = NULL WHERE id > ?
            """,
            root,
        )
        await sightings.begin(connection, now, now + timedelta(hours=1))
    await world.settle()
    assert len(world.discord.truth) == before
    assert faults_of(await world.rows(), world.discord.truth) == []
    thread = await first(world, root)
    assert [(await world.row(n)).thread_id for n in range(root + 1, single)] == 4 * [thread]


class TestSinceABackup:
    async def test_what_was_in_doubt_in_a_thread_and_went_into_the_channel_is_not_sent_again(
        self, world: World
    ) -> None:
        root = await told(world)
        made_at = world.clock.now()
        world.discord.advance_to(made_at + timedelta(minutes=1))
        await follow(world, 2, root)
        await world.settle()
        thread = await first(world, root)
        later = await follow(world, 3, root)
        await _back_up_in_doubt_and_go_on(world, later, lambda: _lock(world, thread))
        await sight(world, made_at)
        assert (await world.row(later)).thread_id is None
        assert faults_of(await world.rows(), world.discord.truth) == []

    async def test_what_was_in_doubt_in_a_post_and_became_a_post_is_not_posted_again(self, world: World) -> None:
        root = await told(world, 1, FORUM)
        made_at = world.clock.now()
        world.discord.advance_to(made_at + timedelta(minutes=1))
        later = await follow(world, 2, root, FORUM)
        post = await first(world, root)
        await _back_up_in_doubt_and_go_on(world, later, lambda: world.discord.delete_thread(post))
        await sight(world, made_at)
        assert (await world.row(later)).thread_id == (await first(world, later))
        assert len(world.discord.truth) == 2

    async def test_what_was_in_doubt_and_is_to_be_taken_out_is_found_where_it_went(self, world: World) -> None:
        root = await told(world)
        made_at = world.clock.now()
        world.discord.advance_to(made_at + timedelta(minutes=1))
        later = await follow(world, 2, root)
        await _back_up_in_doubt_and_go_on(world, later, lambda: _lock(world, world.discord.truth[0].id))
        async with world.database.tx("test.withdraw") as connection:
            await connection.run("UPDATE announcement SET is_withdrawn = 1, shown = NULL WHERE id = ?", later)
        await sight(world, made_at)
        assert world.discord.deleted() == [world.discord.truth[-1].id]


async def _back_up_in_doubt_and_go_on(world: World, announcement: int, close: Callable[[], None]) -> None:
    """Back up while a row is in doubt, close the thread that it was to go into, settle it, and restore."""
    world.discord.plan("send", Ending.DOUBT_BEFORE)
    await world.delivery.settle()
    backed_up = await stored(world, announcement)
    assert (backed_up["state"], backed_up["thread_id"] is not None) == ("sending", True)
    close()
    await world.settle()
    assert (await world.row(announcement)).state is SENT
    await store(world, backed_up)


def _lock(world: World, thread: int) -> None:
    world.discord.threads_of[thread].is_locked = True


async def sight(world: World, made_at: datetime) -> None:
    """Go on with a backup made at a moment, of which it is known that it is one."""
    async with world.database.tx("test.restored") as connection:
        await sightings.begin(connection, made_at, world.clock.now() + timedelta(hours=1))
    await world.settle()
