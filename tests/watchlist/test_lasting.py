from __future__ import annotations

import gc

import pytest

from bot.watchlist.lasting import lasting


class Thing:
    pass


@pytest.fixture(autouse=True)
def _as_before() -> None:
    assert gc.isenabled()


def test_what_is_made_in_the_block_is_never_looked_through_for_garbage() -> None:
    with lasting():
        made = [Thing() for _ in range(100)]
        assert not gc.isenabled()
    looked_through = {id(thing) for thing in gc.get_objects()}
    assert looked_through.isdisjoint(map(id, made))
    assert gc.isenabled()


def test_it_is_looked_for_garbage_again_after_an_error() -> None:
    with pytest.raises(ValueError, match="x"), lasting():
        raise ValueError("x")
    assert gc.isenabled()
