"""The pages on legal numbers promise what is so: every row is found, every trap is none, every kind is named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.matching import Matcher, read_identifier
from bot.matching.identifiers.schemes import Scheme
from bot.models import Hit, ItemKind, Notice, Tier, WatchItem

PAGES = sorted((Path(__file__).parents[2] / "docs").glob("identifiers*.md"))
ROW = re.compile(r"^\| `([^`]+)` \| [^|]+ \| ([^|]+) \|$", re.MULTILINE)
TRAP = re.compile(r"^\| ([^`|]*\d[^`|]*) \| [^|]+ \|$", re.MULTILINE)


def find(identifier: str, text: str) -> Hit | None:
    item = WatchItem(kind=ItemKind.COMPANY, name="Axovial", identifiers=(identifier,))
    return next(iter(Matcher([item]).find(Notice(id="n", text=text))), None)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_number_of_the_page_is_right_and_found_as_the_page_shows(page: Path) -> None:
    for typed, shown in ROW.findall(page.read_text(encoding="utf-8")):
        hit = find(typed, shown.replace("**", ""))
        assert hit is not None, typed
        assert (hit.tier, f"**{hit.matched}**" in shown) == (Tier.IDENTIFIER, True), typed
        assert read_identifier(typed).fault is None, typed


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_trap_of_the_page_is_a_hit(page: Path) -> None:
    traps = TRAP.findall(page.read_text(encoding="utf-8"))
    assert len(traps) == 9
    assert [trap for trap in traps if find("552081317", trap)] == []


def test_both_pages_show_the_same_and_name_every_kind_of_number() -> None:
    english, french = (dict(ROW.findall(page.read_text(encoding="utf-8"))) for page in reversed(PAGES))
    assert english == french
    assert {read_identifier(typed).scheme for typed in english} == set(Scheme)
