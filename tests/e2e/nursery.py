"""Start bot processes quickly: one process that has imported everything forks for each of them.

What runs is `vigie`, through the loopback launcher, in a process of its own that can be killed; only the time of its
imports is saved. Run as a program this module is that one process: orders come on standard input, what became of the
children goes to standard output, both as JSON lines. With each order three descriptors come over a socket, the
child's standard streams.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import functools
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from bot import dates, locales
from bot.locales import Language

PRELOADED = (
    "bot.app",
    "bot.cli",
    "bot.cli._demo",
    "bot.cli._run",
    "bot.client",
    "bot.demo",
    "bot.export",
    "bot.loopback.launcher",
    "bot.matching",
    "bot.notice_lines",
    "bot.storage.custody.exporting",
    "bot.storage.custody.inspection",
    "bot.watchlist.csv_file",
    "cogs._sender",
    "cogs._tree",
    "rich.progress",
)


class Child:
    """One running bot, with the methods of an asyncio subprocess that the tests use."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.status: Future[int] = Future()

    @property
    def returncode(self) -> int | None:
        return self.status.result() if self.status.done() else None

    def send_signal(self, number: int) -> None:
        # It may be gone, with word of it still on the way.
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    async def wait(self) -> int:
        return await asyncio.shield(asyncio.wrap_future(self.status))


class Nursery:
    """Order bots from the process that forks; safe to use from any event loop of this process."""

    def __init__(self) -> None:
        self._streams, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.e2e.nursery", str(theirs.fileno())],
                cwd=Path(__file__).parents[2],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                pass_fds=[theirs.fileno()],
            )
        self._children: dict[int, Child] = {}
        self._born: list[Future[Child]] = []
        self._lock = threading.Lock()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    async def start(
        self, arguments: list[str], environment: Mapping[str, str], log: Path, module: str = "bot.loopback.launcher"
    ) -> Child:
        """Start `vigie` with these arguments; `module` is the launcher that runs it."""
        nothing, told = os.open(os.devnull, os.O_RDONLY), os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        try:
            born = self.order(arguments, environment, (nothing, told, told), module, Path.cwd())
        finally:
            os.close(nothing)
            os.close(told)
        return await asyncio.wrap_future(born)

    def order(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        streams: Sequence[int],
        module: str,
        folder: Path,
    ) -> Future[Child]:
        """Order a process that runs a module in a folder with these standard streams, which may be closed at once."""
        order = {
            "arguments": [*arguments],
            "environment": dict(environment),
            "module": module,
            "folder": str(folder),
        }
        born: Future[Child] = Future()
        with self._lock:
            self._born.append(born)
            assert self._process.stdin
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
            socket.send_fds(self._streams, [b"."], streams)
        return born

    def close(self) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(10)
        self._reader.join(10)
        self._process.stdout.close()
        self._streams.close()

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            told = json.loads(line)
            with self._lock:
                if "born" in told:
                    child = self._children[told["born"]] = Child(told["born"])
                    self._born.pop(0).set_result(child)
                else:
                    self._children.pop(told["gone"]).status.set_result(told["status"])
        with self._lock:
            for born in self._born:
                born.set_exception(RuntimeError("the process that forks has ended: its log says why"))
            self._born.clear()


@functools.cache
def nursery() -> Nursery:
    """Return the one that every test of this process orders from; it closes with the process."""
    made = Nursery()
    atexit.register(made.close)
    return made


def be_born(order: Mapping[str, Any], streams: Sequence[int]) -> None:
    """Become the ordered process; never returns."""
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for target, descriptor in enumerate(streams):
            os.dup2(descriptor, target)
            os.close(descriptor)
        # Those of the parent remember what their descriptors could do.
        sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
        sys.stderr = os.fdopen(2, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)
        os.chdir(order["folder"])
        os.environ.clear()
        os.environ.update(order["environment"])
        time.tzset()
        if order["module"] == "bot":
            sys.argv = ["vigie", *order["arguments"]]
            runpy.run_module("bot", run_name="__main__", alter_sys=True)
        else:
            importlib.import_module(order["module"]).main(order["arguments"])
        status = 0
    except SystemExit as leaving:
        status = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except BaseException:  # noqa: BLE001  # the last edge of a process: what it could not do goes to its log
        sys.excepthook(*sys.exc_info())
    finally:
        # As the end of a process: what was forgotten complains on standard error.
        gc.collect()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _preload() -> None:
    """Import and load what every bot needs."""
    for name in PRELOADED:
        importlib.import_module(name)
    for name in importlib.import_module("bot.client").command_groups():
        importlib.import_module(f"cogs.{name}")
    importlib.import_module("bot.sources").sources()
    for language in Language:
        locales.load(language)
        dates.load(language)
    asyncio.run(_describe_commands())


async def _describe_commands() -> None:
    """Have what Discord is given of the commands ready, as it is in a bot whose client is made anew."""
    app, client, face = (importlib.import_module(name) for name in ("bot.app", "bot.client", "cogs._tree"))
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.toml"
        config.write_text('[http]\ncontact = "desk@example.org"\n', encoding="utf-8")
        settings = importlib.import_module("bot.config").load(config, app.source_defaults())
        async with app.App.open(settings, importlib.import_module("bot.clock").SystemClock()) as opened:
            bot = client.Client(opened)
            await bot.load_commands()
            await face.payload(bot.tree, None)
            await bot.close()


def main() -> None:
    """Fork for each order until standard input ends."""
    _preload()
    incoming = socket.socket(fileno=int(sys.argv[1]))
    gc.freeze()
    heard, said = os.pipe()
    os.set_blocking(said, False)
    signal.set_wakeup_fd(said)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    pending = b""
    living: set[int] = set()
    is_open = True
    while is_open or living:
        ready, _, _ = select.select([heard, *([0] if is_open else [])], [], [])
        if heard in ready:
            os.read(heard, 4096)
            while living and (gone := os.waitpid(-1, os.WNOHANG))[0]:
                living.discard(gone[0])
                tell({"gone": gone[0], "status": os.waitstatus_to_exitcode(gone[1])})
        if 0 in ready:
            chunk = os.read(0, 65536)
            is_open = bool(chunk)
            *lines, pending = (pending + chunk).split(b"\n")
            for line in lines:
                order = json.loads(line)
                _, streams, _, _ = socket.recv_fds(incoming, 1, 3)
                pid = os.fork()
                if pid == 0:
                    incoming.close()
                    be_born(order, streams)
                for descriptor in streams:
                    os.close(descriptor)
                living.add(pid)
                tell({"born": pid})
        if not is_open:
            for pid in living:
                os.kill(pid, signal.SIGKILL)


def tell(told: Mapping[str, int]) -> None:
    os.write(1, (json.dumps(told) + "\n").encode())


if __name__ == "__main__":
    main()
