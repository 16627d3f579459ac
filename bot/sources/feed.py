"""Feeds: what ministries, parliaments, regulators and the press publish as RSS, Atom or JSON Feed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

from bot.errors import SourceError, SourceFault
from bot.models import Notice, NoticeKind
from bot.sources._base import NOTHING, Asked, Loss, Parsed, Payload, Source, Told
from bot.sources._feed.items import ADDRESS_CHARS, TEXT_CHARS, Item, Items
from bot.sources._feed.json import items_of_json
from bot.sources._feed.xml import LAYOUT, items_of_xml
from bot.sources._http.client import PoliteClient, Validators
from bot.sources._reading import strict_json, xml
from bot.sources._reading.entry import ID_CHARS, refuse_one_id
from bot.sources._reading.parts import text_of
from bot.sources._reading.personal import without_contacts
from bot.sources._reading.tree import one_line

TITLE_CHARS = 120
MAX_ELEMENTS = 50_000
ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.8, */*;q=0.5"
)

_ID = "guid"
_TEXT = "description"
_HASHED = "sha256:"
_PLAIN_HTTP = re.compile(r"http://", re.IGNORECASE)
_MAILBOX = re.compile(r"[^\s@/:?#]@[^\s@/]+\.[A-Za-z]")
_WEB = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f]+")
_CAMPAIGN = re.compile(r"utm_\w+|xtor|fbclid|gclid", re.IGNORECASE)


class Feed(Source):
    """Read any feed of the configuration: RSS, Atom or JSON Feed; each is a source of its own, `feed:<name>`.

    Publisher: whoever publishes the feed.
    Documentation: https://www.rssboard.org/rss-specification, RFC 4287 (Atom), https://www.jsonfeed.org/version/1.1/
    Licence: that of the feed; the texts of the press are protected, and are quoted within the limits of the law.
    Delay: none, beyond how often the feed is read (`every`, 15 minutes where nothing else is said).
    Identity: the entry's `guid` or `id`, else its link, else a hash of its title and day; http and https are the same.
    Caveats: a feed holds the last entries only, often without their whole text; a date that is missing, or not written
        as RFC 822 or ISO 8601 have it, is not made up. Who wrote an entry is not read. A feed whose entries share one
        id is refused as broken.
    """

    name = "feed"
    label = "RSS, Atom, JSON Feed"
    layout = LAYOUT
    french = Told(
        about="Tout flux que vous nommez dans la configuration, au format RSS, Atom ou JSON Feed : ministères, "
        "parlements, autorités, presse. Chacun est une source à part, « feed:nom ».",
        delay="Aucun, sinon le temps entre deux lectures du flux (`every`, 15 minutes par défaut).",
        caveats="Un flux ne contient que ses dernières entrées, souvent sans leur texte entier. Une date absente ou "
        "mal écrite reste inconnue : Vigie n'en invente pas. Les noms des auteurs ne sont pas lus. Un flux dont les "
        "entrées portent toutes le même identifiant est refusé.",
        publisher="L'éditeur du flux.",
        licence="Celle du flux ; les textes de la presse sont protégés et ne se citent que dans les limites de la loi.",
    )
    default_base_url = "https://flux.example/rss.xml"
    default_every = timedelta(minutes=15)
    default_pace = timedelta(0)
    overlap = timedelta(days=2)
    baseline = timedelta(days=7)
    quiet_limit = timedelta(days=30)
    max_bytes = 5_000_000
    is_family = True
    table = "feeds"
    may_be_empty = True
    step = None
    language = None
    zone = "Europe/Paris"

    def __init__(
        self,
        base_url: str | None = None,
        *,
        member: str | None = None,
        options: Mapping[str, Any] = NOTHING,
        secret: str | None = None,
    ) -> None:
        """Make a source of the feed at an address, which is asked for as it is written."""
        super().__init__(base_url, member=member, options=options, secret=secret)
        self.base_url = base_url or self.default_base_url

    async def fetch(self, asked: Asked, client: PoliteClient) -> AsyncIterator[Payload]:
        """Yield the feed as it now is, or that it has not changed since the last read."""
        known = asked.cursor if asked.cursor.get("url") == self.base_url else NOTHING
        validators = Validators.from_json(known.get("validators"))
        answer = await client.get(self.base_url, max_bytes=self.max_bytes, validators=validators or None, accept=ACCEPT)
        if answer.is_unchanged:
            yield Payload(is_unchanged=True)
        else:
            yield Payload(answer.body, cursor={"url": self.base_url, "validators": answer.validators.to_json()})

    def parse(self, payload: bytes, *, lenient: bool = False) -> Parsed:
        """Read a feed; no field is mandatory, an entry that says nothing to know it by is a loss.

        Of entries with one id the first counts, which is the newest. Raises SourceError for what is no feed, and where
        most entries share one id.
        """
        del lenient
        feed = items_of(payload)
        losses = list(feed.losses)
        notices: dict[str, Notice] = {}
        hashes: dict[str, str] = {}
        seen: list[tuple[str, str]] = []
        for item in feed.items:
            identity = identity_of(item)
            if identity is None:
                losses.append(Loss(f"#{item.place}", _ID, "no id, link, title or text"))
                continue
            notice = self._notice(item, identity)
            seen.append((identity, self._revision_hash(item, notice)))
            if identity not in notices:
                notices[identity] = notice
                hashes[identity] = seen[-1][1]
                losses += [Loss(identity, _TEXT, f"only {TEXT_CHARS} characters are read")] if item.is_cut else []
        refuse_one_id(seen, _ID)
        return Parsed(tuple(notices.values()), tuple(losses), feed.unknown_fields, None, hashes)

    def _revision_hash(self, item: Item, notice: Notice) -> str:
        """Return the SHA-256 of an entry's title and text, whether the addresses in them say http or https."""
        said = [one_line(item.title or ""), notice.text]
        return strict_json.sha256([self.revision_hash_version, *(_PLAIN_HTTP.sub("https://", part) for part in said)])

    def _notice(self, item: Item, identity: str) -> Notice:
        title = without_contacts(one_line(item.title or ""))
        text = text_of(item.texts, title)
        link = _resolved(self.base_url, item.link) if item.link else None
        return Notice(
            id=identity,
            source=self.name,
            kind=NoticeKind.ARTICLE,
            title=title or _first_words(text) or link or self._named(identity),
            text=text,
            published=item.published,
            url=link,
            language=item.language,
            procedure=f"{self.name}:{identity}",
            raw_sha256=item.raw_sha256,
        )

    def _named(self, identity: str) -> str:
        """Return what stands for the title of an entry that has only its id: the feed's name where that is hashed."""
        return self.label if identity.startswith(_HASHED) else without_contacts(identity)


