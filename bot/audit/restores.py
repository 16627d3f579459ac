"""The restored backups that an audit log tells of: what was told of the log between, it does not know any more."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime

from bot.audit.report import Restore
from bot.storage.custody import verifying


def restores_in(connection: sqlite3.Connection, guild_id: int) -> list[Restore]:
    """Return the restores that a newsroom's audit log tells of, the first one first; not those of empty backups."""
    return [found for row in verifying.restores(connection, guild_id) if (found := _restore(row)) is not None]


def moment_of(text: object) -> datetime | None:
    """Return the moment that a text is; None where it is none, or none with an offset."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _restore(row: sqlite3.Row) -> Restore | None:
    try:
        known_until = moment_of(json.loads(row["detail"])["known_until"])
    except (ValueError, TypeError, KeyError):
        return None
    at = moment_of(row["made_at"])
    return None if at is None or known_until is None else Restore(at, known_until)
