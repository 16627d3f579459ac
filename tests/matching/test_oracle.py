"""The automaton against an oracle: a dictionary of first words in pure Python, on random terms and texts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.matching.automaton import Automaton
from bot.matching.document import Document
from bot.matching.phrases import Phrase
from bot.matching.query import operands, parse
from bot.matching.terms import Reading
from bot.models import Notice

WORDS = ["ada", "adas", "adaa", "bobo", "bobos", "ada-bobo", "dada", "telepilotage", "tele-pilotage", "x", "y"]
words = st.sampled_from(WORDS)
phrases = st.lists(words, min_size=1, max_size=4).map(" ".join).filter(lambda text: len(text) > 2)
texts = st.lists(st.tuples(words, st.sampled_from([" ", "  ", "\n", " - ", "-", ", ", "\x1f"])), max_size=40).map(
    lambda pairs: "".join(word + gap for word, gap in pairs)
)
Found = set[tuple[int, int, int]]


def oracle(terms: list[Phrase], reading: Reading) -> Found:
    """Return (term, start, end) of every place, from first word -> (words, goes on, term)."""
    starting: dict[str, list[tuple[tuple[str, ...], int]]] = {}
    for number, term in enumerate(terms):
        for pattern in term.patterns:
            wanted = tuple(pattern.words.split())
            starting.setdefault(wanted[0], []).append((wanted, number))
    found: Found = set()
    for first, word in enumerate(reading.words):
        for wanted, number in starting.get(word, ()):
            if tuple(reading.words[first : first + len(wanted)]) == wanted:
                found.add((number, reading.starts[first], reading.ends[first + len(wanted) - 1]))
    return found


@given(st.lists(phrases, min_size=1, max_size=8, unique=True), texts, texts)
def test_the_automaton_finds_what_the_oracle_finds(asked: list[str], title: str, text: str) -> None:
    terms = [term for query in asked for term in operands(parse(query))]
    automaton = Automaton(terms)
    document = Document(Notice(id="n", title=title, text=text), automaton.context)
    found: Found = set()
    for number, places in automaton.scan(document).items():
        for position, count, pattern in places:
            reading, first = document.word_at(position)
            assert reading.words[first : first + count] == pattern.words.split()
            found.add((number, reading.starts[first], reading.ends[first + count - 1]))
    assert found == oracle(terms, document.main) | oracle(terms, document.joined)


@given(texts)
def test_scanned_words_and_placed_words_are_the_same(text: str) -> None:
    document = Document(Notice(id="n", text=text), 3)
    for reading in (document.main, document.joined):
        assert len(reading.words) == len(reading.starts) == len(reading.ends)
    clean = document.folded.clean
    for word, start, end in zip(document.main.words, document.main.starts, document.main.ends, strict=True):
        assert word == clean[start:end].lower()


def test_each_of_many_hyphened_passages_is_placed_where_it_stands() -> None:
    [term] = operands(parse("abcd x"))
    automaton = Automaton([term])
    text = " ".join(f"{'y ' * 9}ab-cd x" for _ in range(20))
    document = Document(Notice(id="n", text=text), automaton.context)
    starts = []
    for position, _, pattern in automaton.scan(document)[0]:
        reading, first = document.word_at(position)
        if reading is document.joined and pattern.words == "abcd x":
            starts.append(document.span(reading.starts[first], reading.ends[first])[1])
    assert starts == [place for place in range(len(text)) if text.startswith("ab-cd", place)]
