"""Who is asking, in which newsroom, in which language: asked once for each interaction, of every kind."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import discord

from bot.access import Action, Caller, Role, Thing, Viewer, authorize, role_of, viewer_of
from bot.delivery import DeliveryError
from bot.errors import UserError
from bot.locales import Language, Texts, language_of
from bot.markup import clean
from bot.models import Newsroom
from bot.storage import newsrooms

if TYPE_CHECKING:
    from bot.app import App
    from bot.client import Client


log = logging.getLogger(__name__)

MEMBERSHIP_TIMEOUT_S = 2.0
"""How long Discord may take to say who presses a button in private: the answer is due after three seconds."""
_VISIT = "vigie.visit"


@dataclass(frozen=True, slots=True)
class Visit:
    """Hold one person's request: who, from which newsroom (None before `/setup`), as what, and the texts they read.

    `texts` writes in the person's own language where it is one of ours, else in the newsroom's, and cleans every value.
    """

    caller: Caller
    newsroom: Newsroom | None
    role: Role
    texts: Texts

    @property
    def guild_id(self) -> int:
        """Return the guild; a visit from elsewhere was refused before."""
        if self.caller.guild_id is None:
            raise ValueError("a visit from outside a guild has no newsroom")
        return self.caller.guild_id

    @property
    def viewer(self) -> Viewer:
        """Return through whose eyes tips are read."""
        return viewer_of(self.caller, self.newsroom)


def app_of(interaction: discord.Interaction) -> App:
    """Return the app behind the client that got an interaction."""
    client: Client = interaction.client  # type: ignore[assignment]  # ours is the only client
    return client.app


def caller_of(interaction: discord.Interaction) -> Caller:
    """Return who sent an interaction, from what Discord says of them in it."""
    user = interaction.user
    return Caller(
        user_id=user.id,
        guild_id=interaction.guild_id,
        role_ids=frozenset(role.id for role in user.roles) if isinstance(user, discord.Member) else frozenset(),
        is_administrator=interaction.permissions.manage_guild or interaction.permissions.administrator,
    )


async def visit(interaction: discord.Interaction) -> Visit:
    """Return who asks and what they are, without judging what they ask; looked up once for an interaction."""
    known = interaction.extras.get(_VISIT)
    if isinstance(known, Visit):
        return known
    app = app_of(interaction)
    caller = caller_of(interaction)
    newsroom = None
    if caller.guild_id is not None:
        async with app.database.read() as connection:
            newsroom = await newsrooms.find(connection, caller.guild_id)
    visitor = Visit(caller, newsroom, role_of(caller, newsroom), texts_for(interaction, newsroom))
    app.visits.see(caller, newsroom)
    interaction.extras[_VISIT] = visitor
    return visitor


async def visit_privately(interaction: discord.Interaction, guild_id: int) -> Visit:
    """Return who asks, in a private message, about a newsroom that the message names; as what, Discord is asked.

    Raises UserError where Discord does not say, and for a message of another newsroom than the one that it stands in.
    """
    if interaction.guild_id is not None:
        if interaction.guild_id != guild_id:
            raise UserError("reminder-elsewhere")
        return await visit(interaction)
    app = app_of(interaction)
    try:
        async with asyncio.timeout(MEMBERSHIP_TIMEOUT_S):
            sender = await app.delivery.sender()
            membership = await sender.membership(guild_id, interaction.user.id)
    except (DeliveryError, TimeoutError) as error:
        log.warning("interaction %d: Discord did not say who it is from: %r", interaction.id, error)
        raise UserError("discord-silent") from error
    caller = Caller(
        user_id=interaction.user.id,
        guild_id=guild_id,
        role_ids=membership.role_ids if membership is not None else frozenset(),
        is_administrator=membership is not None and membership.is_administrator,
    )
    async with app.database.read() as connection:
        newsroom = await newsrooms.find(connection, guild_id)
    visitor = Visit(caller, newsroom, role_of(caller, newsroom), texts_for(interaction, newsroom))
    interaction.extras[_VISIT] = visitor
    return visitor


async def admit(interaction: discord.Interaction, action: Action | None, *, thing: Thing | None = None) -> Visit:
    """Return who asks once `authorize` has let them; raises AccessError otherwise."""
    visitor = await visit(interaction)
    authorize(visitor.caller, visitor.newsroom, action, thing=thing)
    return visitor


def texts_for(interaction: discord.Interaction, newsroom: Newsroom | None) -> Texts:
    """Return the texts for a reply: the person's language, else the newsroom's, else the configured one."""
    defaults = app_of(interaction).settings.newsroom
    own = newsroom.language if newsroom else defaults.language
    zone = ZoneInfo(newsroom.timezone) if newsroom else defaults.timezone
    language = language_of(interaction.locale.value) or Language(own)
    return Texts(language, zone).through(clean)


def texts_of_error(interaction: discord.Interaction) -> Texts:
    """Return the texts for an error: those of the visit where it got so far, else without knowing the newsroom."""
    known = interaction.extras.get(_VISIT)
    return known.texts if isinstance(known, Visit) else texts_for(interaction, None)
