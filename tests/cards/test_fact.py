from __future__ import annotations

import dataclasses
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cards import Accent, CardKind, FactContent, fact_card, fact_fallback_card, render
from bot.facts.origins import origin_of
from bot.locales import Texts
from bot.models import (
    VIGIE_ITSELF,
    Citation,
    CitationKind,
    Claim,
    Fact,
    FactChange,
    FactChangeKind,
    FactStatus,
    FactVersion,
    Origin,
)
from tests.cards.faces import (
    CODE,
    ENGLISH,
    FRENCH,
    HOSTILE_PIECES,
    as_read,
    assert_drawn_harmlessly,
    assert_nothing_live,
    assert_within_limits,
    in_terminal,
)

CLAIRE, MARC, NORA = 301000000000000001, 301000000000000002, 301000000000000003
POINTER = "Abrégé ici. En entier : /fait voir fait:7"


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


CLAIM = Claim(text="Valmarin a livré 40 caméras.", event_date="2026-05-12", event_date_typed="12 mai")
VERIFIED = {"status": FactStatus.VERIFIED, "verified_by": MARC, "verified_at": at(22, 9, 12)}
CORRECTED = {"revision": 2, "corrected_by": CLAIRE, "corrected_at": at(22, 11), "reason": "le bon porte 40"}


def make_fact(**said: Any) -> Fact:
    values: dict[str, Any] = {
        "id": 7,
        "guild_id": 1001,
        "revision": 1,
        "changes": 1,
        "claim": CLAIM,
        "status": FactStatus.LOGGED,
        "logged_by": CLAIRE,
        "logged_at": at(21, 14, 4),
        "verified_by": None,
        "verified_at": None,
        "tip_id": 12,
        "corrected_by": None,
        "corrected_at": None,
        "reason": None,
    }
    return Fact(**{**values, **said})


def make_citation(n: int = 1, **said: Any) -> Citation:
    values: dict[str, Any] = {
        "kind": CitationKind.LINK,
        "url": f"https://www.corvoy.example/{n}.pdf",
        "retrieved_at": at(21, 14, 4),
        "added_by": CLAIRE,
        "added_at": at(21, 14, 4),
    }
    return Citation(n=n, **{**values, **said})


def make_change(number: int, kind: FactChangeKind, text: str | None = None, made_by: int = NORA) -> FactChange:
    return FactChange(number=number, kind=kind, text=text, made_by=made_by, made_at=at(23, 8))


def make_version(revision: int = 1, **said: Any) -> FactVersion:
    values: dict[str, Any] = {
        "claim": Claim(text=f"Valmarin a livré {30 + revision} caméras."),
        "status": FactStatus.LOGGED,
        "verified_by": None,
        "verified_at": None,
        "reason": None,
        "made_by": CLAIRE,
        "made_at": at(21, 14, 4),
    }
    return FactVersion(revision=revision, **{**values, **said})


def make_content(*citations: Citation, **said: Any) -> FactContent:
    names = ("origins", "items", "dossiers", "earlier", "changes", "code")
    beside = {name: said.pop(name) for name in names if name in said}
    return FactContent(fact=make_fact(**said), citations=citations or (make_citation(),), **{"code": CODE, **beside})


NOTICE = make_citation(
    kind=CitationKind.NOTICE,
    url="https://www.boamp.fr/avis/detail/25-31415",
    title="Caméras-piétons",
    quote="Titulaire : VALMARIN SAS\nQuantité : 40",
    origin="BOAMP, 3 avril 2025",
    notice_id=3,
)
WORDS = make_citation(2, kind=CitationKind.WORDS, url=None, title="Entretien avec le chef de la police, 20 novembre")

VERIFIED_IN_FRENCH = """\
Fait n° 7 · vérifié
Valmarin a livré 40 caméras.

**Vérifié :** <@301000000000000002> · 22 novembre 2026 à 10:12
**Date du fait :** mardi 12 mai 2026 · tapé « 12 mai »
**Noté :** <@301000000000000001> · 21 novembre 2026 à 15:04
**Élément surveillé :** Valmarin
**Dossiers :** Caméras et Corvoy
# Source 1 · Caméras-piétons
Avis · [boamp.fr](https://www.boamp.fr/avis/detail/25-31415)
> Titulaire : VALMARIN SAS
> Quantité : 40
BOAMP, 3 avril 2025
# Source 2 · Entretien avec le chef de la police, 20 novembre
Sans lien
réf. A7K3-92QF"""

