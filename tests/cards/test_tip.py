from __future__ import annotations

import dataclasses
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cards import (
    Accent,
    CardKind,
    TipContent,
    card_to_json,
    hidden_tip_card,
    render,
    tip_card,
    tip_fallback_card,
)
from bot.locales import Texts
from bot.models import Tip, TipChange, TipChangeKind, TipStatus
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

CLAIRE, MARC = 301000000000000001, 301000000000000002
POINTER = "Abrégé ici. En entier : /tuyau voir tuyau:12"


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def make_tip(**said: Any) -> Tip:
    values: dict[str, Any] = {
        "id": 12,
        "guild_id": 1001,
        "revision": 1,
        "changes": 1,
        "text": "Les caméras sont arrivées avant la signature.\n\nIl y en a 40.",
        "origin": "appel d'un agent",
        "origin_url": "https://discord.com/channels/1001/2/3",
        "heard": "2026-11-17",
        "heard_typed": "mardi dernier",
        "is_sensitive": False,
        "status": TipStatus.NEW,
        "owner": None,
        "logged_by": CLAIRE,
        "logged_at": at(21, 14, 4),
    }
    return Tip(**{**values, **said})


def make_change(number: int, kind: TipChangeKind, **said: Any) -> TipChange:
    values: dict[str, Any] = {
        "text": None,
        "before": None,
        "after": None,
        "made_by": MARC,
        "made_at": at(22, number % 24),
    }
    return TipChange(number=number, kind=kind, **{**values, **said})


def make_content(*changes: TipChange, **said: Any) -> TipContent:
    beside = {name: said.pop(name) for name in ("items", "dossiers", "code") if name in said}
    return TipContent(tip=make_tip(**said), changes=changes, **{"code": CODE, **beside})


def notes(count: int, text: str = "note") -> list[TipChange]:
    return [make_change(number, TipChangeKind.NOTED, text=f"{text} {number}") for number in range(1, count + 1)]


NEW_IN_FRENCH = """\
Tuyau n° 12 · nouveau
> Les caméras sont arrivées avant la signature.

> Il y en a 40.

**Origine :** appel d'un agent · [message d\u2019origine](https://discord.com/channels/1001/2/3)
**Entendu :** mardi 17 novembre 2026 · tapé « mardi dernier »
**Responsable :** personne pour l\u2019instant
**Noté :** <@301000000000000001> · 21 novembre 2026 à 15:04
**Éléments surveillés :** Valmarin et Corvoy
**Dossier :** Caméras
réf. A7K3-92QF"""

CHECKED_IN_ENGLISH = """\
Tip 12 · being checked
> Les caméras sont arrivées avant la signature.

> Il y en a 40.

**Being checked:** <@301000000000000002> · 22 November 2026 at 04:00
**How it came:** appel d'un agent · [original message](https://discord.com/channels/1001/2/3)
**Heard:** Tuesday 17 November 2026 · typed “mardi dernier”
**Owner:** <@301000000000000002>
**Logged:** <@301000000000000001> · 21 November 2026 at 15:04
**Edited:** <@301000000000000001> · 22 November 2026 at 06:00 · the number
# Note
<@301000000000000002> · 22 November 2026 at 05:00
> 40 boxes:
> \\- seen
version 2 · ref. A7K3-92QF"""

CHECKED = make_content(
    make_change(1, TipChangeKind.LOGGED),
    make_change(2, TipChangeKind.ASSIGNED, after=str(MARC)),
    make_change(3, TipChangeKind.STATUS, before="new", after="checking"),
    make_change(4, TipChangeKind.NOTED, text="40 boxes:\n- seen"),
    make_change(5, TipChangeKind.EDITED, text="the number", made_by=CLAIRE),
    revision=2,
    status=TipStatus.CHECKING,
    owner=MARC,
)


