"""Legal numbers as people type them: what each is, whether it is right, and how it is written."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from bot.matching.identifiers.check_digits import judged
from bot.matching.identifiers.schemes import KINDS, Found, Kind, Scheme
from bot.matching.text.folding import folded_words

LEAST_UNKNOWN = 7
LEAST_UNKNOWN_ALONE = 9
"""Digits that a number of unknown kind needs to be looked for in texts: with letters or a name, and with neither."""

_SCHEME = re.compile(r"\s*([^\W\d_][\w.\- ]*?)\s*:\s*(.*\S)\s*", re.DOTALL)
_LEADING = re.compile(r"\s*((?:[^\W\d]|[.\-])[^\d:]*?)[\s.:\u00b0\u00ba]*(?=\d|\b[A-Z]{0,3}\d)")
_LEADING_COUNTRY = re.compile(r"\s*((?:[^\W\d]|[.\-])[^\d:]*?)[\s.:\u00b0\u00ba]*(?=\b[A-Z]{2,3}\s\d)")
"""As `_LEADING`, before a number whose country stands apart: `n\u00b0 TVA : BE 0403.227.515`."""
_RCS_AFTER = re.compile(r"\s+R\.?\s?C\.?\s?S\b.*", re.IGNORECASE | re.DOTALL)
_GERMAN = re.compile(r"\b(HRA|HRB|GnR|PR|VR)\W{0,2}(?:Nr\W{0,2})?(\d{1,6})(?: ?([A-Z]{1,3}))?\b", re.IGNORECASE)
_NO_COURT = frozenset(
    "amtsgericht registergericht ag handelsregister handelsregisternummer hra hrb beim des am der nr".split()  # noqa: SIM905  # reads best as a text
)
"""Words beside a German number that name no court."""
_HYPHENS = re.compile("[\u2010\u2011\u2012\u2013\ufe63\uff0d]")
_SPACES = re.compile(r"\s+")
_GROUPING = re.compile(r"[\s.\-]+")
_DIGITS_AT_END = re.compile(r"\d[\d\s.\-]*$")
_OLD_BELGIAN_DIGITS, _UK_COMPANY_SIGNS = 9, 8


class Fault(StrEnum):
    """Name what is wrong with a number of a known kind."""

    CHECK_DIGITS = "check_digits"
    FORM = "form"


@dataclass(frozen=True, slots=True)
class Identifier:
    """Hold a legal number: its scheme, its value without spaces, and whether its check digits are right.

    `scheme` is a `Scheme`, another word as typed, or empty; `value` has the letters of its country. `valid` is None
    where there is nothing to check, `fault` what is wrong. `expected` are the right check digits of a wrong number, and
    `corrected` is that number with them, where no other would do. `court` are the folded words of a German court.
    """

    typed: str
    scheme: str
    value: str
    valid: bool | None = None
    expected: str | None = None
    corrected: str | None = None
    fault: Fault | None = None
    found: Found = Found.LISTED
    court: tuple[str, ...] = ()

    @property
    def written(self) -> str:
        """Return the number as people group it."""
        return _written(self.scheme, self.value)

    @property
    def corrected_written(self) -> str | None:
        """Return the corrected number as people group it."""
        return _written(self.scheme, self.corrected) if self.corrected is not None else None


@dataclass(frozen=True, slots=True)
class Recognised:
    """Hold what a number is, unchecked: its kind (None for an unknown one), scheme, and value without its prefix.

    `is_formed` is False for a number of a named kind that has not its form.
    """

    kind: Kind | None
    scheme: str
    body: str
    court: tuple[str, ...] = ()
    is_formed: bool = True

    @property
    def value(self) -> str:
        """Return the number with the letters of its country."""
        return f"{self.kind.prefix}{self.body}" if self.kind and self.is_formed else self.body


def read_identifier(typed: str) -> Identifier:
    """Return what a typed identifier is, with or without its scheme, checked; never raises."""
    found = recognised(typed)
    if found.kind is None:
        return Identifier(typed, found.scheme, found.body, found=sought(found))
    scheme, court = found.kind.scheme, found.court
    if not found.is_formed:
        return Identifier(typed, scheme, found.body, valid=False, fault=Fault.FORM, found=sought(found))
    verdict = judged(found.kind, found.body)
    return Identifier(
        typed,
        scheme,
        found.value,
        verdict.valid,
        verdict.expected,
        f"{found.kind.prefix}{verdict.corrected}" if verdict.corrected is not None else None,
        Fault.CHECK_DIGITS if verdict.valid is False else None,
        sought(found),
        court,
    )


def recognised(typed: str) -> Recognised:
    """Return what a typed identifier is, without looking at its check digits; never raises."""
    typed = _HYPHENS.sub("-", typed)
    squeezed = _SPACES.sub("", typed).upper()
    if squeezed.isdigit() and squeezed.isascii() and len(squeezed) in _PLAIN:
        return Recognised(_PLAIN[len(squeezed)], _PLAIN[len(squeezed)].scheme, squeezed)
    german = _german(typed)
    if german is not None:
        return german
    before, _, body = typed.rpartition(":")
    if not (_has_signs(body) or any(map(str.isdigit, before))):
        return Recognised(None, "", "")  # `siren:`
    named = _SCHEME.fullmatch(typed)
    if named:
        name, rest = _name(named[1]), named[2]
        kinds = _names().get(name, ())
        if kinds:
            return _named(kinds, name, rest)
        said = _after_words(typed)  # `VAT No: GB…`
        return said if said and said.scheme in _VAT else Recognised(None, named[1].casefold(), _compact(rest))
    return _bare(squeezed) or _after_words(typed) or Recognised(None, "", _compact(typed))


def branch(cpv: str) -> str:
    """Return the digits that every code under a CPV code begins with (Regulation (EC) No 213/2008)."""
    return cpv[:_CPV_DIGITS].rstrip("0").ljust(2, "0")


_CPV_DIGITS = 8


def _has_signs(text: str) -> bool:
    """Return whether a text has a letter or a digit."""
    return any(map(str.isalnum, text))


def _bare(squeezed: str) -> Recognised | None:
    """Return what a number is that nothing names: by its groups, by the letters of its country, by its signs."""
    if not any(sign.isdigit() for sign in squeezed):
        return None
    compact = _compact(squeezed)
    for kind, pattern in _bares():
        if kind.grouped and pattern.fullmatch(squeezed):
            return Recognised(kind, kind.scheme, _body(kind, compact) or compact)
    of_country = _of_country(compact)
    if of_country is not None:
        return of_country
    for kind, pattern in _bares():
        if not kind.grouped and pattern.fullmatch(compact):
            return Recognised(kind, kind.scheme, _body(kind, compact) or compact)
    return None


def _of_country(compact: str) -> Recognised | None:
    """Return what a number is that the letters of its country begin: Greece's are EL, or by mistake its ISO code."""
    if compact.startswith(_GREECE):
        compact = f"EL{compact.removeprefix(_GREECE)}"
    for kind in _prefixed().get(compact[:2], ()):
        body = _body(kind, compact.removeprefix(kind.prefix)) if compact.startswith(kind.prefix) else None
        if body is not None:
            return Recognised(kind, kind.scheme, body)
    return None


