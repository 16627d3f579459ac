"""What `/why` answers: what each item makes of a notice, in words, and every message that told of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.locales import Texts
from bot.markup import plain
from bot.matching import NearMiss
from bot.models import Announcement, AnnouncementKind, AnnouncementState, Held, Notice, Tier, WatchItem
from bot.sources import label_of
from bot.storage.outbox.explained import Telling
from bot.storage.watching.hits import StoredHit
from bot.watchlist.explaining import Explanation
from cogs._items import NAME_UNITS, item_name, marked, notice_line, place_words, reason_of
from cogs._trial import doubt_lines, miss_reason, missed_lines

MOST_HITS = 8
MOST_TELLINGS = 8
MOST_TAKES = 5
MOST_NEAR = 5
MOST_REASONS = 2
MATCHED_UNITS = 80
SNIPPET_UNITS = 200


def explanation_lines(texts: Texts, explanation: Explanation) -> Iterator[str]:
    """Yield all that explains the fate of a notice in a newsroom: its hits, the messages, and what was near."""
    seen, notice = explanation.seen, explanation.notice
    yield notice_line(texts, notice)
    yield texts("why-seen", source=label_of(seen.source), id=plain(seen.source_id, NAME_UNITS), when=seen.seen_at)
    for twin in explanation.twins:
        yield texts("why-twin", source=label_of(twin.source), id=plain(twin.source_id, NAME_UNITS))
    if seen.revision > 1:
        yield texts("why-revision", revision=seen.revision)
    if seen.is_baseline:
        yield texts("why-baseline")
    yield ""
    yield from telling_lines(texts, explanation.tellings)
    for one in explanation.takes[:MOST_TAKES]:
        by = {"person": one.take.taken_by, "when": one.take.taken_at}
        item = plain(one.item_name or "", NAME_UNITS)
        yield texts("why-taken-for", item=item, **by) if item else texts("why-taken", **by)
    yield from _others(texts, len(explanation.takes) - MOST_TAKES)
    for stored in explanation.hits[:MOST_HITS]:
        yield ""
        yield from _stored_lines(texts, explanation, stored)
    yield from _others(texts, len(explanation.hits) - MOST_HITS)
    yield from _now_lines(texts, explanation)
    yield from _near_lines(texts, explanation)
    if not (explanation.hits or explanation.found_now or explanation.near_misses or explanation.missed):
        yield ""
        yield texts("why-nothing")


def telling_lines(texts: Texts, tellings: Sequence[Telling]) -> Iterator[str]:
    """Yield the messages that told of a notice, or are to, with their link, their channel and their state."""
    if not tellings:
        yield texts("why-told-nothing")
        return
    yield texts("why-told")
    for telling in tellings[-MOST_TELLINGS:]:
        yield f"- {announcement_line(texts, telling.announcement, follows=not telling.items)}"
    yield from _others(texts, len(tellings) - MOST_TELLINGS)


def announcement_line(texts: Texts, announcement: Announcement, *, follows: bool = False) -> str:
    """Return a message that is owed or was sent: its code, linked once Discord has it, its channel and its state."""
    code = f"**{announcement.code}**"
    if announcement.url is not None:
        code = f"[{announcement.code}]({announcement.url})"
    state = texts.word("announcement-state", announcement.state)
    if announcement.state is AnnouncementState.SENT and announcement.sent_at is not None:
        state = texts("why-sent-at", when=announcement.sent_at)
    values = {
        "what": texts.word("announcement-kind", announcement.kind),
        "channel": announcement.channel_id,
        "state": state,
    }
    if follows and announcement.kind is AnnouncementKind.NOTICE and announcement.follows is not None:
        return f"{code} · {texts('why-telling-follows', **values)}"
    return f"{code} · {texts('why-telling', **values)}"


def _stored_lines(texts: Texts, explanation: Explanation, stored: StoredHit) -> Iterator[str]:
    """Yield a stored hit: by which rule, round which words, and why it alerted or not."""
    hit = stored.hit
    values = {
        "name": plain(stored.item_name, NAME_UNITS),
        "kind": texts.word("item-kind", hit.kind),
        "reason": reason_of(texts, hit),
    }
    is_live = hit.item in explanation.items
    yield texts("why-item", **values) if is_live else texts("why-item-removed", **values)
    yield f"> {marked(texts, hit, matched_units=MATCHED_UNITS, snippet_units=SNIPPET_UNITS)}"
    yield f"> {place_words(texts, hit.field, explanation.notice.kind)}."
    if hit.tier is Tier.WEAK:
        yield from doubt_lines(texts, hit)
    if stored.held is None:
        yield f"> {texts('why-announced')}"
    elif not (hit.tier is Tier.WEAK and stored.held is Held.WEAK):
        yield f"> {texts.word('why-held', stored.held)}"
    if stored.dismissed is not None:
        said = stored.dismissed
        name = plain(said.name, NAME_UNITS)
        yield f"> {texts('why-dismissed-by', person=said.made_by, when=said.made_at, name=name)}"
    if is_live and hit.item not in explanation.matching_now:
        is_older = stored.revision < explanation.seen.revision
        yield "> " + (texts("why-other-revision", revision=stored.revision) if is_older else texts("why-changed"))


def _now_lines(texts: Texts, explanation: Explanation) -> Iterator[str]:
    """Yield what would match today and did not when the notice was read."""
    if not explanation.found_now:
        return
    yield ""
    yield texts("why-now")
    for hit in explanation.found_now[:MOST_NEAR]:
        item = explanation.items[hit.item or 0]
        kind = texts.word("item-kind", hit.kind)
        yield texts("why-item", name=item_name(item), kind=kind, reason=reason_of(texts, hit))
        yield f"> {marked(texts, hit, matched_units=MATCHED_UNITS, snippet_units=SNIPPET_UNITS)}"
    yield from _others(texts, len(explanation.found_now) - MOST_NEAR)


def _near_lines(texts: Texts, explanation: Explanation) -> Iterator[str]:
    """Yield the items that stand there and are held back, and those of which something stands there."""
    if not (explanation.near_misses or explanation.missed):
        return
    yield ""
    yield texts("why-near")
    for miss in explanation.near_misses[:MOST_NEAR]:
        yield near_miss_line(texts, miss, explanation.items[miss.item or 0])
    room = max(MOST_NEAR - len(explanation.near_misses), 1)
    for item, reasons in explanation.missed[:room]:
        yield texts("why-missed", name=item_name(item))
        yield from missed_lines(texts, reasons[:MOST_REASONS])
    left = max(len(explanation.near_misses) - MOST_NEAR, 0) + max(len(explanation.missed) - room, 0)
    yield from _others(texts, left)


def near_miss_line(texts: Texts, miss: NearMiss, item: WatchItem) -> str:
    """Return that an item stands in a notice, and which of its own conditions holds it back."""
    matched = plain(miss.matched, MATCHED_UNITS)
    return texts("why-miss", name=item_name(item), matched=matched, reason=miss_reason(texts, miss, item))


def notice_name(notice: Notice) -> str:
    """Return how a notice is called on the command line and in `/why`: its source and the source's id."""
    return f"{notice.source}:{notice.id}"


def _others(texts: Texts, left: int) -> Iterator[str]:
    if left > 0:
        yield texts.plural("and-others", left)
