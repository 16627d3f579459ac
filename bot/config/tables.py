"""The tables of sources: their defaults filled in, the members of families brought to one name, options set apart."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from bot.config.faults import is_secret, one_of, shown
from bot.errors import ConfigFault, Expected

_BOUNDS = {"since": "{from}", "until": "{to}"}
_NAME_CHARS = 40


@dataclass(frozen=True, slots=True)
class SourceDefaults:
    """Hold what a source does when config.toml does not say otherwise; handed in by whoever knows the sources.

    `options` are the source's own keys, `forms` gives for some of them the regular expression that each text must
    match whole, and what that means, `single` names those that take one text only. `table` is the array of tables that
    names the members of a family, None of any other source; `address` is what `forms` gives, for the address of a
    member. `secret` is the environment variable that the source's key is read from, where it has one.
    """

    every: timedelta
    base_url: str
    pace: timedelta
    options: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    table: str | None = None
    forms: Mapping[str, tuple[str, Expected]] = field(default_factory=lambda: MappingProxyType({}))
    address: tuple[str, Expected] | None = None
    secret: str | None = None
    single: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Member:
    """Hold the table of one member of a family, completed, and how its faults name it.

    `name` is None where none can be told or an earlier table has it; `number` counts the tables of the array from 1.
    """

    family: str
    array: str
    number: int
    name: str | None
    table: dict[str, Any]

    def key(self, name: str) -> str:
        """Return what a fault calls a key of the table, by the member's name except where that is what is wrong."""
        told = f"table {self.number}" if self.name is None or name == "name" else f'"{self.name}"'
        return f"[[{self.array}]] {told}, {name}"


def complete(tables: dict[str, Any], known: Mapping[str, SourceDefaults]) -> list[ConfigFault]:
    """Fill in the tables of sources and return the faults found on the way.

    The arrays of families leave `tables`; what stands wrong in other ways is left for the models to refuse.
    """
    faults: list[ConfigFault] = []
    single = {name: defaults for name, defaults in known.items() if defaults.table is None}
    sources = tables.setdefault("sources", {})
    if isinstance(sources, dict):
        faults += [
            ConfigFault(f"sources.{name}", shown(table, name), *_no_source(name, known))
            for name, table in sources.items()
            if name not in single
        ]
        tables["sources"] = {
            name: _with_defaults(name, sources.get(name), defaults, faults) for name, defaults in single.items()
        }
    return faults


def arrays(known: Mapping[str, SourceDefaults]) -> dict[str, str]:
    """Return the arrays of tables that name the members of families, each with its family."""
    return {defaults.table: family for family, defaults in known.items() if defaults.table is not None}


def members(tables: dict[str, Any], known: Mapping[str, SourceDefaults]) -> tuple[list[Member], list[ConfigFault]]:
    """Take the arrays of families out of `tables`; return the members in their order, and the faults."""
    faults: list[ConfigFault] = []
    found: list[Member] = []
    for array, family in arrays(known).items():
        if array not in tables:
            continue
        written = tables.pop(array)
        if not isinstance(written, list) or not all(isinstance(table, dict) for table in written):
            faults.append(ConfigFault(array, shown(written, array), Expected.ARRAY, {"table": array}))
            continue
        seen: set[str] = set()
        for number, table in enumerate(written, start=1):
            name = table.get("name")
            is_taken = isinstance(name, str) and name in seen
            is_told = isinstance(name, str) and name.isprintable() and 0 < len(name) <= _NAME_CHARS and not is_taken
            filled: dict[str, Any] = {"every": known[family].every, "pace": known[family].pace}
            member = Member(family, array, number, name if is_told else None, filled)
            if isinstance(name, str):
                seen.add(name)
            if is_taken:
                faults.append(ConfigFault(member.key("name"), shown(name, "name"), Expected.OTHER_NAME))
            faults += _address_faults(member, table.get("url"), known[family])
            filled |= _own(table, known[family], member.key, faults)
            found.append(member)
    return found, faults


def _no_source(name: str, known: Mapping[str, SourceDefaults]) -> tuple[Expected, dict[str, str]]:
    """Return what is expected in place of a source that is none: how its family is written, else another source."""
    family = name.casefold().partition(":")[0]
    for array, named in arrays(known).items():
        if family in {array, named}:
            return Expected.ARRAY, {"table": array}
    return one_of("source", name, [source for source, defaults in known.items() if defaults.table is None])


def _address_faults(member: Member, address: object, defaults: SourceDefaults) -> list[ConfigFault]:
    if defaults.address is None or not isinstance(address, str) or re.fullmatch(defaults.address[0], address):
        return []
    return [ConfigFault(member.key("url"), shown(address, "url"), defaults.address[1], _BOUNDS)]


def _with_defaults(name: str, table: object, defaults: SourceDefaults, faults: list[ConfigFault]) -> object:
    """Complete a source's table; one that stands nowhere is a source not enabled."""
    filled = {"every": defaults.every, "base_url": defaults.base_url, "pace": defaults.pace}
    if table is None:
        return {**filled, "options": dict(defaults.options), "enabled": False}
    if not isinstance(table, dict):
        return table
    return {**filled, **_own(table, defaults, lambda key: f"sources.{name}.{key}", faults)}


def _own(
    table: dict[str, Any], defaults: SourceDefaults, key_of: Callable[[str], str], faults: list[ConfigFault]
) -> dict[str, Any]:
    """Return a table with the source's own keys set apart as `options`, each a tuple of texts; secrets are refused."""
    own = {name: value for name, value in table.items() if name in defaults.options}
    rest = {name: value for name, value in table.items() if name not in {*own, "options"}}
    if "options" in table:
        value = shown(table["options"], "options")
        faults.append(ConfigFault(key_of("options"), value, *one_of("key", "", defaults.options)))
    if defaults.secret is not None:
        for name in filter(is_secret, list(rest)):
            value = shown(rest.pop(name), name)
            faults.append(ConfigFault(key_of(name), value, Expected.ENVIRONMENT, {"variable": defaults.secret}))
    options = dict(defaults.options)
    for name, value in own.items():
        pattern, expected = defaults.forms.get(name, (r".*\S.*", Expected.TEXTS))
        texts = value if isinstance(value, list) else [value]
        if (
            texts
            and (len(texts) == 1 or name not in defaults.single)
            and all(isinstance(text, str) and text.isprintable() for text in texts)
            and all(re.fullmatch(pattern, text.strip()) for text in texts)
        ):
            options[name] = tuple(text.strip() for text in texts)
        else:
            faults.append(ConfigFault(key_of(name), shown(value, name), expected))
    return {**rest, "options": options}
