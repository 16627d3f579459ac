"""What `/why` answers: what each item makes of a notice, in words, and every message that told of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.following_up.explained import FollowUpTold
from bot.locales import Texts
from bot.markup import plain
from bot.matching import NearMiss
from bot.models import Notice, Tier, WatchItem
from bot.sources import label_of
from bot.storage.watching.hits import StoredHit
from bot.watchlist.explaining import Explanation
from bot.watchlist.fates import Fates
from cogs._items import NAME_UNITS, item_name, marked, notice_line, place_words, reason_of
from cogs._trial import doubt_lines, miss_reason, missed_lines
from cogs._why_fates import follow_up_lines, hit_fate_lines, telling_lines

MOST_HITS = 8
MOST_TAKES = 5
MOST_NEAR = 5
MOST_REASONS = 2
MATCHED_UNITS = 80
SNIPPET_UNITS = 200


def explanation_lines(texts: Texts, fates: Fates, follow_ups: Sequence[FollowUpTold] = ()) -> Iterator[str]:
    """Yield all that explains the fate of a notice in a newsroom: the messages, its hits, and what was near."""
    explanation = fates.explanation
    yield from _notice_lines(texts, fates)
    yield ""
    yield from telling_lines(texts, fates)
    yield from _version_line(texts, fates)
    yield from follow_up_lines(texts, follow_ups)
    for one in explanation.takes[:MOST_TAKES]:
        by = {"person": one.take.taken_by, "when": one.take.taken_at}
        item = plain(one.item_name or "", NAME_UNITS)
        yield texts("why-taken-for", item=item, **by) if item else texts("why-taken", **by)
    yield from _others(texts, len(explanation.takes) - MOST_TAKES)
    for stored in explanation.hits[:MOST_HITS]:
        yield ""
        yield from _stored_lines(texts, fates, stored)
    yield from _others(texts, len(explanation.hits) - MOST_HITS)
    yield from _now_lines(texts, explanation)
    yield from _near_lines(texts, explanation)
    if not (explanation.hits or explanation.found_now or explanation.near_misses or explanation.missed):
        yield ""
        yield texts("why-nothing")


def _notice_lines(texts: Texts, fates: Fates) -> Iterator[str]:
    """Yield which notice it is, since when it is known, and what of it is not."""
    explanation = fates.explanation
    seen = explanation.seen
    yield notice_line(texts, explanation.notice)
    yield texts("why-seen", source=label_of(seen.source), id=plain(seen.source_id, NAME_UNITS), when=seen.seen_at)
    for twin in explanation.twins:
        yield texts("why-twin", source=label_of(twin.source), id=plain(twin.source_id, NAME_UNITS))
    if seen.is_baseline:
        yield texts("why-baseline")
    if fates.around.is_text_dropped:
        yield texts("why-text-dropped")


def _version_line(texts: Texts, fates: Fates) -> Iterator[str]:
    """Yield what was told of the newest version of a notice that was read in several."""
    revision = fates.explanation.seen.revision
    told = fates.of_revision()
    if told is not None:
        yield texts.word("why-version", told, revision=revision, when=fates.around.revised_at)
    elif revision > 1:
        yield texts("why-revision", revision=revision)


def _stored_lines(texts: Texts, fates: Fates, stored: StoredHit) -> Iterator[str]:
    """Yield a stored hit: by which rule, round which words, and why it alerted or not."""
    hit, explanation = stored.hit, fates.explanation
    name, kind = plain(stored.item_name, NAME_UNITS), texts.word("item-kind", hit.kind)
    yield texts("why-item", name=name, kind=kind, reason=reason_of(texts, hit))
    yield f"> {marked(texts, hit, matched_units=MATCHED_UNITS, snippet_units=SNIPPET_UNITS)}"
    yield f"> {place_words(texts, hit.field, explanation.notice.kind)}."
    if hit.tier is Tier.WEAK:
        yield from doubt_lines(texts, hit)
    if stored.stood_in is not None:
        yield f"> {texts('why-left', revision=stored.stood_in)}"
    for line in hit_fate_lines(texts, fates, stored):
        yield f"> {line}"
    if stored.stood_in is None and hit.item in explanation.items and hit.item not in explanation.matching_now:
        is_older = stored.revision < explanation.seen.revision
        yield "> " + (texts("why-found-before", revision=stored.revision) if is_older else texts("why-changed"))


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
        is_newer = item.added_at is not None and item.added_at > explanation.seen.seen_at
        yield "> " + (texts("why-now-added", when=item.added_at) if is_newer else texts("why-now-changed"))
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
