"""The discord.py client over an app, made anew after a failed start; the only module of bot/ that imports discord."""

from __future__ import annotations

import asyncio
import hashlib
import importlib
import json
import logging
import pkgutil
import random
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

import aiohttp
import discord
from discord.ext import commands

from bot.app import App
from bot.config import Secret
from bot.delivery.pacing import Pacer
from bot.errors import UserError, system_reason
from bot.setting_up import ChannelPermission, permissions_needed
from bot.storage import command_sync

log = logging.getLogger(__name__)

LONGEST_PAUSE_S = 60.0
RATE_LIMIT_TIMEOUT_S = 30.0
INSPECTION_TIMEOUT_S = 30.0
_COUNTED = re.compile(r"/api/v\d+/(?!interactions/|webhooks/)")
"""What Discord counts in the limit of a whole bot: all but what belongs to interactions."""
_NEW_MESSAGE = re.compile(r"/api/v\d+/channels/\d+/messages")
_RETRIED_RESETS = {54, 10054}
"""The numbers of a connection reset after which discord.py tries again, those of macOS and Windows."""

_RETRIED = (
    OSError,
    aiohttp.ClientError,
    discord.HTTPException,
    discord.RateLimited,
    discord.GatewayNotFound,
    ValueError,  # an answer cut off in the middle
    AttributeError,  # discord.py raises it when the gateway is unreachable at the first connection
)


class Client(commands.Bot):
    """Be Vigie on Discord: the cogs found in `cogs/`, commands synced when they changed, a sender for the delivery."""

    def __init__(self, app: App) -> None:
        face = importlib.import_module("cogs._tree")
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            max_ratelimit_timeout=RATE_LIMIT_TIMEOUT_S,
            tree_cls=face.Tree,
            http_trace=_traced(app.asking),
            allowed_contexts=discord.app_commands.AppCommandContext(guild=True),
            allowed_installs=discord.app_commands.AppInstallationType(guild=True),
        )
        self.app = app

    async def setup_hook(self) -> None:
        """Hand the delivery its sender, load the command groups, and sync them if they changed."""
        self.app.delivery.connect(importlib.import_module("cogs._sender").DiscordSender(self))
        await self.load_commands()
        guilds = self.app.settings.discord.guilds
        for guild in guilds:
            self.tree.copy_global_to(guild=discord.Object(guild))
        for scope in (*guilds, None):
            try:
                await self._sync(scope, is_used=scope is not None or not guilds)
            except (discord.HTTPException, discord.RateLimited, ValueError) as error:
                # The commands of before stay, and announcing needs none.
                log.error("the commands of %s could not be given to Discord: %s", scope or "all servers", error)  # noqa: TRY400

    async def load_commands(self) -> None:
        """Take every command group of `cogs/` into the tree, with the translations of their texts."""
        for name in command_groups():
            # Not `load_extension`, which would run a module again for each new client.
            await importlib.import_module(f"cogs.{name}").setup(self)
        await self.tree.set_translator(importlib.import_module("cogs._tree").Translator())

    async def close(self) -> None:
        """Take the sender away from the delivery, and leave Discord."""
        self.app.delivery.connect(None)
        await super().close()

    async def on_guild_available(self, guild: discord.Guild) -> None:
        """Try parked channels again where the permissions may have come back while we were away."""
        await self._retry_parked(guild)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Try parked channels again where we were invited anew."""
        await self._retry_parked(guild)

    async def on_member_update(self, _: discord.Member, member: discord.Member) -> None:
        """Try parked channels again when our own roles changed."""
        if self.user is not None and member.id == self.user.id:
            await self._retry_parked(member.guild)

    async def on_guild_channel_update(self, _: discord.abc.GuildChannel, channel: discord.abc.GuildChannel) -> None:
        """Try parked channels again when a channel's permissions changed."""
        await self._retry_parked(channel.guild)

    async def on_guild_role_update(self, _: discord.Role, role: discord.Role) -> None:
        """Try parked channels again when a role's permissions changed."""
        await self._retry_parked(role.guild)

    async def _retry_parked(self, guild: discord.Guild) -> None:
        """Re-arm the parked channels of a guild that can be used again."""
        retry = importlib.import_module("cogs._sender").retry_parked
        try:
            await retry(self.app, guild)
        except Exception:
            if not self.is_closed():  # what we leave behind when we stop is no longer of use
                raise

    async def _sync(self, scope: int | None, *, is_used: bool) -> None:
        """Give Discord the commands of a scope if they are not those it was last given; an unused scope is emptied."""
        where = discord.Object(scope) if scope is not None else None
        if not is_used:
            self.tree.clear_commands(guild=where)
        listed = await importlib.import_module("cogs._tree").payload(self.tree, where)
        sha256 = hashlib.sha256(json.dumps(listed, sort_keys=True).encode()).hexdigest()
        application_id = self.application_id or 0
        async with self.app.database.read() as connection:
            known = await command_sync.find(connection, application_id, scope or 0)
        if known == sha256 or (known is None and not listed):
            return
        # Not `tree.sync`, which would translate every text of every command once more.
        if scope is None:
            await self.http.bulk_upsert_global_commands(application_id, payload=listed)
        else:
            await self.http.bulk_upsert_guild_commands(application_id, scope, payload=listed)
        async with self.app.database.tx("client.synced") as connection:
            await command_sync.save(connection, application_id, scope or 0, sha256, self.app.clock.now())


