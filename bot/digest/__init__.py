"""Digests: what happened since the last one, made at the hour the desk reads it (DESIGN.md section 3.6)."""

from bot.digest.digester import Digester, Made, due_slot
from bot.digest.scheduling import DIGESTS, remove, schedule

__all__ = ["DIGESTS", "Digester", "Made", "due_slot", "remove", "schedule"]
