from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from datetime import UTC, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import BaseModel

from bot import config
from bot.app import source_defaults
from bot.cli._terminal import fault_words
from bot.config import Secret, Settings, SourceDefaults, reading
from bot.config.settings import MemberSettings
from bot.errors import ConfigError, ConfigFault, Expected
from bot.locales import Language, Texts
from bot.sources import sources

KNOWN = {
    "boamp": SourceDefaults(timedelta(minutes=30), "https://boamp.example/api", timedelta(seconds=1)),
    "ted": SourceDefaults(
        timedelta(hours=1),
        "https://ted.example",
        timedelta(0),
        {"countries": ("FRA",)},
        forms={"countries": ("[A-Z]{3}", Expected.COUNTRIES)},
    ),
    "feed": SourceDefaults(timedelta(minutes=15), "", timedelta(seconds=1), {"language": ("fr",)}, "feeds"),
}
EXAMPLE = Path(__file__).parent.parent / "config.example.toml"
TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4OQ.GhIjKl.aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789ab"


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "config.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def load(folder: Path, text: str | bytes) -> Settings:
    return config.load(write(folder, text), KNOWN)


@dataclass(frozen=True)
class Told:
    """Hold what people read of a fault."""

    key: str
    value: str
    expected: str


def told(fault: ConfigFault, language: Language = Language.EN) -> Told:
    return Told(**fault_words(Texts(language, UTC), fault))


def faults(folder: Path, text: str | bytes, language: Language = Language.EN) -> dict[str, Told]:
    with pytest.raises(ConfigError) as refusal:
        load(folder, text)
    return {shown.key: shown for shown in (told(fault, language) for fault in refusal.value.faults)}


def test_an_empty_file_gives_the_documented_defaults(tmp_path: Path) -> None:
    settings = load(tmp_path, "")
    assert settings.newsroom.language == "fr"
    assert settings.newsroom.timezone == ZoneInfo("Europe/Paris")
    assert settings.newsroom.storm == 20
    assert settings.storage.database == tmp_path / "vigie.sqlite3"
    assert settings.discord.guilds == ()
    assert settings.discord.token_file is None
    assert settings.http.contact is None
    assert not any(source.enabled for source in settings.sources.values())


def test_every_key_is_read_as_written(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        """
        [newsroom]
        language = "en"
        timezone = "America/New_York"
        storm = 5
        [storage]
        database = "data.sqlite3"
        [discord]
        guilds = [1001, 123456789012345678]
        token_file = "secret/token"
        [http]
        contact = " desk@example.org "
        [sources.boamp]
        enabled = false
        every = "90s"
        base_url = "http://127.0.0.1:8080/mirror/"
        pace = "0.25s"
        """,
    )
    assert settings.newsroom.language == "en"
    assert settings.newsroom.timezone == ZoneInfo("America/New_York")
    assert settings.newsroom.storm == 5
    assert settings.storage.database == tmp_path / "data.sqlite3"
    assert settings.discord.guilds == (1001, 123456789012345678)
    assert settings.discord.token_file == tmp_path / "secret/token"
    assert settings.http.contact == "desk@example.org"
    boamp = settings.sources["boamp"]
    assert not boamp.enabled
    assert boamp.every == timedelta(seconds=90)
    assert boamp.base_url == "http://127.0.0.1:8080/mirror"
    assert boamp.pace == timedelta(milliseconds=250)


def test_a_source_with_a_table_is_enabled_and_keeps_the_defaults_it_does_not_name(tmp_path: Path) -> None:
    settings = load(tmp_path, '[http]\ncontact = "desk@example.org"\n[sources.boamp]\nevery = "2h"\n')
    boamp = settings.sources["boamp"]
    assert boamp.enabled
    assert boamp.every == timedelta(hours=2)
    assert boamp.base_url == KNOWN["boamp"].base_url
    assert boamp.pace == KNOWN["boamp"].pace


