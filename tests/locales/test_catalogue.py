from __future__ import annotations

import re
from importlib import import_module
from io import StringIO
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import bot.locales
from bot.locales import FAMILIES, Language, language_of, load, terminal_language

PLACE = re.compile(r"\{([^{}]*)\}")


def forms(language: Language) -> dict[str, tuple[str, ...]]:
    """Return every text of a file by id, as it stands there."""
    path = Path(bot.locales.__file__).with_name(f"{language}.po")
    texts: dict[str, tuple[str, ...]] = {}
    for message in read_po(StringIO(path.read_text("utf-8")), locale=language.value, abort_invalid=True):
        if message.id:
            assert not message.fuzzy, message.id
            text_id = str(message.id[0] if isinstance(message.id, tuple) else message.id)
            own = message.string if isinstance(message.string, tuple) else (message.string,)
            texts[text_id] = tuple(str(form or "") for form in own)
    return texts


def test_both_languages_have_the_same_texts() -> None:
    assert set(forms(Language.FR)) == set(forms(Language.EN))


def test_an_id_stands_once_in_each_file() -> None:
    for language in Language:
        path = Path(bot.locales.__file__).with_name(f"{language}.po")
        ids = re.findall(r'^msgid "(.+)"$', path.read_text("utf-8"), re.MULTILINE)
        assert sorted(ids) == sorted(set(ids))


def test_both_languages_fill_the_same_places() -> None:
    french, english = forms(Language.FR), forms(Language.EN)
    differing = [
        text_id
        for text_id in french
        if {place for form in french[text_id] for place in PLACE.findall(form)}
        != {place for form in english.get(text_id, ()) for place in PLACE.findall(form)}
    ]
    assert differing == []


@pytest.mark.parametrize("language", Language)
def test_no_text_is_empty(language: Language) -> None:
    assert [text_id for text_id, texts in forms(language).items() if not all(text.strip() for text in texts)] == []


@pytest.mark.parametrize("language", Language)
def test_every_place_has_a_plain_name(language: Language) -> None:
    named = re.compile(r"[a-z][a-z0-9_]*")
    wrong = [
        text_id
        for text_id, texts in forms(language).items()
        for text in texts
        if any(not named.fullmatch(place) for place in PLACE.findall(text)) or re.search(r"[{}]", PLACE.sub("", text))
    ]
    assert wrong == []


@pytest.mark.parametrize("language", Language)
def test_every_plural_has_all_its_forms_and_shows_its_number(language: Language) -> None:
    own = forms(language)
    for text_id in load(language).plurals:
        assert len(own[text_id]) == 2, text_id
        assert "{n}" in own[text_id][1] or "{n}" not in own[text_id][0], text_id


def test_the_same_texts_have_plural_forms_in_both_languages() -> None:
    assert load(Language.FR).plurals == load(Language.EN).plurals


@pytest.mark.parametrize("language", Language)
def test_ids_are_symbolic(language: Language) -> None:
    assert [text_id for text_id in forms(language) if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", text_id)] == []


@pytest.mark.parametrize("family", FAMILIES)
def test_every_member_of_a_family_has_its_text(family: str) -> None:
    module, _, name = FAMILIES[family].partition(":")
    members = {str(member) for member in getattr(import_module(module), name)}
    needed = {member if member.startswith(f"{family}-") else f"{family}-{member}" for member in members}
    assert needed - load(Language.FR).ids == set()


def test_french_gets_its_no_break_spaces_and_apostrophes_when_read() -> None:
    french = load(Language.FR)
    assert french.text("card-prefix-award") == "Attribution\u00a0: {title}"
    assert french.text("card-hit-snippet") == "«\u00a0{snippet}\u00a0»"
    assert french.text("days-left-today") == "aujourd\u2019hui"


def test_the_french_texts_keep_no_breakable_space_before_a_double_sign() -> None:
    french = load(Language.FR)
    texts = {text_id: french.translations.gettext(text_id) for text_id in french.ids - french.plurals}
    assert [text_id for text_id, text in texts.items() if re.search(r" [:;!?»](?:\s|$)|« ", text)] == []


def test_a_text_that_is_missing_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        load(Language.FR).text("no-such-text")


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("fr", Language.FR),
        ("fr-CA", Language.FR),
        ("FR_be.UTF-8", Language.FR),
        ("en-US", Language.EN),
        ("en-GB", Language.EN),
        ("de", None),
        ("frr", None),
        ("", None),
    ],
)
def test_a_locale_leads_to_its_language(locale: str, language: Language | None) -> None:
    assert language_of(locale) is language


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({}, Language.EN),
        ({"LANG": "fr_FR.UTF-8"}, Language.FR),
        ({"LANG": "fr_FR.UTF-8", "LC_ALL": "C"}, Language.EN),
        ({"LANG": "de_DE.UTF-8"}, Language.EN),
        ({"LANG": "en_GB", "LC_MESSAGES": "fr_BE"}, Language.FR),
        ({"LC_ALL": "", "LANG": "fr_FR"}, Language.FR),
    ],
)
def test_a_terminal_is_french_when_it_asks_for_it(environ: dict[str, str], language: Language) -> None:
    assert terminal_language(environ) is language
