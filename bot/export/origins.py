"""Whose words the citations of an export are, thousands of them in a moment: as `bot.facts.origins` has it."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import Final

from bot.facts.origins import origin_of, origin_of_each
from bot.facts.places import is_plain_host
from bot.models import Citation, CitationKind, Origin

Told = tuple[str, str | None, str | None, str | None, str | None, str | None]
"""A citation as its row tells it: kind, address, title, what Vigie knows, what a person said, its party."""

_LABEL = r"[a-z0-9]{1,30}(?:-[a-z0-9]{1,20})?"
_PLAIN_LINK: Final = re.compile(rf"(https?://({_LABEL}(?:\.{_LABEL}){{1,3}})/)(?!.*:/)[A-Za-z0-9._~/?=&:-]{{0,200}}")
"""A link whose origin follows from its beginning alone, unless its host shows pages of others."""


def origins_told(rows: Sequence[Told]) -> list[Origin]:
    """Return the `origin_of_each` of the citations of a fact, most of them without looking at them anew."""
    if len(rows) == 1 or _are_apart(rows):
        return [_origin_told(row) for row in rows]
    return origin_of_each([_citation(*row) for row in rows])


def _origin_told(row: Told) -> Origin:
    kind, url, _, _, said, _ = row
    if said:
        return _origin(kind, None, None, None, said, None)
    if kind == CitationKind.LINK and url and (plain := _plain(url)):
        return _origin(kind, plain, None, None, None, None)
    return _origin(*row)


def _are_apart(rows: Sequence[Told]) -> bool:
    """Return whether no two citations can be of one document: words, links and notices of different publishers."""
    linked: set[str] = set()
    published: set[str] = set()
    notices: set[str | None] = set()
    for kind, url, _, known, _, _ in rows:
        if kind == CitationKind.WORDS:
            continue
        plain = _plain(url or "")
        if plain is None:
            return False
        publisher = _origin(CitationKind.LINK, plain, None, None, None, None).key
        if kind == CitationKind.LINK and publisher not in linked | published:
            linked.add(publisher)
        elif kind == CitationKind.NOTICE and publisher not in linked and known not in notices:
            published.add(publisher)
            notices.add(known)
        else:
            return False
    return True


def _plain(url: str) -> str | None:
    """Return the beginning of a link that tells its publisher, None where more of it has to be read."""
    found = _PLAIN_LINK.fullmatch(url)
    return found[1] if found is not None and _is_plain_host(found[2]) else None


_is_plain_host = functools.lru_cache(maxsize=4096)(is_plain_host)


@functools.lru_cache(maxsize=4096)
def _origin(
    kind: str, url: str | None, title: str | None, known: str | None, said: str | None, party: str | None
) -> Origin:
    return origin_of(_citation(kind, url, title, known, said, party))


def _citation(
    kind: str, url: str | None, title: str | None, known: str | None, said: str | None, party: str | None
) -> Citation:
    return Citation(kind=CitationKind(kind), url=url, title=title, origin=known, said_origin=said, party=party)
