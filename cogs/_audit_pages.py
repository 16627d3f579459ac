"""The audit log page by page: since when it is asked for stands in the custom_id of the button that turns the page."""

from __future__ import annotations

import functools
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import discord
from discord import ui

from bot.access import Action
from bot.audit.words import action_words, subject_words
from bot.locales import Texts
from bot.models import AuditEntry
from bot.storage.custody import audit
from cogs._caller import Visit, app_of, visit
from cogs._gate import GatedButton
from cogs._paging import Paging
from cogs._replies import replace, sheet

if TYPE_CHECKING:
    from bot.app import App

A_PAGE = 15
_NONE = "-"


class EntryPage(GatedButton, template=r"audit:(?P<since>-?\d{1,12}|-):(?P<page>\d{1,6})"):
    """Turn to a page of the audit log."""

    action = Action.AUDIT_LIST

    def __init__(self, since: datetime | None, page: int, label: str, *, disabled: bool = False) -> None:
        seconds = _NONE if since is None else str(int(since.timestamp()))
        super().__init__(ui.Button(label=label, custom_id=f"audit:{seconds}:{page}", disabled=disabled))
        self.since, self.page = since, page

    @classmethod
    def arguments(cls, match: re.Match[str]) -> tuple[object, ...]:
        """Return since when the log is asked for, and the page."""
        since = None if match["since"] == _NONE else datetime.fromtimestamp(int(match["since"]), UTC)
        return since, int(match["page"])

    async def act(self, interaction: discord.Interaction) -> None:
        """Show that page in place of the other."""
        embed, view = await entry_page(app_of(interaction), await visit(interaction), self.since, self.page)
        await replace(interaction, interaction.message.content if interaction.message else None, embed=embed, view=view)


async def entry_page(
    app: App, visitor: Visit, since: datetime | None, page: int
) -> tuple[discord.Embed, ui.View | None]:
    """Return a page of the entries that the person may see, newest first; the last one where there are fewer."""
    texts, viewer = visitor.texts, visitor.viewer
    async with app.database.read() as connection:
        number = await audit.count_seen(connection, viewer, since)
        paging = Paging.of(page, number, A_PAGE)
        found = await audit.seen(connection, viewer, since, offset=paging.page * A_PAGE, limit=A_PAGE)
    lines = [entry_line(texts, entry, is_whole=viewer.sees_all) for entry in found] or [texts("audit-none")]
    embed = sheet(texts.plural("audit-title", number), lines, footer=paging.footer(texts))
    return embed, paging.view(texts, functools.partial(EntryPage, since))


def entry_line(texts: Texts, entry: AuditEntry, *, is_whole: bool) -> str:
    """Return an entry in a line: its number, when, who did what, and the thing by its number.

    Who does not see the whole log learns no number by which what is hidden could be counted.
    """
    action, who = action_words(texts, entry.action, entry.detail or {}), _who(texts, entry)
    if is_whole:
        done = texts("audit-line", number=entry.number, when=entry.made_at, who=who, action=action)
    else:
        done = texts("audit-line-unnumbered", when=entry.made_at, who=who, action=action)
    subject = subject_words(texts, entry.subject, entry.detail or {}) if entry.subject is not None else None
    return " · ".join(part for part in (done, subject, _more(texts, entry) if is_whole else None) if part)


def _who(texts: Texts, entry: AuditEntry) -> str:
    if entry.made_by.isdigit():
        return texts("audit-by-member", person=entry.made_by)
    if entry.made_by == audit.VIGIE:
        return texts("audit-by-vigie")
    return texts("audit-by-machine", name=entry.made_by.removeprefix("cli:"))


def _more(texts: Texts, entry: AuditEntry) -> str | None:
    """Return how much an export or a sealing held, as its details say."""
    detail = entry.detail or {}
    rows, entries = detail.get("rows"), detail.get("entries")
    if isinstance(rows, dict):
        rows = sum(count for count in rows.values() if isinstance(count, int))
    if (entry.subject or "").startswith("export:") and isinstance(rows, int):
        return texts.plural("audit-rows", rows)
    if entry.action == audit.SEALING and isinstance(entries, int):
        return texts.plural("audit-sealed", entries)
    return None
