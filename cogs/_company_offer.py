"""What the French register of companies offers for a company that was just entered: a person says which one it is.

The select carries the item in its custom_id and the SIREN in its value, so that it works after a restart.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import Final

import discord
from discord import ui

from bot.access import Action
from bot.errors import SourceError
from bot.locales import Texts
from bot.markup import cut, plain
from bot.models import ItemKind, WatchItem
from bot.sources import CompanyRegister, RegisteredCompany
from bot.watchlist.editing import Edits, edit
from bot.watchlist.entry import ALIASES
from bot.watchlist.numbers import sirens
from cogs._caller import admit, app_of
from cogs._items import NAME_UNITS, item_name
from cogs._suggestions import ItemSelect, live_item

log = logging.getLogger(__name__)

OPTION_UNITS: Final = 100


class AddRegistered(ItemSelect, template=r"item-registered:(?P<item>\d{1,18})"):
    """Add the number and the other names of the registered company that a person chose."""

    async def act(self, interaction: discord.Interaction) -> None:
        """Add what the register says of the company now; its number alone where it does not answer."""
        siren = self.item.values[0]
        await interaction.response.defer()
        item, app = await live_item(interaction, self.item_id), app_of(interaction)
        visitor = await admit(interaction, Action.WATCH_EDIT, thing=item)
        meant = [company for company in await _found(app.company_register, siren) if company.siren == siren]
        others = [name for company in meant for name in company.other_names]
        edited = await edit(
            app.database,
            item,
            Edits(more_identifiers=(siren,), more_aliases=tuple(others[: max(0, ALIASES - len(item.aliases))])),
            by=visitor.caller.user_id,
            floor_id=interaction.id,
            known_sources=app.settings.sources.keys(),
            now=app.clock.now(),
        )
        after, texts = edited.after.item, visitor.texts
        added = [siren, *(name for name in after.aliases if name not in item.aliases)]
        values = {"id": after.id, "name": item_name(after), "added": plain(", ".join(added), 4 * NAME_UNITS)}
        said = texts("registered-added", **values) if edited.fields else texts("suggest-had", **values)
        await interaction.edit_original_response(content=said)


async def registered(
    register: CompanyRegister | None, item: WatchItem, texts: Texts
) -> tuple[list[str], AddRegistered] | None:
    """Return the lines that tell of the registered companies an item may be, and the select that adds one.

    None for what is no company or has its French number, and where the register does not answer or knows none.
    """
    if item.kind is not ItemKind.COMPANY or sirens(item.identifiers):
        return None
    found = await _found(register, item.name)
    if not found:
        return None
    labels = texts.through(plain)  # labels show markdown as typed
    select: ui.Select[ui.View] = ui.Select(
        custom_id=f"item-registered:{item.id or 0}",
        placeholder=labels("registered-choose"),
        options=[
            discord.SelectOption(
                label=cut(f"{company.siren} · {plain(company.name)}", OPTION_UNITS),
                value=company.siren,
                description=cut(" · ".join(_details(labels, company)), OPTION_UNITS) or None,
            )
            for company in found
        ],
    )
    return list(_lines(texts, found)), AddRegistered(select, item.id or 0)


async def _found(register: CompanyRegister | None, typed: str) -> tuple[RegisteredCompany, ...]:
    if register is None:
        return ()
    try:
        return await register.search(typed)
    except SourceError as error:
        # What was typed stays out of the log: it says who is looked at.
        log.info("the register of companies does not answer: %s", error.fault or type(error).__name__)
        return ()


def _lines(texts: Texts, found: Sequence[RegisteredCompany]) -> Iterator[str]:
    yield ""
    yield texts("registered-title")
    for company in found:
        name = plain(company.name, NAME_UNITS)
        details = ", ".join(_details(texts, company))
        yield texts("registered-line", name=name, siren=company.siren, details=f", {details}" if details else "")


def _details(texts: Texts, company: RegisteredCompany) -> Iterator[str]:
    if company.place:
        yield plain(company.place, NAME_UNITS)
    if not company.is_active:
        yield texts("registered-ceased")
    if company.other_names:
        yield texts("registered-also", names=plain(" · ".join(company.other_names), NAME_UNITS))
