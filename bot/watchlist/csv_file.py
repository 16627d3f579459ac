"""A watchlist as the CSV of DESIGN.md section 7: read with every bad line named, and written to be read again."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import BinaryIO, Final, TypeVar

from bot.csv_cells import BYTE_ORDER_MARK, CsvTable, unguarded
from bot.errors import UserError
from bot.lookup import folded
from bot.models import Dossier, ItemKind, Priority, WatchItem
from bot.watchlist import lists

COLUMNS: Final = (
    "ref",
    "kind",
    "name",
    "aliases",
    "identifiers",
    "any_of",
    "none_of",
    "sources",
    "channel",
    "dossier",
    "priority",
    "note",
)
"""The header of a watchlist, in the order that an export writes it."""

REQUIRED: Final = ("kind", "name")
LINE_MAX_BYTES: Final = 1_000_000
MAX_ITEMS: Final = 100_000

_LINE_BREAK: Final = re.compile(r"\s*[\r\n]\s*")

Code = TypeVar("Code", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class BadLine:
    """Name a line of a watchlist that cannot be read, with the reason to show.

    `line` counts from 1, the header, and is the first of a record that runs over several lines.
    """

    line: int
    reason: UserError


@dataclass(frozen=True, slots=True)
class Entry:
    """Hold one record of a watchlist: the item, its channel as it is written, and the names of its dossiers.

    `item.ref` is None where the cell is empty; who knows the newsroom turns `channel` into an id, and finds or refuses
    the dossiers.
    """

    line: int
    item: WatchItem
    channel: str | None
    dossiers: tuple[str, ...]

    def offline_item(self) -> WatchItem:
        """Return the item as `vigie match` reports it: without a ref of its own, it is called `line:N`."""
        return self.item if self.item.ref else replace(self.item, ref=f"line:{self.line}")


@dataclass(frozen=True, slots=True)
class Watchlist:
    """Hold what a file says: the entries that could be read, in their order, and every line that could not.

    `columns` are those that it has: what is in none of them, it does not say.
    """

    entries: tuple[Entry, ...]
    bad_lines: tuple[BadLine, ...]
    columns: frozenset[str] = frozenset(COLUMNS)


class HeaderError(UserError):
    """Refuse a file whose first line is no header of a watchlist; raised by `read`, nothing else was read."""


def read(stream: BinaryIO) -> Watchlist:
    """Read a watchlist, line by line, from UTF-8 with or without a byte order mark.

    Cells are separated by commas, or by semicolons where the header is; columns come in any order, only `kind` and
    `name` are required, and `kind` and `priority` ignore case. Lists inside a cell are separated by `;`, or by `|` in a
    semicolon file, as `bot.watchlist.lists` has it; a list there without any `|` may have its `;`. The mark that keeps
    a cell from running as a formula is taken off (`bot.csv_cells`). Empty lines are skipped.

    Raises HeaderError where the header is wrong.
    """
    lines = _Lines(stream)
    columns, delimiter = _header(lines)
    entries: list[Entry] = []
    bad_lines = lines.bad_lines
    for line, cells in _records(lines, delimiter):
        if len(entries) == MAX_ITEMS:
            bad_lines.append(BadLine(line, UserError("watchlist-too-many", limit=MAX_ITEMS)))
            break
        if any(cells[len(columns) :]):
            bad_lines.append(BadLine(line, UserError("watchlist-cells", found=len(cells), expected=len(columns))))
            continue
        written = {name: unguarded(cell).strip() for name, cell in zip(columns, cells, strict=False)}
        entry, reasons = _entry(line, written, "|" if delimiter == ";" else ";")
        bad_lines += [BadLine(line, reason) for reason in reasons]
        if entry is not None:
            entries.append(entry)
    return Watchlist(tuple(entries), tuple(sorted(bad_lines, key=lambda bad: bad.line)), frozenset(columns))


def write(stream: BinaryIO, items: Iterable[WatchItem], dossiers: Mapping[int, Collection[Dossier]]) -> int:
    """Write items as a watchlist that `read` gives back whole, and return how many there were.

    `dossiers` are those of each item by its id; `stream` takes bytes. The same items always make the same bytes.
    """
    table = CsvTable(stream, COLUMNS)
    table.add_all(watchlist_rows(items, dossiers))
    return table.rows


def watchlist_rows(items: Iterable[WatchItem], dossiers: Mapping[int, Collection[Dossier]]) -> Iterator[list[str]]:
    """Yield items as the cells of `COLUMNS`, not yet guarded, the dossiers of each by name.

    A channel is written `<#id>`: a spreadsheet would round the number alone.
    """
    every = {dossier.name for gathered in dossiers.values() for dossier in gathered}
    places = {name: place for place, name in enumerate(sorted(every, key=lambda name: (folded(name), name)))}
    for item in items:
        names = lists.join_queries if item.kind is ItemKind.KEYWORD else lists.join_list
        gathered = sorted((dossier.name for dossier in dossiers.get(item.id or 0, ())), key=places.__getitem__)
        yield [
            item.ref or "",
            item.kind.value,
            item.name,
            names(item.aliases),
            lists.join_list(item.identifiers),
            lists.join_queries(item.any_of),
            lists.join_queries(item.none_of),
            lists.join_list(item.sources),
            f"<#{item.channel_id}>" if item.channel_id is not None else "",
            lists.join_list(gathered),
            item.priority.value,
            item.note or "",
        ]


class _Lines:
    """Give the lines of a stream as text, none longer than `LINE_MAX_BYTES`, and note those that are no UTF-8.

    A bad line is given all the same, so that what comes after keeps its place; `spoilt` holds its number.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.number = 0
        self.spoilt: set[int] = set()
        self.bad_lines: list[BadLine] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._stream.readline(LINE_MAX_BYTES)
        if not line:
            raise StopIteration
        self.number += 1
        if self.number == 1:
            line = line.removeprefix(BYTE_ORDER_MARK)
        if len(line) >= LINE_MAX_BYTES and not line.endswith(b"\n"):
            self._spoil(UserError("watchlist-line-too-long", limit=LINE_MAX_BYTES))
            while line and not line.endswith(b"\n"):
                line = self._stream.readline(LINE_MAX_BYTES)
            return "\n"
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            self._spoil(UserError("watchlist-not-utf8"))
            text = line.decode("utf-8", "replace")
        return text.replace("\0", "")

    def _spoil(self, reason: UserError) -> None:
        self.spoilt.add(self.number)
        self.bad_lines.append(BadLine(self.number, reason))


