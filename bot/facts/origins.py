"""Whose words the sources of a fact are: two that say the same person's words are one origin, and count once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from bot.facts.citing import message_of
from bot.facts.places import names_no_page, page_of, rest_of, tells_of
from bot.lookup import folded
from bot.markup import host_of, plain, safe_url
from bot.models import Citation, CitationKind, Origin

ENOUGH: Final = 2
"""How many origins a fact has to have before it is verified, where the newsroom asks for a second source."""

_NAME_UNITS = 100
_NOBODY_KNOWN = Origin("discord:", "Discord")
_HOST = re.compile(r"(?:[\w-]+\.)+[^\W\d_]{2,}\.?|(?:[\w-]+\.)+xn--[a-z0-9-]+\.?", re.IGNORECASE)
_EDITIONS = re.compile(
    r"(?:w{2,4}\d?|m|mobile|mobi|touch|amp|beta|app|web|i|edition|editions|de|en|es|fr|it|nl|pt)\.(?=[^.]+\.[^.]+)"
)
_SHARED = re.compile(r"(?:ac|asso|co|com|edu|eu|gob|gouv|gov|net|or|org)\.[^.]+")
"""What stands before a name that anybody can register: never a publisher of its own."""
_AUTHOR = re.compile(r"(?P<name>.*) \(@[^()]*, (?P<id>\d{1,20})\), \S+")
_CHECKSUM = re.compile(r"(?P<key>sha256:[0-9a-f]{64}) .*")
_INITIALS = re.compile(r"\b[^\W\d_](?: [^\W\d_]\b)+")


def origin_of(citation: Citation) -> Origin:
    """Return whose words a citation is: as a person said it, else as far as can be known without opening anything.

    A link is its host's without the label of an edition (`m.`, `amp.`, `www.`, `fr.`), or that of the page that it is a
    copy of, a notice its buyer's or declarant's and else its publisher's, a message its author's, a file that of the
    source it was given with (`beside`) and else its own, what is told in words the words' own. Among the other sources
    of a fact it may count otherwise: `origin_of_each`.
    """
    return _own(citation, _page(citation))


def origin_of_each(citations: Iterable[Citation]) -> list[Origin]:
    """Return whose words each citation of a fact counts as, in their order: all that counts origins counts these.

    One document is one origin however it is cited: what a person said of it, or what is known of it, holds for every
    citation of it. A link that does not tell where it leads counts with the first one that does, unless a person
    said whose words it is; a file that was given with a source counts with it.
    """
    cited = list(citations)
    if len(cited) < ENOUGH:
        return [origin_of(citation) for citation in cited]
    pages = [_page(citation) for citation in cited]
    own = [_own(*each) for each in zip(cited, pages, strict=True)]
    places = _places(cited, pages)
    found: dict[int, Origin] = {}
    told: dict[str, Origin] = {}
    for at in sorted(range(len(cited)), key=lambda at: _telling(cited[at], own[at])):
        is_given = at > 0 and _is_beside(cited[at], cited[at - 1])
        origin, place = found[at - 1] if is_given else own[at], places[at]
        found[at] = origin if place is None else told.setdefault(place, origin)
    short = {own[at].key for at, page in enumerate(pages) if _is_short(cited[at], page)}
    if not short:
        return [found[at] for at in range(len(cited))]
    linked = [found[at] for at, one in enumerate(cited) if one.kind in {CitationKind.LINK, CitationKind.NOTICE}]
    first = next((origin for origin in linked if origin.key not in short), linked[0])
    return [first if found[at].key in short else found[at] for at in range(len(cited))]


def beside(file: Citation, source: Citation) -> Citation:
    """Return a file that was given with a source: that source's words, unless somebody says otherwise."""
    if file.kind is not CitationKind.FILE or file.said_origin:
        return file
    return replace(file, party=source.said_origin or _whose(source, _page(source)))


def files_beside(former: Citation, citation: Citation, standing: Iterable[Citation]) -> list[Citation]:
    """Return the files that were given with a source as they are once `citation` takes the place of `former`."""
    files = [file for file in standing if file.n == former.n + 1 and file.party and beside(file, former) == file]
    return [changed for file in files if (changed := beside(file, citation)) != file]


def origins(citations: Iterable[Citation]) -> tuple[Origin, ...]:
    """Return the different origins of the citations of a fact, in their order."""
    found: dict[str, Origin] = {}
    for origin in origin_of_each(citations):
        found.setdefault(origin.key, origin)
    return tuple(found.values())


def _page(citation: Citation) -> str | None:
    """Return the address of the page that a citation leads to, None where it leads to none."""
    if citation.kind in {CitationKind.FILE, CitationKind.WORDS}:
        return None
    url = safe_url(citation.url)
    return page_of(url) if url is not None else None


def _own(citation: Citation, page: str | None) -> Origin:
    if citation.said_origin:
        return _named(citation.said_origin)
    if citation.kind is CitationKind.FILE and not citation.party:
        checksum = _CHECKSUM.fullmatch(citation.origin or "")
        named = _named(citation.title or "")
        return Origin(checksum["key"], named.name) if checksum else named
    whose = _whose(citation, page)
    return _named(whose) if citation.kind in {CitationKind.NOTICE, CitationKind.WORDS} else _kept(whose)


