"""What a person reads when a fact is logged, changed or shown: how it was understood, where it stands, what it is."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import discord
from discord import ui

from bot.access import Action, may, owners_of
from bot.cards import fact_card, render
from bot.composing import fact_content
from bot.dates import TypedDate, echo, stored
from bot.entering import Belongings
from bot.errors import UserError
from bot.facts import changes
from bot.facts.citing import file_cited
from bot.facts.entry import TypedFact, read_fact, with_origin
from bot.facts.origins import origin_of_each
from bot.locales import Texts
from bot.markup import plain
from bot.models import Citation, Fact, ThingKind, WatchItem
from bot.storage.log import about, citations, facts
from bot.watchlist.trying import try_text
from cogs._caller import Visit, app_of
from cogs._cards import to_embed
from cogs._log_options import Fingerprint, chosen_items, dates_of, long_moment
from cogs._replies import respond, thinking

if TYPE_CHECKING:
    from bot.app import App

SUGGESTED = 25
OPTION_UNITS = 100
CLAIM_UNITS = 900
REASON_UNITS = 300


async def log_fact(  # noqa: PLR0913  # all that may be known of a new fact
    interaction: discord.Interaction,
    visitor: Visit,
    typed: TypedFact,
    *,
    items: str = "",
    dossier_ids: Sequence[int] = (),
    tip_id: int | None = None,
    draft: int | None = None,
    file: Fingerprint | None = None,
    embargo_until: datetime | None = None,
) -> None:
    """Log a fact, say how it was understood and where it is shown, and suggest watch items that it names."""
    if visitor.newsroom is None:
        raise UserError("log-before-setup")
    app = app_of(interaction)
    now = app.clock.now()
    if not interaction.response.is_done():
        await thinking(interaction)
    about_items = await chosen_items(app, visitor, items)
    attached = file_cited(file.name, file.size, file.sha256, now=now) if file else None
    if attached is not None and not typed.source.strip() and typed.cited is None:
        typed, attached = replace(typed, cited=attached), None
    entry = read_fact(typed, dates_of(app, visitor), guild_id=visitor.guild_id, now=now)
    if attached is not None:
        entry = replace(entry, citations=(*entry.citations, with_origin(attached, typed.origin)))
    belongings = Belongings(
        items=[item.id for item in about_items if item.id is not None],
        dossiers=dossier_ids,
        draft=draft,
        embargo_until=embargo_until,
    )
    changed = await changes.add(app.database, visitor.viewer, entry, now, belongings, tip_id=tip_id)
    app.delivery.wake()
    texts = visitor.texts
    lines = [
        texts("fact-logged", id=changed.fact.id),
        *date_lines(texts, entry.date),
        shown_line(visitor, changed),
    ]
    if tip_id is not None:
        lines.insert(1, texts("fact-from-tip", id=tip_id))
    lines[-1:-1] = await origin_lines(app, visitor, changed.fact, len(entry.citations))
    if file is not None:
        lines.append(texts("file-known", name=file.name))
    view = ui.View(timeout=None)
    suggested = await suggested_items(app, visitor, changed.fact)
    if suggested:
        lines.append(texts("fact-suggested"))
        view.add_item(suggestion_select(texts, changed.fact, suggested))
    if entry.date is not None and entry.date.needs_confirmation:
        add_date_buttons(view, texts, f"fact-correct:{changed.fact.id}")
    embed = await fact_embed(app, visitor, changed.fact)
    await respond(interaction, "\n".join(lines), embed=embed, view=view if view.children else None)


async def corrected_reply(
    interaction: discord.Interaction, visitor: Visit, before: Fact, changed: changes.Changed, date: TypedDate | None
) -> None:
    """Say that a fact was corrected, and that it is to be verified anew."""
    texts = visitor.texts
    fact = changed.fact
    lines = [texts("fact-corrected", id=fact.id, revision=fact.revision), *date_lines(texts, date)]
    if before.verified_by is not None:
        lines.append(texts("fact-verify-again"))
    lines.append(shown_line(visitor, changed))
    view = ui.View(timeout=None)
    if date is not None and date.needs_confirmation:
        add_date_buttons(view, texts, f"fact-correct:{fact.id}")
    embed = await fact_embed(app_of(interaction), visitor, fact)
    await respond(interaction, "\n".join(lines), embed=embed, view=view if view.children else None)


async def changed_reply(interaction: discord.Interaction, visitor: Visit, text: str, changed: changes.Changed) -> None:
    """Say what was done with a fact, and show it as it now stands."""
    embed = await fact_embed(app_of(interaction), visitor, changed.fact)
    await respond(interaction, f"{text}\n{shown_line(visitor, changed)}", embed=embed)


async def fact_embed(app: App, visitor: Visit, fact: Fact, *, is_whole: bool = False) -> discord.Embed:
    """Return a fact as it is shown in private; `is_whole` with all that it rests on and its whole history."""
    async with app.database.read() as connection:
        content = await fact_content(connection, fact, None)
    texts = Texts(visitor.texts.language, visitor.texts.zone)
    is_whole = is_whole or fact.is_hidden
    return to_embed(await asyncio.to_thread(lambda: render(fact_card(texts, content, is_whole=is_whole))))


def fact_lines(texts: Texts, fact: Fact) -> Iterator[str]:
    """Yield a fact as it stands, in a few lines: the claim, its date, who made this version, when and why."""
    yield f"> {texts('fact-stands', claim=plain(fact.claim.text, CLAIM_UNITS))}"
    if fact.claim.event_date is not None:
        date = stored(fact.claim.event_date, fact.claim.event_date_typed or "")
        yield texts("fact-date", date=echo(texts, date))
    if fact.corrected_by is not None and fact.corrected_at is not None:
        yield texts(
            "fact-corrected-by",
            person=fact.corrected_by,
            when=fact.corrected_at,
            reason=plain(fact.reason or "", REASON_UNITS),
        )


def date_lines(texts: Texts, date: TypedDate | None) -> Iterator[str]:
    """Yield how a date was understood, in its long form, beside the words where they were no date of the calendar."""
    if date is None:
        return
    if date.needs_confirmation:
        yield texts("date-understood", date=echo(texts, date), typed=date.typed)
    else:
        yield texts("date-read", date=echo(texts, date))


def shown_line(visitor: Visit, changed: changes.Changed) -> str:
    """Return where the card of a fact is shown, or that one under embargo is shown nowhere."""
    until = changed.fact.embargo_until
    if until is not None:
        return visitor.texts("fact-embargoed", until=long_moment(visitor.texts, until))
    return where_line(visitor, changed.channels)


def where_line(visitor: Visit, channels: Sequence[int]) -> str:
    """Return where a card is shown; a closed dossier with a channel of its own lets nothing new into the log."""
    texts = visitor.texts
    if not channels:
        has_log = visitor.newsroom is not None and visitor.newsroom.log_channel is not None
        return texts("log-closed") if has_log else texts("log-nowhere")
    return " ".join((texts("log-shown-in"), *(texts("log-channel", channel=channel) for channel in channels)))


def add_date_buttons(view: ui.View, texts: Texts, other: str) -> None:
    """Add the buttons that confirm a date or open the form to give another one, whose custom_id is `other`."""
    view.add_item(
        ui.Button(label=texts("button-date-right"), custom_id="date-right", style=discord.ButtonStyle.success)
    )
    view.add_item(ui.Button(label=texts("button-date-other"), custom_id=other))


async def suggested_items(app: App, visitor: Visit, fact: Fact) -> list[WatchItem]:
    """Return the watch items that a fact's claim and quotes name, of those that it is not linked to yet."""
    items = await app.watchlist.items_of(visitor.guild_id)
    if not items:
        return []
    async with app.database.read() as connection:
        cited = await citations.standing(connection, fact.guild_id, fact.id)
        linked = {item.id for item in await about.items_of(connection, fact.guild_id, ThingKind.FACT, fact.id)}
    text = "\n".join((fact.claim.text, *(citation.quote for citation in cited if citation.quote)))
    found = {hit.item for hit in (await try_text(items, text)).hits}
    return [item for item in items if item.id in found - linked][:SUGGESTED]


