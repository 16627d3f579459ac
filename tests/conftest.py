"""What holds for every test: how Hypothesis judges, where files are written, and in which order tests run."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Generator, Sequence
from itertools import islice, pairwise
from pathlib import Path

import pytest
from hypothesis import settings

# It judges what the code does, never how fast the machine is at the moment.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

TEMP_ROOT = "PYTEST_DEBUG_TEMPROOT"
"""The variable by which pytest is told where to make its folders."""
MEMORY = Path("/dev/shm")  # pytest makes folders of its own in it, and removes them
ROOM = 2 << 30

WAITING = Path(__file__).with_name("e2e")
"""The tests of this folder wait for other processes more than they reckon."""


def pytest_configure() -> None:
    """Have tests write into memory where there is room: thousands of databases make sure of each transaction."""
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM:
        os.environ.setdefault(TEMP_ROOT, str(MEMORY))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Search for garbage only from then on, and never among the thousands of collected tests: they live to the end."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give each worker its share of the longest tests to begin with, and its share of those that wait in between.

    A long test that is begun last is waited for alone; tests that wait leave the machine idle when they run together.
    """
    worker_input = getattr(config, "workerinput", None)
    if worker_input is None:
        return
    workers, left = worker_input["workercount"], len(items)
    long = [item for item in items if _is_long(item)]
    waiting = [item for item in items if WAITING in item.path.parents and not _is_long(item)]
    others = iter([item for item in items if WAITING not in item.path.parents and not _is_long(item)])
    ordered: list[pytest.Item] = []
    for worker in range(workers):
        # As pytest-xdist deals them out: equal parts of the list, in its order.
        share = left // (workers - worker)
        left -= share
        begins, waits = long[worker::workers], waiting[worker::workers]
        reckons = list(islice(others, max(share - len(begins) - len(waits), 0)))
        ordered += [*begins, *_interspersed(reckons, waits)]
    items[:] = [*ordered, *others]


def _is_long(item: pytest.Item) -> bool:
    """Tell whether a test is given more time than tests are."""
    marker = item.get_closest_marker("timeout")
    return marker is not None and float(marker.args[0]) > float(item.config.getini("timeout"))


def _interspersed(items: Sequence[pytest.Item], rare: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Return all of these, the rare ones at even distances and none at the end."""
    bounds = [len(items) * number // (len(rare) + 1) for number in range(len(rare) + 2)]
    parts = [items[begin:end] for begin, end in pairwise(bounds)]
    return [*parts[0], *(item for one, part in zip(rare, parts[1:], strict=True) for item in (one, *part))]