def _telling(citation: Citation, own: Origin) -> int:
    """Return how late a citation is asked whose words those of its document are; what was said of it comes first."""
    if citation.said_origin:
        return 0
    match citation.kind:
        case CitationKind.FILE:
            return 4 if citation.party else 5
        case CitationKind.LINK:
            return 2 if own != _NOBODY_KNOWN else 3
        case _:
            return 1 if own != _NOBODY_KNOWN else 3


def _is_beside(file: Citation, source: Citation) -> bool:
    """Return whether a file was given with the source before it, and nobody said otherwise of it."""
    is_given = file.kind is CitationKind.FILE and bool(file.party) and not file.said_origin
    return is_given and source.kind is not CitationKind.FILE and beside(file, source) == file


def _is_short(citation: Citation, page: str | None) -> bool:
    """Return whether a citation is a link that does not tell where it leads, of which nobody said whose words it is."""
    is_link = citation.kind is CitationKind.LINK and not citation.said_origin
    return is_link and page is not None and names_no_page(page)


def _places(cited: Sequence[Citation], pages: Sequence[str | None]) -> list[str | None]:
    """Return by what the document of each citation is known, however it is cited; None where it is not."""
    notices = [
        (citation, _leading_to(page))
        for citation, page in zip(cited, pages, strict=True)
        if citation.kind is CitationKind.NOTICE and citation.origin
    ]
    return [_place(citation, page, notices) for citation, page in zip(cited, pages, strict=True)]


def _place(citation: Citation, page: str | None, notices: Sequence[tuple[Citation, str | None]]) -> str | None:
    match citation.kind:
        case CitationKind.NOTICE:
            return f"notice:{citation.origin}" if citation.origin else None
        case CitationKind.FILE:
            checksum = _CHECKSUM.fullmatch(citation.origin or "")
            return checksum["key"] if checksum else None
        case CitationKind.LINK | CitationKind.MESSAGE:
            place = _leading_to(page)
            of_notice = (one.origin for one, own in notices if page and place and own and _is_of(page, place, one, own))
            notice = next(of_notice, None)
            return f"notice:{notice}" if notice is not None else place
        case CitationKind.WORDS:
            return None


def _leading_to(page: str | None) -> str | None:
    """Return by what a page is known; None for none, and for the front page of a host."""
    rest = rest_of(page) if page else ""
    return f"{_publisher(host_of(page))}{rest}" if page and rest else None


def _is_of(page: str, place: str, notice: Citation, own: str) -> bool:
    """Return whether a page is that of a notice: at its address, or of its publisher and with its number."""
    _, _, number = (notice.origin or "").rpartition(" ")
    return place == own or (place.partition("/")[0] == own.partition("/")[0] and tells_of(page, number))


def _whose(citation: Citation, page: str | None) -> str:
    """Return in words whose words a citation is, as far as is known; a file that stands alone says so by its title."""
    match citation.kind:
        case CitationKind.LINK:
            if page is not None and message_of(page) is not None:
                return _NOBODY_KNOWN.key
            return _publisher(host_of(page)) if page is not None else citation.url or citation.title or ""
        case CitationKind.NOTICE:
            publisher, _, _ = (citation.origin or "").rpartition(" ")
            return citation.party or publisher or citation.title or ""
        case CitationKind.MESSAGE:
            return (
                citation.origin if _AUTHOR.fullmatch(citation.origin or "") and citation.origin else _NOBODY_KNOWN.key
            )
        case CitationKind.FILE:
            return citation.party or citation.title or ""
        case CitationKind.WORDS:
            return citation.title or citation.url or ""


def _kept(whose: str) -> Origin:
    """Return the origin that `_whose` put in words: an author of Discord is known by number."""
    author = _AUTHOR.fullmatch(whose)
    if author:
        return Origin(f"member:{author['id']}", author["name"])
    return _NOBODY_KNOWN if whose == _NOBODY_KNOWN.key else _named(whose)


def _named(name: str) -> Origin:
    """Return an origin that is known by its name, whatever its case, accents and signs, or as a host its edition."""
    host = name.strip()
    if _HOST.fullmatch(host):
        key = folded(_unicode(_publisher(host.rstrip("."))))
    else:
        key = _INITIALS.sub(lambda found: found[0].replace(" ", ""), folded(name))
    return Origin(key, plain(name, _NAME_UNITS) or "?")


def _publisher(host: str) -> str:
    """Return a host without the labels of its editions: one newspaper publishes under all of them."""
    name = host.lower()
    while (label := _EDITIONS.match(name)) and not _SHARED.fullmatch(name[label.end() :]):
        name = name[label.end() :]
    return name


def _unicode(host: str) -> str:
    """Return a host in the letters that people read, as it is where it has none."""
    try:
        return host.encode("ascii").decode("idna")
    except UnicodeError:
        return host
