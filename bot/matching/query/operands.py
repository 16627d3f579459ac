"""What a query looks for: words and phrases with their stars and signs, made terms or refused with the place."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from bot.errors import QueryError
from bot.matching.codes import QueryFault
from bot.matching.query.regular import ExpressionError
from bot.matching.query.sweeps import Kind, Sweep, regular, wildcard
from bot.matching.query.tokens import Token, bare
from bot.matching.text.folding import APOSTROPHES
from bot.matching.text.typed import Word, read_words
from bot.matching.words.phrases import LEAST_LETTERS, Phrase, beginning, exact_form, is_acronym, phrase

MOST_WORDS = 30
"""Words of a phrase: of a longer one, compiling takes long, and nothing more is found by it."""
LEAST_INSIDE = 5
"""Letters asked of a word with a star at both ends."""


def read_operand(query: str, token: Token) -> Phrase | Sweep:
    """Return the term of an operand; raises QueryError with the query and the place of the fault."""
    if token.kind == "expression":
        return _expression(query, token)
    _refuse_signs(query, token)
    if len(read_words(token.text)) > MOST_WORDS:
        raise QueryError(query, token.place, QueryFault.TOO_MANY_WORDS, most=MOST_WORDS)
    if token.kind == "exact":
        return _exact(query, token)
    if "*" in token.text:
        return _starred(query, token)
    words = _words(token.text)
    if not words:
        raise QueryError(query, token.place, QueryFault.EMPTY_PHRASE if token.kind == "quoted" else QueryFault.EMPTY)
    kept = [word for word in words if not word.elided] or words
    if len(kept) == 1 and _too_short(kept[0]) and not is_acronym(kept):
        raise QueryError(query, token.place, QueryFault.TOO_SHORT, word=kept[0].written, least=LEAST_LETTERS)
    _refuse_sign_of_letter(query, token, kept)
    return phrase(_shown(token.text, words), words)


def _expression(query: str, token: Token) -> Sweep:
    try:
        return regular(token.typed, token.text, ignore_case=token.ignore_case)
    except ExpressionError as error:
        raise QueryError(query, token.inner + error.place, error.text, **error.values) from None


def _refuse_signs(query: str, token: Token) -> None:
    """Refuse `=` before a word inside a phrase: it would be read as punctuation."""
    text = token.text
    for place, sign in enumerate(text) if "=" in text else ():
        opens = place == 0 or text[place - 1].isspace()
        if sign == "=" and opens and text[place + 1 : place + 2].isalnum():
            raise QueryError(query, token.inner + place, QueryFault.EQUALS_PHRASE)


def _refuse_sign_of_letter(query: str, token: Token, words: list[Word]) -> None:
    """Refuse a sign after a lone letter: without it `C++` would be read as the acronym C."""
    if len(words) > 1 or len(words[0].folded) > 1:
        return
    low = token.text.rfind(words[0].written) + 1
    for place, sign in enumerate(token.text[low:], start=low):
        if not (sign.isalnum() or sign.isspace() or sign in _READ_OVER):
            raise QueryError(query, token.inner + place, QueryFault.NOT_SUPPORTED, sign=sign)


_READ_OVER = f".,;:-{APOSTROPHES}"
"""Signs after a letter that change nothing in what it means."""


def _exact(query: str, token: Token) -> Phrase:
    star = token.text.find("*")
    if star >= 0:
        raise QueryError(query, token.inner + star, QueryFault.STAR_EXACT)
    words = _words(token.text)
    if not words:
        quoted = token.inner > token.place + 1
        raise QueryError(query, token.place, QueryFault.EMPTY_PHRASE if quoted else QueryFault.LONE_EQUALS)
    return exact_form(f"={_shown(token.text, words)}", " ".join(token.text.split()), words)


def _starred(query: str, token: Token) -> Phrase | Sweep:
    words: list[tuple[Kind, str]] = []
    for low, top in _stretches(query, token):
        leading, trailing = token.text[low] == "*", token.text[top - 1] == "*"
        read = [word for word in _words(token.text[low:top].strip("*")) if not word.elided]
        if not (leading or trailing):
            words += [("whole", word.folded) for word in read]
            continue
        least = LEAST_INSIDE if leading and trailing else LEAST_LETTERS
        if len(read) != 1 or len(read[0].folded) < least:
            raise QueryError(
                query,
                token.inner + low,
                QueryFault.INSIDE_TOO_SHORT if leading and trailing else QueryFault.PREFIX_TOO_SHORT,
                word=token.text[low:top],
                least=least,
            )
        words.append(("inside" if leading and trailing else "ends" if leading else "begins", read[0].folded))
    shown = _shown(token.text, _words(token.text.replace("*", " ")))
    if [kind for kind, _ in words if kind != "whole"] == ["begins"] and words[-1][0] == "begins":
        return beginning(shown, _words(token.text.replace("*", " ")))
    return wildcard(shown, words)


def _stretches(query: str, token: Token) -> Iterator[tuple[int, int]]:
    """Yield the spans of a text that are one word with its stars, and those between that have none."""
    text = token.text
    low = place = 0
    while place < len(text):
        if text[place] != "*":
            place += 1
            continue
        before, after = _in_word(text, place - 1), _in_word(text, place + 1)
        if before and after:
            raise QueryError(query, token.inner + place, QueryFault.STAR_INSIDE)
        if not before and not after:
            raise QueryError(query, token.inner + place, QueryFault.LONE_STAR)
        start = top = place
        while before and _in_word(text, start - 1):
            start -= 1
        top = place + 1
        while after and _in_word(text, top):
            top += 1
        if after and text[top : top + 1] == "*" and not _in_word(text, top + 1):
            top += 1
        if low < start:
            yield low, start
        yield start, top
        low = place = top
    if low < len(text):
        yield low, len(text)


def _in_word(text: str, place: int) -> bool:
    return 0 <= place < len(text) and unicodedata.category(text[place])[0] in "LNM"


def _words(text: str) -> list[Word]:
    """Return the words of a text; how many spaces stand between them changes nothing."""
    return read_words(" ".join(text.split()))


def _too_short(word: Word) -> bool:
    has_case_or_digit = any(sign.upper() != sign.lower() or sign.isdigit() for sign in word.folded)
    return len(word.folded) < LEAST_LETTERS and has_case_or_digit


def _shown(text: str, words: list[Word]) -> str:
    """Return a phrase as it can be typed again: quoted, save one word that means the same without quotes."""
    plain = " ".join(text.split())
    return plain if len(words) == 1 and bare(plain) else f'"{plain}"'
