"""From what to what an item was edited, in words."""

from __future__ import annotations

from collections.abc import Iterator

from bot.locales import Texts
from bot.markup import plain
from bot.sources import label_of
from bot.watchlist.editing import Edited, ItemField, Said
from cogs._items import dossier_names, joined

VALUE_UNITS = 150


def edited_lines(texts: Texts, edited: Edited) -> Iterator[str]:
    """Yield each field that is otherwise than it was, before and after."""
    for name in edited.fields:
        before, after = _words(texts, name, edited.before), _words(texts, name, edited.after)
        yield texts("edit-line", field=texts.word("item-field", name), before=before, after=after)


def _words(texts: Texts, name: ItemField, said: Said) -> str:
    """Return what a field held, cut where it is long."""
    match name:
        case ItemField.NAME:
            return plain(said.item.name, VALUE_UNITS)
        case ItemField.CHANNEL if said.item.channel_id is not None:
            return texts("watch-list-channel", channel=said.item.channel_id)
        case ItemField.CHANNEL:
            return texts("edit-common-channel")
        case ItemField.PRIORITY:
            return texts.word("priority", said.item.priority)
        case ItemField.REF | ItemField.NOTE:
            return plain(said.item.ref or "" if name is ItemField.REF else said.item.note or "", VALUE_UNITS) or texts(
                "edit-nothing"
            )
        case _:
            return joined(texts, _elements(texts, name, said), VALUE_UNITS) or texts("edit-nothing")


def _elements(texts: Texts, name: ItemField, said: Said) -> list[str]:
    if name is ItemField.DOSSIERS:
        return dossier_names(texts, said.dossiers)
    elements: tuple[str, ...] = getattr(said.item, name)
    return [label_of(element) for element in elements] if name is ItemField.SOURCES else list(elements)
