"""Legal numbers of companies: reading what was typed, check digits, finding them in a notice."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.matching.codes import Rule

SIREN, SIRET, VAT_FR, LEI, RNA, CPV = "siren", "siret", "vat_fr", "lei", "rna", "cpv"
_LA_POSTE = "356000000"
_SIREN_DIGITS, _SIRET_DIGITS, _LEI_SIGNS, _CPV_DIGITS = 9, 14, 20, 8
_SCHEME = re.compile(r"\s*([A-Za-z][A-Za-z0-9_.\-]*)\s*:\s*(.*\S)\s*", re.DOTALL)
_SCHEMES = {
    "siren": SIREN, "rcs": SIREN, "siret": SIRET, "tva": VAT_FR, "vat": VAT_FR, "vat_fr": VAT_FR, "lei": LEI,
    "rna": RNA, "cpv": CPV,
}  # fmt: skip
_SHAPES = (
    (SIREN, re.compile(r"[0-9]{9}")),
    (SIRET, re.compile(r"[0-9]{14}")),
    (VAT_FR, re.compile(r"FR[0-9A-Z]{2}[0-9]{9}")),
    (RNA, re.compile(r"W[0-9][0-9A-Z][0-9]{7}")),
    (LEI, re.compile(r"(?=.*[A-Z])[0-9A-Z]{18}[0-9]{2}")),
    (CPV, re.compile(r"[0-9]{8}-[0-9]")),
)
_BLANKS = re.compile(r"[\s.]+")


@dataclass(frozen=True, slots=True)
class Identifier:
    """Hold a legal number: its scheme, its value without spaces, and whether its check digits are right.

    `scheme` is one of `siren siret vat_fr lei rna cpv`, another one as typed, or empty. `valid` is None where there is
    nothing to check; `expected` are the right check digits of a wrong number.
    """

    typed: str
    scheme: str
    value: str
    valid: bool | None = None
    expected: str | None = None


def read_identifier(typed: str) -> Identifier:
    """Return what a typed identifier is, with or without its scheme; never raises."""
    match = _SCHEME.fullmatch(typed)
    scheme, text = (match[1].casefold(), match[2]) if match else ("", typed)
    value = _BLANKS.sub("", text).upper()
    known = _SCHEMES.get(scheme)
    if scheme and not known:
        return Identifier(typed, scheme, value)
    for name, shape in _SHAPES:
        if shape.fullmatch(value) and (not known or known == name or (known == SIREN and name == SIRET)):
            return _checked(typed, name, value)
    if known == CPV and re.fullmatch(r"[0-9]{8}", value):
        return Identifier(typed, CPV, value)
    return Identifier(typed, scheme, value)


def luhn(digits: str) -> bool:
    """Return whether the last digit of a number is its Luhn check digit (ISO/IEC 7812-1 annex B)."""
    total = 0
    for place, sign in enumerate(reversed(digits)):
        digit = int(sign) * (1 + place % 2)
        total += digit - 9 if digit > 9 else digit  # noqa: PLR2004  # the digits of a doubled digit added up
    return total % 10 == 0


def siret_is_valid(digits: str) -> bool:
    """Return whether a SIRET's check digit is right; La Poste's add up to a multiple of five instead."""
    return luhn(digits) or (digits.startswith(_LA_POSTE) and sum(map(int, digits)) % 5 == 0)


def vat_key(siren: str) -> str:
    """Return the two digits of the French VAT number before a SIREN (article 286 ter of the tax code, usual key)."""
    return f"{(12 + 3 * (int(siren) % 97)) % 97:02d}"


def _checked(typed: str, scheme: str, value: str) -> Identifier:
    if scheme in {SIREN, SIRET}:
        valid = luhn(value) if scheme == SIREN else siret_is_valid(value)
        right = next(str(digit) for digit in range(10) if luhn(value[:-1] + str(digit)))
        return Identifier(typed, scheme, value, valid, None if valid else right)
    if scheme == VAT_FR and value[2:4].isdigit():
        key = vat_key(value[4:])
        return Identifier(typed, scheme, value, value[2:4] == key, None if value[2:4] == key else key)
    if scheme == LEI:
        check = f"{98 - _mod97(value[:18] + '00'):02d}"
        return Identifier(typed, scheme, value, _mod97(value) == 1, None if _mod97(value) == 1 else check)
    return Identifier(typed, scheme, value)


def _mod97(value: str) -> int:
    """Return a number whose letters count 10 to 35, modulo 97 (ISO 7064, MOD 97-10)."""
    return int("".join(str(int(sign, 36)) for sign in value)) % 97


def branch(cpv: str) -> str:
    """Return the digits that every code under a CPV code begins with (Regulation (EC) No 213/2008)."""
    return cpv[:_CPV_DIGITS].rstrip("0").ljust(2, "0")


# Finding numbers in text ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Number:
    """Hold a number found in a document's layers: its digits and the rules by which it names a company."""

    start: int
    end: int
    keys: tuple[tuple[str, str, Rule], ...]
    """The (scheme, value) that it is or contains, with the rule for each."""


_RUN = re.compile(r"[0-9](?: ?[0-9]){8,}")
_CURRENCY_AFTER = re.compile(
    r"\s{0,2}(?:[\u20ac$\u00a3\u00a5]|(?:k\u20ac|m\u20ac|eur|euros?|keur|meur|usd|gbp|chf|dollars?|livres|millions?|"
    r"milliards?|ht|ttc)\b)",
    re.IGNORECASE,
)
_CURRENCY_BEFORE = re.compile(r"(?:[\u20ac$\u00a3\u00a5]|\b(?:eur|usd|gbp|chf))\s{0,2}$", re.IGNORECASE)
_LONGEST_GROUP_OF_AMOUNT = 3
_NEAR = 12


