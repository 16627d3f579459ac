"""What one reading of the HATVP's register gathers, and how its nested parts are read."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from bot.errors import SourceError, SourceFault
from bot.models import Notice
from bot.sources._base import Loss
from bot.sources._hatvp.wording import listed, moment, prose

PAGE = "https://www.hatvp.fr/fiche-organisation/?organisation="
CURRENT = "publicationCourante"

_encoded = json.JSONEncoder(separators=(",", ":")).encode


class Reading:
    """Gather the notices, losses and unknown fields of a dump; `entries` are the ids of one organisation's notices.

    A nested field that the register's dictionary requires may be missing here and there, which is a loss; `end` refuses
    a dump in which most lack it, because then it has another name.
    """

    def __init__(self, source: str, version: int, *, lenient: bool) -> None:
        self.source = source
        self.version = version
        self.lenient = lenient
        self.notices: dict[str, Notice] = {}
        self.entries: dict[str, None] = {}
        self.hashes: dict[str, str] = {}
        self.losses: list[Loss] = []
        self.unknown: set[str] = set()
        self._lacking: Counter[str] = Counter()
        self._asked: Counter[str] = Counter()
        self._first: dict[str, str] = {}

    def keep(self, notice: Notice, *meaningful: object) -> None:
        """Keep a notice, with the hash of what makes a revision of it when it changes."""
        self.notices[notice.id] = notice
        self.entries[notice.id] = None
        said = _encoded((self.version, *meaningful))
        self.hashes[notice.id] = hashlib.sha256(said.encode("ascii")).hexdigest()

    def clear(self) -> None:
        """Begin a new part."""
        self.notices.clear()
        self.hashes.clear()
        self.losses.clear()
        self.unknown.clear()

    def lose(self, entry: str, field: str, problem: str) -> None:
        """Note a part that could not be read."""
        self.losses.append(Loss(entry, field, problem))

    def know(self, node: Mapping[str, Any], fields: frozenset[str], path: str) -> None:
        """Note the fields of a nested object that this version does not know."""
        if not fields.issuperset(node):
            self.unknown.update(f"{path}.{name}" for name in node if name not in fields)

    def require(self, node: Mapping[str, Any], names: Collection[str], path: str, entry: str) -> None:
        """Note which fields of a nested object are missing, of those that the register's dictionary requires."""
        self._asked[path] += 1
        for name in names:
            if name not in node:
                field = f"{path}.{name}"
                self._lacking[field] += 1
                self._first.setdefault(field, entry)
                self.lose(entry, field, "missing")

    def end(self) -> None:
        """Raise SourceError where most of the objects of one kind lack a field that they must have."""
        if self.lenient:
            return
        for field, count in self._lacking.items():
            if count * 2 > self._asked[field.rpartition(".")[0]]:
                raise SourceError("missing", SourceFault.MISSING, field=field, entry=self._first[field])

    def records(self, value: Any, field: str, entry: str) -> Iterator[dict[str, Any]]:
        """Yield the objects of a list, or one object; anything else is a loss."""
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, dict):
                yield part
            elif part is not None:
                self.lose(entry, field, "a list of records was expected")

    def current(self, value: Any, field: str, entry: str) -> Iterator[dict[str, Any]]:
        """Yield what is published now of each object of a list."""
        for part in self.records(value, field, entry):
            self.require(part, (CURRENT,), field, entry)
            yield from self.records(part.get(CURRENT), f"{field}.{CURRENT}", entry)

    def key(self, node: Mapping[str, Any], name: str, path: str, entry: str) -> str:
        """Return the id of a nested object; raises SourceError where it has none."""
        value = node.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if isinstance(value, str) and (key := "".join(value.split())):
            return key
        raise SourceError("missing", SourceFault.MISSING, field=f"{path}.{name}", entry=entry)

    def number(self, node: Mapping[str, Any], name: str, path: str, entry: str) -> str:
        """Return a national number without blanks, empty where it is absent."""
        value = node.get(name)
        if isinstance(value, str):
            return "".join(value.split())
        if value is not None:
            self.lose(entry, f"{path}.{name}", "text was expected")
        return ""

    def mandatory(self, node: Mapping[str, Any], name: str, path: str, entry: str) -> str:
        """Return a text without which an entry says nothing; raises SourceError, in lenient reading a loss."""
        value = node.get(name)
        if isinstance(value, str) and value.strip():
            return prose(value)
        field = f"{path}.{name}"
        fault = SourceFault.MISSING if value is None else SourceFault.TEXT_EXPECTED
        problem = "missing" if value is None else "text was expected"
        if not self.lenient and not isinstance(value, str):
            raise SourceError(problem, fault, field=field, entry=entry)
        self.lose(entry, field, problem)
        return ""

    def text(self, node: Mapping[str, Any], name: str, path: str, entry: str) -> str:
        """Return a free text, empty where it is absent."""
        value = node.get(name)
        if not value:
            return ""
        if isinstance(value, str):
            return prose(value)
        self.lose(entry, f"{path}.{name}", "text was expected")
        return ""

    def texts(self, node: Mapping[str, Any], name: str, path: str, entry: str) -> tuple[str, tuple[str, ...]]:
        """Return a list of labels as one text, and sorted."""
        value = node.get(name)
        if not value:
            return "", ()
        try:
            together, labels, is_whole = listed(tuple(value) if isinstance(value, list) else (value,))
        except TypeError:
            together, labels, is_whole = "", (), False
        if not is_whole:
            self.lose(entry, f"{path}.{name}", "a list of texts was expected")
        return together, labels

    def moment(self, node: Mapping[str, Any], name: str, path: str, entry: str) -> date | datetime | None:
        """Return a date of the register, None where it is absent."""
        value = node.get(name)
        if value is None or value == "":
            return None
        try:
            return moment(value)
        except (ValueError, TypeError, AttributeError):
            self.lose(entry, f"{path}.{name}" if path else name, "a date was expected")
            return None

    def flag(self, node: Mapping[str, Any], name: str, path: str, entry: str) -> bool:
        """Return whether a field says true; absent it says false."""
        value = node.get(name)
        if value is None or isinstance(value, bool):
            return value is True
        self.lose(entry, f"{path}.{name}", "true or false was expected")
        return False
