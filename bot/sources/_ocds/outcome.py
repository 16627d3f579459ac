"""What a release decides: its awards and contracts, and which of them nobody has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.sources._ocds.codes import UNSUCCESSFUL, VOID
from bot.sources._reading.tree import Tree


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Hold a part of a release that may state an amount: an award, a contract, the tender, a lot.

    `word` is how the text names it. An award or a contract that was not made, or was cancelled, does not stand.
    `suppliers` are the organisations that it names, a contract those of its award where it names none.
    """

    word: str
    node: Mapping[str, Any]
    status: str | None = None
    stands: bool = True
    suppliers: tuple[dict[str, Any], ...] = ()

    def counts(self, *, is_cancelled: bool) -> bool:
        """Return whether it stands, or where `is_cancelled`, whether the notice takes it back from who had it."""
        return self.stands or (is_cancelled and self.status != UNSUCCESSFUL)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Hold the awards and the contracts of a release, and those of the awards that have no contract yet."""

    awards: tuple[Part, ...] = ()
    contracts: tuple[Part, ...] = ()
    without_contract: tuple[Part, ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """Return all awards and contracts."""
        return (*self.awards, *self.contracts)

    @property
    def is_void(self) -> bool:
        """Return whether there are some, and nobody has one."""
        return bool(self.parts) and not any(part.stands for part in self.parts)

    def counted(self, *, is_cancelled: bool) -> tuple[Part, ...]:
        """Return the awards and contracts that count."""
        return tuple(part for part in self.parts if part.counts(is_cancelled=is_cancelled))

    def levels(self, *, is_cancelled: bool) -> Iterator[tuple[Part, ...]]:
        """Yield where the amount may stand, the most settled first: contracts with awards that have none, awards."""
        for parts in ((*self.contracts, *self.without_contract) if self.contracts else (), self.awards):
            yield tuple(part for part in parts if part.counts(is_cancelled=is_cancelled))


def read(record: Mapping[str, Any], tree: Tree) -> Outcome:
    """Return what a release decides; an award of which every contract was cancelled does not stand.

    A contract belongs to the award that it names (`awardID`), one that names none to every award without another.
    """
    awards = [
        (tree.text(node, "id"), node, tuple(tree.elements(node, "suppliers")))
        for node in tree.elements(record, "awards")
    ]
    suppliers = {name: named for name, _, named in awards}
    contracts: dict[str | None, list[Part]] = {}
    for node in tree.elements(record, "contracts"):
        award, status = tree.text(node, "awardID"), tree.text(node, "status")
        own = tuple(tree.elements(node, "suppliers"))
        part = Part("Contract", node, status, status not in VOID, own or suppliers.get(award, ()))
        contracts.setdefault(award, []).append(part)
    made: list[Part] = []
    without_contract: list[Part] = []
    for name, node, named in awards:
        status = tree.text(node, "status")
        signed = contracts.get(name) or contracts.get(None, [])
        stands = status not in VOID and (not signed or any(contract.stands for contract in signed))
        made.append(Part("Award", node, status, stands, named))
        if not signed:
            without_contract.append(made[-1])
    return Outcome(tuple(made), tuple(part for parts in contracts.values() for part in parts), tuple(without_contract))
