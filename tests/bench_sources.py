"""What reading sources costs: each beside the plain parse of the same bytes, large registers with their peak memory.

`BENCH_REGISTER_MB` is the size of the French register, 140 by default; the EU one has six sevenths of it.
"""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import re
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO
from xml.etree import ElementTree as ET

from bot.sources import Form, Source, sources
from bot.storage.reading.spool import Spool
from tests.big_registers import eu_dump, hatvp_dump
from tests.e2e.nursery import nursery
from tests.e2e.register_world import RegisterWorld, register_world
from tests.sources.layouts import sample_of, source_of

ROUNDS = 9
COPIES = 40
"""How often each entry of a sample stands in the payload, under other ids."""

REGISTER_MB = float(os.environ.get("BENCH_REGISTER_MB", "140"))
DUMPS: dict[str, tuple[Callable[[int], Iterator[bytes]], float]] = {
    "hatvp": (hatvp_dump, REGISTER_MB),
    "eu_transparency": (eu_dump, REGISTER_MB * 6 / 7),
}
PAUSE_S = 0.1
"""Between two commands, of a desk that types without rest."""

PATIENCE_S = 300.0
IDLE_COMMANDS = 300
CHUNK = 1_000_000
CONTROLS = re.compile(rb"&#(?:x[0-8bceBCE]|x1[0-9a-fA-F]|[1-8]|1[1245678]|2\d|3[01]);")
LAST_DIGITS = re.compile(r"\d(\D*)\d(\D*)$")


def source_lines() -> Iterator[str]:
    """Yield the table of sources, a line a figure."""
    for name, kind in sources().items():
        if not kind.is_register:
            yield page_line(source_of(name))
    with tempfile.TemporaryDirectory(prefix="vigie-bench-") as made:
        for name, (make, megabytes) in DUMPS.items():
            dump = Path(made) / name
            with dump.open("wb") as file:
                file.writelines(make(int(megabytes * 1_000_000)))
            yield from register_lines(name, dump)
            dump.unlink()
    yield from asyncio.run(command_lines())


def page_line(source: Source) -> str:
    """Return what a page of a source takes."""
    payload = page_of(source.name.partition(":")[0])
    read = len(source.parse(payload).notices)
    plain = plain_parse(source.layout.form, payload)
    seconds, ratios = [], []
    for _ in range(ROUNDS):
        start = time.thread_time()
        plain()
        middle = time.thread_time()
        source.parse(payload)
        seconds.append(time.thread_time() - middle)
        ratios.append(seconds[-1] / (middle - start))
    speed, times = read / statistics.median(seconds), statistics.median(ratios)
    return f"reading {source.name:<22} {speed:>8.0f} notices a second, {times:>5.2f} times {FLOORS[source.layout.form]}"


def page_of(name: str) -> bytes:
    """Return a payload with every entry of a sample `COPIES` times, under other ids."""
    sample = sample_of(name)
    path = sample.layout.id or "guid"
    entries = []
    for entry in sample.entries:
        if not sample.has(entry, path):
            continue
        for copy in range(COPIES):
            id_ = LAST_DIGITS.sub(
                lambda found, n=copy: f"{n // 10}{found[1]}{n % 10}{found[2]}", str(sample.value(entry, path))
            )
            entries.append(sample.with_value(entry, path, id_))
    return sample.payload(entries)


FLOORS = {
    Form.JSON: "json.loads of the same bytes, nested texts included",
    Form.CSV: "csv.reader",
    Form.XML: "ElementTree.iterparse",
    Form.ARCHIVE: "tarfile and ElementTree",
}
"""What is the plain parse of each form."""


