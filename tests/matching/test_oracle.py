"""The engine against the oracle, on random items and texts made to collide; and on whatever Unicode holds."""

from __future__ import annotations

import dataclasses
import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import QueryError
from bot.matching import Matcher, check
from bot.models import Hit, ItemKind, Notice, Tier, WatchItem
from tests.matching.oracle import PLURALS, Oracle, field_names

NAMES = ["Valmarin", "Valmarine", "Valm", "Arin", "Corvoy", "Corvoyer", "Lanthier", "Ostrevane", "Tarvenne"]
WORDS = [
    *PLURALS,
    *PLURALS.values(),
    *NAMES,
    *("télé", "pilotage", "procès", "process", "été", "œuvre", "oeuvre", "IA", "ia", "Ia"),
    *("中标", "дом", "λόγος", "Police", "SAS", "sarl", "et", "and", "des", "une", "Paul", "Anne", "porti", "camera"),
]
GAPS = [*[" "] * 12, "\n", "\u00a0", "&nbsp;", "-", "\u2011", "-\n", "<br>", "</p><p>", ", ", ". ", " / ", "  ", "\x1f"]


def entity(word: str) -> str:
    return f"{word[:1]}&#{ord(word[1])};{word[2:]}" if len(word) > 1 else word


DRESSES = [
    *[str] * 6,
    str.upper,
    str.capitalize,
    entity,
    lambda word: f"{word[:2]}\u00ad{word[2:]}" if len(word) > 2 else word,
    lambda word: f"{word[:1]}\u200b{word[1:]}" if len(word) > 1 else word,
    lambda word: f"<b>{word[:2]}</b>{word[2:]}",
    lambda word: f"<em>{word}</em>",
    lambda word: unicodedata.normalize("NFD", word),
    lambda word: f"l'{word}",
    lambda word: f"qu\u2019{word}",
    lambda word: f"d&#39;{word}",
    lambda word: word.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)}),
    lambda word: f"x{word}",
    lambda word: f"{word}x",
]


def passages_of(words: list[str]) -> st.SearchStrategy[str]:
    dressed = st.builds(lambda word, dress: dress(word), st.sampled_from(words), st.sampled_from(DRESSES))
    return st.lists(st.tuples(dressed, st.sampled_from(GAPS)), max_size=25).map(
        lambda pairs: "".join(word + gap for word, gap in pairs)
    )


def notices_of(passages: st.SearchStrategy[str]) -> st.SearchStrategy[Notice]:
    return st.builds(
        lambda title, text, buyer, suppliers: Notice(id="n", title=title, text=text, buyer=buyer, suppliers=suppliers),
        passages,
        passages,
        st.none() | passages,
        st.lists(passages, max_size=2).map(tuple),
    )


asked_words = st.sampled_from([word for word in WORDS if len(word) > 3 and word[0].islower()])
phrases = st.lists(asked_words, min_size=1, max_size=3).map(" ".join) | st.sampled_from(
    ["caméra-piéton", "vidéo surveillance", "télé-pilotage", "marché public", '"marché public"']
)
operands = st.one_of(
    phrases,
    asked_words.map(lambda word: f"{word[:4]}*"),
    st.sampled_from(["=Police", "=police", "=été", "=IA"]),
    st.just("IA"),
)
queries = st.one_of(
    operands,
    operands,
    st.lists(operands, min_size=2, max_size=3).map(" OU ".join),
    st.tuples(operands, st.sampled_from([" ET ", " SAUF "]), operands).map("".join),
    st.tuples(asked_words, st.sampled_from([" NEAR/1 ", " NEAR/3 "]), asked_words).map("".join),
)
companies = st.tuples(
    st.sampled_from(["", "", "SAS "]),
    st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True),
    st.sampled_from([" ", " ", " et "]),
    st.sampled_from(["", "", " SAS", " GmbH"]),
).map(lambda parts: f"{parts[0]}{parts[2].join(parts[1])}{parts[3]}")
officials = st.tuples(st.sampled_from(["Paul", "Anne"]), st.sampled_from(["Corvoy", "Lanthier", "Tarvenne"]))
names = {
    ItemKind.KEYWORD: queries,
    ItemKind.COMPANY: companies,
    ItemKind.OFFICIAL: officials.map(" ".join),
}
items = st.sampled_from(ItemKind).flatmap(
    lambda kind: st.builds(
        lambda name, aliases, any_of, none_of: WatchItem(
            kind=kind, name=name, aliases=tuple(aliases), any_of=tuple(any_of), none_of=tuple(none_of)
        ),
        names[kind],
        st.lists(names[kind], max_size=1),
        st.just(()) | st.lists(operands, max_size=2),
        st.just(()) | st.lists(operands, max_size=1),
    )
)


