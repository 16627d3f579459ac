"""A tip erased: no trace of its words stays, its messages are taken out, and what cannot be reached is named."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.access import Action, Viewer
from bot.matching import folded_words
from bot.models import ThingKind, Tip
from bot.storage.custody import audit, backups, copies, erasing
from bot.storage.custody.backups import Backup
from bot.storage.custody.copies import DatabaseCopy
from bot.storage.custody.erased import ErasedTip
from bot.storage.custody.erasing import Exported, TipTexts
from bot.storage.database import Connection, Database
from bot.storage.log import drafts, facts, reminders, tips
from bot.storage.log.drafts import Draft
from bot.storage.outbox import known, withdrawals
from bot.storage.outbox.withdrawals import Withdrawal
from bot.tips.missing import missing_tip

_WORDS_OF_ITS_OWN: Final = 3
"""From how many words on an origin or a reason is told from what anybody might type."""
_CHARS_OF_ITS_OWN: Final = 12
"""From how many characters on a text gives a tip away within another one: `vu` or `confirmé` does not."""
_EMPTYING_TRIES: Final = 40
_EMPTYING_PAUSE_S: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Hold what an erasure reaches, and what it does not.

    `messages` are those of the bot that are taken out, `digests` those that name it in channels that refuse us, `facts`
    our ids of those that were made of the tip and stay, of which one may know. `backups`, `copies` and `exports` may
    hold its words.
    """

    versions: int
    messages: Sequence[Withdrawal]
    digests: Sequence[Withdrawal]
    facts: Sequence[int]
    backups: Sequence[Backup]
    copies: Sequence[DatabaseCopy]
    exports: Sequence[Exported]


@dataclass(frozen=True, slots=True)
class Erased:
    """Hold an erased tip and how far that reached: where it had been erased before, how far it reached until now.

    `is_emptied` is False while a reader keeps the database's write-ahead log from being emptied: that is tried again.
    """

    tip: ErasedTip
    reach: Reach
    is_first: bool = True
    is_emptied: bool = True


async def reach_of(database: Database, viewer: Viewer, tip_id: int) -> Reach:
    """Return how far the erasure of a tip would reach; raises UserError where there is none that one may know of."""
    beside = await asyncio.to_thread(copies.beside, database.path)
    async with database.read() as connection:
        tip = await tips.find(connection, viewer, tip_id)
        if tip is None:
            raise await missing_tip(connection, viewer, tip_id, str(tip_id))
        return await _reach(connection, viewer, tip.id, tip.revision, beside)


async def erase(database: Database, viewer: Viewer, tip_id: int, now: datetime) -> Erased:
    """Erase a tip: all of it or nothing, once; its messages are taken out by the delivery, which is to be woken.

    One that was erased before stays as it is, and what that did not reach is told anew.
    Raises UserError where there is no such tip that the person may know of.
    """
    beside = await asyncio.to_thread(copies.beside, database.path)
    async with database.tx("tip.erase") as connection:
        tip = await tips.find(connection, viewer, tip_id)
        if tip is None:
            before = await erasing.find(connection, viewer, tip_id)
            if before is None:
                raise await missing_tip(connection, viewer, tip_id, str(tip_id))
            reach = await _reach(connection, viewer, tip_id, 0, beside)
            return Erased(before, reach, is_first=False, is_emptied=not database.owes_empty_log)
        reach = await _reach(connection, viewer, tip.id, tip.revision, beside)
        await erase_in(connection, tip, by=viewer.user_id, at=now, now=now)
        # Whatever becomes of this task, the log is emptied.
        database.owes_empty_log = True
    is_emptied = await _emptied(database)
    erased = ErasedTip(tip.guild_id, tip.id, tip.logged_at, viewer.user_id, now)
    return Erased(erased, reach, is_emptied=is_emptied)