class UnsureAnswerError(aiohttp.ClientError):
    """Discord failed on a message that it may have made all the same; raised to whoever sent it."""


def _traced(asking: Pacer) -> aiohttp.TraceConfig:
    """Keep discord.py to the pace of a whole bot, and from posting again by itself after a 5xx or a reset connection.

    It knows the limits of single routes from headers, and that of all from nothing but refusals. A message it would try
    to post for up to 25 s under the same nonce, and how long Discord compares nonces is not known: only after a look at
    the channel may it be posted again.
    """

    async def wait(_: object, __: object, started: aiohttp.TraceRequestStartParams) -> None:
        if _COUNTED.match(started.url.path):
            await asking.turn()

    async def leave(_: object, __: object, ended: aiohttp.TraceRequestEndParams) -> None:
        is_message = ended.method == "POST" and _NEW_MESSAGE.fullmatch(ended.url.path)
        if is_message and ended.response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            ended.response.close()
            raise UnsureAnswerError(f"Discord answered {ended.response.status}")

    async def leave_reset(_: object, __: object, failed: aiohttp.TraceRequestExceptionParams) -> None:
        is_reset = isinstance(failed.exception, OSError) and failed.exception.errno in _RETRIED_RESETS
        if is_reset and failed.method == "POST" and _NEW_MESSAGE.fullmatch(failed.url.path):
            raise UnsureAnswerError("the connection was reset")

    trace = aiohttp.TraceConfig()
    trace.on_request_start.append(wait)
    trace.on_request_end.append(leave)
    trace.on_request_exception.append(leave_reset)
    return trace


def command_groups() -> list[str]:
    """Return the modules of `cogs/` that hold commands, found by walking the package."""
    found = pkgutil.iter_modules(importlib.import_module("cogs").__path__)
    return sorted(module.name for module in found if not module.name.startswith("_"))


async def run_client(app: App, token: Secret) -> None:
    """Be on Discord until cancelled: a failed start is tried again with a new client, after a growing pause.

    Raises UserError when Discord refuses the token, which no waiting mends.
    """
    pause = 1.0
    while True:
        client, started = Client(app), app.clock.now()
        try:
            async with client:
                await client.start(token)
            log.warning("Discord closed the connection for good")
        except discord.LoginFailure:
            raise UserError("cli-run-token-refused") from None
        except _RETRIED as error:
            log.warning("Discord cannot be reached: %s: %s", type(error).__name__, error)
        if (app.clock.now() - started).total_seconds() > LONGEST_PAUSE_S:
            pause = 1.0
        wait = pause * random.uniform(0.5, 1.0)  # noqa: S311  # jitter needs no secrecy
        log.info("next try in %.0f s", wait)
        await asyncio.sleep(wait)
        pause = min(pause * 2, LONGEST_PAUSE_S)


@dataclass(frozen=True, slots=True)
class ChannelFinding:
    """Hold what the bot lacks in a channel; without `name` the channel is gone, or hidden from the bot."""

    channel_id: int
    name: str | None
    lacking: tuple[ChannelPermission, ...] = ()


@dataclass(frozen=True, slots=True)
class GuildFinding:
    """Hold what was found in a server; without `name` the bot is not in it."""

    guild_id: int
    name: str | None
    channels: tuple[ChannelFinding, ...] = ()


