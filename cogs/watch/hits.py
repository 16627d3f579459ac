"""`/watch hits`: what an item has found, page by page, and as a CSV; what is asked for stands in the custom_ids."""

from __future__ import annotations

import asyncio
import functools
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot.access import Action
from bot.csv_cells import CsvTable
from bot.errors import UserError
from bot.export import record_file
from bot.locales import Texts
from bot.markup import clean, plain, safe_url, utf16_len
from bot.models import AnnouncementState, WatchItem
from bot.sources import label_of
from bot.storage.custody.exports import ExportKind
from bot.storage.watching import dismissals, hits, watchlist
from bot.storage.watching.hits import HitFilter, ItemRecord, ListedHit
from bot.watchlist.changes import moment_of, stamp
from bot.watchlist.hits_file import COLUMNS, hit_row
from cogs._attachments import attachment
from cogs._caller import Visit, admit, app_of, visit
from cogs._dismissals import DismissalsPage
from cogs._gate import GatedButton
from cogs._items import NAME_UNITS, by_notice, item_name, marked, reason_of
from cogs._log_options import period_of
from cogs._not_this_one import dismissal_words, hit_select, undo_select
from cogs._options import chosen_item, propose_items
from cogs._paging import Paging
from cogs._replies import replace, respond, sheet, thinking
from cogs._texts import said

if TYPE_CHECKING:
    from bot.app import App

HITS_A_PAGE = 5
ROWS_AT_ONCE = 500
PAGE_UNITS = 3_700
TITLE_UNITS = 120
WORDS_UNITS = 160
SOURCE_UNITS = 40
ADDRESSES_UNITS = (400, 100)
"""How long the address of a notice may be; the second where a page would be too long with the first."""

_ASKED = r"(?P<item>\d{1,18}):(?P<since>\d{1,12}):(?P<until>\d{1,12})"


@dataclass(frozen=True, slots=True)
class AskedHits:
    """Hold whose hits are asked for, found from `since` on and before `until`, None for ever."""

    item_id: int
    since: datetime | None = None
    until: datetime | None = None

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        """Return what stands in a custom_id."""
        return cls(int(match["item"]), moment_of(int(match["since"])), moment_of(int(match["until"])))

    @property
    def text(self) -> str:
        """Return what a custom_id holds."""
        return f"{self.item_id}:{stamp(self.since)}:{stamp(self.until)}"

    def told(self, item: WatchItem) -> dict[str, Any]:
        """Return the same as an export is remembered by."""
        since, until = (one.isoformat() if one is not None else None for one in (self.since, self.until))
        return {"item": {"id": item.id, "name": item.name}, "since": since, "until": until}

    @property
    def filter(self) -> HitFilter:
        """Return the same as the storage takes it."""
        return HitFilter(item_id=self.item_id, since=self.since, until=self.until)


class HitsPage(GatedButton, template=rf"watch-hits:{_ASKED}:(?P<page>\d{{1,5}})"):
    """Turn to a page of an item's hits."""

    action = Action.WATCH_HITS

    def __init__(self, asked: AskedHits, page: int, label: str, *, disabled: bool = False) -> None:
        super().__init__(ui.Button(label=label, custom_id=f"watch-hits:{asked.text}:{page}", disabled=disabled))
        self.asked, self.page = asked, page

    @classmethod
    def arguments(cls, match: re.Match[str]) -> tuple[object, ...]:
        """Return whose hits are asked for, and the page."""
        return AskedHits.read(match), int(match["page"])

    async def act(self, interaction: discord.Interaction) -> None:
        """Show that page in place of the other."""
        visitor, item = await _visited_item(interaction, self.asked.item_id)
        embed, view = await page_of(app_of(interaction), visitor, item, self.asked, self.page)
        await replace(interaction, embed=embed, view=view)


class HitsFile(GatedButton, template=rf"watch-hits-csv:{_ASKED}"):
    """Attach all the hits that are asked for as a CSV."""

    action = Action.WATCH_HITS

    def __init__(self, asked: AskedHits, label: str) -> None:
        super().__init__(ui.Button(label=label, custom_id=f"watch-hits-csv:{asked.text}"))
        self.asked = asked

    @classmethod
    def arguments(cls, match: re.Match[str]) -> tuple[object, ...]:
        """Return whose hits are asked for."""
        return (AskedHits.read(match),)

    async def act(self, interaction: discord.Interaction) -> None:
        """Answer with the file."""
        visitor, item = await _visited_item(interaction, self.asked.item_id)
        await thinking(interaction)
        texts = visitor.texts
        app = app_of(interaction)
        content, rows = await _csv(app, visitor, self.asked)
        if not rows:
            raise UserError("hits-none")
        await record_file(
            app.database,
            visitor.guild_id,
            ExportKind.HITS,
            content,
            rows,
            self.asked.told(item),
            by=visitor.caller.user_id,
            action=Action.WATCH_HITS,
            now=app.clock.now(),
        )
        lines = [texts.plural("hits-file", rows, name=item_name(item)), *_period_line(texts, self.asked)]
        file = await attachment(interaction, f"hits-{item.id}.csv", content)
        await respond(interaction, "\n".join(lines), files=[file])