CORRECTED_IN_ENGLISH = """\
Fact 7 · logged, not verified
Valmarin a livré 40 caméras.

**When it happened:** Tuesday 12 May 2026 · typed “12 mai”
**Logged:** <@301000000000000001> · 21 November 2026 at 15:04
# Corrected · version 2
<@301000000000000001> · 22 November 2026 at 12:00
**Reason:** le bon porte 40
**Before:**
> Valmarin a livré 30 caméras.
**Date before the correction:** May 2026
**Status before the correction:** verified
# Source 1
Link · [corvoy.example](https://www.corvoy.example/1.pdf)
version 2 · ref. A7K3-92QF"""

RETRACTED_IN_FRENCH = """\
RETIRÉ · Fait n° 7
**Ne plus utiliser ce fait.**
**Retiré :** <@301000000000000003> · 23 novembre 2026 à 09:00
**Motif :** c'était un prêt

~~Valmarin a livré 40 caméras.~~

**Date du fait :** mardi 12 mai 2026 · tapé « 12 mai »
**Noté :** <@301000000000000001> · 21 novembre 2026 à 15:04
# Source 1
Lien · [corvoy.example](https://www.corvoy.example/1.pdf)
réf. A7K3-92QF"""

DISPUTED_IN_ENGLISH = """\
Fact 7 · disputed
**Disputed:** <@301000000000000003> · 23 November 2026 at 09:00
**Reason:** they were lent

Valmarin a livré 40 caméras.

**Verified:** <@301000000000000002> · 22 November 2026 at 10:12
**When it happened:** Tuesday 12 May 2026 · typed “12 mai”
**Logged:** <@301000000000000001> · 21 November 2026 at 15:04
# Source 1
Link · [corvoy.example](https://www.corvoy.example/1.pdf)
ref. A7K3-92QF"""

BEFORE = make_version(
    claim=Claim(text="Valmarin a livré 30 caméras.", event_date="2026-05", event_date_typed="May 2026"), **VERIFIED
)


@pytest.mark.parametrize(
    ("texts", "content", "expected"),
    [
        (
            FRENCH,
            make_content(NOTICE, WORDS, items=["Valmarin"], dossiers=["Caméras", "Corvoy"], **VERIFIED),
            VERIFIED_IN_FRENCH,
        ),
        (ENGLISH, make_content(earlier=[BEFORE], **CORRECTED), CORRECTED_IN_ENGLISH),
        (
            FRENCH,
            make_content(
                changes=[
                    make_change(2, FactChangeKind.DISPUTED, "prêtées"),
                    make_change(3, FactChangeKind.RETRACTED, "c'était un prêt"),
                ],
                **{**VERIFIED, "status": FactStatus.RETRACTED},
            ),
            RETRACTED_IN_FRENCH,
        ),
        (
            ENGLISH,
            make_content(
                changes=[
                    make_change(4, FactChangeKind.DISPUTED, "they were lent"),
                    make_change(2, FactChangeKind.DISPUTED, "an older doubt"),
                ],
                **{**VERIFIED, "status": FactStatus.DISPUTED},
            ),
            DISPUTED_IN_ENGLISH,
        ),
    ],
)
def test_a_posted_fact_says_what_how_sure_when_who_and_on_what_it_rests(
    texts: Texts, content: FactContent, expected: str
) -> None:
    card = fact_card(texts, content)
    assert as_read(render(card)) == expected
    assert (card.kind, card.url) == (CardKind.FACT, None)


@pytest.mark.parametrize(
    ("status", "accent"),
    [
        (FactStatus.LOGGED, Accent.NEWS),
        (FactStatus.VERIFIED, Accent.CONFIRMED),
        (FactStatus.DISPUTED, Accent.DOUBT),
        (FactStatus.RETRACTED, Accent.TROUBLE),
    ],
)
def test_a_fact_wears_its_status(status: FactStatus, accent: Accent) -> None:
    content = make_content(status=status)
    for card in (fact_card(FRENCH, content), fact_fallback_card(FRENCH, content)):
        assert card.accent is accent
        assert FRENCH.word("fact-status", status) in card.title.lower()


