"""What of a company's name is its legal form, and what is left without it (matching.md sections 3 and 9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib.resources import files

from bot.matching.officials.given_names import given_names
from bot.matching.text.characters import is_unspaced
from bot.matching.text.typed import CONNECTOR, CONNECTORS, Word, read_words
from bot.matching.words.ordinary_words import ordinary_words
from bot.matching.words.place_names import PLACES

LEADING = frozenset("groupe societe ste ets etablissements compagnie cie grupo gruppo firma".split())  # noqa: SIM905  # reads best as a text
"""Words that are dropped in front of a name."""
TRAILING = frozenset("group groupe gruppe".split())  # noqa: SIM905  # reads best as a text
"""Words that are dropped behind a name."""
ARTICLES = frozenset("le la les l the".split())  # noqa: SIM905  # reads best as a text
JOINTS = ARTICLES | frozenset("de des du d of a au aux en pour di da von van".split())  # noqa: SIM905  # reads best as a text
"""Articles and prepositions: words that make no name alone."""
_OF = frozenset("de des du d of".split())  # noqa: SIM905  # reads best as a text
"""What ties the word before it to the rest of a name: *Société du Corvoy*, *EARL du Moulin*."""
_SAINT = "ste"
"""*Sté* before a company, *Ste* before a given name: *Ste Anne* is no company Anne."""
_NO_NAME = LEADING | TRAILING | JOINTS | {CONNECTOR, *CONNECTORS}
_LONG_FORM = 5
_LETTERS = 2
_TIGHT = 3
_BRACKETS = frozenset("(\uff08")
_LEAST_GLUED = 2
_SURE = frozenset("sa se ag ab nv bv co kg as oy sl".split())  # noqa: SIM905  # reads best as a text
"""The forms of two letters that are no mere initials behind a name."""
_SMALL_WORDS = frozenset("ad ay ca co da es et me no od".split())  # noqa: SIM905  # reads best as a text
"""Forms of two letters that a name may begin with as a word of one language or another."""
_INNER_WORDS = _SMALL_WORDS | {"as", "se"}
"""Forms of two letters that are words inside a name."""
_LEAST_TELLING = 5
_LEAST_AMONG = 4
_LONGEST_WORD = 3
_LONGEST_INNER = 8


class _Mark(Enum):
    """Name where a form counts; the values stand in legal_forms.txt."""

    ANYWHERE = ""
    BEHIND = "end"
    KEPT_IN_FRONT = "kept"
    AFTER_A_FORM = "after"


@dataclass(frozen=True, slots=True)
class _Forms:
    """Hold the forms by their letters, those of several words as they are spaced, and those that are glued to a name.

    `firsts` and `lasts` are the first and last words of those of several words.
    """

    marks: dict[str, _Mark]
    spaced: frozenset[str]
    glued: tuple[str, ...]
    firsts: frozenset[str]
    lasts: frozenset[str]
    longest: int


@dataclass(frozen=True, slots=True)
class CompanyName:
    """Hold a company's name without its legal form.

    `words` is everything typed, `core` what is left, `form` the forms dropped as typed. `kept` is what stays in front,
    a legal form or a word such as Groupe, because only an ordinary word would be left or because it may be a name.
    """

    words: tuple[Word, ...]
    core: tuple[Word, ...]
    form: tuple[str, ...] = ()
    kept: Word | None = None


def read_company(name: str) -> CompanyName:
    """Return a typed company name with its legal forms and words such as Groupe dropped; never empties a name."""
    words = tuple(_with_connectors(_unglued(read_words(name))))
    core = list(words)
    dropped: list[str] = []
    kept: Word | None = None
    while len(core) > 1:
        tail = _tail(core, dropped=bool(dropped))
        if tail and not _stays_behind(core, tail):
            dropped.append(_written(core[-tail:]))
            core = _trimmed(core[:-tail])
            continue
        head, stays = _head(core, name, dropped=bool(dropped))
        if head and not stays and not _stays_in_front(core, head):
            dropped.append(_written(core[:head]))
            core = _trimmed(core[head:])
        elif head == 1 and not _whole_form(core[1:]):
            kept = core[0]
            break
        elif core[-1].folded in TRAILING and not is_bare(core[:-1]) and not _empty(core[:-1]):
            dropped.append(core[-1].written)
            core = _trimmed(core[:-1])
        elif dropped and core[0].folded == "the" and not is_bare(core[1:]):
            core = core[1:]
        else:
            break
    if len(core) > _LETTERS and kept is None:
        first, after = _inner_form(core, name)
        if first:
            dropped.append(_written(core[first:after]))
            core = core[:first] + core[after:]
    return CompanyName(words, tuple(core), tuple(dropped), kept)


def _stays_behind(core: list[Word], tail: int) -> bool:
    """Return whether a form behind a name stays: nothing would be left, or an ordinary word that needs its company.

    *Horizon SA* is Horizon; *Boulanger & Fils* and *Studio PR* stay.
    """
    left = core[:-tail]
    letters = "".join(word.folded for word in core[-tail:])
    doubtful = letters.startswith(CONNECTOR) or (len(letters) <= _LETTERS and letters not in _SURE)
    return _empty(left) or _is_scant(left) or (doubtful and is_bare(left))


def _stays_in_front(core: list[Word], head: int) -> bool:
    """Return whether a form in front of a name stays: an ordinary word would be left, or after initials only those."""
    left = core[head:]
    initials = head == 1 and len(core[0].folded) <= _LETTERS and core[0].folded != "sa"
    mark = _forms().marks.get("".join([word.folded for word in left]))
    whole_form = mark is _Mark.ANYWHERE or (mark is not None and core[0].folded not in LEADING)
    return whole_form or is_bare(left) or (initials and not _tells(left, 1))


def _inner_form(core: list[Word], typed: str) -> tuple[int, int]:
    """Return where a form between a name that tells and a word behind it begins and ends (*Corvane SA Bretagne*)."""
    forms = _forms()
    for place in range(1, len(core) - 1):
        folded = core[place].folded
        if (folded not in forms.marks and folded not in forms.firsts) or folded in _NO_NAME:
            continue
        behind = [word.folded for word in core[place : place + _LONGEST_INNER]]
        count = is_form(behind)
        after = place + count
        if not count or after >= len(core) or core[place].gap == "-" or core[after].gap == "-":
            continue
        letters = "".join(behind[:count])
        if core[place - 1].folded in _NO_NAME or (len(letters) <= _LETTERS and letters not in _SURE - {"co"}):
            continue
        beside = [core[place - 1], core[after]]
        if letters in _INNER_WORDS and all(word.capitals for word in beside):
            continue
        if _tells(core[:place], _LEAST_TELLING) and _reads_as_form(core[place:after], beside, typed):
            return place, after
    return 0, 0


def _reads_as_form(words: Sequence[Word], beside: Sequence[Word], typed: str) -> bool:
    """Return whether words that may be a form are typed as one: no word, letters apart, or capitals of their own."""
    letters = "".join([word.folded for word in words])
    if any(len(word.folded) > _LONGEST_WORD and word.folded in ordinary_words() for word in words):
        return len(words) > 1 and _forms().marks[letters] is _Mark.ANYWHERE
    written = "".join([word.written for word in words])
    if not (letters in ordinary_words() or letters in given_names() or letters in _SMALL_WORDS):
        return True
    if typed and written not in typed:
        return True
    return written[1:] != written[1:].lower() and not all(word.capitals for word in beside)


def _tells(words: Sequence[Word], least: int) -> bool:
    """Return whether a name tells a company: a word of it is no ordinary one, given name or place.

    A single word wants `least` letters.
    """
    own = [word.folded for word in words if word.folded not in JOINTS and word.folded != CONNECTOR]
    telling = [
        word
        for word in own
        if not (word.isdigit() or word in ordinary_words() or word in PLACES or word in given_names())
    ]
    least = least if len(own) == 1 else min(least, _LEAST_AMONG)
    return any(len(word) >= least or not word.isascii() for word in telling)


def is_form(words: Sequence[str]) -> int:
    """Return how many of these folded words make a legal form that they begin, whichever its spelling; the most."""
    forms = _forms()
    several = words and (words[0] in forms.firsts or len(words[0]) <= _LETTERS)
    for count in range(min(len(words), forms.longest if several else 1), 0, -1):
        if forms.marks.get("".join(words[:count]), _Mark.AFTER_A_FORM) is not _Mark.AFTER_A_FORM and _fits(
            words[:count]
        ):
            return count
    return 0


def leads(word: str) -> bool:
    """Return whether a folded word is a legal form or a word such as Groupe that may stand in front of a name."""
    return word in LEADING or _forms().marks.get(word) is _Mark.ANYWHERE


def is_bare(words: Sequence[Word]) -> bool:
    """Return whether nothing that tells a company is left: an ordinary word, a place, digits, a letter; no article."""
    left = [word.folded for word in words if word.folded not in JOINTS and word.folded != CONNECTOR]
    if len(left) != 1:
        return not left
    return left[0].isdigit() or len(left[0]) == 1 or left[0] in PLACES or left[0] in ordinary_words()


def _is_scant(words: Sequence[Word]) -> bool:
    """Return whether too little is left to be looked for: digits, a letter, or two letters that are no capitals."""
    left = [word for word in words if word.folded != CONNECTOR]
    letters = "".join(word.folded for word in left)
    return letters.isdigit() or len(letters) == 1 or (len(letters) <= _LETTERS and not all(w.capitals for w in left))


def is_common(words: Sequence[Word]) -> bool:
    """Return whether every word of a name is an ordinary one, articles and connectors aside."""
    return all(word.folded in JOINTS or word.folded == CONNECTOR or word.folded in ordinary_words() for word in words)


@cache
def _forms() -> _Forms:
    """Return the forms, read once."""
    marks: dict[str, _Mark] = {}
    several: set[str] = set()
    longest = 1
    for line in files("bot.matching.companies").joinpath("legal_forms.txt").read_text("utf-8").splitlines():
        if line and line[0] != "#":
            form, _, mark = line.partition(" ; ")
            marks[form.replace(" ", "")] = _Mark(mark)
            longest = max(longest, len(form) if is_unspaced(form) else form.count(" ") + 1)
            if " " in form:
                several.add(form)
            if " d " in form and form[0] == "s":
                # a notice is read without its articles: *société d'économie mixte*
                short = form.replace(" d ", " ")
                marks.setdefault(short.replace(" ", ""), _Mark(mark))
                several.add(short)
    glued = sorted((form for form in marks if len(form) >= _LEAST_GLUED and _is_korean(form)), key=len, reverse=True)
    return _Forms(
        marks,
        frozenset(several),
        tuple(glued),
        frozenset(form.partition(" ")[0] for form in several),
        frozenset(form.rpartition(" ")[2] for form in several),
        longest,
    )


def _is_korean(text: str) -> bool:
    return all("\uac00" <= letter <= "\ud7a3" for letter in text)


def _unglued(words: list[Word]) -> list[Word]:
    """Return the words with the Korean forms glued to a name set apart; other unspaced signs are words already."""
    if "".join([word.folded for word in words]).isascii():
        return words
    forms, apart = _forms(), list[Word]()
    for word in words:
        folded, gap = word.folded, word.gap
        behind: list[Word] = []
        for form in () if folded in forms.marks or folded.isascii() else forms.glued:
            if folded.endswith(form) and folded != form:
                folded = folded[: -len(form)]
                behind.insert(0, Word(form, form, ""))
            elif folded.startswith(form) and folded != form:
                folded = folded[len(form) :]
                apart.append(Word(form, form, gap))
                gap = ""
        apart += [word if folded == word.folded else Word(folded, folded, gap), *behind]
    return apart


def _with_connectors(words: list[Word]) -> list[Word]:
    """Return the words with `&` and its equals made one connector where they stand between two words."""
    joined: list[Word] = []
    for place, word in enumerate(words):
        sign = bool(place) and ("&" in word.gap or word.gap in {"+", " + "})
        if sign and joined[-1].folded != CONNECTOR:
            joined.append(Word(CONNECTOR, "&", " "))
        connector = word.folded in CONNECTORS and 0 < place < len(words) - 1 and not word.elided
        if not connector:
            joined.append(word._replace(gap=" ") if sign else word)
        elif joined[-1].folded != CONNECTOR:
            joined.append(Word(CONNECTOR, word.written, word.gap))
    return joined


def _tail(core: list[Word], *, dropped: bool) -> int:
    """Return how many words at the end are a legal form, the longest first."""
    forms = _forms()
    last = core[-1].folded
    several = last in forms.lasts or len(last) <= _LETTERS
    for count in range(min(forms.longest if several else 1, len(core) - 1), 0, -1):
        words = [word.folded for word in core[-count:]]
        joined = "".join(words)
        mark = forms.marks.get(joined)
        if mark is None or not _fits(words):
            continue
        if (core[-count].gap == "-" and len(joined) < _TIGHT) or not _in_brackets(core[-1], joined):
            continue
        if mark is not _Mark.AFTER_A_FORM or dropped or _tail(core[:-count], dropped=False) or _head(core)[0]:
            return count
    return 0


def _head(core: list[Word], typed: str = "", *, dropped: bool = False) -> tuple[int, bool]:
    """Return how many words in front are a legal form or a word such as Groupe, and whether they stay there.

    None before a preposition, none tied by a hyphen. Initials such as AS or SC, and forms that stand behind a name by
    rights, stay before a word that may be anybody's; initials go where `dropped` says that another form stood behind.
    An article before a word such as Groupe goes with it.
    """
    forms = _forms()
    first = core[0].folded
    if first in ARTICLES and len(core) > 2 and core[1].folded in LEADING and not core[1].elided:  # noqa: PLR2004  # article, Groupe, name
        return (2, False) if core[2].folded not in _OF else (0, False)
    several = first in forms.firsts or len(first) <= _LETTERS
    for count in range(min(forms.longest if several else 1, len(core) - 1), 0, -1):
        words = [word.folded for word in core[:count]]
        joined = "".join(words)
        mark = forms.marks.get(joined)
        leading = count == 1 and first in LEADING and not (first == _SAINT and core[1].folded in given_names())
        listed = mark is not None and mark is not _Mark.AFTER_A_FORM
        fits = listed and _fits(words) and _in_brackets(core[0], joined)
        if not (fits or leading):
            continue
        after = core[count]
        tied = (after.elided and after.folded != "l") or after.folded in _OF
        if tied or after.gap == "-":
            return 0, False
        if leading or mark is _Mark.ANYWHERE:
            return count, False
        if _tells(core[count:], _LEAST_TELLING) and _reads_as_form(core[:count], core[count : count + 1], typed):
            return count, False
        if mark is _Mark.KEPT_IN_FRONT:
            return count, not dropped
    return 0, False


def _in_brackets(word: Word, form: str) -> bool:
    """Return whether a form of one sign (株, 주) stands in brackets; any other form need not."""
    return len(form) > 1 or not _BRACKETS.isdisjoint(word.gap)


def _fits(words: Sequence[str]) -> bool:
    """Return whether words joined to a form are a spelling of it: as it is spaced, letters set apart, or long."""
    return (
        len(words) == 1
        or sum(map(len, words)) > _LONG_FORM
        or all(len(word) <= _LETTERS for word in words)
        or " ".join(words) in _forms().spaced
    )


def _empty(words: Sequence[Word]) -> bool:
    """Return whether nothing is left but connectors, articles and words such as Groupe."""
    return all(word.folded in _NO_NAME for word in words)


def _whole_form(words: Sequence[Word]) -> bool:
    """Return whether nothing but a legal form is left."""
    return "".join(word.folded for word in words) in _forms().marks


def _trimmed(words: list[Word]) -> list[Word]:
    while len(words) > 1 and words[-1].folded == CONNECTOR:
        words = words[:-1]
    while len(words) > 1 and words[0].folded == CONNECTOR:
        words = words[1:]
    return words


def _written(words: Sequence[Word]) -> str:
    written = "".join(word.gap * (place > 0) + word.written for place, word in enumerate(words))
    return f"{written})" if written.count("(") > written.count(")") else written