@pytest.mark.parametrize(
    ("texts", "content", "expected"),
    [
        (FRENCH, make_content(items=["Valmarin", "Corvoy"], dossiers=["Caméras"]), NEW_IN_FRENCH),
        (ENGLISH, CHECKED, CHECKED_IN_ENGLISH),
    ],
)
def test_a_posted_tip_says_what_was_heard_how_who_follows_it_and_what_became_of_it(
    texts: Texts, content: TipContent, expected: str
) -> None:
    card = tip_card(texts, content)
    assert as_read(render(card)) == expected
    assert (card.kind, card.url) == (CardKind.TIP, None)


def test_the_history_of_a_tip_is_told_newest_first_to_who_asks() -> None:
    rendered = render(tip_card(FRENCH, CHECKED, is_whole=True))
    assert [field.name for field in rendered.fields] == ["Suivi", "Historique"]
    assert rendered.fields[-1].value.splitlines() == [
        "<@301000000000000001> · 22 novembre 2026 à 06:00 · **modifié**",
        "> the number",
        "<@301000000000000002> · 22 novembre 2026 à 05:00 · **note**",
        "> 40 boxes:",
        "> \\- seen",
        "<@301000000000000002> · 22 novembre 2026 à 04:00 · **statut** en vérification (avant\u00a0: nouveau)",
        "<@301000000000000002> · 22 novembre 2026 à 03:00 · **confié à** <@301000000000000002>",
        "<@301000000000000002> · 22 novembre 2026 à 02:00 · **noté**",
    ]
    assert "Abrégé" not in as_read(rendered)


@pytest.mark.parametrize(
    ("status", "accent"),
    [
        (TipStatus.NEW, Accent.NEWS),
        (TipStatus.CHECKING, Accent.DOUBT),
        (TipStatus.CONFIRMED, Accent.CONFIRMED),
        (TipStatus.DROPPED, Accent.NEUTRAL),
    ],
)
def test_a_tip_wears_its_status(status: TipStatus, accent: Accent) -> None:
    content = make_content(status=status)
    for card in (tip_card(FRENCH, content), tip_fallback_card(FRENCH, content)):
        assert card.accent is accent
        assert card.title.endswith(FRENCH.word("tip-status", status))


def test_a_tip_that_became_a_fact_says_which() -> None:
    promoted = make_change(2, TipChangeKind.PROMOTED, text="7", before="new", after="confirmed")
    content = make_content(promoted, status=TipStatus.CONFIRMED)
    assert "**Fact logged:** no. 7 · <@301000000000000002>" in render(tip_card(ENGLISH, content)).description
    assert "**fact logged** no. 7" in render(tip_card(ENGLISH, content, is_whole=True)).fields[-1].value


def test_the_latest_notes_are_posted_and_the_others_counted() -> None:
    rendered = render(tip_card(FRENCH, make_content(*notes(7))))
    assert rendered.fields[0].name == "3 dernières notes sur 7"
    assert re.findall("note [0-9]", rendered.fields[0].value) == ["note 7", "note 6", "note 5"]
    assert as_read(rendered).count(POINTER) == 1


def test_nothing_is_said_to_be_shortened_where_nothing_is() -> None:
    assert "Abrégé" not in as_read(render(tip_card(FRENCH, make_content(*notes(3)))))


@pytest.mark.parametrize("text", ["mot " * 600, "ligne\n" * 20, "mot " * 900])
def test_a_long_text_is_shortened_where_it_is_posted_with_the_command_that_shows_it(text: str) -> None:
    rendered = render(tip_card(FRENCH, make_content(text=text)))
    quoted = [line for line in rendered.description.splitlines() if line.startswith("> ")]
    assert quoted[-1].endswith("…")
    assert len(quoted) <= 15
    assert as_read(rendered).count(POINTER) == 1


@pytest.mark.parametrize(
    "text",
    [" ".join(map(str, range(820))), "\n".join(map(str, range(820))), "*" + " ".join(map(str, range(820))) + "_"],
)
def test_who_asks_is_shown_the_longest_text_from_end_to_end(text: str) -> None:
    assert 3_100 < len(text) <= 4_000
    shown = as_read(render(tip_card(FRENCH, make_content(*notes(2), text=text), is_whole=True)))
    told = shown[: shown.index("# Suivi")]
    assert [int(number) for number in re.findall("[0-9]+", told.partition("\n")[2])] == list(range(820))
    assert "Abrégé" not in shown


