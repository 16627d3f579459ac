"""A newsroom that logged, watched and was told as much as one may in years, made up, for the benchmark."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bot.storage.archive.full_text import fold_words
from bot.storage.migrations import migrate
from tests.export.log_rows import EDITOR, REPORTER, Log, writing
from tests.export.many_facts import prose
from tests.factories import CHANNEL, GUILD, START

BUSY = 1
"""The item that has a tenth of all facts, tips and hits."""
DOSSIERS = 20
_EVERY = timedelta(minutes=10)
_NAMES = [f"{first}{second}" for first in ("Val", "Tess", "Opt", "Sor") for second in ("marin", "andier", "relis")]


@dataclass(frozen=True, slots=True)
class Size:
    """Say how much there is of each."""

    facts: int
    tips: int
    items: int
    hits: int


def write_busy_newsroom(path: Path, size: Size, language: str = "fr") -> None:
    """Make the database of one newsroom with its log channel, that many items, hits, facts and tips, and their words.

    One in fifty facts is under embargo, one in ten tips sensitive, one in twenty facts and tips in a dossier of its
    own channel; every second hit was announced.
    """
    chance = random.Random(1)  # noqa: S311  # made-up data
    migrate(path, START)
    with writing(path) as log, log.together():
        log.newsroom(language=language)
        log.insert("channel", guild_id=GUILD, channel_id=CHANNEL + 1, floor_id=5_000)
        for number in range(DOSSIERS):
            log.dossier(f"Dossier {number}")
        log.update("dossier", 1, channel_id=CHANNEL + 1)
        for number in range(size.items):
            log.item(f"{chance.choice(_NAMES)} {number}")
        _hits(log, size)
        _facts(log, chance, size)
        _tips(log, chance, size)


def _item(chance: random.Random, size: Size) -> int:
    return BUSY if chance.random() < 0.1 else chance.randint(1, size.items)


def _hits(log: Log, size: Size) -> None:
    for number in range(size.hits):
        if number % 10 == 0:
            log.notice(f"26-{number}")
        item = BUSY if number % 10 == 0 else number * 7919 % (size.items - 1) + 2
        at = START - (size.hits - number) * timedelta(minutes=1)
        log.hit(item, number // 10 + 1, at=at, held=None if number % 2 == 0 else "digest")


def _facts(log: Log, chance: random.Random, size: Size) -> None:
    statuses = ("logged", "logged", "verified", "disputed", "retracted")
    for number in range(1, size.facts + 1):
        at = START - (size.facts - number) * _EVERY
        claim, quote = prose(chance, 18), prose(chance, 22)
        status = chance.choice(statuses)
        verified = {"verified_by": EDITOR, "verified_at": at} if status == "verified" else {}
        fact = log.fact(
            claim,
            {"url": f"https://gazette.example/{number}", "title": prose(chance, 8), "quote": quote},
            logged_at=at,
            status=status,
            dossiers=[chance.randint(2, DOSSIERS)] if number % 4 == 0 else [1] if number % 20 == 1 else [],
            items=[_item(chance, size)],
            embargo_until=START + timedelta(days=9) if number % 50 == 0 else None,
            **verified,
        )
        log.mark(fact, 1, "logged", by=REPORTER, at=at)
        log.card("fact", fact, 10**18 + number)
        log.insert("fact_words", rowid=fact, claim=fold_words(claim), more=fold_words(quote))


def _tips(log: Log, chance: random.Random, size: Size) -> None:
    for number in range(1, size.tips + 1):
        text = prose(chance, 20)
        tip = log.tip(
            text,
            sensitive=number % 10 == 0,
            logged_at=START - (size.tips - number) * _EVERY,
            dossiers=[chance.randint(2, DOSSIERS)] if number % 4 == 0 else [1] if number % 20 == 1 else [],
            items=[_item(chance, size)],
            status=chance.choice(("new", "checking", "confirmed", "dropped")),
            owner=chance.choice((None, REPORTER, EDITOR)),
        )
        log.insert("tip_words", rowid=tip, text=fold_words(text), more="")
