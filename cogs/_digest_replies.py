"""What a person reads when a digest is scheduled, previewed, made at once or removed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

import discord

from bot.cards import Card, render
from bot.locales import Texts
from bot.models import Digest, Newsroom, QuietDays
from bot.storage.database import Connection
from bot.storage.digesting import digest_hits, digests
from cogs._caller import Visit
from cogs._cards import to_embed
from cogs._channel_permissions import permission_lines
from cogs._digest_options import Scheduled, clock_time, schedule_words
from cogs._replies import respond

if TYPE_CHECKING:
    from bot.app import App

PREVIEWED: Final = 5
"""Messages of a digest that a preview shows; the others are counted."""


def slot_words(texts: Texts, moment: datetime) -> str:
    """Return a moment with its day of the week, in the newsroom's zone: `le lundi 23 novembre 2026 à 08:30`."""
    local = moment.astimezone(texts.zone)
    return texts("digest-slot", day=texts.day_long(moment), time=clock_time(local.time()))


async def next_words(connection: Connection, texts: Texts, digest: Digest, now: datetime) -> str:
    """Return when a digest comes next."""
    return slot_words(texts, (await digests.next_slot(connection, digest, texts.zone, now)).due_at)


async def scheduled_lines(
    app: App, interaction: discord.Interaction, visitor: Visit, newsroom: Newsroom, one: Scheduled
) -> list[str]:
    """Return what to say of a digest that was just scheduled, with what it will not tell and cannot do."""
    texts, digest = visitor.texts, one.digest
    async with app.database.read() as connection:
        waiting = await digest_hits.waiting(connection, digest)
        when = await next_words(connection, texts, digest, app.clock.now())
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
    lines.append(texts("digest-first", when=when))
    lines.append(texts.plural("digest-waiting", waiting) if waiting else texts("digest-none-waiting"))
    is_said = newsroom.quiet_days is QuietDays.SAY
    lines.append(texts("digest-quiet-say") if is_said else texts("digest-quiet-silent"))
    if one.dossier is None and not await _is_announced_in(app, newsroom, digest.channel_id):
        lines.append(texts("digest-nothing-announced", channel=digest.channel_id))
    if digest.channel_id not in _known_channels(newsroom, one):
        lines.append(texts("digest-readable", channel=digest.channel_id))
    return [*lines, *permission_lines(texts, [digest.channel_id], interaction)]


async def show_preview(
    app: App, interaction: discord.Interaction, visitor: Visit, one: Scheduled, cards: Sequence[Card]
) -> None:
    """Answer with the very messages that a digest would now be, each in a message that only the person sees.

    The first PREVIEWED of them; the answer counts the others.
    """
    texts, digest = visitor.texts, one.digest
    if not cards:
        await respond(interaction, texts("digest-preview-silent", channel=digest.channel_id))
        return
    async with app.database.read() as connection:
        when = await next_words(connection, texts, digest, app.clock.now())
    shown, place = cards[:PREVIEWED], {"channel": digest.channel_id, "when": when}
    left = len(cards) - len(shown)
    if left:
        said = texts.plural("digest-preview-first", left, shown=len(shown), **place)
    else:
        said = texts.plural("digest-preview", len(cards), **place)
    for number, card in enumerate(shown):
        # A whole card takes some milliseconds to clean.
        embed = to_embed(await asyncio.to_thread(render, card))
        if number == 0:
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
    """Return what to say of a digest that was just removed, and what becomes of that which waited for it."""
    is_of_channel = one.dossier is None
    async with app.database.read() as connection:
        # What Discord did not have yet waits again.
        digest = await digests.find(connection, one.digest.guild_id, one.digest.id) or one.digest
        scheduled = await digests.every(connection, digest.guild_id)
        waiting = await digest_hits.waiting(connection, digest)
    lines = [texts("digest-removed", id=digest.id, schedule=schedule_words(texts, digest), channel=digest.channel_id)]
    if one.dossier is not None:
        lines.append(texts("digest-removed-of", dossier=one.dossier.name))
    if any((other.channel_id, other.dossier_id) == (digest.channel_id, digest.dossier_id) for other in scheduled):
        if waiting:
            lines.append(
                texts.plural("digest-left-waiting" if is_of_channel else "digest-left-waiting-dossier", waiting)
            )
        return lines
    if waiting:
        lines.append(texts.plural("digest-left-alone", waiting))
    days = digests.RESUMED.days
    lines.append(texts("digest-resumed", days=days) if is_of_channel else texts("digest-resumed-dossier", days=days))
    return lines


async def _is_announced_in(app: App, newsroom: Newsroom, channel_id: int) -> bool:
    """Return whether hits of the newsroom are announced in a channel, all or those of some items."""
    if newsroom.announcements_channel == channel_id:
        return True
    return any(item.channel_id == channel_id for item in await app.watchlist.items_of(newsroom.guild_id))


def _known_channels(newsroom: Newsroom, one: Scheduled) -> set[int | None]:
    """Return the channels whose readers a newsroom knows: its announcements, its log, the dossier's own."""
    own = one.dossier.channel_id if one.dossier is not None else None
    return {newsroom.announcements_channel, newsroom.log_channel, own}
