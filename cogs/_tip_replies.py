"""What a person reads when a tip is logged, changed or shown."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import discord
from discord import ui

from bot.cards import render, tip_card
from bot.composing import tip_content
from bot.entering import Belongings
from bot.errors import UserError
from bot.locales import Texts
from bot.models import Tip
from bot.storage.log import tips
from bot.tips import changes
from bot.tips.entry import TypedTip, read_tip
from bot.tips.missing import missing_tip
from cogs._caller import Visit, app_of
from cogs._cards import to_embed
from cogs._fact_replies import add_date_buttons, date_lines, where_line
from cogs._log_options import Fingerprint, chosen_items, dates_of, long_moment
from cogs._replies import respond

if TYPE_CHECKING:
    from bot.app import App


async def log_tip(
    interaction: discord.Interaction,
    visitor: Visit,
    typed: TypedTip,
    *,
    items: str = "",
    dossier_ids: Sequence[int] = (),
    draft: int | None = None,
    file: Fingerprint | None = None,
    embargo_until: datetime | None = None,
) -> None:
    """Log a tip, say how it was understood and where it is shown."""
    if visitor.newsroom is None:
        raise UserError("log-before-setup")
    app = app_of(interaction)
    now = app.clock.now()
    about_items = await chosen_items(app, visitor, items)
    entry = read_tip(typed, dates_of(app, visitor), now)
    belongings = Belongings(
        items=[item.id for item in about_items if item.id is not None],
        dossiers=dossier_ids,
        draft=draft,
        embargo_until=embargo_until,
    )
    texts = visitor.texts
    notes = [_file_note(texts, file)] if file else []
    changed = await changes.add(app.database, visitor.viewer, entry.words, now, belongings, notes=notes)
    app.delivery.wake()
    lines = [texts("tip-logged", id=changed.tip.id), *date_lines(texts, entry.heard), shown_line(visitor, changed)]
    if file is not None:
        lines.append(texts("file-known", name=file.name))
    view = ui.View(timeout=None)
    if entry.heard is not None and entry.heard.needs_confirmation:
        add_date_buttons(view, texts, f"tip-edit:{changed.tip.id}")
    embed = await tip_embed(app, visitor, changed.tip)
    await respond(interaction, "\n".join(lines), embed=embed, view=view if view.children else None)


async def changed_reply(interaction: discord.Interaction, visitor: Visit, text: str, changed: changes.Changed) -> None:
    """Say what was done with a tip, and show it as it now stands."""
    embed = await tip_embed(app_of(interaction), visitor, changed.tip)
    lines = [text, shown_line(visitor, changed)] if changed.is_changed else [text]
    await respond(interaction, "\n".join(lines), embed=embed)


async def tip_embed(app: App, visitor: Visit, tip: Tip, *, is_whole: bool = False) -> discord.Embed:
    """Return a tip as it is shown in private; `is_whole` with its whole history."""
    async with app.database.read() as connection:
        content = await tip_content(connection, tip, None, reader=visitor.viewer if is_whole else None)
    texts = Texts(visitor.texts.language, visitor.texts.zone)
    is_whole = is_whole or tip.is_hidden
    return to_embed(await asyncio.to_thread(lambda: render(tip_card(texts, content, is_whole=is_whole))))


def shown_line(visitor: Visit, changed: changes.Changed) -> str:
    """Return where the card of a tip is shown, or why it is shown nowhere."""
    texts, tip = visitor.texts, changed.tip
    if tip.is_sensitive:
        return texts("tip-sensitive")
    if tip.embargo_until is not None:
        return texts("tip-embargoed", until=long_moment(texts, tip.embargo_until))
    return where_line(visitor, changed.channels)


async def standing_tip(app: App, visitor: Visit, tip_id: int) -> Tip:
    """Return a tip as it now stands; raises UserError where there is none that the person may know of."""
    async with app.database.read() as connection:
        tip = await tips.find(connection, visitor.viewer, tip_id)
        if tip is None:
            raise await missing_tip(connection, visitor.viewer, tip_id, str(tip_id))
    return tip


def _file_note(texts: Texts, file: Fingerprint) -> str:
    """Return what is noted of a file: what it is known by again."""
    plainly = Texts(texts.language, texts.zone)
    return plainly("tip-file-note", name=file.name, size=plainly.number(file.size), sha256=file.sha256)