def _is_right(item: WatchItem) -> bool:
    try:
        check(item)
    except QueryError:
        return False
    return True


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[WatchItem], Notice]:
    """Draw items, and a notice that speaks of them more often than chance would."""
    asked = draw(st.lists(items.filter(_is_right), min_size=1, max_size=8))
    named = [word.strip('"=*') for item in asked for word in item.name.split()]
    names = [item.name for item in asked if item.kind is not ItemKind.KEYWORD]
    return asked, draw(notices_of(passages_of([*WORDS, *named * 4, *names * 8])))


def _announced(items: list[WatchItem], notice: Notice) -> dict[int, Hit]:
    numbered = [dataclasses.replace(item, id=number) for number, item in enumerate(items)]
    return {hit.item: hit for hit in Matcher(numbered).find(notice) if hit.tier is not Tier.WEAK}  # type: ignore[misc]


def _compare(items: list[WatchItem], notice: Notice) -> int:
    """Compare engine and oracle; return how many items the oracle had something to say about."""
    hits = _announced(items, notice)
    oracle = Oracle(notice)
    fields = dict(field_names(notice))
    known = 0
    for hit in hits.values():
        assert fields[hit.field][hit.start : hit.end] == hit.matched
    for number, item in enumerate(items):
        verdict = oracle.verdict(item)
        if not verdict.known:
            continue
        known += 1
        hit = hits.get(number)
        assert (hit is not None) == (verdict.place is not None), (item, hit, verdict)
        if hit is not None and verdict.place is not None and verdict.shown_is_known:
            shown, place = (hit.tier.rank, list(fields).index(hit.field), hit.start), verdict.place
            assert shown == (place.rank, place.field, place.start), (item, hit, verdict)
            assert hit.end == place.end or " OU " in f"{item.name} {item.aliases}", (item, hit, verdict)
    return known


@pytest.mark.timeout(300)  # a failing world takes its time to shrink
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(worlds())
def test_engine_and_oracle_find_the_same_items_in_the_same_places(world: tuple[list[WatchItem], Notice]) -> None:
    _compare(*world)


@pytest.mark.torture
@settings(max_examples=20_000, suppress_health_check=[HealthCheck.too_slow])
@given(worlds())
def test_engine_and_oracle_agree_for_a_long_time(world: tuple[list[WatchItem], Notice]) -> None:
    _compare(*world)


@given(
    st.integers(1, 4),
    st.lists(st.sampled_from(["drone", "drones", "police", "l'autre", "un", "deux", "vidéo-porte"]), max_size=9),
    st.sampled_from(["drone NEAR/{} police", "police NEAR/{} drone", "drone NEAR/{} drone"]),
)
def test_near_counts_the_words_as_the_oracle_does(most: int, words: list[str], query: str) -> None:
    _compare([WatchItem(kind=ItemKind.KEYWORD, name=query.format(most))], Notice(id="n", text=" ".join(words)))