def _header(lines: _Lines) -> tuple[list[str], str]:
    """Return the columns and what separates cells, or raise HeaderError."""
    line = next((line for line in lines if line.strip()), None)
    if line is None:
        raise HeaderError("watchlist-empty")
    if lines.bad_lines:
        reason = lines.bad_lines[0].reason
        raise HeaderError(reason.text, **reason.values)
    delimiter = ";" if line.count(";") > line.count(",") else ","
    try:
        columns = [cell.strip().lower() for cell in next(csv.reader([line], delimiter=delimiter, strict=True))]
    except csv.Error:
        raise HeaderError("watchlist-not-csv") from None
    while columns and not columns[-1]:
        columns.pop()
    if missing := [name for name in REQUIRED if name not in columns]:
        raise HeaderError(
            "watchlist-header-missing", missing=missing, found=", ".join(columns), known=", ".join(COLUMNS)
        )
    if unknown := [name for name in columns if name not in COLUMNS]:
        raise HeaderError("watchlist-header-unknown", unknown=unknown, known=", ".join(COLUMNS))
    if twice := sorted({name for name in columns if columns.count(name) > 1}):
        raise HeaderError("watchlist-header-twice", twice=twice)
    return columns, delimiter


def _records(lines: _Lines, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each record that can be told into cells, with its first line; what cannot goes to the bad lines."""
    rows = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        first = lines.number + 1
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error:
            lines.bad_lines.append(BadLine(first, UserError("watchlist-not-csv")))
            continue
        if any(cell.strip() for cell in cells) and lines.spoilt.isdisjoint(range(first, lines.number + 1)):
            yield first, cells


def _entry(line: int, written: Mapping[str, str], separator: str) -> tuple[Entry | None, list[UserError]]:
    """Return the entry that a record holds, or every reason why it is none."""
    reasons: list[UserError] = []
    kind = _member(ItemKind, written.get("kind", ""))
    if kind is None:
        reasons.append(UserError("watchlist-kind", value=written.get("kind", "")))
    name = _one_line(written.get("name", ""))
    if not name:
        reasons.append(UserError("watchlist-no-name"))
    priority = _member(Priority, written.get("priority", "") or Priority.INSTANT)
    if priority is None:
        reasons.append(UserError("watchlist-priority", value=written["priority"]))
    if kind is None or priority is None or reasons:
        return None, reasons
    aliases = written.get("aliases", "")
    item = WatchItem(
        kind=kind,
        name=name,
        aliases=_queries(aliases, separator) if kind is ItemKind.KEYWORD else _names(aliases, separator),
        identifiers=_names(written.get("identifiers", ""), separator),
        any_of=_queries(written.get("any_of", ""), separator),
        none_of=_queries(written.get("none_of", ""), separator),
        sources=_names(written.get("sources", ""), separator),
        priority=priority,
        ref=written.get("ref") or None,
        note=written.get("note") or None,
    )
    return Entry(line, item, written.get("channel") or None, _names(written.get("dossier", ""), separator)), []


def _member(codes: type[Code], written: str) -> Code | None:
    code = written.lower()
    return codes(code) if code in list(codes) else None


def _names(cell: str, separator: str) -> tuple[str, ...]:
    return _each(_parts(lists.split_list, cell, separator))


def _queries(cell: str, separator: str) -> tuple[str, ...]:
    return _each(_parts(lists.split_queries, cell, separator))


def _parts(split: Callable[[str, str], list[str]], cell: str, separator: str) -> list[str]:
    """Return the parts of a list; where no `|` separates any, `;` does, as a spreadsheet leaves it that saved ours."""
    parts = split(cell, separator)
    return split(cell, ";") if len(parts) == 1 and separator != ";" else parts


def _each(parts: Iterable[str]) -> tuple[str, ...]:
    """Return the elements of a cell, without empty ones and repetitions."""
    return tuple(dict.fromkeys(element for part in parts if (element := _one_line(part))))


def _one_line(text: str) -> str:
    """Return a text without the line breaks of its cell; other spaces stay, a regular expression may need them."""
    return _LINE_BREAK.sub(" ", text).strip()
