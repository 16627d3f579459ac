"""Full text over notices, facts and tips: what people type, what they may see of what is found, and how it is shown.

`search` finds a page of results, `results_card` shows it. `facts_named` and `tips_named` serve whoever names a fact or
a tip by words of it.
"""

from __future__ import annotations

from bot.search.card import results_card
from bot.search.finding import (
    FINDS_A_PAGE,
    MOST_PAGES,
    FindKind,
    FoundFact,
    FoundNotice,
    FoundTip,
    Question,
    Results,
    Scope,
    search,
)
from bot.search.query import MOST_UNITS, Query, read_query
from bot.storage.archive.full_text import facts_named, tips_named

__all__ = [
    "FINDS_A_PAGE",
    "MOST_PAGES",
    "MOST_UNITS",
    "FindKind",
    "FoundFact",
    "FoundNotice",
    "FoundTip",
    "Query",
    "Question",
    "Results",
    "Scope",
    "facts_named",
    "read_query",
    "results_card",
    "search",
    "tips_named",
]
