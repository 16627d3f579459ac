"""What matching costs, each figure as a ratio measured in this run, with what it must be and its goal beside it.

The unit is the reference fold of matching.md section 12. `BENCH_SENTENCES=FILE.jsonl` adds the false alarms of short
names over sentences of one's own (objects with a `text`), one a line.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import random
import statistics
import subprocess
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bot.matching import Matcher
from bot.models import ItemKind, Notice, WatchItem
from tests.made_up_notices import made_up_items, made_up_notices, made_up_text

ROUNDS = 9
NOTICES = 500
SIZES = (100, 1_000, 10_000, 100_000)
MANY = 10_000
PLAIN = 1_000_000
LETTERS = {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}  # noqa: RUF001  # letters
Work = Callable[[], object]


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


def ratio(work: Work, floor: Work, rounds: int = ROUNDS) -> float:
    """Return the median of what a piece of work takes over what another takes right beside it.

    Of the processor's time in this thread: what else the machine does meanwhile changes it little.
    """
    ratios = []
    for _ in range(rounds):
        start = time.thread_time()
        floor()
        middle = time.thread_time()
        work()
        ratios.append((time.thread_time() - middle) / (middle - start))
    return statistics.median(ratios)


def line(figure: str, value: float, must: float, goal: float, more: str = "") -> str:
    """Return a line of the table."""
    told = "goal" if value <= goal else "must" if value <= must else "MISSED"
    return f"{figure:<62} {value:>7.2f}   must {must:>6g}   goal {goal:>6g}   {told:<6} {more}".rstrip()


def matching_lines() -> Iterator[str]:
    """Yield the table of speed and memory, a line a figure."""
    yield from _end_to_end()
    yield from _lengths()
    yield from _hostile()
    yield from _building()
    yield from _changing()
    if os.environ.get("BENCH_SENTENCES"):
        yield from alarm_lines(Path(os.environ["BENCH_SENTENCES"]))


def _folds(notices: Sequence[Notice]) -> Work:
    texts = [f"{notice.title}\n{notice.text}" for notice in notices]
    return lambda: [reference_fold(text) for text in texts]


def _finds(matcher: Matcher, notices: Sequence[Notice]) -> Work:
    return lambda: [matcher.find(notice) for notice in notices]


def _end_to_end() -> Iterator[str]:
    few: Work | None = None
    for count in SIZES:
        chance = random.Random(count)  # noqa: S311  # made-up data
        items = made_up_items(chance, count)
        names = [item.name for item in items]
        matcher = Matcher(items)
        notices = made_up_notices(random.Random(1), NOTICES, names, 0.01)  # noqa: S311  # made-up data
        found, fold = _finds(matcher, notices), _folds(notices)
        found()
        must, goal = (3.0, 1.5) if count > MANY else (2.0, 1.0)
        yield line(f"end to end, {count} items, 1 % hit, of the reference fold", ratio(found, fold), must, goal)
        if few is None:
            few = found
        if count == MANY:
            yield line(f"{count} items over {SIZES[0]}", ratio(found, few), 1.5, 1.2)
            all_hit = made_up_notices(chance, NOTICES, names, 1.0)
            found, fold = _finds(matcher, all_hit), _folds(all_hit)
            found()
            yield line(f"every notice hits, {count} items, of the reference fold", ratio(found, fold), 6.0, 3.0)


def _matcher() -> Matcher:
    return Matcher(
        [
            *made_up_items(random.Random(7), 1_000),  # noqa: S311  # made-up data
            WatchItem(kind=ItemKind.COMPANY, name="Valmarin"),
            WatchItem(kind=ItemKind.OFFICIAL, name="Paul Corvoy"),
            WatchItem(kind=ItemKind.KEYWORD, name="caméra-piéton"),
        ]
    )


def _lengths() -> Iterator[str]:
    matcher, chance = _matcher(), random.Random(3)  # noqa: S311  # made-up data
    short = [Notice(id="n", text=made_up_text(chance, 10_000)) for _ in range(50)]
    long = [Notice(id="n", text="\n".join(notice.text for notice in short[at : at + 10])) for at in range(0, 50, 10)]
    value = ratio(_finds(matcher, long), _finds(matcher, short))
    yield line("a 100,000-character notice per character, over a 10,000 one", value, 1.2, 1.1)


def _hostile() -> Iterator[str]:
    matcher, chance = _matcher(), random.Random(4)  # noqa: S311  # made-up data
    plain = "".join(made_up_text(chance, 10_000) for _ in range(PLAIN // 10_000))
    alphabets: tuple[str, ...] = (
        "абвгдежзийклмнопрстуфхцчшщыэюя",
        "αβγδεζηθικλμνξοπρστυφχψωάέήίόύώ",
        "ابتثجحخدذرزسشصضطظعغفقكلمنهوي",
    )
    alphabets += (
        "अआइईउऊएकखगघचछजटडणतदनपबमयरलवशसह",
        "가나다라마바사아자차카타파하",
        "中国公司招标采购安全监控系统服务项目",
    )
    letters = [*"".join(alphabets), *"ąćęłńóśźżčďěňřšťůž", *"ﬁ½①Ａ™\u00ad\u200b\u0301😀𝐀𝔘", *"éèœÉŒß–’“”…"]  # noqa: RUF001  # any sign
    mixed = "".join(" " if chance.random() < 0.16 else chance.choice(letters) for _ in range(PLAIN))
    any_sign = "".join(chr(chance.choice((chance.randrange(0xD800), chance.randrange(0x110000)))) for _ in range(PLAIN))
    for name, text in (
        ("a million spaced letters", "".join(f"{chance.choice('abcdeilmnorstuv')} " for _ in range(PLAIN))),
        ("a line of 1 MB in one word", "x" * PLAIN),
        ("10,000 hits in 100,000 characters", "Valmarin, " * 10_000),
        ("10,000 hits in 1,000,000 characters", _with_hits(plain, 10_000)),
        ("letters of twelve scripts", mixed),
        ("any character of Unicode", any_sign),
    ):
        notice, other = Notice(id="n", text=text), Notice(id="n", text=plain[: len(text)])
        scale = len(other.text) / len(text)
        matcher.find(notice)
        value = ratio(_finds(matcher, [notice]), _finds(matcher, [other]), 3) * scale
        yield line(f"{name}, per character over plain text", value, 3.0, 1.5)


def _with_hits(text: str, count: int) -> str:
    step = len(text) // count
    return "".join(f"{text[at : at + step - 10]} Valmarin " for at in range(0, step * count, step))


def _building() -> Iterator[str]:
    told = subprocess.run(
        [sys.executable, "-m", "tests.bench_matching", "build"], check=True, capture_output=True, text=True
    )
    seconds, megabytes = map(float, told.stdout.split())
    yield line("10,000 items with all variants: build, seconds", seconds, 1.0, 0.5)
    more = "(growth of the resident set of a fresh process)"
    yield line("10,000 items with all variants: memory, MB", megabytes, 60, 40, more)


def tell_build() -> None:
    """Print the seconds and the megabytes that a matcher of many items takes in this process."""
    chance = random.Random(5)  # noqa: S311  # made-up data
    Matcher(made_up_items(chance, 50)).find(Notice(id="n", text=made_up_text(chance)))
    items = made_up_items(chance, MANY)
    gc.collect()
    before = _resident()
    start = time.perf_counter()
    matcher = Matcher(items)
    seconds = time.perf_counter() - start
    gc.collect()
    after = _resident()
    matcher.find(Notice(id="n", text="x"))
    print(seconds, (after - before) / 1e6)  # noqa: T201  # read by the process that started this one


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _changing() -> Iterator[str]:
    items = made_up_items(random.Random(6), MANY)  # noqa: S311  # made-up data
    live, held = asyncio.run(_add_one_by_one(items))
    yield line(f"one item added at {MANY}: live after, ms", live * 1e3, 100, 50)
    yield line(f"one item added at {MANY}: the event loop held at most, ms", held * 1e3, 20, 10)


async def _add_one_by_one(items: list[WatchItem]) -> tuple[float, float]:
    """Return the median seconds until an added item is found, and the longest that the event loop waited meanwhile."""
    matcher = await asyncio.to_thread(Matcher, items)
    waits: list[float] = []

    async def watch_the_loop() -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.001)
            waits.append(time.perf_counter() - before - 0.001)

    watching = asyncio.create_task(watch_the_loop())
    taken, longest = [], []
    for number in range(9):
        items = [*items, WatchItem(kind=ItemKind.COMPANY, name=f"Zorvanix {number}")]
        await asyncio.sleep(0.01)
        waits.clear()
        start = time.perf_counter()
        matcher = await asyncio.to_thread(matcher.changed, items)
        taken.append(time.perf_counter() - start)
        await asyncio.sleep(0.005)
        longest.append(max(waits))
        assert matcher.find(Notice(id="n", text=f"chez Zorvanix {number}"))
    watching.cancel()
    return statistics.median(taken), statistics.median(longest)


ALARMS = (
    *((ItemKind.KEYWORD, name) for name in ("IA", "RAT", "GAL", "ONE", "mine", "arme")),
    *((ItemKind.COMPANY, name) for name in ("Total", "Atos", "Avon", "SII", "Axis", "Milestone", "Atlas")),
)


def alarm_lines(path: Path) -> Iterator[str]:
    """Yield how many sentences each short name hits, over a file of JSON lines with a `text`."""
    matcher = Matcher([WatchItem(kind=kind, name=name, ref=name) for kind, name in ALARMS])
    counts = dict.fromkeys((name for _, name in ALARMS), 0)
    weak = dict.fromkeys(counts, 0)
    sentences = 0
    with path.open(encoding="utf-8") as lines:
        for text in lines:
            sentences += 1
            for hit in matcher.find(Notice(id="n", text=json.loads(text)["text"])):
                (weak if hit.tier == "weak" else counts)[str(hit.ref)] += 1
    told = ", ".join(f"{name} {counts[name]}{f' (+{weak[name]} weak)' if weak[name] else ''}" for name in counts)
    yield f"sentences hit, of {sentences}: {told}"


if __name__ == "__main__":
    if sys.argv[1:] == ["build"]:
        tell_build()
    else:
        for told in matching_lines():
            print(told, flush=True)  # noqa: T201  # a report on the terminal
