"""How right the comparison of names is on files of pairs, and how long one name takes beside many (`make bench`)."""

from __future__ import annotations

import csv
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.matching.explaining.comparison import LIKE, alike, likeness
from bot.models import ItemKind

PAIRS = Path(__file__).with_name("name_pairs.tsv")
OTHERS = 10_000


@dataclass(frozen=True, slots=True)
class Pair:
    """Hold two names of one kind, and whether a person says that they are the same."""

    kind: ItemKind
    first: str
    second: str
    is_same: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """Hold how many of the pairs found are right, how many of the right ones are found, and the mean of both."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / (self.precision + self.recall)


def own_pairs() -> list[Pair]:
    with PAIRS.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t")
        return [Pair(ItemKind(row["kind"]), row["first"], row["second"], row["alike"] == "yes") for row in rows]


def public_pairs(path: Path) -> list[Pair]:
    """Read pairs with the columns `schema`, `name1`, `name2`, `is_match`."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Pair(
                ItemKind.OFFICIAL if row["schema"] == "Person" else ItemKind.COMPANY,
                row["name1"],
                row["name2"],
                row["is_match"] == "true",
            )
            for row in csv.DictReader(file)
        ]


def figures(pairs: Iterable[Pair]) -> Figures:
    judged = [(likeness(pair.kind, pair.first, pair.second) >= LIKE, pair.is_same) for pair in pairs]
    right = sum(found and same for found, same in judged)
    return Figures(right / sum(found for found, _ in judged), right / sum(same for _, same in judged))


def comparison_lines() -> Iterator[str]:
    """Yield the figures of our own pairs, and of the file that BENCH_NAMES names, in words."""
    files = {"our own pairs": own_pairs()}
    if path := os.environ.get("BENCH_NAMES"):
        files[Path(path).name] = public_pairs(Path(path))
    for name, pairs in files.items():
        for kinds in ((ItemKind.COMPANY, ItemKind.OFFICIAL), (ItemKind.COMPANY,), (ItemKind.OFFICIAL,)):
            found = figures(pair for pair in pairs if pair.kind in kinds)
            label = " + ".join(kinds)
            yield f"names, {name}, {label}: F1 {found.f1:.3f}, P {found.precision:.3f}, R {found.recall:.3f}"
    others = [f"{pair.first} {number}" for number, pair in enumerate(own_pairs() * (OTHERS // len(own_pairs()) + 1))]
    began = time.perf_counter()
    alike(ItemKind.COMPANY, "Valmarin Défense", others[:OTHERS])
    yield f"one name beside {OTHERS:,} others: {(time.perf_counter() - began) * 1000:.0f} ms"
