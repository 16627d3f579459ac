"""What a person reads when a digest is scheduled, previewed, made at once or removed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import discord

from bot.cards import Card, render
from bot.locales import Texts
from bot.models import Digest, Newsroom, QuietDays
from bot.slots import next_due
from bot.storage import digest_hits, digests
from cogs._caller import Visit
from cogs._cards import to_embed
from cogs._channel_permissions import permission_lines
from cogs._digest_options import Scheduled, clock_time, schedule_words
from cogs._replies import respond

if TYPE_CHECKING:
    from bot.app import App


def slot_words(texts: Texts, moment: datetime) -> str:
    """Return a moment with its day of the week, in the newsroom's zone: `le lundi 23 novembre 2026 à 08:30`."""
    local = moment.astimezone(texts.zone)
    return texts("digest-slot", day=texts.day_long(moment), time=clock_time(local.time()))


def next_words(texts: Texts, digest: Digest, now: datetime) -> str:
    """Return when a digest comes next."""
    zone = texts.zone if isinstance(texts.zone, ZoneInfo) else ZoneInfo("UTC")
    return slot_words(texts, next_due(digest.every, digest.at, zone, now).due_at)


async def scheduled_lines(
    app: App, interaction: discord.Interaction, visitor: Visit, newsroom: Newsroom, one: Scheduled
) -> list[str]:
    """Return what to say of a digest that was just scheduled, with what it will not tell and cannot do."""
    texts, digest = visitor.texts, one.digest
    async with app.database.read() as connection:
        waiting = await digest_hits.waiting(connection, digest)
    lines = [
        texts(
            "digest-scheduled",
            id=digest.id,
            schedule=schedule_words(texts, digest),
            channel=digest.channel_id,
            zone=newsroom.timezone,
        )
    ]
    if one.dossier is not None:
        lines.append(texts("digest-of-dossier", dossier=one.dossier.name))
    lines.append(texts("digest-first", when=next_words(texts, digest, app.clock.now())))
    lines.append(texts.plural("digest-waiting", waiting) if waiting else texts("digest-none-waiting"))
    is_said = newsroom.quiet_days is QuietDays.SAY
    lines.append(texts("digest-quiet-say") if is_said else texts("digest-quiet-silent"))
    if one.dossier is None and not await _is_announced_in(app, newsroom, digest.channel_id):
        lines.append(texts("digest-nothing-announced", channel=digest.channel_id))
    return [*lines, *permission_lines(texts, [digest.channel_id], interaction)]


async def show_preview(
    app: App, interaction: discord.Interaction, visitor: Visit, one: Scheduled, cards: Sequence[Card]
) -> None:
    """Answer with the very messages that a digest would now be, each in a message that only the person sees."""
    texts, digest = visitor.texts, one.digest
    if not cards:
        await respond(interaction, texts("digest-preview-silent", channel=digest.channel_id))
        return
    when = next_words(texts, digest, app.clock.now())
    said = texts.plural("digest-preview", len(cards), channel=digest.channel_id, when=when)
    for place, card in enumerate(cards):
        # A whole card takes some milliseconds to clean.
        embed = to_embed(await asyncio.to_thread(render, card))
        if place == 0:
            await respond(interaction, said, embed=embed)
        else:
            await interaction.followup.send(embed=embed, ephemeral=True)


def made_lines(interaction: discord.Interaction, texts: Texts, digest: Digest, messages: int) -> Iterator[str]:
    """Yield what to say of a digest that was made at once."""
    if not messages:
        yield texts("digest-now-silent", channel=digest.channel_id)
        return
    yield texts.plural("digest-now", messages, channel=digest.channel_id, schedule=schedule_words(texts, digest))
    yield from permission_lines(texts, [digest.channel_id], interaction)


async def removed_lines(app: App, texts: Texts, one: Scheduled) -> list[str]:
    """Return what to say of a digest that was just removed, and of what waited for it."""
    digest = one.digest
    lines = [texts("digest-removed", id=digest.id, schedule=schedule_words(texts, digest), channel=digest.channel_id)]
    if one.dossier is not None:
        return [*lines, texts("digest-removed-of", dossier=one.dossier.name)]
    async with app.database.read() as connection:
        others = await digests.of_channel(connection, digest.guild_id, digest.channel_id)
        if not others:
            # One that is scheduled anew begins here: only what was held waits for it.
            digest = replace(digest, first_hit=(await digests.newest(connection)).hit)
        waiting = await digest_hits.waiting(connection, digest)
    if waiting and others:
        lines.append(texts.plural("digest-left-waiting", waiting))
    elif waiting:
        lines.append(texts.plural("digest-left-alone", waiting))
    return lines


async def _is_announced_in(app: App, newsroom: Newsroom, channel_id: int) -> bool:
    """Return whether hits of the newsroom are announced in a channel, all or those of some items."""
    if newsroom.announcements_channel == channel_id:
        return True
    return any(item.channel_id == channel_id for item in await app.watchlist.items_of(newsroom.guild_id))
