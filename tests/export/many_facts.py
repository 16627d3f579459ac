"""A log as large as a newsroom may have, made up, for the benchmark."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

from bot.storage.migrations import migrate
from tests.export.log_rows import writing
from tests.factories import START

WORDS = [
    *("marché", "public", "caméra", "piéton", "ville", "de", "Lyon", "a", "attribué", "l'entreprise", "sans", "du"),
    *("publicité", "préalable", "selon", "l'avis", "conseil", "la", "société", "dirigeant", "montant"),
]
EVERY = timedelta(minutes=10)


def prose(chance: random.Random, words: int) -> str:
    """Return some words as people type them: plain, in guillemets, with curly apostrophes, with quotation marks."""
    text = " ".join(chance.choices(WORDS, k=words))
    manner = chance.random()
    if manner < 0.2:
        return f"« {text} »"
    if manner < 0.4:
        return text.replace("'", "\u2019")
    return text.replace("ville", '"ville"') if manner < 0.6 else text


def write_many_facts(path: Path, count: int) -> None:
    """Make a database whose one newsroom logged many facts, one every ten minutes.

    Each has a card and a watch item; every other one a second citation and a dossier; every third is verified, every
    tenth was corrected, every hundredth begins with a sign that a spreadsheet would run.
    """
    chance = random.Random(1)  # noqa: S311  # made-up data
    migrate(path, START)
    with writing(path) as log, log.together():
        log.newsroom()
        dossiers = [log.dossier(f"Dossier {number}") for number in range(20)]
        items = [log.item(f"Société {prose(chance, 2)} {number}") for number in range(200)]
        for number in range(count):
            at = START - (count - number) * EVERY
            cited = [
                {
                    "url": f"https://gazette.example/avis/{number}",
                    "title": prose(chance, 8),
                    "quote": prose(chance, 22),
                    "retrieved_at": at,
                }
            ]
            if number % 2:
                url = f"https://presse.example/article/{number}"
                cited.append({"url": url, "title": prose(chance, 8), "quote": prose(chance, 15), "origin": "mairie"})
            fact = log.fact(
                ("- " if number % 100 == 7 else "") + prose(chance, 18),
                *cited,
                logged_at=at,
                event_date=(at - timedelta(days=30)).date().isoformat(),
                event_date_typed="12 mai",
                dossiers=[chance.choice(dossiers)] if number % 2 else [],
                items=[chance.choice(items)],
            )
            if number % 10 == 0:
                log.correct(fact, prose(chance, 18), "erreur de montant", at)
            elif number % 3 == 0:
                log.verify(fact, at)
            log.card("fact", fact, 10**18 + number)
