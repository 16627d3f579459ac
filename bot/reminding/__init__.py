"""Reminders: who belongs to a newsroom, what waits for whom, and what changed since somebody exported it."""

from __future__ import annotations

from bot.reminding.reminder import Reminder
from bot.reminding.visits import Visits

__all__ = ["Reminder", "Visits"]