def test_a_source_without_a_table_is_known_and_not_enabled(tmp_path: Path) -> None:
    settings = load(tmp_path, '[http]\ncontact = "desk@example.org"\n[sources.boamp]\n')
    assert set(settings.sources) == {"boamp", "ted"}
    assert not settings.sources["ted"].enabled


def test_settings_cannot_be_changed(tmp_path: Path) -> None:
    settings = load(tmp_path, "")
    with pytest.raises(ValueError, match="frozen"):
        settings.newsroom.storm = 3
    with pytest.raises(TypeError):
        settings.sources["boamp"] = settings.sources["ted"]  # type: ignore[index]


@pytest.mark.parametrize("every", ["1s", "30d", "720h", "1.5h", "43200m"])
def test_a_duration_within_its_bounds_is_kept(tmp_path: Path, every: str) -> None:
    settings = load(tmp_path, f'[sources.boamp]\nenabled = false\nevery = "{every}"\n')
    number, unit = float(every[:-1]), every[-1]
    assert settings.sources["boamp"].every == timedelta(
        **{{"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}[unit]: number}
    )


@pytest.mark.parametrize(
    "every",
    ['"0s"', '"0.999s"', '"31d"', '"30d "', '"5"', '"m"', '"-5m"', '"5 m"', '"5M"', '"1e3s"', '"٣m"', "30", "true"],
)
def test_a_duration_out_of_bounds_or_ill_written_is_refused(tmp_path: Path, every: str) -> None:
    found = faults(tmp_path, f"[sources.boamp]\nenabled = false\nevery = {every}\n")
    assert list(found) == ["sources.boamp.every"]
    assert '"1s" to "30d"' in found["sources.boamp.every"].expected


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("newsroom.language", '"de"', '"fr" or "en"'),
        ("newsroom.timezone", '"Europe/Pariss"', "time zone"),
        ("newsroom.timezone", '"Europe"', "time zone"),
        ("newsroom.timezone", '"../../etc/passwd"', "time zone"),
        ("newsroom.timezone", '""', "time zone"),
        ("newsroom.timezone", "1", "time zone"),
        ("newsroom.storm", "0", "1 to 1000"),
        ("newsroom.storm", "true", "1 to 1000"),
        ("newsroom.storm", '"20"', "1 to 1000"),
        ("newsroom.storm", "1.5", "1 to 1000"),
        ("storage.database", '""', "path of a file"),
        ("storage.database", '"."', "path of a file"),
        ("storage.database", '":memory:"', "path of a file"),
        ("storage.database", '"nowhere/vigie.sqlite3"', "a folder that exists"),
        ("storage.database", "3", "path of a file"),
        ("discord.guilds", "3", "server ids"),
        ("discord.token_file", "false", "path of a file"),
        ("http.contact", '"…"', "publishers can reach you"),
        ("http.contact", '""', "publishers can reach you"),
        ("http.contact", '"  "', "publishers can reach you"),
        ("http.contact", '"a\\r\\nHost: b"', "publishers can reach you"),
        ("http.contact", f'"{"x" * 201}"', "publishers can reach you"),
        ("sources.boamp.enabled", '"yes"', "true or false"),
        ("sources.boamp.enabled", "1", "true or false"),
        ("sources.boamp.pace", '"2h"', '"0s" to "1h"'),
        ("sources.boamp.base_url", '"ftp://example.org"', "http:// or https://"),
        ("sources.boamp.base_url", '"example.org"', "http:// or https://"),
        ("sources.boamp.base_url", '"https://"', "http:// or https://"),
        ("sources.boamp.base_url", '"https://example.org:99999/"', "http:// or https://"),
        ("sources.boamp.base_url", '"https://example.org/?a=b"', "without user name, query or fragment"),
        ("sources.boamp.base_url", '"https://example.org/a b"', "http:// or https://"),
        ("sources.boamp.base_url", "1", "http:// or https://"),
    ],
)
def test_a_wrong_value_is_refused_with_its_key_and_what_was_expected(
    tmp_path: Path, key: str, value: str, expected: str
) -> None:
    table, _, name = key.rpartition(".")
    found = faults(tmp_path, f"[{table}]\n{name} = {value}\n")
    assert expected in found[key].expected


