"""Delivery's Sender: a card becomes a message of a channel, and every ending a word that the delivery understands."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from http import HTTPStatus

import aiohttp
import discord

from bot import crash
from bot.app import App
from bot.cards import Card, render
from bot.delivery import (
    DeliveryError,
    Membership,
    MessageGoneError,
    RefusedError,
    Seen,
    TooManyRequestsError,
    UnreachableError,
    UnreadYetError,
)
from bot.setting_up import ChannelPermission
from bot.storage.outbox import doubt
from bot.storage.outbox.announcements import Place
from cogs._cards import to_embed
from cogs._views import view_of

UNKNOWN_MESSAGE = 10008
UNKNOWN_MEMBER = 10007
FRONT_END_PAUSE_S = 30.0
MESSAGES_A_LOOK = 500
_CODE = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b")

NEEDED = discord.Permissions(**{permission.value: True for permission in ChannelPermission})
"""What the bot must be allowed in a channel to announce there and to find its own messages again."""


class DiscordSender:
    """Speak to Discord's channels over REST, which works whether or not the gateway does."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def send(self, place: Place, card: Card, nonce: str, *, answers: int | None = None) -> int:
        """Post a card under its stable nonce, as an answer to a message where one is given; return the message's id."""
        embed, view = await _embed(card), view_of(card)
        crash.point("discord.send: before")
        with _endings(self._client):
            message = await self._channel(place).send(
                embed=embed,
                view=view if view is not None else discord.utils.MISSING,
                nonce=nonce,
                reference=_reference(place, answers),  # type: ignore[arg-type]  # None is its default
                allowed_mentions=discord.AllowedMentions.none(),
            )
        crash.point("discord.send: after")
        if view is not None:
            view.stop()
        return message.id

    async def edit(self, place: Place, message_id: int, card: Card) -> None:
        """Make a message show another card."""
        embed, view = await _embed(card), view_of(card)
        crash.point("discord.edit: before")
        with _endings(self._client):
            await (
                self._channel(place)
                .get_partial_message(message_id)
                .edit(embed=embed, view=view, allowed_mentions=discord.AllowedMentions.none())
            )
        crash.point("discord.edit: after")
        if view is not None:
            view.stop()

    async def delete(self, place: Place, message_id: int) -> None:
        """Delete a message of ours."""
        crash.point("discord.delete: before")
        with _endings(self._client):
            await self._channel(place).get_partial_message(message_id).delete()
        crash.point("discord.delete: after")

    async def open_private(self, person: int) -> int:
        """Return the channel in which the bot writes to one person alone, opened where it was not."""
        with _endings(self._client):
            return (await self._client.create_dm(discord.Object(person))).id

    async def seen(self, place: Place, after: int, before: int) -> Seen:
        """Read the channel between two snowflakes, and return the codes that messages of ours show there."""
        codes: dict[str, int] = {}
        number, reached = 0, after
        with _endings(self._client):
            async for message in self._history(place, after, before):
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
        with _endings(self._client):
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

    async def find(self, place: Place, code: str, after: int) -> int | None:
        """Read the channel from a snowflake on, and return the message of ours that shows a code.

        Without Read Message History Discord answers an empty list, which must not pass for "not there".
        """
        crash.point("discord.find: before")
        with _endings(self._client):
            found = await self._search(place, code, after)
        crash.point("discord.find: after")
        return found

    async def _search(self, place: Place, code: str, after: int) -> int | None:
        number = 0
        async for message in self._history(place, after):
            if message.author == self._client.user and _shows(message, code):
                return message.id
            number, after = number + 1, message.id
        if number == MESSAGES_A_LOOK:
            raise UnreadYetError(after)
        if number == 0 and not await self._may_read_history(place):
            raise UnreachableError("forbidden")
        return None

    def _history(self, place: Place, after: int, before: int | None = None) -> AsyncIterator[discord.Message]:
        return self._channel(place).history(
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

    def _channel(self, place: Place) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(place.channel_id, guild_id=place.guild_id)


async def retry_parked(app: App, guild: discord.Guild) -> None:
    """Re-arm those blocked channels of a guild where the bot is allowed again all that it needs."""
    async with app.database.read() as connection:
        blocked = await doubt.blocked_channels(connection, guild.id)
    for channel_id in blocked:
        channel = guild.get_channel_or_thread(channel_id)
        if channel is not None and channel.permissions_for(guild.me).is_superset(NEEDED):
            await app.delivery.retry_parked(guild.id, channel_id)


async def _embed(card: Card) -> discord.Embed:
    """Render a card off the event loop: a hostile one takes longer than it can wait."""
    return to_embed(await asyncio.to_thread(render, card))


def _reference(place: Place, message_id: int | None) -> discord.MessageReference | None:
    """Name the message that another one answers, if it does; where it is gone, the other one stands by itself."""
    if message_id is None:
        return None
    return discord.MessageReference(
        message_id=message_id, channel_id=place.channel_id, guild_id=place.guild_id, fail_if_not_exists=False
    )


def _shows(message: discord.Message, code: str) -> bool:
    return any(code in _footer(embed) for embed in message.embeds)


def _footer(embed: discord.Embed) -> str:
    return embed.footer.text or ""


@contextmanager
def _endings(client: discord.Client) -> Iterator[None]:
    """Turn every way in which a request can end badly into a DeliveryError of the right kind."""
    try:
        yield
    except discord.RateLimited as error:
        raise TooManyRequestsError(error.retry_after) from error
    except discord.HTTPException as error:
        raise _ending_of(error) from error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        # A connection that breaks, or an answer that cannot be read, leaves open whether the message was made.
        raise DeliveryError(f"{type(error).__name__}: {error}") from error
    except RuntimeError as error:
        if not client.is_closed():
            raise
        # aiohttp's word for a session that was closed under a request: we leave while something is being sent.
        raise DeliveryError(str(error)) from error


def _ending_of(error: discord.HTTPException) -> DeliveryError:
    """Say what an answer of Discord means; a refusal without a code is a page of its front end, and means nothing."""
    if error.status == HTTPStatus.BAD_REQUEST:
        return RefusedError(str(error))
    if error.status == HTTPStatus.TOO_MANY_REQUESTS:
        return TooManyRequestsError(FRONT_END_PAUSE_S)
    if error.status == HTTPStatus.FORBIDDEN and error.code:
        return UnreachableError("forbidden")
    if error.status == HTTPStatus.NOT_FOUND and error.code:
        return MessageGoneError(str(error)) if error.code == UNKNOWN_MESSAGE else UnreachableError("deleted")
    return DeliveryError(str(error))
