"""Facts and tips made from what stands in a channel: a message with its author, link and date, or a notice."""

from __future__ import annotations

import discord

from bot.access import Action
from bot.errors import UserError
from bot.facts.citing import notice_cited
from bot.facts.entry import typed_source
from bot.markup import as_read, plain
from bot.models import Announcement, Citation, CitationKind, Notice
from bot.storage.archive import notices
from bot.storage.outbox import announcements, shown
from bot.storage.watching import hits
from bot.watchlist.announced import telling
from cogs._announcement_buttons import CODE, AnnouncementButton
from cogs._caller import Visit, app_of, visit
from cogs._fact_forms import open_fact_form
from cogs._log_options import zone_of
from cogs._tip_forms import open_tip_form

LABEL_UNITS = 80
MOST_ITEMS = 20
"""How many items a form is filled in with: as many of the longest ids as its field holds."""


class LogFact(AnnouncementButton, template=rf"log-fact:{CODE}"):
    """Open the form of a fact, filled in from the notice of an announcement: the button under it."""

    action = Action.FACT_ADD
    name = "log-fact"

    async def act(self, interaction: discord.Interaction) -> None:
        """Open the form."""
        visitor = await visit(interaction)
        async with app_of(interaction).database.read() as connection:
            announcement = await announcements.by_code(connection, visitor.guild_id, self.code)
            told = await telling(connection, announcement) if announcement is not None else None
        if told is None:
            raise UserError("log-fact-elsewhere")
        await log_fact_of_notice(interaction, told)


def words_of(interaction: discord.Interaction, message: discord.Message) -> str:
    """Return the words of a message; of a card, those that it shows, of one of ours as they are read."""
    parts = [message.content]
    for embed in message.embeds:
        parts += [embed.title or "", embed.description or ""]
    words = "\n".join(part for part in parts if part)
    user = interaction.client.user
    is_ours = user is not None and message.author.id == user.id
    return plain(as_read(words) if is_ours else words, newlines=True)


async def log_fact_of_message(interaction: discord.Interaction, message: discord.Message) -> None:
    """Open the form of a fact, filled in from a message; from a notice where it is an announcement of ours."""
    visitor = await visit(interaction)
    async with app_of(interaction).database.read() as connection:
        announcement = await shown.by_message(connection, visitor.guild_id, message.channel.id, message.id)
        told = await telling(connection, announcement) if announcement is not None else None
    if told is not None:
        await log_fact_of_notice(interaction, told)
        return
    words = words_of(interaction, message)
    cited = Citation(
        kind=CitationKind.MESSAGE,
        url=message.jump_url,
        origin=_origin(interaction, visitor, message),
        quote=words or None,
        retrieved_at=message.created_at,
    )
    values = {"claim": words, "source": message.jump_url, "quote": words}
    await open_fact_form(interaction, values=values, cited=cited)


async def log_tip_of_message(interaction: discord.Interaction, message: discord.Message) -> None:
    """Open the form of a tip, filled in from a message: its words, its author and its date."""
    visitor = await visit(interaction)
    heard = message.created_at.astimezone(zone_of(app_of(interaction), visitor))
    values = {
        "text": words_of(interaction, message),
        "origin": _origin(interaction, visitor, message),
        "heard": f"{heard:%Y-%m-%d %H:%M}",
    }
    await open_tip_form(interaction, values=values, origin_url=message.jump_url)


async def log_fact_of_notice(interaction: discord.Interaction, announcement: Announcement) -> None:
    """Open the form of a fact, filled in from the notice that an announcement shows."""
    app = app_of(interaction)
    visitor = await visit(interaction)
    row = announcement.notice_id or 0
    revision = announcement.due_revision
    async with app.database.read() as connection:
        notice = await notices.get(connection, row, revision)
        shown = await hits.of_announcement(connection, visitor.guild_id, announcement.id, revision)
    found = [stored for stored in shown if stored.dismissed is None]
    quote = next((stored.hit.snippet for stored in found if stored.notice_id == row), None)
    cited = notice_cited(notice, row, quote=quote, retrieved_at=app.clock.now())
    live = {item.id for item in await app.watchlist.items_of(visitor.guild_id)}
    named = dict.fromkeys(stored.hit.item for stored in found if stored.hit.item in live)
    values = {
        "claim": _claim(notice),
        "source": typed_source(cited),
        "quote": quote or "",
        "date": visitor.texts.day(notice.published).isoformat() if notice.published else "",
        "items": "; ".join(map(str, list(named)[:MOST_ITEMS])),
    }
    await open_fact_form(interaction, values=values, cited=cited)


def _claim(notice: Notice) -> str:
    return " : ".join(part for part in (notice.buyer, notice.title) if part)


def _origin(interaction: discord.Interaction, visitor: Visit, message: discord.Message) -> str:
    """Return whose words they are and when: the name shown, the account, its id, and the moment with its offset."""
    author = message.author
    moment = message.created_at.astimezone(zone_of(app_of(interaction), visitor))
    name = plain(author.display_name, LABEL_UNITS)
    return f"{name} (@{plain(author.name, LABEL_UNITS)}, {author.id}), {moment.isoformat(timespec='minutes')}"
