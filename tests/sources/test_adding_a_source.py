"""The page on adding a source is enough to add one: its own example is taken up by the contract as it stands there."""

from __future__ import annotations

import importlib.util
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.sources import Source, sources
from tests.sources import layouts, test_contract, test_contract_refusals, test_publishers

PAGE = (Path(__file__).parents[2] / "docs" / "adding-a-source.md").read_text(encoding="utf-8")
NAME = "tarvel"


def is_of_any(question: Any) -> bool:
    """Return whether a question is asked of a source like the page's: BOAMP is one."""
    return any("boamp" in mark.args[1] for mark in question.pytestmark if mark.name == "parametrize")


QUESTIONS = [
    question
    for module in (test_contract, test_contract_refusals, test_publishers)
    for title, question in vars(module).items()
    if title.startswith("test_") and list(inspect.signature(question).parameters) == ["name"] and is_of_any(question)
]
"""What every source is asked that answers in JSON and is no register."""


def written(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture(scope="module")
def added(tmp_path_factory: pytest.TempPathFactory) -> Iterator[type[Source]]:
    """Write the page's file and its sample where a contributor would, beside the ones that are there."""
    folder = tmp_path_factory.mktemp("samples")
    module_path, name = tmp_path_factory.mktemp("sources") / f"{NAME}.py", f"bot.sources.{NAME}"
    module_path.write_text(written("python"), encoding="utf-8")
    (folder / f"{NAME}.json").write_text(written("json"), encoding="utf-8")
    spec = importlib.util.spec_from_file_location(name, module_path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sources(), NAME, module.Tarvel)
        patch.setattr(layouts, "SAMPLES", folder)
        yield module.Tarvel
    del sys.modules[name]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.__name__)
async def test_the_example_of_the_page_holds_to_the_contract(added: type[Source], question: object) -> None:
    assert callable(question)
    answer = question(added.name)
    if inspect.isawaitable(answer):
        await answer
