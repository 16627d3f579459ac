"""What of a company's name is its legal form, and what is left without it (matching.md sections 3 and 9)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from bot.matching.typed import CONNECTOR, CONNECTORS, Word, read_words

_MOST_WORDS = 12
_SHORT = 3
_LEADING = frozenset("groupe societe ste ets etablissements etablissement compagnie cie".split())  # noqa: SIM905  # reads best as a text
_TRAILING = frozenset("group groupe".split())  # noqa: SIM905  # reads best as a text
_JOINTS = frozenset(
    "de des du d la le les l of the a au aux en pour di da von van".split()  # noqa: SIM905  # reads best as a text
)
_NO_NAME = _LEADING | _TRAILING | _JOINTS | {CONNECTOR, *CONNECTORS}


@dataclass(frozen=True, slots=True)
class CompanyName:
    """Hold a company's name without its legal form.

    `words` is everything typed, `core` what is left, `form` the forms dropped as typed. `kept` is a leading form that
    stays because only an ordinary word would be left.
    """

    words: tuple[Word, ...]
    core: tuple[Word, ...]
    form: tuple[str, ...] = ()
    kept: Word | None = None


def read_company(name: str) -> CompanyName:
    """Return a typed company name with its legal forms and words such as Groupe dropped; never empties a name."""
    words = tuple(_with_connectors(read_words(name)))
    core = list(words)
    dropped: list[str] = []
    kept: Word | None = None
    while len(core) > 1:
        tail, head = _tail(core), _head(core)
        if tail and not _empty(core[:-tail]):
            dropped.append(_written(core[-tail:]))
            core = _trimmed(core[:-tail])
        elif head and not _ordinary(core[head:]) and not _whole_form(core[head:]):
            dropped.append(_written(core[:head]))
            core = _trimmed(core[head:])
        elif head == 1 and len(core) == _PAIR and core[0].folded not in _LEADING:
            kept = core[0]
            break
        elif core[-1].folded in _TRAILING and not _ordinary(core[:-1]):
            dropped.append(core[-1].written)
            core = _trimmed(core[:-1])
        else:
            break
    return CompanyName(words, tuple(core), tuple(dropped), kept)


_PAIR = 2


def is_form(words: list[str]) -> bool:
    """Return whether the first of these folded words begin a legal form, whichever its spelling."""
    both, end = _forms()
    for top in range(1, min(len(words), _MOST_WORDS) + 1):
        joined = "".join(words[:top])
        if (joined in both or joined in end) and _fits(words[:top], joined):
            return True
    return False


@cache
def ordinary_words() -> frozenset[str]:
    """Return the folded ordinary words that prove nothing in small letters (matching.md section 6)."""
    lines = files("bot.matching").joinpath("ordinary_words.txt").read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


@cache
def _forms() -> tuple[frozenset[str], frozenset[str]]:
    """Return the forms written as one word: those that stand anywhere, and those that only follow a name."""
    both: set[str] = set()
    end: set[str] = set()
    for line in files("bot.matching").joinpath("legal_forms.txt").read_text("utf-8").splitlines():
        if line.startswith("#") or not line.strip():
            continue
        form, _, mark = line.partition(";")
        (end if mark.strip() == "end" else both).add(form.replace(" ", ""))
    return frozenset(both), frozenset(end - both)


def _with_connectors(words: list[Word]) -> list[Word]:
    """Return the words with `&` and its equals made one connector where they stand between two words."""
    joined: list[Word] = []
    for place, word in enumerate(words):
        sign = bool(place) and ("&" in word.gap or "+" in word.gap)
        if sign and joined[-1].folded != CONNECTOR:
            joined.append(Word(CONNECTOR, "&", " "))
        connector = word.folded in CONNECTORS and 0 < place < len(words) - 1 and not word.elided
        if not connector:
            joined.append(replace(word, gap=" ") if sign else word)
        elif joined[-1].folded != CONNECTOR:
            joined.append(Word(CONNECTOR, word.written, word.gap))
    return joined


def _tail(core: list[Word]) -> int:
    """Return how many words at the end are a legal form, the longest first."""
    both, end = _forms()
    for count in range(min(_MOST_WORDS, len(core) - 1), 0, -1):
        words = [word.folded for word in core[-count:]]
        joined = "".join(words)
        if (joined in both or joined in end) and _fits(words, joined):
            return count
    return 0


def _head(core: list[Word]) -> int:
    """Return how many words in front are a legal form or a word such as Groupe; none before `de` or an article."""
    both, _ = _forms()
    for count in range(min(_MOST_WORDS, len(core) - 1), 0, -1):
        words = [word.folded for word in core[:count]]
        joined = "".join(words)
        form = (joined in both and _fits(words, joined)) or (count == 1 and joined in _LEADING)
        if form and not (core[count].elided or core[count].folded in _JOINTS):
            return count
    return 0


def _fits(words: list[str], joined: str) -> bool:
    """Return whether words joined to a form are a spelling of it: letters set apart, or words written out."""
    return (
        len(words) == 1
        or len(joined) > _LONG_FORM
        or all(len(word) <= _SHORT + 1 for word in words)
        or CONNECTOR in words
    )


_LONG_FORM = 5


def _ordinary(words: list[Word]) -> bool:
    left = [word for word in words if word.folded != CONNECTOR]
    return len(left) == 1 and left[0].folded in ordinary_words()


def _empty(words: list[Word]) -> bool:
    """Return whether nothing is left but connectors, articles and words such as Groupe."""
    return all(word.folded in _NO_NAME for word in words)


def _whole_form(words: list[Word]) -> bool:
    """Return whether nothing but a legal form is left."""
    both, end = _forms()
    return "".join(word.folded for word in words) in both | end


def _trimmed(words: list[Word]) -> list[Word]:
    while len(words) > 1 and words[-1].folded == CONNECTOR:
        words = words[:-1]
    while len(words) > 1 and words[0].folded == CONNECTOR:
        words = words[1:]
    return words


def _written(words: list[Word]) -> str:
    return "".join(word.gap * (place > 0) + word.written for place, word in enumerate(words))
