"""Procedures that people follow by hand: noted once, announced, told of what comes, and given up."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.access import AccessError, Action, Caller, authorize
from bot.config import NewsroomSettings
from bot.errors import UserError
from bot.following_up import follow, unfollow
from bot.models import AnnouncementState, Follow, NoticeKind
from bot.setting_up import Changes, set_up
from bot.storage import newsrooms
from bot.storage.archive import retention
from bot.storage.custody import audit
from bot.storage.outbox import following
from bot.storage.outbox.announcements import Place
from bot.storage.watching import dismissals, dismissed_news, follows
from tests.factories import CHANNEL, GUILD, START
from tests.following_up.world import DAY, OTHER_CHANNEL, Desk

PERSON, OTHER = 7, 8
HERE = Place(GUILD, CHANNEL)


async def places(desk: Desk, procedure: str = "gazette:26-1") -> dict[Place, int]:
    async with desk.database.read() as connection:
        return await following.places_of_procedure(connection, procedure, desk.clock.now())


async def audited(desk: Desk) -> list[tuple[str, str | None]]:
    async with desk.database.read() as connection:
        return [(one.action, one.subject) for one in (await audit.listed(connection, GUILD))[::-1]]


async def test_a_procedure_that_is_followed_is_announced_once_and_whatever_comes_of_it_too(desk: Desk) -> None:
    row = await desk.publish(1)
    done = await follow(desk.database, GUILD, row, PERSON, START)
    assert (done.is_changed, done.is_announced) == (True, False)
    again = await follow(desk.database, GUILD, row, OTHER, START + DAY)
    assert (again.is_changed, again.follow) == (False, done.follow)
    await desk.delivery.settle()
    assert len(desk.discord.in_channel(CHANNEL)) == 1
    assert f"Procedure followed by <@{PERSON}>" in desk.read()
    assert await places(desk) == {HERE: 1}
    assert await audited(desk) == [("notice follow", f"notice:{row}")]


async def test_another_notice_of_a_followed_procedure_is_not_followed_a_second_time(desk: Desk) -> None:
    first, second = await desk.publish(1), await desk.publish(2)
    await follow(desk.database, GUILD, first, PERSON, START)
    assert not (await follow(desk.database, GUILD, second, OTHER, START)).is_changed


async def test_a_followed_procedure_has_its_reminder_and_its_alarm(desk: Desk) -> None:
    await follow(desk.database, GUILD, await desk.publish(1), PERSON, START)
    await desk.work()
    await desk.after(21)
    await desk.after(24 + 90)
    assert [re.split(": | \u2013 ", title)[0] for title in desk.told()] == [
        "3 days left",
        "Closed 90 days ago, no award published",
    ]
    assert f"Procedure followed by <@{PERSON}>" in desk.read()


async def test_what_was_given_up_is_told_no_longer_and_its_card_says_so(desk: Desk) -> None:
    done = await follow(desk.database, GUILD, await desk.publish(1), PERSON, START)
    await desk.work()
    ended = await unfollow(desk.database, GUILD, done.follow.id, OTHER, START + DAY)
    again = await unfollow(desk.database, GUILD, done.follow.id, OTHER, START + DAY)
    assert (ended.is_changed, again.is_changed) == (True, False)
    assert await places(desk) == {}
    await desk.after(21)
    await desk.after(24 + 90)
    assert desk.told() == []
    assert "it no longer is" in desk.read()
    assert [action for action, _ in await audited(desk)] == ["notice follow", "notice unfollow"]


async def test_what_was_given_up_can_be_followed_again_without_another_card(desk: Desk) -> None:
    row = await desk.publish(1)
    done = await follow(desk.database, GUILD, row, PERSON, START)
    await desk.work()
    await unfollow(desk.database, GUILD, done.follow.id, PERSON, START)
    again = await follow(desk.database, GUILD, row, OTHER, START)
    await desk.work()
    assert (again.is_changed, again.is_announced) == (True, True)
    assert len(desk.discord.in_channel(CHANNEL)) == 1


async def test_a_procedure_that_was_announced_is_followed_though_its_hits_are_dismissed(desk: Desk) -> None:
    row = await desk.announce()
    done = await follow(desk.database, GUILD, row, PERSON, START)
    assert done.is_announced
    async with desk.database.tx("test.dismiss") as connection:
        added = await dismissals.add(connection, GUILD, desk.item.id or 0, row, None, "x", 7, START)
        assert added is not None
        await dismissed_news.take_back(connection, added)
    assert await places(desk) == {HERE: 1}
    await desk.after(21)
    assert len(desk.told()) == 1
    assert len(desk.discord.in_channel(CHANNEL)) == 2


async def test_a_dismissal_elsewhere_takes_no_followed_notice_back_that_waits(desk: Desk) -> None:
    await follow(desk.database, GUILD, await desk.publish(1), PERSON, START)
    other = await desk.announce(5, procedure="gazette:26-5")
    async with desk.database.tx("test.dismiss") as connection:
        added = await dismissals.add(connection, GUILD, desk.item.id or 0, other, None, "x", 7, START)
        assert added is not None
        await connection.run(
            "UPDATE announcement SET state = 'pending', sent_at = NULL, message_id = NULL, shown = NULL"
        )
        await dismissed_news.take_back(connection, added)
        rows = await connection.all("SELECT subject FROM announcement")
    assert [row["subject"] for row in rows] == ["gazette:26-1"]


async def test_a_notice_that_was_revised_is_announced_as_it_now_stands(desk: Desk) -> None:
    row = await desk.publish(1)
    await desk.revise(row, title="Nouvelles caméras")
    await follow(desk.database, GUILD, row, PERSON, START)
    await desk.delivery.settle()
    async with desk.database.read() as connection:
        (found,) = await connection.all("SELECT state, revision, shown_revision, due_revision FROM announcement")
    assert tuple(found) == (AnnouncementState.SENT, 1, 2, 2)
    assert "Nouvelles caméras" in desk.read()


async def test_a_newsroom_without_a_channel_is_told_so(desk: Desk) -> None:
    await desk.settings(announcements_channel=None)
    with pytest.raises(UserError, match="follow-no-channel"):
        await follow(desk.database, GUILD, await desk.publish(1), PERSON, START)


@pytest.mark.parametrize("kind", [None, NoticeKind.REGISTRATION, NoticeKind.ARTICLE])
async def test_what_is_no_procedure_cannot_be_followed(desk: Desk, kind: NoticeKind | None) -> None:
    with pytest.raises(UserError, match="follow-none"):
        await follow(desk.database, GUILD, await desk.publish(1, kind=kind), PERSON, START)
    with pytest.raises(UserError, match="follow-none"):
        await follow(desk.database, GUILD, 404, PERSON, START)


async def test_another_newsroom_can_neither_see_nor_end_a_follow(desk: Desk) -> None:
    row = await desk.publish(1)
    done = await follow(desk.database, GUILD, row, PERSON, START)
    async with desk.database.tx("test.newsroom") as connection:
        here = await newsrooms.find(connection, GUILD)
        assert here is not None
        await newsrooms.save(connection, replace(here, guild_id=4242, announcements_channel=None))
    with pytest.raises(UserError, match="follow-gone"):
        await unfollow(desk.database, 4242, done.follow.id, PERSON, START)
    async with desk.database.read() as connection:
        assert await follows.standing(connection, 4242, row) is None
        assert await follows.count(connection, 4242) == 0
        assert await follows.count(connection, GUILD) == 1


async def test_the_text_of_a_followed_procedure_is_kept_until_it_is_given_up(desk: Desk) -> None:
    followed, sibling = await desk.publish(1), await desk.publish(2)
    lone = await desk.publish(3, procedure="gazette:26-3")
    later = START + timedelta(days=400)
    async with desk.database.tx("test.follow") as connection:
        stands = await follows.add(connection, GUILD, followed, CHANNEL, PERSON, START)

    async def unused() -> list[int]:
        async with desk.database.read() as connection:
            found, _ = await retention.old_unused(connection, later, retention.Place(), 25)
            return [one.row for one in found]

    assert await unused() == [lone]
    async with desk.database.tx("test.unfollow") as connection:
        await follows.end(connection, GUILD, stands.id, PERSON, START)
    assert await unused() == [followed, sibling, lone]


@pytest.mark.parametrize(
    ("roles", "by", "is_allowed"), [({100}, PERSON, True), ({100}, OTHER, False), ({200}, OTHER, True)]
)
async def test_a_follow_is_ended_by_who_asked_for_it_or_an_editor(
    desk: Desk, roles: set[int], by: int, *, is_allowed: bool
) -> None:
    await desk.settings(reporter_role=100, editor_role=200)
    async with desk.database.read() as connection:
        newsroom = await newsrooms.find(connection, GUILD)
    stands = Follow(id=1, guild_id=GUILD, notice_id=1, channel_id=CHANNEL, followed_by=PERSON, followed_at=START)
    caller = Caller(user_id=by, guild_id=GUILD, role_ids=frozenset(roles))
    if is_allowed:
        authorize(caller, newsroom, Action.NOTICE_UNFOLLOW, thing=stands)
    else:
        with pytest.raises(AccessError):
            authorize(caller, newsroom, Action.NOTICE_UNFOLLOW, thing=stands)


async def test_a_follow_goes_with_its_waiting_card_to_the_new_channel_and_is_reminded_there(desk: Desk) -> None:
    await follow(desk.database, GUILD, await desk.publish(1), PERSON, START)
    await move(desk)
    await desk.delivery.settle()
    await desk.after(21)
    assert desk.told() == []
    assert f"Procedure followed by <@{PERSON}>" in desk.read(0, channel=OTHER_CHANNEL)
    assert desk.told(OTHER_CHANNEL) == ["3 days left \u2013 Acquisition de caméras-piétons"]


async def test_what_is_followed_where_a_card_stands_is_reminded_in_the_new_channel(desk: Desk) -> None:
    await follow(desk.database, GUILD, await desk.publish(1), PERSON, START)
    await desk.delivery.settle()
    await move(desk)
    await desk.after(21)
    await desk.after(24 + 90)
    assert (len(desk.told()), len(desk.told(OTHER_CHANNEL))) == (0, 2)
    assert f"<@{PERSON}>" in desk.read(channel=OTHER_CHANNEL)


async def move(desk: Desk) -> None:
    """Give the newsroom another channel for announcements."""
    changes = Changes(announcements_channel=OTHER_CHANNEL)
    await set_up(desk.database, GUILD, changes, NewsroomSettings(), 1, by=PERSON, now=desk.clock.now())
