"""The edge between the commands and whoever runs them: streams, words, progress, exit status."""

from __future__ import annotations

import errno
import functools
import getpass
import io
import os
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, ParamSpec

import typer

from bot import clock
from bot.errors import ConfigError, ConfigFault, DatabaseDamagedError, QueryError, SourceError, Standing, UserError

if TYPE_CHECKING:
    from bot.locales import Texts

P = ParamSpec("P")

SIGNAL_STATUS = 128
STANDARD_INPUT = Path("-")
PRIMARY_CODE = 0xFF


class MachineRefusal(StrEnum):
    """Name what a machine refuses to a program."""

    MISSING = "missing"
    NO_RIGHT = "no_right"
    NO_ROOM = "no_room"
    READ_ONLY = "read_only"
    FOLDER = "folder"
    NO_FOLDER = "no_folder"
    LONG_NAME = "long_name"
    DISK = "disk"
    UNOPENED = "unopened"
    BUSY = "busy"


_OF_SYSTEM = {
    errno.ENOENT: MachineRefusal.MISSING,
    errno.EACCES: MachineRefusal.NO_RIGHT,
    errno.EPERM: MachineRefusal.NO_RIGHT,
    errno.ENOSPC: MachineRefusal.NO_ROOM,
    errno.EDQUOT: MachineRefusal.NO_ROOM,
    errno.EROFS: MachineRefusal.READ_ONLY,
    errno.EISDIR: MachineRefusal.FOLDER,
    errno.ENOTDIR: MachineRefusal.NO_FOLDER,
    errno.ENAMETOOLONG: MachineRefusal.LONG_NAME,
    errno.EIO: MachineRefusal.DISK,
}
_OF_SQLITE = {
    sqlite3.SQLITE_CANTOPEN: MachineRefusal.UNOPENED,
    sqlite3.SQLITE_READONLY: MachineRefusal.READ_ONLY,
    sqlite3.SQLITE_PERM: MachineRefusal.NO_RIGHT,
    sqlite3.SQLITE_IOERR: MachineRefusal.DISK,
    sqlite3.SQLITE_FULL: MachineRefusal.NO_ROOM,
    sqlite3.SQLITE_BUSY: MachineRefusal.BUSY,
    sqlite3.SQLITE_LOCKED: MachineRefusal.BUSY,
}


class Status(IntEnum):
    """How a command ends (DESIGN.md section 6)."""

    DONE = 0
    BAD_DATA = 1
    USED_WRONGLY = 2


def force_utf8() -> None:
    """Make the standard streams speak UTF-8 whatever the locale, a line at a time, so that a reader need not wait.

    What UTF-8 cannot encode, a lone surrogate, becomes its JSON escape.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)


@functools.cache
def terminal_texts() -> Texts:
    """Return the texts in the language and time zone of the terminal; what fills them cannot move its cursor."""
    from bot.locales import Texts, terminal_language  # noqa: PLC0415  # Babel is slow to import, and help needs none
    from bot.markup import plain  # noqa: PLC0415

    zone = clock.system().now().astimezone().tzinfo
    assert zone is not None  # noqa: S101  # astimezone() always gives one
    return Texts(terminal_language(os.environ), zone).through(plain)


def at_the_terminal() -> str:
    """Return who sits at the command line, as audit logs tell it; a machine may not know its own users."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):
        return "cli"


def say(line: str) -> None:
    """Tell the person one line, on standard error."""
    sys.stderr.write(f"{line}\n")


def put(line: str) -> None:
    """Write one line of the command's result, on standard output."""
    sys.stdout.write(f"{line}\n")


def command(function: Callable[P, Status]) -> Callable[P, None]:
    """Turn a function that returns a status into a command that ends with it and puts the known errors into words.

    A reader that went away ends it quietly, Ctrl-C without a traceback, both with the status of their signal.
    """

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            status: int = _told(lambda: function(*args, **kwargs))
            sys.stdout.flush()
        except BrokenPipeError:
            # Python flushes once more on its way out, and would complain.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            status = SIGNAL_STATUS + signal.SIGPIPE
        except KeyboardInterrupt:
            status = SIGNAL_STATUS + signal.SIGINT
        raise typer.Exit(status)

    return run


