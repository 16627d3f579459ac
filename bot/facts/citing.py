"""From what a person typed as a source to a citation; a link is read as a link, and never fetched."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.entering import TooLong, read_text
from bot.errors import UserError
from bot.markup import host_of, plain, safe_url
from bot.models import Citation, CitationKind, Notice, NoticeKind
from bot.sources import label_of

LEAST_LETTERS: Final = 3
"""How many letters or digits tell something that has no link."""

_SHOWN_UNITS = 100
_FILE_NAME_UNITS = 200
_LINK = re.compile(r"(?:[a-z][a-z0-9+.-]*://|www\.|javascript:|data:|file:|mailto:)\S*", re.IGNORECASE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:(?!\d)", re.IGNORECASE)
_BARE_LINK = re.compile(r"(?:[\w-]+\.)+[a-z]{2,}(?::\d+)?/\S*", re.IGNORECASE)
_BARE_LINK_IN_WORDS = re.compile(r"(?<![^\s(\[«\"])(?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d+)?/[^\s)\]»\"]*")
_MEANT_AS_LINK = re.compile(
    r"""
    (?<![^\W_]) (?:
        [a-z][a-z0-9+.-]{1,9} [:;\uff1a]/+ \S                     # https:/a.fr, htp:/a.fr, https;//a.fr
        | [a-z][a-z0-9+.-]{1,9} \s?[:;\uff1a]\s?(?://|\\) \s?\S   # https ://a.fr, https: //a.fr, http:\\a.fr
        | (?:h+t{1,3}ps?|ttps?) (?:
            \s?[:;\uff1a.,]?\s?[/\\]+ \s?\S                      # https//a.fr, http:/ /a.fr
            | [:;\uff1a.,]\s?[\w-]+\.[a-z]{2,}                   # http:a.fr, https: a.fr
            | \s+[\w-]+\.[a-z]{2,}                           # https a.fr
        )
        | (?:w{2,4}\s?[.,;:]\s?|www\s) (?:[\w-]+\s?[.,]\s?)+ [a-z]{2,}   # www .a.fr, www,a.fr, www a.fr, ww.a.fr
    )
    | (?<!\S) [:;]?//[\w-]+\.\w                             # //a.fr, ://a.fr
    | (?<!\S) [\w-]+ (?:\s?,\s?|\s\.\s?|\.\s) (?:be|ch|com|de|eu|fr|info|net|org|uk) /\S   # a,fr/b, a .fr/b
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""What nobody types who does not mean a link: beside it `JO du 3 mars : p. 4` and `AFP: dépêche` are words."""
_MESSAGE = re.compile(
    r"https://(?:ptb\.|canary\.)?discord(?:app)?\.com/channels/(?P<guild>\d{1,20})/(?P<channel>\d{1,20})"
    r"/(?P<message>\d{1,20})/?"
)
_CLOSING = ")]}>»\"'”.,;:!"


@dataclass(frozen=True, slots=True)
class Message:
    """Name a message of Discord."""

    guild_id: int
    channel_id: int
    message_id: int


def read_citation(source: str, quote: str, *, guild_id: int, now: datetime) -> Citation:
    """Return what a fact is said to rest on: a link with or without a title, a message of the guild, or words.

    Raises UserError, which says what to type instead, where there is no source, more than one link, or one that
    cannot be a link of the web.
    """
    text = read_text(source, TooLong.CITATION)
    words = read_text(quote, TooLong.QUOTE, newlines=True) or None
    if not text:
        raise UserError("fact-needs-source")
    if _BARE_LINK.fullmatch(text):
        text = f"https://{text}"
    links = _LINK.findall(text) or _BARE_LINK_IN_WORDS.findall(text)
    if len(links) > 1:
        raise UserError("citation-two-links")
    if (mistyped := _MEANT_AS_LINK.search(_without(text, links))) is not None:
        raise UserError("citation-bad-link", typed=plain(mistyped.string[mistyped.start() :], _SHOWN_UNITS))
    if not links:
        if sum(sign.isalnum() for sign in text) < LEAST_LETTERS:
            raise UserError("citation-too-little", typed=plain(text, _SHOWN_UNITS))
        return Citation(kind=CitationKind.WORDS, title=text, quote=words, retrieved_at=now)
    link = _trimmed(links[0])
    url = safe_url(link if _SCHEME.match(link) else f"https://{link}")
    if url is None or "." not in host_of(url):
        raise UserError("citation-bad-link", typed=plain(link, _SHOWN_UNITS))
    title = " ".join(text.replace(link, " ").split()).strip(" .-\u2013\u2014:·|()[]<>«»\"'“”,;") or None
    message = message_of(url)
    is_ours = message is not None and message.guild_id == guild_id
    kind = CitationKind.MESSAGE if is_ours else CitationKind.LINK
    return Citation(kind=kind, url=url, title=title, quote=words, retrieved_at=now)


def file_cited(name: str, size: int, sha256: str, *, now: datetime) -> Citation:
    """Return a file as a citation: its name, and the size and checksum by which it is known again; no copy is kept."""
    title = plain(name, _FILE_NAME_UNITS).strip() or "?"
    return Citation(
        kind=CitationKind.FILE, title=title, origin=f"sha256:{sha256} ({size} bytes)", quote=None, retrieved_at=now
    )


def notice_cited(notice: Notice, notice_id: int, *, quote: str | None, retrieved_at: datetime | None) -> Citation:
    """Return a stored notice as a citation; `notice_id` is our row of it."""
    return Citation(
        kind=CitationKind.NOTICE,
        url=safe_url(notice.url),
        title=notice.title or notice.id,
        origin=f"{label_of(notice.source)} {notice.id}",
        party=party_of(notice) or label_of(notice.source),
        quote=quote,
        retrieved_at=retrieved_at,
        notice_id=notice_id,
    )


def party_of(notice: Notice) -> str | None:
    """Return whose words a notice is: who buys, or who declares in a register; None where its publisher speaks."""
    match notice.kind:
        case NoticeKind.TENDER | NoticeKind.AWARD | NoticeKind.CHANGE | NoticeKind.CANCELLATION:
            return notice.buyer or None
        case NoticeKind.REGISTRATION | NoticeKind.REGISTER_CHANGE:
            return next((name for name in (*notice.suppliers, *notice.people, notice.buyer) if name), None)
        case _:
            return None


def message_of(url: str) -> Message | None:
    """Return the message of Discord that an address leads to."""
    match = _MESSAGE.fullmatch(url.strip())
    return Message(int(match["guild"]), int(match["channel"]), int(match["message"])) if match else None


def _without(text: str, links: Sequence[str]) -> str:
    for link in links:
        text = text.replace(link, " \u2026 ", 1)
    return text


def _trimmed(link: str) -> str:
    """Return a link without the signs of the sentence around it; a closing bracket stays where the link opened one."""
    while link and link[-1] in _CLOSING:
        closing = link[-1]
        opening = {")": "(", "]": "[", "}": "{"}.get(closing)
        if opening and link.count(opening) >= link.count(closing):
            break
        link = link[:-1]
    return link