def test_nobody_misses_a_retraction_in_short_form_either() -> None:
    rendered = render(fact_fallback_card(FRENCH, make_content(status=FactStatus.RETRACTED)))
    assert rendered.title == "RETIRÉ · Fait n°\u00a07"
    assert rendered.description.splitlines()[:2] == [
        "**Ne plus utiliser ce fait.**",
        "~~Valmarin a livré 40 caméras.~~",
    ]


def test_a_correction_of_the_sources_alone_says_so() -> None:
    content = make_content(earlier=[make_version(claim=CLAIM)], **CORRECTED)
    value = render(fact_card(ENGLISH, content)).fields[0].value
    assert value.splitlines()[-1] == "The claim and the date have not changed: the sources were corrected."


def test_a_status_before_the_correction_is_told_until_somebody_judges_the_new_version() -> None:
    disputed = make_version(status=FactStatus.DISPUTED)
    logged = make_content(earlier=[disputed], **CORRECTED)
    verified = make_content(earlier=[disputed], **CORRECTED, **VERIFIED)
    assert "Statut avant correction" in as_read(render(fact_card(FRENCH, logged)))
    assert "Statut avant correction" not in as_read(render(fact_card(FRENCH, verified)))


def test_the_last_correction_is_posted_and_the_older_versions_counted() -> None:
    versions = [make_version(revision) for revision in (2, 1, 3)]
    content = make_content(earlier=versions, **{**CORRECTED, "revision": 4})
    rendered = render(fact_card(FRENCH, content))
    assert rendered.fields[0].name == "Corrigé · version 4"
    assert "> Valmarin a livré 33 caméras." in rendered.fields[0].value
    assert rendered.fields[0].value.endswith("Et 2 versions plus anciennes")
    assert as_read(rendered).count(POINTER) == 1


def test_who_asks_is_shown_every_version_and_the_history() -> None:
    versions = [make_version(1, **VERIFIED), make_version(2, reason="recompte", made_by=MARC), make_version(3)]
    changes = [
        make_change(1, FactChangeKind.LOGGED),
        make_change(2, FactChangeKind.VERIFIED),
        make_change(3, FactChangeKind.CORRECTED, "recompte"),
    ]
    content = make_content(earlier=versions, changes=changes, **{**CORRECTED, "revision": 4})
    rendered = render(fact_card(FRENCH, content, is_whole=True))
    fields = {field.name: field.value for field in rendered.fields}
    assert [*fields] == ["Corrigé · version 4", "Source 1", "Version 2", "Version 1", "Historique"]
    assert fields["Version 2"].splitlines()[1:] == ["**Motif\u00a0:** recompte", "> Valmarin a livré 32 caméras."]
    assert "**Vérifié\u00a0:** <@301000000000000002>" in fields["Version 1"]
    assert re.findall(r"\*\*(.*?)\*\*", fields["Historique"]) == ["corrigé", "vérifié", "noté"]
    assert "Abrégé" not in as_read(rendered)


def test_sources_beyond_the_first_are_counted_and_named() -> None:
    citations = [make_citation(n, title=f"Pièce {n}") for n in range(8, 2, -1)]
    more = [WORDS, NOTICE]
    rendered = render(fact_card(FRENCH, make_content(*citations, *more)))
    assert [field.name for field in rendered.fields] == [
        "Source 1 · Caméras-piétons",
        "Source 2 · Entretien avec le chef de la police, 20 novembre",
        "Source 3 · Pièce 3",
        "Source 4 · Pièce 4",
        "Et 4 autres sources",
    ]
    assert rendered.fields[-1].value == "Pièce 5, Pièce 6, Pièce 7 et Pièce 8"
    assert as_read(rendered).count(POINTER) == 1


