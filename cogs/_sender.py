"""Delivery's Sender: a card becomes a message of a channel, and every ending a word that the delivery understands."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from http import HTTPStatus
from typing import Any

import aiohttp
import discord

from bot import crash
from bot.app import App
from bot.cards import Card, render
from bot.delivery import (
    DeliveryError,
    IsForumError,
    Membership,
    MessageGoneError,
    RefusedError,
    Seen,
    ThreadClosedError,
    ThreadForbiddenError,
    ThreadsFullError,
    TooManyRequestsError,
    UnreachableError,
    UnreadYetError,
)
from bot.setting_up import permissions_needed
from bot.storage.outbox import doubt
from bot.storage.outbox.announcements import Place
from cogs._cards import to_embed
from cogs._endings import THREAD_ARCHIVED, THREAD_THERE, Meaning, endings, of_opening, of_post, of_reading, of_thread
from cogs._views import view_of

UNKNOWN_MEMBER = 10007
MESSAGES_A_LOOK = 500
POSTS_A_LOOK = 50
ARCHIVED_A_PAGE = 100
_CODE = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b")

_NOBODY = discord.AllowedMentions.none()
NEEDED = discord.Permissions(**dict.fromkeys(permissions_needed(is_forum=False, has_threads=False), True))
NEEDED_IN_FORUM = discord.Permissions(**dict.fromkeys(permissions_needed(is_forum=True, has_threads=False), True))
"""What the bot must be allowed in a channel to announce there and to find its own messages again."""


class DiscordSender:
    """Speak to Discord's channels over REST, which works whether or not the gateway does."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def send(
        self, place: Place, card: Card, nonce: str, *, answers: int | None = None, thread: int | None = None
    ) -> int:
        """Post a card under its stable nonce, as an answer to a message where one is given; return the message's id."""
        embed, view = await _embed(card), view_of(card)
        crash.point("discord.send: before")
        with endings(self._client, _in(thread)):
            message = await self._channel(place, thread).send(
                embed=embed,
                view=view if view is not None else discord.utils.MISSING,
                nonce=nonce,
                reference=_reference(place, answers, thread),  # type: ignore[arg-type]  # None is its default
                allowed_mentions=discord.AllowedMentions.none(),
            )
        crash.point("discord.send: after")
        if view is not None:
            view.stop()
        return message.id

    async def create_post(self, place: Place, name: str, card: Card) -> int:
        """Make a post of a forum that shows a card, with one request whatever its answer; return the post's id."""
        embed, view = await _embed(card), view_of(card)
        params = discord.http.handle_message_parameters(
            embed=embed,
            view=view if view is not None else discord.utils.MISSING,
            allowed_mentions=discord.AllowedMentions.none(),
            channel_payload={"name": name},
        )
        route = discord.http.Route("POST", "/channels/{channel_id}/threads", channel_id=place.channel_id)
        crash.point("discord.post: before")
        with endings(self._client, of_post):
            # Not by the library's own way: it asks again after a 500, and a post has no nonce.
            once = _OnceOnly()
            made = await self._client.http.request(
                route,
                json=params.payload,
                files=[once],  # type: ignore[list-item]
                raise_for_status=once.look,  # aiohttp's hook: it sees each answer before the library acts on it
            )
        crash.point("discord.post: after")
        if view is not None:
            view.stop()
        return int(made["id"])

    async def open_thread(self, place: Place, message_id: int, name: str) -> None:
        """Open the thread of a message, which has that message's id, where it has none yet."""
        crash.point("discord.thread: before")
        with endings(self._client, of_opening):
            try:
                await self._client.http.start_thread_with_message(
                    place.channel_id, message_id, name=name, auto_archive_duration=10080
                )
            except discord.HTTPException as error:
                if error.code != THREAD_THERE:
                    raise
        crash.point("discord.thread: after")

    async def edit(self, place: Place, message_id: int, card: Card, *, thread: int | None = None) -> None:
        """Make a message show another card; the thread that it stands in is reopened where it was archived."""
        embed, view = await _embed(card), view_of(card)
        crash.point("discord.edit: before")
        message = self._channel(place, thread).get_partial_message(message_id)
        await self._inside(thread, lambda: message.edit(embed=embed, view=view, allowed_mentions=_NOBODY))
        crash.point("discord.edit: after")
        if view is not None:
            view.stop()

    async def delete(self, place: Place, message_id: int, *, thread: int | None = None) -> None:
        """Delete a message of ours."""
        crash.point("discord.delete: before")
        await self._inside(thread, self._channel(place, thread).get_partial_message(message_id).delete)
        crash.point("discord.delete: after")

    async def _inside(self, thread: int | None, act: Callable[[], Awaitable[object]]) -> None:
        """Change a message, in a thread even if that is archived; one that is gone took its messages along.

        What a thread does not allow is refused: its channel is none the worse for it.
        """
        try:
            with endings(self._client, _in(thread)):
                try:
                    await act()
                except discord.HTTPException as error:
                    if thread is None or error.code != THREAD_ARCHIVED:
                        raise
                    await self._client.http.edit_channel(thread, archived=False)
                    await act()
        except ThreadsFullError:
            raise
        except ThreadClosedError as error:
            if error.reason == "deleted":
                raise MessageGoneError(str(error)) from error
            raise RefusedError(f"the thread is {error}") from error
        except ThreadForbiddenError as error:
            raise RefusedError(str(error)) from error

    async def open_private(self, person: int) -> int:
        """Return the channel in which the bot writes to one person alone, opened where it was not."""
        with endings(self._client):
            return (await self._client.create_dm(discord.Object(person))).id

    async def threads(self, place: Place, after: int) -> list[int]:
        """Return the threads of a channel in which anything stands since a snowflake, oldest first."""
        with endings(self._client):
            return [int(thread["id"]) for thread in await self._threads(place, after) if _latest(thread) > after]

    async def seen(self, place: Place, after: int, before: int, *, thread: int | None = None) -> Seen:
        """Read the channel between two snowflakes, and return the codes that messages of ours show there."""
        codes: dict[str, int] = {}
        number, reached = 0, after
        with contextlib.suppress(IsForumError), endings(self._client, _read(thread)):
            async for message in self._history(place, after, before, thread=thread):
                number, reached = number + 1, message.id
                if message.author == self._client.user:
                    codes |= {
                        code[0]: message.id for embed in message.embeds for code in _CODE.finditer(_footer(embed))
                    }
            if number == 0 and not await self._may_read_history(place):
                raise UnreachableError("forbidden")
        return Seen(codes, reached if number == MESSAGES_A_LOOK else before)

    async def membership(self, guild_id: int, person: int) -> Membership | None:
        """Ask Discord what a person is in a guild; None where they are not in it."""
        with endings(self._client):
            guild = self._client.get_guild(guild_id) or await self._client.fetch_guild(guild_id, with_counts=False)
            try:
                member = await guild.fetch_member(person)
            except discord.NotFound as error:
                if error.code != UNKNOWN_MEMBER:
                    raise
                return None
        allowed = member.guild_permissions
        return Membership(
            role_ids=frozenset(role.id for role in member.roles),
            is_administrator=allowed.manage_guild or allowed.administrator,
            guild_name=guild.name,
        )

    async def find(self, place: Place, code: str, after: int, *, thread: int | None = None) -> int | None:
        """Read the channel from a snowflake on, and return the message of ours that shows a code.

        Without Read Message History Discord answers an empty list, which must not pass for "not there".
        """
        crash.point("discord.find: before")
        found = None
        with contextlib.suppress(IsForumError), endings(self._client, _read(thread)):
            found = await self._search(place, code, after, thread)
        crash.point("discord.find: after")
        return found

    async def find_post(self, place: Place, code: str, after: int) -> int | None:
        """Look through our posts of a forum made since a snowflake, and return the one that shows a code."""
        crash.point("discord.find_post: before")
        with endings(self._client):
            found = await self._search_posts(place, code, after)
        crash.point("discord.find_post: after")
        return found

    async def _search_posts(self, place: Place, code: str, after: int) -> int | None:
        me = self._client.user.id if self._client.user else 0
        threads = await self._threads(place, after)
        posts = [int(post["id"]) for post in threads if int(post["id"]) > after and int(post["owner_id"]) == me]
        for post in posts[:POSTS_A_LOOK]:
            try:
                first = await self._channel(place, post).fetch_message(post)
            except discord.NotFound:  # deleted by a person, alone or with its post
                continue
            if _shows(first, code):
                return post
        if len(posts) > POSTS_A_LOOK:
            raise UnreadYetError(posts[POSTS_A_LOOK - 1])
        return None

    async def _threads(self, place: Place, after: int) -> list[dict[str, Any]]:
        """Return the threads of a channel that are open, and those that were archived since a snowflake, by id."""
        listed = await self._client.http.get_active_threads(place.guild_id)
        found: dict[int, Any] = {int(thread["id"]): thread for thread in listed["threads"]}
        since, before = discord.utils.snowflake_time(after), None
        while True:
            page = await self._client.http.get_public_archived_threads(
                place.channel_id,
                before,
                ARCHIVED_A_PAGE,
            )
            found |= {int(thread["id"]): thread for thread in page["threads"]}
            if not page["has_more"] or not page["threads"]:
                break
            before = page["threads"][-1]["thread_metadata"]["archive_timestamp"]
            if discord.utils.parse_time(before) < since:
                break
        return [found[key] for key in sorted(found) if found[key].get("parent_id") == str(place.channel_id)]

    async def _search(self, place: Place, code: str, after: int, thread: int | None) -> int | None:
        number = 0
        async for message in self._history(place, after, thread=thread):
            if message.author == self._client.user and _shows(message, code):
                return message.id
            number, after = number + 1, message.id
        if number == MESSAGES_A_LOOK:
            raise UnreadYetError(after)
        if number == 0 and not await self._may_read_history(place):
            raise UnreachableError("forbidden")
        return None

    def _history(
        self, place: Place, after: int, before: int | None = None, *, thread: int | None = None
    ) -> AsyncIterator[discord.Message]:
        return self._channel(place, thread).history(
            limit=MESSAGES_A_LOOK,
            after=discord.Object(after),
            before=discord.Object(before) if before is not None else None,
            oldest_first=True,
        )

    async def _may_read_history(self, place: Place) -> bool:
        """Ask Discord, not the cache, which is empty before the gateway is ready."""
        guild = await self._client.fetch_guild(place.guild_id, with_counts=False)
        me = await guild.fetch_member(self._client.user.id if self._client.user else 0)
        for channel in await guild.fetch_channels():
            if channel.id == place.channel_id:
                return channel.permissions_for(me).read_message_history
        other = await self._client.fetch_channel(place.channel_id)
        if isinstance(other, discord.DMChannel):
            return True
        raise UnreachableError("deleted")

    def _channel(self, place: Place, thread: int | None = None) -> discord.PartialMessageable:
        """Return a channel or a thread of it; without asking Discord, for no cache is there before the gateway is."""
        return self._client.get_partial_messageable(thread or place.channel_id, guild_id=place.guild_id)


