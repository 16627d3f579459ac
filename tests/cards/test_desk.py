"""Who has a notice, as its card says it."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.cards import GIVE_BACK, TAKE, Card, CardKind, ShownTake, desk_buttons, render, taken_lines
from bot.locales import Language, Texts

FRENCH = Texts(Language.FR, ZoneInfo("Europe/Paris"))
ENGLISH = Texts(Language.EN, ZoneInfo("Europe/Paris"))
AT = datetime(2026, 11, 22, 7, 5, tzinfo=UTC)
LATER = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def told(*takes: ShownTake, texts: Texts = FRENCH) -> list[str]:
    lines = tuple(taken_lines(texts, takes))
    return render(Card(kind=CardKind.ANNOUNCEMENT, title="T", body=lines)).description.splitlines()


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (FRENCH, "**Pris par** <@7> **depuis le 22 novembre 2026 à 08:05**"),
        (ENGLISH, "**Taken by** <@7> **since 22 November 2026 at 08:05**"),
    ],
)
def test_who_has_it_is_named_with_the_moment_in_the_newsrooms_time(texts: Texts, words: str) -> None:
    assert told(ShownTake(None, 7, AT), texts=texts) == [words]


def test_the_year_is_left_out_beside_a_date_of_the_same_one_that_the_card_gives_in_full() -> None:
    take = ShownTake(None, 7, AT)
    [same], [other] = (tuple(taken_lines(FRENCH, [take], near)) for near in (AT.date(), AT.date().replace(year=2027)))
    assert ("2026" in same[-1].text, "2026" in other[-1].text) == (False, True)


def test_of_several_items_those_of_one_press_stand_in_one_line() -> None:
    takes = (ShownTake("Axon", 7, AT), ShownTake("Drone", 7, AT), ShownTake("Motorola", 8, LATER))
    assert told(*takes) == [
        "**Pris par** <@7> **depuis le 22 novembre 2026 à 08:05\u00a0: Axon et Drone**",
        "**Pris par** <@8> **depuis le 23 novembre 2026 à 10:00\u00a0: Motorola**",
    ]


def test_of_many_the_first_are_named_and_the_others_counted() -> None:
    assert told(*(ShownTake("Axon", person, AT) for person in range(1, 6)))[3:] == ["2 autres"]
    [line] = told(*(ShownTake(f"A{number}", 7, AT) for number in range(1, 9)))
    assert line.endswith("A1, A2, A3, A4, A5 et 3 autres**")


def test_the_name_of_an_item_is_cleaned() -> None:
    assert "\\*\\*" in told(ShownTake("**Axon** <@9>", 7, AT))[0]
    assert "<@9>" not in told(ShownTake("**Axon** <@9>", 7, AT))[0]


@pytest.mark.parametrize(("is_taken", "action"), [(False, TAKE), (True, GIVE_BACK)])
def test_once_nothing_is_left_to_take_the_button_gives_back(action: str, *, is_taken: bool) -> None:
    assert desk_buttons(FRENCH, "A7K3-92QF", is_taken=is_taken)[1].action == action


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (FRENCH, "<@8> suit cette procédure pour un autre élément"),
        (ENGLISH, "<@8> has this procedure for another item"),
    ],
)
def test_who_has_it_for_an_item_of_another_channel_is_told_without_that_item(texts: Texts, words: str) -> None:
    [own, other] = told(ShownTake(None, 7, AT), *2 * (ShownTake(None, 8, AT, is_elsewhere=True),), texts=texts)
    assert "<@7>" in own
    assert other == words


def test_those_who_have_it_elsewhere_are_counted_with_the_others() -> None:
    takes = [ShownTake(None, person, AT, is_elsewhere=person > 2) for person in range(1, 7)]
    assert told(*takes)[2:] == ["<@3> suit cette procédure pour un autre élément", "3 autres"]
