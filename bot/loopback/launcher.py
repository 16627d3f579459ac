"""Send discord.py to the loopback: in process with `redirected`, or a whole bot process run as this module."""

from __future__ import annotations

import errno
import os
import runpy
import socket
import sys
from contextlib import contextmanager
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot import clock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from bot.loopback.platform import Platform

API = "VIGIE_LOOPBACK_API"
GATEWAY = "VIGIE_LOOPBACK_GATEWAY"
CLOCK_OFFSET_S = "VIGIE_LOOPBACK_CLOCK_OFFSET_S"
CLOCK_OFFSET_FILE = "VIGIE_LOOPBACK_CLOCK_OFFSET_FILE"

_LOOK_UPS = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"})
_DIALS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})


class SteppedClock:
    """Tell the machine's time, moved by as many seconds as a file says, which may change while the process runs."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        offset = timedelta(seconds=float(self._path.read_text(encoding="ascii")))
        return clock.SystemClock(offset).now()


@contextmanager
def redirected(platform: Platform) -> Iterator[None]:
    """Let every discord.py client of this process talk to that platform, until the block ends."""
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    _redirect(platform.api, platform.gateway_url)
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before


def _redirect(api: str, gateway: str) -> None:
    Route.BASE = api
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway)


def is_loopback(host: Any) -> bool:
    """Tell whether a host is this machine: `localhost` or a loopback address; no other name is looked up."""
    text = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host or "")
    if text.lower() == "localhost":
        return True
    try:
        return ip_address(text.partition("%")[0]).is_loopback
    except ValueError:
        return False


def stay_home() -> None:
    """Make every look-up and connection of this process refuse what is not this machine, until it ends.

    An audit hook, because a client that is given an address dials it without any look-up that could be replaced.
    """

    def refuse_others(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _LOOK_UPS:
            host = arguments[0]
            if host is not None and not is_loopback(host):
                raise socket.gaierror(socket.EAI_FAIL, f"the loopback launcher refuses to look up {host!r}")
        elif event in _DIALS:
            address = arguments[1]
            if isinstance(address, tuple) and not is_loopback(address[0]):
                raise ConnectionRefusedError(
                    errno.ECONNREFUSED, f"the loopback launcher refuses to reach {address[0]!r}"
                )

    sys.addaudithook(refuse_others)


def main(arguments: list[str]) -> None:
    """Run `vigie` with these arguments against the loopback that the environment names."""
    missing = [name for name in (API, GATEWAY) if not os.environ.get(name)]
    if missing:
        sys.exit(f"set {' and '.join(missing)}: the launcher only talks to a loopback Discord")
    for name in (API, GATEWAY):
        if not is_loopback(yarl.URL(os.environ[name]).host):
            sys.exit(f"{name} must be on this machine, not {os.environ[name]}")
    stay_home()
    _redirect(os.environ[API], os.environ[GATEWAY])
    offset, offset_file = os.environ.get(CLOCK_OFFSET_S), os.environ.get(CLOCK_OFFSET_FILE)
    if offset_file:
        clock.install(SteppedClock(Path(offset_file)))
    elif offset:
        clock.install(clock.SystemClock(timedelta(seconds=float(offset))))
    sys.argv = ["vigie", *arguments]
    runpy.run_module("bot", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(sys.argv[1:])
