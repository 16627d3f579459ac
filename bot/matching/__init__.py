"""Find watch items in notices: pure, no I/O, no clock (DESIGN.md sections 7 and 8).

`Matcher(items)` refuses wrong queries with the place; `Matcher.find(notice)` returns the hits, `find_apart` each with
the organisations in whose names it stands.
"""

from __future__ import annotations

from bot.matching.asked import check
from bot.matching.codes import Caution, Doubt, Obstacle, QueryFault, Reason, Rule
from bot.matching.companies.brands import brand_in
from bot.matching.companies.organisations import NOWHERE, Found, Standing
from bot.matching.explaining.comparison import LIKE, Alike, Names, alike, alike_pairs, holds, likeness
from bot.matching.explaining.obstacles import Missed
from bot.matching.explaining.understanding import Reading, Understanding, Warned, understood
from bot.matching.explaining.why_not import doubt_of, why_not
from bot.matching.identifiers.identifier import Fault, Identifier, read_identifier
from bot.matching.matcher import Matcher, NearMiss
from bot.matching.sought import Needed, sought
from bot.matching.text.document import name_fields, running_fields
from bot.matching.text.folding import folded_words
from bot.matching.words.inflection import forms
from bot.matching.words.spelled import Spelling, Stand, beginnings, number_spellings, spellings, stands

__all__ = [
    "LIKE",
    "NOWHERE",
    "Alike",
    "Caution",
    "Doubt",
    "Fault",
    "Found",
    "Identifier",
    "Matcher",
    "Missed",
    "Names",
    "NearMiss",
    "Needed",
    "Obstacle",
    "QueryFault",
    "Reading",
    "Reason",
    "Rule",
    "Spelling",
    "Stand",
    "Standing",
    "Understanding",
    "Warned",
    "alike",
    "alike_pairs",
    "beginnings",
    "brand_in",
    "check",
    "doubt_of",
    "folded_words",
    "forms",
    "holds",
    "likeness",
    "name_fields",
    "number_spellings",
    "read_identifier",
    "running_fields",
    "sought",
    "spellings",
    "stands",
    "understood",
    "why_not",
]
