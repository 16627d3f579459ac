from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.models import AnnouncementKind
from bot.reference import AnnouncementKey, reference

INSTALLATION = "0123456789abcdef0123456789abcdef"
KEY = AnnouncementKey(guild_id=1001, channel_id=2001, kind=AnnouncementKind.NOTICE, subject="boamp:26-1")
PROJECT = Path(__file__).parents[1]

keys = st.builds(
    AnnouncementKey,
    guild_id=st.integers(1, 2**63),
    channel_id=st.integers(1, 2**63),
    kind=st.sampled_from(AnnouncementKind),
    subject=st.text(min_size=1),
    revision=st.integers(1, 1000),
)


def test_a_reference_is_written_in_stone() -> None:
    """What was sent before an upgrade must be found after it."""
    made = reference(INSTALLATION, KEY)
    assert (made.nonce, made.code) == ("476320d6e4f51b644c819ccbc", "H866-KG75")


def test_a_reference_is_the_same_in_another_process() -> None:
    script = (
        "from bot.models import AnnouncementKind\n"
        "from bot.reference import *\n"
        f"print(reference({INSTALLATION!r}, AnnouncementKey(guild_id=1001, channel_id=2001,"
        " kind=AnnouncementKind.NOTICE, subject='boamp:26-1')).nonce)"
    )
    ended = subprocess.run([sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == reference(INSTALLATION, KEY).nonce


@given(keys)
def test_a_nonce_is_25_hex_digits(key: AnnouncementKey) -> None:
    assert re.fullmatch("[0-9a-f]{25}", reference(INSTALLATION, key).nonce)


@given(keys)
def test_a_code_is_two_groups_of_four_without_letters_that_look_alike(key: AnnouncementKey) -> None:
    assert re.fullmatch("[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", reference(INSTALLATION, key).code)


@pytest.mark.parametrize(
    "other",
    [
        {"guild_id": 1002},
        {"channel_id": 2002},
        {"kind": AnnouncementKind.OPERATIONS},
        {"subject": "boamp:26-2"},
        {"revision": 2},
    ],
)
def test_every_part_of_a_key_makes_another_reference(other: dict[str, Any]) -> None:
    assert reference(INSTALLATION, replace(KEY, **other)) != reference(INSTALLATION, KEY)


def test_another_installation_makes_another_reference() -> None:
    assert reference(INSTALLATION[::-1], KEY) != reference(INSTALLATION, KEY)


def test_another_attempt_makes_another_reference() -> None:
    assert reference(INSTALLATION, KEY, 1) != reference(INSTALLATION, KEY)
