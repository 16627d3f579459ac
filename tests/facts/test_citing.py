from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.entering import MOST_CHARS, TooLong
from bot.errors import UserError
from bot.facts.citing import file_cited, message_of, notice_cited, read_citation
from bot.markup import safe_url
from bot.models import Citation, CitationKind
from tests.factories import GUILD, START, make_notice


def cited(source: str, quote: str = "") -> Citation:
    return read_citation(source, quote, guild_id=GUILD, now=START)


def refusal(source: str, quote: str = "") -> str:
    with pytest.raises(UserError) as refused:
        cited(source, quote)
    return refused.value.text


@pytest.mark.parametrize(
    ("typed", "url", "title"),
    [
        ("https://www.example.org/a?b=1#c", "https://www.example.org/a?b=1#c", None),
        ("https://example.org/a Le marché des caméras", "https://example.org/a", "Le marché des caméras"),
        ("Le Monde, 12 mai : https://example.org/a.", "https://example.org/a", "Le Monde, 12 mai"),
        ("« Axon » (https://example.org/x)", "https://example.org/x", "Axon"),
        ("https://example.org/wiki/Axon_(entreprise)", "https://example.org/wiki/Axon_%28entreprise%29", None),
        ("www.example.org/a", "https://www.example.org/a", None),
        ("example.org/registre/42", "https://example.org/registre/42", None),
        ("HTTPS://Example.ORG/A", "https://example.org/A", None),
        ("example.org/a Le marché des caméras", "https://example.org/a", "Le marché des caméras"),
        ("example.org:8080/a", "https://example.org:8080/a", None),
    ],
)
def test_a_link_is_read_with_the_words_around_it_as_its_title(typed: str, url: str, title: str | None) -> None:
    citation = cited(typed)
    assert (citation.kind, citation.url, citation.title) == (CitationKind.LINK, url, title)


@pytest.mark.parametrize(
    "typed",
    [
        "javascript:alert(1)",
        "ftp://example.org/a",
        "https://",
        "https://user@example.org/",
        "http://exa mple",
        "file:///etc/passwd",
        "mailto:a@example.org",
        "data:text/html,x",
        "https://example.org:99999/",
        "https:/lemonde.example/a",
        "https: //lemonde.example/a",
        "https ://lemonde.example/a",
        "https//lemonde.example/a",
        "https/lemonde.example/a",
        "https\uff1a//lemonde.example/a",
        "https;//lemonde.example/a",
        "http:lemonde.example/b",
        "https lemonde.example",
        "htp:/bad link",
        "htps//lemonde.example/a",
        "ttps:/lemonde.example/a",
        "h ttps://lemonde.example/a",
        "http:\\\\lemonde.example",
        "//lemonde.example/a",
        "://lemonde.example/a",
        "www .lemonde.fr",
        "www,lemonde.fr",
        "www lemonde.fr",
        "ww.lemonde.fr",
        "lemonde,fr/a",
        "lemonde .fr/a",
        "Le Monde https:/lemonde.example/a",
        "https://lemonde.example/a puis https:/figaro.example/b",
    ],
)
def test_what_looks_like_a_link_and_is_none_is_refused(typed: str) -> None:
    assert refusal(typed) == "citation-bad-link"


def test_one_source_is_given_at_a_time() -> None:
    assert refusal("https://a.example/1 https://b.example/2") == "citation-two-links"


@pytest.mark.parametrize("typed", ["", "  ", "\u200b"])
def test_no_source_is_refused_with_the_sentence_that_helps(typed: str) -> None:
    assert refusal(typed) == "fact-needs-source"


@pytest.mark.parametrize("typed", ["?", "..", "ab"])
def test_a_word_too_short_to_find_anything_again_is_no_source(typed: str) -> None:
    assert refusal(typed) == "citation-too-little"


@pytest.mark.parametrize(
    "typed",
    [
        "JO du 3 mars : p. 4",
        "AFP: dépêche",
        "Le passage au https, note de la DSI",
        "Marché n\u00b0\u00a02024/12, lot 3",
        "C:/partage/contrat.pdf",
        "TP/2024-3",
        "Entretien avec M. Dupont, 15h30",
        "Code du travail, art. L.1232-6 et L.1233/4",
    ],
)
def test_words_with_the_signs_of_links_stay_words(typed: str) -> None:
    assert (cited(typed).kind, cited(typed).title) == (CitationKind.WORDS, typed)


def test_words_that_say_where_to_find_it_are_a_source() -> None:
    citation = cited("Journal officiel du 12 mai 2025, p. 4", "Le ministre a reçu Axon.")
    assert (citation.kind, citation.url) == (CitationKind.WORDS, None)
    assert (citation.title, citation.quote) == ("Journal officiel du 12 mai 2025, p. 4", "Le ministre a reçu Axon.")


def test_a_message_of_the_guild_is_told_from_one_of_elsewhere() -> None:
    assert cited(f"https://discord.com/channels/{GUILD}/5/6").kind is CitationKind.MESSAGE
    assert cited("https://discord.com/channels/999/5/6").kind is CitationKind.LINK


def test_a_source_and_a_quote_may_be_as_long_as_stated_and_no_longer() -> None:
    most_source, most_quote = MOST_CHARS[TooLong.CITATION], MOST_CHARS[TooLong.QUOTE]
    assert cited("a" * most_source, "b" * most_quote).quote == "b" * most_quote
    assert refusal("a" * (most_source + 1)) == "too-long-citation"
    assert refusal("livre", "b" * (most_quote + 1)) == "too-long-quote"


def test_a_notice_and_a_file_say_how_they_are_found_again() -> None:
    notice = notice_cited(make_notice(), 3, quote="caméras", retrieved_at=START)
    assert (notice.kind, notice.notice_id, notice.title) == (CitationKind.NOTICE, 3, "Acquisition de caméras-piétons")
    file = file_cited("plan.pdf", 1_234, "ab" * 32, now=START)
    assert (file.kind, file.title, file.origin) == (CitationKind.FILE, "plan.pdf", f"sha256:{'ab' * 32} (1234 bytes)")


def test_a_message_is_named_by_its_link_only() -> None:
    named = message_of(" https://ptb.discord.com/channels/1/2/3 ")
    assert named is not None
    assert (named.guild_id, named.channel_id, named.message_id) == (1, 2, 3)
    assert message_of("https://discord.com.example/channels/1/2/3") is None


@given(st.text(max_size=200))
def test_whatever_is_typed_is_a_citation_or_a_sentence(typed: str) -> None:
    try:
        citation = cited(typed)
    except UserError:
        return
    assert citation.url is not None or citation.title
    assert citation.url is None or safe_url(citation.url) == citation.url
