"""`vigie backup` and `vigie restore`: a copy made while the bot runs, and put back while it does not."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot import clock
from bot.cli._settings import ConfigOption, settings_of
from bot.cli._status import readable_size
from bot.cli._terminal import Status, at_the_terminal, busy, command, put, say, terminal_texts
from bot.errors import UserError

if TYPE_CHECKING:
    from bot.locales import Texts
    from bot.restoring import Restored
    from bot.storage.backing_up import Copy

BackupFile = Annotated[Path, typer.Argument(metavar="FILE", help="The backup.")]


@command
def backup(file: BackupFile, config: ConfigOption = None) -> Status:
    """Copy the database to a new FILE while the bot runs, and check the copy.

    Never copy the file of a running bot by other means: a part of it stands beside it.
    """
    texts = terminal_texts()
    path = settings_of(config).storage.database
    if not path.is_file():
        raise UserError("cli-database-missing", path=str(path))
    with busy(texts("cli-backup-progress")):
        copy = asyncio.run(_written(path, file))
    put(texts("cli-backup-done", path=str(file), size=readable_size(copy.bytes), sha256=copy.sha256))
    say(texts("cli-backup-secret"))
    return Status.DONE


@command
def restore(file: BackupFile, config: ConfigOption = None) -> Status:
    """Put the backup FILE in the place of the database, which stays beside it; refuses while the bot runs.

    At its next start the bot reads in each channel what was sent since, before it sends anything there.
    """
    from bot.restoring import restore as put_back  # noqa: PLC0415  # help needs none of it

    texts = terminal_texts()
    path = settings_of(config).storage.database
    with busy(texts("cli-restore-progress")):
        restored = asyncio.run(put_back(file, path, clock.system(), at_the_terminal()))
    put(texts("cli-restore-done", path=str(path), backup=str(file)))
    for line in _told(texts, restored):
        say(line)
    return Status.DONE


def _told(texts: Texts, restored: Restored) -> list[str]:
    lines = []
    if restored.known_until is not None:
        lines.append(texts("cli-restore-known", until=texts.moment(restored.known_until)))
    if restored.former is not None:
        lines.append(texts("cli-restore-former", path=str(restored.former)))
    if restored.erased:
        lines.append(texts.plural("cli-restore-erased", restored.erased))
    return [*lines, texts("cli-restore-next")]


async def _written(database: Path, file: Path) -> Copy:
    """Return the backup that was written, once the database knows of it."""
    from bot.storage import backing_up, backups  # noqa: PLC0415  # help needs none of it
    from bot.storage.database import Database  # noqa: PLC0415

    try:
        copy = await asyncio.to_thread(backing_up.copy_of, database, file)
    except OSError as error:
        raise UserError("cli-backup-unwritable", path=str(file), reason=error.strerror or "") from None
    async with Database.join(database) as joined, joined.tx("backup") as connection:
        await backups.record(connection, copy, clock.system().now())
    return copy
