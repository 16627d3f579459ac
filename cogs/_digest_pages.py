"""The digests of a newsroom page by page; which page a button leads to stands in its custom_id."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import discord
from discord import ui

from bot.access import Action
from bot.locales import Texts
from bot.storage.database import Connection
from bot.storage.digesting import digest_hits
from cogs._caller import Visit
from cogs._digest_options import Scheduled, schedule_words, scheduled_digests
from cogs._digest_replies import next_words, slot_words
from cogs._paging import PageOfAll, Paging
from cogs._replies import sheet

if TYPE_CHECKING:
    from bot.app import App

A_PAGE = 8


class DigestPage(PageOfAll, template=r"digests:(?P<page>\d{1,5})"):
    """Turn to a page of the digests."""

    action = Action.DIGEST_LIST
    prefix = "digests"

    async def shown(self, app: App, visitor: Visit) -> tuple[discord.Embed, ui.View | None]:
        """Return the page of the digests."""
        return await digest_page(app, visitor, self.page)


async def digest_page(app: App, visitor: Visit, page: int) -> tuple[discord.Embed, ui.View | None]:
    """Return a page of the newsroom's digests, each with when it came last, comes next and what waits for it.

    From 0; the last one where there are fewer.
    """
    texts = visitor.texts
    found = await scheduled_digests(app, visitor)
    paging = Paging.of(page, len(found), A_PAGE)
    shown = found[paging.page * A_PAGE : (paging.page + 1) * A_PAGE]
    async with app.database.read() as connection:
        lines = [await _lines(connection, texts, one, app.clock.now()) for one in shown]
    title = texts.plural("digests-title", len(found))
    embed = sheet(title, lines or [texts("digests-none")], footer=paging.footer(texts))
    return embed, paging.view(texts, DigestPage)


async def _lines(connection: Connection, texts: Texts, one: Scheduled, now: datetime) -> str:
    digest = one.digest
    first = [texts("digests-line", schedule=schedule_words(texts, digest), channel=digest.channel_id, id=digest.id)]
    if one.dossier is not None:
        name = one.dossier.name
        first.append(
            texts("digests-dossier-closed", dossier=name) if one.is_paused else texts("digests-dossier", dossier=name)
        )
    second: list[str] = []
    if not one.is_paused:
        second.append(texts("digests-next", when=await next_words(connection, texts, digest, now)))
    told = digest.told_at
    second.append(texts("digests-last", when=slot_words(texts, told)) if told is not None else texts("digests-never"))
    second.append(texts.plural("digests-waiting", await digest_hits.waiting(connection, digest)))
    return f"{' · '.join(first)}\n{' · '.join(second)}"
