"""Singular and plural of French and English words, for keywords only (matching.md section 2.1).

Two words are forms of one where the rules make one of the other and the dictionary does not say that they are two: a
known word is no plural of an unknown one (`lens`, `analyses` is of `analyse`), nobody writes the regular plural of a
word that is known to have another (`bleux`, `détaux`). Words that the dictionary does not know follow the rules alone.
"""

from __future__ import annotations

import re
from functools import lru_cache

from bot.matching.words.ordinary_words import ordinary_words

_LEAST = 3
_PLAIN = re.compile(r"[a-z]+")

_ALONE = frozenset(
    """
    temps corps proces acces avis prix gaz bras mois fois pays discours cours concours parcours recours secours velours
    univers envers travers divers vers repas trepas succes exces progres congres deces tres apres pres expres abces
    palais relais biais refus dessus dessous plus alors hors lors remords fonds poids bois trois permis tapis colis
    puits mets legs heros propos repos enclos tiers volontiers ailleurs plusieurs dehors toujours jamais
    moins sans dans sous vous nous news species means avec pour chez entre contre depuis pendant cette leur leurs
    choix voix croix noix paix index latex taux faux chaux aux deux doux roux jaloux epoux creux mieux vieux this
    that with from they them have been were into your ours elle elles ceux cela comme donc mais quel sera sont etre
    avoir lilas matelas cabas canevas chassis bis oasis maquis marquis croquis devis radis debris compris mars souris
    christmas always perhaps whereas atlas texas paris reims tunis frais fils status houx londres nantes rennes
    bruxelles versailles limoges bourges troyes nimes angers poitiers amiens calais arles yvelines vosges ardennes
    sens gens cars sons tons cans buts hers ones others theirs does goes says yeux cieux aieux messieurs mesdames
    access campus virus physics politics economics mathematics athletics goods customs chaos cosmos alias pancreas
    les des une par sur ces ses mes tes nos vos qui que est son ton mon car ont eux ils the and for not but are was has
    his her its our you can may any all per via non oui lui ses
    """.split()  # noqa: SIM905  # many words read best as a text
)
"""Words that are singular as they stand, or whose singular would be another word; and small words of three letters."""
_HOMOGRAPHS = frozenset("but can car cour fil fond pari renne son ton".split())  # noqa: SIM905  # reads best as a text
"""Words whose plural is another word: they have it inside a phrase only (`fils barbelés`)."""
_AIL_TO_AUX = frozenset("bail corail email soupirail travail vantail ventail vitrail fermail".split())  # noqa: SIM905  # reads best as a text
_NEVER_AUX = frozenset("bal cal pal mail rail".split())  # noqa: SIM905  # reads best as a text
_ENGLISH_SES = frozenset("gas lens bonus census bias canvas".split())  # noqa: SIM905  # reads best as a text
_ENGLISH_ES = ("ss", "x", "z", "ch", "sh")


@lru_cache(maxsize=65536)
def forms(word: str, *, french: bool = False, short: bool = False) -> tuple[str, ...]:
    """Return a folded word followed by its singular and plural forms; alone when it has none of its own.

    `french` leaves out what only English does: the word was typed with an accent. `short` lets an unknown word of four
    letters lose its `s`, as `apps` does and an acronym or a name does not.
    """
    if len(word) < _LEAST or word in _ALONE or not _PLAIN.fullmatch(word):
        return (word,)
    if word in _ENGLISH_SES:
        return (word, f"{word}es")
    found = dict.fromkeys((word, *_singulars(word, french=french, short=short)))
    for singular in tuple(found)[1:] or (word,):
        plurals = _french_plurals(singular) if french else _plurals(singular)
        own = (one for one in plurals if singular in _singulars(one, french=french, short=True))
        found.update(dict.fromkeys(own))
    return tuple(found)


def forms_in_phrase(word: str) -> tuple[str, ...]:
    """Return the plurals of a folded word that are another word too, and count where its neighbours tell its sense."""
    return (f"{word}s",) if word in _HOMOGRAPHS else ()


def _singulars(word: str, *, french: bool, short: bool) -> tuple[str, ...]:
    """Return what a word is the plural of: known words where there are, else what the rules make, else nothing."""
    if len(word) <= _LEAST or word in _ALONE:
        return ()
    known = ordinary_words()
    made = [word[:-1]] if french and word.endswith("es") else _without_plural(word)
    candidates = [one for one in made if len(one) >= _LEAST and one not in _ALONE]
    ordinary = [one for one in candidates if one in known]
    if ordinary:
        return tuple(one for one in ordinary if not _has_another(one, word))
    least = _LEAST if short else _LEAST + 1
    if word in known or len(candidates[0] if candidates else "") < least or word.endswith(("us", "is", "eux", "oux")):
        return ()
    return tuple(candidates if word.endswith("ies") else candidates[:1])


def _has_another(singular: str, plural: str) -> bool:
    """Return whether nobody writes this plural of a known word: the dictionary has another, or has not this one."""
    known = ordinary_words()
    if plural.endswith("x"):
        return plural not in known
    return singular.endswith(("au", "eu", "ou")) and f"{singular}x" in known


def _without_plural(word: str) -> list[str]:  # noqa: PLR0911  # one return a rule
    """Return what the rules make of a plural, the likeliest first."""
    if word.endswith("aux"):
        stem = word[:-3]
        if f"{stem}ail" in _AIL_TO_AUX:
            return [f"{stem}ail"]
        if f"{stem}au" in ordinary_words():
            return [f"{stem}au"]
        return [] if f"{stem}al" in _NEVER_AUX else [f"{stem}al"]
    if word.endswith(("eux", "oux")):
        return [word[:-1]]
    if not word.endswith("s") or word.endswith("ss"):
        return []
    if word.endswith("ies"):
        return [f"{word[:-3]}y", word[:-1]]
    if word[:-2] in _ENGLISH_SES and word[:-1] not in ordinary_words():
        return [word[:-2]]
    if word.endswith("es") and word[:-2].endswith(_ENGLISH_ES):
        return [word[:-1], word[:-2]] if word[-3] == "z" else [word[:-2], word[:-1]]
    return [word[:-1]]


def _french_plurals(word: str) -> tuple[str, ...]:
    return (f"{word}s",) if word.endswith(("ch", "sh", "y")) else _plurals(word)


def _plurals(word: str) -> tuple[str, ...]:  # noqa: PLR0911  # one return a rule
    if word.endswith(("aux", "eux", "oux", "oix", "az", "ez", "iz")):
        return ()
    if word.endswith("al"):
        return (f"{word[:-2]}aux", f"{word}s")
    if word in _AIL_TO_AUX:
        return (f"{word[:-3]}aux", f"{word}s") if word == "email" else (f"{word[:-3]}aux",)
    if word.endswith(("au", "eu", "ou")):
        return (f"{word}x", f"{word}s")
    if word.endswith(_ENGLISH_ES):
        return (f"{word}es", f"{word}s") if word.endswith(("ch", "sh")) else (f"{word}es",)
    if word.endswith("s"):
        return ()
    if word.endswith("y") and word[-2] not in "aeiou":
        return (f"{word[:-1]}ies", f"{word}s")
    return (f"{word}s",)
