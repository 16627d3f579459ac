"""Draw the cards that the real bot sends, in Discord's dark and light theme: `make cards`.

Pictures that a page of docs/ shows are written to docs/images, the others to dist/cards.
`--only NAME…` draws those pictures alone; `--again` draws what the last run captured, without running the bot.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.cards_shown import browser, captured, page
from tests.cards_shown.stories import captured_pictures

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
IMAGES = DOCS / "images"
DRAWN = ROOT / "dist" / "cards"
CAPTURED = DRAWN / "captured.json"
WIDTH = 400
MODULES = page.FOLDER / "node_modules"
INSTALL = "apt-get install chromium nodejs npm"


def main(arguments: list[str]) -> int:
    """Draw, and return the exit status."""
    parser = argparse.ArgumentParser(prog="make cards", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME")
    parser.add_argument("--again", action="store_true")
    chosen = parser.parse_args(arguments)
    missing = _missing()
    if missing:
        sys.stderr.write(f"{missing}\n")
        return 1
    if not chosen.again:
        with tempfile.TemporaryDirectory() as folder:
            captured.save(asyncio.run(captured_pictures(Path(folder))), CAPTURED)
    pictures = [one for one in captured.load(CAPTURED) if not chosen.only or one.name in chosen.only]
    DRAWN.mkdir(parents=True, exist_ok=True)
    shown = {name for doc in DOCS.glob("*.md") for name in re.findall(r"images/([\w-]+\.png)", doc.read_text("utf-8"))}
    for path in asyncio.run(draw(pictures, DRAWN)):
        if path.name in shown:
            shutil.copyfile(path, IMAGES / path.name)
        place = IMAGES if path.name in shown else DRAWN
        sys.stdout.write(f"{(place / path.name).relative_to(ROOT)}\t{path.stat().st_size / 1000:.0f} kB\n")
    return 0


async def draw(pictures: list[captured.Picture], folder: Path) -> list[Path]:
    """Draw pictures into a folder, each in both themes, and return the files."""
    written = []
    with tempfile.NamedTemporaryFile("w", suffix=".html", dir=page.FOLDER, encoding="utf-8") as file:
        file.write(page.page(pictures))
        file.flush()
        async with browser.opened(Path(file.name), WIDTH) as shown:
            for one in pictures:
                for theme in page.Theme:
                    path = folder / f"{page.element_id(one, theme)}.png"
                    path.write_bytes(await shown.draw(page.element_id(one, theme)))
                    written.append(path)
    return written


def _missing() -> str | None:
    """Return in words what has to be installed first, None where nothing has; fetch what is drawn with."""
    try:
        browser.find_browser()
    except browser.NoBrowserError as error:
        return f"make cards needs a Chromium, and found none as {error}: {INSTALL}, or name one in VIGIE_CHROMIUM."
    if MODULES.is_dir():
        return None
    npm = shutil.which("npm")
    if npm is None:
        return f"make cards needs npm to fetch what draws Discord's messages: {INSTALL}."
    fetched = subprocess.run([npm, "ci"], cwd=page.FOLDER, check=False, stdout=sys.stderr)
    return "npm ci failed; what it said stands above." if fetched.returncode else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
