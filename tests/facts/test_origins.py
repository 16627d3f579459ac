from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.facts.citing import file_cited, notice_cited, party_of, read_citation
from bot.facts.origins import beside, origin_of, origin_of_each, origins
from bot.models import Citation, CitationKind, Notice, NoticeKind
from tests.factories import GUILD, START

SHA = "ab" * 32


def cited(source: str, origin: str | None = None) -> Citation:
    return replace(read_citation(source, "", guild_id=GUILD, now=START), said_origin=origin)


def message(origin: str | None = None, number: int = 3) -> Citation:
    url = f"https://discord.com/channels/{GUILD}/2/{number}"
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


def file_beside(source: Citation) -> Citation:
    return beside(file_cited("article.pdf", 5, SHA, now=START), source)


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
        (cited("https://lemonde.example/a", "AFP"), cited("https://figaro.example/a", "A.F.P.")),
        (cited("https://lemonde.example/a", "A F P"), cited("https://figaro.example/a", "a.f.p")),
        (cited("https://lemonde.example/a", "l'Élysée"), cited("une note", "L\u2019ELYSEE")),
        (cited("https://lemonde.example/a"), cited("un appel", "lemonde.example")),
        (notice(), cited("le communiqué", "VILLE DE CORVOY")),
        (notice("boamp"), notice("ted", id="9-2026", buyer="VILLE DE CORVOY")),
        (file_cited("a.pdf", 5, SHA, now=START), file_cited("copie.pdf", 5, SHA, now=START)),
        (message("Ada (@ada, 42), 2026-11-21T10:00+01:00"), message("Ada L. (@ada, 42), 2026-11-22T10:00+01:00")),
        (message(), message()),
        (cited("https://m.lemonde.example/a"), cited("https://amp.lemonde.example/b")),
        (cited("https://lemonde.example/a"), cited("HTTPS://WWW.Fr.LeMonde.Example/a")),
        (cited("https://lemonde.example/a"), cited("un appel", "www.LeMonde.example.")),
        (cited("https://élysée.example/a"), cited("https://xn--lyse-9oad.example/b", "Élysée.example")),
        (cited("https://lemonde.example/a"), file_beside(cited("https://m.lemonde.example/b"))),
        (cited("https://figaro.example/a", "AFP"), file_beside(cited("https://lemonde.example/b", "afp"))),
        (notice(), file_beside(notice())),
        (message("Ada (@ada, 42), x"), file_beside(message("Ada L. (@ada, 42), y"))),
        (message(), file_beside(message())),
    ],
)
def test_two_sources_of_one_origin_count_once(first: Citation, second: Citation) -> None:
    [origin] = origins([first, second])
    assert origin == origin_of(first)


PAGE = "https://www.lemonde.example/monde/article.html"
COPIES = [
    PAGE,
    "https://m.lemonde.example/monde/article.html?utm_source=lettre#suite",
    "https://amp.lemonde.example/monde/article.amp.html",
    "https://www.lemonde.example/amp/monde/article.html",
    "https://www.google.com/amp/s/www.lemonde.example/monde/article.html",
    "https://www-lemonde-example.cdn.ampproject.org/c/s/www.lemonde.example/monde/article.html",
    "https://web.archive.org/web/2026/https://www.lemonde.example/monde/article.html",
    "https://web.archive.org/web/20261122101010id_/http%3A%2F%2Flemonde.example%2Fmonde%2Farticle.html",
    "https://web.archive.org/web/2026/www.lemonde.example/monde/article.html",
    "https://archive.ph/20261122/https://www.lemonde.example/monde/article.html",
    "https://archive.is/https://web.archive.org/web/2026/https://www.lemonde.example/monde/article.html",
    "https://www-lemonde-example.translate.goog/monde/article.html?_x_tr_sl=fr",
    "https://www.google.com/url?q=https://www.lemonde.example/monde/article.html&sa=D",
]
DOCUMENTS = [
    *((cited(PAGE), cited(copy)) for copy in COPIES),
    (cited("https://youtu.be/abc?t=4"), cited("https://m.youtube.com/watch?v=abc&feature=share")),
    (cited("https://www.youtube.com/shorts/abc"), cited("https://youtu.be/abc")),
    (cited("https://x.com/mairie/status/12?s=20"), cited("https://mobile.twitter.com/mairie/status/12")),
    (cited("https://ptb.discord.com/channels/5/6/7"), cited("https://discordapp.com/channels/5/6/7")),
    (message("Ada (@ada, 42), 2026-11-21T10:00+01:00"), cited(f"https://canary.discord.com/channels/{GUILD}/2/3")),
    (file_cited("a.pdf", 5, SHA, now=START), file_cited("b.pdf", 5, SHA, now=START)),
    (notice(), notice()),
    (notice(url="https://www.boamp.fr/pages/avis/?q=idweb:26-1"), cited("https://boamp.fr/pages/avis/?q=idweb%3A26-1")),
    (notice(url="https://www.boamp.fr/pages/avis/?q=idweb:26-1"), cited("https://www.boamp.fr/avis/detail/26-1/0")),
]


