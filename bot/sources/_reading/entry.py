"""One entry of a payload, read strictly or leniently: the common ground of every source's reading."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from bot.errors import SourceError, SourceFault
from bot.sources._base import Layout, Loss
from bot.sources._reading import strict_json
from bot.sources._reading.body import money
from bot.sources._reading.tree import one_line

ID_CHARS = 200
LEAST_ENTRIES = 5
"""Of fewer entries that share an id nothing can be said: two revisions of a notice may well come together."""

_ID = re.compile(r"[^\s\x00-\x1f\x7f]+")


class Entry:
    """Read the fields of one entry by their dotted paths, in the words of the source's `Layout`.

    A field that the layout calls mandatory must be there: missing, or of another type, it is a SourceError that names
    it and the entry, and in lenient reading a loss. Any other field may be missing, null or empty; of another type it
    is a loss, and the notice is kept. `entry` is the id, `#place` where it has none. `losses` gathers what was lost.
    `may_be_null` says that the publisher has null for what it does not know, in mandatory texts too.
    """

    may_be_null: ClassVar[bool] = False

    def __init__(self, record: Mapping[str, Any], place: int, layout: Layout, *, lenient: bool) -> None:
        self.record = record
        self.layout = layout
        self.lenient = lenient
        self.losses: list[Loss] = []
        self.entry = f"#{place}"
        for field in layout.mandatory:
            if not self._has(field):
                self.refuse(field, "missing", SourceFault.MISSING)

    def identify(self, value: str | None, field: str) -> str:
        """Take the entry's id: what faults are told of from here on; raises SourceError where it is none."""
        if value is None:
            raise SourceError("missing", SourceFault.MISSING, field=field, entry=self.entry)
        if not _ID.fullmatch(value) or len(value) > ID_CHARS:
            problem = "an id without blanks was expected"
            raise SourceError(problem, SourceFault.ID_EXPECTED, field=field, entry=self.entry)
        self.entry = value
        self.losses = [Loss(value, loss.field, loss.problem) for loss in self.losses]
        return value

    def id(self, field: str) -> str:
        """Return the id of the entry, a text or a whole number; raises SourceError where there is none."""
        value = self.value(field)
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        return self.identify(value.strip() or None if isinstance(value, str) else None, field)

    def value(self, field: str) -> Any:
        """Return what stands at a dotted path, None where nothing does."""
        node: Any = self.record
        for name in field.split("."):
            if not isinstance(node, Mapping):
                return None
            node = node.get(name)
        return node

    def text(self, field: str) -> str | None:
        """Return a text on one line, None where it is absent or blank."""
        value = self.value(field)
        if isinstance(value, str):
            return one_line(value) or None
        if value is not None or (not self.may_be_null and field in self.layout.mandatory and self._has(field)):
            self.wrong(field, "text was expected", SourceFault.TEXT_EXPECTED)
        return None

    def texts(self, field: str) -> list[str]:
        """Return a text, or a list of texts, as a list; blank ones are left out."""
        value = self.value(field)
        texts: list[str] = []
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, str):
                texts += [one_line(part)] if part.strip() else []
            elif part is not None:
                self.wrong(field, "a list of texts was expected", SourceFault.TEXTS_EXPECTED)
        return texts

    def records(self, field: str) -> list[Mapping[str, Any]]:
        """Return the objects of a list, or one object, as a list; anything else is left out as a loss."""
        value = self.value(field)
        found: list[Mapping[str, Any]] = []
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, Mapping):
                found.append(part)
            elif part is not None:
                self.wrong(field, "a list of records was expected", SourceFault.RECORDS_EXPECTED)
        return found

    def amount(self, field: str) -> Decimal | None:
        """Return an amount of money as published, None where it is absent, zero or below."""
        value = self.value(field)
        if value is None or isinstance(value, bool) or value == "":
            return None
        try:
            return money(format(strict_json.decimal_of(str(value)), "f") if isinstance(value, Decimal) else str(value))
        except ValueError as error:
            self.losses.append(Loss(self.entry, field, str(error)))
            return None

    def day(self, field: str) -> date | None:
        """Return the date with which an ISO 8601 text begins."""
        value = self.value(field)
        if value is None or (value == "" and field not in self.layout.mandatory):
            return None
        try:
            return date.fromisoformat(value[:10] if isinstance(value, str) else "")
        except ValueError:
            self.wrong(field, "a date was expected", SourceFault.DATE_EXPECTED)
            return None

    def moment(self, field: str) -> date | datetime | None:
        """Return an ISO 8601 text as a date, with a time as an aware datetime; without an offset it is taken as UTC."""
        value = self.value(field)
        if value is None or (value == "" and field not in self.layout.mandatory):
            return None
        text = value.strip() if isinstance(value, str) else ""
        with suppress(ValueError):
            return date.fromisoformat(text)
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            self.wrong(field, "a date with its time was expected", SourceFault.MOMENT_EXPECTED)
            return None
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)

    def wrong(self, field: str, problem: str, fault: SourceFault, **values: Any) -> None:
        """Refuse a mandatory field of another form than announced; an optional one is a loss."""
        if field in self.layout.mandatory:
            self.refuse(field, problem, fault, **values)
        else:
            self.losses.append(Loss(self.entry, field, problem))

    def refuse(self, field: str, problem: str, fault: SourceFault, **values: Any) -> None:
        """Raise SourceError naming a field and the entry, in lenient reading note it as a loss."""
        if not self.lenient:
            raise SourceError(problem, fault, field=field, entry=self._named(), **values)
        self.losses.append(Loss(self.entry, field, problem))

    def _named(self) -> str:
        """Return the id as it stands where the layout says, else the place."""
        if not self.entry.startswith("#"):
            return self.entry
        value = self.value(self.layout.id)
        return str(value) if isinstance(value, str | int) and str(value).strip() else self.entry

    def _has(self, field: str) -> bool:
        *parents, name = field.split(".")
        node: Any = self.record
        for parent in parents:
            node = node.get(parent) if isinstance(node, Mapping) else None
        return isinstance(node, Mapping) and name in node


