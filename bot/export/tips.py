"""The tips of a newsroom as tables: as they stand, what was done with them, what they said before."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from threading import Event
from typing import Any, Final

from bot.access import Viewer
from bot.csv_cells import quotable
from bot.export.files import Export, ExportSettings, OpenExport, filled
from bot.export.moments import Moments
from bot.export.things import in_thread, precision, stretches, surroundings, told_filters
from bot.models import ThingKind, TipChangeKind, TipFilter
from bot.storage.custody import exporting
from bot.storage.custody.audit import VIGIE
from bot.storage.custody.exporting import Stretch
from bot.storage.custody.exports import ExportKind, RangesOfIds

TIP_COLUMNS: Final = (
    "id",
    "dossier",
    "text",
    "status",
    "origin",
    "origin_url",
    "heard",
    "date_precision",
    "sensitive",
    "owner",
    "watch_items",
    "logged_by",
    "logged_at",
    "revision",
    "message_url",
    "heard_typed",
    "embargo_until",
)
NOTE_COLUMNS: Final = ("tip_id", "n", "done", "text", "before", "after", "made_by", "made_at")
VERSION_COLUMNS: Final = (
    "tip_id",
    "revision",
    "text",
    "origin",
    "origin_url",
    "heard",
    "date_precision",
    "sensitive",
    "made_by",
    "made_at",
    "replaced_by",
    "replaced_at",
    "reason",
    "heard_typed",
)
"""A version that was replaced: by whom, when and why stands with it, not with the one that took its place."""

_EMBARGOES: Final = {TipChangeKind.EMBARGOED, TipChangeKind.RELEASED}
_YES_OR_NO: Final = ("no", "yes")


async def export_tips(
    database: Path,
    viewer: Viewer,
    wanted: TipFilter,
    folder: Path,
    settings: ExportSettings,
    told: Callable[[int], None] | None = None,
) -> Export:
    """Write the tips that are asked for into a folder: `tips.csv`, `notes.csv`, `tip_versions.csv`, the manifest.

    Tips that the viewer may not know of are nowhere in it, and in no count. All else is as in `export_facts`.
    """
    return await in_thread(lambda stop: _export(database, viewer, wanted, folder, settings, told, stop))


def _export(
    database: Path,
    viewer: Viewer,
    wanted: TipFilter,
    folder: Path,
    settings: ExportSettings,
    told: Callable[[int], None] | None,
    stop: Event,
) -> Export:
    with filled(folder, settings) as files, exporting.reading(database) as connection:
        tables = _TipTables(files, connection, viewer, wanted)
        for stretch in stretches(connection, viewer.guild_id, ThingKind.TIP, stop):
            tables.write(stretch)
            if told is not None:
                told(tables.tips.rows)
        filters = told_filters(connection, viewer, wanted, settings.zone)
        head = exporting.audit_head(connection, viewer.guild_id)
        return files.finish(ExportKind.TIPS, viewer.guild_id, filters, head, tips=tables.ids.found)


class _TipTables:
    """Write the three tables, one stretch of tips after the other."""

    def __init__(self, files: OpenExport, connection: sqlite3.Connection, viewer: Viewer, wanted: TipFilter) -> None:
        self.tips = files.table("tips.csv", TIP_COLUMNS)
        self._notes = files.table("notes.csv", NOTE_COLUMNS)
        self._versions = files.table("tip_versions.csv", VERSION_COLUMNS)
        self.ids = RangesOfIds()
        self._asked = (connection, viewer, wanted)
        self._local = Moments(files.settings.zone).local

    def write(self, stretch: Stretch) -> None:
        """Write the tips of a stretch, with what was done with them and their earlier versions."""
        connection, viewer, _ = self._asked
        around = surroundings(connection, viewer.guild_id, ThingKind.TIP, stretch)
        found = list(exporting.tips(*self._asked, stretch))
        self.ids.add(row[0] for row in found)
        self.tips.add_ready(
            [
                (
                    str(tip),
                    around.dossiers.get(tip, ""),
                    quotable(words),
                    status,
                    quotable(origin),
                    quotable(origin_url),
                    heard or "",
                    precision(heard),
                    _YES_OR_NO[is_sensitive],
                    str(owner or ""),
                    around.items.get(tip, ""),
                    str(logged_by),
                    self._local(logged_at),
                    str(revision),
                    around.messages.get(tip, ""),
                    quotable(heard_typed),
                    self._local(embargo_until),
                )
                for (
                    tip,
                    words,
                    status,
                    origin,
                    origin_url,
                    heard,
                    heard_typed,
                    is_sensitive,
                    owner,
                    logged_by,
                    logged_at,
                    revision,
                    embargo_until,
                ) in found
            ]
        )
        self._notes.add_ready(
            [
                (
                    str(tip),
                    str(n),
                    done,
                    quotable(words),
                    self._state(done, before),
                    self._state(done, after),
                    str(made_by or VIGIE),
                    self._local(made_at),
                )
                for tip, n, done, words, before, after, made_by, made_at in exporting.tip_changes(*self._asked, stretch)
            ]
        )
        versions = pairwise(exporting.tip_versions(*self._asked, stretch))
        self._versions.add_ready(
            [
                self._version(former, successor)
                for former, successor in versions
                if former[0] == successor[0] and former[-1]
            ]
        )

    def _state(self, done: str, kept: str | None) -> str:
        """Return what a change found or left: of an embargo its end, a moment like any other."""
        return self._local(kept) if done in _EMBARGOES else quotable(kept)

    def _version(self, former: tuple[Any, ...], successor: tuple[Any, ...]) -> tuple[str, ...]:
        tip, revision, words, origin, origin_url, heard, heard_typed, is_sensitive, made_by, made_at = former[:10]
        replaced_by, replaced_at, reason = successor[8:11]
        return (
            str(tip),
            str(revision),
            quotable(words),
            quotable(origin),
            quotable(origin_url),
            heard or "",
            precision(heard),
            _YES_OR_NO[is_sensitive],
            str(made_by),
            self._local(made_at),
            str(replaced_by),
            self._local(replaced_at),
            quotable(reason),
            quotable(heard_typed),
        )
