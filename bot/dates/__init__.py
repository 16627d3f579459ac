"""What a person typed -> a date with its precision, which says no more than they did.

Notices never pass through here: their formats are strict, per source.
"""

from __future__ import annotations

from bot.dates.asking import Prefers
from bot.dates.reading import MAX_CHARS, load, read_date
from bot.dates.spans import Part, Precision
from bot.dates.typed import TypedDate, echo, stored

__all__ = ["MAX_CHARS", "Part", "Precision", "Prefers", "TypedDate", "echo", "load", "read_date", "stored"]
