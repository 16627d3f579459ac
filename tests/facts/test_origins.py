from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.facts.citing import file_cited, notice_cited, party_of, read_citation
from bot.facts.origins import origin_of, origins
from bot.models import Citation, CitationKind, Notice, NoticeKind
from tests.factories import GUILD, START

SHA = "ab" * 32


def cited(source: str, origin: str | None = None) -> Citation:
    return replace(read_citation(source, "", guild_id=GUILD, now=START), said_origin=origin)


def message(origin: str | None = None) -> Citation:
    url = f"https://discord.com/channels/{GUILD}/2/3"
    return Citation(kind=CitationKind.MESSAGE, url=url, origin=origin)


def notice(source: str = "boamp", **said: Any) -> Citation:
    told: dict[str, Any] = {
        "id": "26-1",
        "title": "Caméras",
        "kind": NoticeKind.TENDER,
        "buyer": "Ville de Corvoy",
        **said,
    }
    return notice_cited(Notice(source=source, **told), 1, quote=None, retrieved_at=START)


@pytest.mark.parametrize(
    ("citation", "name"),
    [
        (cited("https://www.lemonde.example/a/b?c=d Un titre"), "lemonde.example"),
        (cited("https://lemonde.example/a", "AFP"), "AFP"),
        (cited("Journal officiel du 12 mai, p. 4"), "Journal officiel du 12 mai, p. 4"),
        (file_cited("contrat.pdf", 5, SHA, now=START), "contrat.pdf"),
        (message("Ada (@ada, 42), 2026-11-21T10:00+01:00"), "Ada"),
        (message(), "Discord"),
        (notice(), "Ville de Corvoy"),
        (notice(buyer=None), "BOAMP"),
        (replace(notice(), party=None), "BOAMP"),
        (notice(kind=NoticeKind.REGISTRATION, buyer="Un client", suppliers=("Corvoy Conseil",)), "Corvoy Conseil"),
        (
            notice("jorf", kind=NoticeKind.APPOINTMENT, buyer=None, people=("Ada",)),
            "Journal officiel",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_origin_is_named(citation: Citation, name: str) -> None:
    assert origin_of(citation).name == name


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (cited("https://lemonde.example/a"), cited("https://www.lemonde.example/b")),
        (cited("https://lemonde.example/a", "AFP"), cited("https://figaro.example/a", " afp ")),
        (cited("https://lemonde.example/a", "l'Élysée"), cited("une note", "L\u2019ELYSEE")),
        (cited("https://lemonde.example/a"), cited("un appel", "lemonde.example")),
        (notice(), cited("le communiqué", "VILLE DE CORVOY")),
        (notice("boamp"), notice("ted", id="9-2026", buyer="VILLE DE CORVOY")),
        (file_cited("a.pdf", 5, SHA, now=START), file_cited("copie.pdf", 5, SHA, now=START)),
        (message("Ada (@ada, 42), 2026-11-21T10:00+01:00"), message("Ada L. (@ada, 42), 2026-11-22T10:00+01:00")),
        (message(), message()),
    ],
)
def test_two_sources_of_one_origin_count_once(first: Citation, second: Citation) -> None:
    [origin] = origins([first, second])
    assert origin == origin_of(first)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (cited("https://lemonde.example/a"), cited("https://figaro.example/a")),
        (cited("https://lemonde.example/a"), cited("https://lemonde.example/b", "AFP")),
        (cited("un appel du maire"), cited("un appel du préfet")),
        (notice(), notice(buyer="Ville de Tarvel")),
        (file_cited("a.pdf", 5, SHA, now=START), file_cited("a.pdf", 5, SHA[::-1], now=START)),
        (message("Ada (@ada, 42), 2026-11-21T10:00+01:00"), message("Ada (@ada2, 43), 2026-11-21T10:00+01:00")),
        (message(), cited("un appel")),
    ],
)
def test_two_sources_of_different_origin_count_both(first: Citation, second: Citation) -> None:
    assert origins([first, second]) == (origin_of(first), origin_of(second))


def test_whose_words_a_notice_is_depends_on_what_it_publishes() -> None:
    said = {"buyer": "Ville", "suppliers": ("Corvoy",), "people": ("Ada",)}
    told = {kind: party_of(Notice(id="1", kind=kind, **said)) for kind in NoticeKind}  # type: ignore[arg-type]
    buyers = {NoticeKind.TENDER, NoticeKind.AWARD, NoticeKind.CHANGE, NoticeKind.CANCELLATION}
    declared = {NoticeKind.REGISTRATION, NoticeKind.REGISTER_CHANGE}
    assert {kind for kind, party in told.items() if party == "Ville"} == buyers
    assert {kind for kind, party in told.items() if party == "Corvoy"} == declared
    assert {kind for kind, party in told.items() if party is None} == set(NoticeKind) - buyers - declared
