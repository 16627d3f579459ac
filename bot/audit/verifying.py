"""Verify the audit log of a database, beside a running bot: nothing is written, and memory stays flat."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Any, Final

from bot.audit.entries import StoppedError, Walk
from bot.audit.report import KINDS, Chain, Fault, Finding, Place, Report, ToldHead
from bot.audit.restores import restores_in
from bot.audit.standing import Odd, odd_of_fact, odd_of_tip
from bot.models import AuditHead, ThingKind, TipChangeKind
from bot.storage.custody import verifying
from bot.storage.custody.audit import KEYS, SEALED

_OF_THING: Final = {kind: (kind, *tables) for kind, tables in SEALED.items()}


def verify(path: Path, guild_id: int | None = None, stop: Event | None = None) -> Report:
    """Verify the audit log of one newsroom, or of all of them, and what it seals, as one state of the database has it.

    Reads for as long as that takes: call it in a thread; `stop` ends it with StoppedError. `path` is a database of this
    version. Raises sqlite3.DatabaseError where it is none, or cannot be read.
    """
    try:
        return _verify(path, guild_id, stop or Event())
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_CORRUPT:
            raise
        return Report((), Finding(fault=Fault.DAMAGED, place=Place.FILE, told=str(error)))


async def verify_in_thread(path: Path, guild_id: int | None = None) -> Report:
    """Return what `verify` finds, off the loop; it is told to stop where this is cancelled."""
    stop = Event()
    try:
        return await asyncio.to_thread(verify, path, guild_id, stop)
    except asyncio.CancelledError:
        stop.set()
        raise


def _verify(path: Path, guild_id: int | None, stop: Event) -> Report:
    chains: list[Chain] = []
    with verifying.reading(path) as connection:
        damage = verifying.damage(connection)
        if damage is not None:
            return Report((), Finding(fault=Fault.DAMAGED, place=Place.FILE, told=damage))
        for newsroom in verifying.newsrooms(connection) if guild_id is None else [guild_id]:
            found = _verify_newsroom(connection, newsroom, stop)
            if isinstance(found, Finding):
                return Report(chains, found, _last_told(connection, found), restores_in(connection, newsroom))
            chains.append(found)
    return Report(chains)


def holds(connection: sqlite3.Connection, guild_id: int, head: AuditHead) -> bool:
    """Return whether a head that was told elsewhere is an entry of a newsroom's audit log."""
    row = verifying.entry(connection, guild_id, head.number)
    return row is not None and row["hash"] == head.hash


def _verify_newsroom(connection: sqlite3.Connection, guild_id: int, stop: Event) -> Chain | Finding:
    walk = Walk(connection, guild_id, stop)
    finding = next(walk.faults(), None)
    if finding is not None:
        return finding
    is_waiting = False
    for table in KEYS:
        row = verifying.unsealed(connection, guild_id, table)
        if row is not None and not verifying.is_to_be_sealed(connection, guild_id):
            return Finding(fault=Fault.ROW_ADDED, place=Place(table), guild_id=guild_id, thing_id=row[0], part=row[1])
        is_waiting = is_waiting or row is not None
    finding = next(_odd_things(connection, guild_id, stop), None)
    if finding is not None:
        return finding
    finding = next(_untrue_digests(connection, guild_id), None)
    return finding or Chain(guild_id, walk.count, walk.head, is_waiting, restores_in(connection, guild_id))


def _odd_things(connection: sqlite3.Connection, guild_id: int, stop: Event) -> Iterator[Finding]:
    """Yield the facts and tips that do not stand as their rows say."""
    for fact_id, (fact, versions, citations, changes) in _things(connection, guild_id, ThingKind.FACT, stop):
        odd = odd_of_fact(fact[0] if fact else None, changes, versions, citations)
        if odd is None and not _is_promoted(connection, guild_id, fact_id, fact[0]["tip_id"]):
            odd = Odd(Fault.THING_ALTERED, Place.FACT, column="tip_id")
        if odd is not None:
            yield _finding(connection, guild_id, fact_id, odd)
    erasures = verifying.erasures(connection, guild_id)
    for tip_id, (tip, versions, changes) in _things(connection, guild_id, ThingKind.TIP, stop):
        odd = odd_of_tip(tip[0] if tip else None, changes, versions, erasures.pop(f"{ThingKind.TIP}:{tip_id}", None))
        if odd is not None:
            yield _finding(connection, guild_id, tip_id, odd)
        for fact_id in _became(changes):
            if verifying.promoted_from(connection, guild_id, fact_id) != tip_id:
                yield _finding(connection, guild_id, fact_id, Odd(Fault.THING_ALTERED, Place.FACT, column="tip_id"))
    for subject in erasures:
        yield _finding(connection, guild_id, int(subject.partition(":")[2]), Odd(Fault.THING_MISSING, Place.TIP))


