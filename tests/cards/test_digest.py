from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.cards import Accent, CardKind, card_from_json, card_to_json, digest_card, digest_fallback_card, render
from bot.locales import Texts
from bot.models import (
    DigestCounts,
    DigestFact,
    DigestNews,
    DigestTip,
    FactChangeKind,
    FactStatus,
    Held,
    NoticeKind,
    SourceNews,
    SourceTrouble,
    Tier,
    TipStatus,
)
from tests.cards.digests import (
    LABELS,
    MADE,
    SINCE,
    make_change,
    make_deadline,
    make_fact,
    make_hit,
    make_news,
    make_source,
    make_tip,
    monday,
)
from tests.cards.faces import CODE, ENGLISH, FRENCH, as_read, assert_within_limits, in_terminal


def read(news: DigestNews, texts: Texts = FRENCH) -> str:
    """Return a digest as it is read, the addresses left out."""
    rendered = render(digest_card(texts, news, LABELS, CODE))
    assert not rendered.is_cut
    assert_within_limits(rendered)
    return re.sub(r"(?<!\\)\[((?:[^\[\]\\]|\\.)*)\]\([^)]*\)", r"<\1>", as_read(rendered)).replace("\u2019", "'")


def below(news: DigestNews, texts: Texts = FRENCH) -> str:
    """Return what stands below the first entry of a digest."""
    lines = read(news, texts).split("\n")
    return lines[next(place for place, line in enumerate(lines) if line.startswith("• ")) + 1]


MONDAY_IN_FRENCH = """\
Résumé du lundi 23 novembre 2026
Depuis le vendredi 20 novembre à 08:30 : 4 correspondances, 2 échéances, 3 faits et 6 tuyaux sans responsable.

**Valmarin (entreprise)**
• <Attribution : Vidéoprotection : caméras-piétons pour la police municipale, lot 2> (boamp.fr)
20 novembre · Ville de Lyon · « 834 712 556 » · Identifiant légal : numéro SIREN · <annonce>
• Avis 26-2, sans titre
BOAMP · 20 novembre · Ville de Lyon · « VALMARIN SAS » · Variante : à la forme juridique près · avis modifié
• Body-worn cameras and storage \\[framework\\] · <boamp.fr>
TED · « VALMARIN SAS » · Variante : à la forme juridique près · arrivé tard, paru le 3 juin 2025

**Hélène Corvoy (responsable public, ELU-3)**
• <Déclaration d'intérêts de Mme Hélène CORVOY> (hatvp.fr)
20 novembre · « H. Corvoy » · À vérifier : initiale du prénom et nom de famille

**Échéances des 7 prochains jours**
• Mercredi 25 novembre à 12:00 (dans 2 jours) : <Acquisition de caméras-piétons> (boamp.fr)
Ville de Lyon · pour Valmarin et caméra-piéton
• Lundi 30 novembre (dans 7 jours) : <Maintenance de la vidéoprotection> (boamp.fr)
pour Valmarin

**Faits**
• Fait n° 7 : Valmarin a livré 40 caméras.
nouveau, non vérifié · <fiche>
• Fait n° 8 : Corvoy a signé le bon de livraison le 12 mai.
vérifié · **corrigé (motif : le bon de livraison porte 40, pas 30)** · statut : noté, non vérifié · <fiche>
• Fait n° 9 : ~~Corvoy possède 5 % de Valmarin.~~
retiré (motif : homonyme) · **ne plus l'utiliser** · <fiche>

**Tuyaux sans responsable**
• Tuyau n° 12, noté le 18 novembre : Les caméras sont arrivées avant la signature du marché. · <fiche>
• Tuyau n° 11 : n'est plus montré
• Tuyau n° 10, noté le 18 novembre : Les caméras sont arrivées avant la signature du marché. · en vérification · \
<fiche>
Et 3 autres : /tuyau liste

**Sources**
TED : aucune réponse lisible depuis le mardi 17 novembre à 08:00 · 3 avis nouveaux
HATVP : répond, mais n'a rien publié de nouveau depuis le jeudi 1er octobre à 08:00 · lue à 08:02
ville : n'a encore jamais répondu
BOAMP (41 avis nouveaux, lue à 08:02) · DECP (rien de nouveau, lue le vendredi 20 novembre à 08:30)

Journal d'audit : 1 204 entrées, empreinte `3f9a3f9a3f9a3f9a3f9a3f9a3f9a3f9a3f9a3f9a3f9a3f9a3f9a3f9a3f9a3f9a`
réf. A7K3-92QF"""

MONDAY_IN_ENGLISH = """\
Digest of Monday 23 November 2026
Since Friday 20 November at 08:30: 4 hits, 2 deadlines, 3 facts and 6 tips without an owner.

**Valmarin (company)**
• <Award: Vidéoprotection : caméras-piétons pour la police municipale, lot 2> (boamp.fr)
20 November · Ville de Lyon · “834 712 556” · Legal identifier: SIREN number · <announcement>
"""


