"""A newsroom and its settings."""

from __future__ import annotations

from dataclasses import dataclass

from bot.models.digest import QuietDays


@dataclass(frozen=True, slots=True, kw_only=True)
class Newsroom:
    """Hold the settings of one Discord guild.

    More new hits for one channel in a poll than `storm` become one message. With `second_source` a fact is verified on
    two citations of different origin. After `retention_days` in which nothing was done with a tip somebody is asked
    whether it is kept, never where it is None.
    """

    guild_id: int
    language: str
    timezone: str
    announcements_channel: int | None = None
    operations_channel: int | None = None
    log_channel: int | None = None
    reporter_role: int | None = None
    editor_role: int | None = None
    storm: int = 20
    quiet_days: QuietDays = QuietDays.SAY
    second_source: bool = True
    retention_days: int | None = 90
