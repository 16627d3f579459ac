"""Which of our things a typed text names: by id, by name in whatever case and accents, or by its beginning."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.errors import UserError
from bot.markup import plain
from bot.matching import folded_words

PROPOSALS = 25
"""What Discord shows of an autocomplete at most."""

_CANDIDATES = 5
_NAME_UNITS = 70
_TYPED_UNITS = 100


@dataclass(frozen=True, slots=True)
class Named:
    """Hold a thing that can be named: our id of it, the name that people type, and what tells it from others.

    `key` is the name as it is compared, where somebody kept it: folding takes most of the time of a look-up.
    """

    id: str
    name: str
    hint: str = ""
    key: str | None = None

    @property
    def label(self) -> str:
        """Return how the thing is shown: its name, cut, with its hint and our id where there is a hint."""
        return " · ".join((plain(self.name, _NAME_UNITS), self.hint, self.id)) if self.hint else self.name


def folded(text: str) -> str:
    """Return a name as it is compared: without case, accents and signs; as typed where nothing would be left."""
    return " ".join(folded_words(text)) or text.casefold().strip()


def resolve(things: Sequence[Named], typed: str, *, by_word: bool = False) -> Named | None:
    """Return the thing that a text names: its id, its whole name, or the beginning that only one name has.

    With `by_word` also one of which a later word begins so, where no name does. None when nothing is named so; raises
    UserError with up to five candidates when several are.
    """
    by_id = next((thing for thing in things if thing.id == typed.strip()), None)
    if by_id is not None:
        return by_id
    wanted = folded(typed)
    if not wanted:
        return None
    keys = [(_key(thing), thing) for thing in things]
    found = [thing for key, thing in keys if key == wanted] or [thing for key, thing in keys if key.startswith(wanted)]
    if not found and by_word:
        found = [thing for key, thing in keys if f" {wanted}" in key]
    if len(found) > 1:
        candidates = [thing.label for thing in found[:_CANDIDATES]]
        raise UserError("lookup-ambiguous", typed=plain(typed, _TYPED_UNITS), candidates=candidates, found=len(found))
    return found[0] if found else None


def propose(things: Iterable[Named], typed: str, limit: int = PROPOSALS) -> list[Named]:
    """Return the things that a text may be about to name, likeliest first: whole, beginning, a word, anywhere."""
    wanted, as_id = folded(typed), typed.strip()
    if not wanted:
        return list(things)[:limit]
    ranked: list[tuple[int, int, Named]] = []
    for place, thing in enumerate(things):
        key = thing.key if thing.key is not None else folded(thing.name)
        if thing.id == as_id:
            ranked.append((0, place, thing))
        elif wanted in key:
            ranked.append((_rank(key, wanted), place, thing))
    ranked.sort(key=lambda entry: entry[:2])
    return [thing for _, _, thing in ranked[:limit]]


def _key(thing: Named) -> str:
    return folded(thing.name) if thing.key is None else thing.key


def _rank(key: str, wanted: str) -> int:
    """Return how likely a key that holds what is wanted is meant, 0 the likeliest."""
    if key == wanted:
        return 0
    if key.startswith(wanted):
        return 1
    return 2 if f" {wanted}" in key else 3
