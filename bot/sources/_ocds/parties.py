"""The organisations of a release: who buys, who sells, and by which numbers they are known; contacts are never read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.models import NoticeKind
from bot.sources._ocds.codes import INTERNAL_SCHEMES, REVIEWERS
from bot.sources._ocds.outcome import Outcome, Part
from bot.sources._reading.identifiers import registered
from bot.sources._reading.parts import name_key
from bot.sources._reading.tree import Tree

_SELLS = frozenset({"supplier"})
_BIDS = frozenset({"tenderer"})
_BUYS = frozenset({"buyer", "procuringEntity"})


@dataclass(frozen=True, slots=True)
class Organisation:
    """Hold an organisation as a release names it, its roles, and its numbers with their schemes."""

    id: str | None
    name: str | None
    roles: frozenset[str] = frozenset()
    numbers: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> str:
        """Return what two spellings of its name share, "" where it has none."""
        return name_key(self.name or "")


@dataclass(slots=True)
class Parties:
    """Hold who stands in a release, in the words of a notice; `lines` are what only its text says."""

    buyer: str | None = None
    suppliers: list[str] = field(default_factory=list)
    identifiers: tuple[str, ...] = ()
    lines: list[str] = field(default_factory=list)
    has_nameless: bool = False


def read(record: Mapping[str, Any], tree: Tree, outcome: Outcome, kind: NoticeKind) -> Parties:
    """Return who stands in a release, of which `outcome` is what it decides.

    Reviewers count only where they have another role. Tenderers are suppliers only of a tender that decides nothing
    yet; otherwise they are lines of the text, as are the numbers of all who neither buy nor sell.
    """
    return _Reading(record, tree, outcome, kind).parties()


class _Reading:
    def __init__(self, record: Mapping[str, Any], tree: Tree, outcome: Outcome, kind: NoticeKind) -> None:
        self.tree = tree
        self.record = record
        listed = [self._organisation(node) for node in tree.elements(record, "parties")]
        self.listed = [one for one in listed if not one.roles or one.roles - REVIEWERS]
        self.by_id = {one.id: one for one in listed if one.id}
        self.outcome = outcome
        self.kind = kind
        self.has_nameless = False

    def parties(self) -> Parties:
        found = Parties()
        buyers = self._buyers()
        found.buyer = next((one.name for one in buyers if one.name), None)
        suppliers, losers = self._winners()
        bidders = [*self._inline("tender/tenderers"), *self._with(_BIDS)]
        if self.kind is NoticeKind.TENDER and not self.outcome.parts and not any(one.name for one in suppliers):
            suppliers, bidders = bidders, []
        found.suppliers = [one.name for one in suppliers if one.name]
        said = _Said([found.buyer or ""])
        found.lines += said.new("Buyer", buyers)
        said.add(found.suppliers)
        found.lines += said.new("Tenderer", bidders)
        found.lines += said.new("Award not made", losers)
        for one in self.listed:
            found.lines += said.new(_role(one), [one])
        named = _Group([*buyers, *suppliers])
        meant = [*buyers, *suppliers, *(one for one in self.listed if one in named)]
        found.identifiers, doubtful = _numbers(meant)
        found.lines += [f"Unverified identifier: {number}" for number in doubtful]
        for one in (*bidders, *losers, *self.listed):
            found.lines += _number_lines(one) if one not in named else ()
        found.has_nameless = self.has_nameless
        return found

    def _buyers(self) -> list[Organisation]:
        """Return who buys, the one that the release itself calls the buyer first; the order of the others is ours."""
        groups = (
            self._inline("buyer"),
            self._with(frozenset({"buyer"})),
            self._inline("tender/procuringEntity"),
            self._with(_BUYS),
        )
        return [one for group in groups for one in sorted(group, key=lambda one: (one.key, one.name or ""))]

    def _winners(self) -> tuple[list[Organisation], list[Organisation]]:
        """Return who has an award or a contract, and who lost the one that was not made or was cancelled."""
        is_cancelled = self.kind is NoticeKind.CANCELLATION
        counted = self.outcome.counted(is_cancelled=is_cancelled)
        winners = self._suppliers(counted)
        losers = self._suppliers(part for part in self.outcome.parts if not part.counts(is_cancelled=is_cancelled))
        sellers = self._with(_SELLS)
        if self.outcome.parts and not counted:
            return [], [*losers, *sellers]
        lost = _Group(losers)
        return [*winners, *(one for one in sellers if one not in lost)], losers

    def _suppliers(self, parts: Iterable[Part]) -> list[Organisation]:
        found = [self._known(self._organisation(node)) for part in parts for node in part.suppliers]
        self.has_nameless |= any(one.name is None for one in found)
        return found

    def _inline(self, path: str) -> list[Organisation]:
        return [self._known(self._organisation(node)) for node in self.tree.elements(self.record, path)]

    def _with(self, roles: frozenset[str]) -> list[Organisation]:
        return [one for one in self.listed if one.roles & roles]

    def _known(self, one: Organisation) -> Organisation:
        """Return an organisation that is only referred to, with what `parties` say of it."""
        full = self.by_id.get(one.id) if one.id else None
        if full is None:
            return one
        return Organisation(one.id, one.name or full.name, full.roles, (*one.numbers, *full.numbers))

    def _organisation(self, node: dict[str, Any]) -> Organisation:
        tree = self.tree
        identifiers = [*tree.elements(node, "identifier"), *tree.elements(node, "additionalIdentifiers")]
        return Organisation(
            tree.text(node, "id"),
            tree.text(node, "name") or tree.text(node, "identifier/legalName"),
            frozenset(role.strip() for role in tree.texts(node, "roles")),
            tuple(
                (tree.text(one, "scheme") or "", number)
                for one in identifiers
                if (number := tree.text(one, "id")) is not None
            ),
        )


class _Group:
    """Know organisations again by their id or by their name: parts of a release name them by either."""

    def __init__(self, organisations: Iterable[Organisation]) -> None:
        self._ids = {one.id for one in organisations if one.id}
        self._keys = {one.key for one in organisations if one.key}

    def __contains__(self, one: Organisation) -> bool:
        return one.id in self._ids or one.key in self._keys


class _Said:
    """Remember which names a notice has said, so that none is said twice."""

    def __init__(self, names: Iterable[str]) -> None:
        self._keys = {name_key(name) for name in names}

    def add(self, names: Iterable[str]) -> None:
        self._keys |= {name_key(name) for name in names}

    def new(self, word: str, organisations: Iterable[Organisation]) -> Iterator[str]:
        for one in organisations:
            if one.name and (key := name_key(one.name)) not in self._keys:
                self._keys.add(key)
                yield f"{word}: {one.name}"


def _role(one: Organisation) -> str:
    return ", ".join(sorted(one.roles - REVIEWERS)) or "Organisation"


def _numbers(organisations: Iterable[Organisation]) -> tuple[tuple[str, ...], list[str]]:
    """Return the identifiers of organisations without repeats, and the numbers that fail their check."""
    found: dict[str, None] = {}
    doubtful: dict[str, None] = {}
    for one in organisations:
        for scheme, number in one.numbers:
            if scheme in INTERNAL_SCHEMES:
                continue
            valid = registered(scheme, number)
            found.update(dict.fromkeys(valid))
            if not valid:
                doubtful[f"{scheme} {number}".strip()] = None
    return tuple(found), list(doubtful)


def _number_lines(one: Organisation) -> Iterator[str]:
    """Yield what the text says of the numbers of an organisation that is neither buyer nor supplier."""
    found, doubtful = _numbers([one])
    of = f" of {one.name}" if one.name else ""
    for number in found:
        yield f"Identifier{of}: {number}"
    for number in doubtful:
        yield f"Unverified identifier{of}: {number}"