def test_the_oracle_has_something_to_say() -> None:
    items = [
        WatchItem(kind=ItemKind.KEYWORD, name="caméra-piéton"),
        WatchItem(kind=ItemKind.KEYWORD, name="vidéosurveillance SAUF porte"),
        WatchItem(kind=ItemKind.KEYWORD, name="drone NEAR/3 police"),
        WatchItem(kind=ItemKind.COMPANY, name="Valmarin SAS"),
        WatchItem(kind=ItemKind.OFFICIAL, name="Paul Corvoy"),
        WatchItem(kind=ItemKind.KEYWORD, name="canal"),
    ]
    notice = Notice(
        id="n",
        title="CAM&Eacute;RAS-PIÉTONS, vidéo-surveil\u00adlance",
        text="un drone de la police, selon CORVOY Paul pour Valmarin",
    )
    assert _compare(items, notice) == len(items)
    assert sorted(_announced(items, notice)) == [0, 1, 2, 3, 4]


anything = st.text(st.characters(exclude_categories=[]), max_size=40)
markup = st.text("<>&;#xé'\u2019-\n\u00ad./ 0123456789abcIAß\u0301\u200bﬁ中\u0627\ud800", max_size=60)
scant = st.lists(st.sampled_from(["Paul", "Jean", "M.", "M", "C", "J.-P.", "Mme", "de", ",", "Corvoy"]), max_size=6)
wild = anything | markup | passages_of(WORDS) | scant.map(" ".join)
wild_items = st.builds(
    lambda kind, name, aliases, identifiers: WatchItem(kind=kind, name=name, aliases=aliases, identifiers=identifiers),
    st.sampled_from(ItemKind),
    wild,
    st.lists(wild, max_size=2).map(tuple),
    st.lists(wild | st.sampled_from(["552081317", "FR03552081317", "W751234567"]), max_size=2).map(tuple),
)


def _survives(items: list[WatchItem], title: str, text: str, listed: tuple[str, ...]) -> None:
    kept = []
    for item in items:
        try:
            check(item)
        except QueryError:
            continue
        kept.append(item)
    notice = Notice(
        id="n", title=title, text=text, buyer=text, suppliers=listed, people=listed, identifiers=listed, cpv=listed
    )
    matcher = Matcher(kept)
    matcher.near_misses(notice)
    fields = dict(field_names(notice))
    for number, value in enumerate(listed):
        fields |= {f"identifiers[{number}]": value, f"cpv[{number}]": value}
    for hit in matcher.find(notice):
        assert fields[hit.field][hit.start : hit.end] == hit.matched != ""
        assert hit.count >= 1


@given(st.lists(wild_items, max_size=4), wild, wild, st.lists(wild, max_size=2).map(tuple))
def test_nothing_raises_and_every_offset_slices_back(
    items: list[WatchItem], title: str, text: str, listed: tuple[str, ...]
) -> None:
    _survives(items, title, text, listed)


@pytest.mark.torture
@settings(max_examples=20_000)
@given(st.lists(wild_items, max_size=4), wild, wild, st.lists(wild, max_size=2).map(tuple))
def test_nothing_raises_for_a_long_time(items: list[WatchItem], title: str, text: str, listed: tuple[str, ...]) -> None:
    _survives(items, title, text, listed)


@given(wild, wild)
def test_a_name_is_found_in_itself_or_refused(before: str, name: str) -> None:
    item = WatchItem(kind=ItemKind.KEYWORD, name=name)
    try:
        check(item)
    except QueryError:
        return
    Matcher([item]).find(Notice(id="n", text=f"{before} {name}"))


def test_each_of_many_hyphened_passages_is_placed_where_it_stands() -> None:
    text = " ".join(f"{'y ' * 9}télé-pilotage x" for _ in range(20))
    [hit] = Matcher([WatchItem(kind=ItemKind.KEYWORD, name="télépilotage")]).find(Notice(id="n", text=text))
    assert (hit.start, hit.count) == (text.index("télé-pilotage"), 20)
