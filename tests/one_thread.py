"""A database whose statements are carried out in the loop's own thread, for tests that carry out very many."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import aiosqlite
import aiosqlite.core
import pytest


def stay_in_thread(patch: pytest.MonkeyPatch) -> None:
    """Carry out the statements of every database opened from now on at once: most of their time is the handing over."""

    async def execute(_: object, function: Callable[..., Any], *values: Any, **named: Any) -> Any:
        return function(*values, **named)

    patch.setattr(aiosqlite.core.Connection, "_execute", execute)
    patch.setattr(aiosqlite, "connect", partial(aiosqlite.connect, check_same_thread=False))
