"""A headless browser that draws elements of one page: Chromium over its DevTools protocol."""

from __future__ import annotations

import asyncio
import base64
import itertools
import os
import re
import shutil
import struct
import tempfile
import zlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER_VARIABLE = "VIGIE_CHROMIUM"
SCALE = 1.5
"""Pixels of a picture for one of the page: sharp enough on a phone, and small."""
PATIENCE_S = 60.0
_FLAGS = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-extensions",
    "--disable-lcd-text",  # coloured edges would only be noise in a picture
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--no-default-browser-check",
    "--hide-scrollbars",
    "--allow-file-access-from-files",  # the page and its modules are files
    "--remote-debugging-port=0",
)
_ADDRESS = re.compile(rb"DevTools listening on (ws://\S+)")


class NoBrowserError(Exception):
    """There is no browser that could draw."""


def find_browser() -> str:
    """Return the path of the browser; raises NoBrowserError."""
    named = os.environ.get(BROWSER_VARIABLE)
    for name in (named,) if named else BROWSERS:
        found = shutil.which(name)
        if found is not None:
            return found
    raise NoBrowserError(named or ", ".join(BROWSERS))


@dataclass
class Page:
    """Hold one page of a browser that runs."""

    socket: aiohttp.ClientWebSocketResponse
    session: str = ""
    numbers: itertools.count[int] = field(default_factory=itertools.count)

    async def ask(self, method: str, **values: Any) -> dict[str, Any]:
        """Send a command of the protocol, and return its result; raises RuntimeError where it fails."""
        number = next(self.numbers)
        order = {"id": number, "method": method, "params": values}
        await self.socket.send_json(order | ({"sessionId": self.session} if self.session else {}))
        async for message in self.socket:
            told = message.json()
            if told.get("id") == number:
                if "error" in told:
                    raise RuntimeError(f"{method}: {told['error']['message']}")
                result: dict[str, Any] = told["result"]
                return result
        raise RuntimeError(f"{method}: the browser went away")

    async def evaluate(self, expression: str) -> Any:
        """Return the value of a JavaScript expression, awaited."""
        told = await self.ask("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in told:
            raise RuntimeError(told["exceptionDetails"].get("exception", {}).get("description", expression[:80]))
        return told["result"].get("value")

    async def until(self, expression: str) -> None:
        """Wait until an expression holds, which it may do only once the page's modules are there."""
        async with asyncio.timeout(PATIENCE_S):
            while not await self.evaluate(expression):
                await asyncio.sleep(0.05)

    async def draw(self, element: str) -> bytes:
        """Return an element of the page as a PNG of few colours."""
        place = await self.evaluate(f"place('{element}')")
        clip = {**place, "scale": 1}
        told = await self.ask("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)
        return png(await self.evaluate(f"indexed('{told['data']}')"))


@asynccontextmanager
async def opened(path: Path, width: int) -> AsyncIterator[Page]:
    """Open a page of so many pixels in a browser of its own, which is gone afterwards."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        flags = [*_FLAGS, f"--user-data-dir={profile}"]
        flags += ["--no-sandbox"] if os.getuid() == 0 else []  # it refuses to be the superuser otherwise
        process = await asyncio.create_subprocess_exec(
            find_browser(), *flags, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
        )
        try:
            address = await asyncio.wait_for(_address(process), PATIENCE_S)
            async with aiohttp.ClientSession() as session, session.ws_connect(address, max_msg_size=0) as socket:
                page = Page(socket)
                target = await page.ask("Target.createTarget", url="about:blank")
                told = await page.ask("Target.attachToTarget", targetId=target["targetId"], flatten=True)
                page.session = told["sessionId"]
                await page.ask(
                    "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=SCALE, mobile=False
                )
                await page.ask("Page.navigate", url=path.as_uri())
                await page.until("window.ready")
                yield page
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    async for line in process.stderr:
        found = _ADDRESS.search(line)
        if found is not None:
            return found[1].decode()
    raise RuntimeError("the browser ended before it was ready")


def png(indexed: Mapping[str, Any]) -> bytes:
    """Return the image of a `width`, `height`, `palette` (256 at most, 0xRRGGBB) and `rows` (base64, an index each)."""
    width, height = indexed["width"], indexed["height"]
    pixels = base64.b64decode(indexed["rows"])
    rows = b"".join(b"\0" + pixels[place * width : (place + 1) * width] for place in range(height))
    palette = b"".join(colour.to_bytes(3, "big") for colour in indexed["palette"])
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = ((b"IHDR", header), (b"PLTE", palette), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
