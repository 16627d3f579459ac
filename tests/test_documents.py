"""What is made from the sources' own words stands in the files as the sources now are."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.locales import Language
from bot.sources.bodacc import Bodacc
from tests import documents
from tests.documents import DOCUMENTS, habit, write


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_a_document_made_from_the_sources_is_up_to_date(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == DOCUMENTS[path](), "run `make docs`"


def test_what_is_usual_of_a_source_read_by_number_depends_on_what_is_watched() -> None:
    assert habit(Bodacc, Language.EN).endswith(" Usual silence: it depends on what you watch.")


def test_the_files_that_are_written_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(documents, "ROOT", tmp_path)
    monkeypatch.setattr(documents, "DOCUMENTS", {tmp_path / "page.md": lambda: "a page\n"})
    write()
    assert capsys.readouterr().out == "page.md\n"
    assert (tmp_path / "page.md").read_text(encoding="utf-8") == "a page\n"
