"""The loopback Discord itself: its settings, its life, and everything it keeps for a test to look at."""

from __future__ import annotations

import inspect
import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Self

from aiohttp import web

from bot.loopback import gateway, permissions
from bot.loopback.buckets import RateLimit, discord_limits, invalid_limit, whole_limit
from bot.loopback.channels import DM, Channel
from bot.loopback.faults import Faults
from bot.loopback.gateway import Gateway
from bot.loopback.guilds import Guild
from bot.loopback.interactions import Interactions
from bot.loopback.messages import guess_type
from bot.loopback.server import Server
from bot.loopback.state import Attachment, Command, Json, Message, Pulse, Snowflakes, User, utc_now

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime
    from pathlib import Path

    from bot.loopback.server import RecordedRequest

Moment = Literal["before", "after"]
BODY_BYTES = 64 * 1024 * 1024
MEBIBYTE = 1024 * 1024


@dataclass(slots=True, eq=False)
class Hook:
    """A callback run when a request that fits arrives (`before` its effect) or is about to be answered (`after`)."""

    callback: Callable[[RecordedRequest], Awaitable[None] | None]
    method: str | None
    path: str | None
    moment: Moment


class Platform:
    """A Discord of one's own on 127.0.0.1: `async with Platform() as platform`.

    To look at: `requests` (every request), `violations` (what must fail a test: pings not forbidden, unknown paths),
    `refusals` (bodies answered 400), `late_answers`, `created` (every message that the bot made visible in a channel,
    also appended to the `truth` file as JSON lines), `invalid_requests` (401, 403, 429 answered), `commands`, `syncs`.

    To set at any time: `answer_deadline_s`, `token_lifetime_s`, `nonce_window_s`, `rate_limits`, `global_limit`,
    `invalid_limit` (Discord's own with `real_buckets`, else none), `privileged_intents`, `history_refused`,
    `attachment_size_limit`, `most_threads` (open in one guild), `token`.
    """

    def __init__(
        self,
        *,
        token: str = "loopback-token",  # noqa: S107  # a made-up token of a made-up platform
        truth: Path | None = None,
        answer_deadline_s: float = 3.0,
        token_lifetime_s: float = 900.0,
        nonce_window_s: float = 120.0,
        heartbeat_interval_s: float = 41.25,
        real_buckets: bool = False,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.token = token
        self.truth = truth
        self.answer_deadline_s = answer_deadline_s
        self.token_lifetime_s = token_lifetime_s
        self.nonce_window_s = nonce_window_s
        self.heartbeat_interval_s = heartbeat_interval_s
        self.clock = clock
        self.privileged_intents = 0
        self.history_refused = True
        self.attachment_size_limit = 10 * MEBIBYTE
        self.most_threads = 1_000
        self.rate_limits = discord_limits() if real_buckets else {}
        self.global_limit = whole_limit() if real_buckets else None
        self.invalid_limit = invalid_limit() if real_buckets else None

        self.started_at = clock()
        self.new_id = Snowflakes(clock).next
        self.application_id = self.new_id()
        self.bot_user = User(self.application_id, "Vigie", bot=True)
        self.owner = User(self.new_id(), "operator")
        self.users: dict[int, User] = {self.owner.id: self.owner}
        self.guilds: list[Guild] = []
        self.channels: dict[int, Channel] = {}
        self.commands: list[Command] = []
        self.syncs = 0
        self.nonces: dict[str, tuple[Message, float]] = {}
        self.messages: dict[int, Message] = {}
        self.files: dict[int, Attachment] = {}

        self.requests: list[RecordedRequest] = []
        self.violations: list[str] = []
        self.refusals: list[str] = []
        self.late_answers: list[str] = []
        self.created: list[Json] = []
        self._in_truth: set[int] = set()
        self.invalid_requests = 0
        self.pulse = Pulse()
        self.faults = Faults()
        self.gateway = Gateway(self)
        self.interactions = Interactions(self)
        self._server = Server(self)
        self._hooks: list[Hook] = []
        self._runner: web.AppRunner | None = None
        self.port = 0

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def origin(self) -> str:
        """Return where it listens, such as `http://127.0.0.1:40001`."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def api(self) -> str:
        """Return what discord.py's `Route.BASE` must be."""
        return f"{self.origin}/api/v10"

    @property
    def gateway_url(self) -> str:
        """Return what discord.py's `DEFAULT_GATEWAY` must be."""
        return f"ws://127.0.0.1:{self.port}/gateway"

    def environment(self) -> dict[str, str]:
        """Return the variables that `python -m bot.loopback.launcher` and the bot read to come here."""
        return {
            "VIGIE_LOOPBACK_API": self.api,
            "VIGIE_LOOPBACK_GATEWAY": self.gateway_url,
            "VIGIE_DISCORD_TOKEN": self.token,
        }

    async def start(self) -> None:
        """Listen on a free port of 127.0.0.1; after a `stop`, on the same port with everything as it was."""
        if self._runner is not None:
            raise RuntimeError("already listening")
        app = web.Application(client_max_size=BODY_BYTES)
        app.router.add_route("*", "/api/v10/{tail:.*}", self._server.handle)
        app.router.add_get("/gateway", self.gateway.serve)
        app.router.add_get("/gateway/", self.gateway.serve)
        app.router.add_get("/attachments/{channel}/{attachment}/{filename}", self._serve_file)
        app.router.add_route("*", "/{tail:.*}", self._unknown)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Close every connection and the port; connecting is refused until `start`."""
        if self._runner is None:
            return
        runner, self._runner = self._runner, None
        for site in list(runner.sites):
            await site.stop()
        self.faults.release()
        await self.gateway.close()
        await runner.cleanup()

    def add_guild(
        self,
        name: str = "Rédaction",
        *,
        locale: str = "fr",
        installed: bool = True,
        bot_permissions: int = permissions.BOT,
    ) -> Guild:
        """Make a guild with an owner; unless told otherwise the bot is installed in it."""
        guild = Guild(self, self.new_id(), name, locale, bot_permissions)
        self.guilds.append(guild)
        if installed:
            self.install(guild)
        return guild

    def install(self, guild: Guild) -> None:
        """Install the bot in a guild: GUILD_CREATE."""
        guild.installed = True
        self.gateway.dispatch("GUILD_CREATE", guild.create_payload())

    def uninstall(self, guild: Guild) -> None:
        """Throw the bot out of a guild: GUILD_DELETE."""
        guild.installed = False
        self.gateway.dispatch("GUILD_DELETE", {"id": str(guild.id)})

    def user(self, user_id: int) -> User | None:
        """Return somebody with an account who is, or was, in one of the guilds, or wrote with the bot."""
        return self.users.get(user_id)

    def shares_a_guild(self, user: User) -> bool:
        """Tell whether somebody is in a guild with the bot."""
        return any(guild.installed and guild.member(user.id) is not None for guild in self.guilds)

    def direct_channel(self, user: User) -> Channel:
        """Return the channel of direct messages between a person and the bot."""
        for channel in self.channels.values():
            if channel.recipient is user:
                return channel
        channel = Channel(self, self.new_id(), user.name, None, DM)
        channel.recipient = user
        self.channels[channel.id] = channel
        return channel

    def commands_in(self, guild: Guild | None) -> list[Command]:
        """Return the commands that exist in a guild, its own before the global ones; in direct messages only those."""
        own = [command for command in self.commands if guild and command.guild_id == guild.id]
        return own + [command for command in self.commands if command.guild_id is None]

    async def wait_ready(self, timeout_s: float = 10.0, *, commands: bool = True) -> None:
        """Return once the bot has put its commands (ever; unless told not to wait) and is connected to the gateway."""
        if commands:
            await self.pulse.until(lambda: self.syncs > 0, timeout_s, "the bot to put its commands")
        await self.gateway.wait_connected(timeout_s)

    def requests_to(self, method: str | None = None, path: str | None = None) -> list[RecordedRequest]:
        """Return the requests of that method to that templated path, oldest first."""
        return [item for item in self.requests if method in {None, item.method} and path in {None, item.route}]

    async def wait_for_request(
        self, method: str, path: str, *, count: int = 1, answered: bool = False, timeout_s: float = 10.0
    ) -> RecordedRequest:
        """Return the `count`-th request since the start to that templated path, once it arrived (or was `answered`)."""

        def found() -> RecordedRequest | None:
            fitting = self.requests_to(method, path)
            if answered:
                fitting = [item for item in fitting if item.status is not None]
            return fitting[count - 1] if len(fitting) >= count else None

        return await self.pulse.until(found, timeout_s, f"request {count} to {method} {path}")

    def on_request(
        self,
        callback: Callable[[RecordedRequest], Awaitable[None] | None],
        *,
        method: str | None = None,
        path: str | None = None,
        moment: Moment = "before",
    ) -> Hook:
        """Run a callback, awaited if it is a coroutine function, at each request that fits; `remove_hook` ends it."""
        hook = Hook(callback, method, path, moment)
        self._hooks.append(hook)
        return hook

    def remove_hook(self, hook: Hook) -> None:
        """Run that callback no more."""
        self._hooks.remove(hook)

    async def run_hooks(self, moment: Moment, record: RecordedRequest) -> None:
        """Run what waits for such a request at this moment."""
        for hook in list(self._hooks):
            if hook.moment == moment and hook.method in {None, record.method} and hook.path in {None, record.route}:
                result = hook.callback(record)
                if inspect.isawaitable(result):
                    await result

    def rate_limit(self, method: str, path: str, *, limit: int, per_s: float) -> None:
        """Pace one templated path: so many requests in so many seconds for each channel, then 429."""
        self.rate_limits[method, path] = RateLimit(limit, per_s)

    def first_of_nonce(self, nonce: str) -> Message | None:
        """Return the message that took this nonce within the window, deleted or not."""
        message, at = self.nonces.get(nonce, (None, 0.0))
        return message if time.monotonic() - at <= self.nonce_window_s else None

    def add_message(self, channel: Channel, message: Message) -> None:
        """Put a message where it is seen: the channel, the gateway, the truth."""
        self.messages[message.id] = message
        if message.ephemeral:
            return
        channel.messages.append(message)
        if message.author is self.bot_user and not message.loading:
            self._record_truth(channel, message)
        self.gateway.dispatch("MESSAGE_CREATE", self._event_payload(message), intent=gateway.GUILD_MESSAGES)
        channel.pulse.beat()

    def message_changed(self, message: Message) -> None:
        """Tell the bot and those who wait that a message was edited."""
        channel = self.channels.get(message.channel_id)
        if channel is None or message.ephemeral:
            return
        if message.author is self.bot_user and message.id not in self._in_truth:
            self._record_truth(channel, message)
        self.gateway.dispatch("MESSAGE_UPDATE", self._event_payload(message), intent=gateway.GUILD_MESSAGES)
        channel.pulse.beat()

    def delete_message(self, message: Message) -> None:
        """Delete a message: by the bot, or by somebody with the right to."""
        message.deleted = True
        channel = self.channels.get(message.channel_id)
        if channel is None or message not in channel.messages:
            return
        channel.messages.remove(message)
        about = {"id": str(message.id), "channel_id": str(channel.id)}
        if message.guild_id is not None:
            about["guild_id"] = str(message.guild_id)
        self.gateway.dispatch("MESSAGE_DELETE", about, intent=gateway.GUILD_MESSAGES)
        channel.pulse.beat()

    def as_bot_sees(self, message: Message) -> Json:
        """Return a message as the bot reads it: other people's text only with the message-content intent."""
        own = message.author is self.bot_user
        return message.payload(with_content=own or bool(self.privileged_intents & gateway.MESSAGE_CONTENT))

    def _event_payload(self, message: Message) -> Json:
        payload = self.as_bot_sees(message)
        if message.guild_id is not None:
            payload["guild_id"] = str(message.guild_id)
        return payload

    def _record_truth(self, channel: Channel, message: Message) -> None:
        line: Json = {
            "id": str(message.id),
            "guild_id": str(message.guild_id) if message.guild_id else None,
            "channel_id": str(channel.id),
            "channel": channel.name,
            "via": message.via,
            "nonce": message.nonce,
            "content": message.content,
            "embeds": message.embeds,
            "components": message.components,
            "attachments": [item.filename for item in message.attachments],
            "at": message.created_at.isoformat(),
        }
        self.created.append(line)
        self._in_truth.add(message.id)
        if self.truth is not None:
            with self.truth.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")

    def keep_file(
        self,
        filename: str,
        data: bytes,
        *,
        channel_id: int = 0,
        content_type: str | None = None,
        description: str | None = None,
        ephemeral: bool = False,
    ) -> Attachment:
        """Keep a file and serve it under its URL."""
        file_id = self.new_id()
        url = f"{self.origin}/attachments/{channel_id}/{file_id}/{filename}"
        kept = Attachment(file_id, filename, data, url, content_type or guess_type(filename), description, ephemeral)
        self.files[file_id] = kept
        return kept

    async def _serve_file(self, request: web.Request) -> web.Response:
        number = request.match_info["attachment"]
        kept = self.files.get(int(number)) if number.isdigit() else None
        if kept is None or kept.filename != request.match_info["filename"]:
            return web.Response(status=404, text="This content is no longer available.")
        return web.Response(body=kept.data, headers={"Content-Type": kept.content_type or "application/octet-stream"})

    async def _unknown(self, request: web.Request) -> web.Response:
        self.violations.append(f"{request.method} {request.path}: unknown path")
        return web.Response(status=501, text="not served by the loopback")

    def check(self) -> None:
        """Raise AssertionError naming everything that must fail a test: violations, refused bodies, late answers."""
        problems: dict[str, list[Any]] = {
            "violations": self.violations,
            "refusals": self.refusals,
            "late answers": self.late_answers,
        }
        found = [f"{name}: {lines}" for name, lines in problems.items() if lines]
        if found:
            raise AssertionError("; ".join(found))
