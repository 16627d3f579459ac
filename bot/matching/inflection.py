"""Singular and plural of French and English words, for keywords only (matching.md section 2.1)."""

from __future__ import annotations

import re
from functools import lru_cache

_LEAST = 4
_PLAIN = re.compile(r"[a-z]+")

_INVARIABLE = frozenset(
    """
    temps corps proces acces avis prix gaz bras mois fois pays discours cours concours parcours recours secours velours
    univers envers travers divers vers repas trepas succes exces progres congres deces tres apres pres expres abces
    palais relais biais refus dessus dessous plus alors hors lors remords fonds poids bois trois permis tapis colis
    puits mets legs heros propos repos enclos campus virus tiers volontiers ailleurs plusieurs dehors toujours jamais
    moins sans dans sous vous nous news series species means avec pour chez entre contre depuis pendant cette leur
    choix voix croix noix paix index latex taux faux chaux aux deux doux roux jaloux epoux creux voeux mieux vieux this
    that with from they them have been were into your ours elle elles ceux cela comme donc mais quel sera sont etre
    avoir galvas lilas matelas cabas canevas chassis bis oasis maquis marquis croquis devis radis debris compris mars
    express business process access address christmas always perhaps whereas atlas texas paris reims tunis
    """.split()  # noqa: SIM905  # many words read best as a text
)
_AIL_TO_AUX = frozenset("bail corail email soupirail travail vantail ventail vitrail fermail".split())  # noqa: SIM905  # reads best as a text
_OU_TO_OUX = frozenset("bijou caillou chou genou hibou joujou pou".split())  # noqa: SIM905  # reads best as a text
_ENGLISH_ES = ("s", "x", "z", "ch", "sh")


@lru_cache(maxsize=65536)
def forms(word: str) -> tuple[str, ...]:
    """Return a folded word followed by its singular and plural forms; alone when it has none of its own."""
    if len(word) < _LEAST or word in _INVARIABLE or not _PLAIN.fullmatch(word):
        return (word,)
    singulars = _singulars(word)
    found = dict.fromkeys((word, *singulars))
    for singular in singulars or (word,):
        found.update(dict.fromkeys(_plurals(singular)))
    return tuple(found)


def _singulars(word: str) -> tuple[str, ...]:  # noqa: PLR0911  # one return a rule
    """Return what a word would be the plural of; nothing for a word that is singular as it stands."""
    if word.endswith("aux"):
        stem = word[:-3]
        if word.endswith("eaux"):
            return (word[:-1],)
        if f"{stem}ail" in _AIL_TO_AUX:
            return (f"{stem}ail",)
        return (f"{stem}al", f"{stem}au") if word.endswith(("yaux", "iaux")) else (f"{stem}al",)
    if word.endswith("eux"):
        return (word[:-1],)
    if word.endswith("oux"):
        return (word[:-1],) if word[:-1] in _OU_TO_OUX else ()
    if not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return ()
    if word.endswith("ies"):
        return (word[:-1], f"{word[:-3]}y")
    if word.endswith("es") and word[:-2].endswith(_ENGLISH_ES):
        return (word[:-1], word[:-2])
    return (word[:-1],)


def _plurals(word: str) -> tuple[str, ...]:  # noqa: PLR0911  # one return a rule
    if word.endswith("al"):
        return (f"{word[:-2]}aux", f"{word}s")
    if word in _AIL_TO_AUX:
        return (f"{word[:-3]}aux", f"{word}s")
    if word.endswith(("au", "eu")):
        return (f"{word}x", f"{word}s")
    if word in _OU_TO_OUX:
        return (f"{word}x",)
    if word.endswith(_ENGLISH_ES):
        return (f"{word}es", f"{word}s") if word.endswith(("ch", "sh")) else (f"{word}es",)
    if word.endswith("y") and word[-2] not in "aeiou":
        return (f"{word[:-1]}ies", f"{word}s")
    return (f"{word}s",)
