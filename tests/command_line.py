"""The command line as people run it: a process, its streams, its exit status."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import os
import pty
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from tests.e2e.nursery import nursery

DONE, BAD_DATA, USED_WRONGLY, INTERRUPTED, READER_GONE = 0, 1, 2, 130, 141
NO_VARIABLES: Mapping[str, str] = {}
PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Ended:
    """What a process left behind."""

    returncode: int | None
    stdout: str
    stderr: str


def environment(**variables: str) -> dict[str, str]:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "VIGIE_", "PYTHON"))
    }
    return {**kept, "LC_ALL": "C.UTF-8", "COLUMNS": "200", **variables}


def vigie(
    *arguments: object,
    stdin: bytes = b"",
    module: str = "bot",
    folder: Path | None = None,
    variables: Mapping[str, str] = NO_VARIABLES,
) -> Ended:
    """Run the command line in a process of its own that need not import everything first."""
    with ExitStack() as theirs, ExitStack() as ours, ThreadPoolExecutor(2) as readers:
        inlet, outlet, complaints = (_pipe() for _ in range(3))
        for end in (inlet[0], outlet[1], complaints[1]):
            theirs.enter_context(end)
        for end in (inlet[1], outlet[0], complaints[0]):
            ours.enter_context(end)
        streams = [end.fileno() for end in (inlet[0], outlet[1], complaints[1])]
        words = [str(argument) for argument in arguments]
        born = nursery().order(words, environment(**variables), streams, module, folder or Path.cwd())
        theirs.close()
        stdout, stderr = readers.submit(outlet[0].read), readers.submit(complaints[0].read)
        child = born.result(PATIENCE_S)
        try:
            with contextlib.suppress(BrokenPipeError):
                inlet[1].write(stdin)
            inlet[1].close()
            status = child.status.result(PATIENCE_S)
        except BaseException:
            child.kill()
            raise
        return Ended(status, stdout.result().decode("utf-8"), stderr.result().decode("utf-8"))


def _pipe() -> tuple[BinaryIO, BinaryIO]:
    reading, writing = os.pipe()
    return os.fdopen(reading, "rb"), os.fdopen(writing, "wb", buffering=0)


def vigie_from_cold(
    *arguments: object,
    installed: bool = False,
    folder: Path | None = None,
    variables: Mapping[str, str] = NO_VARIABLES,
) -> Ended:
    """Run the command line as people do: `python -m bot`, or the installed script, from the first import on."""
    command = [str(Path(sys.executable).parent / "vigie")] if installed else [sys.executable, "-m", "bot"]
    ended = subprocess.run(
        [*command, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        cwd=folder,
        env=environment(**variables),
    )
    return Ended(ended.returncode, ended.stdout.decode("utf-8"), ended.stderr.decode("utf-8"))


async def vigie_beside(*arguments: object, module: str = "bot", variables: Mapping[str, str] = NO_VARIABLES) -> Ended:
    """Run the command line while this process goes on serving; `bot.loopback.launcher` as module goes to a loopback."""
    return await asyncio.to_thread(vigie, *arguments, module=module, variables=variables)


def start(*arguments: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "bot", *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )


def on_a_terminal(*arguments: object, variables: Mapping[str, str] = NO_VARIABLES) -> str:
    """Return what a terminal shows that is both standard output and standard error."""
    parent, child = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "bot", *map(str, arguments)],
        stdout=child,
        stderr=child,
        env=environment(TERM="xterm", **variables),
    ):
        os.close(child)
        shown = b""
        while True:
            try:
                part = os.read(parent, 65_536)
            except OSError as error:
                if error.errno != errno.EIO:  # how Linux tells that the other end is closed
                    raise
                break
            if not part:
                break
            shown += part
    os.close(parent)
    return shown.decode("utf-8")


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def json_lines(*values: Any) -> str:
    return "".join(f"{json.dumps(value, ensure_ascii=False)}\n" for value in values)


def configured(folder: Path, boamp: str = "http://127.0.0.1:9", *, extra: str = "", enabled: bool = True) -> Path:
    """Write a config.toml whose BOAMP stands at an address, by default one where nobody answers."""
    return write(
        folder,
        "config.toml",
        f'{extra}\n[http]\ncontact = "desk@example.org"\n'
        f'[sources.boamp]\nenabled = {str(enabled).lower()}\nevery = "1h"\nbase_url = "{boamp}"\npace = "0s"\n',
    )
