"""Names of people: how a typed one is read, and which names of a text are that person's."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.matching import Matcher
from bot.matching.officials.given_names import given_names, men, women
from bot.matching.officials.official import Official, official
from bot.matching.officials.person_names import PersonName, read_person
from bot.matching.terms import Pattern, Place, Reading
from bot.matching.text.typed import read_words
from bot.models import Hit, ItemKind, Notice, Tier, WatchItem

MOST_PATTERNS = 12
WORDS = [
    "Paul",
    "PAUL",
    "pierre",
    "Corvoy",
    "CORVOY",
    "corvoy",
    "Anne",
    "de",
    "la",
    "d'",
    "M.",
    "P.",
    "née",
    "et",
    "Lanthier",
    "(",
]
SIGNS = [" ", ", ", "-", "\n", " (", ") ", ". ", " ; ", "'", ""]


def parts(name: PersonName) -> tuple[str, str, str]:
    return " ".join(name.given), " ".join(name.particles), " ".join((name.head, *name.family)).strip()


@pytest.mark.parametrize(
    ("typed", "given_name", "particles", "family"),
    [
        ("M. le préfet Paul Corvoy", "paul", "", "corvoy"),
        ("Mme Anne CORVOY, directrice", "anne", "", "corvoy"),
        ("Paul Corvoy (maire)", "paul", "", "corvoy"),
        ("Corvoy (Paul)", "paul", "", "corvoy"),
        ("Corvoy, Paul", "paul", "", "corvoy"),
        ("de La Tourvane, Anne", "anne", "de la", "tourvane"),
        ("LE PEN Marine", "marine", "le", "pen"),
        ("Le Pen Marine", "marine", "le", "pen"),
        ("Jan Van den Berghe", "jan", "van den", "berghe"),
        ("Van den Berghe Jan", "jan", "van den", "berghe"),
        ("Jean d'Ormevoy", "jean", "d", "ormevoy"),
        ("Conan O'Brien", "conan", "", "o brien"),
        ("N'DIAYE Awa", "awa", "", "n diaye"),
        ("Kylian M'Bappé", "kylian", "", "m bappe"),
        ("José Ortega y Gasset", "jose", "", "ortega y gasset"),
        ("Pedro Sánchez Pérez-Castejón", "pedro", "", "sanchez perez castejon"),
        ("Marie Anne Corvoy", "marie anne", "", "corvoy"),
        ("Marie-Anne Corvoy-Lanthier", "marie anne", "", "corvoy lanthier"),
        ("Mohammed bin Salman al Saud", "mohammed", "bin", "salman al saud"),
        ("Juvigny STÉPHANE", "stephane", "", "juvigny"),
        ("JP Corvoy", "jp", "", "corvoy"),
        ("CORVOY PAUL", "paul", "", "corvoy"),
        ("Kenzo Martin", "kenzo", "", "martin"),
        ("Anne Corvoy née Lanthier", "anne", "", "corvoy"),
    ],
)
def test_a_typed_name_is_read_into_its_parts(typed: str, given_name: str, particles: str, family: str) -> None:
    assert parts(read_person(typed)[0]) == (given_name, particles, family)


@pytest.mark.parametrize("typed", ["Corvoy", "M. Corvoy", "Le Pen", "de Gaulle", "Corvoy, préfet"])
def test_a_family_name_alone_has_no_given_name(typed: str) -> None:
    assert read_person(typed)[0].given == ()


def test_a_name_at_birth_is_a_second_reading_of_the_same_person() -> None:
    married, born = read_person("Mme Anne CORVOY née LANTHIER")
    assert (parts(married)[2], parts(born)[2], born.given, born.birth) == ("corvoy", "lanthier", ("anne",), True)


@pytest.mark.parametrize(
    "typed",
    [
        "Paul Corvoy",
        "Anne de la Tourvane",
        "Mohammed bin Salman bin Abdulaziz al Saud",
        "Maria de Lurdes Rodrigues Corvoy",
        "Jean-Paul de Saint-Martin-Corvoy d'Ormevoy",
    ],
)
def test_a_person_costs_few_patterns(typed: str) -> None:
    assert len(official(typed).patterns) <= MOST_PATTERNS


@given(st.text(max_size=40) | st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join))
def test_any_typed_name_is_read(typed: str) -> None:
    if read_words(typed):
        assert all(name.family or name.given for name in official(typed).names)


def find(name: str, **fields: object) -> list[Hit]:
    return Matcher([WatchItem(kind=ItemKind.OFFICIAL, name=name)]).find(Notice(id="n", **fields))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "text", "matched"),
    [
        ("Jean d'Ormevoy", "vu par d'Ormevoy, Jean", "d'Ormevoy, Jean"),
        ("Anne de la Tourvane", "vu par DE LA TOURVANE Anne", "DE LA TOURVANE Anne"),
        ("Awa N'Diaye", "vu par N\u2019DIAYE Awa", "N\u2019DIAYE Awa"),
        ("Marine Le Vroy", "vu par Mme Le Vroy", "Le Vroy"),
        ("Myriam El Corvoy", "vu par EL-CORVOY Myriam", "EL-CORVOY Myriam"),
        ("Anne Lanthier", "vu par Anne Corvoy (née Lanthier).", "Anne Corvoy (née Lanthier"),
    ],
)
def test_the_matched_words_are_the_whole_name(name: str, text: str, matched: str) -> None:
    assert [hit.matched for hit in find(name, text=text)] == [matched]


@pytest.mark.parametrize(
    "people",
    [("Anne Corvoy", "Paul Martin"), ("CORVOY Anne", "MARTIN Paul"), ("Corvoy, Anne", "Martin, Paul")],
    ids=["given first", "capitals", "comma"],
)
@pytest.mark.parametrize("joint", [", ", " ; ", " et ", "\n", " / ", " - "])
def test_a_list_of_people_makes_nobody_of_the_parts_of_two(people: tuple[str, str], joint: str) -> None:
    for first, second in itertools.permutations(people):
        text = first + joint + second
        assert not find("Paul Corvoy", text=text), text
        assert not find("Anne Martin", text=text) or "MARTIN" not in text, text
        assert find("Anne Corvoy", text=text), text
        assert find("Paul Martin", text=text), text


@pytest.mark.parametrize("field", ["title", "text", "buyer", "suppliers"])
def test_a_family_name_alone_counts_only_in_a_field_of_people(field: str) -> None:
    value = ("Corvoy",) if field == "suppliers" else "Corvoy"
    assert not find("Paul Corvoy", **{field: value})
    [hit] = find("Paul Corvoy", people=("Corvoy",))
    assert (hit.tier, hit.rule, hit.field) == (Tier.WEAK, "family_name", "people[0]")


def test_a_name_never_reaches_from_one_element_of_a_list_into_the_next() -> None:
    assert not [hit for hit in find("Paul Corvoy", people=("Paul", "Corvoy Luc")) if hit.tier is not Tier.WEAK]


@pytest.mark.parametrize("text", ["un marchand de {}", "marchand {} ", "le {} marchand, "])
def test_an_ordinary_word_in_small_letters_is_no_family_name_however_often_it_stands_there(text: str) -> None:
    assert not find("Paul Marchand", text=text.format("Paul") * 2000)


def test_a_name_of_ordinary_words_is_found_beside_the_words_that_make_it() -> None:
    [hit] = find("Pierre Blanc", text="un mur de pierre blanc, dit M. Pierre Blanc, est en pierre blanc")
    assert (hit.tier, hit.start, hit.count) == (Tier.EXACT, 31, 1)


def test_the_common_given_names_are_folded_and_told_apart() -> None:
    assert all(name.isascii() and name.isalpha() and name.islower() for name in given_names())
    assert {"paul", "marie", "camille"} <= given_names()
    assert "paul" in men()
    assert "marie" in women()
    assert "camille" not in men() | women()


@given(st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(SIGNS)), max_size=12))
def test_no_text_makes_a_name_fail_and_what_is_found_holds_a_family_name(pairs: list[tuple[str, str]]) -> None:
    text = "".join(word + sign for word, sign in pairs)
    items = [
        WatchItem(kind=ItemKind.OFFICIAL, name=name)
        for name in (
            "Paul Corvoy",
            "Pierre Corvoy",
            "Anne de la Corvoy",
            "Jean-Paul d'Corvoy",
            "P. Corvoy",
            "Anne Corvoy née Lanthier",
        )
    ]
    for hit in Matcher(items).find(Notice(id="n", text=text)):
        assert text[hit.start : hit.end] == hit.matched
        assert "corvoy" in hit.matched.casefold() or "lanthier" in hit.matched.casefold()


@pytest.mark.parametrize(
    ("typed", "text"),
    [("Paul M.", "Une subvention à M. Dupont"), ("Jean M", "remis à M. Martin, maire"), ("Paul M.", "Il y a M. X")],
)
def test_monsieur_before_another_is_no_family_name_of_one_letter(typed: str, text: str) -> None:
    assert Matcher([WatchItem(kind=ItemKind.OFFICIAL, name=typed)]).find(Notice(id="n", text=text)) == []


NEAR_CORVOY = [
    *("Paul", "Anne", "Pierre", "P.", "J.-P.", "JP", "J", "Jean-Paul", "Jean", "JeanPaul", "M.", "Mme", "née", "de"),
    *("Corvoy", "CORVOY", "Corvoy", "Corvoy-Martin", "la", "\n", ",", ";", "d'", "le maire", "Пауль", "mot " * 12),
]


@settings(max_examples=80)
@given(
    st.lists(st.sampled_from(NEAR_CORVOY), max_size=30).map(" ".join),
    st.sampled_from(["Paul Corvoy", "Jean-Paul Corvoy", "J.-P. Corvoy", "P. Corvoy", "Anne de la Corvoy", "Li Corvoy"]),
)
def test_no_place_of_a_person_is_left_out_where_the_family_name_stands_often(text: str, name: str) -> None:
    matcher = Matcher([WatchItem(kind=ItemKind.OFFICIAL, name=name)])
    notice = Notice(id="n", title="Liste", text=text, people=("Corvoy",))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.matching.officials.family_places._LEAST", 1_000)
        every = matcher.find(notice)
        patch.setattr("bot.matching.officials.family_places._LEAST", 0)
        assert matcher.find(notice) == every


def test_places_of_a_family_name_without_a_given_name_near_are_not_judged_one_by_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    judged: list[int] = []
    verify = Official.verify

    def counted(self: Official, reading: Reading, first: int, count: int, pattern: Pattern) -> Place | None:
        judged.append(first)
        return verify(self, reading, first, count, pattern)

    monkeypatch.setattr(Official, "verify", counted)
    matcher = Matcher([WatchItem(kind=ItemKind.OFFICIAL, name=f"{one} Corvoy") for one in ("Paul", "Anne")])
    [hit] = matcher.find(Notice(id="n", text="fin, " + "la Corvoy, " * 900 + "fin " * 12 + "avec Paul Corvoy"))
    assert (hit.matched, hit.count) == ("Paul Corvoy", 1)
    assert len(judged) == 1


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("Paul Corvoy", "P. Corvoy"),
        ("Paul Corvoy", "P. de la Corvoy"),
        ("Paul Corvoy", "Corvoy P."),
        ("Paul Corvoy", "Paul de la Corvoy"),
        ("Jean-Paul Corvoy", "JP Corvoy"),
        ("Jean-Paul Corvoy", "J.-P. Corvoy"),
        ("Jean-Paul Corvoy", "CORVOY Jeanpaul"),
        ("P. Corvoy", "Pierre Corvoy"),
        ("Paul Corvoy", "M. Corvoy"),
    ],
)
def test_one_place_that_counts_is_found_behind_many_that_do_not(typed: str, written: str) -> None:
    text = "fin, " + "la Corvoy, " * 20 + "fin " * 12 + f"chez {written} hier"
    matcher = Matcher([WatchItem(kind=ItemKind.OFFICIAL, name=typed)])
    hits = matcher.find(Notice(id="n", text=text))
    assert [(hit.start, hit.count) for hit in hits] == [(text.index(written) + 3 * written.startswith("M."), 1)]
