"""The amount of a release: one that is stated, never a sum, and what to say where there is no single one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from bot.sources._ocds.outcome import Part
from bot.sources._reading.body import currency_code, money
from bot.sources._reading.parts import name_key, plain_amount
from bot.sources._reading.tree import Tree

LONG_EXPONENT = 40


@dataclass(frozen=True, slots=True)
class Stated:
    """Hold an amount as one value object states it; `is_gross` where only the one with tax is stated."""

    amount: Decimal
    currency: str | None
    is_gross: bool = False

    def __str__(self) -> str:
        tax = " including tax" if self.is_gross else ""
        return f"{plain_amount(self.amount)} {self.currency or ''}".rstrip() + tax


@dataclass(slots=True)
class Money:
    """Hold what a release states: one amount or none, and the lines that its text says of amounts."""

    stated: Stated | None = None
    lines: list[str] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)


def read(settled: Iterable[Sequence[Part]], estimated: Iterable[Sequence[Part]], tree: Tree) -> Money:
    """Return the amount of the first level that states one; a level is its parts, each with a `value` or without.

    A level states an amount where all its parts state the same, and the same suppliers have them. Otherwise what they
    state are lines: the amounts may add up, overlap or differ in currency. Zero means "not stated". No estimate takes
    the place of what is settled but not stated, or stated for some of the parts only.
    """
    reading = _Reading(tree)
    for parts in settled:
        if reading.ends_with(parts):
            return reading.found
    for parts in () if reading.is_kept_back else estimated:
        if reading.ends_with(parts):
            break
    return reading.found


class _Reading:
    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.found = Money()
        self.is_kept_back = False

    def ends_with(self, parts: Sequence[Part]) -> bool:
        """Take what a level states; return whether no other level has to be asked."""
        stated = [(part, amount) for part in parts if (amount := self._stated(part)) is not None]
        if not stated:
            return False
        is_whole = len(stated) == len(parts)
        amounts = {amount for _, amount in stated}
        if is_whole and len(amounts) == 1 and (len(parts) == 1 or len({self._holders(part) for part in parts}) == 1):
            self.found.stated = amounts.pop()
            if self.found.stated.is_gross:
                self.found.lines.append(f"Amount: {self.found.stated} (amountGross, none is given before tax)")
            return True
        self.found.lines += [f"{self._named(part)}: {amount}" for part, amount in stated]
        self.is_kept_back = True
        return is_whole

    def _stated(self, part: Part) -> Stated | None:
        value = part.node.get("value")
        if not isinstance(value, Mapping):
            return None
        currency = value.get("currency")
        code = currency_code(currency if isinstance(currency, str) else None)
        for name in ("amount", "amountGross"):
            try:
                amount = _decimal(value.get(name))
            except ValueError as error:
                self.found.problems[f"{part.word.lower()}.value.{name}"] = str(error)
                continue
            if amount is not None:
                return Stated(amount, code, name == "amountGross")
        self.is_kept_back |= _is_zero(value.get("amount"))
        return None

    def _holders(self, part: Part) -> frozenset[str]:
        tree = self.tree
        return frozenset(tree.text(one, "id") or name_key(tree.text(one, "name") or "") for one in part.suppliers)

    def _named(self, part: Part) -> str:
        name = self.tree.text(part.node, "title") or self.tree.text(part.node, "id") or ""
        return f"{part.word} {name}".rstrip()


def _decimal(raw: Any) -> Decimal | None:
    if raw is None or isinstance(raw, bool) or raw == "":
        return None
    if isinstance(raw, Decimal):
        # `1e9999` written out would be ten thousand digits.
        return money(format(raw, "f") if abs(raw.adjusted()) < LONG_EXPONENT else str(raw))
    return money(str(raw))


def _is_zero(raw: Any) -> bool:
    return isinstance(raw, int | Decimal) and not isinstance(raw, bool) and raw == 0
