"""The equal spellings of one legal form, for a name that keeps it in front (matching.md sections 3 and 9)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from bot.matching.text.typed import Word

_EQUAL = """
sa = societe anonyme
sas = societe par actions simplifiee
sasu = societe par actions simplifiee unipersonnelle = societe par actions simplifiee a associe unique
sarl = societe a responsabilite limitee
eurl = entreprise unipersonnelle a responsabilite limitee = societe unipersonnelle a responsabilite limitee
earl = exploitation agricole a responsabilite limitee
gaec = groupement agricole d exploitation en commun
snc = societe en nom collectif
scs = societe en commandite simple
sca = societe en commandite par actions
sci = societe civile immobiliere
sccv = societe civile de construction vente
scp = societe civile professionnelle
scm = societe civile de moyens
scea = societe civile d exploitation agricole
selarl = societe d exercice liberal a responsabilite limitee
selas = societe d exercice liberal par actions simplifiee
scop = societe cooperative & participative = societe cooperative de production
scic = societe cooperative d interet collectif
sica = societe d interet collectif agricole
cuma = cooperative d utilisation de materiel agricole
sem = societe d economie mixte
seml = societe d economie mixte locale
saem = societe anonyme d economie mixte
spl = societe publique locale
gie = groupement d interet economique
geie = groupement europeen d interet economique
gip = groupement d interet public
epic = etablissement public industriel & commercial = etablissement public a caractere industriel & commercial
sicav = societe d investissement a capital variable
se = societe europeenne
asbl = association sans but lucratif
nv = naamloze vennootschap
bv = besloten vennootschap
ag = aktiengesellschaft
gmbh = gesellschaft mit beschrankter haftung
spa = societa per azioni
srl = societa a responsabilita limitata
ооо = общество с ограниченной ответственностью
ао = акционерное общество
ltd = limited
compagnie = cie
societe = ste
etablissements = ets
"""  # noqa: RUF001  # Russian letters
_LEAST_PARTED = 5
_MOST_WORDS = 8


@cache
def _spellings() -> dict[str, tuple[str, ...]]:
    """Return all spellings of a form by the letters of each."""
    found: dict[str, tuple[str, ...]] = {}
    for line in _EQUAL.strip().splitlines():
        spellings = tuple(line.split(" = "))
        for spelling in spellings:
            found[spelling.replace(" ", "")] = spellings
    return found


@cache
def _first_words() -> frozenset[str]:
    return frozenset(spelling.partition(" ")[0] for group in _spellings().values() for spelling in group)


def may_lead(word: str) -> bool:
    """Return whether a form with equal spellings may begin with this folded word."""
    return word in _first_words()


def leading_form(words: Sequence[Word]) -> int:
    """Return how many words make a form with equal spellings that they begin and go on behind; 0 where none does."""
    for count in range(min(len(words) - 1, _MOST_WORDS), 0, -1):
        if "".join([word.folded for word in words[:count]]) in _spellings():
            return count
    return 0


def equal_spellings(letters: str) -> list[str]:
    """Return how a notice may write the form of these letters: short, with its letters apart, spelled out.

    A spelled form with an article apart (*société d'économie mixte*) stands with it and without it.
    """
    found: dict[str, None] = {}
    for spelling in _spellings().get(letters, ()):
        found[spelling.replace(" d ", " ").replace(" & ", " ")] = None
        if " & " in spelling:
            found[spelling.replace("&", "et")] = None
        if " d " in spelling:
            found[spelling] = None
        if len(spelling) <= _LEAST_PARTED and spelling not in _WORDS:
            found[" ".join(spelling)] = None
    return list(found)


_WORDS = frozenset({"cie", "ste", "ets"})
"""Short spellings that are no initials."""
