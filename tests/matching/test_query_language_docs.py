"""The pages that teach the query language: every line of their tables is tried, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from bot.errors import QueryError
from bot.locales import Language, Texts
from bot.matching import Matcher, Rule, check, understood
from bot.models import Hit, ItemKind, Notice, Tier, WatchItem

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {Language.EN: "query-language.md", Language.FR: "query-language.fr.md"}
KINDS = {
    "keyword": ItemKind.KEYWORD, "company": ItemKind.COMPANY, "official": ItemKind.OFFICIAL,
    "mot-clé": ItemKind.KEYWORD, "entreprise": ItemKind.COMPANY, "responsable public": ItemKind.OFFICIAL,
}  # fmt: skip
LISTS = {"alias": "aliases", "identifiants": "identifiers"}
TEXT = {"text", "texte"}
ERRORS = {"wrong query", "requête fautive"}
TYPES = {"type"}
RULES = {"rule", "règle"}
CELL = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True)
class Row:
    """Hold a line of a table, by the heads of its columns."""

    language: Language
    first: str
    cells: dict[str, str]

    def __str__(self) -> str:
        return f"{self.language}: {self.cells[self.first]} / {list(self.cells.values())[1]}"


def rows(language: Language) -> Iterator[Row]:
    heads: list[str] = []
    for line in (DOCS / PAGES[language]).read_text(encoding="utf-8").splitlines():
        cells = [cell.strip().replace("\\|", "|") for cell in CELL.split(line)[1:-1]]
        if not cells:
            heads = []
        elif not heads:
            heads = cells
        elif set(line) - set("|-"):
            yield Row(language, heads[0], dict(zip(heads, cells, strict=True)))


ROWS = [row for language in PAGES for row in rows(language)]
EXAMPLES = [row for row in ROWS if row.first in KINDS]


def typed(cell: str) -> str:
    return cell.removeprefix("`").removesuffix("`")


def item(row: Row) -> WatchItem:
    lists: dict[str, Any] = {
        LISTS.get(head, head): tuple(query.strip() for query in typed(cell).split(";"))
        for head, cell in list(row.cells.items())[1:-2]
        if cell
    }
    return WatchItem(kind=KINDS[row.first], name=typed(row.cells[row.first]), **lists)


def written(row: Row) -> str:
    return next(cell for head, cell in row.cells.items() if head in TEXT)


def found(row: Row) -> Hit | None:
    return next(iter(Matcher([item(row)]).find(Notice(id="n", text=written(row).replace("**", "")))), None)


def told(row: Row, hit: Hit | None) -> tuple[str, str]:
    """Return the text with what was found in bold, and what is said of it."""
    texts = Texts(row.language, UTC)
    text = written(row).replace("**", "")
    if hit is None:
        return text, {Language.EN: "not found", Language.FR: "pas trouvé"}[row.language]
    tier, rule = texts.word("tier", hit.tier), texts.word("rule", hit.rule)
    marked = f"{text[: hit.start]}**{text[hit.start : hit.end]}**{text[hit.end :]}"
    return marked, texts("card-hit-reason", tier=tier, rule=rule)


@pytest.mark.parametrize("row", EXAMPLES, ids=str)
def test_an_example_finds_what_the_page_marks_and_says_so(row: Row) -> None:
    assert told(row, found(row)) == tuple(row.cells.values())[-2:]


@pytest.mark.parametrize("row", [row for row in ROWS if row.first in ERRORS], ids=str)
def test_a_wrong_query_is_answered_as_the_page_says(row: Row) -> None:
    query, column, reply = row.cells.values()
    with pytest.raises(QueryError) as refused:
        check(WatchItem(kind=ItemKind.KEYWORD, name=typed(query)))
    assert (str(refused.value.position + 1), Texts(row.language, UTC).error(refused.value)) == (column, reply)


@pytest.mark.parametrize("row", [row for row in ROWS if row.first in TYPES], ids=str)
def test_an_item_is_warned_about_as_the_page_says(row: Row) -> None:
    kind, name, warning = row.cells.values()
    reply = understood(WatchItem(kind=KINDS[kind], name=typed(name)), row.language)
    said = [
        Texts(row.language, UTC).word("caution", one.caution, expected=one.expected or "") for one in reply.warnings
    ]
    assert said == [warning]


@pytest.mark.parametrize("language", PAGES)
def test_the_page_explains_every_rule_by_its_name_and_no_other(language: Language) -> None:
    named = [row.cells[row.first] for row in ROWS if row.language is language and row.first in RULES]
    assert sorted(named) == sorted(Texts(language, UTC).word("rule", rule) for rule in Rule)


@pytest.mark.parametrize("language", PAGES)
def test_the_page_names_every_tier(language: Language) -> None:
    page = (DOCS / PAGES[language]).read_text(encoding="utf-8")
    assert [tier for tier in Tier if f"\n| {Texts(language, UTC).word('tier', tier)} |" not in page] == []


def test_both_pages_teach_the_same_in_the_same_order() -> None:
    english, french = ([row for row in ROWS if row.language is language] for language in PAGES)
    assert len(EXAMPLES) > 200
    assert len(english) == len(french)
    for one, other in zip(english, french, strict=True):
        assert len(one.cells) == len(other.cells)
        if one.first in KINDS:
            hits = [(hit.tier, hit.rule) if hit else None for hit in (found(one), found(other))]
            assert hits[0] == hits[1], str(one)
