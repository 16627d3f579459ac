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

from bot.audit import Fault, Report, seal_former, verify
from bot.clock import Clock
from bot.errors import DatabaseDamagedError, DatabaseRefusedError, UserError
from bot.hiding import hide_again
from bot.storage import newsrooms
from bot.storage.custody import audit, backing_up, erased, hidden
from bot.storage.custody.backing_up import Copy
from bot.storage.custody.erased import ErasedTip
from bot.storage.custody.hidden import HiddenThing
from bot.storage.database import Database, alone
from bot.storage.migrations import migrate
from bot.storage.outbox import sightings
from bot.tips.erasing import erase_again

_MARGIN: Final = timedelta(hours=1)
"""How far the clocks of this machine and of Discord may be apart, and a request late."""
_RESTORING: Final = ".restoring"


@dataclass(frozen=True, slots=True)
class Restored:
    """Hold what was put in place: the copy, up to when it knows anything, and where the former database now is.

    `erased` counts the tips that were erased after the backup, and were erased from it too, `hidden` the tips and facts
    that were hidden after it, and are again. Where the former database is not read, nobody knows of any. `report` says
    whether anything in the backup was altered outside Vigie.
    """

    copy: Copy
    known_until: datetime | None
    former: Path | None
    erased: int
    hidden: int
    is_former_read: bool
    report: Report


class AlteredBackupError(UserError):
    """Refuse a backup in which something was altered outside Vigie; `report` names the first place."""

    def __init__(self, text: str, report: Report, *, path: str) -> None:
        super().__init__(text, path=path)
        self.report = report


@dataclass(frozen=True, slots=True)
class _Since:
    """Hold what the former database knows: what is erased, what is hidden, the highest number that it gave.

    It is not read where it tells less than that.
    """

    erased: list[ErasedTip]
    hidden: list[HiddenThing]
    highest_number: int
    is_read: bool = True


async def restore(backup: Path, database: Path, clock: Clock, by: str, *, even_altered: bool = False) -> Restored:
    """Put a backup in the place of a database, which stays beside it under another name.

    Nothing is changed in `backup`. The schema is brought up to date; what was erased or hidden since is so again where
    the former database can still be read; what was sent since is looked for before anything is sent (`bot.delivery`).
    `by` is who does it (`cli:name`), for the audit logs.

    Raises DatabaseRefusedError while a bot runs on the database, and for a backup that is foreign or newer than this
    program; DatabaseDamagedError for one that is damaged; AlteredBackupError for one of which the audit log, or what it
    seals, was altered, unless it is wanted `even_altered`; UserError where there is no backup of that name.
    """
    new = database.with_name(f"{database.name}{_RESTORING}")
    with ExitStack() as held:
        held.enter_context(alone(database))
        await asyncio.to_thread(_refuse, backup, database)
        since = await asyncio.to_thread(_since, database)
        try:
            await asyncio.to_thread(_remove, new)
            copy = await asyncio.to_thread(backing_up.copy_of, backup, new)
            await asyncio.to_thread(migrate, new, clock.now())
            report = await asyncio.to_thread(_verified, new, backup, even_altered=even_altered)
            known_until, erased_again, hidden_again = await _prepare(new, clock, by, copy, since, report)
            await asyncio.to_thread(backing_up.refuse_damaged, new)
            former = await asyncio.to_thread(_put_in_place, new, database, clock.now())
        except DatabaseDamagedError as error:
            raise DatabaseDamagedError("backup-damaged", path=str(backup)) from error
        except sqlite3.IntegrityError as error:
            if not even_altered:
                raise
            # A head that was taken away: the next entry would have the number of one that is there.
            raise UserError("restore-log-broken", path=str(backup)) from error
        finally:
            await asyncio.to_thread(_remove, new)
    return Restored(copy, known_until, former, erased_again, hidden_again, since.is_read, report)


def _refuse(backup: Path, database: Path) -> None:
    if not backup.is_file():
        raise UserError("restore-no-file", path=str(backup))
    if database.exists() and backup.samefile(database):
        raise UserError("restore-itself", path=str(backup))
    if not backup.stat().st_size:  # to SQLite that is a database without tables
        raise DatabaseDamagedError("backup-damaged", path=str(backup))
    try:
        backing_up.refuse_damaged(backup)
    except DatabaseDamagedError as error:
        raise DatabaseDamagedError("backup-damaged", path=str(backup)) from error
    except DatabaseRefusedError as error:
        if error.text == "database-foreign":
            raise DatabaseRefusedError("backup-foreign", path=str(backup)) from error
        if error.text == "database-altered":
            raise DatabaseRefusedError("backup-other-schema", path=str(backup), **error.values) from error
        raise


def _verified(new: Path, backup: Path, *, even_altered: bool) -> Report:
    """Return what verifying a copy came to; raises where it was altered and that is not wanted."""
    report = verify(new)
    if report.finding is not None and report.finding.fault is Fault.DAMAGED:
        raise DatabaseDamagedError("backup-damaged", path=str(backup))
    if report.finding is not None and not even_altered:
        raise AlteredBackupError("restore-altered", report, path=str(backup))
    return report


async def _prepare(
    new: Path, clock: Clock, by: str, copy: Copy, since: _Since, report: Report
) -> tuple[datetime | None, int, int]:
    """Bring a copy up to date and make it know its limits.

    Return up to when it knows all, how much was erased from it, and how much was hidden in it.
    """
    restored = await Database.open(new, clock)
    try:
        now = clock.now()
        async with restored.tx("restore") as connection:
            known_until = await sightings.last_known(connection)
            begin = known_until - _MARGIN if known_until is not None else None
            await sightings.begin(connection, begin, now + _MARGIN, since.highest_number)
            detail = {"sha256": copy.sha256, "known_until": known_until.isoformat() if known_until else None}
            if report.finding is not None:
                detail["altered"] = report.finding.fault
            for newsroom in await newsrooms.every(connection):
                await audit.note(connection, newsroom.guild_id, by, audit.RESTORING, now, detail=detail)
        # Before anything is done in somebody's name: what is not sealed by then never is.
        await seal_former(restored, clock)
        erased_again = [await erase_again(restored, tip, now) for tip in since.erased]
        hidden_again = [await hide_again(restored, thing, by, now) for thing in since.hidden]
        return known_until, sum(erased_again), sum(hidden_again)
    finally:
        await restored.close()


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


def _since(database: Path) -> _Since:
    """Return what the former database knows to be erased and hidden: of a damaged one as much as can be read."""
    if not database.exists():
        return _Since([], [], 0, is_read=False)
    gone: list[ErasedTip] = []
    try:
        gone = erased.read(database)
        return _Since(gone, hidden.read(database), sightings.highest_number(database))
    except sqlite3.DatabaseError:
        return _Since(gone, [], 0, is_read=False)
