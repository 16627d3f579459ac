"""What the costly steps take, each as a ratio to a stated floor measured in the same run (`make bench`)."""

from __future__ import annotations

import asyncio
import csv
import gc
import json
import os
import shutil
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from datetime import date
from itertools import chain
from pathlib import Path

from bot.loopback.publishers.boamp_records import fns_notice
from bot.sources.boamp import Boamp
from tests.bench_known import log_lines
from tests.bench_latency import latency_lines
from tests.bench_matching import matching_lines
from tests.bench_sources import source_lines
from tests.export.many_facts import write_many_facts
from tests.export.read_back import facts_of
from tests.matching.name_figures import comparison_lines
from tests.matching.score import scored, table

ROUNDS = 5
FACTS = int(os.environ.get("BENCH_FACTS", "100000"))


def best(work: Callable[[], object]) -> float:
    """Return the median seconds of a piece of work over some rounds."""
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def bench_parsing() -> None:
    today = date(2026, 11, 21)
    records = [fns_notice(idweb=f"26-{n}", objet="Caméras-piétons", published=today) for n in range(100)]
    payload = json.dumps({"total_count": 100, "results": records}).encode()
    source = Boamp()

    def plain() -> None:
        for record in json.loads(payload)["results"]:
            json.loads(record["donnees"])

    floor, taken = best(plain), best(lambda: source.parse(payload))
    print(f"parsing a page of BOAMP: {taken / floor:5.2f} times json.loads of the same bytes, nested ones included")  # noqa: T201


def rows_of(path: Path) -> list[tuple[str, ...]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(map(tuple, csv.reader(file)))


def write_plainly(folder: Path, tables: dict[str, list[tuple[str, ...]]]) -> None:
    """Write tables that are in memory with the csv module, into a new folder: the floor of an export."""
    folder.mkdir()
    for name, rows in tables.items():
        with (folder / name).open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(rows)


def peak_of_export(database: Path, folder: Path) -> int:
    """Return how many bytes of Python an export holds at most."""
    tracemalloc.start()
    asyncio.run(facts_of(database, folder))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def bench_exporting() -> None:
    with tempfile.TemporaryDirectory(prefix="vigie-bench-") as made:
        folder = Path(made)
        few, many = folder / "few.sqlite3", folder / "many.sqlite3"
        write_many_facts(few, FACTS // 10)
        write_many_facts(many, FACTS)
        peaks = [peak_of_export(database, folder / database.stem) for database in (few, many)]
        tables = {path.name: rows_of(path) for path in sorted((folder / "many").glob("*.csv"))}
        gc.collect()
        gc.freeze()  # the rows of the floor are not the export's to look through
        ratios, seconds = [], []
        for number in range(ROUNDS):
            start = time.perf_counter()
            write_plainly(folder / f"plain-{number}", tables)
            middle = time.perf_counter()
            asyncio.run(facts_of(many, folder / f"export-{number}"))
            end = time.perf_counter()
            ratios.append((end - middle) / (middle - start))
            seconds.append(end - middle)
            for name in tables:
                assert (folder / f"export-{number}" / name).read_bytes() == (
                    folder / f"plain-{number}" / name
                ).read_bytes()
            shutil.rmtree(folder / f"plain-{number}")
            shutil.rmtree(folder / f"export-{number}")
    rows = sum(map(len, tables.values())) - len(tables)
    print(  # noqa: T201
        f"exporting {FACTS} facts, {rows} rows: {statistics.median(ratios):5.2f} times the csv module writing the same"
        f" rows from memory ({statistics.median(seconds):.1f} s; at most {peaks[1] / 1e6:.1f} MB of objects, and"
        f" {peaks[0] / 1e6:.1f} with a tenth of the facts)"
    )


if __name__ == "__main__":
    for line in matching_lines():
        print(line)  # noqa: T201  # a report on the terminal
    print(table(scored()))  # noqa: T201  # a report on the terminal
    bench_parsing()
    bench_exporting()
    for line in chain(log_lines(), comparison_lines(), source_lines(), latency_lines()):
        print(line)  # noqa: T201  # a report on the terminal