def _told(function: Callable[[], Status]) -> Status:
    try:
        return function()
    except ConfigError as error:
        tell_faults(error)
    except SourceError as error:
        texts = terminal_texts()
        say(texts("cli-source-error", reason=texts.source_error(error)))
        return Status.BAD_DATA
    except QueryError as error:
        tell_query(error)
    except DatabaseDamagedError as error:
        say(terminal_texts().error(error))
        return Status.BAD_DATA
    except UserError as error:
        say(terminal_texts().error(error))
    except (sqlite3.OperationalError, PermissionError) as error:
        reason = machine_fault(error)
        if reason is None:
            raise
        say(terminal_texts()("cli-machine-fault", reason=reason))
    return Status.USED_WRONGLY


def machine_fault(error: sqlite3.OperationalError | PermissionError) -> str | None:
    """Return what the machine refuses to the database (its place, its rights, its disk), None for a fault of ours."""
    texts = terminal_texts()
    if isinstance(error, PermissionError):
        return texts("cli-refused-path", path=error.filename or "", reason=refusal_words(texts, error))
    refusal = _OF_SQLITE.get(error.sqlite_errorcode & PRIMARY_CODE)
    return None if refusal is None else texts.word("machine-refusal", refusal)


def refusal_words(texts: Texts, error: OSError) -> str:
    """Return what the system refuses in a few words; in its own where it is nothing that happens every day."""
    refusal = _OF_SYSTEM.get(error.errno or 0)
    return error.strerror or "" if refusal is None else texts.word("machine-refusal", refusal)


def tell_query(error: QueryError) -> None:
    """Tell the person what is wrong with a query, below the place where it is."""
    from rich.cells import cell_len  # noqa: PLC0415  # letters of some scripts are two columns wide

    # One character stays one, so that the caret stands where it should.
    query = "".join(character if character.isprintable() else " " for character in error.query)
    say(f"    {query}\n    {' ' * cell_len(query[: error.position])}^ {terminal_texts().error(error)}")


def tell_faults(error: ConfigError) -> None:
    """Tell the person every fault of a configuration, one a line."""
    texts = terminal_texts()
    say(texts("cli-config-faults", path=error.path))
    for fault in error.faults:
        say(fault_sentence(texts, fault))


def fault_sentence(texts: Texts, fault: ConfigFault) -> str:
    """Return what is wrong at a place of config.toml, in one line."""
    return texts("cli-config-fault", **fault_words(texts, fault))


def fault_words(texts: Texts, fault: ConfigFault) -> dict[str, str]:
    """Return the place of a fault, what stands there and what was expected, in words: `key`, `value`, `expected`."""
    place = fault.key or (texts("cli-config-file") if fault.line is None else texts("cli-config-line", line=fault.line))
    is_code = isinstance(fault.value, Standing)
    value = texts.word("config-standing", fault.value, **fault.values) if is_code else fault.value
    expected = texts.word("config-expected", fault.expected, **fault.values)
    return {"key": place, "value": value, "expected": expected}


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open a file that the command line names, `-` for standard input; raises UserError where it cannot be read."""
    if path == STANDARD_INPUT:
        yield sys.stdin.buffer
        return
    try:
        file = path.open("rb")
    except OSError as error:
        raise UserError("cli-file-unreadable", path=str(path), reason=refusal_words(terminal_texts(), error)) from None
    with file:
        yield file


@contextmanager
def busy(label: str) -> Iterator[Callable[[str], None]]:
    """Show on standard error, where that is a terminal, that something is being done; told what, as it goes on."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415  # only a terminal needs it
    from rich.text import Text  # noqa: PLC0415

    with Console(stderr=True).status(Text(label)) as status:
        yield lambda words: status.update(Text(words))


@contextmanager
def bar(label: str, total: int) -> Iterator[Callable[[int, str], None]]:
    """Show a bar on standard error, where that is a terminal; told how much of `total` is done, and what came of it."""
    if not sys.stderr.isatty():
        yield lambda _done, _words: None
        return
    from rich.console import Console  # noqa: PLC0415  # only a terminal needs it
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TextColumn("{task.fields[words]}", markup=False),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(label, total=total, words="")
        yield lambda done, words: progress.update(task, completed=done, words=words)


def emphasised(text: str) -> str:
    """Return a text as it stands out on standard output: bold on a terminal, in brackets elsewhere."""
    return f"\x1b[1m{text}\x1b[0m" if sys.stdout.isatty() else f"[{text}]"
