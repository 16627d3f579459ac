"""Wrong legal numbers of a watch item: which they are, and the same numbers put right."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from bot.locales import Texts
from bot.markup import plain
from bot.matching import Fault, Identifier, read_identifier

_SHOWN_UNITS: Final = 120
_SIREN_DIGITS: Final = 9


@dataclass(frozen=True, slots=True)
class WrongNumber:
    """Hold a wrong number of a file, and the line where it stands."""

    line: int
    number: Identifier


def wrong_numbers(identifiers: Iterable[str], known: Collection[str] = ()) -> list[Identifier]:
    """Return the numbers that cannot be right by their check digits or their form, without those that are `known`.

    Known are those that an item has already: who kept one is not asked again.
    """
    return [
        number for number in map(read_identifier, identifiers) if number.valid is False and number.typed not in known
    ]


def sirens(identifiers: Iterable[str]) -> set[str]:
    """Return the SIRENs that typed numbers hold: those themselves, and those of SIRETs and French VAT numbers."""
    found = set()
    for typed in identifiers:
        identifier = read_identifier(typed)
        digits = "".join(sign for sign in identifier.value if sign.isdigit())
        match identifier.scheme:
            case "siret":
                found.add(digits[:_SIREN_DIGITS])
            case "vat_fr":
                found.add(digits[-_SIREN_DIGITS:])
            case "siren":
                found.add(digits)
    return found


def watched_numbers(identifiers: Iterable[str]) -> frozenset[str]:
    """Return typed numbers as sources ask for them, `scheme:value`, with the SIREN where one of them holds it."""
    typed = list(identifiers)
    named = (read_identifier(number) for number in typed)
    return frozenset(
        [*(f"{one.scheme}:{one.value}" for one in named if one.scheme), *(f"siren:{siren}" for siren in sirens(typed))]
    )


def put_right(identifiers: Iterable[str], known: Collection[str] = ()) -> list[str]:
    """Return identifiers with their check digits put right, where there is one way to; the others as they are.

    So are those that are `known`, which an item has already: a person kept them.
    """
    return [typed if typed in known else _put_right(read_identifier(typed)) for typed in identifiers]


def scheme_name(texts: Texts, scheme: str) -> str:
    """Return what a kind of number is called: the word that stood before its colon where it is not one of ours."""
    return texts.word("scheme", plain(scheme, _SHOWN_UNITS)) if scheme else texts("number-of-no-scheme")


def wrong_number_words(texts: Texts, number: Identifier) -> str:
    """Return what is wrong with a number, and how it would be right where that is known."""
    scheme, value = scheme_name(texts, number.scheme), plain(number.written, _SHOWN_UNITS)
    if number.expected is not None:
        right = number.corrected_written or ""
        return texts("number-wrong-digits", scheme=scheme, value=value, expected=number.expected, right=right)
    if number.fault is Fault.FORM:
        return texts("number-wrong-form", scheme=scheme, value=value)
    return texts("number-wrong-digit-unknown", scheme=scheme, value=value)


def _put_right(number: Identifier) -> str:
    """Return a number as it was typed but for its check digits: with the word before its colon, where it has one."""
    right = number.corrected_written
    if right is None:
        return number.typed
    name, colon, _ = number.typed.partition(":")
    typed = f"{name}{colon}{right}" if colon else right
    return typed if read_identifier(typed).value == number.corrected else f"{number.scheme}:{number.corrected}"
