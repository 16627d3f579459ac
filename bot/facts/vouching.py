"""Who may vouch for a fact: a second person, on two origins that are not of their own bringing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from bot.errors import UserError
from bot.facts.origins import ENOUGH, origins
from bot.lookup import folded
from bot.models import Citation, Claim, Fact, FactVersion

_PARTS: Final[Sequence[Callable[[Claim], str | None]]] = (
    lambda claim: claim.text,
    # Commas moved or accents set do not make the words another's.
    lambda claim: folded(claim.text),
    lambda claim: claim.event_date,
)
"""What of a claim has an author of its own."""


def makers_of(fact: Fact, earlier: Sequence[FactVersion]) -> set[int]:
    """Return who cannot be the second person of a fact: who logged it or made what it now says.

    That is who made the version that stands, and who first wrote the words and the date that it has kept since.
    `earlier` are the versions before it, oldest first.
    """
    by = fact.corrected_by if fact.corrected_by is not None else fact.logged_by
    versions = [*((version.made_by, version.claim) for version in earlier), (by, fact.claim)]
    return {fact.logged_by, by, *(_first_to_say(part_of, versions) for part_of in _PARTS)}


def missing_origin(fact: Fact, cited: Sequence[Citation], by: int) -> UserError | None:
    """Return what a fact lacks to be verified by a person on two sources of different origin, None where it has them.

    Those that this person added do not count: whoever brings the second origin alone is no second person to it.
    """
    found = origins(cited)
    if len(found) < ENOUGH and len(cited) > 1:
        return UserError("fact-one-origin", id=fact.id, sources=len(cited), origin=found[0].name, n=cited[-1].n)
    if len(found) < ENOUGH:
        return UserError("fact-one-source", id=fact.id, origin=found[0].name)
    if len(origins(one for one in cited if one.added_by != by)) < ENOUGH:
        return UserError("fact-own-origin", id=fact.id)
    return None


def _first_to_say(part_of: Callable[[Claim], str | None], versions: Sequence[tuple[int, Claim]]) -> int:
    """Return who made the first of the last versions that say the same."""
    now = part_of(versions[-1][1])
    maker = versions[-1][0]
    for by, claim in reversed(versions):
        if part_of(claim) != now:
            break
        maker = by
    return maker