def test_a_digest_is_read_from_end_to_end_in_french() -> None:
    assert read(monday()) == MONDAY_IN_FRENCH


def test_a_digest_is_read_in_english() -> None:
    assert read(monday(), ENGLISH).startswith(MONDAY_IN_ENGLISH)


def test_a_title_leads_to_its_notice_and_a_remark_to_the_announcement() -> None:
    described = render(digest_card(FRENCH, monday(), LABELS, CODE)).description
    assert "lot 2](https://www.boamp.fr/avis/detail/26-1) (boamp.fr)" in described
    assert "[annonce](https://discord.com/channels/1001/2001/3001)" in described
    assert "[fiche](https://discord.com/channels/1001/2001/8)" in described


def test_a_quiet_digest_is_one_line_and_the_sources() -> None:
    assert read(make_news()).split("\n") == [
        "Résumé du lundi 23 novembre 2026",
        "Rien de nouveau depuis le vendredi 20 novembre à 08:30.",
        "",
        "**Sources**",
        "BOAMP (41 avis nouveaux, lue à 08:02)",
        "réf. A7K3-92QF",
    ]


def test_news_and_a_quiet_day_differ_in_colour() -> None:
    accents = [digest_card(FRENCH, news, LABELS, None).accent for news in (monday(), make_news())]
    assert accents == [Accent.NEWS, Accent.NEUTRAL]


@pytest.mark.parametrize(
    ("news", "line"),
    [
        (make_news(since=None), "Premier résumé : rien de nouveau à signaler."),
        (make_news(since=None, hits=(make_hit(),)), "Premier résumé : 1 correspondance."),
        (make_news(tips=(make_tip(),)), "Depuis le vendredi 20 novembre à 08:30 : 1 tuyau sans responsable."),
        (
            make_news(since=datetime(2025, 12, 31, 7, 5, tzinfo=UTC)),
            "Rien de nouveau depuis le mercredi 31 décembre 2025 à 08:05.",
        ),
        (
            make_news(hits=(make_hit(),), parts=3, counts=DigestCounts(hits=40, deadlines=0, facts=1, tips=0)),
            "Depuis le vendredi 20 novembre à 08:30 : 40 correspondances et 1 fait, en 3 messages.",
        ),
        (
            make_news(since=None, hits=(make_hit(),), parts=2),
            "Premier résumé : 1 correspondance, en 2 messages.",
        ),
        (make_news(facts=(make_fact(),), part=2, parts=3), "Suite : 1 fait."),
        (make_news(facts=(make_fact(),), part=3, parts=3), "Suite et fin : 1 fait."),
        (make_news(part=2, parts=2), "Suite et fin."),
    ],
)
def test_the_first_line_says_since_when_and_what_the_message_holds(news: DigestNews, line: str) -> None:
    assert read(news).split("\n")[1] == line


def test_the_title_names_the_dossier_and_the_part() -> None:
    card = digest_card(FRENCH, make_news(dossier="Caméras", part=2, parts=3), LABELS, CODE)
    assert card.title == "Résumé du lundi 23 novembre 2026 · dossier Caméras (2/3)"
    assert card.kind is CardKind.DIGEST


def test_the_day_of_a_digest_is_that_of_the_newsroom() -> None:
    news = make_news(made_at=datetime(2026, 11, 22, 23, 30, tzinfo=UTC))
    assert read(news).startswith("Résumé du lundi 23 novembre 2026\n")


def test_a_digest_that_is_no_announcement_has_no_code() -> None:
    assert digest_card(FRENCH, monday(), LABELS, None).footer == ""


def test_a_digest_is_kept_and_read_back() -> None:
    card = digest_card(FRENCH, monday(), LABELS, CODE)
    assert card_from_json(card_to_json(card)) == card


def test_a_terminal_shows_a_digest_without_markup() -> None:
    shown = in_terminal(digest_card(FRENCH, monday(), LABELS, CODE), 130)
    assert "\nValmarin (entreprise)\n• Attribution" in shown
    assert "TED : aucune réponse lisible" in shown.replace("\u00a0", " ")
    assert not re.search(r"\*\*|~~|\]\(", shown)


@pytest.mark.parametrize(
    ("said", "remark"),
    [
        ({"held": Held.WEAK}, " · à vérifier"),
        ({"held": Held.LATE, "published": None}, " · arrivé tard"),
        ({"held": Held.STORM}, " · arrivé en rafale"),
        ({"held": None}, " · annoncé"),
        ({"is_change": True}, " · avis modifié"),
    ],
)
def test_what_is_odd_about_a_hit_is_said(said: dict[str, Any], remark: str) -> None:
    assert below(make_news(hits=(make_hit(**said),))).endswith(f"à la forme juridique près{remark}")