def test_who_asks_is_shown_a_score_of_sources() -> None:
    citations = [make_citation(n, quote="mot " * 20) for n in range(1, 21)]
    rendered = render(fact_card(FRENCH, make_content(*citations), is_whole=True))
    assert [field.name for field in rendered.fields] == [f"Source {n}" for n in range(1, 21)]
    assert "Abrégé" not in as_read(rendered)


def test_more_sources_than_a_message_holds_are_counted() -> None:
    citations = [make_citation(n, quote="mot " * 500) for n in range(1, 61)]
    rendered = render(fact_card(ENGLISH, make_content(*citations), is_whole=True))
    told = {int(number) for field in rendered.fields for number in re.findall(r"^Source (\d+)", field.name)}
    assert told == set(range(1, len(told) + 1))
    assert len(told) > 3
    assert rendered.fields[-1].name == f"And {60 - len(told)} other sources"
    assert "Shortened: a message in Discord cannot show more." in rendered.description


def test_who_asks_is_shown_the_longest_quote_from_end_to_end() -> None:
    quote = " ".join(map(str, range(500)))
    rendered = render(fact_card(FRENCH, make_content(make_citation(quote=quote)), is_whole=True))
    assert {field.name for field in rendered.fields} == {"Source 1", "Source 1 (suite)"}
    shown = " ".join(line for field in rendered.fields for line in field.value.splitlines() if line.startswith("> "))
    assert [int(number) for number in re.findall(r"\d+", shown)] == list(range(500))


def test_a_long_title_stands_below_the_number() -> None:
    title = "Procès-verbal du conseil municipal " * 5
    rendered = render(fact_card(FRENCH, make_content(make_citation(title=title))))
    assert rendered.fields[0].name == "Source 1"
    assert rendered.fields[0].value.splitlines()[1] == title.strip()


def test_it_is_said_when_a_source_was_seen_where_that_was_another_day() -> None:
    later = make_citation(2, retrieved_at=at(24, 9))
    fields = render(fact_card(FRENCH, make_content(make_citation(), later))).fields
    assert "consultée" not in fields[0].value
    assert fields[1].value.endswith("consultée le 24 novembre 2026")
    whole = render(fact_card(FRENCH, make_content(make_citation(), WORDS), is_whole=True)).fields
    assert whole[0].value.endswith("consultée le 21 novembre 2026 à 15:04")
    assert "consultée" not in whole[1].value


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://a@b.example/", "https://x.example/" + "y" * 2_000])
def test_a_source_that_is_no_safe_address_is_no_link(url: str) -> None:
    rendered = render(fact_card(ENGLISH, make_content(make_citation(url=url))))
    assert "](" not in rendered.fields[0].value
    assert rendered.fields[0].value.startswith("Link · ")


def test_an_address_too_long_for_a_link_in_a_field_is_told_to_who_asks() -> None:
    url = "https://www.corvoy.example/" + "y" * 980
    content = make_content(make_citation(url=url, quote="40"))
    posted, whole = render(fact_card(FRENCH, content)), render(fact_card(FRENCH, content, is_whole=True))
    assert "](" not in as_read(posted)
    assert POINTER in as_read(posted)
    assert "".join(field.value for field in whole.fields).count("y") == 980 + 1
    assert not posted.is_cut
    assert not whole.is_cut


@pytest.mark.parametrize("sign", ["*", "\n_", "é ", "👩\u200d👧"])
def test_the_longest_texts_that_can_be_logged_fit(sign: str) -> None:
    longest = (sign * 2_000)[:2_000]
    claim = Claim(text=longest[:1_000], event_date="2020-11-mid", event_date_typed=longest[:64])
    url = "https://www.corvoy.example/" + "y" * 900
    said = {"title": longest[:1_000], "origin": longest[:1_000], "quote": longest, "url": url}
    names = [longest[:500]] * 30
    content = make_content(
        *(make_citation(n, **said) for n in range(1, 31)),
        claim=claim,
        items=names,
        dossiers=names,
        earlier=[make_version(n, claim=claim, reason=longest[:500], **VERIFIED) for n in range(1, 30)],
        changes=[make_change(n, FactChangeKind.RETRACTED, longest[:500]) for n in range(1, 30)],
        **{**CORRECTED, "reason": longest[:500], "status": FactStatus.RETRACTED},
    )
    for card in (fact_card(FRENCH, content), fact_card(FRENCH, content, is_whole=True)):
        rendered = render(card)
        assert_within_limits(rendered)
        assert not rendered.is_cut