@dataclass(frozen=True, slots=True)
class CommandsFinding:
    """Count the commands that Discord has for a server, or for all (None); `problem` says why it would not tell."""

    guild_id: int | None
    count: int = 0
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Inspection:
    """Hold what Discord says of the bot: its name, in how many servers it is, and what was found in those asked about.

    `invitation` is the address that adds it to a server with the permissions it needs.
    """

    name: str
    invitation: str
    guild_count: int
    guilds: tuple[GuildFinding, ...]
    commands: tuple[CommandsFinding, ...]


async def inspect(
    token: Secret, channels: Mapping[int, Sequence[int]], scopes: Iterable[int], threaded: Collection[int] = ()
) -> Inspection:
    """Log in over REST alone and look at the servers and channels that are used, and at the commands of the scopes.

    `channels` names by server those where announcements may go, `threaded` those of them where threads are opened; no
    scope means the commands of all servers. Nothing is changed. Raises UserError when Discord refuses the token or
    cannot be reached.
    """
    client = discord.Client(intents=discord.Intents.none(), max_ratelimit_timeout=RATE_LIMIT_TIMEOUT_S)
    try:
        async with asyncio.timeout(INSPECTION_TIMEOUT_S), client:
            await client.login(token)
            application = await client.application_info()
            return Inspection(
                name=str(client.user),
                invitation=_invitation(application.id),
                guild_count=application.approximate_guild_count,
                guilds=tuple(
                    [await _guild_finding(client, guild, wanted, threaded) for guild, wanted in channels.items()]
                ),
                commands=tuple([await _commands_finding(client, application.id, scope) for scope in scopes or (None,)]),
            )
    except discord.LoginFailure:
        raise UserError("cli-run-token-refused") from None
    except (*_RETRIED, discord.HTTPException, TimeoutError) as error:
        raise UserError(
            "cli-check-discord-unreachable", reason=system_reason(error) or str(error) or type(error).__name__
        ) from error


def _invitation(application_id: int) -> str:
    permissions = discord.Permissions(**dict.fromkeys(map(str, ChannelPermission), True))
    return discord.utils.oauth_url(application_id, permissions=permissions, scopes=("bot", "applications.commands"))


async def _guild_finding(
    client: discord.Client, guild_id: int, wanted: Sequence[int], threaded: Collection[int]
) -> GuildFinding:
    try:
        guild = await client.fetch_guild(guild_id, with_counts=False)
        found = {channel.id: channel for channel in await guild.fetch_channels()}
        me = await guild.fetch_member(client.user.id if client.user is not None else 0)
    except (discord.NotFound, discord.Forbidden):
        return GuildFinding(guild_id, None)
    findings = []
    for channel_id in wanted:
        channel = found.get(channel_id)
        is_thread = channel is None
        name = channel.name if channel is not None else None
        if channel is None:
            try:
                other = await client.fetch_channel(channel_id)
            except (discord.NotFound, discord.Forbidden):
                other = None
            if isinstance(other, discord.Thread):
                channel, name = found.get(other.parent_id), other.name
        if channel is None or name is None:
            findings.append(ChannelFinding(channel_id, None))
            continue
        allowed = channel.permissions_for(me)
        is_forum = isinstance(channel, discord.ForumChannel) and not is_thread
        lacking = [
            permission
            for permission in permissions_needed(is_forum=is_forum, has_threads=channel_id in threaded)
            if not getattr(allowed, _in_thread(permission) if is_thread else permission)
        ]
        findings.append(ChannelFinding(channel_id, name, tuple(lacking)))
    return GuildFinding(guild_id, guild.name, tuple(findings))


def _in_thread(permission: ChannelPermission) -> str:
    """Return the permission that stands for another one in a thread."""
    return "send_messages_in_threads" if permission is ChannelPermission.SEND_MESSAGES else permission.value


async def _commands_finding(client: discord.Client, application_id: int, scope: int | None) -> CommandsFinding:
    try:
        if scope is None:
            listed = await client.http.get_global_commands(application_id)
        else:
            listed = await client.http.get_guild_commands(application_id, scope)
    except discord.HTTPException as error:
        return CommandsFinding(scope, problem=str(error))
    return CommandsFinding(scope, len(listed))