def test_a_wrong_server_id_is_named_by_its_place(tmp_path: Path) -> None:
    found = faults(tmp_path, '[discord]\nguilds = [3, "4", -1]\n')
    assert {key: fault.value for key, fault in found.items()} == {"discord.guilds[1]": '"4"', "discord.guilds[2]": "-1"}


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    found = faults(
        tmp_path,
        """
        newsletter = 1
        [newsroom]
        langage = "fr"
        storm = 0
        [sources.boamp]
        every = "0s"
        speed = 3
        [sources.tedd]
        [sources.hatvp]
        every = "1m"
        """,
    )
    assert set(found) == {
        "newsletter",
        "newsroom.langage",
        "newsroom.storm",
        "sources.boamp.every",
        "sources.boamp.speed",
        "sources.tedd",
        "sources.hatvp",
        "http.contact",
    }


def test_an_unknown_key_near_a_known_one_is_told_which(tmp_path: Path) -> None:
    found = faults(tmp_path, '[newsrom]\n[newsroom]\nlangage = "fr"\n[sources.tedd]\n')
    assert "[newsroom]" in found["newsrom"].expected
    assert '"language"' in found["newsroom.langage"].expected
    assert '"ted"' in found["sources.tedd"].expected


def test_an_unknown_key_of_a_source_is_told_among_those_of_its_own(tmp_path: Path) -> None:
    found = faults(tmp_path, FEED + "lnguage = 1\nxyz = 1\n[sources.ted]\ncontries = 1\nxyz = 1\n")
    assert '"countries"' in found["sources.ted.contries"].expected
    assert found["sources.ted.xyz"].expected.endswith(": base_url, countries, enabled, every, pace")
    assert '"language"' in found['[[feeds]] "interieur", lnguage'].expected
    assert found['[[feeds]] "interieur", xyz'].expected.endswith(": enabled, every, language, name, pace, url")


def test_an_unknown_table_is_told_those_that_exist_as_they_are_written(tmp_path: Path) -> None:
    found = faults(tmp_path, "xyz = 1\nfeed = 1\n")
    assert found["xyz"].expected.endswith(
        ": [company_register], [discord], [[feeds]], [http], [newsroom], [sources], [storage]"
    )
    assert "[[feeds]]" in found["feed"].expected


@pytest.mark.parametrize("name", ["feed", "feeds", "FEEDS", '"feed:interieur"'])
def test_a_family_among_the_sources_is_told_how_its_tables_are_written(tmp_path: Path, name: str) -> None:
    (fault,) = faults(tmp_path, f"[sources.{name}]\n").values()
    assert "[[feeds]]" in fault.expected


def test_a_source_in_capitals_is_known_again(tmp_path: Path) -> None:
    assert '"boamp"' in faults(tmp_path, "[sources.BOAMP]\n")["sources.BOAMP"].expected


def test_an_unknown_source_is_told_those_that_exist(tmp_path: Path) -> None:
    assert faults(tmp_path, "[sources.xyz]\n")["sources.xyz"].expected.endswith("boamp, ted")


@pytest.mark.parametrize("table", ["newsroom", "storage", "discord", "http", "sources"])
def test_a_value_where_a_table_belongs_is_refused(tmp_path: Path, table: str) -> None:
    assert faults(tmp_path, f"{table} = 3\n")[table].expected == "a table"


def test_a_value_where_the_table_of_a_source_belongs_is_refused(tmp_path: Path) -> None:
    assert faults(tmp_path, "[sources]\nboamp = 3\n")["sources.boamp"].expected == "a table"


