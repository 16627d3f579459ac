"""What the costly steps take, each as a ratio to a stated floor measured in the same run (`make bench`)."""

from __future__ import annotations

import asyncio
import csv
import gc
import json
import os
import random
import shutil
import statistics
import tempfile
import time
import tracemalloc
import unicodedata
from collections.abc import Callable
from datetime import date
from pathlib import Path

from bot.loopback.boamp_records import fns_notice
from bot.matching import Matcher
from bot.models import ItemKind, Notice, WatchItem
from bot.sources.boamp import Boamp
from tests.export.many_facts import write_many_facts
from tests.export.read_back import facts_of

ROUNDS = 5
NOTICES = 2_000
FACTS = int(os.environ.get("BENCH_FACTS", "100000"))
CONSONANTS, VOWELS = "bcdfglmnprstv", "aeiou"
LETTERS = {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}  # noqa: RUF001  # letters


class Folding(dict[int, str]):
    """Fold one character the first time it is met: the reference fold, the unit of these figures."""

    def __missing__(self, code: int) -> str:
        decomposed = unicodedata.normalize("NFKD", chr(code).casefold())
        plain = "".join(c for c in decomposed if not unicodedata.combining(c))
        folded = "".join(c if c.isalnum() else " " for c in LETTERS.get(plain, plain))
        self[code] = folded
        return folded


FOLDING = Folding()


def reference_fold(text: str) -> str:
    """Return a text in lower case without accents, its words between single spaces."""
    return " " + " ".join(text.translate(FOLDING).split()) + " "


def word(chance: random.Random) -> str:
    return "".join(chance.choice(CONSONANTS) + chance.choice(VOWELS) for _ in range(chance.randint(2, 4)))


def notices(chance: random.Random, names: list[str], hit_rate: float) -> list[Notice]:
    """Make notices of some 1,100 characters; a share of them names an item."""
    vocabulary = [word(chance) for _ in range(5_000)] + ["de la", "d'une", "l'état", "à", "été", "marché"]
    made = []
    for number in range(NOTICES):
        words = chance.choices(vocabulary, k=165)
        if chance.random() < hit_rate:
            words.insert(chance.randrange(len(words)), chance.choice(names))
        made.append(Notice(id=str(number), title=" ".join(words[:10]).capitalize(), text=" ".join(words[10:])))
    return made


def best(work: Callable[[], object]) -> float:
    """Return the median seconds of a piece of work over some rounds."""
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def bench_matching() -> None:
    for count in (100, 1_000, 10_000):
        chance = random.Random(count)  # noqa: S311  # made-up data
        names = [f"{word(chance).capitalize()}{word(chance)} {word(chance).capitalize()}" for _ in range(count)]
        items = [WatchItem(id=number, kind=ItemKind.COMPANY, name=name) for number, name in enumerate(names)]
        stream = notices(chance, names, 0.01)
        start = time.perf_counter()
        matcher = Matcher(items)
        built = time.perf_counter() - start
        floor = best(lambda: [reference_fold(f"{notice.title}\n{notice.text}") for notice in stream])  # noqa: B023
        taken = best(lambda: [matcher.find(notice) for notice in stream])  # noqa: B023
        print(  # noqa: T201
            f"matching, {count:>6} items, 1 % of notices hit: {taken / floor:5.2f} times the reference fold"
            f" ({taken / NOTICES * 1e6:.0f} µs a notice; built in {built:.2f} s)"
        )


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
    bench_matching()
    bench_parsing()
    bench_exporting()