def test_a_link_is_never_behind_the_words_of_its_author() -> None:
    hostile = make_citation(title="https://www.boamp.fr", url="https://evil.example/x")
    rendered = render(fact_card(ENGLISH, make_content(hostile)))
    assert rendered.fields[0].name == "Source 1 · https: //www.boamp.fr"
    assert rendered.fields[0].value == "Link · [evil.example](https://evil.example/x)"
    assert rendered.url is None


def test_the_tip_that_a_fact_came_from_is_not_named() -> None:
    shown = as_read(render(fact_card(FRENCH, make_content(tip_id=4321), is_whole=True)))
    assert "4321" not in shown
    assert "uyau" not in shown


def test_a_date_in_the_words_that_were_typed_is_not_told_twice() -> None:
    for kept, typed in (
        ("2026-05-12", "2026-05-12"),
        ("2026-05", "mai 2026"),
        ("2026-05-12T18:30+02:00", "2026-05-12 18:30"),
    ):
        claim = dataclasses.replace(CLAIM, event_date=kept, event_date_typed=typed)
        assert "tapé" not in as_read(render(fact_card(FRENCH, make_content(claim=claim))))


def test_the_precision_of_a_date_is_kept() -> None:
    claim = dataclasses.replace(CLAIM, event_date="2020-11-mid", event_date_typed="mi-novembre 2020")
    shown = as_read(render(fact_card(FRENCH, make_content(claim=claim))))
    assert "**Date du fait :** novembre 2020 (vers le milieu) · tapé « mi-novembre 2020 »" in shown


def test_the_fallback_of_a_fact_is_short_and_leads_nowhere() -> None:
    claim = dataclasses.replace(CLAIM, text="é *" * 300)
    rendered = render(fact_fallback_card(FRENCH, make_content(NOTICE, claim=claim, **VERIFIED)))
    assert rendered.title == "Fait n°\u00a07 · vérifié"
    assert rendered.units() < 700
    assert rendered.fields == ()
    assert "](" not in rendered.description
    assert rendered.description.endswith("En entier\u00a0: /fait voir fait:7")
    assert rendered.footer == "réf.\u00a0A7K3-92QF"


@st.composite
def hostile_facts(draw: st.DrawFn) -> FactContent:
    text = HOSTILE_PIECES
    maybe = st.one_of(st.none(), text)
    names = st.lists(text, max_size=12)
    date = st.sampled_from([None, "2026-11-17", "2026", "2026-W10", "2020-11-mid", "2026-11-17T18:30+01:00"])
    claim = st.builds(Claim, text=text, event_date=date, event_date_typed=text)
    status = st.sampled_from(FactStatus)
    citation = st.builds(
        make_citation,
        st.integers(1, 10**6),
        kind=st.sampled_from(CitationKind),
        url=st.one_of(st.none(), text, text.map("https://ville.example/".__add__)),
        title=maybe,
        origin=maybe,
        said_origin=maybe,
        party=maybe,
        quote=maybe,
        retrieved_at=st.sampled_from([None, at(21, 14), at(24, 9)]),
    )
    version = st.builds(
        make_version, st.integers(1, 9), claim=claim, status=status, reason=maybe, verified_by=st.just(MARC)
    )
    said = st.sampled_from([kind for kind in FactChangeKind if kind is not FactChangeKind.EMBARGOED])
    change = st.one_of(
        st.builds(make_change, st.integers(1, 20), said, maybe),
        st.just(make_change(20, FactChangeKind.EMBARGOED, "2026-12-24T08:00:00+00:00")),
    )
    fact = make_fact(
        claim=draw(claim),
        **{**VERIFIED, "status": draw(status)},
        **draw(st.sampled_from([{}, {**CORRECTED, "reason": draw(text)}])),
    )
    citations = draw(st.lists(citation, max_size=4)) * draw(st.sampled_from([1, 1, 10]))
    return FactContent(
        fact=fact,
        citations=citations,
        origins={one.n: origin_of(one) for one in citations},
        items=draw(names),
        dossiers=draw(names),
        earlier=draw(st.lists(version, max_size=3)) * draw(st.sampled_from([1, 1, 10])),
        changes=draw(st.lists(change, max_size=4)) * draw(st.sampled_from([1, 1, 10])),
        code=CODE,
    )


