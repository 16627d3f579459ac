"""The hits of a newsroom as a CSV, for `/watch hits` and `vigie export hits` alike."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from typing import Final

from bot.storage.watching.hits import ListedHit

COLUMNS: Final = (
    "found_at",
    "source",
    "notice",
    "revision",
    "title",
    "url",
    "published",
    "item",
    "ref",
    "kind",
    "name",
    "tier",
    "term",
    "rule",
    "field",
    "start",
    "end",
    "matched",
    "snippet",
    "count",
    "held",
    "message_url",
    "dismissed",
)
"""The header: the keys of a hit (DESIGN.md section 7), with what its notice and its item are called.

`held` is the code of why it was not announced at once, empty where it was; `message_url` leads to the announcement.
`dismissed` says what people said is not the item, `organisation: NAME` or `series: TITLE`, empty where they did not.
"""


def hit_row(listed: ListedHit, zone: tzinfo) -> list[str]:
    """Return a hit as the cells of `COLUMNS`, not yet guarded; times are ISO 8601 with the offset of `zone`."""
    stored, hit = listed.stored, listed.stored.hit
    return [
        stored.found_at.astimezone(zone).isoformat(timespec="seconds"),
        listed.source,
        hit.notice,
        str(stored.stood_in or listed.revision),
        listed.title,
        listed.url or "",
        _written(listed.published, zone),
        str(hit.item or ""),
        hit.ref or "",
        hit.kind.value,
        stored.item_name,
        hit.tier.value,
        hit.term,
        hit.rule,
        hit.field,
        str(hit.start),
        str(hit.end),
        hit.matched,
        hit.snippet,
        str(hit.count),
        stored.held.value if stored.held is not None else "",
        listed.message_url or "",
        f"{stored.dismissed.kind.value}: {stored.dismissed.name}" if stored.dismissed is not None else "",
    ]


def _written(moment: date | datetime | None, zone: tzinfo) -> str:
    if isinstance(moment, datetime):
        return moment.astimezone(zone).isoformat(timespec="seconds")
    return moment.isoformat() if moment is not None else ""
