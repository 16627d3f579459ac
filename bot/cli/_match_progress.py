"""How far `vigie match` is: a bar on a terminal, a plain line at intervals elsewhere; its rate and its memory."""

from __future__ import annotations

import math
import os
import resource
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO, Final

from bot.cli._terminal import say, terminal_texts
from bot.clock import Clock

LINE_EVERY: Final = timedelta(seconds=5)
BAR_EVERY: Final = timedelta(milliseconds=200)

_USUAL_COLUMNS: Final = 80  # of a terminal that does not know its own
_BAR_WIDTHS: Final = range(10, 41)
_DONE, _TO_DO = "\N{BOX DRAWINGS HEAVY HORIZONTAL}", "\N{BOX DRAWINGS LIGHT HORIZONTAL}"
_TO_LINE_START: Final = "\r\x1b[K"
_SHORTEST: Final = timedelta(milliseconds=1)
_BYTES_A_KILOBYTE: Final = 1_024
_OWN_STATUS: Final = Path("/proc/self/status")


class Tally:
    """Count the notices that were read and the hits found, and tell them at intervals, in plain lines."""

    every = LINE_EVERY

    def __init__(self, clock: Clock) -> None:
        """Count from now on."""
        self.size = 0
        self.notices = 0
        self.hits = 0
        self._clock = clock
        self._start = self._shown = clock.now()

    def count(self, size: int, *, notices: int, hits: int) -> None:
        """Add what one line held, its size in bytes."""
        self.size += size
        self.notices += notices
        self.hits += hits
        now = self._clock.now()
        if now - self._shown >= self.every:
            self._shown = now
            self.show()

    def taken(self) -> timedelta:
        """Return how long the counting has lasted."""
        return self._clock.now() - self._start

    def rate(self) -> str:
        """Return in words how many notices were read a second."""
        seconds = max(self.taken(), _SHORTEST) / timedelta(seconds=1)
        return terminal_texts().plural("cli-match-rate", round(self.notices / seconds))

    def notices_read(self) -> str:
        """Return in words how many notices were read."""
        return terminal_texts().plural("cli-match-notices", self.notices)

    def hits_found(self) -> str:
        """Return in words how many hits were found."""
        return terminal_texts().plural("cli-match-hits", self.hits)

    def show(self) -> None:
        """Tell how far it is."""
        texts = terminal_texts()
        say(texts("cli-match-so-far", notices=self.notices_read(), rate=self.rate(), hits=self.hits_found()))

    def make_way(self) -> None:
        """Leave the line to what is written next."""


class Bar(Tally):
    """Tell the same on the last line of a terminal, which what is written in between takes for a moment."""

    every = BAR_EVERY

    def __init__(self, clock: Clock, total: int | None) -> None:
        """Count from now on; `total` is the size of all that there is to read, where it is known."""
        super().__init__(clock)
        self._total = total
        self._is_shown = False

    def show(self) -> None:
        """Draw the bar, or draw it anew."""
        words = f"{self.notices_read()} · {self.rate()} · {self.hits_found()}"
        if self._total and self.size:
            texts = terminal_texts()
            share = min(1.0, self.size / self._total)
            left = self.taken() / timedelta(seconds=1) * (1 / share - 1)
            words = " · ".join(
                (
                    texts("cli-match-share", share=math.floor(share * 100)),
                    words,
                    texts.plural("cli-match-left", math.ceil(left)),
                )
            )
        width = (os.get_terminal_size(sys.stderr.fileno()).columns or _USUAL_COLUMNS) - 1
        sys.stderr.write(f"{_TO_LINE_START}{self._drawn(width - len(words) - 1)}{words}"[: len(_TO_LINE_START) + width])
        sys.stderr.flush()
        self._is_shown = True

    def make_way(self) -> None:
        """Take the bar away; it comes back when it is next due."""
        if self._is_shown:
            sys.stderr.write(_TO_LINE_START)
            sys.stderr.flush()
            self._is_shown = False

    def _drawn(self, room: int) -> str:
        if not self._total or room < _BAR_WIDTHS.start:
            return ""
        width = min(room, _BAR_WIDTHS.stop - 1)
        done = min(width, width * self.size // self._total)
        return f"{_DONE * done}{_TO_DO * (width - done)} "


@contextmanager
def counting(stream: BinaryIO, clock: Clock) -> Iterator[Tally]:
    """Give a tally that tells on standard error how far the reading of a stream is."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield Tally(clock)
        return
    described = os.fstat(stream.fileno())
    bar = Bar(clock, described.st_size if stat.S_ISREG(described.st_mode) else None)
    bar.show()
    try:
        yield bar
    finally:
        bar.make_way()


def peak_memory() -> int:
    """Return the most memory that this process has held at once, in bytes.

    Linux tells it in /proc: what `getrusage` says there begins with what the program held that started this one.
    `ru_maxrss` is in kilobytes, on macOS in bytes (getrusage(2) of each).
    """
    try:
        lines = _OWN_STATUS.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        lines = []
    for line in lines:
        name, _, value = line.partition(":")
        if name == "VmHWM":
            return int(value.split()[0]) * _BYTES_A_KILOBYTE
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * _BYTES_A_KILOBYTE