def test_an_embargo_that_ended_by_itself_was_ended_by_vigie() -> None:
    changes = [make_change(1, FactChangeKind.LOGGED), make_change(2, FactChangeKind.RELEASED, made_by=VIGIE_ITSELF)]
    history = render(fact_card(FRENCH, make_content(changes=changes), is_whole=True)).fields[-1].value
    assert history.splitlines()[0].startswith("Vigie · ")


def test_the_origins_of_the_sources_are_counted_and_named() -> None:
    said = {1: Origin("afp", "AFP"), 2: Origin("ville", "Ville de Corvoy"), 3: Origin("afp", "afp")}
    read = as_read(render(fact_card(FRENCH, make_content(*map(make_citation, (1, 2, 3)), origins=said))))
    assert "**Repose sur :** 3 sources de 2 origines (AFP et Ville de Corvoy)" in read


def test_whole_it_says_the_origin_of_each_source_and_posted_where_somebody_said_it() -> None:
    said = {1: Origin("a", "Corvoy"), 2: Origin("afp", "AFP")}
    content = make_content(make_citation(1), make_citation(2, said_origin="AFP"), origins=said)
    posted, whole = (as_read(render(fact_card(FRENCH, content, is_whole=is_whole))) for is_whole in (False, True))
    assert ("origine : Corvoy" in posted, "origine : AFP" in posted) == (False, True)
    assert ("origine : Corvoy" in whole, "origine : AFP" in whole) == (True, True)


def test_what_was_verified_on_one_origin_says_so_and_why() -> None:
    change = make_change(2, FactChangeKind.VERIFIED, "l'acte fait foi")
    read = as_read(render(fact_card(FRENCH, make_content(**VERIFIED, changes=[change]))))
    assert (
        "**Vérifié sans seconde origine indépendante :** <@301000000000000002> · 22 novembre 2026 à 10:12\n**Motif :**"
        in read
    )


@settings(max_examples=25)
@given(hostile_facts())
def test_a_hostile_fact_gives_cards_within_limits_with_nothing_cut_unsaid_and_nothing_live(
    content: FactContent,
) -> None:
    for card in (fact_card(FRENCH, content), fact_card(FRENCH, content, is_whole=True)):
        rendered = render(card)
        assert_within_limits(rendered)
        assert not rendered.is_cut
        assert_nothing_live(rendered, links=len(content.citations))
        assert rendered.footer.endswith(CODE)
        assert rendered.url is None
        told = [field for field in rendered.fields if field.name.startswith("Source") and "(suite)" not in field.name]
        hidden = len(content.citations) - len(told)
        assert bool(hidden) == any(re.match(rf"Et {hidden} autres? source", field.name) for field in rendered.fields)


@settings(max_examples=25)
@given(hostile_facts())
def test_a_hostile_fact_gives_a_fallback_with_nothing_live(content: FactContent) -> None:
    rendered = render(fact_fallback_card(ENGLISH, content))
    assert_within_limits(rendered)
    assert rendered.units() <= 1_000
    assert_nothing_live(rendered)
    assert rendered.footer.endswith(CODE)


@settings(max_examples=25)
@given(hostile_facts())
def test_a_hostile_fact_cannot_move_the_cursor_of_a_terminal(content: FactContent) -> None:
    assert_drawn_harmlessly(fact_card(FRENCH, content, is_whole=True))


def test_a_terminal_shows_a_fact_without_markup() -> None:
    shown = in_terminal(fact_card(FRENCH, make_content(NOTICE, status=FactStatus.RETRACTED)))
    assert "Valmarin a livré 40 caméras." in shown
    assert "│ Titulaire : VALMARIN SAS" in shown
    assert "https://www.boamp.fr/avis/detail/25-31415" in shown
    assert not re.search(r"<@|\*\*|~~|^> ", shown, re.MULTILINE)
