"""What is offered beside an item that was just entered: selects and buttons that add it or open another item.

Each carries the item in its custom_id, and what is chosen in its value, so that it works after a restart.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import discord
from discord import ui

from bot.access import Action
from bot.errors import UserError
from bot.locales import Texts
from bot.markup import plain, utf16_len
from bot.models import WatchItem
from bot.storage.watching import watchlist
from bot.watchlist.editing import Edited, Edits, edit
from bot.watchlist.suggesting import Offer, Suggestions, suggest
from cogs._caller import Visit, admit, app_of, visit
from cogs._gate import GatedButton, GatedSelect
from cogs._item_sheet import item_sheet
from cogs._items import NAME_UNITS, item_name
from cogs._replies import respond, thinking

OPTION_UNITS: Final = 100
SHOWN_NAME_UNITS: Final = 80


class OpenItem(GatedButton, template=r"item-open:(?P<item>\d{1,18})"):
    """Show another item: all about it, below."""

    action = Action.WATCH_SHOW
    reads = (int,)

    def __init__(self, item_id: int, label: str) -> None:
        super().__init__(ui.Button(label=label, custom_id=f"item-open:{item_id}"))
        self.item_id = item_id

    async def act(self, interaction: discord.Interaction) -> None:
        """Answer with the item as it now stands."""
        item = await live_item(interaction, self.item_id)
        visitor = await admit(interaction, Action.WATCH_SHOW, thing=item)
        await thinking(interaction)
        embed, view = await item_sheet(app_of(interaction), visitor, item)
        await respond(interaction, embed=embed, view=view)


class ItemSelect(GatedSelect, template=r"(?!)"):
    """Be a select below an item that was just entered; a subclass says what a choice does."""

    action = Action.WATCH_EDIT
    reads = (int,)

    def __init__(self, select: ui.Select[ui.View], item_id: int) -> None:
        super().__init__(select)
        self.item_id = item_id


class _AddOffered(ItemSelect, template=r"(?!)"):
    """Add what was offered to an item; a subclass says what that is."""

    async def act(self, interaction: discord.Interaction) -> None:
        """Add it, and say so; what is there already is left alone."""
        chosen = self.item.values[0]
        visitor, edited = await _added(interaction, self.item_id, self.edits(chosen))
        values, texts = _values(edited, chosen), visitor.texts
        said = self.sentence(texts, values) if edited.fields else texts("suggest-had", **values)
        await interaction.response.edit_message(content=said)

    @abstractmethod
    def edits(self, chosen: str) -> Edits:
        """Return what adds the one chosen."""

    @abstractmethod
    def sentence(self, texts: Texts, values: Mapping[str, object]) -> str:
        """Return the sentence that says that it was added."""


class AddAlias(_AddOffered, template=r"item-alias:(?P<item>\d{1,18})"):
    """Add an alias that was offered to an item."""

    def edits(self, chosen: str) -> Edits:
        """Return what adds the alias."""
        return Edits(more_aliases=(chosen,))

    def sentence(self, texts: Texts, values: Mapping[str, object]) -> str:
        """Return that it was added."""
        return texts("suggest-alias-added", **values)


class AddNumber(_AddOffered, template=r"item-number:(?P<item>\d{1,18})"):
    """Add a number that was offered to an item."""

    def edits(self, chosen: str) -> Edits:
        """Return what adds the number."""
        return Edits(more_identifiers=(chosen,))

    def sentence(self, texts: Texts, values: Mapping[str, object]) -> str:
        """Return that it was added."""
        return texts("suggest-number-added", **values)


async def offered(
    interaction: discord.Interaction, visitor: Visit, item: WatchItem
) -> tuple[list[str], ui.View | None]:
    """Return what is offered beside an item that was just entered: the lines that tell of it, and its components."""
    app = app_of(interaction)
    others = await app.watchlist.items_of(visitor.guild_id)
    suggestions = await suggest(app.database, item, others)
    if not suggestions:
        return [], None
    view = ui.View(timeout=None)
    for component in _components(visitor.texts, item, suggestions):
        view.add_item(component)
    lines = list(_lines(visitor.texts, suggestions))
    return ["", *lines] if lines else [], view if view.children else None


def _lines(texts: Texts, suggestions: Suggestions) -> Iterator[str]:
    if suggestions.neighbours:
        yield texts("suggest-title")
    for one in suggestions.neighbours:
        values = {"id": one.item.id, "name": item_name(one.item), "shared": plain(one.shared, NAME_UNITS)}
        yield texts.word("suggest-near", one.resemblance, **values)
    told = [offer for offer in suggestions.aliases if offer.notices]  # of a brand without any, the caution is enough
    if told:
        yield texts("suggest-aliases")
    for offer in told:
        name = plain(offer.text, SHOWN_NAME_UNITS)
        if offer.example:
            yield texts.plural("suggest-alias", offer.notices, name=name, example=plain(offer.example, NAME_UNITS))
        else:
            yield texts.plural("suggest-brand", offer.notices, name=name)
    if suggestions.numbers:
        yield texts("suggest-numbers")
    for offer in suggestions.numbers:
        example = plain(offer.example, NAME_UNITS)
        yield texts.plural("suggest-number", offer.notices, number=offer.text, example=example)


def _components(texts: Texts, item: WatchItem, suggestions: Suggestions) -> Iterator[ui.Item[Any]]:
    texts = texts.through(plain)  # labels show markdown as typed
    item_id = item.id or 0
    if aliases := _options(suggestions.aliases):
        custom_id = f"item-alias:{item_id}"
        select: ui.Select[ui.View] = ui.Select(
            custom_id=custom_id, placeholder=texts("suggest-alias-choose"), options=aliases
        )
        yield AddAlias(select, item_id)
    if numbers := _options(suggestions.numbers):
        custom_id = f"item-number:{item_id}"
        select = ui.Select(custom_id=custom_id, placeholder=texts("suggest-number-choose"), options=numbers)
        yield AddNumber(select, item_id)
    for one in suggestions.neighbours:
        yield OpenItem(one.item.id or 0, texts("suggest-open", id=one.item.id))


def _options(offers: Sequence[Offer]) -> list[discord.SelectOption]:
    """Return offers to choose from: those that Discord can carry back as they are, each once."""
    texts = dict.fromkeys(offer.text for offer in offers if plain(offer.text))
    return [discord.SelectOption(label=plain(text), value=text) for text in texts if utf16_len(text) <= OPTION_UNITS]


async def _added(interaction: discord.Interaction, item_id: int, edits: Edits) -> tuple[Visit, Edited]:
    """Edit an item as it now stands, for those who may; return who they are, and what that changed."""
    item = await live_item(interaction, item_id)
    visitor = await admit(interaction, Action.WATCH_EDIT, thing=item)
    app = app_of(interaction)
    edited = await edit(
        app.database,
        item,
        edits,
        by=visitor.caller.user_id,
        floor_id=interaction.id,
        known_sources=app.settings.sources.keys(),
        now=app.clock.now(),
    )
    return visitor, edited


def _values(edited: Edited, chosen: str) -> dict[str, object]:
    after = edited.after.item
    return {"id": after.id, "name": item_name(after), "added": plain(chosen, NAME_UNITS)}


async def live_item(interaction: discord.Interaction, item_id: int) -> WatchItem:
    """Return a live item of the newsroom; raises UserError when it is gone."""
    visitor = await visit(interaction)
    async with app_of(interaction).database.read() as connection:
        item = await watchlist.find(connection, visitor.guild_id, item_id)
    if item is None or item.removed_at is not None:
        raise UserError("watch-gone")
    return item


def _as_select(item: ui.Item[ui.View]) -> ui.Select[ui.View]:
    if not isinstance(item, ui.Select):
        raise TypeError("this is a select")
    return item


COMPONENTS = (OpenItem, AddAlias, AddNumber)
