"""Threads and forum posts: made once, archived, locked, listed, refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.loopback import FaultKind, Permission, Platform

if TYPE_CHECKING:
    from bot.loopback import Channel

TEXT = {"content": "x", "allowed_mentions": {"parse": []}}
POST = {"name": "Caméras", "message": TEXT}


class Desk:
    """A guild with a forum and a text channel, spoken to in bare HTTP."""

    def __init__(self, platform: Platform, bare: Any) -> None:
        self.guild = platform.add_guild()
        self.forum = self.guild.add_channel("dossiers", kind=15)
        self.channel = self.guild.add_channel("general")
        self.bare = bare

    async def post(self) -> Channel:
        """Make a post of the forum."""
        status, _ = await self.bare.ask("POST", f"/channels/{self.forum.id}/threads", POST)
        assert status == 201
        return self.forum.threads[-1]

    async def thread(self) -> Channel:
        """Open the thread of a new message."""
        await self.bare.ask("POST", f"/channels/{self.channel.id}/messages", TEXT)
        path = f"/channels/{self.channel.id}/messages/{self.channel.last().id}/threads"
        assert (await self.bare.ask("POST", path, {"name": "suite"}))[0] == 201
        return self.channel.threads[-1]

    async def code(self, method: str, path: str, body: Any = None) -> int:
        _, answer = await self.bare.ask(method, path, body)
        return int((answer or {}).get("code", 0))


@pytest.fixture
def desk(platform: Platform, bare: Any) -> Desk:
    return Desk(platform, bare)


async def test_a_forum_takes_no_message_of_its_own(desk: Desk) -> None:
    assert await desk.code("POST", f"/channels/{desk.forum.id}/messages", TEXT) == 50024


async def test_a_message_has_one_thread_only_even_after_that_was_deleted(desk: Desk) -> None:
    thread = await desk.thread()
    path = f"/channels/{desk.channel.id}/messages/{thread.id}/threads"
    assert await desk.code("POST", path, {"name": "again"}) == 160004
    thread.delete()
    assert await desk.code("POST", path, {"name": "again"}) == 160004
    assert await desk.code("POST", f"/channels/{thread.id}/messages", TEXT) == 10003


async def test_a_message_reopens_an_archived_thread(desk: Desk) -> None:
    thread = await desk.thread()
    thread.archive()
    assert await desk.code("POST", f"/channels/{thread.id}/messages", TEXT) == 0
    assert not thread.archived


@pytest.mark.parametrize(("is_archived", "code"), [(False, 160005), (True, 50083)])
async def test_a_locked_thread_takes_nothing_from_who_is_no_moderator(
    desk: Desk,
    is_archived: bool,  # noqa: FBT001  # a parameter of the test
    code: int,
) -> None:
    thread = await desk.thread()
    thread.lock()
    if is_archived:
        thread.archive()
    assert await desk.code("POST", f"/channels/{thread.id}/messages", TEXT) == code
    desk.guild.bot_role.permissions |= Permission.MANAGE_THREADS
    assert await desk.code("POST", f"/channels/{thread.id}/messages", TEXT) == 0


async def test_a_message_of_an_archived_thread_is_edited_once_it_was_reopened(desk: Desk) -> None:
    post = await desk.post()
    post.archive()
    path = f"/channels/{post.id}/messages/{post.id}"
    assert await desk.code("PATCH", path, TEXT) == 50083
    assert await desk.code("PATCH", f"/channels/{post.id}", {"archived": False}) == 0
    assert await desk.code("PATCH", path, TEXT) == 0


async def test_a_locked_thread_is_reopened_by_a_moderator_only(desk: Desk) -> None:
    post = await desk.post()
    post.archive(lock=True)
    assert await desk.code("PATCH", f"/channels/{post.id}", {"archived": False}) == 50013


async def test_a_message_of_an_archived_thread_is_deleted_once_it_was_reopened(desk: Desk) -> None:
    post = await desk.post()
    post.archive()
    path = f"/channels/{post.id}/messages/{post.id}"
    assert await desk.code("DELETE", path) == 50083
    post.reopen()
    assert await desk.code("DELETE", path) == 0


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("POST", "/channels/{}/messages", TEXT), ("PATCH", "/channels/{}", {"archived": False})],
)
async def test_no_thread_is_reopened_where_as_many_are_open_as_may_be(
    desk: Desk, platform: Platform, method: str, path: str, body: dict[str, object]
) -> None:
    archived = await desk.post()
    archived.archive()
    other = await desk.post()
    platform.most_threads = 1
    assert await desk.code(method, path.format(archived.id), body) == 160006
    assert await desk.code("POST", f"/channels/{other.id}/messages", TEXT) == 0


@pytest.mark.parametrize(("denied", "code"), [("send_messages", 50013), ("create_public_threads", 0)])
async def test_a_post_is_made_by_who_may_send_in_the_forum(desk: Desk, denied: str, code: int) -> None:
    desk.forum.deny_bot(denied)
    assert await desk.code("POST", f"/channels/{desk.forum.id}/threads", POST) == code


async def test_a_thread_is_opened_by_who_may_create_public_threads(desk: Desk) -> None:
    await desk.bare.ask("POST", f"/channels/{desk.channel.id}/messages", TEXT)
    desk.channel.deny_bot("create_public_threads")
    path = f"/channels/{desk.channel.id}/messages/{desk.channel.last().id}/threads"
    assert await desk.code("POST", path, {"name": "suite"}) == 50013


async def test_a_forum_may_want_a_tag(desk: Desk) -> None:
    desk.forum.flags = 1 << 4
    assert await desk.code("POST", f"/channels/{desk.forum.id}/threads", POST) == 40067


async def test_so_many_threads_are_open_at_once_and_no_more(desk: Desk, platform: Platform) -> None:
    platform.most_threads = 1
    post = await desk.post()
    assert await desk.code("POST", f"/channels/{desk.forum.id}/threads", POST) == 160006
    post.archive()
    await desk.post()


async def test_the_open_threads_of_a_guild_are_listed_newest_first(desk: Desk) -> None:
    made = [await desk.post(), await desk.thread(), await desk.post()]
    made[0].archive()
    _, listed = await desk.bare.ask("GET", f"/guilds/{desk.guild.id}/threads/active")
    assert [int(thread["id"]) for thread in listed["threads"]] == [made[2].id, made[1].id]


async def test_archived_threads_are_listed_by_pages_the_last_archived_first(desk: Desk) -> None:
    made = [await desk.post() for _ in range(5)]
    for post in (made[2], made[0], made[3], made[1]):
        post.archive()
    path = f"/channels/{desk.forum.id}/threads/archived/public?limit=2"
    _, first = await desk.bare.ask("GET", path)
    assert ([int(thread["id"]) for thread in first["threads"]], first["has_more"]) == ([made[1].id, made[3].id], True)
    before = first["threads"][-1]["thread_metadata"]["archive_timestamp"].replace("+", "%2B")
    _, second = await desk.bare.ask("GET", f"{path}&before={before}")
    assert ([int(one["id"]) for one in second["threads"]], second["has_more"]) == ([made[0].id, made[2].id], False)


async def test_the_first_message_of_a_post_is_read_by_the_posts_own_id(desk: Desk) -> None:
    post = await desk.post()
    _, message = await desk.bare.ask("GET", f"/channels/{post.id}/messages/{post.id}")
    assert message["content"] == "x"


@pytest.mark.parametrize(("kind", "made"), [(FaultKind.E500_BEFORE, 0), (FaultKind.E503_AFTER, 1)])
async def test_a_fault_strikes_before_a_post_is_made_or_after(
    desk: Desk, platform: Platform, kind: FaultKind, made: int
) -> None:
    platform.faults.once(kind=kind, method="POST", path="/channels/{channel_id}/threads")
    await desk.bare.ask("POST", f"/channels/{desk.forum.id}/threads", POST)
    assert len(desk.forum.threads) == made


async def test_threads_have_a_pace_of_their_own(desk: Desk, platform: Platform) -> None:
    platform.rate_limit("POST", "/channels/{channel_id}/threads", limit=1, per_s=60)
    await desk.post()
    status, _ = await desk.bare.ask("POST", f"/channels/{desk.forum.id}/threads", POST)
    assert status == 429
