"""`vigie backup` and `vigie restore`: a copy made while the bot runs, and put back while it does not."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot import clock
from bot.cli._settings import ConfigOption, settings_of
from bot.cli._status import readable_size
from bot.cli._terminal import Status, at_the_terminal, busy, command, put, refusal_words, say, terminal_texts
from bot.cli._verify import report_lines_of
from bot.errors import UserError

if TYPE_CHECKING:
    from bot.locales import Texts
    from bot.restoring import Restored
    from bot.storage.custody.backing_up import Copy

BackupFile = Annotated[Path, typer.Argument(metavar="FILE", help="The backup.")]
EvenAltered = Annotated[
    bool, typer.Option("--altered", help="Put it back even where something in it was altered outside Vigie.")
]


@command
def backup(file: BackupFile, config: ConfigOption = None) -> Status:
    """Copy the database to a new FILE while the bot runs, and verify the copy with its audit log.

    Exit status 1 where something was altered outside Vigie; the copy is written then too. Never copy the file of a
    running bot by other means: a part of it stands beside it.
    """
    from bot.audit import verify  # noqa: PLC0415  # help needs none of it

    texts = terminal_texts()
    path = settings_of(config).storage.database
    if not path.is_file():
        raise UserError("cli-database-missing", path=str(path))
    with busy(texts("cli-backup-progress")):
        copy = asyncio.run(_written(path, file))
        report = verify(file)
    values = {"path": str(file), "size": readable_size(copy.bytes), "sha256": copy.sha256}
    put(texts("cli-backup-done", **values) if report.is_intact else texts("cli-backup-written", **values))
    say(texts("cli-backup-secret"))
    if report.is_intact:
        return Status.DONE
    say(texts("cli-backup-altered"))
    for line in report_lines_of(report):
        say(line)
    return Status.BAD_DATA


@command
def restore(file: BackupFile, config: ConfigOption = None, *, even_altered: EvenAltered = False) -> Status:
    """Put the backup FILE in the place of the database, which stays beside it; refuses while the bot runs.

    Exit status 1, and nothing is changed, where the backup is damaged or something in it was altered outside Vigie.
    At its next start the bot reads in each channel what was sent since, before it sends anything there.
    """
    from bot.restoring import AlteredBackupError  # noqa: PLC0415  # help needs none of it
    from bot.restoring import restore as put_back  # noqa: PLC0415

    texts = terminal_texts()
    path = settings_of(config).storage.database
    with busy(texts("cli-restore-progress")):
        try:
            restored = asyncio.run(put_back(file, path, clock.system(), at_the_terminal(), even_altered=even_altered))
        except AlteredBackupError as error:
            for line in (*report_lines_of(error.report)[:1], texts.error(error)):
                say(line)
            return Status.BAD_DATA
    put(texts("cli-restore-done", path=str(path), backup=str(file)))
    for line in _told(texts, restored):
        say(line)
    return Status.DONE


def _told(texts: Texts, restored: Restored) -> list[str]:
    lines = []
    if not restored.report.is_intact:
        lines += [*report_lines_of(restored.report)[:1], texts("cli-restore-altered")]
    if restored.known_until is not None:
        lines.append(texts("cli-restore-known", until=texts.moment(restored.known_until)))
    if restored.former is not None:
        lines.append(texts("cli-restore-former", path=str(restored.former)))
    if restored.erased:
        lines.append(texts.plural("cli-restore-erased", restored.erased))
    if restored.hidden:
        lines.append(texts.plural("cli-restore-hidden", restored.hidden))
    if not restored.is_former_read:
        lines.append(texts("cli-restore-former-unread"))
    return [*lines, texts("cli-restore-next")]


async def _written(database: Path, file: Path) -> Copy:
    """Return the backup that was written, once the database knows of it."""
    from bot.storage import newsrooms  # noqa: PLC0415  # help needs none of it
    from bot.storage.custody import audit, backing_up, backups, erased, erasing  # noqa: PLC0415
    from bot.storage.database import Database  # noqa: PLC0415

    whole = file.absolute()  # noqa: ASYNC240  # asks the system once for its folder
    async with Database.join(database) as joined:
        async with joined.tx("backup.begin") as connection:
            await backups.broken_off(connection, whole)
            backup_id = await backups.begin(connection, whole, clock.system().now())
        while True:
            try:
                copy = await asyncio.to_thread(backing_up.copy_of, database, file)
            except Exception as error:
                async with joined.tx("backup.forget") as connection:
                    await backups.forget(connection, backup_id)
                if isinstance(error, OSError):
                    reason = refusal_words(terminal_texts(), error)
                    raise UserError("cli-backup-unwritable", path=str(file), reason=reason) from None
                raise
            known = await asyncio.to_thread(erased.read, file)
            async with joined.tx("backup.finish") as connection:
                # A tip that was erased while the copy was made would stay in it.
                if await erasing.count(connection) == len(known):
                    now = clock.system().now()
                    await backups.finish(connection, backup_id, copy, now)
                    for newsroom in await newsrooms.every(connection):
                        detail = {"sha256": copy.sha256}
                        by = at_the_terminal()
                        await audit.note(connection, newsroom.guild_id, by, audit.BACKING_UP, now, detail=detail)
                    return copy
            await asyncio.to_thread(file.unlink)
