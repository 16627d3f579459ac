"""What an audit log knows of an export: the head that its manifest carries, and the manifest itself."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bot.audit.verifying import holds
from bot.models import AuditHead
from bot.storage import verifying


class Knowledge(StrEnum):
    """Say whether a log knows an export."""

    KNOWN = "known"
    HEAD_UNKNOWN = "head_unknown"
    MANIFEST_UNKNOWN = "manifest_unknown"


@dataclass(frozen=True, slots=True)
class KnownExport:
    """Hold what a log knows of an export; `entry` is the one that tells of it, None where there is none."""

    knowledge: Knowledge
    entry: int | None = None


def look_up(path: Path, guild_id: int, head: AuditHead | None, manifest_sha256: str) -> KnownExport:
    """Return what the audit log of a newsroom knows of an export; `head` is the one that its manifest carries.

    `path` is a database of this version. Reads: call it in a thread. Raises sqlite3.DatabaseError as `verify` does.
    """
    with verifying.reading(path) as connection:
        if head is not None and not holds(connection, guild_id, head):
            return KnownExport(Knowledge.HEAD_UNKNOWN)
        for row in verifying.exports_since(connection, guild_id, head.number if head is not None else 0):
            if _manifest_in(row["detail"]) == manifest_sha256:
                return KnownExport(Knowledge.KNOWN, row["number"])
    return KnownExport(Knowledge.MANIFEST_UNKNOWN)


def _manifest_in(detail: str) -> str | None:
    """Return the checksum of the manifest that the entry of an export tells."""
    try:
        told = json.loads(detail).get("manifest")
    except ValueError:
        return None
    return told if isinstance(told, str) else None
