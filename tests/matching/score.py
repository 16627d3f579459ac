"""Precision, recall and F1 of the engine over the labelled set, for each category and in all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.models import Tier
from tests.matching.labelled import Case, read_cases


@dataclass(slots=True)
class Score:
    """Count the cases of a category: hits that are due and found, false alarms, misses, and rightly left."""

    found: int = 0
    alarms: int = 0
    missed: int = 0
    left: int = 0

    @property
    def cases(self) -> int:
        return self.found + self.alarms + self.missed + self.left

    @property
    def precision(self) -> float:
        return self.found / (self.found + self.alarms) if self.found + self.alarms else 1.0

    @property
    def recall(self) -> float:
        return self.found / (self.found + self.missed) if self.found + self.missed else 1.0

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    def count(self, due: str, found: str) -> None:
        """Count one case by the tier that is due and the tier found, empty for no hit.

        What announces where it should wait for the digest is a false alarm; what waits where it should announce is
        missed.
        """
        if due and found and (due == Tier.WEAK) == (found == Tier.WEAK):
            self.found += 1
        elif due and (not found or found == Tier.WEAK):
            self.missed += 1
        elif found:
            self.alarms += 1
        else:
            self.left += 1


@dataclass(frozen=True, slots=True)
class Scores:
    """Hold the score of each category, of all cases, and the cases that are told otherwise than they are labelled."""

    categories: dict[str, Score]
    total: Score
    otherwise: tuple[str, ...]


def scored(cases: Iterable[Case] | None = None) -> Scores:
    """Return how the engine does on the cases, all of the labelled set when none are given."""
    categories: dict[str, Score] = {}
    total = Score()
    otherwise = []
    for case in read_cases() if cases is None else cases:
        hit = case.found()
        tier, rule = (hit.tier.value, hit.rule) if hit else ("", "")
        for score in (categories.setdefault(case.category, Score()), total):
            score.count(case.tier, tier)
        if (tier, rule) != (case.tier, case.rule):
            otherwise.append(f"{case}: {_words(case.tier, case.rule)} is due, {_words(tier, rule)} found")
    return Scores(categories, total, tuple(otherwise))


def table(scores: Scores) -> str:
    """Return the scores as lines of text, a category a line, the total last, then what is told otherwise."""
    rows = [*sorted(scores.categories.items()), ("all", scores.total)]
    lines = [f"{'category':<20} {'cases':>5} {'precision':>9} {'recall':>6} {'F1':>5}"]
    lines += [
        f"{name:<20} {score.cases:>5} {score.precision:>9.3f} {score.recall:>6.3f} {score.f1:>5.3f}"
        for name, score in rows
    ]
    return "\n".join([*lines, *(f"  {line}" for line in scores.otherwise)])


def _words(tier: str, rule: str) -> str:
    return f"{tier} ({rule})" if tier else "no hit"
