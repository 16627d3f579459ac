"""One edit in a long word of a name: the index against brute force, and where an edit is no misspelling."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matching import Matcher
from bot.matching.officials.given_names import given_names
from bot.matching.terms import LEAST_MISSPELT
from bot.matching.words.ordinary_words import ordinary_words, proper_names
from bot.matching.words.typos import Misspellings, Neighbours, Spellings
from bot.models import ItemKind, Notice, Tier, WatchItem

names = st.lists(st.text("abc", min_size=LEAST_MISSPELT - 2, max_size=LEAST_MISSPELT + 4), max_size=12)
asked = st.text("abc", min_size=LEAST_MISSPELT - 2, max_size=LEAST_MISSPELT + 5)


def is_one_edit(first: str, second: str) -> bool:
    """Return whether a letter more, less or another, or a swap of neighbours, makes one word of the other."""
    places = range(max(len(first), len(second)))
    less = any(first[:at] + first[at + 1 :] == second for at in places)
    more = any(second[:at] + second[at + 1 :] == first for at in places)
    other = len(first) == len(second) and any(
        first[:at] == second[:at] and first[at + 1 :] == second[at + 1 :] for at in places
    )
    swapped = any(
        first[:at] + first[at + 1 : at + 2] + first[at] + first[at + 2 :] == second for at in range(len(first))
    )
    return first != second and (less or more or other or swapped)


def brute_force(words: list[str], word: str) -> tuple[str, ...]:
    return tuple(sorted({one for one in words if len(one) >= LEAST_MISSPELT and is_one_edit(word, one)}))


@given(names, asked)
def test_the_index_finds_what_comparing_with_every_word_finds(words: list[str], word: str) -> None:
    index = Neighbours(words)
    wanted = brute_force(words, word)
    assert index.of(word) == wanted
    assert not wanted or index.possible([word.encode()]) == [word.encode()]


@given(st.text("abcdef", min_size=LEAST_MISSPELT, max_size=12), st.data())
def test_every_edit_of_a_word_is_found_wherever_it_falls(name: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(name) - 1))
    letter = data.draw(st.sampled_from("abcxyz"))
    edited = data.draw(
        st.sampled_from(
            [
                name[:at] + name[at + 1 :],
                name[:at] + letter + name[at:],
                name[:at] + letter + name[at + 1 :],
                name[:at] + name[at + 1 : at + 2] + name[at] + name[at + 2 :],
            ]
        )
    )
    index = Neighbours([name])
    assert index.of(edited) == (() if edited == name else (name,))
    assert edited == name or index.possible([edited.encode()])


def test_words_in_letters_of_several_bytes_are_compared_by_letters() -> None:
    index = Neighbours(["\u05d0\u05d1\u05d2\u05d3\u05d4\u05d5\u05d6\u05d7"])
    edited = "\u05d0\u05d1\u05d2\u05d4\u05d3\u05d5\u05d6\u05d7"
    assert index.possible([edited.encode()])
    assert len(index.of(edited)) == 1


def test_a_word_of_seven_letters_has_no_neighbour() -> None:
    assert Neighbours(["corvoyx"]).of("corvoyz") == ()


def sealed(terms: dict[int, list[tuple[str, str]]]) -> Misspellings:
    seen = Misspellings()
    for number, words in terms.items():
        seen.add(number, words)
    seen.seal()
    return seen


def ranks(seen: Misspellings, scanned: bytes) -> dict[int, list[tuple[int, str]]]:
    return seen.find(scanned, seen.near(scanned.split()))


def test_the_words_of_many_notices_are_remembered_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.matching.words.typos._MOST_REMEMBERED", 10)
    seen = sealed({3: [("valmarin", "")]})
    for number in range(100):
        assert seen.near([f"nothing{number}".encode(), b"here"]) == {}
        assert len(seen._plain) <= 10
    assert ranks(seen, b" here valmarim nothing1 ") == {3: [(1, "valmarin")]}
    assert ranks(seen, b" valmarim ") == {3: [(0, "valmarin")]}


def test_a_misspelt_word_concerns_only_names_of_which_another_word_stands_near() -> None:
    seen = sealed({number: [("technologies", f"valmarin{number}")] for number in range(50)})
    assert ranks(seen, b" valmarin7 technologeis ") == {7: [(1, "technologies")]}
    assert ranks(seen, b" technologeis ") == {}
    assert ranks(seen, b" valmarin7 a b c d e f g technologeis ") == {}


def test_every_word_of_a_long_name_may_be_misspelt() -> None:
    name = "Valmarine Territoires Ultramarins Cohésion Numérique Développement Agricultures Pastorales"
    words = name.split()
    for place, word in enumerate(words):
        text = " ".join([*words[:place], f"{word[:3]}q{word[3:]}", *words[place + 1 :]])
        assert tiers(Matcher([item(ItemKind.COMPANY, name)]), Notice(id="n", text=text)) == [
            (name, Tier.WEAK, "one_edit")
        ], text


def item(kind: ItemKind, name: str, **more: object) -> WatchItem:
    return WatchItem(kind=kind, name=name, **more)  # type: ignore[arg-type]


VALMARIN = item(ItemKind.COMPANY, "Valmarin")


def tiers(matcher: Matcher, notice: Notice) -> list[tuple[str, Tier, str]]:
    return [(hit.term, hit.tier, hit.rule) for hit in matcher.find(notice)]


FOUND = [("Valmarin", Tier.WEAK, "one_edit")]


@pytest.mark.parametrize("written", ["valmarim", "Valmarim", "VALMARIM"])
@pytest.mark.parametrize("fields", [{"text": "la société {}"}, {"title": "Marché", "buyer": "{}"}])
def test_where_a_name_can_stand_an_edit_is_forgiven_in_any_case(written: str, fields: dict[str, str]) -> None:
    said: dict[str, Any] = {field: text.format(written) for field, text in fields.items()}
    notice = Notice(id="n", **said)
    assert tiers(Matcher([VALMARIN]), notice) == FOUND


@pytest.mark.parametrize("field", ["suppliers", "people"])
def test_lists_of_names_forgive_an_edit_in_small_letters(field: str) -> None:
    notice = Notice(id="n", title="Marché", **{field: ("un autre", "valmarim")})  # type: ignore[arg-type]
    assert tiers(Matcher([VALMARIN]), notice) == FOUND


@pytest.mark.parametrize(("written", "found"), [("valmarim", []), ("Valmarim", FOUND), ("VALMARIM", FOUND)])
def test_in_running_text_the_misspelt_word_needs_a_capital(written: str, found: list[object]) -> None:
    notice = Notice(id="n", title="Attribution d'un marché", text=f"attribué à {written} ce jour")
    assert tiers(Matcher([VALMARIN]), notice) == found


def test_a_spelling_that_stored_notices_use_regularly_is_another_name() -> None:
    notice = Notice(id="n", text="la société Valmarim")
    asked_for: list[str] = []

    def known(word: str) -> bool:
        asked_for.append(word)
        return True

    assert tiers(Matcher([VALMARIN], known=known), notice) == []
    assert tiers(Matcher([VALMARIN], known=lambda _: False), notice) == FOUND
    assert asked_for == ["valmarim"]


def test_the_stored_notices_are_not_asked_about_a_word_that_stands_beside_nothing_of_the_name() -> None:
    def known(word: str) -> bool:
        raise AssertionError(word)

    notice = Notice(id="n", text="la société Valmarim Défense")
    assert tiers(Matcher([item(ItemKind.COMPANY, "Valmarin Sécurité")], known=known), notice) == []


@pytest.mark.parametrize(
    "other",
    [
        item(ItemKind.COMPANY, "Valmarim Défense"),
        item(ItemKind.COMPANY, "Autre", aliases=("Valmarim",)),
        item(ItemKind.OFFICIAL, "Paul Valmarim"),
    ],
    ids=["name", "alias", "official"],
)
def test_a_word_of_another_watch_item_is_another_name(other: WatchItem) -> None:
    hits = Matcher([VALMARIN, other]).find(Notice(id="n", text="la société Valmarim"))
    assert [hit for hit in hits if hit.term == "Valmarin"] == []


def test_the_watch_items_of_another_newsroom_change_nothing() -> None:
    mine = item(ItemKind.COMPANY, "Valmarin", guild_id=1)
    theirs = item(ItemKind.COMPANY, "Valmarim Défense", guild_id=2)
    assert tiers(Matcher([mine, theirs]), Notice(id="n", text="la société Valmarim")) == FOUND


@pytest.mark.parametrize("text", ["Valmarim, puis Valmarin", "Valmarin, puis Valmarim"])
def test_the_exact_name_outranks_its_misspelling_and_both_are_counted(text: str) -> None:
    [hit] = Matcher([VALMARIN]).find(Notice(id="n", text=text))
    assert (hit.tier, hit.matched, hit.count) == (Tier.EXACT, "Valmarin", 2)


def test_a_capital_in_one_place_proves_nothing_of_small_letters_in_another() -> None:
    [hit] = Matcher([VALMARIN]).find(Notice(id="n", title="Marché de Valmarim", text="celui de valmarim"))
    assert (hit.field, hit.count) == ("title", 1)


def test_thousands_of_misspelt_words_are_looked_at_only_so_often() -> None:
    [hit] = Matcher([VALMARIN]).find(Notice(id="n", text="Valmarim " * 5000))
    assert (hit.tier, hit.start, hit.count) == (Tier.WEAK, 0, 200)


def lines_of(name: str) -> list[str]:
    return files("bot.matching.words").joinpath(name).read_text("utf-8").splitlines()


@pytest.mark.parametrize("name", ["names_fr.txt", "names_en.txt", "names_more.txt"])
def test_the_lists_of_proper_names_are_folded_long_and_nothing_that_another_list_has(name: str) -> None:
    groups = [line.split(" ") for line in lines_of(name) if line and not line.startswith("#")]
    names = [beginning + rest for beginning, *rests in groups for rest in rests]
    assert names == sorted(set(names))
    assert all(one.isascii() and one.isalpha() and one.islower() for one in names)
    assert min(map(len, names)) == LEAST_MISSPELT - 1
    assert [one for one in names if one in ordinary_words() or one in given_names()] == []
    assert all(one in proper_names() for one in names)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("names_fr.txt", ["Derived from", "Dicollecte", "Copyright", "Mozilla Public License"]),
        ("names_en.txt", ["Derived from", "SCOWL", "Copyright", "Kevin Atkinson", "WordNet", "Geoff Kuenning"]),
        ("names_more.txt", ["Compiled for this project"]),
    ],
)
def test_the_lists_of_proper_names_say_where_they_come_from(name: str, said: list[str]) -> None:
    header = "\n".join(line for line in lines_of(name) if line.startswith("#"))
    assert [one for one in said if one not in header] == []


@pytest.mark.parametrize("word", ["valmarin", "halvoris", "marquavel", "brandelin", "paris", "marseil", ""])
def test_an_invented_name_a_short_one_and_a_part_of_one_are_no_proper_names(word: str) -> None:
    assert word not in proper_names()


def test_the_stored_notices_are_asked_once_about_a_word_however_often_and_for_whom_it_stands() -> None:
    asked_for: list[str] = []

    def known(word: str) -> bool:
        asked_for.append(word)
        return False

    rooms = [item(ItemKind.COMPANY, "Halvoris Technologies", guild_id=room) for room in range(20)]
    hits = Matcher(rooms, known).find(Notice(id="n", text="Halvorix Technologies. " * 100))
    assert len(hits) == len(rooms)
    assert asked_for == ["halvorix"]


def test_the_stored_notices_are_asked_again_after_some_notices() -> None:
    asked_for: list[str] = []

    def known(word: str) -> bool:
        asked_for.append(word)
        return len(asked_for) > 1

    matcher = Matcher([VALMARIN], known)
    found = [bool(matcher.find(Notice(id="n", text="la société Valmarim"))) for _ in range(300)]
    assert found[0]
    assert not found[-1]
    assert len(asked_for) < 10


def test_answers_are_remembered_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.matching.words.typos._MOST_ANSWERS", 10)
    spellings = Spellings([], lambda _: False)
    assert not any(spellings.is_name(f"valmarin{number}", 1) for number in range(100))
    assert len(spellings._answers) <= 10


def test_runs_of_letters_that_are_no_words_are_not_remembered() -> None:
    seen = sealed({3: [("valmarin", "")]})
    assert seen.near([b"x" * 10_000, b"nothing"]) == {}
    assert seen._plain == {b"nothing"}