def records_of(answer: Any, layout: Layout) -> list[dict[str, Any]]:
    """Return the entries of a JSON answer, where the layout says that they stand; SourceError as `records_at`."""
    return records_at(answer, layout.entries)


def records_at(answer: Any, path: str) -> list[dict[str, Any]]:
    """Return the objects at a dotted path of a JSON answer ("" is the answer itself).

    Raises SourceError where no list of objects stands there.
    """
    node = answer
    for name in path.split(".") if path else ():
        node = node.get(name) if isinstance(node, Mapping) else None
    field = path or None
    if not isinstance(node, list):
        raise SourceError("a list of records was expected", SourceFault.RECORDS_EXPECTED, field=field)
    for place, record in enumerate(node, start=1):
        if not isinstance(record, dict):
            raise SourceError("a record was expected", SourceFault.RECORD_EXPECTED, field=field, entry=f"#{place}")
    return node


def unknown_fields(records: Iterable[Mapping[str, Any]], layout: Layout) -> frozenset[str]:
    """Return the fields of entries that a layout does not name."""
    names = {name for record in records for name in record}
    return frozenset(name for name in names if not layout.knows(name))


def missing_fields(records: Iterable[Mapping[str, Any]], layout: Layout) -> list[Loss]:
    """Return as losses of the whole payload the expected fields that an entry lacks, told once each."""
    gone = {field for record in records for field in layout.expected if field.partition(".")[0] not in record}
    return [Loss("", field, "the column is missing") for field in sorted(gone)]


def record_sha256(record: Any, entry: str) -> str:
    """Return the SHA-256 of an entry as it came; raises SourceError, naming it, where it is nested too deeply."""
    try:
        return strict_json.sha256(record)
    except ValueError as error:
        message = f"the record cannot be read: {error}"
        raise SourceError(message, SourceFault.UNREADABLE_RECORD, entry=entry, reason=error) from None


def refuse_one_id(seen: Iterable[tuple[str, str]], field: str) -> None:
    """Raise SourceError where most entries share one id, so that all but one of them would be lost.

    `seen` holds of each entry that came its id and the hash of its content (its revision hash, or that of its record),
    `field` is where the id stands. That is so where at least five entries came and one id stands on more than half of
    their distinct contents: an entry that is repeated as it is does no harm, nor does one that was revised in a short
    answer.
    """
    came = list(seen)
    contents = set(came)
    for shared, count in Counter(id_ for id_, _ in contents).most_common(1):
        if len(came) >= LEAST_ENTRIES and count > 1 and count * 2 > len(contents):
            raise SourceError(
                f"{count} of {len(contents)} records share one id",
                SourceFault.ONE_ID,
                field=field,
                entry=shared,
                count=count,
                total=len(contents),
            )
