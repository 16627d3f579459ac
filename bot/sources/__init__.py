"""Where notices come from: one module per source, found by walking this package; `_names` are private."""

from __future__ import annotations

import functools
import importlib
import pkgutil

from bot.sources._base import Description, Loss, Parsed, Source, Window, describe
from bot.sources._http import Answer, PoliteClient, Timeouts

__all__ = [
    "Answer",
    "Description",
    "Loss",
    "Parsed",
    "PoliteClient",
    "Source",
    "Timeouts",
    "Window",
    "describe",
    "label_of",
    "sources",
]


@functools.cache
def sources() -> dict[str, type[Source]]:
    """Return the class of every source by its name, in alphabetical order.

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


def label_of(name: str) -> str:
    """Return the name by which people know a source; a source that is gone keeps the one we stored."""
    source = sources().get(name)
    return source.label if source else name
