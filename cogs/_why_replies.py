"""What `/why` answers: what each item makes of a notice, in words, and every message that told of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.following_up.explained import FollowUpTold
from bot.locales import Texts
from bot.markup import plain, utf16_len
from bot.matching import NearMiss
from bot.models import Hit, Notice, Tier, WatchItem
from bot.sources import label_of
from bot.storage.watching.hits import StoredHit
from bot.watchlist.explaining import Explanation
from bot.watchlist.fates import Fates
from cogs._items import NAME_UNITS, item_name, marked, notice_line, place_words, reason_of
from cogs._replies import SHEET_UNITS
from cogs._trial import doubt_lines, miss_reason, missed_lines
from cogs._why_fates import follow_up_lines, hit_fate_lines, telling_lines

MOST_HITS = 8
MOST_TAKES = 5
MOST_NEAR = 5
MOST_REASONS = 2
MATCHED_UNITS = 80
SNIPPET_UNITS = 200

_COUNT_UNITS = 40
"""Room for the line that counts what is not shown."""


@dataclass(frozen=True, slots=True)
class _Part:
    """Hold a part of the reply that may be shortened: its heading, its blocks of lines, and how many it has besides."""

    heading: Sequence[str]
    blocks: Sequence[Sequence[str]]
    besides: int = 0


def explanation_lines(
    texts: Texts, fates: Fates, follow_ups: Sequence[FollowUpTold] = (), room: int = SHEET_UNITS
) -> list[str]:
    """Return all that explains the fate of a notice in a newsroom: the messages, its hits, and what was near.

    The lines are within `room` UTF-16 units; hits and items for which there is none are counted.
    """
    explanation = fates.explanation
    lines = [*_notice_lines(texts, fates), "", *telling_lines(texts, fates), *_version_line(texts, fates)]
    lines += [*follow_up_lines(texts, follow_ups), *_take_lines(texts, fates)]
    hits, now, near = explanation.hits, explanation.found_now, _near_blocks(texts, explanation)
    parts = [
        _Part((), [list(_stored_lines(texts, fates, one)) for one in hits[:MOST_HITS]], len(hits) - MOST_HITS),
        _beside_part(texts, fates),
        _Part((texts("why-now"),), [_now_lines(texts, fates, hit) for hit in now[:MOST_NEAR]], len(now) - MOST_NEAR),
        _Part((texts("why-near"),), near[:MOST_NEAR], len(near) - MOST_NEAR),
    ]
    for part in parts:
        lines += _fitting(texts, part, room - sum(utf16_len(line) + 1 for line in lines))
    return lines if hits or now or near else [*lines, "", texts("why-nothing")]


def _fitting(texts: Texts, part: _Part, room: int) -> Iterator[str]:
    """Yield as many blocks of a part as there is room for, under its heading or each apart, and count the others."""
    hidden = max(part.besides, 0)
    shown = 0
    for block in part.blocks:
        lines = [*(part.heading if not shown else ()), *block]
        lines = lines if shown and part.heading else ["", *lines]
        units = sum(utf16_len(line) + 1 for line in lines)
        if hidden > max(part.besides, 0) or units + _COUNT_UNITS > room:
            hidden += 1
            continue
        room -= units
        shown += 1
        yield from lines
    if hidden:
        yield texts.plural("and-others", hidden)


def _take_lines(texts: Texts, fates: Fates) -> Iterator[str]:
    """Yield who has the notice, for which item, since when."""
    takes = fates.explanation.takes
    for one in takes[:MOST_TAKES]:
        by = {"person": one.take.taken_by, "when": one.take.taken_at}
        item = plain(one.item_name or "", NAME_UNITS)
        yield texts("why-taken-for", item=item, **by) if item else texts("why-taken", **by)
    if len(takes) > MOST_TAKES:
        yield texts.plural("and-others", len(takes) - MOST_TAKES)


def _notice_lines(texts: Texts, fates: Fates) -> Iterator[str]:
    """Yield which notice it is, since when it is known, and what of it is not."""
    explanation = fates.explanation
    seen = explanation.seen
    yield notice_line(texts, explanation.notice)
    yield texts("why-seen", source=label_of(seen.source), id=plain(seen.source_id, NAME_UNITS), when=seen.seen_at)
    for twin in explanation.twins:
        yield texts("why-twin", source=label_of(twin.source), id=plain(twin.source_id, NAME_UNITS))
    if seen.is_baseline:
        yield texts("why-baseline-first" if explanation.tellings or seen.revision > 1 else "why-baseline")
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


def _stored_lines(texts: Texts, fates: Fates, stored: StoredHit, beside: Notice | None = None) -> Iterator[str]:
    """Yield a stored hit: by which rule, round which words, and why it alerted or not; of a notice `beside` or this."""
    hit, explanation = stored.hit, fates.explanation
    name, kind = plain(stored.item_name, NAME_UNITS), texts.word("item-kind", hit.kind)
    yield texts("why-item", name=name, kind=kind, reason=reason_of(texts, hit))
    yield f"> {marked(texts, hit, matched_units=MATCHED_UNITS, snippet_units=SNIPPET_UNITS)}"
    yield f"> {place_words(texts, hit.field, (beside or explanation.notice).kind)}."
    if hit.tier is Tier.WEAK:
        yield from doubt_lines(texts, hit)
    if stored.stood_in is not None:
        yield f"> {texts('why-left', revision=stored.stood_in)}"
    for line in hit_fate_lines(texts, fates, stored):
        yield f"> {line}"
    if (
        beside is None
        and stored.stood_in is None
        and hit.item in explanation.items
        and hit.item not in explanation.matching_now
    ):
        is_older = stored.revision < explanation.seen.revision
        yield "> " + (texts("why-found-before", revision=stored.revision) if is_older else texts("why-changed"))


def _beside_part(texts: Texts, fates: Fates) -> _Part:
    """Return the items that the message names because of further notices, each with that notice."""
    beside = fates.explanation.beside
    blocks = []
    for one in beside[:MOST_HITS]:
        first, *rest = _stored_lines(texts, fates, one.stored, one.notice)
        blocks.append([first, f"> {notice_line(texts, one.notice)}", *rest])
    return _Part((texts("why-beside"),), blocks, len(beside) - MOST_HITS)


def _now_lines(texts: Texts, fates: Fates, hit: Hit) -> list[str]:
    """Return what would match today and did not when the notice was read."""
    item = fates.explanation.items[hit.item or 0]
    kind = texts.word("item-kind", hit.kind)
    is_newer = item.added_at is not None and item.added_at > fates.explanation.seen.seen_at
    return [
        texts("why-item", name=item_name(item), kind=kind, reason=reason_of(texts, hit)),
        f"> {marked(texts, hit, matched_units=MATCHED_UNITS, snippet_units=SNIPPET_UNITS)}",
        f"> {texts('why-now-added', when=item.added_at) if is_newer else texts('why-now-changed')}",
    ]


def _near_blocks(texts: Texts, explanation: Explanation) -> list[list[str]]:
    """Return the items that stand there and are held back, then those of which something stands there."""
    blocks = [[near_miss_line(texts, miss, explanation.items[miss.item or 0])] for miss in explanation.near_misses]
    for item, reasons in explanation.missed:
        blocks.append([texts("why-missed", name=item_name(item)), *missed_lines(texts, reasons[:MOST_REASONS])])
    return blocks


def near_miss_line(texts: Texts, miss: NearMiss, item: WatchItem) -> str:
    """Return that an item stands in a notice, and which of its own conditions holds it back."""
    matched = plain(miss.matched, MATCHED_UNITS)
    return texts("why-miss", name=item_name(item), matched=matched, reason=miss_reason(texts, miss, item))
