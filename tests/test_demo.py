"""`vigie demo`: everything it shows was polled, matched and delivered, in the terminal's language."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from datetime import UTC
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from bot.clock import SystemClock
from bot.demo import run_demo
from bot.locales import Language, Texts
from bot.loopback.publishers.boamp_eforms import CONTACT_EMAIL, CONTACT_PHONE
from tests.command_line import DONE, Ended, environment, on_a_terminal, vigie, vigie_from_cold


@pytest.fixture(scope="module")
def french() -> Ended:
    return vigie("demo", variables={"LC_ALL": "fr_FR.UTF-8", "COLUMNS": "80"})


@pytest.fixture(scope="module")
def english() -> Ended:
    return vigie("demo", variables={"LC_ALL": "en_GB.UTF-8", "COLUMNS": "80"})


def section(shown: str, number: int) -> str:
    found = re.search(rf"^{number}\. .*?(?=^{number + 1}\. |^─)", shown, re.MULTILINE | re.DOTALL)
    assert found, f"no section {number}"
    return " ".join(re.sub("[│╭╰╮╯─]", " ", found[0]).split())


def test_the_demo_ends_well_and_says_nothing_on_standard_error(french: Ended, english: Ended) -> None:
    assert (french.returncode, french.stderr) == (DONE, "")
    assert (english.returncode, english.stderr) == (DONE, "")


def test_the_demo_speaks_the_language_of_the_terminal(french: Ended, english: Ended) -> None:
    assert "La liste de surveillance" in french.stdout
    assert "Date limite" in french.stdout
    assert "The watchlist" in english.stdout
    assert "Deadline" in english.stdout


def test_the_demo_fits_eighty_columns_without_colours_when_piped(french: Ended) -> None:
    assert "\x1b" not in french.stdout
    assert max(map(cell_len, french.stdout.splitlines())) <= 80


def test_the_demo_has_colours_on_a_terminal() -> None:
    assert "\x1b[" in on_a_terminal("demo")


def test_the_watchlist_is_shown_with_alias_identifier_and_conditions(english: Ended) -> None:
    shown = section(english.stdout, 1)
    for word in ("Valmarin Systèmes", "Sentival", "siren:998100473", "Maëlle Kervarrec", "factice", "lecture", "drone"):
        assert word in shown


def test_the_first_poll_announces_nothing_though_something_matches(english: Ended) -> None:
    shown = section(english.stdout, 2)
    assert "5 new · 0 announcements" in shown
    assert "1 of these notices matches" in shown


def test_the_corrigendum_names_the_announcement_that_it_follows(english: Ended) -> None:
    shown = section(english.stdout, 4)
    assert re.search(r"Follows the announcement of \d+ \w+ Watch item", shown)


def test_somebody_takes_the_tender_and_its_card_says_so(french: Ended, english: Ended) -> None:
    assert re.search(r"#annonces · mis à jour .* Pris par @Nadia depuis le ", section(french.stdout, 3))
    assert re.search(r"#announcements · updated .* Taken by @Nadia since ", section(english.stdout, 3))


def test_people_have_names_and_no_link_leads_to_a_discord_that_is_not_there(french: Ended, english: Ended) -> None:
    for ended in (french, english):
        assert not re.search(r"@\d\b", ended.stdout)
        assert "(https://discord.com/" not in ended.stdout


def test_the_card_of_the_readme_is_the_one_of_the_demo(french: Ended) -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    shown = _timeless(french.stdout.partition("3. ")[2].partition("╰")[0])
    own = _timeless(readme.partition("```\n╭")[2].partition("╰")[0])
    *lines, buttons = [line for line in own.splitlines() if line.startswith("│")]
    assert lines == [line for line in shown.splitlines() if line.startswith("│")]
    assert re.findall(r"\[([^]]+)\]", buttons) == [
        "Noter comme fait", "Je prends", "Ce n\u2019est pas ça", "Mettre en sourdine",
    ]  # fmt: skip


def _timeless(drawn: str) -> str:
    """Return what was drawn without its dates and its code, and the spaces alike."""
    drawn = re.sub(r"\b\d+(?:er)? \S+ \d{4}\b", "DATE", drawn.replace("\u00a0", " ").replace("\u202f", " "))
    drawn = re.sub(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", "CODE", drawn)
    return re.sub(r" +", " ", drawn)


def test_the_company_is_found_by_alias_by_siren_and_by_name(english: Ended) -> None:
    shown = section(english.stdout, 5)
    assert "3 new · 3 announcements" in shown
    assert shown.index("Alias") < shown.index("Legal identifier") < shown.index("Exact")


def test_a_notice_held_back_says_which_condition_and_one_that_looks_alike_that_it_does_not_match(
    english: Ended,
) -> None:
    shown = section(english.stdout, 8)
    assert "3 new · 0 announcements" in shown
    assert "excluded word (none_of) is in the notice: factice" in shown
    assert "required words (any_of) is in the notice: lecture; LAPI" in shown
    assert "“Sentivalle” is not “Sentival”" in shown


def test_hostile_text_is_defused_for_discord(english: Ended) -> None:
    sent = section(english.stdout, 9).partition("Title sent to Discord:")[2]
    assert "@everyone" not in sent
    assert r"\*\*Urgent\*\*" in sent


def test_a_damaged_notice_is_announced_and_its_loss_counted(english: Ended) -> None:
    shown = section(english.stdout, 10)
    assert "1 new · 1 announcement" in shown
    assert "1 part of a notice could not be read" in shown


def test_a_second_look_announces_nothing(english: Ended) -> None:
    assert "0 new · 0 announcements" in section(english.stdout, 11)


def test_three_lines_say_how_to_connect_a_server(french: Ended) -> None:
    *_, portal, token, run = french.stdout.splitlines()
    assert portal.startswith("1. discord.com/developers")
    assert "VIGIE_DISCORD_TOKEN" in token
    assert "config.toml" in token
    assert "make run" in run
    assert "README.md" in run


def test_contact_details_of_the_bulletin_are_nowhere(french: Ended) -> None:
    assert CONTACT_EMAIL not in french.stdout
    assert CONTACT_PHONE not in french.stdout


def test_the_demo_reaches_nothing_but_this_machine_and_needs_no_development_tool() -> None:
    probe = (
        "import sys\n"
        "from bot.loopback.launcher import is_loopback\n"
        "for name in [name for name in sys.modules if name.split('.')[0] == 'discord']: del sys.modules[name]\n"
        "banned = {'discord', 'jsonschema', 'referencing', 'hypothesis', 'pytest', 'mypy', 'coverage'}\n"
        "class Ban:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name.split('.')[0] in banned: raise ImportError('banned: ' + name)\n"
        "sys.meta_path.insert(0, Ban())\n"
        "def watch(event, arguments):\n"
        "    if event == 'socket.getaddrinfo' and not is_loopback(arguments[0]): raise OSError(arguments[0])\n"
        "    if event == 'socket.connect' and not is_loopback(arguments[1][0]): raise OSError(arguments[1][0])\n"
        "sys.addaudithook(watch)\n"
        "sys.argv = ['vigie', 'demo']\n"
        "from bot.cli import main\n"
        "main()\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, check=False, text=True, env=environment()
    )
    assert (ended.returncode, ended.stderr) == (DONE, "")


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    work, temporary = tmp_path / "work", tmp_path / "temporary"
    work.mkdir()
    temporary.mkdir()
    vigie_from_cold("demo", installed=True, folder=work, variables={"TMPDIR": str(temporary)})
    assert not [*work.iterdir(), *temporary.iterdir()]


async def test_what_the_demo_shows_comes_from_the_real_matcher(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.matching.Matcher.find", lambda *_: [])
    monkeypatch.setattr("bot.matching.Matcher.find_apart", lambda *_: [])
    shown = io.StringIO()
    await run_demo(Texts(Language.EN, UTC), SystemClock(), Console(file=shown, width=80))
    assert "1 new · 1 announcement" not in shown.getvalue()


def test_a_tip_is_logged_with_its_date_as_it_was_typed_and_in_full(french: Ended, english: Ended) -> None:
    assert "Tuyau n° 1 · nouveau" in section(french.stdout, 12)
    assert "tapé « mardi dernier »" in section(french.stdout, 12)
    assert "typed “last Tuesday”" in section(english.stdout, 12)


def test_the_tip_becomes_a_fact_with_two_sources_that_a_second_person_verified(english: Ended) -> None:
    shown = section(english.stdout, 13)
    assert "Fact 1 · verified" in shown
    assert "Source 1" in shown
    assert "Source 2" in shown
    assert "Tip 1 · confirmed" in shown


def test_the_corrected_fact_shows_what_it_was_before_and_why(english: Ended) -> None:
    shown = section(english.stdout, 14)
    assert "Corrected · version 2" in shown
    assert "Reason: Interval made precise" in shown
    assert "Before:" in shown


def test_the_digest_tells_what_was_announced_and_what_was_held_for_it(french: Ended, english: Ended) -> None:
    shown = section(english.stdout, 15)
    assert "2 new · 0 announcements" in shown
    assert "/digest now: 1 message" in shown
    assert "First digest: 3 hits, 1 deadline, 1 fact and 1 tip without an owner." in shown
    assert "Surveillance des plages par drone" in section(french.stdout, 15)
    assert "Premier résumé : 3 correspondances, 1 échéance, 1 fait et 1 tuyau sans responsable." in section(
        french.stdout, 15
    ).replace("\u00a0", " ")


def test_the_digest_names_the_near_deadline_the_open_tip_and_when_the_source_was_read(english: Ended) -> None:
    shown = section(english.stdout, 15)
    assert re.search(
        r"Deadlines in the next 7 days • \w+ \d+ \w+ at 12:00 \(in 5 days\): Acquisition de deux drones", shown
    )
    assert "Tips without an owner • Tip 2" in shown
    assert re.search(r"Sources BOAMP \(3 new notices, read at \d\d:\d\d\)", shown)


def test_the_csvs_first_lines_are_shown_and_no_claim_runs(french: Ended) -> None:
    shown = section(french.stdout, 16)
    lines = shown.replace(" ", "")
    assert '"id","dossier","claim","status","event_date","date_precision","source_url"' in lines
    assert "\"'=HYPERLINK(" in lines