def test_an_enabled_source_needs_a_contact(tmp_path: Path) -> None:
    assert faults(tmp_path, "[sources.boamp]\n")["http.contact"].value == "nothing"


def test_sources_that_are_not_enabled_need_no_contact(tmp_path: Path) -> None:
    assert load(tmp_path, "[sources.boamp]\nenabled = false\n").http.contact is None


def test_a_syntax_error_is_told_with_its_line(tmp_path: Path) -> None:
    found = faults(tmp_path, '[newsroom]\nlanguage = "fr\n')
    assert found["line 2"].value == 'language = "fr'
    assert "TOML" in found["line 2"].expected


def test_a_syntax_error_at_the_end_of_the_file_is_told_with_its_line(tmp_path: Path) -> None:
    assert list(faults(tmp_path, "[newsroom]\nstorm =")) == ["line 2"]


def test_a_file_that_is_not_utf8_is_told_with_the_line_and_the_byte(tmp_path: Path) -> None:
    found = faults(tmp_path, b'[http]\ncontact = "r\xe9daction@example.org"\n')
    assert found["line 2"].value == "byte 0xe9"


def test_french_readers_are_told_in_french(tmp_path: Path) -> None:
    text = (
        '[newsroom]\nlangage = "fr"\nstorm = 0\n[http]\ncontact = ""\n[sources]\nboamp = 3\n[discord]\ntoken = "abc"\n'
    )
    shown = faults(tmp_path, text, Language.FR)
    assert shown["newsroom.langage"].expected == 'une autre clé\u00a0: vouliez-vous dire "language"\u202f?'
    assert shown["newsroom.storm"].expected == "un nombre entier, de 1 à 1000"
    assert shown["http.contact"].expected.endswith("sur une ligne de 200 caractères au plus")
    assert shown["sources.boamp"].expected == "une table"
    assert shown["discord.token"].value == "(masqué)"


def test_french_readers_are_told_the_line_in_french(tmp_path: Path) -> None:
    found = faults(tmp_path, b'[http]\ncontact = "r\xe9daction@example.org"\n', Language.FR)
    assert found == {"ligne 2": Told("ligne 2", "octet 0xe9", "du texte en UTF-8")}


def test_every_key_says_what_is_expected_of_it() -> None:
    tables: tuple[type[BaseModel], ...] = (Settings, *reading._TABLES.values(), MemberSettings)
    described = {
        (table, name): field.description
        for table in tables
        for name, field in table.model_fields.items()
        if name != "options"
    }
    assert [place for place, description in described.items() if description not in list(Expected)] == []


FEED = """
[http]
contact = "desk@example.org"
[[feeds]]
name = "interieur"
url = "https://www.interieur.example/rss?fil=1"
"""


def test_each_feed_becomes_a_source_of_its_own(tmp_path: Path) -> None:
    settings = load(tmp_path, FEED + 'every = "1h"\nlanguage = "en"\n')
    feed = settings.sources["feed:interieur"]
    assert (feed.base_url, feed.every, feed.enabled) == (
        "https://www.interieur.example/rss?fil=1",
        timedelta(hours=1),
        True,
    )
    assert feed.options == {"language": ("en",)}
    assert settings.sources.keys() == {"boamp", "ted", "feed:interieur"}


def test_what_a_feed_leaves_out_is_its_familys_default(tmp_path: Path) -> None:
    feed = load(tmp_path, FEED).sources["feed:interieur"]
    assert (feed.every, feed.pace, feed.options) == (
        timedelta(minutes=15),
        timedelta(seconds=1),
        {"language": ("fr",)},
    )


