"""An export made and read back, cell by cell, by the csv module."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.access import Viewer
from bot.export import Export, ExportSettings, export_facts, export_tips
from bot.models import FactFilter, TipFilter
from tests.factories import GUILD, START

NOBODY = Viewer(guild_id=GUILD, user_id=0, sees_all=False)
ALL_SEEING = Viewer(guild_id=GUILD, user_id=0, sees_all=True)


def settings_with(**said: Any) -> ExportSettings:
    values = {"zone": ZoneInfo("Europe/Paris"), "exported_by": "42", "exported_at": START, "version": "9.9", **said}
    return ExportSettings(**values)


async def facts_of(
    database: Path, folder: Path, wanted: FactFilter | None = None, viewer: Viewer = NOBODY, **said: Any
) -> Export:
    return await export_facts(database, viewer, wanted or FactFilter(), folder, settings_with(**said))


async def tips_of(
    database: Path, folder: Path, wanted: TipFilter | None = None, viewer: Viewer = NOBODY, **said: Any
) -> Export:
    return await export_tips(database, viewer, wanted or TipFilter(), folder, settings_with(**said))


def table(path: Path, separator: str = ",") -> list[dict[str, str]]:
    """Return the rows of a table by the names of its header; each has a cell for every column."""
    header, *rows = csv.reader(
        io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""), delimiter=separator, strict=True
    )
    return [dict(zip(header, row, strict=True)) for row in rows]


def column(path: Path, name: str) -> list[str]:
    return [row[name] for row in table(path)]


def manifest(folder: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((folder / "manifest.json").read_bytes())
    return read


def holds(folder: Path, words: bytes) -> list[str]:
    """Return the names of the files in which some words stand."""
    return [file.name for file in folder.iterdir() if words in file.read_bytes()]
