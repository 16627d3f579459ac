"""Lists of tips and facts page by page: what is asked for stands in the custom_id of the button that turns the page."""

from __future__ import annotations

import functools
import re
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar, Self

import discord
from discord import ui

from bot.access import Action
from bot.locales import Texts
from bot.markup import cut, plain, utf16_len
from bot.models import Fact, FactFilter, FactStatus, Tip, TipFilter, TipStatus
from bot.storage.log import facts, tips
from cogs._caller import Visit, app_of, visit
from cogs._gate import GatedButton
from cogs._paging import Paging
from cogs._replies import SHEET_UNITS, replace, sheet

if TYPE_CHECKING:
    from bot.app import App

A_PAGE = 10
WORDS_UNITS = 150
LINE_UNITS = SHEET_UNITS // A_PAGE - 1
"""How long a line may be as Discord is given it, so that all lines of a page are shown."""
NONE = "-"

_ASKED = (
    r"(?P<status>[a-z]{1,12}|-):(?P<item>\d{1,18}|-):(?P<dossier>\d{1,18}|-):(?P<since>-?\d{1,12}|-)"
    r":(?P<until>-?\d{1,12}|-):(?P<page>\d{1,5})"
)


@dataclass(frozen=True, slots=True)
class AskedList:
    """Hold what stands in a custom_id: the filter of a list, as codes, ids and seconds, and the page from 0."""

    status: str | None
    item_id: int | None
    dossier_id: int | None
    since: datetime | None
    until: datetime | None

    @classmethod
    def of(cls, wanted: TipFilter | FactFilter) -> Self:
        """Return what a filter asks for."""
        return cls(wanted.status, wanted.item_id, wanted.dossier_id, wanted.since, wanted.until)

    @classmethod
    def read(cls, match: re.Match[str]) -> Self:
        """Return what stands in a custom_id."""
        return cls(
            None if match["status"] == NONE else match["status"],
            _number(match["item"]),
            _number(match["dossier"]),
            _moment(match["since"]),
            _moment(match["until"]),
        )

    def text(self) -> str:
        """Return what a custom_id holds."""
        moments = [str(int(moment.timestamp())) if moment else NONE for moment in (self.since, self.until)]
        parts = (self.status or NONE, self.item_id or NONE, self.dossier_id or NONE, *moments)
        return ":".join(map(str, parts))


class _ListPage(GatedButton, template=r"(?!)"):
    """Turn to a page of a list; a subclass names the list and shows its page."""

    prefix: ClassVar[str]

    def __init__(self, asked: AskedList, page: int, label: str, *, disabled: bool = False) -> None:
        super().__init__(ui.Button(label=label, custom_id=f"{self.prefix}:{asked.text()}:{page}", disabled=disabled))
        self.asked, self.page = asked, page

    @classmethod
    def arguments(cls, match: re.Match[str]) -> tuple[object, ...]:
        """Return what the list is asked for, and the page."""
        return AskedList.read(match), int(match["page"])

    async def act(self, interaction: discord.Interaction) -> None:
        """Show that page in place of the other."""
        embed, view = await self.shown(app_of(interaction), await visit(interaction))
        await replace(interaction, interaction.message.content if interaction.message else None, embed=embed, view=view)

    @abstractmethod
    async def shown(self, app: App, visitor: Visit) -> tuple[discord.Embed, ui.View | None]:
        """Return the page with its buttons."""


class TipPage(_ListPage, template=rf"tips:{_ASKED}"):
    """Turn to a page of the tips."""

    action = Action.TIP_LIST
    prefix = "tips"

    async def shown(self, app: App, visitor: Visit) -> tuple[discord.Embed, ui.View | None]:
        """Return the page of the tips that the person may see."""
        asked = self.asked
        wanted = TipFilter(
            status=TipStatus(asked.status) if asked.status in list(TipStatus) else None,
            item_id=asked.item_id,
            dossier_id=asked.dossier_id,
            since=asked.since,
            until=asked.until,
        )
        return await tip_page(app, visitor, wanted, self.page)


