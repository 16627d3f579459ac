"""The short brand that a long company name begins with (matching.md section 3.4)."""

from __future__ import annotations

from bot.matching.companies.legal_forms import JOINTS, CompanyName, read_company
from bot.matching.officials.given_names import given_names
from bot.matching.text.typed import CONNECTOR, Word
from bot.matching.words.ordinary_words import ordinary_words

_LEAST_LETTERS = 4
_PAIR = 2
_BRANCHES = frozenset(
    """
    holding holdings france francais francaise europe europa european international internationale intl iberia
    iberica espana italia italy deutschland germany benelux belgium belgique nederland luxembourg suisse schweiz
    switzerland uk usa america americas canada maroc algerie tunisie afrique africa asia asie pacific emea group
    services service solutions systems systemes technologies technology technologie consulting conseil
    industries industrie distribution logistics logistique invest finance immobilier
    """.split()  # noqa: SIM905  # many words read best as a text
)
"""Words that name a branch of the company that the word before them names."""
_BODIES = frozenset(
    """
    council county borough district city town university universite hospital hopital chu nhs housing trust
    school college association ville commune metropole agglomeration departement region syndicat ministry
    ministere
    """.split()  # noqa: SIM905  # many words read best as a text
)
"""Words of public bodies, whose first word is a place."""


def brand_of(name: CompanyName) -> str | None:
    """Return the first word of a long name that is a brand of its own, as typed; None where there is no telling.

    *Valmarin* for *Valmarin Public Safety Systems*; nothing for *Compagnie des Alpes* nor *Paul Corvoy Conseil*.
    """
    own = [word for word in name.core if word.folded != CONNECTOR]
    if name.kept or len(own) < _PAIR or not _is_of_a_brand(own[0]) or name.core[1].folded == CONNECTOR:
        return None
    rest = [word.folded for word in own[1:] if word.folded not in JOINTS]
    if not rest or _is_of_a_brand(own[1]) or not _BODIES.isdisjoint(rest):
        return None
    return own[0].written if len(own) > _PAIR or rest[0] in _BRANCHES else None


def brand_in(typed: str) -> str | None:
    """Return the brand that a long name begins with, of a name as typed; None where there is no telling."""
    return brand_of(read_company(typed))


def _is_of_a_brand(word: Word) -> bool:
    return (
        len(word.folded) >= _LEAST_LETTERS
        and word.folded not in _BRANCHES
        and word.folded not in JOINTS
        and not word.folded.isdigit()
        and word.folded not in given_names()
        and word.folded not in ordinary_words()
    )
