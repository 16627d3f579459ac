"""What an audit log knows of an export: the head that its manifest carries, and the manifest itself."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from bot.audit.report import Restore
from bot.audit.restores import moment_of, restores_in
from bot.audit.verifying import holds
from bot.models import AuditHead
from bot.storage.custody import verifying


class Knowledge(StrEnum):
    """Say whether a log knows an export, or may not know it because the database is from before it."""

    KNOWN = "known"
    HEAD_UNKNOWN = "head_unknown"
    MANIFEST_UNKNOWN = "manifest_unknown"
    RESTORED_SINCE = "restored_since"
    DATABASE_OLDER = "database_older"


@dataclass(frozen=True, slots=True)
class KnownExport:
    """Hold what a log knows of an export; `entry` is the one that tells of it, None where there is none.

    `restore` is the one after which the log cannot know it, `log_until` when an older log ends.
    """

    knowledge: Knowledge
    entry: int | None = None
    is_head_known: bool = True
    restore: Restore | None = None
    log_until: datetime | None = None


def look_up(
    path: Path, guild_id: int, head: AuditHead | None, manifest_sha256: str, exported_at: datetime | None = None
) -> KnownExport:
    """Return what the audit log of a newsroom knows of an export; `head` is the one that its manifest carries.

    `exported_at` is when the manifest says that it was made: a log that came back from a backup since, or that ends
    before, may not know it although nobody altered anything.
    `path` is a database of this version. Reads: call it in a thread. Raises sqlite3.DatabaseError as `verify` does.
    """
    with verifying.reading(path) as connection:
        if head is not None and not holds(connection, guild_id, head):
            return _unknown(connection, guild_id, exported_at, KnownExport(Knowledge.HEAD_UNKNOWN, is_head_known=False))
        for row in verifying.exports_since(connection, guild_id, head.number if head is not None else 0):
            if _manifest_in(row["detail"]) == manifest_sha256:
                return KnownExport(Knowledge.KNOWN, row["number"])
        return _unknown(connection, guild_id, exported_at, KnownExport(Knowledge.MANIFEST_UNKNOWN))


def _unknown(
    connection: sqlite3.Connection, guild_id: int, exported_at: datetime | None, found: KnownExport
) -> KnownExport:
    """Return why a log may not know an export that is as it was written, where there is such a reason."""
    if exported_at is None:
        return found
    for restore in reversed(restores_in(connection, guild_id)):
        if restore.hides(exported_at):
            return replace(found, knowledge=Knowledge.RESTORED_SINCE, restore=restore)
    last = moment_of(verifying.last_made(connection, guild_id))
    if last is not None and last < exported_at:
        return replace(found, knowledge=Knowledge.DATABASE_OLDER, log_until=last)
    return found


def _manifest_in(detail: str) -> str | None:
    """Return the checksum of the manifest that the entry of an export tells."""
    try:
        told = json.loads(detail).get("manifest")
    except ValueError:
        return None
    return told if isinstance(told, str) else None
