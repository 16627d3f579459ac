"""Why a hit is held instead of announced at once, and whether the digest of its channel owes it a line."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.models import Held, Hit, InDigest, Notice, Priority, Tier, WatchItem
from bot.sources import Source

STAYING = frozenset(Held) - {Held.WEAK}
"""Why a hit stays held at a later revision that changes nothing material; a weak one may have become a sure one."""

UNTOLD = frozenset({Held.BASELINE, Held.MUTED, Held.PAUSED, Held.COMPANION})
"""Why a hit is owed no line in any digest: it is to stay silent, or a message of another notice tells it."""


def comes_late(notice: Notice, source: Source, now: datetime) -> bool:
    """Return whether a notice never seen was published too long ago to be announced at once: it waits for the digest.

    That is longer ago than the usual delay of its source, never where it has none.
    """
    if notice.published is None or source.usual_delay is None:
        return False
    if isinstance(notice.published, datetime):
        return now - notice.published > source.usual_delay
    today: date = now.astimezone(ZoneInfo(source.zone)).date()
    return today - notice.published > source.usual_delay


def why_held(
    item: WatchItem, hit: Hit | None, now: datetime, *, is_late: bool, has_channel: bool, is_paused: bool
) -> Held | None:
    """Say why a hit is not announced at once, or None; `hit` is None where all its places were dismissed."""
    if is_paused:
        return Held.PAUSED
    if item.muted_until is not None and item.muted_until > now:
        return Held.MUTED
    if hit is None:
        return Held.DISMISSED
    if hit.tier is Tier.WEAK:
        return Held.WEAK
    waits = item.priority is Priority.DIGEST or not has_channel
    return Held.LATE if is_late else Held.DIGEST if waits else None


def staying(
    was_held: Mapping[int, Held | None], before: Iterable[Hit], written_off: Collection[int] = ()
) -> dict[int, Held]:
    """Say which items' hits stay held when nothing material changed: those that were, and those of newer items.

    `was_held` is `hits.earlier` of the notice. An item that already matched the revision `before`, but has no hit on
    it, was added since: its entry told of it. Of the items `written_off` no hit on the notice was told to anybody: one
    that is not dismissed is new.
    """
    stay = {item: why for item, why in was_held.items() if why in STAYING and item not in written_off}
    for hit in before:
        if hit.item is not None and hit.item not in was_held:
            stay[hit.item] = Held.BASELINE
    return stay


def in_digest(item: WatchItem, why: Held | None, was_held: Mapping[int, Held | None]) -> InDigest:
    """Say whether the digest owes a hit a line: not what is `UNTOLD`, and not what an earlier hit tells already.

    `was_held` is `hits.earlier` of the notice where nothing material changed, else empty, or what its twins tell. A
    weak hit that became a sure one is told again.
    """
    if why in UNTOLD:
        return InDigest.NONE
    if item.id is None or item.id not in was_held:
        return InDigest.DUE
    is_surer = was_held[item.id] is Held.WEAK and why is not Held.WEAK
    return InDigest.DUE if is_surer else InDigest.NONE
