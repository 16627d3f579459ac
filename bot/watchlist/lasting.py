"""Large things that stay: Python's search for garbage passes them over."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def lasting() -> Iterator[None]:
    """Keep the garbage collector from looking through what is made in the block, while it is made and ever after.

    It stops all threads while it looks, for a third of a second with ten thousand watch items. What is made is still
    freed when nobody refers to it any more; only what refers to itself in a circle, and was there at the end of the
    block, is not: for few and large things.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()
