"""The gateway half: HELLO, IDENTIFY, READY, events, heartbeats, RESUME with replay, and ways to break it."""

from __future__ import annotations

import asyncio
import json
import time
import zlib
from collections import deque
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

from bot.loopback.state import Json, Pulse

if TYPE_CHECKING:
    from bot.loopback.platform import Platform

DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT, INVALID_SESSION, HELLO, HEARTBEAT_ACK = 0, 1, 2, 6, 7, 9, 10, 11

UNKNOWN_ERROR, UNKNOWN_OPCODE, DECODE_ERROR, NOT_AUTHENTICATED, AUTHENTICATION_FAILED = 4000, 4001, 4002, 4003, 4004
ALREADY_AUTHENTICATED, RATE_LIMITED, DISALLOWED_INTENTS = 4005, 4008, 4014

PAYLOAD_BYTES = 4096
PAYLOADS_A_MINUTE = 120
SESSIONS_KEPT = 4

GUILDS = 1 << 0
GUILD_MESSAGES = 1 << 9
MESSAGE_CONTENT = 1 << 15
PRIVILEGED = (1 << 1) | (1 << 8) | MESSAGE_CONTENT


class Session:
    """One identified session: its intents, its events kept for replay, and the socket it has now, if any."""

    def __init__(self, intents: int) -> None:
        self.id = token_hex(16)
        self.intents = intents
        self.events: list[str] = []
        self.connection: Connection | None = None

    def add(self, event: str, payload: Json) -> None:
        """Keep an event under the next number, and send it if somebody listens."""
        frame = {"op": DISPATCH, "t": event, "s": len(self.events) + 1, "d": payload}
        text = json.dumps(frame)
        self.events.append(text)
        if self.connection is not None:
            self.connection.send_text(text)


class Connection:
    """One websocket; frames leave in the order of `send`, compressed when the client asked for zlib-stream."""

    def __init__(self, socket: web.WebSocketResponse, transport: asyncio.Transport | None, *, compress: bool) -> None:
        self.socket = socket
        self.transport = transport
        self.session: Session | None = None
        self.sent_to_us: deque[float] = deque()
        self._zlib = zlib.compressobj() if compress else None
        self._queue: asyncio.Queue[str | None] = asyncio.Queue()
        self._writer = asyncio.create_task(self._write())

    def send(self, frame: Json) -> None:
        """Send one frame after those before it."""
        self.send_text(json.dumps(frame))

    def send_text(self, text: str) -> None:
        """Send one frame that is JSON already."""
        self._queue.put_nowait(text)

    async def _write(self) -> None:
        while (text := await self._queue.get()) is not None:
            try:
                if self._zlib is None:
                    await self.socket.send_str(text)
                else:
                    data = self._zlib.compress(text.encode()) + self._zlib.flush(zlib.Z_SYNC_FLUSH)
                    await self.socket.send_bytes(data)
            except ConnectionError:
                return

    async def flush_and_close(self, code: int) -> None:
        """Send what is waiting, then close with a code."""
        self._queue.put_nowait(None)
        await self._writer
        await self.socket.close(code=code)

    def abort(self) -> None:
        """Lose the connection without a closing frame."""
        if self.transport is not None:
            self.transport.abort()

    async def finish(self) -> None:
        """Stop writing; the socket is gone."""
        self._queue.put_nowait(None)
        await self._writer
        if self.session is not None and self.session.connection is self:
            self.session.connection = None