def test_a_weak_hit_is_called_one_to_be_checked_once() -> None:
    hit = make_hit(held=Held.WEAK, tier=Tier.WEAK, rule="ordinary_word")
    assert below(make_news(hits=(hit,))).count("vérifier") == 1


def test_a_hit_that_was_held_for_the_digest_needs_no_remark() -> None:
    assert below(make_news(hits=(make_hit(),))).endswith("Variante : à la forme juridique près")


def test_words_that_the_title_or_the_buyer_shows_are_not_said_again() -> None:
    for matched in ("CAMÉRAS", "Ville de Lyon"):
        assert "«" not in below(make_news(hits=(make_hit(matched=matched),)))


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        (NoticeKind.CHANGE, "• <Rectificatif : Acquisition"),
        (NoticeKind.CANCELLATION, "• <Annulé : Acquisition"),
        (NoticeKind.COMPANY, "• <Acquisition"),
        (None, "• <Acquisition"),
    ],
)
def test_a_title_says_what_a_notice_changes(kind: NoticeKind | None, shown: str) -> None:
    assert shown in read(make_news(hits=(make_hit(kind=kind),)))


def test_a_change_of_a_contract_says_so() -> None:
    hit = make_hit(kind=NoticeKind.CHANGE, names_suppliers=True)
    assert "• <Modification du marché : Acquisition" in read(make_news(hits=(hit,)))


def test_hits_of_one_storm_say_so_once_above_them() -> None:
    storm = {"held": Held.STORM, "message_url": "https://discord.com/channels/1/2/3"}
    hits = tuple(make_hit(n, **storm) for n in range(3))
    shown = read(make_news(hits=hits))
    assert (shown.count("Arrivés en rafale · <annonce>"), shown.count("rafale")) == (1, 1)
    assert shown.index("rafale") < shown.index("•")
    mixed = read(make_news(hits=(*hits, make_hit(4))))
    assert mixed.count("arrivé en rafale") == len(hits)


def test_a_member_of_a_family_is_called_by_its_own_name() -> None:
    assert below(make_news(hits=(make_hit(source="feed:prefecture"),))).startswith("prefecture · ")


@pytest.mark.parametrize("url", [None, "javascript:alert(1)", "https://x.example/" + "y" * 300])
def test_an_address_that_is_unsafe_or_too_long_is_no_link(url: str | None) -> None:
    news = make_news(hits=(make_hit(url=url),), deadlines=(make_deadline(url=url),))
    assert "](" not in render(digest_card(FRENCH, news, LABELS, CODE)).description


@pytest.mark.parametrize(
    "title", ["Lot *2*", "Lot [2", "Lot ]2", "a_b", "1. Lot", "Lot\\", "<@1> https://evil.example"]
)
def test_a_title_with_signs_of_markdown_stands_before_its_link(title: str) -> None:
    described = render(digest_card(FRENCH, make_news(hits=(make_hit(title=title),)), LABELS, CODE)).description
    assert " · [boamp.fr](https://www.boamp.fr/avis/detail/26-1)\n" in described
    assert described.count("](") == 1


def test_a_long_title_ends_in_an_ellipsis_within_120_units() -> None:
    line = next(line for line in read(make_news(hits=(make_hit(title="é" * 10_000),))).split("\n") if "• " in line)
    assert line == f"• <{'é' * 119}…> (boamp.fr)"


def test_a_heading_stands_once_for_neighbours_of_one_item() -> None:
    shown = read(make_news(hits=(make_hit(1), make_hit(2), make_hit(3, item_id=6, item="Valmarin"))))
    assert shown.count("**Valmarin (entreprise)**") == 2


def test_items_of_a_deadline_beyond_five_are_counted() -> None:
    news = make_news(deadlines=(make_deadline(items=tuple(f"i{n}" for n in range(8))),))
    assert below(news).endswith("pour i0, i1, i2, i3, i4 et 3 autres")


@pytest.mark.parametrize(
    ("fact", "line"),
    [
        (make_fact(7), "new, not verified"),
        (
            make_fact(
                7,
                make_change(1, FactChangeKind.LOGGED),
                make_change(2, FactChangeKind.VERIFIED),
                status=FactStatus.VERIFIED,
            ),
            "new · verified",
        ),
        (
            make_fact(7, make_change(4, FactChangeKind.DISPUTED, "no proof"), status=FactStatus.DISPUTED),
            "disputed (reason: no proof)",
        ),
        (
            make_fact(7, *(make_change(n, FactChangeKind.CORRECTED, f"r{n}") for n in (2, 3))),
            "**corrected 2 times (reason: r3)** · status: logged, not verified",
        ),
        (
            make_fact(7, make_change(2, FactChangeKind.VERIFIED), status=FactStatus.RETRACTED),
            "verified · status: retracted · **do not use it**",
        ),
    ],
)
def test_a_fact_says_what_was_done_with_it_and_how_it_stands(fact: DigestFact, line: str) -> None:
    assert below(make_news(facts=(fact,)), ENGLISH) == f"{line} · <card>"


