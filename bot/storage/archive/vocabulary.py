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
_LONGEST_WAIT = 0.2
"""Seconds that a locked database is waited for: the answer only tells a weak hit from none."""


def is_regular(path: Path, word: str) -> bool:
    """Return whether the stored notices use a folded word regularly: at least five of them hold it.

    Takes about a millisecond whatever the word; not for the event loop. False where the words are not indexed yet, and,
    said once in the log, where the database cannot be read now.
    """
    try:
        with closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=_LONGEST_WAIT)
        ) as connection:
            row = connection.execute(
                "SELECT count(*) FROM (SELECT rowid FROM notice_words WHERE notice_words MATCH ? LIMIT ?)",
                (f'"{word.replace(chr(34), "")}"', REGULAR),
            ).fetchone()
    except sqlite3.OperationalError as error:
        _say_once(str(error))
        return False
    return int(row[0]) >= REGULAR


@functools.cache
def _say_once(fault: str) -> None:
    log.warning("words of stored notices not looked up, misspelt names count: %s", fault)
