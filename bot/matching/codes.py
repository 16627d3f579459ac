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
    ENDING = "ending"
    INSIDE = "inside"
    EXPRESSION = "expression"
    LEGAL_FORM = "legal_form"
    TRANSLITERATION = "transliteration"
    CONNECTOR = "connector"
    JOINED_NAME = "joined_name"
    ORDINARY_WORD = "ordinary_word"
    NAME_ORDER = "name_order"
    MIDDLE_NAME = "middle_name"
    PARTICLE = "particle"
    INITIAL = "initial"
    COMPOUND_FAMILY = "compound_family"
    SEVERAL_GIVEN = "several_given"
    FAMILY_NAME = "family_name"
    MARRIED_NAME = "married_name"
    ABBREVIATION = "abbreviation"
    ONE_EDIT = "one_edit"
    SIREN = "siren"
    SIRET = "siret"
    VAT_FR = "vat_fr"
    LEI = "lei"
    RNA = "rna"
    CPV = "cpv"
    SIREN_IN_SIRET = "siren_in_siret"
    SIREN_IN_VAT = "siren_in_vat"
    VAT = "vat"
    REGISTER_NUMBER = "register_number"
    IDENTIFIER = "identifier"
    OTHER_SIREN = "other_siren"


class Reason(StrEnum):
    """Name why an item that stands in a notice is no hit."""

    ANY_OF_MISSING = "any_of_missing"
    NONE_OF_PRESENT = "none_of_present"
    SOURCE_EXCLUDED = "source_excluded"


class Obstacle(StrEnum):
    """Name what keeps an item from matching where a notice comes near it (`bot.matching.explaining.why_not`)."""

    SMALL_LETTERS = "small_letters"
    NOT_CAPITALS = "not_capitals"
    OTHER_FORM = "other_form"
    OTHER_ORDER = "other_order"
    APART = "apart"
    WORDS_MISSING = "words_missing"
    BRAND_ALONE = "brand_alone"
    PHRASE_INCOMPLETE = "phrase_incomplete"
    INSIDE_WORD = "inside_word"
    OTHER_ENDING = "other_ending"
    LETTER_OF_KEYWORD = "letter_of_keyword"
    LETTER_OF_SHORT_NAME = "letter_of_short_name"
    LETTER_OF_SMALL_WORD = "letter_of_small_word"
    LETTER_OF_OTHER_WORD = "letter_of_other_word"
    NOT_ONE_NAME = "not_one_name"
    OTHER_GIVEN_NAME = "other_given_name"
    FAMILY_NAME_ALONE = "family_name_alone"
    PART_OF_NUMBER = "part_of_number"
    AMOUNT = "amount"
    OPERAND_MISSING = "operand_missing"
    OPERAND_EXCLUDED = "operand_excluded"
    TOO_FAR = "too_far"
    OUT_OF_REACH = "out_of_reach"


class Doubt(StrEnum):
    """Name why a hit is only weak: it never alerts, and waits for the digest (matching.md section 1)."""

    INITIAL = "initial"
    FAMILY_NAME = "family_name"
    COMPOUND_FAMILY = "compound_family"
    ORDINARY_WORD = "ordinary_word"
    ONE_LETTER = "one_letter"
    SEVERAL_GIVEN = "several_given"
    IN_PARENTHESES = "in_parentheses"
    OTHER_COMPANY = "other_company"
    UNSURE = "unsure"


class Caution(StrEnum):
    """Name what a person should know about an item when it is typed; none of these refuses it."""

    SHORT_NAME = "short_name"
    ORDINARY_WORD = "ordinary_word"
    BARE_BRAND = "bare_brand"
    BAD_CHECK_DIGIT = "bad_check_digit"
    UNKNOWN_IDENTIFIER = "unknown_identifier"
    NO_COURT = "no_court"
    ONE_WORD_OFFICIAL = "one_word_official"
    ALL_CAPITALS = "all_capitals"
    SUBSTRING = "substring"


class QueryFault(StrEnum):
    """Name what is wrong in a query; the text id of the QueryError that refuses it.

    Values carried: `TOO_SHORT`, `PREFIX_TOO_SHORT` and `INSIDE_TOO_SHORT`: `word`, `least`; `NOT_SUPPORTED`: `sign`;
    `NEAR_DISTANCE`: `least`, `most`; `NEAR_CHAIN`, `TOO_DEEP`, `TOO_LONG`, `TOO_MANY_WORDS`: `most`; `MISSING_BEFORE`,
    `MISSING_AFTER`: `operator`; `OPERATORS`: `first`, `second`; `EXPRESSION_FLAG`, `EXPRESSION_REPEAT`,
    `EXPRESSION_REPEAT_SIZE`, `EXPRESSION_GROUP`, `EXPRESSION_ESCAPE`, `EXPRESSION_RANGE`: `sign`; the others none.
    """

    EMPTY = "query-empty"
    EMPTY_PHRASE = "query-empty-phrase"
    UNBALANCED_PARENTHESIS = "query-unbalanced-parenthesis"
    UNBALANCED_QUOTE = "query-unbalanced-quote"
    EMPTY_PARENTHESES = "query-empty-parentheses"
    MISSING_BEFORE = "query-missing-before"
    MISSING_AFTER = "query-missing-after"
    OPERATORS = "query-operators"
    MISSING_OPERATOR = "query-missing-operator"
    ONLY_NEGATIVE = "query-only-negative"
    TOO_SHORT = "query-too-short"
    PREFIX_TOO_SHORT = "query-prefix-too-short"
    INSIDE_TOO_SHORT = "query-inside-too-short"
    LONE_STAR = "query-lone-star"
    STAR_INSIDE = "query-star-inside"
    STAR_EXACT = "query-star-exact"
    LONE_EQUALS = "query-lone-equals"
    EQUALS_PHRASE = "query-equals-phrase"
    NEAR_DISTANCE = "query-near-distance"
    NEAR_SMALL = "query-near-small"
    NEAR_OPERAND = "query-near-operand"
    NEAR_CHAIN = "query-near-chain"
    NOT_SUPPORTED = "query-not-supported"
    TOO_DEEP = "query-too-deep"
    TOO_LONG = "query-too-long"
    TOO_MANY_WORDS = "query-too-many-words"
    EXPRESSION = "query-expression"
    EXPRESSION_OPEN = "query-expression-open"
    EXPRESSION_EMPTY = "query-expression-empty"
    EXPRESSION_FLAG = "query-expression-flag"
    EXPRESSION_FINDS_NOTHING = "query-expression-finds-nothing"
    EXPRESSION_PARENTHESIS = "query-expression-parenthesis"
    EXPRESSION_BRACKET = "query-expression-bracket"
    EXPRESSION_REPEAT = "query-expression-repeat"
    EXPRESSION_REPEAT_SIZE = "query-expression-repeat-size"
    EXPRESSION_GROUP = "query-expression-group"
    EXPRESSION_ESCAPE = "query-expression-escape"
    EXPRESSION_RANGE = "query-expression-range"
    EXPRESSION_TOO_LARGE = "query-expression-too-large"
