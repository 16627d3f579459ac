"""The hits of a newsroom as a table and as JSON lines, and the notices that they are of (DESIGN.md section 7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from bot.export.files import Export, ExportSettings, days, filled
from bot.models import Notice
from bot.storage.archive import notices
from bot.storage.custody import audit, exporting
from bot.storage.custody.exports import ExportKind
from bot.storage.database import Connection
from bot.storage.log import dossiers
from bot.storage.watching import hits, watchlist
from bot.storage.watching.hits import HitFilter
from bot.watchlist import hits_file

AT_ONCE: Final = 200


async def export_hits(
    database: Path,
    guild_id: int,
    wanted: HitFilter,
    folder: Path,
    settings: ExportSettings,
    told: Callable[[int], None] | None = None,
) -> Export:
    """Write a newsroom's hits that are asked for into a folder, newest first: `hits.csv`, `hits.jsonl`, the manifest.

    `told` hears how many are written. Raises as `export_facts` does. Files are written between the reads, a page at a
    time: it is for the command line, which has nothing else to do.
    """
    with filled(folder, settings) as files:
        table, lines = files.table("hits.csv", hits_file.COLUMNS), files.lines("hits.jsonl")
        async with exporting.snapshot(database) as connection:
            before = None
            while page := await hits.listed(connection, guild_id, wanted, AT_ONCE, before=before):
                table.add(hits_file.hit_row(listed, settings.zone) for listed in page)
                lines.add(listed.stored.hit.to_json() for listed in page)
                before = page[-1].stored.row
                if told is not None:
                    told(table.rows)
            filters = await _told_filters(connection, guild_id, wanted, settings.zone)
            head = await audit.head(connection, guild_id)
        return files.finish(ExportKind.HITS, guild_id, filters, head)


async def export_notices(
    database: Path,
    guild_id: int,
    wanted: HitFilter,
    folder: Path,
    settings: ExportSettings,
    told: Callable[[int], None] | None = None,
) -> Export:
    """Write the notices that hit a newsroom's items into a folder, as they last were: `notices.jsonl`, the manifest.

    Here the filter's `since` and `until` mean published: a notice without that date is in no period. All else is as in
    `export_hits`; `vigie match` reads the file.
    """
    with filled(folder, settings) as files:
        lines = files.lines("notices.jsonl")
        async with exporting.snapshot(database) as connection:
            row = 0
            while rows := await exporting.hit_notices(connection, guild_id, wanted, row, AT_ONCE):
                found = await notices.latest(connection, rows)
                lines.add(found[row].to_json() for row in rows if _is_asked(found[row], wanted, settings.zone))
                row = rows[-1]
                if told is not None:
                    told(lines.rows)
            filters = await _told_filters(connection, guild_id, wanted, settings.zone)
            head = await audit.head(connection, guild_id)
        return files.finish(ExportKind.NOTICES, guild_id, filters, head)


def _is_asked(notice: Notice, wanted: HitFilter, zone: ZoneInfo) -> bool:
    """Return whether a notice was published in the period; a date alone is the beginning of that day in the zone."""
    if wanted.since is None and wanted.until is None:
        return True
    if notice.published is None:
        return False
    published = notice.published
    moment = published if isinstance(published, datetime) else datetime.combine(published, time(), zone)
    return (wanted.since is None or moment >= wanted.since) and (wanted.until is None or moment < wanted.until)


async def _told_filters(connection: Connection, guild_id: int, wanted: HitFilter, zone: ZoneInfo) -> dict[str, Any]:
    """Return what was asked for as the manifest tells it."""
    item = await watchlist.find(connection, guild_id, wanted.item_id) if wanted.item_id is not None else None
    dossier = await dossiers.find(connection, guild_id, wanted.dossier_id) if wanted.dossier_id is not None else None
    return {
        "item": {"id": item.id, "name": item.name} if item else None,
        "dossier": {"id": dossier.id, "name": dossier.name} if dossier else None,
        **days(wanted.since, wanted.until, zone),
    }
