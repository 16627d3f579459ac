"""What is kept of an export once its files are written: in the database who took what, in the audit log that it was."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from bot.errors import UserError
from bot.export.files import Export
from bot.storage.custody import audit, erasing, exports
from bot.storage.custody.exports import ExportKind
from bot.storage.database import Connection, Database

AT_THE_COMMAND_LINE: Final = "export"
"""The action of an export that `vigie export` made; those of Discord are called as their commands are."""


async def record(
    database: Database, guild_id: int, export: Export, by: int | str, action: str, folder: str | None = None
) -> None:
    """Note an export and its entry in the audit log, both or neither, then let its manifest have its name.

    Where that fails its files are taken away.

    `by` is a Discord user id, or `cli:name`; `action` the command that made it; `folder` where the command line wrote
    it. Raises UserError where one of its tips was erased while it was written, sqlite3.OperationalError where the
    database cannot be written, or another process does all the while.
    """
    detail = {
        "kind": export.kind.value,
        "filters": export.filters,
        "rows": {file.name: file.rows for file in export.files},
        "manifest": export.manifest_sha256,
        "folder": folder,
    }
    try:
        async with database.tx("export.record") as connection:
            await _refuse_erased(connection, guild_id, export)
            export_id = await exports.record(
                connection,
                guild_id,
                export.kind,
                by,
                export.made_at,
                filters=export.filters,
                facts=export.facts,
                tips=export.tips,
                last_change=export.last_change,
                folder=folder,
            )
            subject = f"export:{export_id}"
            await audit.note(connection, guild_id, by, action, export.made_at, subject=subject, detail=detail)
        await asyncio.to_thread(export.complete)
    except BaseException:
        await asyncio.to_thread(export.take_away)
        raise


async def _refuse_erased(connection: Connection, guild_id: int, export: Export) -> None:
    if await erasing.is_any_erased(connection, guild_id, export.tips):
        raise UserError("export-tip-erased")


async def record_file(  # noqa: PLR0913  # an export is who took what, by which command
    database: Database,
    guild_id: int,
    kind: ExportKind,
    content: bytes,
    rows: int,
    filters: Mapping[str, Any],
    *,
    by: int,
    action: str,
    now: datetime,
) -> None:
    """Note that a table without a manifest, `content`, was taken out, and its entry in the audit log."""
    sha256 = await asyncio.to_thread(lambda: hashlib.sha256(content).hexdigest())
    detail = {"kind": kind.value, "filters": filters, "rows": rows, "sha256": sha256}
    async with database.tx("export.record_file") as connection:
        export_id = await exports.record(connection, guild_id, kind, by, now, filters=filters)
        subject = f"export:{export_id}"
        await audit.note(connection, guild_id, by, action, now, subject=subject, detail=detail)