def _after_words(typed: str) -> Recognised | None:
    """Return what a number is that words before it name, as `TVA FR…` or `RCS Paris B …`, or `… RCS Paris` after it."""
    without = _RCS_AFTER.sub("", typed)
    if without != typed and without.strip():
        found = _named(_names()["rcs"], "rcs", without)
        return found if found.is_formed else None
    for before in (_LEADING, _LEADING_COUNTRY):
        leading = before.match(typed)
        words = folded_words(leading[1]) if leading else []
        for count in (2, 1):
            for first in range(len(words) - count + 1):
                kinds = _names().get(" ".join(words[first : first + count]))
                if leading and kinds:
                    found = _named(kinds, kinds[0].scheme, typed[leading.end() :])
                    if found.is_formed:
                        return found
    return None


def _named(kinds: Sequence[Kind], name: str, rest: str) -> Recognised:
    """Return what a number is whose name says of which kinds it can be."""
    compact = _compact(rest)
    digits = _DIGITS_AT_END.search(rest)
    if compact[:2] in _vat_countries() and any(kind.scheme is Scheme.VAT_FR for kind in kinds):
        # The letters of another country are no French key: `vat:DE…`.
        of_country = _of_country(compact)
        if of_country is not None and of_country.scheme in _VAT:
            return of_country
        kinds = [kind for kind in kinds if kind.scheme is not Scheme.VAT_FR] or kinds
        if kinds[0].scheme is Scheme.VAT_FR:
            return Recognised(kinds[0], name, compact, is_formed=False)
    for kind in kinds:
        bodies = [compact.removeprefix(kind.prefix), compact]
        if kind.scheme in {Scheme.SIREN, Scheme.SIRET} and digits:
            bodies.append(_compact(digits[0]))  # `RCS Paris B 552 081 317`
        for body in bodies:
            found = _body(kind, body, named=True)
            if found is not None:
                return Recognised(kind, kind.scheme, found)
    other = _bare(compact) if kinds[0].scheme in _VAT else None  # `TVA BE 0403.227.515`
    if other is not None and other.scheme in _VAT:
        return other
    return Recognised(kinds[0], name, compact, is_formed=False)


