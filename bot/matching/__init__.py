"""Find watch items in notices: pure, no I/O, no clock (DESIGN.md sections 7 and 8).

`Matcher(items)` refuses wrong queries with the place; `Matcher.find(notice)` returns the hits.
"""

from __future__ import annotations

from bot.matching.asked import check
from bot.matching.codes import Caution, QueryFault, Reason, Rule
from bot.matching.folding import folded_words
from bot.matching.identifiers import Identifier, read_identifier
from bot.matching.matcher import Matcher, NearMiss
from bot.matching.spelled import Spelling, Stand, beginnings, number_spellings, spellings, stands
from bot.matching.understanding import Reading, Understanding, Warned, understood

__all__ = [
    "Caution",
    "Identifier",
    "Matcher",
    "NearMiss",
    "QueryFault",
    "Reading",
    "Reason",
    "Rule",
    "Spelling",
    "Stand",
    "Understanding",
    "Warned",
    "beginnings",
    "check",
    "folded_words",
    "number_spellings",
    "read_identifier",
    "spellings",
    "stands",
    "understood",
]
