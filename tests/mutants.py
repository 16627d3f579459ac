"""Break the bot on purpose, one way at a time on a copy, and show which test notices (`make mutants`).

A mutant that no test notices is a fault of the tests, and ends the program with status 1.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
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


MUTANTS: tuple[Mutant, ...] = ()


def failed_test(mutant: Mutant) -> str | None:
    """Return the first test that fails on a copy broken in one way, or None when all pass."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        copy = Path(folder)
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
            elif source.exists():
                shutil.copy(source, copy / name)
        target = copy / mutant.file
        text = target.read_text(encoding="utf-8")
        if mutant.before not in text:
            raise LookupError(f"{mutant.name}: {mutant.file} no longer holds {mutant.before!r}")
        target.write_text(text.replace(mutant.before, mutant.after), encoding="utf-8")
        run = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "-p", "no:cacheprovider", *mutant.tests],
            cwd=copy,
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(copy), "PYTHONSAFEPATH": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
    if run.returncode == 0:
        return None
    failed = re.search(r"^(?:FAILED|ERROR) (\S+)", run.stdout, re.MULTILINE)
    if failed is None:
        raise RuntimeError(f"{mutant.name}: the tests did not run\n{run.stdout[-2000:]}\n{run.stderr[-2000:]}")
    return failed[1]


def main() -> int:
    """Try every mutant and print the test that noticed it."""
    missed = 0
    for mutant in MUTANTS:
        test = failed_test(mutant)
        missed += test is None
        print(f"{mutant.name}: {test or 'NOT NOTICED'}", flush=True)  # noqa: T201  # what this program is for
    print(f"{len(MUTANTS) - missed} of {len(MUTANTS)} mutants noticed")  # noqa: T201
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
