"""Where notices come from: one module per source, found by walking this package; `_names` are private."""

from __future__ import annotations

import functools
import importlib
import pkgutil

from bot.sources._base import (
    Asked,
    Description,
    Entity,
    Form,
    Layout,
    Loss,
    Parsed,
    Payload,
    Source,
    Told,
    Window,
    describe,
    told,
)
from bot.sources._company_register import REGISTER_TIMEOUTS, CompanyRegister, RegisteredCompany
from bot.sources._edge import parts_of, payloads_of, probed
from bot.sources._http.client import Answer, Download, PoliteClient, Progress, Timeouts, Turns, Validators

__all__ = [
    "REGISTER_TIMEOUTS",
    "Answer",
    "Asked",
    "CompanyRegister",
    "Description",
    "Download",
    "Entity",
    "Form",
    "Layout",
    "Loss",
    "Parsed",
    "Payload",
    "PoliteClient",
    "Progress",
    "RegisteredCompany",
    "Source",
    "Timeouts",
    "Told",
    "Turns",
    "Validators",
    "Window",
    "describe",
    "kind_of",
    "label_of",
    "parts_of",
    "payloads_of",
    "probed",
    "sources",
    "told",
]


@functools.cache
def sources() -> dict[str, type[Source]]:
    """Return the class of every source by its name, in alphabetical order; a family stands there once.

    A module `bot/sources/<name>.py` holds exactly one `Source` class, whose `name` is the module's. Raises LookupError
    naming the module where that is not so.
    """
    found: dict[str, type[Source]] = {}
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda entry: entry.name):
        if module.name.startswith("_"):
            continue
        members = vars(importlib.import_module(f"{__name__}.{module.name}")).values()
        own = [
            member
            for member in members
            if isinstance(member, type)
            and issubclass(member, Source)
            and member.__module__ == f"{__name__}.{module.name}"
        ]
        if len(own) != 1 or own[0].name != module.name:
            raise LookupError(f"bot/sources/{module.name}.py must hold exactly one Source named {module.name!r}")
        found[module.name] = own[0]
    return found


def kind_of(name: str) -> type[Source] | None:
    """Return the class of a source by its name, of a member (`feed:interieur`) its family's; None where there is none.

    The name of a family alone is no source.
    """
    kind = sources().get(name.partition(":")[0])
    return kind if kind is not None and kind.is_family == (":" in name) else None


def label_of(name: str) -> str:
    """Return the name by which people know a source; a member's is its own, one that is gone keeps what we stored."""
    family, _, member = name.partition(":")
    kind = sources().get(family)
    return member or (kind.label if kind else name)