def test_a_text_whose_signs_are_all_escaped_goes_on_in_fields() -> None:
    text = "_" * 2_500
    rendered = render(tip_card(FRENCH, make_content(text=text, origin=None, origin_url=None), is_whole=True))
    assert [field.name for field in rendered.fields] == ["Texte (suite)", "Suivi"]
    assert (rendered.description + rendered.fields[0].value).count("\\_") == 2_500


def test_more_than_a_message_holds_is_counted_and_said() -> None:
    shown = as_read(render(tip_card(FRENCH, make_content(*notes(400, "n" * 200)), is_whole=True)))
    told = len(re.findall(r"^> n+ \d+$", shown, re.MULTILINE))
    assert f"Et {400 - told} étapes plus anciennes" in shown
    assert "Abrégé : un message de Discord ne peut pas en montrer plus." in shown
    assert told > 5


def test_items_beyond_the_first_are_counted() -> None:
    rendered = render(tip_card(ENGLISH, make_content(items=[f"item {n}" for n in range(9)])))
    assert "**Watch items:** item 0, item 1, item 2, item 3, item 4 and 4 others" in rendered.description


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://a@b.example/", "https://x.example/" + "y" * 900, None])
def test_an_origin_that_is_no_safe_address_is_no_link(url: str | None) -> None:
    shown = as_read(render(tip_card(ENGLISH, make_content(origin_url=url))))
    assert "**How it came:** appel d'un agent\n" in shown


@pytest.mark.parametrize("sign", ["*", "\n_", "é ", "👩\u200d👧"])
def test_the_longest_texts_that_can_be_logged_fit(sign: str) -> None:
    longest = (sign * 4_000)[:4_000]
    changes = [make_change(n, TipChangeKind.NOTED, text=longest[:2_000]) for n in range(30)]
    names = [longest[:500]] * 30
    content = make_content(
        *changes,
        make_change(31, TipChangeKind.EDITED, text=longest[:500]),
        text=longest,
        origin=longest[:300],
        heard_typed=longest[:64],
        owner=MARC,
        items=names,
        dossiers=names,
    )
    for card in (tip_card(FRENCH, content), tip_card(FRENCH, content, is_whole=True)):
        rendered = render(card)
        assert_within_limits(rendered)
        assert not rendered.is_cut


SECRETS = ("caméras", "agent", "Valmarin", "Dossier X", "note", "discord.com", "301", "mardi")


@pytest.mark.parametrize("texts", [FRENCH, ENGLISH])
def test_a_tip_that_was_made_sensitive_leaves_its_number_and_its_code_only(texts: Texts) -> None:
    content = make_content(*notes(3), items=["Valmarin"], dossiers=["Dossier X"], is_sensitive=True, owner=MARC)
    hidden = hidden_tip_card(texts, 12, CODE)
    assert tip_card(texts, content) == tip_fallback_card(texts, content) == hidden
    assert not [secret for secret in SECRETS if secret in card_to_json(hidden)]
    assert not hidden.fields
    assert as_read(render(hidden)).splitlines() == (
        ["Tuyau n° 12", "Ce tuyau n\u2019est plus montré ici.", "réf. A7K3-92QF"]
        if texts is FRENCH
        else ["Tip 12", "This tip is no longer shown here.", "ref. A7K3-92QF"]
    )


def test_who_may_see_a_sensitive_tip_is_told_that_it_is() -> None:
    shown = as_read(render(tip_card(FRENCH, make_content(is_sensitive=True), is_whole=True)))
    assert shown.startswith("Tuyau n° 12 · nouveau · sensible\n> Les caméras")
    assert "**Sensible : visible seulement de qui l\u2019a noté" in shown


def test_that_a_tip_was_logged_is_said_once() -> None:
    logged = make_change(1, TipChangeKind.LOGGED)
    alone = as_read(render(tip_card(FRENCH, make_content(logged), is_whole=True)))
    assert ("Historique" in alone, alone.lower().count("noté")) == (False, 1)
    assert "Historique" in as_read(render(tip_card(FRENCH, make_content(logged, *notes(1)), is_whole=True)))