def items_of(payload: bytes) -> Items:
    """Return the entries of a feed, whichever of its forms it has.

    Raises SourceError in plain words for an empty answer, an HTML page, broken XML or JSON, a DOCTYPE, bombs, and for
    what is no feed.
    """
    if payload.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in {b"{", b"["}:
        return items_of_json(strict_json.load(payload))
    root = xml.parse(payload, max_elements=MAX_ELEMENTS)
    if xml.local_name(root.tag).casefold() == "html":
        raise SourceError("the answer is an HTML page, a feed was expected", SourceFault.HTML_PAGE)
    return items_of_xml(root)


def identity_of(item: Item) -> str | None:
    """Return what an entry is known by, whether its addresses say http or https; None where it says nothing at all.

    That is its id, its link, or what it says and on which day. What would be too long or an e-mail address is hashed.
    """
    told = item.guid or (_without_campaign(item.link) if item.link else None)
    if told is None:
        said = item.title or _first_words("\n".join(item.texts))
        when = item.published.astimezone(UTC).date() if isinstance(item.published, datetime) else item.published
        return strict_json.sha256([said, when.isoformat() if when else None]) if said else None
    told = _PLAIN_HTTP.sub("https://", told.strip())
    if len(told) <= ADDRESS_CHARS:
        told = _BLANKS.sub(lambda blanks: quote(blanks[0]), told)
    is_usable = len(told) <= ID_CHARS and not _MAILBOX.search(told)
    return told if is_usable else f"{_HASHED}{hashlib.sha256(told.encode(errors='replace')).hexdigest()}"


def _resolved(address: str, link: str) -> str | None:
    """Return a link as a feed at an address means it, None where it leads nowhere in the web."""
    try:
        link = urljoin(address, link)
    except ValueError:
        return None
    return link if _WEB.fullmatch(link) else None


def _without_campaign(link: str) -> str:
    """Return an address without what counts readers, its host in lower case."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return link
    kept = [
        (name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if not _CAMPAIGN.fullmatch(name)
    ]
    query = urlencode(kept) if len(kept) < parts.query.count("&") + 1 else parts.query
    return urlunsplit(parts._replace(netloc=parts.netloc.lower(), query=query))


def _first_words(text: str) -> str:
    line = text.partition("\n")[0]
    return line if len(line) <= TITLE_CHARS else f"{line[:TITLE_CHARS].rpartition(' ')[0] or line[:TITLE_CHARS]}…"
