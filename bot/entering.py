"""What people enter into the team's log: cleaned, within the lengths, once, and not faster than people type."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.access import Viewer
from bot.dates import TypedDate
from bot.errors import UserError
from bot.markup import plain, utf16_len
from bot.storage.database import Connection
from bot.storage.log import drafts
from bot.storage.log.drafts import Draft

A_MINUTE: Final = 30
"""How many tips, and how many facts, one person may log in a minute."""
MINUTE: Final = timedelta(minutes=1)

DateReader = Callable[[str], TypedDate]
"""How a newsroom reads a typed date: `bot.dates.read_date` in its language and zone, now."""


class TooLong(StrEnum):
    """Name what was typed too long: the text id of the UserError that refuses it; it carries `most` and `found`."""

    TIP = "too-long-tip"
    ORIGIN = "too-long-origin"
    NOTE = "too-long-note"
    CLAIM = "too-long-claim"
    CITATION = "too-long-citation"
    QUOTE = "too-long-quote"
    REASON = "too-long-reason"
    DOSSIER = "too-long-dossier"


MOST_CHARS: Final = {
    TooLong.TIP: 4_000,
    TooLong.ORIGIN: 300,
    TooLong.NOTE: 2_000,
    TooLong.CLAIM: 1_000,
    TooLong.CITATION: 1_000,
    TooLong.QUOTE: 2_000,
    TooLong.REASON: 500,
    TooLong.DOSSIER: 80,
}
"""How many characters each text may have, counted in UTF-16 units as Discord's forms count them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Belongings:
    """Hold what a new tip or fact belongs to: our ids of watch items and dossiers, and the draft of its form.

    With `embargo_until` it is hidden from others from the first.
    """

    items: Sequence[int] = ()
    dossiers: Sequence[int] = ()
    draft: int | None = None
    embargo_until: datetime | None = None


def read_text(typed: str, too_long: TooLong, *, newlines: bool = False) -> str:
    """Return a text as it is kept, without what cannot be seen; may be empty.

    Raises UserError where it has more characters than MOST_CHARS allows.
    """
    text = plain(typed, newlines=newlines).strip()
    most, found = MOST_CHARS[too_long], utf16_len(text)
    if found > most:
        raise UserError(too_long, most=most, found=found)
    return text


def read_reason(typed: str) -> str:
    """Return the reason of a change; raises UserError where it is empty or too long."""
    reason = read_text(typed, TooLong.REASON)
    if not reason:
        raise UserError("reason-empty")
    return reason


def refuse_haste(logged: int) -> None:
    """Raise UserError when a person logged as many things in the last minute as one may."""
    if logged >= A_MINUTE:
        raise UserError("log-too-fast", most=A_MINUTE)


async def use_draft(connection: Connection, viewer: Viewer, draft: int | None) -> None:
    """Let go of the draft of a form, where there was a form, in the transaction of what it asks for.

    Raises UserError where the form was sent before, or was emptied as a tip was erased: it asks for nothing any more.
    """
    if draft is None or await drafts.consume(connection, viewer.guild_id, viewer.user_id, draft):
        return
    left = await drafts.find(connection, viewer.guild_id, viewer.user_id, draft)
    if left is not None and left.form == drafts.ERASED:
        raise emptied(left)
    raise UserError("form-already-sent")


def emptied(draft: Draft) -> UserError:
    """Return why nothing is left of a draft: the tip was erased that it was about, or whose words stood in it."""
    tip_id = draft.context.get("tip")
    return UserError("form-gone") if tip_id is None else UserError("form-of-erased-tip", id=tip_id)
