"""`vigie migrate`: the database brought to the schema of this version."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from bot import clock
from bot.cli._settings import ConfigOption, settings_of
from bot.cli._terminal import Status, busy, command, put, terminal_texts

if TYPE_CHECKING:
    from bot.storage.migrations import Migration


@command
def migrate(config: ConfigOption = None) -> Status:
    """Bring the database to the schema of this version, a copy of it made first; refuses while the bot runs."""
    texts = terminal_texts()
    path = settings_of(config).storage.database
    is_new = not path.exists()
    with busy(texts("cli-migrate-progress")):
        todo = asyncio.run(_migrate(path, is_new=is_new))
    if is_new:
        put(texts("cli-migrate-created", path=str(path)))
    elif not todo:
        put(texts("cli-migrate-nothing", path=str(path)))
    else:
        copy = path.with_name(f"{path.name}.before-{todo[0].number:04d}")
        if copy.exists():
            put(texts("cli-migrate-copy", path=str(copy)))
        for migration in todo:
            put(texts("cli-migrate-applied", migration=f"{migration.number:04d}_{migration.name}"))
    return Status.DONE


async def _migrate(path: Path, *, is_new: bool) -> tuple[Migration, ...]:
    """Return the migrations that were missing and now are not."""
    from bot.storage.custody.inspection import examine  # noqa: PLC0415
    from bot.storage.database import Database  # noqa: PLC0415  # help needs none of it

    todo = () if is_new else (await asyncio.to_thread(examine, path)).pending
    database = await Database.open(path, clock.system())
    await database.close()
    return todo
