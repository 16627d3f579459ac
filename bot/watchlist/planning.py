"""What an import is to do: the rows of a file against the live items, each kept as it is, changed, added or refused."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from bot.errors import UserError
from bot.lookup import folded
from bot.markup import plain
from bot.models import Dossier, ItemKind, WatchItem
from bot.storage.custody import audit
from bot.watchlist.changes import clash_error
from bot.watchlist.csv_file import BadLine, Entry, Watchlist
from bot.watchlist.entry import cleaned, entered, name_key
from bot.watchlist.numbers import WrongNumber, wrong_numbers
from bot.watchlist.told import asked_of

_SHOWN_UNITS: Final = 100
_CHANNEL: Final = re.compile(r"<#(?P<mention>\d{1,20})>|(?P<id>\d{15,20})|#?(?P<name>.+)", re.ASCII | re.DOTALL)
_SAID: Final = ("aliases", "identifiers", "any_of", "none_of", "sources", "priority", "ref", "note")
"""The columns that are a field of an item under their own name, and need not be in a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Importer:
    """Hold for whom a file is imported: the newsroom, who sent it, and the channels of the guild by id.

    Those that are `forums` take posts. The history of a channel that is new to us will be read from the snowflake
    `floor_id`.
    """

    guild_id: int
    user_id: int
    floor_id: int
    channels: Mapping[int, str]
    known_sources: Collection[str]
    forums: Collection[int] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Hold what a plan rests on beside the items, whose version it carries: it may be carried out only while it stands.

    `gathered` are the dossiers of each item, by id; `announces` says whether the newsroom has a channel for all items.
    """

    version: int
    announces: bool
    dossiers: Sequence[Dossier]
    gathered: Mapping[int, frozenset[int]]


@dataclass(frozen=True, slots=True)
class Row:
    """Hold an item to be stored with its name key, and the dossiers it shall be in, None where they stay.

    `differences` are what an item that stood there is to be otherwise (`bot.storage.custody.audit.difference`).
    """

    item: WatchItem
    key: str
    dossier_ids: frozenset[int] | None
    differences: Mapping[str, Any]


@dataclass(slots=True)
class Plan:
    """Hold what an import is to do; with any bad line it is to do nothing. Wrong numbers are stored as they are."""

    added: list[Row] = field(default_factory=list)
    changed: list[Row] = field(default_factory=list)
    unchanged: int = 0
    bad_lines: list[BadLine] = field(default_factory=list)
    wrong_numbers: list[WrongNumber] = field(default_factory=list)


def plan(read: Watchlist, importer: Importer, standing: Standing, items: Sequence[tuple[WatchItem, str]]) -> Plan:
    """Judge every row of a file against the live items, given with their name keys; every fault is a bad line.

    A row is about the live item of its `ref`, else of its kind and name, unless another row has that item's ref. An
    item that a row does not change is not judged again. Columns that the file has not stay as they are.
    """
    planner = _Planner(read, importer, standing, items)
    for entry in read.entries:
        planner.take(entry)
    planner.refuse_clashes()
    found = planner.plan
    found.bad_lines = sorted([*read.bad_lines, *found.bad_lines], key=lambda bad: bad.line)
    return found


@dataclass(frozen=True, slots=True)
class _Claim:
    """Hold what a row takes for itself: a name among those of its kind, and a ref."""

    line: int
    kind: ItemKind
    key: str
    ref: str | None


class _Planner:
    """Make the plan of one file."""

    def __init__(
        self, read: Watchlist, importer: Importer, standing: Standing, items: Sequence[tuple[WatchItem, str]]
    ) -> None:
        self.plan = Plan()
        self._columns = read.columns
        self._importer = importer
        self._standing = standing
        self._items = items
        self._by_ref = {item.ref: item for item, _ in items if item.ref}
        named = {plain(entry.item.ref) for entry in read.entries if entry.item.ref}
        others = [(item, key) for item, key in items if item.ref not in named]
        self._by_name = {(item.kind, item.name): item for item, _ in others}
        self._by_key = {(item.kind, key): item for item, key in others}
        self._keys = {item.id: key for item, key in items}
        self._dossiers = {folded(dossier.name): dossier for dossier in standing.dossiers}
        self._lines: dict[int | None, int] = {}
        self._claims: list[_Claim] = []

    def take(self, entry: Entry) -> None:
        """Put a row into the plan, or each of its faults among the bad lines."""
        importer = self._importer
        row = cleaned(replace(entry.item, guild_id=importer.guild_id, added_by=importer.user_id))
        try:
            before = self._live_item(entry.line, row)
        except UserError as fault:
            self._refuse(entry.line, fault)
            return
        faults: list[UserError] = []
        wanted = self._merged(row, before)
        if "channel" in self._columns:
            wanted = replace(wanted, channel_id=self._channel(entry, before, faults))
        held = self._standing.gathered.get(wanted.id or 0, frozenset())
        dossier_ids = self._dossier_ids(entry, held, faults) if "dossier" in self._columns else None
        if wanted == before and dossier_ids in {None, held} and not faults:
            self.plan.unchanged += 1
            self._claims.append(_Claim(entry.line, wanted.kind, self._keys[wanted.id], wanted.ref))
            return
        if wanted.channel_id is None and not self._standing.announces and not faults:
            faults.append(UserError("watch-no-channel"))
        try:
            wanted = entered(wanted, importer.known_sources)
            key = name_key(wanted)
        except UserError as fault:
            faults.append(fault)
        if faults:
            self._refuse(entry.line, *faults)
            return
        self._claims.append(_Claim(entry.line, wanted.kind, key, wanted.ref))
        rows = self.plan.added if before is None else self.plan.changed
        into = dossier_ids if dossier_ids != held else None
        rows.append(Row(wanted, key, into, _differences(before, wanted, held, into)))
        known = before.identifiers if before is not None else ()
        self.plan.wrong_numbers += [
            WrongNumber(entry.line, number) for number in wrong_numbers(wanted.identifiers, known)
        ]

    def refuse_clashes(self) -> None:
        """Refuse the rows that take the name or ref of an item that no row is about, or of an earlier row."""
        standing = [(item, key) for item, key in self._items if item.id not in self._lines]
        names: dict[tuple[ItemKind, str], WatchItem | int] = {(item.kind, key): item for item, key in standing}
        refs: dict[str, WatchItem | int] = {item.ref: item for item, _ in standing if item.ref}
        for claim in self._claims:
            same_name = names.setdefault((claim.kind, claim.key), claim.line)
            same_ref = refs.setdefault(claim.ref, claim.line) if claim.ref else claim.line
            if same_name != claim.line:
                self._refuse(claim.line, _clash(same_name, "name"))
            elif same_ref != claim.line:
                self._refuse(claim.line, _clash(same_ref, "ref"))

    def _refuse(self, line: int, *faults: UserError) -> None:
        self.plan.bad_lines += [BadLine(line, fault) for fault in faults]

    def _live_item(self, line: int, row: WatchItem) -> WatchItem | None:
        """Return the live item that a row is about: of its ref, else of its name where no row has the item's ref.

        Raises UserError where that cannot be, or an earlier row was about it.
        """
        found = self._by_ref.get(row.ref) if row.ref else None
        if found is None:
            found = self._by_name.get((row.kind, row.name))
            if found is None and row.name:
                found = self._by_key.get((row.kind, name_key(row)))
            if found is not None and found.ref and row.ref:
                raise clash_error(found, "name")
        if found is None:
            return None
        if found.kind is not row.kind:
            raise UserError("import-other-kind", ref=row.ref, kind=found.kind.value)
        if found.id in self._lines:
            raise UserError("import-same-line", line=self._lines[found.id])
        self._lines[found.id] = line
        return found

    def _merged(self, row: WatchItem, before: WatchItem | None) -> WatchItem:
        """Return an item as a row wants it: what the file says over what it was."""
        if before is None:
            return row
        said = {name: getattr(row, name) for name in _SAID if name in self._columns}
        return replace(before, name=row.name, **said)

    def _channel(self, entry: Entry, before: WatchItem | None, faults: list[UserError]) -> int | None:
        """Return the channel that a row names by mention, id or name; the item's own may be gone."""
        match = _CHANNEL.fullmatch(entry.channel or "")
        if match is None:
            return None
        number, channels = match["mention"] or match["id"], self._importer.channels
        if number is not None and (
            int(number) in channels or (before is not None and before.channel_id == int(number))
        ):
            return int(number)
        name = (match["name"] or match["id"] or "").strip().casefold()
        found = [channel_id for channel_id, called in channels.items() if called.casefold() == name]
        if len(found) == 1:
            return found[0]
        shown = plain(entry.channel or "", _SHOWN_UNITS)
        fault = UserError("import-channels", channel=shown) if found else UserError("import-channel", channel=shown)
        faults.append(fault)
        return None

    def _dossier_ids(self, entry: Entry, held: frozenset[int], faults: list[UserError]) -> frozenset[int]:
        """Return the dossiers that a row names; only those that the item is in already may be closed."""
        found: set[int] = set()
        for name in entry.dossiers:
            dossier = self._dossiers.get(folded(name))
            if dossier is None:
                faults.append(UserError("dossier-unknown", typed=plain(name, _SHOWN_UNITS)))
            elif dossier.closed_at is not None and dossier.id not in held:
                faults.append(UserError("dossier-closed", name=dossier.name))
            else:
                found.add(dossier.id)
        return frozenset(found)


def _differences(
    before: WatchItem | None, after: WatchItem, held: frozenset[int], into: frozenset[int] | None
) -> Mapping[str, Any]:
    if before is None:
        return {}
    dossiers = {"before": sorted(held), "after": sorted(into)} if into is not None else None
    return audit.difference(asked_of(before), asked_of(after)) | ({"dossiers": dossiers} if dossiers else {})


def _clash(standing: WatchItem | int, same: str) -> UserError:
    """Return the refusal of a row whose name or ref an item has, or the row of an earlier line."""
    if isinstance(standing, WatchItem):
        return clash_error(standing, same)
    if same == "name":
        return UserError("import-same-line", line=standing)
    return UserError("import-same-ref", line=standing)
