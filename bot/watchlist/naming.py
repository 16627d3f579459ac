"""Which announcement, or which notice, a person means by what they type or paste."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from itertools import islice
from typing import Final
from urllib.parse import unquote

from bot.errors import UserError
from bot.markup import host_of, plain, safe_url
from bot.models import Announcement
from bot.storage.database import Connection, Database
from bot.storage.outbox import announcements, explained

TRIED: Final = 40
"""Parts of an address that are tried as the id of a notice, at most."""

_TYPED_UNITS = 100
_CODE = re.compile(r"([0-9A-Za-z]{4})[-\u2010-\u2015 ]?([0-9A-Za-z]{4})")
_ADDRESS = re.compile(r"(?:https?://)?[\w.-]+\.[a-z]{2,}(?:[/?#]\S*)?", re.IGNORECASE)
_PART = re.compile(r"[^/?#&=:+,;%\s]+")
_ENDING = re.compile(r"\.(?:html?|pdf|xml|json)$", re.IGNORECASE)


async def named(database: Database, guild_id: int, typed: str, sources: Collection[str]) -> Announcement | int:
    """Return what a person named: one of the newsroom's announcements, or our row of a stored notice.

    That is by a code, in whatever case and with or without its hyphen; by a notice's id with or without its source and
    `:` before it; or by the notice's address at its publisher. Raises UserError when it is none, or several notices
    are of that id.
    """
    wanted = typed.strip().strip("<>").strip()
    async with database.read() as connection:
        if (code := _CODE.fullmatch(wanted)) is not None:
            announcement = await announcements.by_code(connection, guild_id, f"{code[1]}-{code[2]}".upper())
            if announcement is not None:
                return announcement
        rows = await explained.rows_named(connection, wanted, sources) or await _of_source(connection, wanted, sources)
        is_address = not rows and _ADDRESS.fullmatch(wanted) is not None
        if is_address:
            rows = await _at_address(connection, wanted, sources)
        if len(rows) > 1:
            found = [await explained.seen(connection, row) for row in rows]
            candidates = [f"{one.source}:{one.source_id}" for one in found]
            raise UserError(
                "lookup-ambiguous", typed=plain(wanted, _TYPED_UNITS), candidates=candidates, found=len(rows)
            )
    if not rows:
        source, colon, source_id = wanted.partition(":")
        if is_address:
            raise UserError("why-unread-address", typed=plain(wanted, _TYPED_UNITS))
        if colon and source.strip().lower() in {*sources}:
            raise UserError("why-unread", id=plain(source_id.strip(), _TYPED_UNITS), source=source.strip().lower())
        raise UserError("why-unknown", typed=plain(wanted, _TYPED_UNITS))
    return rows[0]


async def _of_source(connection: Connection, wanted: str, sources: Collection[str]) -> list[int]:
    """Return our rows of the notices that a source's name and an id name: that of a feed has a colon too."""
    source, colon, source_id = wanted.partition(":")
    while colon:
        rows = await explained.rows_named(connection, source_id.strip(), {source.strip().lower()} & {*sources})
        if rows:
            return rows
        more, colon, source_id = source_id.partition(":")
        source = f"{source}:{more}"
    return []


async def _at_address(connection: Connection, wanted: str, sources: Collection[str]) -> list[int]:
    """Return our rows of the notices that an address leads to: the publisher's own, with the id as one part of it."""
    address = safe_url(wanted if wanted.lower().startswith("http") else f"https://{wanted}")
    if address is None:
        return []
    host = _site(host_of(address))
    parts = [*islice(dict.fromkeys(_parts(address)), TRIED)]
    found = await explained.rows_among(connection, parts, sources)
    return [row for row, urls in found.items() if any(_site(host_of(url)) == host for url in urls)]


def _parts(address: str) -> Iterator[str]:
    _, _, behind = unquote(address).partition("://")
    for part in _PART.findall(behind)[1:]:
        yield part
        yield _ENDING.sub("", part)


def _site(host: str) -> str:
    return host.lower().removeprefix("www.")