def suggestion_select(texts: Texts, fact: Fact, items: Sequence[WatchItem]) -> ui.Select[ui.View]:
    """Return the select that links a fact to the watch items that it names."""
    return ui.Select(
        custom_id=f"fact-items:{fact.id}",
        placeholder=texts("fact-suggested-placeholder"),
        min_values=1,
        max_values=len(items),
        options=[
            discord.SelectOption(
                label=plain(item.name, OPTION_UNITS) or "?",
                value=str(item.id),
                description=texts.word("item-kind", item.kind),
            )
            for item in items
        ],
    )


async def standing(app: App, visitor: Visit, fact_id: int, n: int = 1) -> tuple[Fact, Citation]:
    """Return a fact as it now stands, with its source of a number; raises UserError where there is none."""
    async with app.database.read() as connection:
        fact = await facts.find(connection, visitor.viewer, fact_id)
        if fact is None:
            raise UserError("fact-unknown", typed=str(fact_id))
        cited = await citations.standing(connection, visitor.guild_id, fact.id)
    source = next((citation for citation in cited if citation.n == n), None)
    if source is None:
        raise UserError("citation-no-number", id=fact.id, n=n)
    return fact, source


async def origin_lines(app: App, visitor: Visit, fact: Fact, added: int) -> list[str]:
    """Return whose words the sources last added to a fact are, and which of them count for nothing new."""
    texts = visitor.texts
    async with app.database.read() as connection:
        cited = await citations.standing(connection, fact.guild_id, fact.id)
    named = [(one.n, origin) for one, origin in zip(cited, origin_of_each(cited), strict=True)]
    lines: list[str] = []
    for place in range(len(named) - added, len(named)):
        n, origin = named[place]
        lines.append(texts("fact-origin-understood", n=n, origin=origin.name))
        first = next((other for other, former in named[:place] if former.key == origin.key), None)
        if first is not None:
            lines.append(texts("fact-origin-known", first=first))
            is_own = visitor.caller.user_id in owners_of(fact)
            may_say = may(visitor.role, Action.FACT_CORRECT, is_own=is_own)
            lines.append(texts("fact-origin-otherwise" if may_say else "fact-origin-otherwise-ask", id=fact.id, n=n))
    return lines
