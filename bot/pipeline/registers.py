"""The comparison of a full register with its last dump: what was read again, what is missing, what is gone.

An entity, or a notice of one whose others stay, that a dump lacks for the first time is only noted. The next complete
dump decides: what it lacks too is gone, which becomes a revision of the notice; what it holds was never away. All that
is noted carries the number of its dump, so that a poll that was broken off and is repeated counts once.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from bot.errors import SourceError, SourceFault
from bot.sources import Entity, Source
from bot.storage.archive import notices
from bot.storage.database import Connection, Database
from bot.storage.reading import registers
from bot.storage.reading.registers import StoredEntity
from bot.storage.reading.spool import Entry, Spool

T = TypeVar("T")

LEAST_SHARE: Final = 0.9
"""A dump that holds less of the entities of the last one, each by its id, is taken for a broken one."""

BATCH: Final = 25
"""How many notices that are gone one transaction stores."""
ENTITIES: Final = 100
"""How many entities one transaction stores."""

REMOVED: Final = "removed:"
"""What stands before the checksum that a notice had when the register no longer held it."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Hold what one transaction stores: notices, and what is known of the register's entities once those are stored.

    `entities` are as they now are, `missing` those that this dump is the first to lack, `gone` those to forget.
    """

    entries: tuple[Entry, ...] = ()
    entities: tuple[StoredEntity, ...] = ()
    missing: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()

    async def store_entities(self, connection: Connection, source: str, dump: int) -> None:
        """Store what is known of the entities, inside the caller's transaction."""
        if self.entities:
            await registers.save(connection, source, self.entities)
        if self.missing:
            await registers.note_missing(connection, source, self.missing, dump)
        if self.gone:
            await registers.forget(connection, source, self.gone)


