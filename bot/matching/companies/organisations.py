"""The organisation in whose name an item's words stand, so that a homonym can be told apart by it.

*Atlas* stands in *Atlas Copco France*, which is another company. In a field that holds a name it is that name, in
running text the capitalised words round the match.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from itertools import islice

from bot.matching.companies.legal_forms import read_company
from bot.matching.evaluation import Spot
from bot.matching.text.document import NAME_FIELDS
from bot.matching.text.folding import fold
from bot.matching.text.typed import CONNECTOR
from bot.matching.words.ordinary_words import ordinary_words
from bot.models import Hit, Tier

NOWHERE = ""
"""The key of places that stand in no other name than the item's own."""

MOST_PLACES = 200
MOST_ORGANISATIONS = 20
"""What is looked at of one hit; what is beyond stands nowhere, so that the hit is never held back for it."""
MOST_WORDS = 8
"""More capitalised words in a row than this are a heading or a list, not a name."""
LONGEST_NAME = 200

_TEXT_FIELDS = ("title", "text")
_WORD = re.compile(r"[^\W_]+")
_SPACES = re.compile(r"[^\S\r\n]+")
_GLUE = re.compile(r"[^\S\r\n]*(?:&amp;|&)[^\S\r\n]*|['’ʼ‐‑-]")  # noqa: RUF001  # as people and registers write them
_INITIAL = re.compile(r"\.[^\S\r\n]*")
_CLAUSE_END = re.compile(r"[.!?;:•\r\n]\s|[\r\n]")
_JOINTS = frozenset("d de des du la le les l of the for von van der den y e di da del".split())  # noqa: SIM905  # reads best as a text
_MOST_JOINTS = 2
_MOST_LOOKED_AT = MOST_WORDS + _MOST_JOINTS
"""Words on one side after which the run is too long whatever follows."""
_FEW_WORDS = 4
_GENERIC = frozenset(
    "a an as au aux ce ces cette d de des du en et for in la le les l nos notre of on par pour son the un une".split()  # noqa: SIM905
    + "entreprise entreprises societe ste groupe groupement agence company firm fournisseur prestataire".split()  # noqa: SIM905
    + "attributaire attributaires titulaire titulaires mandataire cotraitant candidat candidats laureat".split()  # noqa: SIM905
    + "lot lots marche marches contrat acheteur contractor supplier winner buyer contract award notice".split()  # noqa: SIM905
)
"""What introduces a name and is no part of it."""
_CIVILITIES = frozenset("m mm mme mmes mr mrs ms mlle me dr pr monsieur madame mademoiselle maitre docteur".split())  # noqa: SIM905  # reads best as a text


@dataclass(frozen=True, slots=True)
class Standing:
    """Hold an organisation in whose name an item's words stand, with the item's hit as if it stood there alone.

    `name` is as the notice writes it; it and `key` are empty for words that stand in no other name than the item's own.
    """

    key: str
    name: str
    hit: Hit


@dataclass(frozen=True, slots=True)
class Found:
    """Hold a hit with where its places stand, best first: one standing at least."""

    hit: Hit
    standings: tuple[Standing, ...]

    def without(self, keys: frozenset[str]) -> Hit | None:
        """Return the hit at the places that do not stand in these organisations, None where all of them do."""
        return next((standing.hit for standing in self.standings if standing.key not in keys), None)


@lru_cache(maxsize=4096)
def organisation_key(name: str) -> str:
    """Return what two spellings of one organisation's or person's name have in common, empty where nothing is left.

    Case, accents, punctuation, civility and legal form do not count (matching.md section 3).
    """
    words = [word.folded for word in read_company(name[:LONGEST_NAME]).core if word.folded != CONNECTOR]
    while len(words) > 1 and words[0] in _CIVILITIES:
        del words[0]
    return " ".join(words)


def apart(spots: Sequence[Spot], fields: Sequence[tuple[str, str]], hit_of: Callable[[list[Spot]], Hit]) -> Found:
    """Return a hit with where its places stand, best first.

    `fields` are the names and texts of the notice's fields; `hit_of` makes the hit of some of the places.
    """
    groups: dict[str, list[Spot]] = {}
    names: dict[str, str] = {NOWHERE: ""}
    for spot in spots[:MOST_PLACES]:
        key, name = _standing_of(spot, *fields[spot.field])
        if key not in names and len(names) > MOST_ORGANISATIONS:
            key = NOWHERE  # too many to be told apart
        names.setdefault(key, name)
        groups.setdefault(key, []).append(spot)
    if len(spots) > MOST_PLACES:
        groups.setdefault(NOWHERE, []).extend(spots[MOST_PLACES:])
    standings = [Standing(key, names[key], hit_of(group)) for key, group in groups.items()]
    return Found(hit_of(list(spots)), tuple(sorted(standings, key=lambda standing: standing.hit.tier.rank)))


