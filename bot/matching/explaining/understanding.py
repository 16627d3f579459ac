"""How an item was read, as codes and values, for the reply to the person who typed it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.matching.asked import Asked, Name, compile_item
from bot.matching.codes import Caution
from bot.matching.companies.brands import brand_of
from bot.matching.companies.company import Company
from bot.matching.identifiers.identifier import Identifier, read_identifier
from bot.matching.identifiers.schemes import Scheme
from bot.matching.officials.official import Official
from bot.matching.officials.person_names import PersonName
from bot.matching.query.expressions import Expression, canonical, capitals_quoted, operands, substrings
from bot.matching.text.typed import CONNECTOR, Word, read_words
from bot.matching.words.ordinary_words import ordinary_words
from bot.matching.words.phrases import Phrase
from bot.models import ItemKind, WatchItem

_SHORT_NAME = 4


@dataclass(frozen=True, slots=True)
class Reading:
    """Hold how one name, alias or query was read.

    `read_as` is KEYWORD for a one-word official. `canonical` is what is looked for: the query with its operators, the
    company without its legal form, given then family name. `legal_forms` are those dropped, `kept_form` the one that
    stays before an ordinary word. `case_sensitive` are the words found in capitals only.
    """

    text: str
    alias: bool
    read_as: ItemKind
    canonical: str
    legal_forms: tuple[str, ...] = ()
    kept_form: str | None = None
    given: str | None = None
    family: str | None = None
    case_sensitive: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Warned:
    """Hold a caution and the name, query or identifier it is about.

    `expected` are the right check digits of a wrong identifier, the quoted form of a query in capitals, the bare brand
    that a long company name does not match and that may be worth an alias.
    """

    caution: Caution
    text: str
    expected: str | None = None


@dataclass(frozen=True, slots=True)
class Understanding:
    """Hold how an item was read; `any_of` and `none_of` are canonical queries."""

    kind: ItemKind
    readings: tuple[Reading, ...]
    any_of: tuple[str, ...]
    none_of: tuple[str, ...]
    identifiers: tuple[Identifier, ...]
    warnings: tuple[Warned, ...]


def understood(item: WatchItem, language: str = "fr") -> Understanding:
    """Return how an item was read, operators in French (`fr`) or English; raises QueryError as `check` does."""
    asked = compile_item(item)
    identifiers = tuple(map(read_identifier, item.identifiers))
    readings = tuple(_reading(name, language) for name in asked.names)
    warnings = [warned for name in asked.names for warned in _name_warnings(item, name)]
    warnings += _brand_warnings(asked)
    warnings += [
        warned for one in (*asked.any_of, *asked.none_of) for warned in _query_warnings(one.text, one.expression)
    ]
    for identifier in identifiers:
        if identifier.valid is False:
            warnings.append(Warned(Caution.BAD_CHECK_DIGIT, identifier.typed, identifier.expected))
        elif not identifier.scheme:
            warnings.append(Warned(Caution.UNKNOWN_IDENTIFIER, identifier.typed))
        elif identifier.scheme == Scheme.GERMAN_REGISTER and not identifier.court:
            warnings.append(Warned(Caution.NO_COURT, identifier.typed))
    return Understanding(
        item.kind,
        readings,
        tuple(canonical(one.expression, language) for one in asked.any_of),
        tuple(canonical(one.expression, language) for one in asked.none_of),
        identifiers,
        tuple(warnings),
    )


def _reading(name: Name, language: str) -> Reading:
    wanted = name.wanted
    if isinstance(wanted, Company):
        core = "".join(word.gap * (place > 0) + word.written for place, word in enumerate(wanted.name.core))
        core = " ".join(core.split()).strip(" ,(")
        return Reading(
            name.text,
            name.alias,
            ItemKind.COMPANY,
            core,
            wanted.name.form,
            wanted.name.kept.written if wanted.name.kept else None,
            case_sensitive=(core,) if wanted.cased else (),
        )
    if isinstance(wanted, Official):
        person: PersonName = wanted.names[0]
        whole = f"{person.written_given} {person.written_family}"
        return Reading(
            name.text,
            name.alias,
            ItemKind.OFFICIAL,
            whole,
            given=person.written_given,
            family=person.written_family,
        )
    if isinstance(wanted, Phrase):
        only = (wanted.text.strip(),) if wanted.cased else ()
        return Reading(name.text, name.alias, ItemKind.KEYWORD, wanted.text.strip(), case_sensitive=only)
    cased = tuple(phrase.text for phrase in operands(wanted) if phrase.cased)
    return Reading(name.text, name.alias, ItemKind.KEYWORD, canonical(wanted, language), case_sensitive=cased)


def _name_warnings(item: WatchItem, name: Name) -> list[Warned]:
    warnings = []
    wanted = name.wanted
    supported = bool(item.any_of or item.identifiers)
    if isinstance(wanted, Company):
        if len(_core(wanted.name.core)) <= _SHORT_NAME and not supported:
            warnings.append(Warned(Caution.SHORT_NAME, name.text))
        if wanted.ordinary and not supported:
            warnings.append(Warned(Caution.ORDINARY_WORD, name.text))
    elif isinstance(wanted, Phrase):
        warnings.append(Warned(Caution.ONE_WORD_OFFICIAL, name.text))
        if _core(read_words(wanted.text)) in ordinary_words() and not supported:
            warnings.append(Warned(Caution.ORDINARY_WORD, name.text))
    elif not isinstance(wanted, Official):
        warnings += _query_warnings(name.text, wanted)
    return warnings


def _brand_warnings(asked: Asked) -> list[Warned]:
    """Return the first name of which a bare brand would be missed, unless another name finds it (section 3.4)."""
    companies = [wanted for wanted in (name.wanted for name in asked.names) if isinstance(wanted, Company)]
    found = {_core(wanted.name.core) for wanted in companies}
    for wanted in companies:
        brand = brand_of(wanted.name)
        if brand and _core(read_words(brand)) not in found:
            return [Warned(Caution.BARE_BRAND, wanted.text, brand)]
    return []


def _core(words: Iterable[Word]) -> str:
    return "".join(word.folded for word in words if word.folded != CONNECTOR)


def _query_warnings(text: str, expression: Expression) -> list[Warned]:
    warnings = [Warned(Caution.SUBSTRING, part) for part in substrings(expression)]
    quoted = capitals_quoted(text)
    return [Warned(Caution.ALL_CAPITALS, text, quoted), *warnings] if quoted else warnings
