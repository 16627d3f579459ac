"""Common given names: what tells a given name from a family name where the order does not (matching.md section 4.6)."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

_FILE = "given_names.txt"


@cache
def given_names() -> frozenset[str]:
    """Return the common given names, folded."""
    return frozenset(name for names in _groups().values() for name in names)


@cache
def men() -> frozenset[str]:
    """Return the common given names that only men bear, folded."""
    groups = _groups()
    return groups["masculine"] - groups["feminine"] - groups["either"]


@cache
def women() -> frozenset[str]:
    """Return the common given names that only women bear, folded."""
    groups = _groups()
    return groups["feminine"] - groups["masculine"] - groups["either"]


@cache
def _groups() -> dict[str, frozenset[str]]:
    groups: dict[str, set[str]] = {"masculine": set(), "feminine": set(), "either": set()}
    for line in files("bot.matching.officials").joinpath(_FILE).read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            group, *names = line.split()
            groups[group].update(names)
    return {group: frozenset(names) for group, names in groups.items()}