def _standing_of(spot: Spot, field: str, text: str) -> tuple[str, str]:
    """Return the key and the name of the organisation in which a place stands, both empty where it is in none."""
    name = name_round(field, text, spot.start, spot.end) if spot.tier is not Tier.IDENTIFIER else None
    key = organisation_key(name) if name else NOWHERE
    if name is None or key in {organisation_key(text[spot.start : spot.end]), organisation_key(spot.term)}:
        return NOWHERE, ""
    return key, name


def name_round(field: str, text: str, start: int, end: int) -> str | None:
    """Return the name that holds a span of a notice's field, on one line, None where none does.

    In `buyer`, `suppliers[n]` and `people[n]` it is the whole field; in running text the longest run of capitalised
    words round the span, without what introduces it (*société*, an article). Where everything is in capitals they
    prove nothing.
    """
    if field.startswith(NAME_FIELDS):
        return _on_one_line(text) if len(text) <= LONGEST_NAME else None
    if field not in _TEXT_FIELDS or not text[start : start + 1].isupper() or _is_shouted(text, start, end):
        return None
    low, top = _reach_left(text, start), _reach_right(text, end)
    low = _without_introduction(text, low, start)
    if top - low > LONGEST_NAME or len(_WORD.findall(text, low, top)) > MOST_WORDS:
        return None
    return _on_one_line(text[low:top])


def _on_one_line(name: str) -> str | None:
    return " ".join(unescape(name).split()) or None


def _is_shouted(text: str, start: int, end: int) -> bool:
    """Return whether a clause of more than a few words is wholly in capitals."""
    low = max((match.end() for match in _CLAUSE_END.finditer(text, max(0, start - 300), start)), default=None)
    if low is None:
        low = max(0, start - 300)
    closing = _CLAUSE_END.search(text, end, end + 300)
    clause = text[low : closing.start() if closing else end + 300]
    return len(_WORD.findall(clause)) > _FEW_WORDS and clause == clause.upper()


def _reach_left(text: str, start: int) -> int:
    """Return where the run of capitalised words that ends before `start` begins."""
    low = start
    joints = 0
    position = start
    for word_start, word_end in _words_before(text, start):
        word = text[word_start:word_end]
        if not _joins(text[word_end:position], word):
            break
        if word[:1].isupper():
            low, joints = word_start, 0
        elif _folded(word) in _JOINTS and joints < _MOST_JOINTS:
            joints += 1
        else:
            break
        position = word_start
    return low


def _reach_right(text: str, end: int) -> int:
    """Return where the run of capitalised words that begins after `end` ends."""
    top = position = end
    last = text[max(0, end - 2) : end]
    joints = 0
    for match in islice(_WORD.finditer(text, end, end + LONGEST_NAME + 1), _MOST_LOOKED_AT):
        if not _joins(text[position : match.start()], last):
            break
        if match[0][:1].isupper():
            top, joints = match.end(), 0
        elif _folded(match[0]) in _JOINTS and joints < _MOST_JOINTS:
            joints += 1
        else:
            break
        position, last = match.end(), match[0]
    return top


@lru_cache(maxsize=4096)
def _folded(word: str) -> str:
    return fold(word).flat


def _words_before(text: str, start: int) -> Iterator[tuple[int, int]]:
    """Yield the spans of the words before a position, the nearest first."""
    window = max(0, start - LONGEST_NAME)
    words = [match.span() for match in _WORD.finditer(text, window, start)]
    yield from islice(reversed(words), _MOST_LOOKED_AT)


def _joins(gap: str, before: str) -> bool:
    """Return whether what stands between two words lets them be of one name; a point does only after an initial."""
    if not gap or _SPACES.fullmatch(gap) or _GLUE.fullmatch(gap):
        return True
    return len(before.strip(" .'&-")) == 1 and _INITIAL.fullmatch(gap) is not None


def _without_introduction(text: str, low: int, start: int) -> int:
    """Return where a run begins without the words before the span that only introduce a name."""
    before = text[max(0, low - LONGEST_NAME) : low].rstrip()
    opens = not before or before[-1] in ".!?:;•\n"
    for match in _WORD.finditer(text, low, start):
        folded = _folded(match[0])
        if folded not in _GENERIC and folded not in _CIVILITIES and not (opens and folded in ordinary_words()):
            return match.start()
        opens = False
    return start
