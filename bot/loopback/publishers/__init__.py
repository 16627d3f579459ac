"""Loopback publishers: what the sources read, on 127.0.0.1, over made-up records, with faults on demand.

One module per source, named like it, with one class that extends `Publisher`; `_names` are what they share. They speak
HTTP and import nothing of `bot/` but each other.
"""

from __future__ import annotations

from importlib import import_module

from bot.loopback.publishers._faults import PublisherFault
from bot.loopback.publishers._publisher import Publisher, Record, RecordedQuery, Refusal, Served

__all__ = ["Publisher", "PublisherFault", "Record", "RecordedQuery", "Refusal", "Served", "publisher_of"]


def publisher_of(name: str) -> type[Publisher]:
    """Return the class that stands for the publisher of a source.

    Raises LookupError where `bot/loopback/publishers/<name>.py` does not hold exactly one.
    """
    module = f"{__name__}.{name}"
    try:
        members = vars(import_module(module)).values()
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        members = {}.values()
    own = [
        member
        for member in members
        if isinstance(member, type) and issubclass(member, Publisher) and member.__module__ == module
    ]
    if len(own) != 1:
        raise LookupError(f"bot/loopback/publishers/{name}.py must hold exactly one Publisher")
    return own[0]
