"""Notices never seen that concern nobody and belong to nothing: most of a poll, stored all at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from bot.storage.archive import notices
from bot.storage.database import Connection
from bot.storage.reading.spool import Entry


async def alone(connection: Connection, entries: Sequence[Entry], with_more: Collection[str]) -> list[Entry]:
    """Return the entries of a batch of which nothing but the notice itself is to be stored.

    `with_more` are the ids of those that are stored already or have hits. Of the others it is those of which no notice,
    stored or of the batch, shares the procedure or names them by the source's id, and which name no other one so.
    """
    new = [entry for entry in entries if entry.notice.id not in with_more]
    of_batch = Counter(entry.notice.procedure for entry in entries)
    asked = {name for entry in new for name in (entry.notice.procedure, _named(entry)) if name is not None}
    stored = await notices.procedures_among(connection, asked)

    def is_alone(entry: Entry) -> bool:
        procedure = entry.notice.procedure
        if procedure is None:
            return True
        if of_batch[procedure] > 1 or procedure in stored:
            return False
        own = _named(entry)
        if procedure == own:
            return True
        return own not in of_batch and own not in stored and not procedure.startswith(f"{entry.notice.source}:")

    return [entry for entry in new if is_alone(entry)]


def _named(entry: Entry) -> str:
    """Return the procedure of notices that know a notice by the source's id alone."""
    return f"{entry.notice.source}:{entry.notice.id}"
