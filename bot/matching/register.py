"""Which items' identifiers stand in a notice: its own identifiers first, then its text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.matching.codes import Rule
from bot.matching.document import Document
from bot.matching.identifiers import CPV, LEI, RNA, SIREN, SIRET, VAT_FR, Identifier, branch, numbers, read_identifier

_TEXT_SCHEMES = frozenset({"", SIREN, SIRET, VAT_FR, LEI, RNA, "rcs", "tva", "vat", "sirene"})
_CODE = re.compile(
    r"(?<![^\W_])(?:w[0-9](?:[ ]?[0-9a-z]){8}|[0-9a-z]{4}(?: ?[0-9a-z]{4}){3} ?[0-9a-z]{2} ?[0-9]{2})(?![^\W_])"
)
_SCHEME = re.compile(r"\s*([A-Za-z][A-Za-z0-9_.\-]*)\s*:")


@dataclass(frozen=True, slots=True)
class NumberFound:
    """Hold where a number stands: field, span in its original text, the rule, and the identifier that asked for it."""

    field: int
    start: int
    end: int
    rule: Rule
    typed: str


class Register:
    """Look up the identifiers of all items in a notice."""

    def __init__(self) -> None:
        self._owners: dict[tuple[str, str], list[tuple[int, str]]] = {}
        self._branches: dict[str, list[tuple[int, str]]] = {}
        self._text = False
        self._codes = False

    def add(self, owner: int, typed: str) -> None:
        """Watch an identifier for an item known by its rank."""
        identifier = read_identifier(typed)
        if not identifier.value:
            return
        if identifier.scheme == CPV:
            self._branches.setdefault(branch(identifier.value), []).append((owner, typed))
            return
        self._owners.setdefault((identifier.scheme, identifier.value), []).append((owner, typed))
        self._text = self._text or identifier.scheme in {SIREN, SIRET, VAT_FR}
        self._codes = self._codes or identifier.scheme in {LEI, RNA}

    def find(self, document: Document) -> dict[int, list[NumberFound]]:
        """Return for each item the places of its identifiers, the notice's own identifiers first."""
        found: dict[int, list[NumberFound]] = {}
        if self._branches:
            for field, text in _fields(document, "cpv"):
                for owner, typed in self._cpv(text):
                    found.setdefault(owner, []).append(NumberFound(field, 0, len(text), Rule.CPV, typed))
        if self._owners:
            foreign = self._read_identifiers(document, found)
            self._read_text(document, foreign, found)
        return found

    def _read_identifiers(self, document: Document, found: dict[int, list[NumberFound]]) -> set[int]:
        """Add the notice's own identifiers; return the fields whose scheme is not one of ours."""
        foreign = {field for field, _ in _fields(document, "cpv")}
        for field, text in _fields(document, "identifiers"):
            identifier = read_identifier(text)
            if identifier.scheme not in _TEXT_SCHEMES:
                foreign.add(field)
            scheme = _SCHEME.match(text)
            start = scheme.end() if scheme else 0
            start += len(text[start:]) - len(text[start:].lstrip())
            for owner, typed, rule in self._own(identifier):
                found.setdefault(owner, []).append(NumberFound(field, start, len(text.rstrip()), rule, typed))
        return foreign

    def _read_text(self, document: Document, foreign: set[int], found: dict[int, list[NumberFound]]) -> None:
        """Add the numbers that stand in the text of the fields."""
        spans: list[tuple[int, int, tuple[tuple[str, str, Rule], ...]]] = []
        if self._text:
            spans += [(one.start, one.end, one.keys) for one in numbers(document.folded.clean, document.folded.flat)]
        if self._codes:
            spans += _codes(document)
        for start, end, keys in sorted(spans):
            for scheme, value, rule in keys:
                owners = self._owners.get((scheme, value))
                if not owners:
                    continue
                field, low, top = document.span(start, end)
                for owner, typed in owners if field not in foreign else ():
                    places = found.setdefault(owner, [])
                    if not any(one.field == field and one.start < top and low < one.end for one in places[-8:]):
                        places.append(NumberFound(field, low, top, rule, typed))

    def _own(self, identifier: Identifier) -> Iterator[tuple[int, str, Rule]]:
        """Yield the items that ask for one of a notice's own identifiers."""
        scheme, value = identifier.scheme, identifier.value
        rules = {SIREN: Rule.SIREN, SIRET: Rule.SIRET, VAT_FR: Rule.VAT_FR, LEI: Rule.LEI, RNA: Rule.RNA}
        keys = [(scheme, value, rules.get(scheme, Rule.IDENTIFIER))]
        if scheme == SIRET:
            keys.append((SIREN, value[:9], Rule.SIREN_IN_SIRET))
        elif scheme == VAT_FR:
            keys.append((SIREN, value[4:], Rule.SIREN_IN_VAT))
        elif scheme not in rules:
            keys.append(("", value, Rule.IDENTIFIER))
        seen: set[int] = set()
        for name, number, rule in keys:
            for owner, typed in self._owners.get((name, number), ()):
                if owner not in seen:
                    seen.add(owner)
                    yield owner, typed, rule

    def _cpv(self, text: str) -> Iterable[tuple[int, str]]:
        digits = re.sub(r"\D.*", "", text.strip())
        for length in range(2, len(digits) + 1):
            yield from self._branches.get(digits[:length], ())


def _fields(document: Document, name: str) -> Iterator[tuple[int, str]]:
    for field, (label, text) in enumerate(document.fields):
        if label.startswith(f"{name}["):
            yield field, text


def _codes(document: Document) -> Iterator[tuple[int, int, tuple[tuple[str, str, Rule], ...]]]:
    """Yield the RNA numbers and LEIs that stand alone in the text, whatever their grouping."""
    clean = document.folded.clean
    for match in _CODE.finditer(document.folded.flat):
        start, end = match.span()
        gaps = {clean[place] for place in range(start, end) if document.folded.flat[place] == " "}
        if any(not (gap == "." or (gap.isspace() and gap != "\n")) for gap in gaps):
            continue
        value = match[0].replace(" ", "").upper()
        identifier = read_identifier(value)
        if identifier.scheme in {LEI, RNA}:
            yield start, end, ((identifier.scheme, value, Rule(identifier.scheme)),)
