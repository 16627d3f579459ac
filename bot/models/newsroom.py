"""A newsroom and its settings."""

from __future__ import annotations

from dataclasses import dataclass

from bot.models.digest import QuietDays


@dataclass(frozen=True, slots=True, kw_only=True)
class Newsroom:
    """Hold the settings of one Discord guild.

    More new hits for one channel in a poll than `storm` become one message. With `second_source` a fact is verified on
    two citations of different origin. After `retention_days` in which nothing was done with a tip somebody is asked
    whether it is kept, never where it is None. With `threads` what comes after the first message on a procedure goes
    into a thread of it. `deadline_days` before a deadline comes a reminder, `award_days` after one without an award an
    alarm, None is never. Between the local times `quiet_from` and `quiet_until`, as HH:MM, both None for never, nothing
    that Vigie found by itself is sent.
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
    threads: bool = False
    deadline_days: int | None = 3
    award_days: int | None = 90
    quiet_from: str | None = None
    quiet_until: str | None = None
