"""The labelled set: one line a case in cases/<category>.tsv, each with the rule that it shows.

Columns: `kind`, `name`, `options`, `text`, `tier`, `rule`, `shows`. A tier of `-` means no hit. In texts and options
`\\n` and `\\uXXXX` are escapes; `shows` is the reason, and `opinion` in it marks a judgement where the rules leave it
open.

Options stand between semicolons. Of the item: `any=`, `none=`, `alias=`, `ids=`, `sources=`, each as often as needed.
Of the notice: `in=FIELD` puts the text there instead of in `text` (elements of a list between ` | `),
`with=FIELD:VALUE` fills one more field. `also=KIND:NAME` is one more item of the watchlist. Of the hit:
`matched=`, `field=`, `count=` are what it must say.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.matching import Matcher
from bot.models import Hit, ItemKind, Notice, Tier, WatchItem

FOLDER = Path(__file__).with_name("cases")
COLUMNS = ("kind", "name", "options", "text", "tier", "rule", "shows")

_ITEM_OPTIONS = {"any": "any_of", "none": "none_of", "alias": "aliases", "ids": "identifiers", "sources": "sources"}
_LISTS = ("suppliers", "people", "identifiers", "cpv")
_OPTIONS = (*_ITEM_OPTIONS, "in", "with", "also", "matched", "field", "count")
_OPTION = re.compile(rf";(?=(?:{'|'.join(_OPTIONS)})=)")
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\n")


@dataclass(frozen=True, slots=True)
class Case:
    """Hold a case: an item, a notice, and the tier and rule of the hit that is due, both empty where none is."""

    category: str
    line: int
    kind: ItemKind
    name: str
    options: tuple[tuple[str, str], ...]
    text: str
    tier: str
    rule: str
    shows: str

    def __str__(self) -> str:
        return f"{self.category}:{self.line} {self.name} / {self.shows}"

    def option(self, name: str) -> list[str]:
        return [value for key, value in self.options if key == name]

    def item(self) -> WatchItem:
        lists: dict[str, Any] = {field: tuple(self.option(name)) for name, field in _ITEM_OPTIONS.items()}
        return WatchItem(kind=self.kind, name=self.name, ref="case", **lists)

    def watchlist(self) -> list[WatchItem]:
        others = (other.split(":", 1) for other in self.option("also"))
        return [self.item(), *(WatchItem(kind=ItemKind(kind), name=name) for kind, name in others)]

    def notice(self) -> Notice:
        fields: dict[str, Any] = {}
        for name, value in [
            *((field, self.text) for field in self.option("in") or ["text"]),
            *(entry.split(":", 1) for entry in self.option("with")),
        ]:
            fields[name] = tuple(value.split(" | ")) if name in _LISTS else value
        return Notice(id="n", **fields)

    def found(self) -> Hit | None:
        """Return the hit of the case's own item, as the engine finds it."""
        hits = [hit for hit in Matcher(self.watchlist()).find(self.notice()) if hit.ref == "case"]
        return hits[0] if hits else None


def read_cases() -> list[Case]:
    """Return every case of every category; raises ValueError naming a line that cannot be read."""
    return [case for path in sorted(FOLDER.glob("*.tsv")) for case in _read(path)]


def _read(path: Path) -> Iterator[Case]:
    with path.open(encoding="utf-8", newline="") as lines:
        rows = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        if tuple(next(rows)) != COLUMNS:
            raise ValueError(f"{path.name}: the header is {' '.join(COLUMNS)}")
        for row in rows:
            try:
                yield _case(path.stem, rows.line_num, *row)
            except (TypeError, ValueError) as error:
                raise ValueError(f"{path.name}, line {rows.line_num}: {error}") from error


def _case(category: str, line: int, kind: str, name: str, options: str, text: str, *due: str) -> Case:
    tier, rule, shows = due
    pairs = tuple(
        (key, _unescaped(value)) for key, _, value in (part.partition("=") for part in _OPTION.split(options) if part)
    )
    if unknown := {key for key, _ in pairs}.difference(_OPTIONS):
        raise ValueError(f"{', '.join(sorted(unknown))}: no such option")
    if not shows or (tier == "-") != (rule == ""):
        raise ValueError("a case says what it shows; its rule is empty where no hit is due, and only there")
    tier = "" if tier == "-" else Tier(tier).value
    return Case(category, line, ItemKind(kind), name, pairs, _unescaped(text), tier, rule, shows)


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)) if match[1] else "\n", text)