_GREECE = "GR"
_VAT = frozenset({Scheme.VAT, Scheme.VAT_FR})


def _body(kind: Kind, written: str, *, named: bool = False) -> str | None:
    """Return the body of a number of a kind, or None when it is no such number."""
    compact = _compact(written)
    if kind.prefix == "BE" and len(compact) == _OLD_BELGIAN_DIGITS and compact.isdigit():
        compact = f"0{compact}"
    if named and kind.scheme is Scheme.UK_COMPANY and compact.isdigit():
        compact = compact.zfill(_UK_COMPANY_SIGNS)
    match = _form(kind).fullmatch(compact)
    return match[1] if match else None


def _german(typed: str) -> Recognised | None:
    """Return the number of a German register with the words of its court, None for anything else."""
    match = _GERMAN.search(typed)
    scheme = _SCHEME.fullmatch(typed)
    if match is None and scheme and scheme[1].casefold() in {"hra", "hrb"} and scheme[2].strip().isdigit():
        return Recognised(_HRB, _HRB.scheme, f"{scheme[1].upper()}{scheme[2].strip()}")
    if match is None:
        return None
    words = folded_words(f"{typed[: match.start()]} {typed[match.end() :]}")
    if any(any(sign.isdigit() for sign in word) for word in words):
        return None
    court = tuple(word for word in words if word not in _NO_COURT)
    return Recognised(_HRB, _HRB.scheme, f"{match[1]}{match[2]}{match[3] or ''}".upper(), court)


def sought(number: Recognised) -> Found:
    """Return where a number is looked for."""
    kind = number.kind
    if kind is None or not number.is_formed:
        is_named, is_digits = bool(number.scheme), number.body.isdigit()
        least = LEAST_UNKNOWN_ALONE if is_digits and not is_named else LEAST_UNKNOWN
        if sum(map(str.isdigit, number.body)) < least:
            return Found.LISTED
        return Found.NAMED if is_named else Found.ALONE
    if kind.scheme is Scheme.SIREN:
        return Found.WITHIN
    if kind.scheme is Scheme.CPV:
        return Found.BRANCH
    return Found.ALONE if kind.alone or kind.prefix or kind.grouped else Found.NAMED