class Hits(commands.Cog):
    """Hold the command that shows what an item has found."""

    app: App

    @app_commands.command(name=said("cmdname-watch-hits"), description=said("cmd-watch-hits"))
    @app_commands.rename(item=said("optname-item"), since=said("optname-since"), until=said("optname-until"))
    @app_commands.describe(item=said("opt-item"), since=said("opt-since"), until=said("opt-until"))
    async def hits(
        self, interaction: discord.Interaction, item: str, since: str | None = None, until: str | None = None
    ) -> None:
        """Show the hits of an item, those found last first."""
        visitor = await visit(interaction)
        chosen = await chosen_item(self.app, visitor, item, Action.WATCH_HITS)
        await admit(interaction, Action.WATCH_HITS, thing=chosen)
        # The first date in words loads a parser, which takes a while.
        await thinking(interaction)
        period = await asyncio.to_thread(period_of, self.app, visitor, since, until)
        asked = AskedHits(chosen.id or 0, period.since, period.until)
        embed, view = await page_of(self.app, visitor, chosen, asked, 0)
        await respond(interaction, embed=embed, view=view)

    @hits.autocomplete("item")
    async def propose_found(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Propose live items."""
        return await propose_items(self.app, interaction, typed, Action.WATCH_HITS)


async def page_of(
    app: App, visitor: Visit, item: WatchItem, asked: AskedHits, page: int
) -> tuple[discord.Embed, ui.View | None]:
    """Return a page of an item's hits with its buttons; from 0, the last one where there are fewer."""
    texts, guild_id = visitor.texts, visitor.guild_id
    async with app.database.read() as connection:
        record = await hits.record(connection, guild_id, asked.item_id, asked.since, asked.until)
        total = record.announced + record.held
        paging = Paging.of(page, total, HITS_A_PAGE)
        skip = paging.page * HITS_A_PAGE
        listed = await hits.listed(connection, guild_id, asked.filter, HITS_A_PAGE, skip=skip)
        standing = await dismissals.count(connection, guild_id, asked.item_id)
    listed = by_notice(listed, lambda one: one.stored.notice_id)
    lines = [
        *_period_line(texts, asked),
        _counts(texts, record),
        *_page_lines(texts, listed, skip + 1, app.clock.now()),
    ]
    embed = sheet(texts("hits-title", name=item_name(item)), lines, footer=paging.footer(texts))
    if not total:
        return embed, None
    view = ui.View(timeout=None)
    for button in paging.buttons(texts, functools.partial(HitsPage, asked)):
        view.add_item(button)
    view.add_item(HitsFile(asked, texts("button-csv")))
    if standing:
        view.add_item(DismissalsPage(asked.item_id, None, texts.plural("button-dismissals", standing)))
    for select in _selects(texts, item, listed, skip + 1):
        view.add_item(select)
    return embed, view


def _selects(texts: Texts, item: WatchItem, page: Sequence[ListedHit], first: int) -> Iterator[ui.Item[Any]]:
    """Yield the selects that say of a hit of the page that it is not the item, and that take that back."""
    numbered = [(number, listed.stored, listed.title) for number, listed in enumerate(page, first)]
    standing = [(stored.row, f"{number}. {title}") for number, stored, title in numbered if stored.dismissed is None]
    if standing and item.removed_at is None:
        yield hit_select(texts, standing)
    said = {stored.dismissed.id: stored.dismissed for _, stored, _ in numbered if stored.dismissed is not None}
    if said:
        yield undo_select(texts, list(said.values()))


async def _visited_item(interaction: discord.Interaction, item_id: int) -> tuple[Visit, WatchItem]:
    """Return who asks, and an item of their newsroom, live or removed, whose hits they may see."""
    visitor = await visit(interaction)
    async with app_of(interaction).database.read() as connection:
        item = await watchlist.find(connection, visitor.guild_id, item_id)
    if item is None:
        raise UserError("watch-gone")
    return await admit(interaction, Action.WATCH_HITS, thing=item), item


async def _csv(app: App, visitor: Visit, asked: AskedHits) -> tuple[bytes, int]:
    """Return the CSV of the hits that are asked for, and how many they are."""
    stream = io.BytesIO()
    table = CsvTable(stream, COLUMNS)
    before: int | None = None
    async with app.database.read() as connection:
        while page := await hits.listed(connection, visitor.guild_id, asked.filter, ROWS_AT_ONCE, before=before):
            await asyncio.to_thread(table.add_all, (hit_row(one, visitor.texts.zone) for one in page))
            before = page[-1].stored.row
    return stream.getvalue(), table.rows


def _period_line(texts: Texts, asked: AskedHits) -> Sequence[str]:
    """Return the days that are asked for in their long form, in one line, none where it is ever."""
    first = texts.day_long(asked.since) if asked.since is not None else None
    last = texts.day_long(asked.until - timedelta(seconds=1)) if asked.until is not None else None
    if first and last:
        return [texts("hits-between", first=first, last=last)]
    if first:
        return [texts("hits-since", first=first)]
    return [texts("hits-until", last=last)] if last else []


def _counts(texts: Texts, record: ItemRecord) -> str:
    total = record.announced + record.held
    if not total:
        return texts("hits-none")
    announced = texts.plural("hits-announced-or-due", record.announced)
    held = texts.plural("hits-held", record.held)
    if record.notices < total:
        of = texts.plural("hits-in-notices", record.notices)
        return texts("hits-counted-in", n=texts.number(total), notices=of, announced=announced, held=held)
    return texts.plural("hits-counted", total, announced=announced, held=held)


def _page_lines(texts: Texts, page: Sequence[ListedHit], first: int, now: datetime) -> list[str]:
    """Return hits in lines, numbered from `first`, all of them within what a reply holds."""
    lines: list[str] = []
    for longest in ADDRESSES_UNITS:
        lines = []
        last: int | None = None
        for number, listed in enumerate(page, first):
            again = listed.stored.notice_id == last
            lines += ["", *_hit_lines(texts, listed, number, None if again else longest, now)]
            last = listed.stored.notice_id
        if sum(utf16_len(line) + 1 for line in lines) <= PAGE_UNITS:
            break
    return lines


def _hit_lines(texts: Texts, listed: ListedHit, number: int, address_units: int | None, now: datetime) -> Iterator[str]:
    """Yield a hit: its notice, the words that matched, how sure it is, when it was found and what became of it.

    Without room for its notice's address it is one of the notice just named: its version is told.
    """
    if address_units is None:
        yield f"**{number}.** {texts('hits-same-notice', revision=listed.stored.revision)}"
    else:
        yield _notice_line(texts, listed, number, address_units)
    hit = listed.stored.hit
    words = marked(texts, hit, matched_units=WORDS_UNITS // 2, snippet_units=WORDS_UNITS)
    yield f"> {words if utf16_len(words) <= 2 * WORDS_UNITS else clean(hit.matched, WORDS_UNITS)}"
    when = texts("hits-found", when=texts.when(listed.stored.found_at))
    fate = [_fate(texts, listed, now)]
    if listed.stored.dismissed is not None:
        fate.append(texts("hits-dismissed", what=dismissal_words(texts, listed.stored.dismissed, NAME_UNITS // 2)))
    yield f"> {reason_of(texts, hit)} · {when} · {' · '.join(fate)}"


def _notice_line(texts: Texts, listed: ListedHit, number: int, address_units: int) -> str:
    """Return the number of a hit, its notice, the source and the day."""
    hit = listed.stored.hit
    title = clean(listed.title, TITLE_UNITS) or texts("card-untitled", id=plain(hit.notice, NAME_UNITS))
    url = safe_url(listed.url, address_units)
    parts = [f"[{title}]({url})" if url else f"**{title}**", clean(label_of(listed.source), SOURCE_UNITS)]
    if listed.published is not None:
        parts.append(texts("hits-published", when=texts.date(listed.published)))
    return f"**{number}.** {' · '.join(parts)}"


def _fate(texts: Texts, listed: ListedHit, now: datetime) -> str:
    """Return whether a hit was announced, with the link to where, or why it was not."""
    if listed.stored.held is not None:
        reason = texts.word("held", listed.stored.held)
        return f"[{reason}]({listed.message_url})" if listed.message_url is not None else reason
    if listed.message_url is not None:
        return f"[{texts('hit-announced')}]({listed.message_url})"
    if listed.announcement is AnnouncementState.SET_ASIDE:
        return texts("hits-set-aside")
    if listed.announcement is AnnouncementState.SENT:
        return texts("hits-deleted")
    if listed.held_until is not None and listed.held_until > now:
        return texts("hits-held-until", until=listed.held_until)
    return texts("hits-pending")
