"""What people do with tips: each change is one transaction, noted by whom and when, and shown where the tip is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from bot.access import Action, Viewer
from bot.dossiers import put_new
from bot.entering import MINUTE, Belongings, refuse_haste, use_draft
from bot.errors import UserError
from bot.models import ThingKind, Tip, TipStatus, TipWords
from bot.publishing import publish
from bot.storage.custody import audit
from bot.storage.database import Connection, Database
from bot.storage.log import about, embargoes, tips
from bot.tips.missing import missing_tip
from bot.tips.statuses import refuse_move

TIPS: Final = 100_000
"""Tips of one newsroom."""
NOTES: Final = 200
"""Notes of one tip."""


@dataclass(frozen=True, slots=True)
class Changed:
    """Hold a tip as it now stands and the channels that are owed its card; `is_changed` is False when it was so."""

    tip: Tip
    channels: Sequence[int] = ()
    is_changed: bool = True


async def add(
    database: Database,
    viewer: Viewer,
    words: TipWords,
    now: datetime,
    belongings: Belongings | None = None,
    *,
    notes: Sequence[str] = (),
) -> Changed:
    """Log a tip with its first notes, under embargo where it belongs there still.

    Raises UserError for a form sent twice, in too much haste, in a full newsroom, or for a closed dossier.
    """
    belongings = belongings or Belongings()
    async with database.tx("tip.add") as connection:
        await use_draft(connection, viewer, belongings.draft)
        refuse_haste(await tips.logged_since(connection, viewer.guild_id, viewer.user_id, now - MINUTE))
        if await tips.total(connection, viewer.guild_id) >= TIPS:
            raise UserError("tips-full", most=TIPS)
        tip = await tips.add(connection, viewer.guild_id, words, viewer.user_id, now)
        await about.link(connection, tip.guild_id, ThingKind.TIP, tip.id, belongings.items, viewer.user_id, now)
        await put_new(connection, viewer, belongings.dossiers, ThingKind.TIP, tip.id, now)
        for text in notes:
            tip = await tips.note(connection, tip, text, viewer.user_id, now)
        if belongings.embargo_until is not None and belongings.embargo_until > now:
            tip = await embargoes.put_until(connection, tip, belongings.embargo_until, viewer.user_id, now)
        gathered = {"items": sorted(belongings.items), "dossiers": sorted(belongings.dossiers)}
        return await _changed(connection, viewer, tip, Action.TIP_ADD, now, **gathered)


async def edit(
    database: Database,
    viewer: Viewer,
    tip_id: int,
    words: TipWords,
    now: datetime,
    *,
    seen: int,
    reason: str | None = None,
    draft: int | None = None,
) -> Changed:
    """Replace the words of a tip by a new version; the former ones stay.

    `seen` is the version that the person had before them. Raises UserError for a form sent twice, and TipEditedError,
    with the tip as it now stands, where somebody made another version meanwhile.
    """
    async with database.tx("tip.edit") as connection:
        await use_draft(connection, viewer, draft)
        tip = await _tip(connection, viewer, tip_id)
        if tip.revision != seen:
            raise TipEditedError("tip-edited-meanwhile", tip)
        if words_of(tip) == words:
            return Changed(tip, is_changed=False)
        tip = await tips.edit(connection, tip, words, reason, viewer.user_id, now)
        return await _changed(connection, viewer, tip, Action.TIP_EDIT, now)


class TipEditedError(UserError):
    """Refuse an edit of a version that is no longer the last one; `tip` is how it stands."""

    def __init__(self, text: str, tip: Tip) -> None:
        super().__init__(text, id=tip.id)
        self.tip = tip


async def note(database: Database, viewer: Viewer, tip_id: int, text: str, now: datetime) -> Changed:
    """Add a note to a tip; raises UserError where it has as many as it may, or in too much haste."""
    async with database.tx("tip.note") as connection:
        tip = await _tip(connection, viewer, tip_id)
        refuse_haste(await tips.noted_since(connection, viewer.guild_id, viewer.user_id, now - MINUTE))
        if await tips.notes(connection, viewer.guild_id, tip.id) >= NOTES:
            raise UserError("notes-full", most=NOTES)
        tip = await tips.note(connection, tip, text, viewer.user_id, now)
        return await _changed(connection, viewer, tip, Action.TIP_NOTE, now)


async def assign(database: Database, viewer: Viewer, tip_id: int, owner: int, now: datetime) -> Changed:
    """Give a tip to a member, who may then see it though it is sensitive."""
    async with database.tx("tip.assign") as connection:
        tip = await _tip(connection, viewer, tip_id)
        if tip.owner == owner:
            return Changed(tip, is_changed=False)
        tip = await tips.assign(connection, tip, owner, viewer.user_id, now)
        return await _changed(connection, viewer, tip, Action.TIP_ASSIGN, now)


async def set_status(database: Database, viewer: Viewer, tip_id: int, status: TipStatus, now: datetime) -> Changed:
    """Move a tip to a status; raises UserError for one that its status does not lead to."""
    async with database.tx("tip.status") as connection:
        tip = await _tip(connection, viewer, tip_id)
        if tip.status is status:
            return Changed(tip, is_changed=False)
        refuse_move(tip, status)
        tip = await tips.set_status(connection, tip, status, viewer.user_id, now)
        return await _changed(connection, viewer, tip, Action.TIP_STATUS, now)


def words_of(tip: Tip) -> TipWords:
    """Return the words of a tip, as an edit replaces them."""
    return TipWords(
        text=tip.text,
        origin=tip.origin,
        origin_url=tip.origin_url,
        heard=tip.heard,
        heard_typed=tip.heard_typed,
        is_sensitive=tip.is_sensitive,
    )


async def _tip(connection: Connection, viewer: Viewer, tip_id: int) -> Tip:
    tip = await tips.find(connection, viewer, tip_id)
    if tip is None:
        raise await missing_tip(connection, viewer, tip_id, str(tip_id))
    return tip


async def _changed(
    connection: Connection, viewer: Viewer, tip: Tip, action: Action, now: datetime, **detail: Any
) -> Changed:
    """Note a change whose rows are all written in the audit log, and owe the cards that show it."""
    thing = (ThingKind.TIP, tip.id)
    await audit.note(connection, tip.guild_id, viewer.user_id, action, now, thing=thing, detail=detail)
    return Changed(tip, await publish(connection, tip, now))
