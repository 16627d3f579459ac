"""Entries of a JSON Feed, version 1 and 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from __future__ import annotations

import re
from typing import Any

from bot.sources._base import Form, Layout, Loss
from bot.sources._feed.items import ADDRESS_CHARS, Item, Items, Reader, language_of, moment, not_a_feed, title_of
from bot.sources._reading.entry import Entry, record_sha256, records_at

_LAYOUT = Layout(
    form=Form.JSON,
    entries="items",
    id="id",
    optional=(
        *("url", "external_url", "title", "content_text", "content_html", "summary"),
        *("date_published", "date_modified", "language"),
    ),
    ignored=("image", "banner_image", "author", "authors", "tags", "attachments"),
)
_VERSION = re.compile(r"https?://(?:www\.)?jsonfeed\.org/version/")


def items_of_json(answer: Any) -> Items:
    """Return the entries of a JSON Feed; raises SourceError for what is none."""
    if not isinstance(answer, dict) or not _VERSION.match(str(answer.get("version") or "")):
        raise not_a_feed("it has no version of JSON Feed")
    spoken = _text(answer.get("language"))
    items: list[Item] = []
    losses: list[Loss] = []
    unknown: set[str] = set()
    for place, record in enumerate(records_at(answer, "items"), start=1):
        # Nothing is mandatory, so strict and lenient reading are one.
        entry = Entry(record, place, _LAYOUT, lenient=False)
        items.append(_item(entry, place, spoken))
        losses += entry.losses
        unknown |= {name for name in record if not _LAYOUT.knows(name) and not name.startswith("_")}
    return Items(tuple(items), tuple(losses), frozenset(unknown))


def _item(entry: Entry, place: int, spoken: str | None) -> Item:
    guid = entry.value("id")
    links = (entry.text("url"), entry.text("external_url"))
    reader = Reader()
    content = _text(entry.value("content_text"))
    texts = [
        reader.shown(_text(entry.value("summary")), is_html=False),
        reader.shown(content or _text(entry.value("content_html")), is_html=not content),
    ]
    return Item(
        place,
        guid=str(guid) if isinstance(guid, int) and not isinstance(guid, bool) else entry.text("id"),
        link=next((link for link in links if link and len(link) <= ADDRESS_CHARS), None),
        title=title_of(entry.text("title") or "", is_html=False),
        texts=tuple(dict.fromkeys(text for text in texts if text)),
        published=moment(_text(entry.value("date_published"))) or moment(_text(entry.value("date_modified"))),
        language=language_of(_text(entry.value("language")), spoken),
        raw_sha256=record_sha256(entry.record, entry.entry),
        is_cut=reader.is_cut,
    )


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
