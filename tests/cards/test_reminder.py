"""The card of a reminder: numbers and never words, ten lines at most, within Discord's limits whatever it holds."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.cards import card_from_json, card_to_json, render
from bot.cards.reminder import ReminderContent, reminder_card
from bot.models import FactStatus, RemindedFact, RemindedTip, ReminderEnding, ReminderReason, TipStatus
from tests.cards.faces import CODE, ENGLISH, FRENCH, NOW, as_read, assert_nothing_live, assert_within_limits

GUILD = 301_000_000_000_000_009
URL = "https://discord.com/channels/301000000000000009/301000000000000008/301000000000000007"
ASKED = (ReminderReason.KEEP, ReminderReason.UNANSWERED, ReminderReason.WISH)
TIPS = tuple(reason for reason in ReminderReason if reason is not ReminderReason.CORRECTED)


def tip(number: int = 1, reason: ReminderReason = ReminderReason.REST, **said: object) -> RemindedTip:
    values: dict[str, object] = {
        "tip_id": number,
        "reason": reason,
        "status": TipStatus.CHECKING,
        "since": NOW - timedelta(days=14 + number),
        "held_by": 301_000_000_000_000_001,
        "wished_by": 301_000_000_000_000_002 if reason is ReminderReason.WISH else None,
    }
    return RemindedTip(**{**values, **said})  # type: ignore[arg-type]


def fact(number: int = 1) -> RemindedFact:
    return RemindedFact(
        fact_id=number,
        was=FactStatus.VERIFIED,
        status=FactStatus.LOGGED,
        revision=2,
        is_corrected=True,
        changed_at=NOW,
        url=URL,
    )


def content(*tips: RemindedTip, **said: object) -> ReminderContent:
    return ReminderContent(guild_id=GUILD, tips=tips, code=CODE, **said)  # type: ignore[arg-type]


@pytest.mark.parametrize("reason", TIPS)
def test_each_question_says_what_to_do(reason: ReminderReason) -> None:
    read = as_read(render(reminder_card(FRENCH, content(tip(reason=reason)))))
    assert f"# {FRENCH.word('reminder', reason, n=1)}".replace("\u00a0", " ").replace("\u202f", " ") in read
    assert "en vérification" in read or "vérif" in read


@pytest.mark.parametrize("reason", TIPS)
def test_only_whether_a_tip_is_kept_has_buttons(reason: ReminderReason) -> None:
    assert bool(reminder_card(FRENCH, content(tip(reason=reason))).buttons) == (reason in ASKED)


def test_a_plain_card_has_neither_links_nor_buttons() -> None:
    card = reminder_card(FRENCH, content(tip(reason=ReminderReason.KEEP, url=URL)), is_plain=True)
    assert (card.buttons, card.url) == ((), None)
    assert "http" not in card_to_json(card)


def test_ten_tips_are_named_and_the_others_counted() -> None:
    read = as_read(render(reminder_card(ENGLISH, content(*(tip(number) for number in range(1, 23))))))
    assert "Reminder: 22 tips await you" in read
    assert read.count("nothing since") == 10
    assert "and 12 more: /tip list" in read


def test_what_is_settled_is_struck_through_and_named_last() -> None:
    card = reminder_card(ENGLISH, content(tip(1, ending=ReminderEnding.CHANGED, ended_at=NOW), tip(2)))
    (field,) = card.fields
    assert [line[0].text.startswith("No. 2") for line in field.lines[:1]] == [True]
    assert "~~No. 1" in as_read(render(card))


@pytest.mark.parametrize(
    ("ending", "said"),
    [
        (ReminderEnding.KEPT, "~~n° 1 · en vérification · gardé le {date}~~"),
        (ReminderEnding.CHANGED, "~~n° 1 · en vérification · a bougé le {date}~~"),
        (ReminderEnding.ASKED_AGAIN, "~~n° 1 · en vérification · redemandé le {date}~~"),
        (ReminderEnding.ERASED, "n° 1 · effacé"),
    ],
)
def test_a_line_that_waits_no_longer_says_how_and_when(ending: ReminderEnding, said: str) -> None:
    read = as_read(render(reminder_card(FRENCH, content(tip(ending=ending, ended_at=NOW), tip(2)))))
    assert said.format(date=FRENCH.date(NOW)) in read
    assert "rien depuis" not in read.split("n° 1")[1].split("\n")[0]


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (1, ("il dit n", "Plus personne pour le suivre", "Confiez-le")),
        (2, ("ils disent n", "Plus personne pour les suivre", "Confiez-les")),
    ],
)
def test_one_tip_and_several_are_said_as_such(number: int, said: tuple[str, ...]) -> None:
    tips = [tip(each + 1, ReminderReason.LEFT) for each in range(number)]
    read = as_read(render(reminder_card(FRENCH, content(*tips))))
    assert [part in read for part in said] == [True] * len(said)


def test_the_server_of_the_newsroom_is_named() -> None:
    card = reminder_card(FRENCH, content(tip(), newsroom="La Rédaction"))
    assert card.footer == f"La Rédaction · réf.\u00a0{CODE}"


def test_in_a_channel_each_tip_names_who_holds_it() -> None:
    read = as_read(render(reminder_card(ENGLISH, content(tip(), is_private=False))))
    assert "<@301000000000000001>" in read
    assert "<@" not in as_read(render(reminder_card(ENGLISH, content(tip()))))


@pytest.mark.parametrize("is_plain", [True, False])
def test_the_fullest_reminder_is_within_limits_with_nothing_live(*, is_plain: bool) -> None:
    tips = [tip(number, TIPS[number % len(TIPS)], url=URL, tip_id=10**17 + number) for number in range(40)]
    facts = [fact(10**17 + number) for number in range(40)]
    for made in (content(*tips), ReminderContent(guild_id=GUILD, facts=facts, exported_at=NOW, code=CODE)):
        for texts in (FRENCH, ENGLISH):
            rendered = render(reminder_card(texts, made, is_plain=is_plain))
            assert not rendered.is_cut
            assert_within_limits(rendered)
            assert_nothing_live(rendered, links=10)


def test_a_fact_is_said_as_it_was_and_as_it_is() -> None:
    made = ReminderContent(guild_id=GUILD, facts=[fact(12)], exported_at=NOW, code=CODE)
    read = as_read(render(reminder_card(ENGLISH, made)))
    assert "1 fact that you exported has changed" in read
    assert "holds a version that no longer stands" in read
    assert "logged, not verified, version 2 (before: verified)" in read


def test_a_reminder_is_kept_and_read_again() -> None:
    card = reminder_card(FRENCH, content(tip(reason=ReminderReason.KEEP)))
    assert card_from_json(card_to_json(card)) == card
