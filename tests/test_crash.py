from __future__ import annotations

import ast
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import bot
import cogs

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


def test_the_places_passed_are_listed_the_last_one_included(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    _run(VIGIE_CRASH_AT="2", VIGIE_CRASH_TRACE=str(trace))
    assert trace.read_text(encoding="utf-8") == "a\nb\n"


def _calls(function: str) -> list[str]:
    """Return the names given to a function of the source, as far as they are written out."""
    names = []
    for package in (bot, cogs):
        for path in Path(package.__path__[0]).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == function:
                    names += [str(argument.value) for argument in node.args if isinstance(argument, ast.Constant)]
    return names


def test_every_place_has_a_name_of_its_own() -> None:
    assert [name for name, times in Counter(_calls("point")).items() if times > 1] == []


def test_every_transaction_has_a_name_of_letters_that_the_sweep_can_show() -> None:
    assert [label for label in _calls("tx") if not re.fullmatch(r"[a-z_]+(\.[a-z_]+)?", label)] == []