def test_every_fault_of_every_feed_is_named_at_once(tmp_path: Path) -> None:
    text = (
        FEED
        + """
[[feeds]]
name = "interieur"
url = "https://autre.example/"
[[feeds]]
name = "Intérieur"
url = "ftp://autre.example/"
evry = "1h"
language = 3
[[feeds]]
every = "15m"
"""
    )
    found = faults(tmp_path, text)
    assert found.keys() == {
        "[[feeds]] table 2, name",
        "[[feeds]] table 3, name",
        '[[feeds]] "Intérieur", url',
        '[[feeds]] "Intérieur", evry',
        '[[feeds]] "Intérieur", language',
        "[[feeds]] table 4, name",
        "[[feeds]] table 4, url",
    }
    assert '"every"' in found['[[feeds]] "Intérieur", evry'].expected


@pytest.mark.parametrize("text", ['feeds = "x"\n', "feeds = [1]\n", '[feeds]\nname = "x"\n'])
def test_feeds_that_are_no_tables_are_refused_with_how_they_are_written(tmp_path: Path, text: str) -> None:
    assert "[[feeds]]" in faults(tmp_path, text)["feeds"].expected


def test_an_enabled_feed_needs_a_contact_too(tmp_path: Path) -> None:
    assert faults(tmp_path, '[[feeds]]\nname = "a"\nurl = "https://a.example/"\n').keys() == {"http.contact"}


def test_a_sources_own_keys_are_read_as_lists_of_texts(tmp_path: Path) -> None:
    text = '[http]\ncontact = "desk@example.org"\n[sources.ted]\ncountries = ["FRA", " DEU "]\n'
    assert load(tmp_path, text).sources["ted"].options == {"countries": ("FRA", "DEU")}


@pytest.mark.parametrize("value", ["[]", "[1]", '""', "true"])
def test_a_sources_own_key_out_of_place_is_named(tmp_path: Path, value: str) -> None:
    text = f'[http]\ncontact = "desk@example.org"\n[sources.ted]\ncountries = {value}\n'
    assert faults(tmp_path, text).keys() == {"sources.ted.countries"}


def test_a_sources_own_key_of_another_form_is_told_what_is_expected(tmp_path: Path) -> None:
    text = '[http]\ncontact = "desk@example.org"\n[sources.ted]\ncountries = ["FRA", "DE"]\n'
    assert faults(tmp_path, text)["sources.ted.countries"].expected.startswith("country codes of three letters")


def test_a_sources_own_key_takes_a_text_alone(tmp_path: Path) -> None:
    text = '[http]\ncontact = "desk@example.org"\n[sources.ted]\ncountries = "DEU"\n'
    assert load(tmp_path, text).sources["ted"].options == {"countries": ("DEU",)}


def publisher(folder: Path, **changed: str | list[str]) -> Settings:
    keys: dict[str, str | list[str]] = {"name": "pays", "url": "https://ocds.example/?from={from}&to={to}"} | changed
    written = "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items())
    return config.load(write(folder, f'[http]\ncontact = "desk@example.org"\n[[ocds]]\n{written}'), source_defaults())


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("format", "YYYY-MM-DD"),
        ("format", "%Q"),
        ("format", "%Y-%m-%"),
        ("format", "%H:%M"),
        ("step", "0d"),
        ("step", "7"),
        ("step", ["7d", "1d"]),
        ("language", "english"),
        ("url", "https://ocds.example/?from={from}&to={till}"),
        ("url", "https://ocds.example/?from={from}"),
        ("url", "https://ocds.example/?to={to}"),
    ],
)
def test_what_no_publisher_of_ocds_could_be_asked_with_is_refused(
    tmp_path: Path, key: str, value: str | list[str]
) -> None:
    with pytest.raises(ConfigError) as refusal:
        publisher(tmp_path, **{key: value})
    assert [fault.key for fault in refusal.value.faults] == [f'[[ocds]] "pays", {key}']


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("format", "%Y-%m-%dT%H:%M:%S.%fZ"),
        ("format", "%d/%m/%y"),
        ("format", "%Y%j"),
        ("step", "90m"),
        ("language", "es"),
        ("url", "https://ocds.example/{from}Z/{to}Z"),
        ("url", "https://ocds.example/latest.json"),
    ],
)
def test_what_publishers_of_ocds_ask_for_is_taken(tmp_path: Path, key: str, value: str) -> None:
    taken = publisher(tmp_path, **{key: value}).sources["ocds:pays"]
    assert value in (taken.base_url, *taken.options.get(key, ()))


