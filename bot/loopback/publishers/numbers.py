"""Numbers of made-up companies, with the check digits that real ones have."""

from __future__ import annotations


def siren(first_eight: str) -> str:
    """Return a number with the check digit of a SIREN."""
    return first_eight + _luhn_digit(first_eight)


def siret(of_siren: str, establishment: str = "0001") -> str:
    """Return a number with the check digit of a SIRET."""
    return of_siren + establishment + _luhn_digit(of_siren + establishment)


def _luhn_digit(number: str) -> str:
    total = 0
    for place, sign in enumerate(reversed(number)):
        product = int(sign) * (2 - place % 2)
        total += product // 10 + product % 10
    return str(-total % 10)
