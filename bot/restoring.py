"""A backup put in the place of the database: checked first, and made to know that it does not know everything."""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from bot.clock import Clock
from bot.errors import DatabaseRefusedError, UserError
from bot.storage import audit, backing_up, erased, newsrooms, sightings
from bot.storage.backing_up import Copy
from bot.storage.database import Database, alone
from bot.storage.erased import ErasedTip
from bot.tips.erasing import erase_again

RESTORE: Final = "restore"
"""The action under which the audit log of each newsroom tells it."""
_MARGIN: Final = timedelta(hours=1)
"""How far the clocks of this machine and of Discord may be apart, and a request late."""
_RESTORING: Final = ".restoring"


@dataclass(frozen=True, slots=True)
class Restored:
    """Hold what was put in place: the copy, up to when it knows anything, and where the former database now is.

    `erased` counts the tips that were erased after the backup, and were erased from it too.
    """

    copy: Copy
    known_until: datetime | None
    former: Path | None
    erased: int


async def restore(backup: Path, database: Path, clock: Clock, by: str) -> Restored:
    """Put a backup in the place of a database, which stays beside it under another name.

    Nothing is changed in `backup`. The schema is brought up to date; what was erased since is erased again where the
    former database can still be read; what was sent since is looked for before anything is sent (`bot.delivery`). `by`
    is who does it (`cli:name`), for the audit logs.

    Raises DatabaseRefusedError while a bot runs on the database, and for a backup that is damaged, foreign or newer
    than this program; UserError where there is no backup of that name.
    """
    new = database.with_name(f"{database.name}{_RESTORING}")
    with ExitStack() as held:
        held.enter_context(alone(database))
        await asyncio.to_thread(_refuse, backup, database)
        gone = await asyncio.to_thread(_erased_since, database)
        try:
            await asyncio.to_thread(_remove, new)
            copy = await asyncio.to_thread(backing_up.copy_of, backup, new)
            known_until, number = await _prepare(new, clock, by, copy, gone)
            await asyncio.to_thread(backing_up.refuse_damaged, new)
            former = await asyncio.to_thread(_put_in_place, new, database, clock.now())
        finally:
            await asyncio.to_thread(_remove, new)
    return Restored(copy, known_until, former, number)


def _refuse(backup: Path, database: Path) -> None:
    if not backup.is_file():
        raise UserError("restore-no-file", path=str(backup))
    if database.exists() and backup.samefile(database):
        raise UserError("restore-itself", path=str(backup))
    try:
        backing_up.refuse_damaged(backup)
    except DatabaseRefusedError as error:
        if error.text == "database-foreign":
            raise DatabaseRefusedError("backup-foreign", path=str(backup)) from error
        raise


async def _prepare(new: Path, clock: Clock, by: str, copy: Copy, gone: list[ErasedTip]) -> tuple[datetime | None, int]:
    """Bring a copy up to date and make it know its limits; return up to when it knows all, and how much was erased."""
    restored = await Database.open(new, clock)
    try:
        now = clock.now()
        async with restored.tx("restore") as connection:
            known_until = await sightings.last_known(connection)
            since = known_until - _MARGIN if known_until is not None else None
            await sightings.begin(connection, since, now + _MARGIN)
            detail = {"sha256": copy.sha256, "known_until": known_until.isoformat() if known_until else None}
            for newsroom in await newsrooms.every(connection):
                await audit.note(connection, newsroom.guild_id, by, RESTORE, now, detail=detail)
        return known_until, await _erase_again(restored, gone, now)
    finally:
        await restored.close()


async def _erase_again(restored: Database, gone: list[ErasedTip], now: datetime) -> int:
    number = 0
    for tip in gone:
        number += await erase_again(restored, tip, now)
    return number


def _put_in_place(new: Path, database: Path, now: datetime) -> Path | None:
    """Put a copy in place, and return the name under which the former database stays, if there was one."""
    if not database.exists():
        new.replace(database)
        return None
    former = _free_name(database, now)
    backing_up.put_in_place(new, database, former)
    return former


def _free_name(database: Path, now: datetime) -> Path:
    """Return the name under which the former database stays: with the moment, and none that is taken."""
    stem = f"{database.name}.before-restore-{now:%Y%m%dT%H%M%SZ}"
    names = itertools.chain([stem], (f"{stem}-{number}" for number in itertools.count(2)))
    return next(path for name in names if not (path := database.with_name(name)).exists())


def _remove(new: Path) -> None:
    """Take away what a copy that is not in place left."""
    for file in new.parent.glob(f"{new.name}*"):
        file.unlink()


def _erased_since(database: Path) -> list[ErasedTip]:
    """Return the tips that the former database knows to be erased; none where it cannot be read."""
    if not database.exists():
        return []
    try:
        return erased.read(database)
    except sqlite3.DatabaseError:
        return []  # a damaged one tells nothing any more
