"""What a notice of a procedure changes of what the ones before it said."""

from __future__ import annotations

from datetime import datetime

from bot.cards import Change
from bot.locales import Texts
from bot.models import Notice, NoticeKind
from bot.models.notice import plain_value
from bot.storage.archive import procedures
from bot.storage.database import Connection


async def stood_before(connection: Connection, texts: Texts, row: int, notice: Notice) -> tuple[Change, ...]:
    """Return what a corrigendum changes of what its procedure's notices said before, where one names it."""
    after = notice.deadline
    if notice.kind is not NoticeKind.CHANGE or notice.procedure is None or after is None:
        return ()
    before = await procedures.deadline_before(connection, row)
    if before is None:
        return ()
    is_to_the_minute = isinstance(before, datetime) and isinstance(after, datetime)
    if before == after if is_to_the_minute else texts.day(before) == texts.day(after):
        return ()
    return (Change("deadline", plain_value(before), plain_value(after)),)