def plain_parse(form: Form, payload: bytes) -> Callable[[], object]:
    """Return the plain parse of a payload."""
    match form:
        case Form.JSON:
            nested = [text for text in _texts(json.loads(payload)) if _is_json(text)]
            return lambda: (json.loads(payload), [json.loads(text) for text in nested])
        case Form.CSV:
            return lambda: list(csv.reader(io.StringIO(payload.decode("utf-8-sig"), newline="")))
        case Form.XML:
            readable = CONTROLS.sub(b" ", payload)
            return lambda: [*ET.iterparse(io.BytesIO(readable))]  # noqa: S314  # our own sample
        case Form.ARCHIVE:
            return lambda: _plain_archive(payload)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)
    elif isinstance(value, str):
        yield value


def _is_json(text: str) -> bool:
    try:
        return text[:1] in {"{", "["} and bool(json.loads(text))
    except ValueError:
        return False


def _plain_archive(payload: bytes) -> None:
    with tarfile.open(fileobj=io.BytesIO(payload)) as archive:
        for member in archive:
            if (content := archive.extractfile(member)) is not None:
                ET.fromstring(content.read())  # noqa: S314  # our own sample


def register_lines(name: str, dump: Path) -> Iterator[str]:
    """Yield what a register takes, the first time and with all fingerprints known, each in a process of its own."""
    floor = in_child("plain", name, dump)["seconds"]
    prints = dump.with_suffix(".prints")
    for reading in ("first", "usual"):
        told = in_child(reading, name, dump, prints)
        yield (
            f"reading {name:<22} {dump.stat().st_size / 1e6:.0f} MB, {reading} read: {told['seconds']:.1f} s,"
            f" {told['seconds'] / floor:.2f} times {PLAINLY[name]} ({floor:.1f} s);"
            f" {told['notices'] / told['seconds']:.0f} notices a second; at most {told['megabytes']:.0f} MB above idle"
        )
    prints.unlink()


PLAINLY = {
    "hatvp": "JSONDecoder.raw_decode over the same bytes, an organisation at a time",
    "eu_transparency": "ElementTree.iterparse over the same bytes, each organisation cleared",
}


def in_child(*arguments: object) -> dict[str, float]:
    """Return what this module says when it is run as a program with these arguments."""
    command = [sys.executable, "-m", "tests.bench_sources", *map(str, arguments)]
    told: dict[str, float] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return told


def main(reading: str, name: str, dump: str, prints: str = "") -> dict[str, float]:
    """Read a dump once as a poll does, or plainly, and return its seconds, notices and memory above idle."""
    source = source_of(name)
    known = json.loads(Path(prints).read_text("utf-8")) if reading == "usual" else {}
    fingerprints, notices = {}, 0
    with Path(dump).open("rb") as stream, Spool() as spool:
        forget_peak()
        idle = kilobytes("VmRSS")
        start = time.process_time()
        spooling = 0.0
        if reading == "plain":
            (_plain_json if source.layout.form is Form.JSON else _plain_xml)(stream)
        else:
            for part in source.parse_stream(stream, known=known):
                paused = time.process_time()
                notices += len(part.notices)
                fingerprints |= {entity.id: entity.fingerprint for entity in part.entities}
                spool.add(part)
                spooling += time.process_time() - paused
        seconds = time.process_time() - start - spooling
        peak = kilobytes("VmHWM")
    if reading == "first":
        Path(prints).write_text(json.dumps(fingerprints), "utf-8")
    return {"seconds": seconds, "notices": notices, "megabytes": (peak - idle) / 1_000}


def _plain_json(stream: BinaryIO) -> None:
    decoder, text = json.JSONDecoder(), ""
    reader = io.TextIOWrapper(stream, "utf-8")
    text = reader.read(CHUNK)
    place = text.index("[") + 1
    while True:
        try:
            _, place = decoder.raw_decode(text, place)
        except ValueError:
            more = reader.read(CHUNK)
            if not more:
                return
            text, place = text[place:] + more, 0
            continue
        place += 2  # the comma and the blank between two


