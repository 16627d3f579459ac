"""How a page of results is shown: the words that were looked for in bold, everything cleaned, within one message."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards import Rendered, Style, render
from bot.cards.embed import ALL_UNITS
from bot.errors import UserError
from bot.locales import Language, Texts
from bot.markup import utf16_len
from bot.models import Notice
from bot.search import FINDS_A_PAGE, FindKind, FoundNotice, Question, Results, Scope, read_query, results_card
from bot.search.excerpt import excerpt
from bot.storage.database import Database
from tests.factories import make_notice
from tests.searching import PARIS, find, log_fact, log_tip, publish

FRENCH, ENGLISH = Texts(Language.FR, PARIS), Texts(Language.EN, PARIS)


def page_of(*found: Notice, query: str = "caméra", **said: Any) -> Results:
    """Return a page of notices that were found, whether or not they would be."""
    asked = Question(query=read_query(query), zone=PARIS, **said)
    counts = {FindKind.NOTICE: len(found)}
    return Results(asked=asked, counts=counts, finds=[FoundNotice(notice) for notice in found], page=0, pages=1)


def shown(results: Results, texts: Texts = FRENCH) -> Rendered:
    return render(results_card(texts, results))


def value_of(notice: Notice, query: str = "caméra") -> str:
    return shown(page_of(notice, query=query)).fields[0].value


async def test_a_page_counts_what_was_found_of_each_kind(database: Database) -> None:
    await publish(database, *(make_notice(str(number)) for number in range(12)))
    for number in range(3):
        await log_fact(database, f"La caméra {number}")
    await log_tip(database, "Une caméra")
    results = await find(database, "caméra")
    assert shown(results).title == "12 avis, 3 faits et 1 tuyau"
    assert shown(results, ENGLISH).title == "12 notices, 3 facts and 1 tip"
    assert shown(results).footer == "Page 1 sur 3"


async def test_a_kind_of_which_nothing_was_found_is_not_counted(database: Database) -> None:
    await log_tip(database, "Une caméra")
    results = await find(database, "caméra")
    assert (shown(results).title, shown(results).footer) == ("1 tuyau", "")


async def test_where_nothing_was_found_it_says_what_to_try(database: Database) -> None:
    rendered = shown(await find(database, "caméra"))
    assert rendered.title == "Rien trouvé"
    assert "biométri\\*" in rendered.description


def test_a_notice_shows_its_words_in_bold_where_it_comes_from_and_where_it_leads() -> None:
    rendered = shown(page_of(make_notice(), query="caméra piéton"))
    (field,) = rendered.fields
    assert field.name == "Avis de marché · 26-1 · gazette · 16 novembre 2026"
    assert field.value.splitlines() == [
        "Acquisition de **caméras-piétons**",
        "> Fourniture de **caméras-piétons** pour la police municipale.",
        "[gazette.example](https://gazette.example/26-1)",
    ]


def test_words_that_a_space_or_a_hyphen_parts_are_one_bold_run() -> None:
    notice = make_notice(title="Drone", text="caméras-piétons, caméra piéton, caméra (piéton) ou caméra de piéton")
    shown_text = "> **caméras-piétons**, **caméra piéton**, **caméra** (**piéton**) ou **caméra** de **piéton**"
    assert shown_text in value_of(notice, "caméra piéton")


def test_what_stands_in_another_field_is_shown_with_its_name() -> None:
    assert "> Acheteur\u00a0: Ville de **Lyon**" in value_of(make_notice(), "lyon")
    notice = make_notice(suppliers=("Axon", "Corvoy et fils"))
    assert "> Fournisseur\u00a0: **Corvoy** et fils" in value_of(notice, "corvoy")


def test_the_passage_is_the_one_that_shows_what_the_title_does_not() -> None:
    notice = make_notice(title="Caméras", text="Des caméras", buyer="Ville de Lyon, caméras")
    assert "> Acheteur\u00a0: Ville de **Lyon**, **caméras**" in value_of(notice, "caméra lyon")
    notice = make_notice(title="Caméras et drones", text="Des caméras, des drones", buyer="Ville de Lyon")
    assert "> Acheteur\u00a0: Ville de **Lyon**" in value_of(notice, "caméra drone lyon")


def test_a_long_text_is_cut_around_the_words() -> None:
    notice = make_notice(text="début " * 200 + "une caméra cachée " + "fin " * 200, title="Fourniture")
    quoted = value_of(notice).splitlines()[1]
    assert quoted.startswith("> …")
    assert quoted.endswith("fin…")
    assert "une **caméra** cachée" in quoted
    assert len(quoted) < 300


async def test_a_fact_and_a_tip_show_their_words_and_what_they_rest_on(database: Database) -> None:
    fact = await log_fact(database, "Le port a payé", source="Registre", quote="« un virement de 3 000 € »")
    tip = await log_tip(database, "Un virement aurait eu lieu", origin="un docker", notes=["vu par deux témoins"])
    fields = {field.name: field.value for field in shown(await find(database, "virement")).fields}
    assert fields == {
        f"Fait n° {fact} · noté, non vérifié · 16 novembre 2026".replace("n° ", "n°\u00a0"): (
            "Le port a payé\n> Citation\u00a0: « un **virement** de 3 000 € »"
        ),
        f"Tuyau n° {tip} · nouveau · 16 novembre 2026".replace("n° ", "n°\u00a0"): "Un **virement** aurait eu lieu",
    }
    (noted,) = shown(await find(database, "témoin")).fields
    assert noted.value.splitlines()[1] == "> Note\u00a0: vu par deux **témoins**"


async def test_a_sensitive_tip_is_called_so(database: Database) -> None:
    await log_tip(database, "Un virement", by=10, is_sensitive=True)
    (field,) = shown(await find(database, "virement")).fields
    assert "sensible" in field.name


@pytest.mark.parametrize(
    ("first", "last", "told"),
    [
        (date(2026, 3, 1), None, "Depuis le dimanche 1er mars 2026"),
        (None, date(2026, 3, 2), "Jusqu\u2019au lundi 2 mars 2026 compris"),
        (date(2026, 3, 1), date(2026, 3, 2), "Du dimanche 1er mars 2026 au lundi 2 mars 2026 compris"),
    ],
)
def test_the_period_is_said_in_full(first: date | None, last: date | None, told: str) -> None:
    assert shown(page_of(first_day=first, last_day=last)).description.startswith(told)


def test_it_says_what_cannot_be_found_yet_and_that_not_everything_is_shown() -> None:
    asked = Question(query=read_query("caméra"), zone=PARIS, scope=Scope.NOTICES)
    results = Results(asked=asked, counts={FindKind.NOTICE: 5_000}, finds=[], page=0, pages=100, unindexed=12_000)
    told = shown(results).description
    assert "12\u202f000 avis ne sont pas encore indexés" in told
    assert "Les 600 premiers" in told


def test_the_texts_of_others_are_cleaned() -> None:
    text = "@everyone <@123> *caméra* `x` https://evil.example/caméra [lien](https://evil.example)"
    value = value_of(make_notice(title=text, text=text, url="javascript:alert(1)"))
    assert "\\***caméra**\\*" in value
    assert "@everyone" not in value
    assert "<@" not in value
    assert "https://" not in value
    assert not re.search(r"(?<!\\)\]\(", value)


HOSTILE = "*_~`|[]caméra<@1>" * 400


@pytest.mark.parametrize(
    "text", [HOSTILE, "caméra " * 3_000, "\U0001f468\u200d\U0001f469\u200d\U0001f467caméra " * 500]
)
def test_every_find_of_a_page_is_there_however_long_its_texts(text: str) -> None:
    notices = [
        make_notice(f"{number}{'_' * 300}", title=text, text=text, buyer=text, url=f"https://x.example/{'y' * 500}")
        for number in range(FINDS_A_PAGE)
    ]
    query = " ".join(["caméra", *("xyz" * 16 for _ in range(4))])[:200]
    results = page_of(*notices, query=query, first_day=date(2026, 1, 1), last_day=date(2026, 2, 1))
    rendered = shown(results)
    assert [field.name[17] for field in rendered.fields] == [f"{number}" for number in range(FINDS_A_PAGE)]
    assert rendered.units() + utf16_len(query) <= ALL_UNITS
    assert all("caméra" in field.value for field in rendered.fields)


LINES = st.text(alphabet="ab é'-.\n<&;*x\u00bc14", max_size=120)


@given(LINES, st.text(alphabet="abé' -14", min_size=1, max_size=8), st.integers(10, 60))
def test_an_excerpt_is_a_part_of_the_text_with_every_marked_run_a_find(text: str, typed: str, chars: int) -> None:
    try:
        terms = read_query(typed).terms
    except UserError:
        return
    line = excerpt(text, terms, chars).line
    assert "".join(span.text for span in line).strip("…") in text
    for span in line:
        if span.style is Style.MARK:
            assert excerpt(span.text, terms, len(span.text)).terms


def test_an_excerpt_of_a_text_without_the_words_is_its_beginning() -> None:
    line = excerpt("un deux trois quatre cinq", read_query("six").terms, 14).line
    assert "".join(span.text for span in line) == "un deux trois…"
