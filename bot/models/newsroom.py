"""A newsroom and its settings."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Newsroom:
    """Hold the settings of one Discord guild."""

    guild_id: int
    language: str
    timezone: str
    announcements_channel: int | None = None
    operations_channel: int | None = None
    log_channel: int | None = None
    reporter_role: int | None = None
    editor_role: int | None = None
