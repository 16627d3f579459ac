"""The pictures that the documents show: all there, small, in both themes, each told in words, and none left over."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
PICTURE = re.compile(
    r'<picture><source media="\(prefers-color-scheme: dark\)" srcset="images/(?P<dark>[\w-]+)-dark\.png">'
    r'<img src="images/(?P<light>[\w-]+)-light\.png" width="400" alt="(?P<alt>[^"]+)"></picture>'
)
MOST_BYTES = 100_000


def pictures() -> list[re.Match[str]]:
    return [found for doc in sorted(DOCS.glob("*.md")) for found in PICTURE.finditer(doc.read_text(encoding="utf-8"))]


def test_every_picture_is_shown_in_both_themes() -> None:
    told = "".join(doc.read_text(encoding="utf-8") for doc in DOCS.glob("*.md"))
    assert pictures()
    assert len(pictures()) == told.count("<picture>") == told.count("<img ")
    assert [found["dark"] for found in pictures() if found["dark"] != found["light"]] == []


@pytest.mark.parametrize("found", pictures(), ids=lambda found: found["dark"])
def test_a_picture_is_there_and_told_in_words(found: re.Match[str]) -> None:
    for theme in ("dark", "light"):
        image = (DOCS / "images" / f"{found[theme]}-{theme}.png").read_bytes()
        assert image.startswith(b"\x89PNG")
        assert len(image) < MOST_BYTES
    assert len(found["alt"].split()) >= 8


def test_no_picture_is_left_over() -> None:
    shown = {f"{found['dark']}-{theme}.png" for found in pictures() for theme in ("dark", "light")}
    assert {path.name for path in (DOCS / "images").iterdir()} == shown
