"""Break the bot on purpose, one way at a time on a copy, and show which test notices (`make mutants`).

A mutant that no test notices is a fault of the tests, and ends the program with status 1.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
COPIED = ("bot", "cogs", "migrations", "tests", "docs", "pyproject.toml", "config.example.toml", "README.md")


@dataclass(frozen=True)
class Mutant:
    """Name a way to break the bot: in `file`, each `before` becomes `after`; `tests` are those that should notice."""

    name: str
    file: str
    before: str
    after: str
    tests: tuple[str, ...]


MUTANTS = (
    Mutant(
        "allowed mentions removed",
        "bot/client.py",
        "            allowed_mentions=discord.AllowedMentions.none(),\n",
        "",
        ("tests/e2e/test_life.py::test_a_member_without_a_role_gets_a_sentence_and_nothing_else",),
    ),
    Mutant(
        "add_dynamic_items removed",
        "cogs/watch.py",
        "    bot.add_dynamic_items(*COMPONENTS)\n",
        "",
        ("tests/e2e/test_life.py::test_mute_works_after_a_restart_before_anything_else_was_sent",),
    ),
    Mutant(
        "a defer that comes late",
        "cogs/_replies.py",
        "    await interaction.response.defer(",
        "    await __import__('asyncio').sleep(3.2)\n    await interaction.response.defer(",
        ("tests/e2e/test_first_path.py::test_a_matching_tender_is_announced_once_with_its_reason",),
    ),
    Mutant(
        "over 25 choices",
        "bot/lookup.py",
        "PROPOSALS = 25",
        "PROPOSALS = 26",
        ("tests/e2e/test_life.py::test_a_long_watchlist_offers_no_more_choices_than_discord_takes",),
    ),
    Mutant(
        "marking sent before the POST",
        "bot/delivery.py",
        "            if not await announcements.begin(connection, place, row.id, now):\n                return\n",
        "            if not await announcements.begin(connection, place, row.id, now):\n                return\n"
        "            await self._mark_sent(connection, row, None, composed, composed.revision)\n",
        ("tests/e2e/test_crash_sweep.py::test_nothing_is_lost_and_nothing_comes_twice",),
    ),
    Mutant(
        "a random nonce",
        "cogs/_sender.py",
        "                nonce=nonce,\n",
        "                nonce=__import__('secrets').token_hex(12),\n",
        ("tests/e2e/test_discord_fails.py::test_a_message_is_tried_again_under_the_same_nonce",),
    ),
    Mutant(
        "a query without its guild id",
        "bot/storage/watchlist.py",
        "WHERE guild_id = ? AND removed_at IS NULL AND (? IS NULL OR kind = ?)",
        "WHERE ? AND removed_at IS NULL AND (? IS NULL OR kind = ?)",
        ("tests/e2e/test_life.py::test_another_newsroom_on_the_same_bot_sees_and_hears_nothing",),
    ),
    Mutant(
        "the lock taken out of tx()",
        "bot/storage/database.py",
        "        async with self._write_lock:\n",
        "        async with asyncio.timeout(None):\n",
        ("tests/storage/test_transactions.py",),
    ),
)


def failed_test(tests: Iterable[str], mutant: Mutant | None = None) -> str | None:
    """Return the first of these tests that fails on a copy, broken in one way where a mutant is given; None if none."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        copy = Path(folder)
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
            elif source.exists():
                shutil.copy(source, copy / name)
        if mutant is not None:
            break_copy(copy, mutant)
        run = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "-p", "no:cacheprovider", "-n", "4", *tests],
            cwd=copy,
            env={**os.environ, "PYTHONPATH": str(copy)},
            capture_output=True,
            text=True,
            check=False,
        )
    if run.returncode == 0:
        return None
    failed = re.search(r"^(?:FAILED|ERROR) (tests/.+?)(?: - .*)?$", run.stdout, re.MULTILINE)
    if failed is None:
        raise RuntimeError(f"the tests did not run\n{run.stdout[-2000:]}\n{run.stderr[-2000:]}")
    return failed[1]


def break_copy(copy: Path, mutant: Mutant) -> None:
    """Apply a mutant to a copy; raises LookupError when the place that it breaks is gone."""
    target = copy / mutant.file
    text = target.read_text(encoding="utf-8")
    if mutant.before not in text:
        raise LookupError(f"{mutant.name}: {mutant.file} no longer holds {mutant.before!r}")
    target.write_text(text.replace(mutant.before, mutant.after), encoding="utf-8")


def main() -> int:
    """Try every mutant and print the test that noticed it, after all of these tests passed on a whole copy."""
    tests = dict.fromkeys(test for mutant in MUTANTS for test in mutant.tests)
    if (failed := failed_test(tests)) is not None:
        print(f"no mutant can be judged: {failed} fails on the whole copy")  # noqa: T201  # what this is for
        return 1
    missed = 0
    for mutant in MUTANTS:
        test = failed_test(mutant.tests, mutant)
        missed += test is None
        print(f"{mutant.name}: {test or 'NOT NOTICED'}", flush=True)  # noqa: T201
    print(f"{len(MUTANTS) - missed} of {len(MUTANTS)} mutants noticed")  # noqa: T201
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
