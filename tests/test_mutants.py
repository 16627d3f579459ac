"""The ways in which `make mutants` breaks the bot, each of them still possible."""

from __future__ import annotations

from tests.mutants import MUTANTS, ROOT


def test_every_mutant_still_finds_what_it_breaks_and_the_tests_that_should_notice() -> None:
    gone = [
        mutant.name
        for mutant in MUTANTS
        if mutant.before not in (ROOT / mutant.file).read_text(encoding="utf-8")
        or not all((ROOT / test.split("::")[0]).exists() for test in mutant.tests)
    ]
    assert gone == []


def test_no_two_mutants_have_one_name() -> None:
    names = [mutant.name for mutant in MUTANTS]
    assert len(names) == len({*names})
