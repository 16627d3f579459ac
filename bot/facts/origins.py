"""Whose words the sources of a fact are: two that say the same person's words are one origin, and count once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from bot.lookup import folded
from bot.markup import host_of, plain, safe_url
from bot.models import Citation, CitationKind, Origin

ENOUGH: Final = 2
"""How many origins a fact has to have before it is verified, where the newsroom asks for a second source."""

_NAME_UNITS = 100
_AUTHOR = re.compile(r"(?P<name>.*) \(@[^()]*, (?P<id>\d{1,20})\), \S+")
_CHECKSUM = re.compile(r"(?P<key>sha256:[0-9a-f]{64}) .*")


def origin_of(citation: Citation) -> Origin:
    """Return whose words a citation is: as a person said it, else as far as can be known without opening anything.

    A link is its host's, a notice its buyer's or declarant's and else its publisher's, a message its author's, a file
    and what is told in words their own.
    """
    if citation.said_origin:
        return _named(citation.said_origin)
    match citation.kind:
        case CitationKind.LINK:
            url = safe_url(citation.url)
            return _named(host_of(url).removeprefix("www.") if url else citation.url or citation.title or "")
        case CitationKind.NOTICE:
            publisher, _, _ = (citation.origin or "").rpartition(" ")
            return _named(citation.party or publisher or citation.title or "")
        case CitationKind.MESSAGE:
            author = _AUTHOR.fullmatch(citation.origin or "")
            return Origin(f"member:{author['id']}", author["name"]) if author else Origin("discord:", "Discord")
        case CitationKind.FILE:
            checksum = _CHECKSUM.fullmatch(citation.origin or "")
            named = _named(citation.title or "")
            return Origin(checksum["key"], named.name) if checksum else named
        case CitationKind.WORDS:
            return _named(citation.title or citation.url or "")


def origins(citations: Iterable[Citation]) -> tuple[Origin, ...]:
    """Return the different origins of some citations, in their order."""
    found: dict[str, Origin] = {}
    for citation in citations:
        origin = origin_of(citation)
        found.setdefault(origin.key, origin)
    return tuple(found.values())


def _named(name: str) -> Origin:
    """Return an origin that is known by its name, whatever its case, accents and signs."""
    return Origin(folded(name), plain(name, _NAME_UNITS) or "?")
