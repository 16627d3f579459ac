from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[1]
PASS_THREE = "from bot import crash\nfor name in 'abc':\n    crash.point(name)\n    print(name, flush=True)\n"


def _run(**settings: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("VIGIE_CRASH")}
    return subprocess.run(
        [sys.executable, "-c", PASS_THREE],
        cwd=PROJECT, env=environment | settings, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_without_a_wish_nothing_crashes() -> None:
    assert (_run().returncode, _run().stdout) == (0, "a\nb\nc\n")


def test_the_process_is_killed_at_the_place_that_was_asked_for() -> None:
    ended = _run(VIGIE_CRASH_AT="2")
    assert (ended.returncode, ended.stdout) == (-signal.SIGKILL, "a\n")


def test_the_process_is_killed_at_the_place_of_the_name_that_was_asked_for() -> None:
    ended = _run(VIGIE_CRASH_AT="c")
    assert (ended.returncode, ended.stdout) == (-signal.SIGKILL, "a\nb\n")


def test_the_places_passed_are_listed_the_last_one_included(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    _run(VIGIE_CRASH_AT="2", VIGIE_CRASH_TRACE=str(trace))
    assert trace.read_text(encoding="utf-8") == "a\nb\n"