async def erase_again(database: Database, erased: ErasedTip, now: datetime) -> bool:
    """Erase a tip that is known to have been erased, as it was then; return False where that is not to be done."""
    async with database.tx("tip.erase_again") as connection:
        if await erasing.is_erased(connection, erased.guild_id, erased.tip_id):
            return False
        try:
            tip = await tips.get(connection, erased.guild_id, erased.tip_id)
        except LookupError:
            return False
        if tip.logged_at != erased.logged_at:
            return False
        await erase_in(connection, tip, by=erased.erased_by, at=erased.erased_at, now=now)
    await _emptied(database)
    return True


async def erase_in(connection: Connection, tip: Tip, *, by: int, at: datetime, now: datetime) -> None:
    """Erase a tip in the transaction of a connection, in the name of who erases or erased it at a moment."""
    # The entry comes first: only what it names may lose its openings. It seals no row: its own opening stays.
    subject, detail = f"{ThingKind.TIP}:{tip.id}", erasing.left_of(tip, at)
    await audit.note(connection, tip.guild_id, by, Action.TIP_ERASE, now, subject=subject, detail=detail)
    await _forget_forms(connection, tip)
    await withdrawals.withdraw(connection, tip.guild_id, tip.id, now)
    await withdrawals.hide_in_digests(connection, tip.guild_id, tip.id, now)
    await withdrawals.remake_reminders(connection, tip.guild_id, tip.id, now)
    await erasing.erase(connection, tip, by, at)
    await reminders.reword(connection, tip.guild_id, tip.id, now)
    await known.refresh(connection, tip.guild_id, tip_id=tip.id, now=now)


async def _reach(
    connection: Connection, viewer: Viewer, tip_id: int, versions: int, beside: Sequence[DatabaseCopy]
) -> Reach:
    made_facts = await facts.of_tip(connection, viewer.guild_id, tip_id)
    return Reach(
        versions=versions,
        messages=await withdrawals.standing(connection, viewer.guild_id, tip_id),
        digests=await withdrawals.digests_beyond(connection, viewer.guild_id, tip_id),
        facts=[one for one in made_facts if await facts.find(connection, viewer, one) is not None],
        # Which of them were made before the tip no clock tells: it may have been set back.
        backups=await backups.every(connection),
        copies=beside,
        exports=await erasing.exports_of(connection, viewer.guild_id, tip_id),
    )


async def _forget_forms(connection: Connection, tip: Tip) -> None:
    """Empty every form of the newsroom that is about a tip or in which something stands that was written of it."""
    texts = await erasing.texts_of(connection, tip)
    wanted = _phrases(texts)
    for draft in await drafts.every(connection, tip.guild_id):
        if draft.context.get("tip") == tip.id:
            await drafts.empty(connection, draft, tip.id)
        elif _holds(draft, wanted):
            await drafts.empty(connection, draft, None)


def _phrases(texts: TipTexts) -> frozenset[str]:
    """Return what gives a tip away wherever it stands, folded, with a space around each word."""
    own = (_folded(text) for text in texts.own)
    others = (_folded(text) for text in texts.others if len(folded_words(text)) >= _WORDS_OF_ITS_OWN)
    return frozenset(phrase for phrase in (*own, *others) if phrase.strip())


def _holds(draft: Draft, phrases: Iterable[str]) -> bool:
    written = [_folded(text) for text in erasing.strings_in([dict(draft.context), dict(draft.values)])]
    return any(
        phrase in text if len(phrase) >= _CHARS_OF_ITS_OWN else phrase == text for phrase in phrases for text in written
    )


def _folded(text: str) -> str:
    return f" {' '.join(folded_words(text))} "


async def _emptied(database: Database) -> bool:
    """Empty the write-ahead log as soon as no reader holds it, for a few seconds; return whether that came to pass."""
    for _ in range(_EMPTYING_TRIES):
        if await database.empty_log():
            return True
        await asyncio.sleep(_EMPTYING_PAUSE_S)
    return False
