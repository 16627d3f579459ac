"""The source tree itself: who may import whom, what may not stand where, what the wheel holds."""

from __future__ import annotations

import ast
import functools
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

from tests.each_file import of_each

ROOT = Path(__file__).parent.parent
MODULES = sorted(path for folder in ("bot", "cogs", "migrations") for path in (ROOT / folder).rglob("*.py"))

LAYERS = (
    {"errors", "clock", "crash", "models", "markup", "csv_cells", "slots", "chain"},
    {"locales", "config", "access", "reference", "dates"},
    {"matching", "cards", "quiet"},
    {"storage", "sources", "lookup", "notice_lines", "entering"},
    {"publishing"},
    {"watchlist", "setting_up", "composing", "schedule", "tips", "facts", "dossiers", "embargo"},
    {"pipeline", "delivery", "digest", "export", "search", "indexing", "audit", "chores", "reminding", "following_up"},
    {"hiding", "restoring"},
    {"app"},
    {"client", "cli", "__main__", "demo"},
)
"""The modules of bot/, from the ground up: each imports only what stands below it or beside it."""


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@functools.cache
def nodes_of(path: Path) -> list[ast.AST]:
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


@functools.cache
def imports_of(path: Path) -> list[str]:
    return list(_imported(path))


def _imported(path: Path) -> Iterator[str]:
    for node in nodes_of(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def part_of_bot(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if parts[0] == "bot" and len(parts) > 1 else None


def layer_of(part: str) -> int:
    return next(number for number, layer in enumerate(LAYERS) if part in layer)


@of_each(MODULES, name_of)
def test_imports_point_one_way(path: Path) -> None:
    own = part_of_bot(name_of(path))
    if own is None or own == "loopback":
        return
    for module in imports_of(path):
        part = part_of_bot(module)
        if part in {None, own} or not any(part in layer for layer in (*LAYERS, {"loopback"})):
            continue
        if part == "loopback":
            assert own in {"cli", "demo"}, f"{name_of(path)} imports {module}: only the demo runs on the loopback"
            continue
        assert layer_of(part) <= layer_of(own), f"{name_of(path)} imports {module}, which stands above it"


def test_every_part_of_bot_has_its_layer() -> None:
    parts = {part_of_bot(name_of(path)) for path in MODULES if part_of_bot(name_of(path))}
    assert parts - {"loopback"} <= set().union(*LAYERS), "a new part of bot/ needs its place in LAYERS"


def test_the_architecture_lists_the_layers_as_they_are() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    listed = re.search(r"From the ground up: (.*?)\.\n", page, re.DOTALL)
    assert listed is not None
    assert [set(re.findall(r"\w+", layer)) for layer in listed[1].split("·")] == [set(layer) for layer in LAYERS]


@of_each(MODULES, name_of)
def test_only_the_client_and_the_cogs_know_discord(path: Path) -> None:
    name = name_of(path)
    if name.startswith("cogs") or name in {"bot.client", "bot.loopback.launcher"}:
        return
    assert not [module for module in imports_of(path) if module.split(".")[0] == "discord"]


@of_each([path for path in MODULES if name_of(path).startswith("bot")], name_of)
def test_nothing_in_bot_imports_the_cogs(path: Path) -> None:
    assert not [module for module in imports_of(path) if module.split(".")[0] == "cogs"]


@of_each([p for p in MODULES if name_of(p).startswith("bot.loopback")], name_of)
def test_the_loopback_speaks_http_and_imports_nothing_of_the_bot(path: Path) -> None:
    known = {module for module in imports_of(path) if part_of_bot(module) not in {None, "loopback"}}
    assert known <= ({"bot.clock", "bot.crash"} if path.name == "launcher.py" else set())


@of_each(MODULES, name_of)
def test_only_the_clock_asks_the_time(path: Path) -> None:
    if name_of(path) == "bot.clock" or name_of(path).startswith("bot.loopback"):
        return
    calls = re.findall(
        r"\b(?:datetime|date|dt\.datetime|dt\.date)\.(?:now|utcnow|today)\(|\btime\.time\(", path.read_text()
    )
    assert not calls


@of_each(MODULES, name_of)
def test_a_module_is_about_one_subject(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 450


@of_each(MODULES, name_of)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    module = nodes_of(path)[0]
    assert isinstance(module, ast.Module)
    assert ast.get_docstring(module)


def test_no_network_is_awaited_inside_a_transaction() -> None:
    for path in MODULES:
        for node in nodes_of(path):
            if isinstance(node, ast.AsyncWith) and any(".tx(" in ast.unparse(item) for item in node.items):
                body = "\n".join(ast.unparse(statement) for statement in node.body)
                far = re.findall(
                    r"await (?:\w+\.)*(?:_?sender|_?client|interaction|response|followup|channel)\.\w+\(|\.fetch\(",
                    body,
                )
                assert not far, f"{name_of(path)}:{node.lineno} awaits {far} inside tx()"


def test_nothing_but_the_database_commits() -> None:
    allowed = {"bot.storage.database", "bot.storage.migrations"}
    for path in MODULES:
        if name_of(path) not in allowed:
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"\.commit\(|\.rollback\(|\"(?:BEGIN|COMMIT|ROLLBACK)", text), name_of(path)


def test_sql_stands_in_storage_only() -> None:
    for path in MODULES:
        if not name_of(path).startswith(("bot.storage", "migrations")):
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"\b(?:SELECT .+ FROM|INSERT INTO|UPDATE \w+ SET|DELETE FROM)\b", text), name_of(path)


def test_a_crash_point_has_one_place() -> None:
    labels = re.findall(r"(?:\.tx|crash\.point)\(\"([^\"]+)\"\)", "\n".join(path.read_text() for path in MODULES))
    assert len(labels) == len(set(labels))


def test_no_file_names_a_registry_or_a_machine() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    words = ("py" + "pi.org", "files.python" + "hosted", "npm" + "js.org", "/ro" + "ot/", "/ho" + "me/")
    words += ("--index" + "-url http",)
    for name in listed:
        path = ROOT / name
        if path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            assert not [word for word in words if word in text], name


def test_the_lock_pins_every_package_by_its_hash() -> None:
    blocks = re.split(r"\n(?=\S)", (ROOT / "requirements.lock").read_text().strip())
    assert blocks
    for block in blocks:
        assert re.match(r"[a-z0-9.-]+==\S+", block), block.splitlines()[0]
        assert "--hash=sha256:" in block, block.splitlines()[0]
    assert "://" not in "".join(blocks)


def test_the_lock_holds_every_dependency_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {re.match(r"[A-Za-z0-9._-]+", line)[0].lower().replace(".", "-").replace("_", "-") for line in wanted}
    locked = set(re.findall(r"^([a-z0-9.-]+)==", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
    assert names <= {name.replace(".", "-") for name in locked}


def test_the_wheel_holds_the_program_with_its_data_and_no_tests(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    data = {
        path.relative_to(ROOT).as_posix()
        for folder in ("bot", "cogs", "migrations")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert any(name.endswith(".sql") for name in data)
    assert any(name.endswith(".po") for name in data)
    assert data <= names
    assert not [name for name in names if name.startswith("tests")]
