"""Which words the stored notices use, for a worker thread that matches: synchronous, on a connection of its own."""

from __future__ import annotations

import functools
import logging
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

log = logging.getLogger(__name__)

REGULAR: Final = 5
"""Notices that hold a spelling before it passes for a name of its own, and no misspelling."""
COMMON_PERCENT: Final = 5
LEAST_COMMON: Final = 50
"""A word that so many of a hundred stored notices hold, and this many at least, says nothing of what one is about."""
_LONGEST_WAIT = 0.2
"""Seconds that a locked database is waited for: the answer only tells a weak hit from none."""


def is_regular(path: Path, word: str) -> bool:
    """Return whether the stored notices use a folded word regularly: at least five of them hold it.

    Takes about a millisecond whatever the word; not for the event loop. False where the words are not indexed yet, and,
    said once in the log, where the database cannot be read now.
    """
    return _held_by(path, word, "?2", REGULAR)


def is_common(path: Path, word: str) -> bool:
    """Return whether a folded word stands in many of the stored notices, whatever they are about, as `is_regular`."""
    return _held_by(
        path, word, f"(SELECT max(?2, coalesce(max(id), 0) * {COMMON_PERCENT} / 100) FROM notice)", LEAST_COMMON
    )


def _held_by(path: Path, word: str, enough: str, least: int) -> bool:
    """Return whether enough notices hold a word, how many those are being SQL of the `least` of them."""
    try:
        with closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=_LONGEST_WAIT)
        ) as connection:
            row = connection.execute(
                f"""
                SELECT count(*) >= {enough}
                FROM (SELECT rowid FROM notice_words WHERE notice_words MATCH ?1 LIMIT {enough})
                """,
                (f'"{word.replace(chr(34), "")}"', least),
            ).fetchone()
    except sqlite3.OperationalError as error:
        _say_once(str(error))
        return False
    return bool(row[0])


@functools.cache
def _say_once(fault: str) -> None:
    log.warning("words of stored notices not looked up, misspelt names count: %s", fault)