def numbers(clean: str, flat: str) -> list[Number]:
    """Return every number of a document that is a SIREN, a SIRET or a French VAT number standing alone.

    `clean` and `flat` are the aligned layers of `bot.matching.folding`. A number is never the inside of a longer run of
    digits, the tail of a grouped amount, nor next to a currency.
    """
    found: list[Number] = []
    for run in _RUN.finditer(flat):
        groups: list[tuple[int, int]] = []
        for match in re.finditer(r"[0-9]+", run[0]):
            start, end = run.start() + match.start(), run.start() + match.end()
            gap = clean[groups[-1][1] : start] if groups else ""
            if groups and not (gap == "." or (gap.isspace() and gap != "\n")):
                _read_run(clean, flat, groups, found)
                groups = []
            groups.append((start, end))
        _read_run(clean, flat, groups, found)
    return found


def _read_run(clean: str, flat: str, groups: list[tuple[int, int]], found: list[Number]) -> None:
    """Add the numbers of a run of groups of digits that only spaces or dots part."""
    place = 0
    while place < len(groups):
        taken = _read_vat(clean, flat, groups, place, found) or _read_number(clean, flat, groups, place, found)
        place += taken or 1


def _read_vat(clean: str, flat: str, groups: list[tuple[int, int]], place: int, found: list[Number]) -> int:
    start = groups[place][0]
    before = re.search(r"(?<![^\W_])fr ?$", flat[max(0, start - 4) : start])
    if not before:
        return 0
    for last, digits in _sums(flat, groups, place, 2 + _SIREN_DIGITS):
        if len(digits) == 2 + _SIREN_DIGITS and _right(clean, flat, groups, place, last):
            low, top = start - len(before[0]), groups[last][1]
            keys = [(VAT_FR, f"FR{digits}", Rule.VAT_FR)]
            if digits[:2] == vat_key(digits[2:]):
                keys.append((SIREN, digits[2:], Rule.SIREN_IN_VAT))
            found.append(Number(low, top, tuple(keys)))
            return last - place + 1
    return 0


def _read_number(clean: str, flat: str, groups: list[tuple[int, int]], place: int, found: list[Number]) -> int:
    if not _left(clean, flat, groups, place):
        return 0
    whole: Number | None = None
    taken = 0
    start = groups[place][0]
    for last, digits in _sums(flat, groups, place, _SIRET_DIGITS):
        if len(digits) == _SIREN_DIGITS and _right(clean, flat, groups, place, last):
            whole, taken = Number(start, groups[last][1], ((SIREN, digits, Rule.SIREN),)), last - place + 1
        elif len(digits) == _SIRET_DIGITS and _right(clean, flat, groups, place, last):
            named = "siret" in flat[max(0, start - _NEAR) : start]
            if siret_is_valid(digits) or named:
                keys = ((SIRET, digits, Rule.SIRET), (SIREN, digits[:_SIREN_DIGITS], Rule.SIREN_IN_SIRET))
                whole, taken = Number(start, groups[last][1], keys), last - place + 1
            elif last == place:
                whole, taken = Number(start, groups[last][1], ((SIRET, digits, Rule.SIRET),)), 1
    if whole:
        found.append(whole)
    return taken


def _sums(flat: str, groups: list[tuple[int, int]], place: int, most: int) -> list[tuple[int, str]]:
    """Return the digits of each sequence of groups from `place`, with its last group, up to `most` digits."""
    sums: list[tuple[int, str]] = []
    digits = ""
    for last in range(place, len(groups)):
        low, top = groups[last]
        if len(digits) + top - low > most:
            break
        digits += flat[low:top]
        sums.append((last, digits))
    return sums


def _left(clean: str, flat: str, groups: list[tuple[int, int]], place: int) -> bool:
    """Return whether a number may begin with this group."""
    start, end = groups[place]
    if place:
        low, top = groups[place - 1]
        if clean[top:start] == ".":
            return False
        return end - start >= _SIREN_DIGITS or top - low > _LONGEST_GROUP_OF_AMOUNT
    before = clean[max(0, start - 6) : start]
    if before and flat[start - 1].isalnum() and before[-1] not in "\u00ba\u00b0":
        return False
    if (
        len(before) > 1
        and before[-1] in ",.-/+_\u2013\u2011"
        and flat[start - 2].isalnum()
        and flat[start - 2].isdigit()
    ):
        return False
    return not _CURRENCY_BEFORE.search(before)


def _right(clean: str, flat: str, groups: list[tuple[int, int]], place: int, last: int) -> bool:
    """Return whether a number may end with the group `last`."""
    end = groups[last][1]
    if last + 1 < len(groups):
        low, top = groups[last + 1]
        if clean[end:low] == ".":
            return False
        return place == last or top - low != _LONGEST_GROUP_OF_AMOUNT
    after = clean[end : end + 2]
    if after and flat[end : end + 1].isalnum():
        return False
    if len(after) > 1 and after[0] in ",.-/_\u2013\u2011" and flat[end + 1].isdigit():
        return False
    return not _CURRENCY_AFTER.match(clean, end)
