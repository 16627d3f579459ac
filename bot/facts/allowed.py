"""What may be done with a fact as it stands, and what it is afterwards: one table, pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from bot.errors import UserError
from bot.models import Fact, FactChangeKind, FactStatus


class Refusal(StrEnum):
    """Name why a change is not allowed: by the text of the UserError that refuses it."""

    VERIFIED = "fact-verified-already"
    DISPUTED = "fact-disputed-already"
    RETRACTED = "fact-retracted-already"
    RETRACTED_TWICE = "fact-retracted-twice"


ALLOWED: Final[dict[FactStatus, dict[FactChangeKind, FactStatus | Refusal]]] = {
    FactStatus.LOGGED: {
        FactChangeKind.CITED: FactStatus.LOGGED,
        FactChangeKind.CORRECTED: FactStatus.LOGGED,
        FactChangeKind.VERIFIED: FactStatus.VERIFIED,
        FactChangeKind.DISPUTED: FactStatus.DISPUTED,
        FactChangeKind.RETRACTED: FactStatus.RETRACTED,
    },
    FactStatus.VERIFIED: {
        FactChangeKind.CITED: FactStatus.VERIFIED,
        FactChangeKind.CORRECTED: FactStatus.LOGGED,
        FactChangeKind.VERIFIED: Refusal.VERIFIED,
        FactChangeKind.DISPUTED: FactStatus.DISPUTED,
        FactChangeKind.RETRACTED: FactStatus.RETRACTED,
    },
    FactStatus.DISPUTED: {
        FactChangeKind.CITED: FactStatus.DISPUTED,
        FactChangeKind.CORRECTED: FactStatus.LOGGED,
        FactChangeKind.VERIFIED: FactStatus.VERIFIED,
        FactChangeKind.DISPUTED: Refusal.DISPUTED,
        FactChangeKind.RETRACTED: FactStatus.RETRACTED,
    },
    FactStatus.RETRACTED: {
        FactChangeKind.CITED: Refusal.RETRACTED,
        FactChangeKind.CORRECTED: Refusal.RETRACTED,
        FactChangeKind.VERIFIED: Refusal.RETRACTED,
        FactChangeKind.DISPUTED: Refusal.RETRACTED,
        FactChangeKind.RETRACTED: Refusal.RETRACTED_TWICE,
    },
}
"""By what a fact is and what is done with it: what it is then, or why that is refused."""


def refuse(fact: Fact, change: FactChangeKind) -> None:
    """Raise UserError, which says what to do instead, where a change is not allowed for a fact as it stands."""
    match ALLOWED[fact.status][change]:
        case Refusal.VERIFIED:
            raise UserError("fact-verified-already", id=fact.id, person=fact.verified_by)
        case Refusal.DISPUTED:
            raise UserError("fact-disputed-already", id=fact.id)
        case Refusal.RETRACTED:
            raise UserError("fact-retracted-already", id=fact.id)
        case Refusal.RETRACTED_TWICE:
            raise UserError("fact-retracted-twice", id=fact.id)
