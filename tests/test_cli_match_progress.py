"""What `vigie match` tells while it works and at its end: how far it is, its rate, its memory."""

from __future__ import annotations

import json
import os
import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.cli import _match_progress
from bot.cli._match_progress import LINE_EVERY, Tally, peak_memory
from tests.command_line import BAD_DATA, DONE, json_lines, on_a_terminal, vigie, write

WATCHLIST = "kind,name\nkeyword,drone\n"
NOTICES = [{"id": f"N{number}", "text": "un drone" if number % 2 else "rien"} for number in range(1, 1_001)]


class HandClock:
    """Tell the time that it was set to."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en_GB.UTF-8", r"Watchlist ready in [\d.]+ s, notices searched in [\d.]+ s \([\d,]+ a second\), \d+ MB of"),
        (
            "fr_FR.UTF-8",
            r"Liste prête en [\d,]+ s, avis parcourus en [\d,]+ s \([\d\s]+ par seconde\), \d+ Mo de mémoire",
        ),
    ],
)
def test_the_end_tells_the_time_the_rate_and_the_memory(tmp_path: Path, language: str, words: str) -> None:
    watchlist, notices = write(tmp_path, "w.csv", WATCHLIST), write(tmp_path, "n.jsonl", json_lines(*NOTICES))
    ended = vigie("match", "--watchlist", watchlist, "--notices", notices, variables={"LC_ALL": language})
    assert re.search(words, ended.stderr.splitlines()[-1])


def test_a_plain_line_comes_at_intervals_where_there_is_no_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    clock = HandClock()
    tally = Tally(clock)
    for _ in range(4):
        clock.time += LINE_EVERY / 2
        tally.count(100, notices=500, hits=1)
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "1,000 notices read so far, 200 a second: 2 hits",
        "2,000 notices read so far, 200 a second: 4 hits",
    ]


def test_nothing_read_in_no_time_has_a_rate() -> None:
    assert "0" in Tally(HandClock()).rate()


def test_a_terminal_shows_a_bar_and_leaves_nothing_of_it(tmp_path: Path) -> None:
    watchlist, notices = write(tmp_path, "w.csv", WATCHLIST), write(tmp_path, "n.jsonl", json_lines(*NOTICES))
    shown = on_a_terminal("match", "--watchlist", watchlist, "--notices", notices, "--json")
    assert re.search("\r\x1b\\[K─{10,} 0 notices read · 0 a second · 0 hits", shown)
    assert shown.splitlines()[-2] == "1 watch item, 1,000 notices read: 500 hits"


def test_hits_on_a_terminal_are_whole_lines_whatever_its_width(tmp_path: Path) -> None:
    watchlist, notices = write(tmp_path, "w.csv", WATCHLIST), write(tmp_path, "n.jsonl", json_lines(*NOTICES))
    shown = on_a_terminal("match", "--watchlist", watchlist, "--notices", notices, "--json")
    hits = [json.loads(line) for line in re.findall(r"\{.*?\}(?=\r\n)", shown)]
    assert [hit["notice"] for hit in hits] == [f"N{number}" for number in range(1, 1_001, 2)]


def test_the_bar_fits_the_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    clock = HandClock()
    for columns in (1, 20, 60, 200):
        size = os.terminal_size((columns, 24))
        monkeypatch.setattr(_match_progress.os, "get_terminal_size", lambda _, size=size: size)
        monkeypatch.setattr(sys.stderr, "fileno", lambda: 2, raising=False)
        bar = _match_progress.Bar(clock, 1_000)
        clock.time += timedelta(seconds=1)
        bar.count(500, notices=10, hits=3)
        drawn = capsys.readouterr().err.removeprefix("\r\x1b[K")
        assert 0 <= len(drawn) < columns
        if columns == 200:
            assert drawn.startswith("━" * 20 + "─" * 20)


def test_a_wrong_check_digit_is_told_once_and_spoils_nothing(tmp_path: Path) -> None:
    watchlist = "kind,name,identifiers\ncompany,Halvoris,999092878\ncompany,Ostrevane,999 092 878;999092877\n"
    ended = vigie(
        "match",
        "--watchlist",
        write(tmp_path, "w.csv", watchlist),
        "--notices",
        write(tmp_path, "n.jsonl", json_lines({"id": "N1", "text": "SIREN 999092878"})),
        "--json",
    )
    assert ended.returncode == DONE
    assert len(ended.stdout.splitlines()) == 2
    [told] = [line for line in ended.stderr.splitlines() if "check digits" in line]
    assert "w.csv, line 2: 999092878" in told
    assert "7 expected" in told


def test_bad_lines_are_told_beside_wrong_queries(tmp_path: Path) -> None:
    watchlist = "kind,name\nperson,Anne\nkeyword,(drone\n"
    ended = vigie(
        "match", "--watchlist", write(tmp_path, "w.csv", watchlist), "--notices", write(tmp_path, "n.jsonl", "")
    )
    assert ended.returncode != BAD_DATA
    assert "w.csv, line 2: kind" in ended.stderr
    assert "w.csv, line 3: this query is wrong" in ended.stderr


def test_the_memory_of_this_process_is_read_from_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    status = tmp_path / "status"
    status.write_text("Name:\tvigie\nVmPeak:\t 900 kB\nVmHWM:\t  123456 kB\n", encoding="ascii")
    monkeypatch.setattr(_match_progress, "_OWN_STATUS", status)
    assert peak_memory() == 123_456 * 1_024


@pytest.mark.parametrize(("platform", "factor"), [("darwin", 1), ("linux", 1_024), ("freebsd14", 1_024)])
def test_without_it_the_memory_is_what_getrusage_says_in_the_unit_of_the_platform(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: str, factor: int
) -> None:
    class Usage:
        ru_maxrss = 5_000

    monkeypatch.setattr(_match_progress, "_OWN_STATUS", tmp_path / "none")
    monkeypatch.setattr(_match_progress.resource, "getrusage", lambda _: Usage)
    monkeypatch.setattr(_match_progress.sys, "platform", platform)
    assert peak_memory() == 5_000 * factor
