"""Digests as people name them: by number, or by their days, their time, their channel and their dossier."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time
from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.dates.times import proposed_times
from bot.errors import UserError
from bot.locales import Texts
from bot.lookup import Named, propose, resolve
from bot.markup import plain
from bot.models import Digest, Dossier
from bot.storage.digesting import digests
from bot.storage.log import dossiers
from cogs._caller import Visit, visit
from cogs._options import TYPED_UNITS, choices

if TYPE_CHECKING:
    from bot.app import App


@dataclass(frozen=True, slots=True)
class Scheduled:
    """Hold a digest with the dossier that it is of, None for one of a whole channel."""

    digest: Digest
    dossier: Dossier | None

    @property
    def is_paused(self) -> bool:
        """Return whether its dossier is closed: it is not made until that is opened again."""
        return self.dossier is not None and self.dossier.closed_at is not None


async def scheduled_digests(app: App, visitor: Visit) -> list[Scheduled]:
    """Return the digests of the visitor's newsroom, in the order in which they were scheduled."""
    async with app.database.read() as connection:
        found = await digests.every(connection, visitor.guild_id)
        known = {dossier.id: dossier for dossier in await dossiers.every(connection, visitor.guild_id)}
    return [Scheduled(digest, known.get(digest.dossier_id or 0)) for digest in found]


def schedule_words(texts: Texts, digest: Digest) -> str:
    """Return on which days and at what time a digest is made."""
    return texts("digest-schedule", days=texts.word("digest-days", digest.every), time=clock_time(digest.at))


def clock_time(at: time) -> str:
    """Return a time of the day as Vigie writes it everywhere, which `read_time` takes."""
    return at.isoformat("minutes")


async def propose_digests(app: App, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Return the digests that a person may mean."""
    visitor = await visit(interaction)
    things = _named(interaction, visitor, await scheduled_digests(app, visitor))
    return choices(await asyncio.to_thread(propose, things, typed))


async def chosen_digest(app: App, interaction: discord.Interaction, visitor: Visit, typed: str) -> Scheduled:
    """Return the digest that a person named by its number, by its label or by the beginning that only one label has.

    Raises UserError when none, or more than one, is named so.
    """
    found = await scheduled_digests(app, visitor)
    named = await asyncio.to_thread(resolve, _named(interaction, visitor, found), typed)
    if named is None:
        raise UserError("digest-unknown", typed=plain(typed, TYPED_UNITS))
    return next(one for one in found if str(one.digest.id) == named.id)


async def propose_hours(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Return the half hours that a person may be about to type, as their language writes them."""
    texts = (await visit(interaction)).texts.through(plain)
    return [
        app_commands.Choice(
            name=texts("digest-hour", hour=str(half.hour), minute=f"{half.minute:02}"), value=clock_time(half)
        )
        for half in proposed_times(typed)
    ]


def _named(interaction: discord.Interaction, visitor: Visit, found: Iterable[Scheduled]) -> list[Named]:
    """Return digests as they are named and proposed; those of one label have their number too."""
    texts = visitor.texts.through(plain)
    labels = [(one, _label(texts, interaction, one)) for one in found]
    often = Counter(label for _, label in labels)
    return [
        Named(str(one.digest.id), label if often[label] == 1 else _numbered(texts, label, one.digest))
        for one, label in labels
    ]


def _label(texts: Texts, interaction: discord.Interaction, one: Scheduled) -> str:
    parts = [schedule_words(texts, one.digest), _channel_name(interaction, one.digest.channel_id)]
    if one.dossier is not None:
        name = one.dossier.name
        parts.append(
            texts("digest-label-paused", dossier=name) if one.is_paused else texts("digest-label-dossier", dossier=name)
        )
    return " · ".join(parts)


def _numbered(texts: Texts, label: str, digest: Digest) -> str:
    return " · ".join((label, texts("digest-label-number", id=digest.id)))


def _channel_name(interaction: discord.Interaction, channel_id: int) -> str:
    """Return a channel's name with its sign, its id where the bot does not know it by name."""
    channel = interaction.guild.get_channel(channel_id) if interaction.guild is not None else None
    return f"#{channel.name if channel is not None else channel_id}"