def _plain_xml(stream: BinaryIO) -> None:
    parser = ET.XMLPullParser()
    for number, chunk in enumerate(iter(lambda: stream.read(CHUNK), b"")):
        parser.feed(chunk.replace(b"version='1.1'", b"version='1.0'", 1) if number == 0 else chunk)
        for _, element in parser.read_events():
            if element.tag == "interestRepresentative":
                element.clear()


def forget_peak() -> None:
    """Let the peak of this process's memory begin anew; importing had one too (Linux, proc_pid_clear_refs(5))."""
    Path("/proc/self/clear_refs").write_text("5", "ascii")


def kilobytes(field: str) -> int:
    """Return a figure of this process's memory (Linux, proc_pid_status(5))."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(re.search(rf"^{field}:\s+(\d+) kB$", status, re.MULTILINE)[1])  # type: ignore[index]  # it stands there


async def command_lines() -> list[str]:
    """Return how long slash commands of a real bot take, idle and while it reads and stores a large register."""
    with tempfile.TemporaryDirectory(prefix="vigie-bench-") as made:
        async with register_world(Path(made), nursery()) as reading:
            reading.patience_s = PATIENCE_S
            reading.register.lay_down(hatvp_dump(1))
            await reading.desk.started()
            await reading.desk.set_up()
            await reading.until_stored()
            commands = Commands(reading)
            for _ in range(IDLE_COMMANDS):
                await commands.run("idle")
            before = reading.notices()
            reading.register.lay_down(hatvp_dump(int(REGISTER_MB * 1_000_000)))
            start = time.monotonic()
            while reading.dumps() < 2:
                await commands.run(reading.stage(before))
            taken, stored = time.monotonic() - start, reading.notices() - before
    said = [f"slash commands while the bot reads {REGISTER_MB:.0f} MB and stores {stored} notices, in {taken:.0f} s:"]
    return [*said, *commands.lines()]


class Commands:
    """Run reading and writing slash commands one after the other, and keep how long each waited for its answer."""

    def __init__(self, reading: RegisterWorld) -> None:
        self._desk = reading.desk
        self._number = 0
        self.taken: dict[str, list[tuple[str, float, float]]] = {}

    async def run(self, when: str) -> None:
        """Run the next command."""
        self._number += 1
        name, options = COMMANDS[self._number % len(COMMANDS)]
        options = {option: value.format(self._number) for option, value in options.items()}
        start = time.perf_counter()
        reply = await self._desk.reporter.slash(name, self._desk.announcements, wait_s=PATIENCE_S, **options)
        whole = time.perf_counter() - start
        self.taken.setdefault(when, []).append((name, reply.interaction.took or whole, whole))
        await asyncio.sleep(PAUSE_S)

    def lines(self) -> Iterator[str]:
        """Yield by stage the waits for the first answers, and of the slowest command those for its whole reply."""
        for when, taken in self.taken.items():
            yield f"  {when:<10} {len(taken):>5} commands answered {_waits(first for _, first, _ in taken)} (goal 150)"
            for name in dict.fromkeys(name for name, _, _ in taken):
                yield f"  {'':<10} /{name:<10} whole reply {_waits(whole for one, _, whole in taken if one == name)}"


def _waits(seconds: Iterable[float]) -> str:
    waits = sorted(seconds)
    last = waits[min(len(waits) - 1, len(waits) * 99 // 100)]
    return f"median {statistics.median(waits) * 1_000:>4.0f} ms, p99 {last * 1_000:>4.0f} ms"


COMMANDS: tuple[tuple[str, dict[str, str]], ...] = (
    *(
        ("watch list", {}),
        ("search", {"query": "calendrier"}),
        ("tip add", {"text": "Appel anonyme {}"}),
    )
    * 6,
    ("watch add", {"kind": "company", "name": "Lisière {} SA"}),
)
"""Of which each is run in turn; an item is added more rarely than tips, and tried on all that is stored."""


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))  # noqa: T201  # told to the process that started this one