class FactPage(_ListPage, template=rf"facts:{_ASKED}"):
    """Turn to a page of the facts."""

    action = Action.FACT_LIST
    prefix = "facts"

    async def shown(self, app: App, visitor: Visit) -> tuple[discord.Embed, ui.View | None]:
        """Return the page of the facts."""
        asked = self.asked
        wanted = FactFilter(
            status=FactStatus(asked.status) if asked.status in list(FactStatus) else None,
            item_id=asked.item_id,
            dossier_id=asked.dossier_id,
            since=asked.since,
            until=asked.until,
        )
        return await fact_page(app, visitor, wanted, self.page)


COMPONENTS = (TipPage, FactPage)


async def tip_page(app: App, visitor: Visit, wanted: TipFilter, page: int) -> tuple[discord.Embed, ui.View | None]:
    """Return a page of the tips that are asked for and that the person may see; the last one where there are fewer."""
    texts, viewer = visitor.texts, visitor.viewer
    async with app.database.read() as connection:
        number = await tips.count(connection, viewer, wanted)
        paging = Paging.of(page, number, A_PAGE)
        found = await tips.listed(connection, viewer, wanted, offset=paging.page * A_PAGE, limit=A_PAGE)
    lines = [tip_line(texts, tip) for tip in found] or [texts("tips-none")]
    embed = sheet(texts.plural("tips-title", number), lines, footer=paging.footer(texts))
    return embed, paging.view(texts, functools.partial(TipPage, AskedList.of(wanted)))


async def fact_page(app: App, visitor: Visit, wanted: FactFilter, page: int) -> tuple[discord.Embed, ui.View | None]:
    """Return a page of the facts that are asked for and that the person may see; the last one where there are fewer."""
    texts, viewer = visitor.texts, visitor.viewer
    async with app.database.read() as connection:
        number = await facts.count(connection, viewer, wanted)
        paging = Paging.of(page, number, A_PAGE)
        found = await facts.listed(connection, viewer, wanted, offset=paging.page * A_PAGE, limit=A_PAGE)
    lines = [fact_line(texts, fact) for fact in found] or [texts("facts-none")]
    embed = sheet(texts.plural("facts-title", number), lines, footer=paging.footer(texts))
    return embed, paging.view(texts, functools.partial(FactPage, AskedList.of(wanted)))


def tip_line(texts: Texts, tip: Tip, units: int = LINE_UNITS) -> str:
    """Return a tip in a line of at most `units`: number, status, its beginning, when it was logged, whose it is."""
    status = texts.word("tip-status", tip.status)
    more = [texts("list-logged", person=tip.logged_by, day=texts.day(tip.logged_at))]
    if tip.owner is not None:
        more.append(texts("list-owner", person=tip.owner))
    if tip.is_sensitive:
        more.append(texts("list-sensitive"))
    if tip.embargo_until is not None:
        more.append(texts("list-embargo", until=tip.embargo_until))
    return _line(
        lambda words: " · ".join((texts("tips-line", id=tip.id, status=status, text=words), *more)), tip.text, units
    )


def fact_line(texts: Texts, fact: Fact, units: int = LINE_UNITS) -> str:
    """Return a fact in a line of at most `units`: number, status, its beginning, when it was logged."""
    status = texts.word("fact-status", fact.status)
    more = [texts("list-logged", person=fact.logged_by, day=texts.day(fact.logged_at))]
    if fact.embargo_until is not None:
        more.append(texts("list-embargo", until=fact.embargo_until))
    return _line(
        lambda words: " · ".join((texts("facts-line", id=fact.id, status=status, text=words), *more)),
        fact.claim.text,
        units,
    )


def _line(line_of: Callable[[str], str], text: str, units: int) -> str:
    """Return the line of a text, of which as much is shown as leaves it within `units` once it is cleaned."""
    words = plain(text, WORDS_UNITS)
    line = line_of(words)
    while words and (over := utf16_len(line) - units) > 0:
        words = cut(words, utf16_len(words) - (over + 1) // 2)  # at worst every sign of it is escaped
        line = line_of(words)
    return line


def _number(text: str) -> int | None:
    return None if text == NONE else int(text)


def _moment(text: str) -> datetime | None:
    return None if text == NONE else datetime.fromtimestamp(int(text), UTC)