def test_a_card_without_an_announcement_has_no_code() -> None:
    assert tip_card(FRENCH, make_content(code=None), is_whole=True).footer == ""
    assert tip_card(FRENCH, make_content(code=None, revision=3), is_whole=True).footer == "version 3"


def test_the_fallback_of_a_tip_is_short_and_says_where_to_read_on() -> None:
    rendered = render(tip_fallback_card(FRENCH, make_content(text="é *" * 1_000)))
    assert rendered.units() < 700
    assert rendered.fields == ()
    assert rendered.description.endswith("En entier\u00a0: /tuyau voir tuyau:12")
    assert rendered.footer == "réf.\u00a0A7K3-92QF"


DATES = st.sampled_from(["2026-11-17", "2026", "2026-W10", "2020-11-mid", "2026-11-17T18:30+01:00"])


@st.composite
def hostile_tips(draw: st.DrawFn) -> TipContent:
    text = HOSTILE_PIECES
    heard = draw(st.one_of(st.none(), DATES))
    tip = make_tip(
        text=draw(text),
        origin=draw(st.one_of(st.none(), text)),
        origin_url=draw(st.one_of(st.none(), text, text.map("https://ville.example/".__add__))),
        heard=heard,
        heard_typed=draw(text) if heard else None,
        status=draw(st.sampled_from(TipStatus)),
        owner=draw(st.sampled_from([None, MARC])),
        revision=draw(st.integers(1, 10**6)),
        is_sensitive=draw(st.booleans()),
    )
    change = st.builds(
        make_change,
        st.integers(1, 20),
        st.sampled_from(TipChangeKind),
        text=st.one_of(st.none(), text),
        before=st.sampled_from(["new", None, "301000000000000003"]),
        after=st.sampled_from(["301000000000000003", str(tip.status)]),
    )
    changes = draw(st.lists(change, max_size=6)) * draw(st.sampled_from([1, 1, 20]))
    changes = [change for change in changes if change.kind is not TipChangeKind.ASSIGNED or str(change.after).isdigit()]
    changes = [
        dataclasses.replace(change, after="2031-05-12T16:00:00+00:00")
        if change.kind is TipChangeKind.EMBARGOED
        else change
        for change in changes
    ]
    names = st.lists(text, max_size=12)
    return TipContent(tip=tip, items=draw(names), dossiers=draw(names), changes=changes, code=CODE)


@settings(max_examples=25)
@given(hostile_tips())
def test_a_hostile_tip_gives_cards_within_limits_with_nothing_cut_unsaid_and_nothing_live(content: TipContent) -> None:
    for card in (tip_card(FRENCH, content), tip_card(FRENCH, content, is_whole=True)):
        rendered = render(card)
        assert_within_limits(rendered)
        assert not rendered.is_cut
        assert_nothing_live(rendered, links=1)
        assert rendered.footer.endswith(CODE)
        assert rendered.url is None


@settings(max_examples=25)
@given(hostile_tips())
def test_a_hostile_tip_gives_a_fallback_with_nothing_live(content: TipContent) -> None:
    rendered = render(tip_fallback_card(ENGLISH, content))
    assert_within_limits(rendered)
    assert rendered.units() <= 1_000
    assert_nothing_live(rendered)
    assert rendered.footer.endswith(CODE)


@settings(max_examples=25)
@given(hostile_tips())
def test_a_hostile_tip_cannot_move_the_cursor_of_a_terminal(content: TipContent) -> None:
    assert_drawn_harmlessly(tip_card(FRENCH, content, is_whole=True))


def test_a_terminal_shows_a_tip_without_markup() -> None:
    shown = in_terminal(tip_card(FRENCH, CHECKED))
    assert "│ Les caméras sont arrivées" in shown
    assert "@301000000000000002" in shown
    assert not re.search(r"<@|\*\*|^> ", shown, re.MULTILINE)