class _OnceOnly:
    """Stand among the files of a request, which the library rewinds for each try, and let none follow one in doubt."""

    def __init__(self) -> None:
        self._is_undone = True

    def reset(self, *, seek: int) -> None:
        """Raise DeliveryError at a try after one of which it is not known what became."""
        if seek and not self._is_undone:
            raise DeliveryError("asked once, and the answer says nothing")
        self._is_undone = False

    async def look(self, response: aiohttp.ClientResponse) -> None:
        """Raise TooManyRequestsError for an answer that asks to wait: nothing was done.

        Where the whole bot is to wait, that is left to the library, which then asks again.
        """
        if response.status != HTTPStatus.TOO_MANY_REQUESTS:
            return
        self._is_undone = True
        wait = response.headers.get("Retry-After")
        if wait is not None and "X-RateLimit-Global" not in response.headers:
            response.release()
            raise TooManyRequestsError(float(wait))


async def retry_parked(app: App, guild: discord.Guild) -> None:
    """Re-arm those blocked channels of a guild where the bot is allowed again all that it needs."""
    async with app.database.read() as connection:
        blocked = await doubt.blocked_channels(connection, guild.id)
    for channel_id in blocked:
        channel = guild.get_channel_or_thread(channel_id)
        needed = NEEDED_IN_FORUM if isinstance(channel, discord.ForumChannel) else NEEDED
        if channel is not None and channel.permissions_for(guild.me).is_superset(needed):
            await app.delivery.retry_parked(guild.id, channel_id)


