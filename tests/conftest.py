"""What holds for every test: Hypothesis judges what the code does, never how fast the machine is at the moment."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
