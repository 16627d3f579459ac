"""A forum gets each announcement as a post of its own: once, although nothing keeps Discord from making it twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

import bot.delivery.outbox
from bot.delivery.posting import POST_DOUBT, POST_GRACE
from bot.models import AnnouncementKind, AnnouncementState
from bot.reference import AnnouncementKey
from bot.storage.outbox import announcements
from tests.delivery_world import World, faults_of
from tests.factories import CHANNEL, GUILD, make_notice, owe_notice
from tests.fake_discord import Crash, Ending
from tests.threads_world import FORUM, first, follow, places, set_threads, threads_world, told

LIMIT_UNITS = 100
DEADLINE = make_notice().deadline
SENT, PENDING = AnnouncementState.SENT, AnnouncementState.PENDING


@pytest.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    monkeypatch.setattr(bot.delivery.outbox, "SEND_TIMEOUT_S", 0.02)
    async with threads_world(tmp_path) as made:
        yield made


async def test_each_announcement_is_a_post_of_its_own(world: World) -> None:
    await told(world, 1, FORUM)
    await told(world, 2, FORUM)
    assert places(world, FORUM) == [message.id for message in world.discord.truth]
    assert [(await world.row(n)).thread_id for n in (1, 2)] == [m.id for m in world.discord.truth]


async def test_a_post_is_called_as_its_card(world: World) -> None:
    await told(world, 1, FORUM)
    (post,) = world.discord.threads_of.values()
    assert post.name == world.discord.truth[0].cards[0].title


async def test_the_name_of_a_post_is_plain_and_short(world: World) -> None:
    title = "\u202e@everyone **Caméras** " + "très " * 40
    made = await owe_notice(world.database, world.item, make_notice("26-1", title=title), FORUM)
    await world.settle()
    (post,) = world.discord.threads_of.values()
    assert (await world.row(made)).state is SENT
    assert len(post.name) <= LIMIT_UNITS
    assert "@everyone" not in post.name
    assert "\u202e" not in post.name


async def test_what_continues_a_procedure_goes_into_its_post(world: World) -> None:
    root = await told(world, 1, FORUM)
    await set_threads(world, is_on=False)
    await follow(world, 2, root, FORUM)
    await world.settle()
    assert places(world, FORUM) == 2 * [await first(world, root)]


@pytest.mark.parametrize("what", ["deleted", "locked"])
async def test_where_its_post_is_closed_it_is_a_post_of_its_own_and_what_comes_next_stands_there(
    world: World, what: str
) -> None:
    root = await told(world, 1, FORUM)
    post = await first(world, root)
    if what == "deleted":
        world.discord.delete_thread(post)
    else:
        world.discord.threads_of[post].is_locked = True
    second = await follow(world, 2, root, FORUM)
    await follow(world, 3, root, FORUM)
    await world.settle()
    assert places(world, FORUM)[-2:] == 2 * [await first(world, second)]
    assert await world.parked() == {}


async def test_where_posts_are_forbidden_the_forum_is_parked_and_that_is_told(world: World) -> None:
    world.discord.plan("post", Ending.THREAD_FORBIDDEN)
    announcement = await told(world, 1, FORUM)
    assert await world.parked() == {FORUM: "forbidden"}
    assert await world.told() == ["threads_forbidden"]
    await world.delivery.retry_parked(GUILD)
    await world.settle()
    assert (await world.row(announcement)).state is SENT
    assert len(places(world, FORUM)) == 1


async def test_a_channel_that_turns_out_to_be_a_forum_gets_a_post(world: World) -> None:
    async with world.database.tx("test.unknown") as connection:
        await connection.run("UPDATE channel SET is_forum = 0 WHERE channel_id = ?", FORUM)
    announcement = await told(world, 1, FORUM)
    assert places(world, FORUM) == [await first(world, announcement)]


async def test_a_post_in_doubt_is_looked_for_after_a_grace_and_not_before(world: World) -> None:
    await world.owe(1, FORUM)
    world.discord.plan("post", Ending.CRASH_BEFORE)
    with pytest.raises(Crash):
        await world.delivery.settle()
    await world.restart()
    await world.delivery.settle()
    assert world.discord.asked == ["post"]
    world.clock.advance(POST_GRACE)
    await world.delivery.settle()
    assert world.discord.asked == ["post", "find", "post"]


async def test_an_edit_and_a_withdrawal_reach_a_post(world: World) -> None:
    made = await told(world, 1, FORUM)
    await world.revise(made)
    await world.settle()
    assert len(world.discord.truth[0].cards) == 2
    async with world.database.tx("test.withdraw") as connection:
        await connection.run("UPDATE announcement SET is_withdrawn = 1, shown = NULL WHERE id = ?", made)
    await world.settle()
    assert world.discord.deleted() == [world.discord.truth[0].id]


@pytest.mark.parametrize("seconds", [3, 10, 25, 40])
async def test_a_post_that_lands_late_is_not_made_twice(world: World, seconds: int) -> None:
    world.discord.lag = timedelta(seconds=seconds)
    await world.owe(1, FORUM)
    world.discord.plan("post", Ending.DOUBT_LATE)
    await world.settle()
    assert world.discord.asked == ["post", "find"]
    assert faults_of(await world.rows(), world.discord.truth) == []


@pytest.mark.parametrize("ending", [Ending.DOUBT_BEFORE, Ending.DOUBT_AFTER, Ending.HANG_BEFORE, Ending.HANG_AFTER])
async def test_a_post_in_doubt_is_not_looked_for_while_it_may_be_on_its_way(world: World, ending: Ending) -> None:
    made = await world.owe(1, FORUM)
    world.discord.plan("post", ending)
    await world.delivery.settle()
    assert (await world.row(made)).next_try_at >= world.clock.now() + POST_DOUBT


async def test_a_post_asked_for_a_moment_before_the_process_was_killed_is_not_made_twice(world: World) -> None:
    """However long ago it was noted that it would be asked for."""
    world.discord.lag = timedelta(seconds=1)
    await world.owe(1, FORUM)
    world.discord.plan("post", Ending.CRASH_LATE)
    with pytest.raises(Crash):
        await world.delivery.settle()
    async with world.database.tx("test.long_ago") as connection:
        long_ago = (world.clock.now() - timedelta(minutes=1)).isoformat()
        await connection.run("UPDATE announcement SET first_try_at = ?, next_try_at = ?", long_ago, long_ago)
    await world.restart()
    await world.settle()
    assert faults_of(await world.rows(), world.discord.truth) == []


async def test_while_a_post_is_in_doubt_its_forum_waits_and_other_channels_do_not(world: World) -> None:
    await world.owe(1, FORUM)
    await world.owe(2, FORUM)
    await world.owe(3, CHANNEL)
    world.discord.plan("post", Ending.DOUBT_BEFORE)
    await world.delivery.settle()
    assert (len(places(world, FORUM)), len(places(world, CHANNEL))) == (0, 1)
    await world.settle()
    assert faults_of(await world.rows(), world.discord.truth, is_ordered=True) == []


async def test_a_forum_that_wants_a_tag_is_told_of_once_until_it_works_again(world: World) -> None:
    """The bot has every permission, so each change of the server has the forum tried again."""
    await told(world, 1, FORUM)
    await world.owe(2, FORUM)
    world.discord.plan("post", *3 * [Ending.THREAD_FORBIDDEN])
    for _ in range(4):
        await world.settle()
        world.clock.advance(timedelta(minutes=1))
        await world.delivery.retry_parked(GUILD, FORUM)
    assert await world.told() == ["threads_forbidden"]
    world.discord.plan("post", Ending.THREAD_FORBIDDEN)
    await told(world, 3, FORUM)
    assert await world.told() == 2 * ["threads_forbidden"]


async def test_a_server_with_too_many_open_threads_is_told_of_once_and_waited_for(world: World) -> None:
    made = await world.owe(1, FORUM)
    world.discord.plan("post", *3 * [Ending.FULL])
    for _ in range(3):
        await world.try_again()
        assert (await world.row(made)).state is PENDING
    assert await world.told() == ["threads_full"]
    await world.settle()
    assert places(world, FORUM) == [await first(world, made)]


async def test_what_finds_its_archived_post_in_a_server_with_too_many_waits_for_that_post(world: World) -> None:
    root = await told(world, 1, FORUM)
    await follow(world, 2, root, FORUM)
    world.discord.plan("send", Ending.FULL)
    await world.settle()
    assert places(world, FORUM) == 2 * [await first(world, root)]


async def test_an_edit_waits_where_its_archived_post_cannot_be_reopened_yet(world: World) -> None:
    made = await told(world, 1, FORUM)
    await world.revise(made)
    world.discord.plan("edit", Ending.FULL)
    await world.delivery.settle()
    assert len(world.discord.truth[0].cards) == 1
    await world.settle()
    assert len(world.discord.truth[0].cards) == 2


async def test_no_post_is_made_to_say_that_there_is_nothing_to_say_any_more(world: World) -> None:
    """It was in doubt, and is over since: were it not for the doubt, it would be dropped."""
    made = await _reminder(world, await told(world, 1, CHANNEL))
    world.discord.plan("post", Ending.DOUBT_BEFORE)
    await world.delivery.settle()
    world.clock.advance(timedelta(days=30))
    await world.settle()
    assert world.discord.asked.count("post") == 1
    assert made not in [row.id for row in await world.rows()]


async def test_what_is_over_is_looked_for_over_some_minutes_before_it_is_given_up(world: World) -> None:
    world.discord.lag = timedelta(days=30, minutes=2)
    made = await _reminder(world, await told(world, 1, CHANNEL))
    world.discord.plan("post", Ending.DOUBT_LATE)
    await world.delivery.settle()
    world.clock.advance(timedelta(days=30))
    await world.settle()
    assert places(world, FORUM) == [await first(world, made)]


async def test_a_post_that_counts_days_is_called_as_what_it_follows(world: World) -> None:
    root = await told(world, 1, FORUM)
    world.discord.delete_thread(await first(world, root))
    await _reminder(world, root)
    await world.settle()
    names = [thread.name for thread in world.discord.threads_of.values()]
    assert names == 2 * [world.discord.truth[0].cards[0].title]
    assert world.discord.truth[1].cards[0].title not in names


async def _reminder(world: World, follows: int) -> int:
    """Owe a forum the reminder of a notice's deadline."""
    key = AnnouncementKey(guild_id=GUILD, channel_id=FORUM, kind=AnnouncementKind.DEADLINE, subject="26-1")
    details = {"deadline": DEADLINE.isoformat(), "ended_by": None, "moved_to": None}
    async with world.database.tx("test.reminder") as connection:
        return await announcements.owe(connection, key, now=world.clock.now(), follows=follows, details=details)