class Comparison:
    """Compare the dump that a spool holds, `dump` by its number, with what is stored of its register.

    One that is not `is_whole` lacks what the publisher did not send again: nothing is missing from it.
    """

    def __init__(self, database: Database, source: Source, spool: Spool, dump: int, *, is_whole: bool = True) -> None:
        self._database = database
        self._source = source
        self._spool = spool
        self._is_whole = is_whole
        self.dump = dump

    async def check(self) -> None:
        """Raise SourceError where the dump holds less than nine tenths of the very entities of the last one."""
        if not self._is_whole:
            return
        async with self._database.read() as connection:
            stored = await registers.missing_since(connection, self._source.name)
        missing = await asyncio.to_thread(self._spool.missing_entities, stored)
        before = sum(self._is_first(since) for since in stored.values())
        found = before - sum(self._is_first(stored[name]) for name in missing)
        if found < before * LEAST_SHARE:
            raise SourceError(
                f"the register holds {found} of the {before} entities of the last one",
                SourceFault.REGISTER_SHRANK,
                source=self._source.name,
                found=found,
                before=before,
            )

    async def batches(self) -> AsyncIterator[Batch]:
        """Yield what is to be stored once all notices of the dump are: a fingerprint never comes before its notices."""
        pages = self._spool.entities_read(ENTITIES)
        while page := await asyncio.to_thread(next, pages, ()):
            async with self._database.read() as connection:
                stored = await registers.get(connection, self._source.name, [entity.id for entity in page])
            lacked = [name for entity in page for name in _lacked(entity, stored.get(entity.id))]
            # What stands under another entity now is not missing.
            missing = {*await asyncio.to_thread(self._spool.missing_notices, lacked)}
            found = [self._read_again(entity, stored.get(entity.id), missing) for entity in page]
            async for batch in self._settled(found):
                yield batch
        async with self._database.read() as connection:
            doubted = {one.id: one for one in await registers.doubted(connection, self._source.name)}
        unread = await asyncio.to_thread(self._spool.unread_entities, doubted)
        for names in _parts(unread, ENTITIES):
            async for batch in self._settled([self._unchanged(doubted[name]) for name in names]):
                yield batch
        if self._is_whole:
            async for batch in self._absent():
                yield batch

    async def _absent(self) -> AsyncIterator[Batch]:
        """Yield what becomes of the entities that the dump lacks."""
        async with self._database.read() as connection:
            since = await registers.missing_since(connection, self._source.name)
        missing = await asyncio.to_thread(self._spool.missing_entities, since)
        for names in _parts([name for name in missing if self._is_first(since[name])], ENTITIES):
            yield Batch(missing=tuple(names))
        for names in _parts([name for name in missing if not self._is_first(since[name])], ENTITIES):
            async with self._database.read() as connection:
                stored = await registers.get(connection, self._source.name, names)
            gone = [entry for entity in stored.values() for entry in _heads(entity)]
            async for batch in self._removals(gone):
                yield batch
            yield Batch(gone=tuple(names))

    async def _settled(self, found: Sequence[tuple[StoredEntity, list[str]]]) -> AsyncIterator[Batch]:
        """Yield the revisions of the notices that are gone, and then the entities without them."""
        async for batch in self._removals([entry for _, gone in found for entry in gone]):
            yield batch
        yield Batch(entities=tuple(entity for entity, _ in found))

    async def _removals(self, gone: Sequence[str]) -> AsyncIterator[Batch]:
        for names in _parts(gone, BATCH):
            absent = await asyncio.to_thread(self._spool.missing_notices, names)
            async with self._database.read() as connection:
                # What another entity still holds was not read again where nothing of that one changed.
                held = await registers.held(connection, self._source.name, absent, self.dump)
                known = await notices.known(connection, self._source.name, {*absent} - held)
                latest = await notices.latest(connection, [one.row for one in known.values()])
            entries = []
            for one in known.values():
                removed = self._source.removed(latest[one.row])
                if removed is not None and not one.content_sha256.startswith(REMOVED):
                    entries.append(Entry(removed, f"{REMOVED}{one.content_sha256}", is_removal=True))
            if entries:
                yield Batch(entries=tuple(entries))

    def _read_again(
        self, entity: Entity, stored: StoredEntity | None, missing: Container[str]
    ) -> tuple[StoredEntity, list[str]]:
        """Return an entity as it now is, and which of its notices are gone: of those that are `missing` now."""
        since = stored.missing_entries if stored is not None else {}
        return self._decided(
            StoredEntity(
                entity.id,
                entity.fingerprint,
                self._source.revision_hash_version,
                entity.entries or (),
                missing_entries={
                    name: since.get(name, self.dump) for name in _lacked(entity, stored) if name in missing
                },
            )
        )

    def _unchanged(self, stored: StoredEntity) -> tuple[StoredEntity, list[str]]:
        """Return an entity that the dump holds as it was, and which of its notices are gone: it still lacks them."""
        return self._decided(replace(stored, missing_since=None))

    def _decided(self, entity: StoredEntity) -> tuple[StoredEntity, list[str]]:
        kept = {name: since for name, since in entity.missing_entries.items() if self._is_first(since)}
        gone = [name for name in entity.missing_entries if name not in kept]
        return replace(entity, missing_entries=kept), gone

    def _is_first(self, missing_since: int | None) -> bool:
        """Return whether no dump before this one lacked it; one that was broken off had the number of this one."""
        return missing_since is None or missing_since >= self.dump


def _lacked(entity: Entity, stored: StoredEntity | None) -> list[str]:
    """Return the notices that an entity had, and no longer has."""
    if stored is None:
        return []
    return sorted({*stored.entries, *stored.missing_entries}.difference(entity.entries or ()))


def _heads(entity: StoredEntity) -> Iterable[str]:
    """Return the notices that tell of the end of a whole entity: the one that is the entity's own, else all."""
    return [entity.id] if entity.id in entity.entries else entity.entries


def _parts(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (values[start : start + size] for start in range(0, len(values), size))