@pytest.mark.parametrize("key", ["key", "api_key", "token", "LDA_API_KEY", "secret", "password"])
def test_the_key_of_a_source_is_hidden_and_told_to_come_from_the_environment(tmp_path: Path, key: str) -> None:
    path = write(tmp_path, f'[sources.us_lda]\nenabled = false\n{key} = "abc"\n')
    with pytest.raises(ConfigError) as refusal:
        config.load(path, source_defaults())
    (fault,) = refusal.value.faults
    assert told(fault).value == "(hidden)"
    assert "LDA_API_KEY" in told(fault).expected


@pytest.mark.parametrize("table", ["sources.ted", "sources.boamp"])
def test_options_is_no_key_of_the_file(tmp_path: Path, table: str) -> None:
    text = f'[http]\ncontact = "desk@example.org"\n[{table}]\noptions = {{ countries = ["FRA"] }}\n'
    assert faults(tmp_path, text).keys() == {f"{table}.options"}


def test_brackets_nested_without_end_are_refused(tmp_path: Path) -> None:
    assert "file" in faults(tmp_path, "a = " + "[" * 100_000)


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    assert load(tmp_path, b'\xef\xbb\xbf[newsroom]\nlanguage = "en"\n').newsroom.language == "en"


def test_a_missing_file_is_told_how_to_begin(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refusal:
        config.load(tmp_path / "none.toml", KNOWN)
    assert refusal.value.path == str(tmp_path / "none.toml")
    [fault] = refusal.value.faults
    assert told(fault).key == "file"
    assert "config.example.toml" in told(fault).expected


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        config.load(tmp_path, KNOWN)


@pytest.mark.parametrize(
    "text",
    [
        f'[discord]\ntoken = "{TOKEN}"\n',
        f"[discord]\ntoken = {TOKEN}\n",
        f'token = "{TOKEN}"\n',
        f'[discord]\nguilds = ["{TOKEN}"]\n',
        f'[http]\ncontact = "{TOKEN}{"x" * 200}"\n',
        f'[discord]\nbot_password = "{TOKEN[:8]}"\n',
        f'[sources.boamp]\nkey = "{TOKEN[:8]}"\n',
        f'[sources.boamp]\napikey = "{TOKEN[:8]}"\n',
        f'[sources.boamp]\nbearer = "{TOKEN[:8]}0123456789abcdef0123456789abcdef"\n',
        f'[sources.boamp]\nbase_url = "https://example.org/?a=b&api_key={TOKEN[:8]}&c=d"\n',
    ],
)
def test_what_may_be_a_secret_is_not_repeated_in_a_fault(tmp_path: Path, text: str) -> None:
    assert all(TOKEN[:8] not in f"{fault.value}{fault.expected}" for fault in faults(tmp_path, text).values())
    with pytest.raises(ConfigError) as refusal:
        load(tmp_path, text)
    assert TOKEN[:8] not in repr(refusal.value.faults)


def test_user_names_in_an_address_are_not_repeated_in_a_fault(tmp_path: Path) -> None:
    found = faults(tmp_path, '[sources.boamp]\nenabled = false\nbase_url = "https://me:hunter2@example.org"\n')
    assert "hunter2" not in found["sources.boamp.base_url"].value


def test_a_long_value_is_shortened_in_a_fault(tmp_path: Path) -> None:
    assert len(faults(tmp_path, f'[newsroom]\nlanguage = "{"x" * 5_000}"\n')["newsroom.language"].value) == 80


def test_the_option_comes_before_the_variable_and_the_variable_before_the_folder() -> None:
    environ = {"VIGIE_CONFIG": "/b.toml"}
    assert config.find_path(Path("/a.toml"), environ) == Path("/a.toml")
    assert config.find_path(None, environ) == Path("/b.toml")
    assert config.find_path(None, {"VIGIE_CONFIG": ""}) == Path("config.toml")


def with_token_file(folder: Path, content: bytes | None) -> Settings:
    if content is not None:
        (folder / "token").write_bytes(content)
    return load(folder, '[discord]\ntoken_file = "token"\n')


def test_the_token_of_the_environment_comes_first(tmp_path: Path) -> None:
    settings = with_token_file(tmp_path, b"from-file")
    assert config.token(settings, {"VIGIE_DISCORD_TOKEN": " from-environment\n"}) == "from-environment"


def test_the_token_file_is_read_without_its_line_end(tmp_path: Path) -> None:
    assert config.token(with_token_file(tmp_path, b"from-file\r\n"), {"VIGIE_DISCORD_TOKEN": ""}) == "from-file"


def test_without_variable_and_file_there_is_no_token(tmp_path: Path) -> None:
    assert config.token(load(tmp_path, ""), {}) is None


@pytest.mark.parametrize("content", [None, b"", b"\n", b"two words", b"\xff\xfe", b"x" * 5_000])
def test_a_token_file_that_holds_no_token_is_refused(tmp_path: Path, content: bytes | None) -> None:
    settings = with_token_file(tmp_path, content)
    with pytest.raises(ConfigError) as refusal:
        config.token(settings, {})
    assert [fault.key for fault in refusal.value.faults] == ["discord.token_file"]


def test_a_token_never_shows_in_a_repr_and_is_a_text_for_its_users() -> None:
    secret = Secret(TOKEN)
    assert TOKEN not in repr(secret)
    assert TOKEN not in f"{[secret]} {secret!r}"
    assert f"Bot {secret}" == f"Bot {TOKEN}"


def written_out(text: str) -> str:
    """Turn the commented keys of the example into keys."""
    return re.sub(r"^# (\[\[|\w+ = )", r"\1", text, flags=re.MULTILINE)


def test_the_example_lacks_only_the_contact() -> None:
    with pytest.raises(ConfigError) as refusal:
        config.load(EXAMPLE, source_defaults())
    assert [fault.key for fault in refusal.value.faults] == ["http.contact"]


def test_the_example_writes_out_the_defaults(tmp_path: Path) -> None:
    example = config.load(
        write(tmp_path, EXAMPLE.read_text("utf-8").replace('"…"', '"desk@example.org"')), source_defaults()
    )
    default = config.load(write(tmp_path, '[http]\ncontact = "desk@example.org"\n'), source_defaults())
    for part in ("newsroom", "storage", "discord", "http", "company_register"):
        assert getattr(example, part) == getattr(default, part)
    for name, source in default.sources.items():
        assert example.sources[name].model_copy(update={"enabled": False}) == source, name


def test_the_example_names_every_source_with_every_key() -> None:
    tables = tomllib.loads(EXAMPLE.read_text("utf-8"))["sources"]
    keys = config.SourceSettings.model_fields.keys() - {"options"}
    single = {name: keys | kind.options.keys() for name, kind in sources().items() if not kind.is_family}
    assert {name: set(table) for name, table in tables.items()} == single


def test_the_example_shows_every_family_with_every_key_of_its_own() -> None:
    tables = tomllib.loads(written_out(EXAMPLE.read_text("utf-8")))
    for kind in sources().values():
        if kind.table is not None:
            assert {"name", "url", *kind.options} <= set(tables[kind.table][0]), kind.name


def test_the_example_documents_every_key() -> None:
    tables = tomllib.loads(written_out(EXAMPLE.read_text("utf-8")))
    for name, field in config.Settings.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            assert set(tables[name]) == set(field.annotation.model_fields), name