async def _embed(card: Card) -> discord.Embed:
    """Render a card off the event loop: a hostile one takes longer than it can wait."""
    return to_embed(await asyncio.to_thread(render, card))


def _reference(place: Place, message_id: int | None, thread: int | None) -> discord.MessageReference | None:
    """Name the message that another one answers, if it does; where it is gone, the other one stands by itself."""
    if message_id is None:
        return None
    return discord.MessageReference(
        message_id=message_id, channel_id=thread or place.channel_id, guild_id=place.guild_id, fail_if_not_exists=False
    )


def _shows(message: discord.Message, code: str) -> bool:
    return any(code in _footer(embed) for embed in message.embeds)


def _footer(embed: discord.Embed) -> str:
    return embed.footer.text or ""


def _in(thread: int | None) -> Meaning:
    """Return what answers mean to a request for a message in a thread, or in its channel itself."""
    return of_thread if thread is not None else lambda _: None


def _read(thread: int | None) -> Meaning:
    """Return what answers mean to a request for the history of a thread, or of its channel itself."""
    return of_reading if thread is not None else lambda _: None


def _latest(thread: dict[str, Any]) -> int:
    """Return the id of what came last into a thread, as far as Discord says it."""
    return max(int(thread["id"]), int(thread.get("last_message_id") or 0))
