"""A loopback feed: the same entries as RSS 2.0, Atom and JSON Feed, read conditionally."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape, quoteattr

from aiohttp import web

from bot.loopback.publishers._publisher import Handler, Publisher, Record, Served

ATOM = "http://www.w3.org/2005/Atom"
PREFIXES = {"http://purl.org/rss/1.0/modules/content/": "content", "http://purl.org/dc/elements/1.1/": "dc"}


class LoopbackFeed(Publisher):
    """Serve entries at `rss`, `atom` and `json_feed`, the same ones at each of these addresses.

    An entry is a dictionary of the elements of an RSS item: `guid`, `link`, `title`, `description`, `pubDate`, and what
    else there is. `modified` is when the feed says that it last changed (aware), None where it does not say.
    """

    id_field = "guid"
    renamed_field = "title"
    title = "Corvoy : actualités"

    def __init__(self, records: list[Record] | tuple[Record, ...] = ()) -> None:
        super().__init__(records)
        self.modified: datetime | None = None

    @property
    def rss(self) -> str:
        """The address of the feed as RSS 2.0."""
        return f"{self.url}/rss.xml"

    @property
    def atom(self) -> str:
        """The address of the feed as Atom."""
        return f"{self.url}/atom.xml"

    @property
    def json_feed(self) -> str:
        """The address of the feed as JSON Feed."""
        return f"{self.url}/feed.json"

    @property
    def routes(self) -> Mapping[str, Handler]:
        """Return a path for each form, and RSS where none is named."""
        return {"/": self._rss, "/rss.xml": self._rss, "/atom.xml": self._atom, "/feed.json": self._json}

    def load(self, payload: bytes) -> None:
        """Serve the entries of an RSS feed."""
        items = ET.fromstring(payload).iter("item")  # noqa: S314  # our own sample
        self.records = [{_prefixed(child.tag): child.text for child in item} for item in items]

    async def _rss(self, request: web.Request) -> Served:
        items = "".join(
            "<item>" + "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in entry.items()) + "</item>"
            for entry in self.spoilt(self.records)
        )
        head = f"<title>{self.title}</title><link>https://corvoy.example/</link><language>fr-FR</language>"
        spaces = "".join(f' xmlns:{prefix}="{space}"' for space, prefix in PREFIXES.items())
        text = (
            f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"{spaces}><channel>{head}{items}</channel></rss>'
        )
        return self.file(self.xml(text), request, self.modified)

    async def _atom(self, request: web.Request) -> Served:
        entries = "".join(_atom_entry(entry) for entry in self.spoilt(self.records))
        text = f'<?xml version="1.0" encoding="UTF-8"?><feed xmlns="{ATOM}" xml:lang="fr">{entries}</feed>'
        return self.file(self.xml(text), request, self.modified)

    async def _json(self, request: web.Request) -> Served:
        entries = [_json_item(entry) for entry in self.spoilt(self.records)]
        feed = {"version": "https://jsonfeed.org/version/1.1", "title": self.title, "language": "fr", "items": entries}
        return self.file(self.json(feed), request, self.modified)


def entry(number: int, title: str, *, published: datetime | None = None, text: str = "", **more: Any) -> Record:
    """Return a made-up entry; `published` is aware, `text` may hold HTML."""
    link = f"https://corvoy.example/actualites/{number}"
    told: Record = {"guid": link, "link": link, "title": title, "description": text}
    if published is not None:
        told["pubDate"] = format_datetime(published.astimezone(UTC), usegmt=True)
    return {**told, **more}


def _prefixed(tag: str) -> str:
    """Return the name of an element as a feed with our prefixes writes it."""
    space, _, name = tag.rpartition("}")
    return f"{PREFIXES[space.removeprefix('{')]}:{name}" if space else name


def _atom_entry(entry: Record) -> str:
    parts = [f"<id>{escape(str(entry['guid']))}</id>"] if "guid" in entry else []
    parts += [f"<title>{escape(str(entry['title']))}</title>"] if "title" in entry else []
    parts += [f"<link href={quoteattr(str(entry['link']))}/>"] if "link" in entry else []
    parts += [f"<content type='html'>{escape(str(entry.get('description') or ''))}</content>"]
    if "pubDate" in entry:
        parts.append(f"<published>{_iso(entry['pubDate'])}</published><updated>{_iso(entry['pubDate'])}</updated>")
    return f"<entry>{''.join(parts)}</entry>"


def _json_item(entry: Record) -> Record:
    names = {"guid": "id", "link": "url", "description": "content_html"}
    told = {names.get(name, name): value for name, value in entry.items() if name != "pubDate" and ":" not in name}
    return {**told, "date_published": _iso(entry["pubDate"])} if "pubDate" in entry else told


def _iso(moment: str) -> str:
    return datetime.strptime(moment, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC).isoformat()
