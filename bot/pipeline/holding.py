"""Why a hit is held instead of announced at once, and whether the digest of its channel owes it a line."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.models import Held, Hit, InDigest, Notice, Priority, Tier, WatchItem

USUAL_DELAY = timedelta(days=7)
"""A notice never seen and published longer ago than this is a late arrival: it waits for the digest."""

STAYING = frozenset({Held.BASELINE, Held.LATE, Held.MUTED, Held.DIGEST, Held.STORM, Held.DISMISSED})
"""Why a hit stays held at a later revision that changes nothing material; a weak one may have become a sure one."""


def comes_late(notice: Notice, zone: str, now: datetime) -> bool:
    """Return whether a notice never seen was published too long ago to be announced at once."""
    if notice.published is None:
        return False
    if isinstance(notice.published, datetime):
        return now - notice.published > USUAL_DELAY
    today: date = now.astimezone(ZoneInfo(zone)).date()
    return today - notice.published > USUAL_DELAY


def why_held(item: WatchItem, hit: Hit | None, now: datetime, *, is_late: bool, has_channel: bool) -> Held | None:
    """Say why a hit is not announced at once, or None; `hit` is None where all its places were dismissed."""
    if item.muted_until is not None and item.muted_until > now:
        return Held.MUTED
    if hit is None:
        return Held.DISMISSED
    if hit.tier is Tier.WEAK:
        return Held.WEAK
    if is_late:
        return Held.LATE
    if item.priority is Priority.DIGEST or not has_channel:
        return Held.DIGEST
    return None


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
    """Say whether the digest owes a hit a line: not what is to stay silent, and not what an earlier hit tells already.

    `was_held` is `hits.earlier` of the notice where nothing material changed, else empty. A weak hit that became a sure
    one is told again.
    """
    if why in {Held.BASELINE, Held.MUTED}:
        return InDigest.NONE
    if item.id is None or item.id not in was_held:
        return InDigest.DUE
    is_surer = was_held[item.id] is Held.WEAK and why is not Held.WEAK
    return InDigest.DUE if is_surer else InDigest.NONE