def _written(scheme: str, value: str) -> str:
    """Return a number grouped as its country groups it, where there is a habit."""
    for habit, pattern, grouped in _HABITS:
        match = pattern.fullmatch(value) if scheme == habit else None
        if match:
            return match.expand(grouped)
    return value


_HABITS = (
    (Scheme.SIREN, re.compile(r"(\d{3})(\d{3})(\d{3})"), r"\1 \2 \3"),
    (Scheme.SIRET, re.compile(r"(\d{3})(\d{3})(\d{3})(\d{5})"), r"\1 \2 \3 \4"),
    (Scheme.VAT_FR, re.compile(r"(FR)(..)(\d{9})"), r"\1 \2 \3"),
    (Scheme.VAT, re.compile(r"(BE)(\d{4})(\d{3})(\d{3})"), r"\1 \2.\3.\4"),
    (Scheme.VAT, re.compile(r"(CHE)(\d{3})(\d{3})(\d{3})"), r"\1-\2.\3.\4"),
    (Scheme.TRANSPARENCY, re.compile(r"(\d+)(\d{2})"), r"\1-\2"),
    (Scheme.DUNS, re.compile(r"(\d{2})(\d{3})(\d{4})"), r"\1-\2-\3"),
    (Scheme.EIN, re.compile(r"(\d{2})(\d{7})"), r"\1-\2"),
    (Scheme.CPV, re.compile(r"(\d{8})(\d)"), r"\1-\2"),
    (Scheme.GERMAN_REGISTER, re.compile(r"([A-Z]+)(\d+)([A-Z]*)"), r"\1 \2\3"),
)


def _compact(text: str) -> str:
    return _GROUPING.sub("", text).upper()


def _name(text: str) -> str:
    return " ".join(text.casefold().split())


@cache
def _form(kind: Kind) -> re.Pattern[str]:
    return re.compile(f"({kind.body})(?:{kind.typed_tail})?" if kind.typed_tail else f"({kind.body})")


@cache
def _bares() -> tuple[tuple[Kind, re.Pattern[str]], ...]:
    return tuple((kind, re.compile(kind.bare)) for kind in KINDS if kind.bare)


@cache
def _prefixed() -> dict[str, list[Kind]]:
    """Return the kinds by the first two letters of their prefix."""
    kinds: defaultdict[str, list[Kind]] = defaultdict(list)
    for kind in KINDS:
        if kind.prefix:
            kinds[kind.prefix[:2]].append(kind)
    return dict(kinds)


@cache
def _vat_countries() -> frozenset[str]:
    """Return the first two letters of VAT numbers of other countries than France."""
    return frozenset(
        prefix for prefix, kinds in _prefixed().items() if any(kind.scheme is Scheme.VAT for kind in kinds)
    ) | {_GREECE}


@cache
def _names() -> dict[str, tuple[Kind, ...]]:
    """Return the kinds by what people call them, folded as words too; `vat` names them all."""
    names: defaultdict[str, list[Kind]] = defaultdict(list)
    for kind in KINDS:
        spellings = {spelling for name in kind.names for spelling in (name, " ".join(folded_words(name)))}
        for name in sorted(spellings | {kind.scheme.value} | set(_country_names(kind))):
            names[name].append(kind)
    for name in ("vat", "tva"):
        names[name] = sorted(names[name], key=lambda kind: kind.scheme is not Scheme.VAT_FR)
    return {name: tuple(kinds) for name, kinds in names.items()}


def _country_names(kind: Kind) -> Iterator[str]:
    if kind.scheme is Scheme.VAT and kind.prefix:
        yield f"{kind.prefix.casefold()}-vat"


_PLAIN = {
    9: next(kind for kind in KINDS if kind.scheme is Scheme.SIREN),
    14: next(kind for kind in KINDS if kind.scheme is Scheme.SIRET),
}
_HRB = next(kind for kind in KINDS if kind.scheme is Scheme.GERMAN_REGISTER)