@pytest.mark.parametrize(("first", "second"), DOCUMENTS)
def test_one_document_is_one_origin_however_it_is_cited_and_whatever_is_said_of_it(
    first: Citation, second: Citation
) -> None:
    said, other = replace(second, said_origin="AFP"), replace(first, said_origin="Mairie")
    counted = [[one.name for one in origins(pair)] for pair in ([first, second], [second, first])]
    assert [len(names) for names in counted] == [1, 1]
    assert counted[0] == counted[1] or first.kind is CitationKind.FILE
    assert [one.name for one in origin_of_each([first, said])] == ["AFP", "AFP"]
    assert [one.name for one in origin_of_each([other, said])] == ["Mairie", "Mairie"]


@pytest.mark.parametrize("link", ["https://archive.ph/AbC12", "https://t.co/xyz", "https://www.bit.ly/3x"])
def test_a_link_that_does_not_tell_where_it_leads_is_no_second_origin(link: str) -> None:
    assert [one.name for one in origins([cited(link), cited(PAGE)])] == ["lemonde.example"]
    assert len(origins([cited(link), cited("https://perma.cc/A1B2-C3D4")])) == 1
    assert [one.name for one in origins([cited(link, "Mairie"), cited(PAGE)])] == ["Mairie", "lemonde.example"]
    assert len(origins([cited("un appel du maire"), cited(link)])) == 2


def test_a_file_beside_a_source_counts_with_it_though_another_citation_says_whose_words_it_is() -> None:
    source = cited(PAGE)
    assert [one.name for one in origins([source, file_beside(source), cited(COPIES[1], "AFP")])] == ["AFP"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (cited("https://lemonde.example/a"), cited("https://figaro.example/a")),
        (
            notice(url="https://www.boamp.fr/pages/avis/?q=idweb:26-1"),
            cited("https://www.boamp.fr/pages/avis/?q=idweb:26-12"),
        ),
        (cited("https://lemonde.example/a", "AFP"), cited("https://lemonde.example/a/b")),
        (cited("https://youtu.be/abc", "Ada"), cited("https://youtu.be/abd")),
        (cited("https://lemonde.example", "AFP"), cited("https://lemonde.example/")),
        (cited("https://archive.example/lemonde.example/a"), cited("https://lemonde.example/a")),
        (cited("https://lemonde.example/a"), cited("https://lemonde.example/b", "AFP")),
        (cited("un appel du maire"), cited("un appel du préfet")),
        (notice(), notice(id="26-2", buyer="Ville de Tarvel")),
        (file_cited("a.pdf", 5, SHA, now=START), file_cited("a.pdf", 5, SHA[::-1], now=START)),
        (message("Ada (@ada, 42), 2026-11-21T10:00+01:00"), message("Ada (@ada2, 43), 2026-11-21T10:00+01:00", 4)),
        (message(), cited("un appel")),
        (cited("https://blog.medium.example/a"), cited("https://medium.example/b")),
        (cited("https://m.co.uk/a"), cited("https://fr.co.uk/b")),
        (
            cited("https://lemonde.example/a"),
            replace(file_beside(cited("https://lemonde.example/a")), said_origin="AFP"),
        ),
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
