"""Which items' identifiers stand in a notice: its own identifiers first, then its text."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from ahocorasick_rs import BytesAhoCorasick, MatchKind

from bot.matching.codes import Rule
from bot.matching.identifiers.identifier import Recognised, branch, recognised, sought
from bot.matching.identifiers.numbers_in_text import AROUND, Stand, Wanted, number_at, window
from bot.matching.identifiers.schemes import Found, Scheme
from bot.matching.text.document import Document

LEAST_DIGITS = 5
LEAST_DIGITS_AMONG_LETTERS = 7
"""Digits by which a number is sought; one with fewer is sought by its letters and digits."""
MOST_PLACES = 1_000
"""How many places of one number are looked at in one notice; the count of a hit stops there."""

_NOT_DIGITS = bytes(code for code in range(256) if not 0x30 <= code <= 0x39)  # noqa: PLR2004  # the digits of ASCII
_NOT_SIGNS = bytes(code for code in range(256) if not chr(code).isascii() or not chr(code).isalnum())
_FRENCH = frozenset({Scheme.SIREN, Scheme.SIRET, Scheme.VAT_FR})
_STRETCH = 256
_NEAR = 4
_DIGIT = re.compile(b"[0-9]")
_SIGN = re.compile(b"[0-9a-z]")
_CPV_IN_TEXT = re.compile(
    r"(?<![^\W_])cpv\b[^\d\x1f]{0,60}((?:[0-9]{8}(?: ?-? ?[0-9](?![^\W_]))?(?![^\W_])[^\w\x1f]{0,4})+)"
)
_CPV = re.compile(r"(?<![^\W_])([0-9]{8})(?: ?-? ?[0-9](?![^\W_]))?(?![^\W_])")


@dataclass(frozen=True, slots=True)
class NumberFound:
    """Hold where a number stands: field, span in its original text, the rule, and the identifier that asked for it."""

    field: int
    start: int
    end: int
    rule: Rule
    typed: str


class _Scan:
    """Find, in all signs of a kind that a text holds in a row, the patterns of the numbers that are looked for.

    Each pattern leads to the keys of the numbers that it may be.
    """

    def __init__(self, unsought: bytes, sign: re.Pattern[bytes]) -> None:
        """Take the bytes that are passed over, and what finds one of the others."""
        self.unsought = unsought
        self.sign = sign
        self._keys: dict[str, tuple[str, ...]] = {}
        self._by_rank: list[tuple[str, ...]] = []
        self._automaton: BytesAhoCorasick | None = None
        self._least = 0

    def add(self, pattern: str, key: str) -> None:
        """Look for a number by a pattern."""
        known = self._keys.get(pattern, ())
        if key not in known:
            self._keys[pattern] = (*known, key)
            self._automaton = None

    def may_stand(self, text: bytes) -> bool:
        """Return whether any pattern stands in a text."""
        if not self._keys:
            return False
        signs = text.translate(None, self.unsought)
        return len(signs) >= self._least and bool(self.search(signs))

    def search(self, signs: bytes) -> list[tuple[int, int, int]]:
        """Return (rank of the pattern, start, end) of every pattern in a text that holds such signs only."""
        if self._automaton is None:
            self._by_rank = list(self._keys.values())
            self._least = min(map(len, self._keys))
            patterns = [pattern.encode() for pattern in self._keys]
            self._automaton = BytesAhoCorasick(patterns, matchkind=MatchKind.Standard)
        return self._automaton.find_matches_as_indexes(signs, overlapping=True)

    def keys(self, rank: int) -> tuple[str, ...]:
        """Return the keys of a pattern."""
        return self._by_rank[rank]


class _Places:
    """Hold the signs of a kind that a text has, in a row, and where each of them stands."""

    def __init__(self, flat: str, scan: _Scan) -> None:
        self._text = flat.encode("ascii", "replace")
        self._sign = scan.sign
        parts = [
            self._text[low : low + _STRETCH].translate(None, scan.unsought)
            for low in range(0, len(self._text), _STRETCH)
        ]
        self.signs = b"".join(parts)
        self._firsts = list(accumulate(map(len, parts), initial=0))
        self._known: dict[int, list[int]] = {}

    def __getitem__(self, index: int) -> int:
        """Return where a sign stands, by its rank among them."""
        stretch = bisect_right(self._firsts, index) - 1
        places = self._known.get(stretch)
        if places is None:
            low = stretch * _STRETCH
            found = self._sign.finditer(self._text, low, low + _STRETCH)
            places = self._known[stretch] = [match.start() for match in found]
        return places[index - self._firsts[stretch]]


class Register:
    """Look up the identifiers of all items in a notice.

    Numbers are sought by their digits, in all the digits of the notice in a row: this passes over what groups them, and
    costs next to nothing in a notice that holds none of them. Only where they stand the text is looked at.
    """

    def __init__(self) -> None:
        self._owners: dict[str, tuple[tuple[int, str], ...]] = {}
        self._branches: dict[str, list[tuple[int, str]]] = {}
        self._digits = _Scan(_NOT_DIGITS, _DIGIT)
        self._lettered = _Scan(_NOT_SIGNS, _SIGN)
        self._is_listed_only = False

    def add(self, owner: int, typed: str) -> None:
        """Watch an identifier for an item known by its rank."""
        number = recognised(typed)
        if not any(map(str.isalnum, number.body)):
            return
        if number.scheme == Scheme.CPV and number.is_formed:
            self._branches.setdefault(branch(number.body), []).append((owner, typed))
            return
        key = _key(number)
        owners = self._owners.get(key, ())
        self._owners[key] = (*owners, (owner, typed))
        if owners:
            return
        if sought(number) is Found.LISTED:
            self._is_listed_only = True
            return
        signs = _signs(number)
        digits = signs if signs.isdigit() else "".join(filter(str.isdigit, signs))
        if len(digits) >= (LEAST_DIGITS if digits == signs else LEAST_DIGITS_AMONG_LETTERS):
            self._digits.add(digits, key)
        else:
            self._lettered.add(signs, key)
            if number.scheme == Scheme.GERMAN_REGISTER:
                self._lettered.add(re.sub("([a-z]+)", r"\1nr", signs, count=1), key)

    def find(self, document: Document) -> dict[int, list[NumberFound]]:
        """Return for each item the places of its identifiers, the notice's own identifiers first."""
        found: dict[int, list[NumberFound]] = {}
        signs = document.scan.main
        if self._branches:
            self._read_cpv(document, signs, found)
        scans = [one for one in (self._digits, self._lettered) if one.may_stand(signs)]
        if scans or self._is_listed_only:
            foreign = self._read_identifiers(document, found) if document.has_codes else set()
            for one in scans:
                self._read_text(one, document, foreign, found)
        return found

    def _read_identifiers(self, document: Document, found: dict[int, list[NumberFound]]) -> set[int]:
        """Add the notice's own identifiers; return the fields whose numbers are told by their scheme."""
        foreign = {rank for rank, _ in _fields(document, "cpv")}
        for rank, text in _fields(document, "identifiers"):
            number = recognised(text)
            is_french = number.kind is not None and number.kind.scheme in _FRENCH
            if number.scheme and (number.is_formed or not is_french):
                foreign.add(rank)
            start = text.find(":") + 1
            start += len(text[start:]) - len(text[start:].lstrip())
            end = len(text.rstrip())
            for owner, typed, rule in self._own(number) if start < end else ():
                found.setdefault(owner, []).append(NumberFound(rank, start, end, rule, typed))
        return foreign

    def _read_text(
        self, scan: _Scan, document: Document, foreign: set[int], found: dict[int, list[NumberFound]]
    ) -> None:
        """Add the numbers that stand in the text of the fields."""
        folded, places = document.folded, _Places(document.folded.flat, scan)
        flat, clean = folded.flat, folded.clean
        judged: dict[tuple[str, int, str], Stand | None] = {}
        left: dict[int, int] = {}
        for rank, start, end in scan.search(places.signs):
            left[rank] = left.get(rank, MOST_PLACES) - 1
            if left[rank] < 0:
                continue
            first, last = places[start], places[end - 1]
            if flat[first - 1].isdigit() and flat[last + 1].isdigit():
                continue
            low = max(0, first - AROUND)
            for key in scan.keys(rank):
                known = (clean[low : last + AROUND], first - low, key)
                if known not in judged:
                    text = window(folded, low, last + AROUND)
                    judged[known] = number_at(text, known[0], first - low, last - low, _wanted(self._owners[key][0][1]))
                stand = judged[known]
                if stand is not None:
                    self._add(document, stand, low, key, foreign, found)

    def _add(
        self,
        document: Document,
        stand: Stand,
        base: int,
        key: str,
        foreign: set[int],
        found: dict[int, list[NumberFound]],
    ) -> None:
        rank, start, end = document.span(base + stand.start, base + stand.end)
        if rank in foreign:
            return
        for owner, typed in self._owners[key]:
            places = found.setdefault(owner, [])
            for one in places[-_NEAR:]:
                if one.field == rank and one.start < end and start < one.end:
                    break
            else:
                places.append(NumberFound(rank, start, end, stand.rule, typed))

    def _own(self, number: Recognised) -> Iterator[tuple[int, str, Rule]]:
        """Yield the items that ask for one of a notice's own identifiers."""
        rule = number.kind.rule if number.kind is not None and number.is_formed else Rule.IDENTIFIER
        keys = [(_key(number), rule)]
        if number.is_formed and number.scheme == Scheme.SIRET:
            keys.append((f"{Scheme.SIREN}:{number.body[:9]}", Rule.SIREN_IN_SIRET))
        elif number.is_formed and number.scheme == Scheme.VAT_FR:
            keys.append((f"{Scheme.SIREN}:{number.body[2:]}", Rule.SIREN_IN_VAT))
        elif number.kind is None:
            keys.append((f":{number.body}", Rule.IDENTIFIER))
        elif number.court:
            keys.append((f"{number.scheme}:{number.value}", rule))
        seen: set[int] = set()
        for key, reached in keys:
            for owner, typed in self._owners.get(key, ()):
                if owner not in seen:
                    seen.add(owner)
                    yield owner, typed, reached

    def _read_cpv(self, document: Document, signs: bytes, found: dict[int, list[NumberFound]]) -> None:
        """Add the codes of a notice, its own and those that its text names as such."""
        for rank, text in _fields(document, "cpv"):
            for owner, typed in self._under(re.sub(r"\D.*", "", text.strip())):
                found.setdefault(owner, []).append(NumberFound(rank, 0, len(text), Rule.CPV, typed))
        if b"cpv" not in signs:
            return
        flat = document.folded.flat
        for named in _CPV_IN_TEXT.finditer(flat):
            for code in _CPV.finditer(flat, named.start(1), named.end(1)):
                rank, start, end = document.span(code.start(), code.end())
                for owner, typed in self._under(code[1]):
                    found.setdefault(owner, []).append(NumberFound(rank, start, end, Rule.CPV, typed))

    def _under(self, digits: str) -> Iterable[tuple[int, str]]:
        """Yield the items whose branch holds a code."""
        for length in range(2, len(digits) + 1):
            yield from self._branches.get(digits[:length], ())


def _key(number: Recognised) -> str:
    """Return what two spellings of one number share, the court of a German one included."""
    return "@".join((f"{number.scheme}:{number.value}", *number.court))


def _signs(number: Recognised) -> str:
    """Return a number without the letters of its country, folded."""
    return number.body.lower()


@lru_cache(maxsize=1_000)
def _wanted(typed: str) -> Wanted:
    number = recognised(typed)
    kind = number.kind if number.is_formed else None
    return Wanted(kind, number.scheme, _signs(number), number.scheme if kind is None else "", number.court)


def _fields(document: Document, name: str) -> Iterator[tuple[int, str]]:
    for rank, (label, text) in enumerate(document.fields):
        if label.startswith(f"{name}["):
            yield rank, text
