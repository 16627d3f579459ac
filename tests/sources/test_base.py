from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bot.sources import Description, Window, describe, sources, told
from bot.sources.boamp import Boamp
from bot.sources.ted import Ted

NOW = datetime(2026, 11, 18, 23, 30, tzinfo=UTC)  # 00:30 of the 19th in Paris


def test_a_source_is_found_by_its_module() -> None:
    assert sources()["boamp"] is Boamp


def test_private_modules_are_not_sources() -> None:
    assert not [name for name in sources() if name.startswith("_")]


def test_a_first_read_goes_back_to_the_baseline_in_the_publishers_zone() -> None:
    assert Boamp().window(None, NOW) == Window(date(2026, 11, 12))


def test_a_later_read_overlaps_the_last_success_in_the_publishers_zone() -> None:
    assert Boamp().window(NOW, NOW) == Window(date(2026, 11, 16))


def test_a_read_after_a_long_stop_starts_before_the_last_success() -> None:
    assert Boamp().window(datetime(2026, 10, 1, 12, tzinfo=UTC), NOW) == Window(date(2026, 9, 28))


def test_a_base_url_is_taken_as_written() -> None:
    assert Boamp("http://127.0.0.1:9/").base_url == "http://127.0.0.1:9"
    assert Boamp().base_url == Boamp.default_base_url


def test_a_description_joins_the_lines_of_a_heading() -> None:
    said = describe(Boamp)

    assert isinstance(said, Description)
    assert said.publisher.endswith("annonces des marchés publics.")
    assert "Publisher" not in said.summary


def test_french_readers_are_told_the_publisher_and_the_licence_of_the_docstring_where_french_has_none() -> None:
    english, french = told(Boamp, french=False), told(Boamp, french=True)

    assert (french.publisher, french.licence) == (english.publisher, english.licence)
    assert french.publisher
    assert told(Ted, french=True).licence == Ted.french.licence


def test_a_docstring_without_a_heading_is_refused_by_its_name() -> None:
    class Mute(Boamp):
        """Read nothing.

        Publisher: nobody.
        """

    with pytest.raises(LookupError, match="Documentation"):
        describe(Mute)
