"""From what a person typed about a watch item to the item, within the quotas, every fault said in words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from typing import Final

from bot.errors import UserError
from bot.lookup import folded
from bot.markup import plain
from bot.matching import check, understood
from bot.models import ItemKind, Priority, WatchItem
from bot.watchlist import lists

ITEMS: Final = 2_000
"""Live items of one newsroom."""
NAME_CHARS: Final = 200
ALIASES: Final = 30
IDENTIFIERS: Final = 20
IDENTIFIER_CHARS: Final = 60
QUERIES: Final = 30
"""Queries of `any_of`, and as many of `none_of`."""
QUERY_CHARS: Final = 200
NOTE_CHARS: Final = 500
REF_CHARS: Final = 60

_SHOWN_UNITS = 100
_JOINTS = re.compile("[-\u2010\u2011'\u2019\u02bc]")
_LINE_BREAK = re.compile(r"\s*[\r\n]\s*")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_RUINED = re.compile(r"\d[.,]\d+E\+?\d+", re.IGNORECASE | re.ASCII)
"""What Excel makes of a long number: `1,23457E+13`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """Hold what a person typed of a new watch item; lists are separated by `;`."""

    kind: ItemKind
    name: str
    aliases: str = ""
    identifiers: str = ""
    any_of: str = ""
    none_of: str = ""
    sources: str = ""
    channel_id: int | None = None
    priority: Priority = Priority.INSTANT
    ref: str = ""
    note: str = ""


def read_entry(typed: Typed, *, guild_id: int, added_by: int, known_sources: Collection[str]) -> WatchItem:
    """Return the watch item that was typed.

    Raises UserError where a quota or a length is passed or a source is unknown, QueryError where a name or a query
    cannot be looked for.
    """
    is_query = typed.kind is ItemKind.KEYWORD
    item = WatchItem(
        guild_id=guild_id,
        kind=typed.kind,
        name=typed.name,
        aliases=tuple(lists.split_queries(typed.aliases) if is_query else lists.split_list(typed.aliases)),
        identifiers=tuple(lists.split_list(typed.identifiers)),
        any_of=tuple(lists.split_queries(typed.any_of)),
        none_of=tuple(lists.split_queries(typed.none_of)),
        sources=tuple(lists.split_list(typed.sources)),
        channel_id=typed.channel_id,
        priority=typed.priority,
        ref=typed.ref,
        note=typed.note,
        added_by=added_by,
    )
    return entered(item, known_sources)


def entered(item: WatchItem, known_sources: Collection[str]) -> WatchItem:
    """Return an item as it is stored: `cleaned`, within the quotas, with sources that exist, and fit to be looked for.

    Raises UserError and QueryError as `read_entry` does. What it returned, it returns again.
    """
    item = cleaned(item)
    _refuse_excess(item)
    for identifier in item.identifiers:
        if _RUINED.fullmatch(identifier):
            raise UserError("watch-identifier-ruined", identifier=identifier)
    for source in item.sources:
        if source not in known_sources:
            raise UserError(
                "watch-source-unknown", source=plain(source, _SHOWN_UNITS), known=", ".join(sorted(known_sources))
            )
    check(item)
    return item


def cleaned(item: WatchItem) -> WatchItem:
    """Return an item without what cannot be seen or kept, lists without empty elements and repetitions.

    A query keeps every sign that can be kept, for a regular expression may need it.
    """
    name = _one_line if item.kind is ItemKind.KEYWORD else plain
    return replace(
        item,
        name=name(item.name),
        aliases=_each(name, item.aliases),
        identifiers=_each(plain, item.identifiers),
        any_of=_each(_one_line, item.any_of),
        none_of=_each(_one_line, item.none_of),
        sources=_each(lambda source: plain(source).casefold(), item.sources),
        ref=plain(item.ref or "") or None,
        note=plain(item.note or "", newlines=True) or None,
    )


def read_query(typed: str, *, guild_id: int) -> WatchItem:
    """Return a query as a keyword that is followed nowhere, to be tried; raises as `read_entry` does."""
    query = Typed(kind=ItemKind.KEYWORD, name=typed)
    return read_entry(query, guild_id=guild_id, added_by=0, known_sources=())


def name_key(item: WatchItem) -> str:
    """Return what two items of one kind must not share: the folded name, for a keyword its query as understood.

    Raises QueryError as `check` does.
    """
    if item.kind is not ItemKind.KEYWORD:
        return folded(item.name)
    bare = replace(item, aliases=(), identifiers=(), any_of=(), none_of=())  # they may be much, and say nothing of it
    query = understood(bare, "en").readings[0].canonical
    decomposed = _JOINTS.sub(" ", unicodedata.normalize("NFKD", query))
    return " ".join("".join(sign for sign in decomposed if not unicodedata.combining(sign)).casefold().split())


def _refuse_excess(item: WatchItem) -> None:
    if not item.name:
        raise UserError("watch-name-missing")
    if len(item.name) > NAME_CHARS:
        raise UserError("watch-name-too-long", found=len(item.name), most=NAME_CHARS)
    if item.ref and len(item.ref) > REF_CHARS:
        raise UserError("watch-ref-too-long", found=len(item.ref), most=REF_CHARS)
    if item.note and len(item.note) > NOTE_CHARS:
        raise UserError("watch-note-too-long", found=len(item.note), most=NOTE_CHARS)
    _refuse_long_lists(item)


def _refuse_long_lists(item: WatchItem) -> None:
    if len(item.aliases) > ALIASES:
        raise UserError("watch-too-many-aliases", found=len(item.aliases), most=ALIASES)
    if long := _longer(item.aliases, NAME_CHARS):
        raise UserError("watch-alias-too-long", alias=plain(long, _SHOWN_UNITS), found=len(long), most=NAME_CHARS)
    if len(item.identifiers) > IDENTIFIERS:
        raise UserError("watch-too-many-identifiers", found=len(item.identifiers), most=IDENTIFIERS)
    if long := _longer(item.identifiers, IDENTIFIER_CHARS):
        raise UserError(
            "watch-identifier-too-long", identifier=plain(long, _SHOWN_UNITS), found=len(long), most=IDENTIFIER_CHARS
        )
    for queries in (item.any_of, item.none_of):
        if len(queries) > QUERIES:
            raise UserError("watch-too-many-queries", found=len(queries), most=QUERIES)
        if long := _longer(queries, QUERY_CHARS):
            raise UserError("watch-query-too-long", query=plain(long, _SHOWN_UNITS), found=len(long), most=QUERY_CHARS)


def _longer(texts: Iterable[str], most: int) -> str | None:
    return next((text for text in texts if len(text) > most), None)


def _each(clean: Callable[[str], str], texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in map(clean, texts) if text))


def _one_line(text: str) -> str:
    """Return a text without line breaks and what no file can hold; other spaces stay."""
    return _LINE_BREAK.sub(" ", _UNSTORABLE.sub("", text)).strip()