class Gateway:
    """Every session of the bot, and what can go wrong with them.

    `identifies` and `resumes` count what clients did, `close_codes` are the codes clients closed with.
    """

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.sessions: dict[str, Session] = {}
        self.identifies: list[Json] = []
        self.resumes = 0
        self.refused = 0
        self.close_codes: list[int] = []
        self.acknowledges = True
        self.pulse = Pulse()
        self._connections: set[Connection] = set()
        self._refuse_next = 0

    @property
    def connected(self) -> bool:
        """Tell whether a session with READY or RESUMED has a socket now."""
        return any(session.connection is not None for session in self.sessions.values())

    async def wait_connected(self, timeout_s: float = 10.0) -> None:
        """Return once the bot is connected and identified; TimeoutError otherwise."""
        await self.pulse.until(lambda: self.connected, timeout_s, "the bot at the gateway")

    async def wait_disconnected(self, timeout_s: float = 10.0) -> None:
        """Return once no socket of the bot is left; TimeoutError otherwise."""
        await self.pulse.until(lambda: not self._connections, timeout_s, "the bot to leave the gateway")

    async def wait_resumed(self, count: int = 1, timeout_s: float = 10.0) -> None:
        """Return once the bot has resumed that many times in all; TimeoutError otherwise."""
        await self.pulse.until(lambda: self.resumes >= count, timeout_s, f"{count} RESUME")

    async def wait_identified(self, count: int = 1, timeout_s: float = 10.0) -> None:
        """Return once the bot has identified that many times in all; TimeoutError otherwise."""
        await self.pulse.until(lambda: len(self.identifies) >= count, timeout_s, f"{count} IDENTIFY")

    def dispatch(self, event: str, payload: Json, *, intent: int = GUILDS) -> None:
        """Send an event to every session that asked for it, kept for replay to those without a socket."""
        for session in self.sessions.values():
            if not intent or session.intents & intent:
                session.add(event, payload)

    def refuse(self, times: int = 1) -> None:
        """Answer 503 to the next upgrades to a websocket."""
        self._refuse_next += times

    def drop(self) -> None:
        """Lose every gateway connection without a closing frame; the sessions can be resumed."""
        for connection in list(self._connections):
            self._detach(connection)
            connection.abort()

    def ask_reconnect(self) -> None:
        """Send op 7 to every client, which is to close and resume."""
        for connection in list(self._connections):
            connection.send({"op": RECONNECT, "d": None})

    def invalidate(self, *, resumable: bool = False) -> None:
        """Send op 9 to every client; unless `resumable`, its session is forgotten."""
        for connection in list(self._connections):
            if not resumable and connection.session is not None:
                self.sessions.pop(connection.session.id, None)
            connection.send({"op": INVALID_SESSION, "d": resumable})

    async def close(self, code: int = 1001) -> None:
        """Close every gateway connection with a code."""
        for connection in list(self._connections):
            self._detach(connection)
            await connection.flush_and_close(code)

    def forget(self) -> None:
        """Forget every session: the next RESUME is answered with op 9."""
        self.sessions.clear()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Serve one websocket from HELLO to its end."""
        if self._refuse_next > 0:
            self._refuse_next -= 1
            self.refused += 1
            self.pulse.beat()
            return web.Response(status=503, text="upstream connect error")
        socket = web.WebSocketResponse(max_msg_size=0, timeout=1.0)
        await socket.prepare(request)
        compress = request.query.get("compress") == "zlib-stream"
        transport = request.transport if isinstance(request.transport, asyncio.Transport) else None
        connection = Connection(socket, transport, compress=compress)
        self._connections.add(connection)
        try:
            connection.send({"op": HELLO, "d": {"heartbeat_interval": int(self.platform.heartbeat_interval_s * 1000)}})
            async for message in socket:
                if message.type not in {WSMsgType.TEXT, WSMsgType.BINARY}:
                    break
                code = self._receive(connection, message.data)
                if code:
                    await connection.flush_and_close(code)
                    break
        finally:
            self._detach(connection)
            self._connections.discard(connection)
            await connection.finish()
            if socket.close_code is not None:
                self.close_codes.append(socket.close_code)
            self.pulse.beat()
        return socket

    def _detach(self, connection: Connection) -> None:
        if connection.session is not None and connection.session.connection is connection:
            connection.session.connection = None

    def _receive(self, connection: Connection, data: str | bytes) -> int | None:  # noqa: PLR0911  # one a close code
        """Act on one frame of the client; return the code to close with, or None to go on."""
        raw = data.encode() if isinstance(data, str) else data
        now = time.monotonic()
        connection.sent_to_us.append(now)
        while connection.sent_to_us[0] < now - 60:
            connection.sent_to_us.popleft()
        if len(connection.sent_to_us) > PAYLOADS_A_MINUTE:
            return RATE_LIMITED
        if len(raw) > PAYLOAD_BYTES:
            return DECODE_ERROR
        try:
            frame = json.loads(raw)
            operation, payload = frame["op"], frame.get("d")
        except (ValueError, KeyError, TypeError):
            return DECODE_ERROR
        if operation == HEARTBEAT:
            if self.acknowledges:
                connection.send({"op": HEARTBEAT_ACK, "d": None})
            return None
        if operation == IDENTIFY:
            return self._identify(connection, payload)
        if operation == RESUME:
            return self._resume(connection, payload)
        if connection.session is None:
            return NOT_AUTHENTICATED
        return None if operation in {3, 4, 8} else UNKNOWN_OPCODE

    def _identify(self, connection: Connection, payload: Any) -> int | None:
        if connection.session is not None:
            return ALREADY_AUTHENTICATED
        if not isinstance(payload, dict) or not {"token", "properties", "intents"} <= payload.keys():
            return DECODE_ERROR
        if payload["token"] != self.platform.token:
            return AUTHENTICATION_FAILED
        intents = int(payload["intents"])
        if intents & PRIVILEGED & ~self.platform.privileged_intents:
            return DISALLOWED_INTENTS
        lost = [session for session in self.sessions.values() if session.connection is None]
        for session in lost[: -SESSIONS_KEPT or None]:
            del self.sessions[session.id]
        session = Session(intents)
        self.sessions[session.id] = session
        connection.session = session
        session.connection = connection
        self.identifies.append({key: value for key, value in payload.items() if key != "token"})
        installed = [guild for guild in self.platform.guilds if guild.installed]
        session.add(
            "READY",
            {
                "v": 10,
                "user": self.platform.bot_user.payload()
                | {"verified": True, "mfa_enabled": True, "email": None, "flags": 0},
                "guilds": [{"id": str(guild.id), "unavailable": True} for guild in installed],
                "session_id": session.id,
                "resume_gateway_url": self.platform.gateway_url,
                "application": {"id": str(self.platform.application_id), "flags": 0},
                "private_channels": [],
                "relationships": [],
                "session_type": "normal",
            },
        )
        if intents & GUILDS:
            for guild in installed:
                session.add("GUILD_CREATE", guild.create_payload() | {"unavailable": False})
        self.pulse.beat()
        return None

    def _resume(self, connection: Connection, payload: Any) -> int | None:
        if connection.session is not None:
            return ALREADY_AUTHENTICATED
        if not isinstance(payload, dict) or payload.get("token") != self.platform.token:
            return AUTHENTICATION_FAILED
        session = self.sessions.get(str(payload.get("session_id")))
        sequence = payload.get("seq")
        if session is None or not isinstance(sequence, int) or sequence > len(session.events):
            connection.send({"op": INVALID_SESSION, "d": False})
            return None
        old = session.connection
        if old is not None:
            self._detach(old)
        connection.session = session
        for event in session.events[sequence:]:
            connection.send_text(event)
        session.connection = connection
        self.resumes += 1
        session.add("RESUMED", {"_trace": []})
        self.pulse.beat()
        return None
