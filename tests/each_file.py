"""A check of many files as one test, which names every file that does not hold to it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from pathlib import Path


def of_each(
    paths: Iterable[Path], name: Callable[[Path], str]
) -> Callable[[Callable[[Path], None]], Callable[[], None]]:
    """Make one test of a check of a file: hundreds of tests of a moment each cost more to begin than to run."""

    def as_one(check: Callable[[Path], None]) -> Callable[[], None]:
        @functools.wraps(check)
        def test() -> None:
            faults = []
            for path in paths:
                try:
                    check(path)
                except AssertionError as fault:
                    faults.append(f"{name(path)}: {fault}")
            assert faults == []

        del test.__wrapped__  # pytest would ask for the path
        return test

    return as_one
