"""When a notice names by its legal number another company than the one that a name suggests (matching.md section 5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.matching.codes import Rule
from bot.matching.evaluation import Spot
from bot.matching.identifiers.identifier import recognised
from bot.matching.identifiers.schemes import Scheme
from bot.models import ItemKind, Notice, Tier, WatchItem


def doubted(item: WatchItem, notice: Notice, spots: Sequence[Spot]) -> list[Spot]:
    """Return the places of a company, weak where the notice is about one company only and its SIREN is another's.

    It is where the notice carries one SIREN, no buyer, and no second supplier, and the item has a SIREN of its own. A
    notice with a buyer may well carry the buyer's number alone: there a name keeps its tier.
    """
    if not (item.identifiers and notice.identifiers) or item.kind is not ItemKind.COMPANY:
        return list(spots)
    if notice.buyer or len(notice.suppliers) > 1 or any(spot.tier is Tier.IDENTIFIER for spot in spots):
        return list(spots)
    own, carried = sirens(item.identifiers), sirens(notice.identifiers)
    if not own or len(carried) != 1 or own & carried:
        return list(spots)
    return [spot if spot.tier is Tier.WEAK else replace(spot, tier=Tier.WEAK, rule=Rule.OTHER_SIREN) for spot in spots]


def sirens(identifiers: Iterable[str]) -> set[str]:
    """Return the SIRENs that identifiers are or hold."""
    found = set()
    for number in map(recognised, identifiers):
        if not number.is_formed:
            continue
        if number.scheme in {Scheme.SIREN, Scheme.SIRET}:
            found.add(number.body[:_SIREN_DIGITS])
        elif number.scheme == Scheme.VAT_FR:
            found.add(number.body[-_SIREN_DIGITS:])
    return found


_SIREN_DIGITS = 9
