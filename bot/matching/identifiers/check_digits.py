"""Check digits of legal numbers: whether they are right, which were expected, and the one number that would be."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Protocol

from bot.matching.identifiers.schemes import Kind

_LA_POSTE = "356000000"
_DIGITS = "0123456789"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SIREN_DIGITS = 9


class _Checked(Protocol):
    """Be a module of stdnum, which knows one kind of number."""

    def is_valid(self, number: str) -> bool:
        """Return whether a number is right."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Hold whether a number is right (None: nothing to check), and how it would be.

    `expected` are the right check digits of a wrong number where only those can be wrong for sure, `corrected` the
    number with them.
    """

    valid: bool | None = None
    expected: str | None = None
    corrected: str | None = None


def judged(kind: Kind, body: str) -> Verdict:
    """Return whether the check digits of a number of a kind are right, given without its prefix."""
    if not kind.check:
        return Verdict()
    knows = _known(kind.check)
    if knows.is_valid(body):
        return Verdict(valid=True)
    start, end = kind.digits
    low, top, _ = slice(start, end).indices(len(body))
    rights = list(itertools.islice(_right(knows, body, low, top), 2))
    if len(rights) != 1:
        return Verdict(valid=False)
    return Verdict(valid=False, expected=rights[0][low:top], corrected=rights[0])


def luhn(digits: str) -> bool:
    """Return whether the last digit of a number is its Luhn check digit (ISO/IEC 7812-1 annex B)."""
    return (sum(map(int, digits[-1::-2])) + sum(_DOUBLED[int(digit)] for digit in digits[-2::-2])) % 10 == 0


def siret_is_valid(digits: str) -> bool:
    """Return whether a SIRET's check digit is right; La Poste's add up to a multiple of five instead."""
    return luhn(digits) or (digits.startswith(_LA_POSTE) and sum(map(int, digits)) % 5 == 0)


def vat_key(siren: str) -> str:
    """Return the two digits of the French VAT number before a SIREN (article 286 ter of the tax code, usual key)."""
    return f"{(12 + 3 * (int(siren) % 97)) % 97:02d}"


_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def _right(knows: _Checked, body: str, low: int, top: int) -> Iterator[str]:
    """Yield the numbers that are right and differ from one that is not by their check digits alone."""
    signs = [_DIGITS if sign.isdigit() else _LETTERS for sign in body[low:top]]
    for chosen in itertools.product(*signs):
        number = f"{body[:low]}{''.join(chosen)}{body[top:]}"
        if knows.is_valid(number):
            yield number


@cache
def _known(name: str) -> _Checked:
    """Return a module of stdnum, loaded when the first number of its kind is typed: the package holds hundreds."""
    module: _Checked = import_module(f"stdnum.{name}")
    return module
