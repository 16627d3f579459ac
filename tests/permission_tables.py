"""The tables of docs/permissions.md, which people read, as data."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

PAGE: Final = Path(__file__).parent.parent / "docs" / "permissions.md"
IN_FRENCH: Final = PAGE.with_suffix(".fr.md")
OTHERS: Final = "another newsroom"


def read_tables(page: Path = PAGE) -> dict[str, list[dict[str, str]]]:
    """Return the rows of the page by the heading of their part, each cell by that of its column."""
    found: dict[str, list[dict[str, str]]] = {}
    part, columns = "", []
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            part = line[3:]
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if not cells or set(cells[0]) == {"-"}:
            columns = columns if cells else []
        elif not columns:
            columns = cells
        else:
            found.setdefault(part, []).append(dict(zip(columns, cells, strict=True)))
    return found


TABLES: Final = read_tables()
RULES: Final = {row["action"].replace("`", ""): row for row in TABLES["Who may do what"]}
KNOWS: Final = {row["thing"]: row for row in TABLES["Who knows of what"]}
WHERE: Final = {row["where"]: row for row in TABLES["Where"]}
CHANNEL, THREAD, PRIVATE, ELSEWHERE, REMINDER = WHERE


def coded(cell: str) -> list[str]:
    """Return what stands in code in a cell."""
    return re.findall(r"`([^`]+)`", cell)


def wanted(action: str, who: str, thing: str | None = None) -> str:
    """Return what the page says of an action on a thing: yes, no, unknown, erased or theirs."""
    rule = RULES.get(f"{action}, once verified", RULES[action]) if thing == "verified fact" else RULES[action]
    own = "author, owner" if who in {"author", "owner"} else who
    answer, at_best = rule[own], rule["author, owner"] if own == "reporter" else rule[own]
    if thing is None or at_best == "no" or answer == "theirs":
        return answer
    known = KNOWS[thing][who]
    return answer if known == "sees" else known