def test_a_tip_that_may_no_longer_be_shown_leaves_its_number_only() -> None:
    hidden: DigestTip = make_tip(text=None)
    shown = read(make_news(tips=(hidden,)))
    assert "• Tuyau n° 12 : n'est plus montré\n" in shown
    assert "fiche" not in shown
    assert "novembre" not in shown.partition("• ")[2].partition("\n")[0]


def test_tips_that_are_not_listed_are_counted_even_alone() -> None:
    shown = read(make_news(tips_left=1, part=2, parts=2))
    assert "**Tuyaux sans responsable**\nEt 1 autre : /tuyau liste" in shown


def test_a_tip_of_another_year_says_which() -> None:
    tip = make_tip(logged_at=SINCE - timedelta(days=365), status=TipStatus.NEW)
    assert "noté le 20 novembre 2025 :" in read(make_news(tips=(tip,)))


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (make_source(trouble=SourceTrouble.FAILING, notices=0), "BOAMP : aucune réponse lisible jusqu'ici"),
        (
            make_source(trouble=SourceTrouble.SILENT, notices=0, read_at=None),
            "BOAMP : répond, mais n'a encore rien publié",
        ),
        (
            make_source(trouble=SourceTrouble.DEGRADED, notices=0),
            "BOAMP : bien plus de données illisibles que d'habitude · lue à 08:02",
        ),
        (make_source(read_at=None, notices=0), "BOAMP (rien de nouveau, pas encore lue)"),
        (make_source(notices=12_345), "BOAMP (12 345 avis nouveaux, lue à 08:02)"),
    ],
)
def test_a_source_is_told_in_clear_words(source: SourceNews, line: str) -> None:
    assert read(make_news(sources=(source,))).split("\n")[-2] == line


def test_sources_beyond_what_a_message_holds_are_counted() -> None:
    news = make_news(sources=tuple(make_source(f"feed:{n}") for n in range(100)))
    assert "Et 76 autres : /source liste" in read(news)


def test_sources_in_trouble_come_first_however_many_there_are() -> None:
    sources = [make_source(f"feed:{n}") for n in range(100)]
    failing = make_source("ted", trouble=SourceTrouble.FAILING, since=SINCE)
    lines = read(make_news(sources=(*sources, failing))).split("\n")
    assert lines[lines.index("**Sources**") + 1].startswith("TED : aucune réponse lisible depuis le vendredi 20")


REFUSED = """\
Discord a refusé ce résumé, qui devait dire : 4 correspondances, 2 échéances, 3 faits et 6 tuyaux sans responsable."""


def test_the_fallback_counts_what_a_message_held_and_says_where_it_is() -> None:
    card = digest_fallback_card(FRENCH, monday(), LABELS, CODE)
    assert card.kind is CardKind.FALLBACK
    assert as_read(render(card)).replace("\u2019", "'").split("\n")[:5] == [
        "Résumé du lundi 23 novembre 2026",
        REFUSED,
        "Les avis : /veille correspondances",
        "Les faits : /fait liste",
        "Les tuyaux : /tuyau liste",
    ]
    assert card.footer == "réf.\u00a0A7K3-92QF"


def test_the_fallback_keeps_the_sources_in_trouble_and_no_words_of_others() -> None:
    shown = as_read(render(digest_fallback_card(ENGLISH, monday(), LABELS, CODE)))
    assert "TED: no readable answer since Tuesday 17 November at 08:00" in shown
    assert f"Audit log: 1,204 entries, fingerprint `{'3f9a' * 16}`" in shown
    assert not [word for word in ("Valmarin", "Corvoy", "BOAMP", "://", "[") if word in shown]


def test_the_fallback_of_a_quiet_digest_says_that_it_is_quiet() -> None:
    shown = as_read(render(digest_fallback_card(ENGLISH, make_news(), LABELS, CODE)))
    assert shown.split("\n")[1] == "Nothing new since Friday 20 November at 08:30."
    assert "refused" not in shown


def test_a_deadline_without_a_time_has_its_day_only() -> None:
    news = make_news(deadlines=(make_deadline(deadline=date(2026, 11, 24)),), made_at=MADE)
    assert "• Mardi 24 novembre (demain) : <Acquisition" in read(news)


def test_a_hit_ends_with_who_has_it() -> None:
    news = make_news(hits=(make_hit(taken_by=7),))
    assert below(news).endswith(" · pris par <@7>")
    assert below(news, ENGLISH).endswith(" · taken by <@7>")
