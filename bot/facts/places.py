"""Where a link leads, whatever copy, short form or old name of a page it names: one document has one place."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

from bot.facts.citing import message_of
from bot.markup import safe_url

_COPIES_IN_COPIES: Final = 4
_SHOWS_OTHERS = re.compile(r"(?:^|\.)(?:archive|google|ampproject|translate|discord|discordapp)\.", re.IGNORECASE)
"""The hosts that show pages of others at addresses that look like their own, and Discord, where members speak."""
_NESTED = re.compile(r"https?://[^/]+/(?:.*/)?https?:/{1,2}(?P<page>[^/]+\..+)", re.IGNORECASE)
_WITHOUT_SCHEME = re.compile(
    r"https?://(?:web\.archive\.org/web/[^/]+|(?:www\.)?google\.[a-z.]+/amp(?:/s)?|[^/]+\.cdn\.ampproject\.org/[a-z]+(?:/s)?)"
    r"/(?P<page>[^/]+\..+)",
    re.IGNORECASE,
)
_TRANSLATED = re.compile(r"https?://(?P<host>[^/.]+)\.translate\.goog(?P<rest>/.*)", re.IGNORECASE)
_LEADS_ON = re.compile(
    r"https?://(?:(?:www\.|translate\.)?google\.[a-z.]+/(?:url|translate)"
    r"|lm?\.facebook\.com/l\.php|archive\.(?:ph|today|is|li|md|fo|vn)/?)\?"
)
_LEADS_TO: Final = ("q", "url", "u")

_SHORT: Final = frozenset(f"archive.{end}" for end in ("ph", "today", "is", "li", "md", "fo", "vn")) | {
    "bit.ly",
    "buff.ly",
    "ghostarchive.org",
    "goo.gl",
    "is.gd",
    "lnkd.in",
    "ow.ly",
    "perma.cc",
    "t.co",
    "tinyurl.com",
}
"""The hosts whose own addresses name no page: any page may stand behind them."""

_TECHNICAL = re.compile(r"^(?:www\d?|m|mobile|amp)\.(?=[^.]+\.)")
_NAMES: Final = {
    "twitter.com": "x.com",
    "fxtwitter.com": "x.com",
    "vxtwitter.com": "x.com",
    "youtu.be": "youtube.com",
    "youtube-nocookie.com": "youtube.com",
    "discordapp.com": "discord.com",
    "ptb.discord.com": "discord.com",
    "canary.discord.com": "discord.com",
    "fb.com": "facebook.com",
    "fb.watch": "facebook.com",
    "instagr.am": "instagram.com",
    "telegram.me": "t.me",
    "old.reddit.com": "reddit.com",
    "redd.it": "reddit.com",
}
"""The hosts that go by another name too, and that name."""

_VIDEO = re.compile(r"/(?:shorts|embed|live|v)/(?P<id>[\w-]+)")
_POST = re.compile(r"/(?:i(?:/web)?|[^/]+)/status(?:es)?/(?P<id>\d+).*")
_AMP = re.compile(r"/amp(?=/|$)|\.amp(?=\.html$|$)", re.IGNORECASE)
_OF_NO_MATTER = re.compile(r"utm_.*|_x_tr_.*|fbclid|gclid|xtor|amp|outputtype|ref_src|igshid", re.IGNORECASE)


def page_of(url: str) -> str:
    """Return the address of the page that a link shows: of a copy of it in an archive or a cache, that of the page.

    `url` is one that `bot.markup.safe_url` accepted. The host is under its present name, without `www.` and `m.`.
    """
    for _ in range(_COPIES_IN_COPIES):
        inner = safe_url(_inner(url))
        if inner is None:
            break
        url = inner
    parts = urlsplit(url)
    host = _TECHNICAL.sub("", parts.hostname or "")
    return parts._replace(netloc=_NAMES.get(host, host)).geturl()


def names_no_page(page: str) -> bool:
    """Return whether an address of `page_of` is a short one, which does not tell what it leads to."""
    return (urlsplit(page).hostname or "") in _SHORT


def is_plain_host(host: str) -> bool:
    """Return whether the pages of a host are its own, so that it tells their publisher: no copies, no short forms."""
    return _SHOWS_OTHERS.search(host) is None and _TECHNICAL.sub("", host) not in _SHORT


def rest_of(page: str) -> str:
    """Return what tells a page from others of its host, without the marks of an edition for phones or of an errand."""
    message = message_of(page)
    if message is not None:
        return f"/{message.message_id}"
    parts = urlsplit(page)
    if (kept := _of_a_platform(parts)) is not None:
        return kept
    asked = [(name, value) for name, value in parse_qsl(parts.query) if not _OF_NO_MATTER.fullmatch(name)]
    path = quote(unquote(_AMP.sub("", parts.path))).rstrip("/")
    return path + (f"?{urlencode(sorted(asked))}" if asked else "")


def tells_of(page: str, notice_id: str) -> bool:
    """Return whether an address names a notice by the number that its publisher gave it."""
    if not any(sign.isdigit() for sign in notice_id):
        return False
    return re.search(rf"(?<![\w-]){re.escape(notice_id)}(?![\w-])", unquote(page)) is not None


def _inner(url: str) -> str | None:
    """Return the address that stands inside that of a copy or a redirection, None where there is none."""
    address, _, asked = url.partition("?")
    read = unquote(address) + (f"?{asked}" if asked else "")
    beginning = unquote(address)
    if _NESTED.fullmatch(beginning) and (found := _NESTED.fullmatch(read)):
        return f"https://{found['page']}"
    if found := _WITHOUT_SCHEME.fullmatch(read):
        return f"https://{found['page']}"
    if found := _TRANSLATED.fullmatch(url):
        return f"https://{found['host'].replace('--', '_').replace('-', '.').replace('_', '-')}{found['rest']}"
    if _LEADS_ON.match(url):
        told = dict(parse_qsl(asked))
        return next((told[name] for name in _LEADS_TO if told.get(name, "").startswith(("http://", "https://"))), None)
    return None


def _of_a_platform(parts: SplitResult) -> str | None:
    """Return by what a video or a post is known, whichever form of its address names it."""
    if parts.hostname == "youtube.com":
        video = _VIDEO.fullmatch(parts.path)
        named = video["id"] if video else dict(parse_qsl(parts.query)).get("v")
        # The short form has the video for its path.
        return f"/{named or parts.path.strip('/')}"
    if parts.hostname == "x.com" and (post := _POST.fullmatch(parts.path)):
        return f"/{post['id']}"
    return None