def _became(changes: Sequence[sqlite3.Row]) -> Iterator[int]:
    """Yield the facts that a tip became."""
    for change in changes:
        if change["kind"] == TipChangeKind.PROMOTED and change["text"] is not None:
            yield int(change["text"])


def _is_promoted(connection: sqlite3.Connection, guild_id: int, fact_id: int, tip_id: int | None) -> bool:
    """Return whether the tip that a fact comes from says so too, where it still can."""
    if tip_id is None:
        return True
    told = verifying.promotions(connection, guild_id, tip_id)
    return told is None or str(fact_id) in told or None in told


def _things(
    connection: sqlite3.Connection, guild_id: int, kind: ThingKind, stop: Event
) -> Iterator[tuple[int, list[list[sqlite3.Row]]]]:
    """Yield each tip or fact of which there is a row anywhere, with its rows of `_OF_THING` by their keys."""
    streams = [verifying.standing(connection, guild_id, table) for table in _OF_THING[kind]]
    names = ["id" if table == kind else KEYS[table][0] for table in _OF_THING[kind]]
    heads: list[sqlite3.Row | None] = [next(stream, None) for stream in streams]
    while waiting := [head[name] for head, name in zip(heads, names, strict=True) if head is not None]:
        if stop.is_set():
            raise StoppedError
        thing_id = min(waiting)
        rows: list[list[sqlite3.Row]] = []
        for place, (stream, name) in enumerate(zip(streams, names, strict=True)):
            own: list[sqlite3.Row] = []
            while (head := heads[place]) is not None and head[name] == thing_id:
                own.append(head)
                heads[place] = next(stream, None)
            rows.append(own)
        yield thing_id, rows


def _finding(connection: sqlite3.Connection, guild_id: int, thing_id: int, odd: Odd) -> Finding:
    entry = verifying.last_about(connection, guild_id, f"{KINDS[odd.place]}:{thing_id}")
    return Finding(
        fault=odd.fault,
        place=odd.place,
        guild_id=guild_id,
        entry=entry,
        thing_id=thing_id,
        part=odd.part,
        column=odd.column,
    )


def _untrue_digests(connection: sqlite3.Connection, guild_id: int) -> Iterator[Finding]:
    """Yield the digests that carried a head which is not in the log."""
    for told in _told_heads(connection, guild_id):
        if isinstance(told, str) or not holds(connection, guild_id, told.head):
            code, entry = (told, None) if isinstance(told, str) else (told.code, told.head.number)
            yield Finding(fault=Fault.DIGEST_HEAD, place=Place.DIGEST, guild_id=guild_id, entry=entry, told=code)


def _told_heads(connection: sqlite3.Connection, guild_id: int) -> Iterator[ToldHead | str]:
    """Yield the heads that a newsroom's digests carried, oldest first; the code alone where it cannot be read."""
    for row in verifying.digests_with_head(connection, guild_id):
        try:
            head: Any = json.loads(row["details"])["audit_head"]
            if head is not None:
                yield ToldHead(
                    row["code"], datetime.fromisoformat(row["told_at"]), AuditHead(head["number"], head["hash"])
                )
        except (ValueError, TypeError, KeyError):
            yield str(row["code"])


def _last_told(connection: sqlite3.Connection, finding: Finding) -> ToldHead | None:
    """Return the last head before an altered place that a digest carried and that the log still has."""
    if finding.guild_id is None or finding.entry is None:
        return None
    told = [
        one
        for one in _told_heads(connection, finding.guild_id)
        if not isinstance(one, str)
        and one.head.number < finding.entry
        and holds(connection, finding.guild_id, one.head)
    ]
    return told[-1] if told else None
