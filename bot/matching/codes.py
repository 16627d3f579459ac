"""The closed sets of codes that matching reports; each has a translation in the locales."""

from __future__ import annotations

from enum import StrEnum


class Rule(StrEnum):
    """Name how a term was reached in a notice; `Hit.rule` holds one of these."""

    SAME_WORDS = "same_words"
    PLURAL = "plural"
    COMPOUND = "compound"
    LETTERS_APART = "letters_apart"
    ACRONYM = "acronym"
    EXACT_FORM = "exact_form"
    PREFIX = "prefix"
    LEGAL_FORM = "legal_form"
    CONNECTOR = "connector"
    JOINED_NAME = "joined_name"
    ORDINARY_WORD = "ordinary_word"
    NAME_ORDER = "name_order"
    MIDDLE_NAME = "middle_name"
    PARTICLE = "particle"
    INITIAL = "initial"
    COMPOUND_FAMILY = "compound_family"
    SIREN = "siren"
    SIRET = "siret"
    VAT_FR = "vat_fr"
    LEI = "lei"
    RNA = "rna"
    CPV = "cpv"
    SIREN_IN_SIRET = "siren_in_siret"
    SIREN_IN_VAT = "siren_in_vat"
    IDENTIFIER = "identifier"


class Reason(StrEnum):
    """Name why an item that stands in a notice is no hit."""

    ANY_OF_MISSING = "any_of_missing"
    NONE_OF_PRESENT = "none_of_present"
    SOURCE_EXCLUDED = "source_excluded"


class Caution(StrEnum):
    """Name what a person should know about an item when it is typed; none of these refuses it."""

    SHORT_NAME = "short_name"
    ORDINARY_WORD = "ordinary_word"
    BAD_CHECK_DIGIT = "bad_check_digit"
    UNKNOWN_IDENTIFIER = "unknown_identifier"
    ONE_WORD_OFFICIAL = "one_word_official"
    ALL_CAPITALS = "all_capitals"


class QueryFault(StrEnum):
    """Name what is wrong in a query; the text id of the QueryError that refuses it.

    Values carried: `TOO_SHORT` and `PREFIX_TOO_SHORT`: `word`, `least`; `NOT_SUPPORTED`: `sign`; `NEAR_DISTANCE`:
    `least`, `most`; `TOO_DEEP`: `most`; `TOO_LONG`: `most`; `MISSING_OPERAND`: `operator` (empty before a parenthesis
    that closes nothing); the others none.
    """

    EMPTY = "query-empty"
    EMPTY_PHRASE = "query-empty-phrase"
    UNBALANCED_PARENTHESIS = "query-unbalanced-parenthesis"
    UNBALANCED_QUOTE = "query-unbalanced-quote"
    MISSING_OPERAND = "query-missing-operand"
    MISSING_OPERATOR = "query-missing-operator"
    ONLY_NEGATIVE = "query-only-negative"
    TOO_SHORT = "query-too-short"
    PREFIX_TOO_SHORT = "query-prefix-too-short"
    NEAR_DISTANCE = "query-near-distance"
    NEAR_OPERAND = "query-near-operand"
    NOT_SUPPORTED = "query-not-supported"
    TOO_DEEP = "query-too-deep"
    TOO_LONG = "query-too-long"
