"""A headless Chromium, driven over its debugging protocol."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.request import urlopen

import websocket

PATIENCE_SECONDS = 60


class Page:
    """An open page.

    Args:
        address: of its debugging socket.
    """

    def __init__(self, address: str) -> None:
        self._socket = websocket.create_connection(address, suppress_origin=True, timeout=PATIENCE_SECONDS)
        self._numbers = count(1)

    def _ask(self, method: str, **parameters: object) -> Any:  # noqa: ANN401 - JSON
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("id") == number:
                assert "error" not in answer, answer
                return answer["result"]

    def close(self) -> None:
        """Let go of it."""
        self._socket.close()

    def open(self, address: str) -> None:
        """Go to an address."""
        self._ask("Page.navigate", url=address)

    def evaluate(self, expression: str) -> Any:  # noqa: ANN401 - JSON
        """Return what an expression of JavaScript is."""
        return self._ask("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def wait_for(self, expression: str) -> float:
        """Wait until it is true; return how many seconds that took."""
        began = monotonic()
        while not self.evaluate(expression):
            assert monotonic() - began < PATIENCE_SECONDS, f"{expression} did not come true: {self.text()}"
            sleep(0.01)
        return monotonic() - began

    def text(self) -> str:
        """Return what a reader sees."""
        return str(self.evaluate("document.body.innerText"))

    def press(self, key: str) -> None:
        """Press a key, such as "ArrowLeft"."""
        code, text = {"ArrowLeft": (37, ""), "ArrowRight": (39, ""), "Enter": (13, "\r")}[key]
        for type in ("keyDown", "keyUp"):
            pressed = {"key": key, "code": key, "windowsVirtualKeyCode": code, "text": text}
            self._ask("Input.dispatchKeyEvent", type=type, **pressed)

    def click(self, element: str) -> None:
        """Click on the middle of an element, an expression of JavaScript."""
        x, y = self.evaluate(
            f"(box => [box.x + box.width / 2, box.y + box.height / 2])(({element}).getBoundingClientRect())"
        )
        for type in ("mousePressed", "mouseReleased"):
            self._ask("Input.dispatchMouseEvent", type=type, x=x, y=y, button="left", clickCount=1)

    def write(self, text: str) -> None:
        """Type a text into the field that has the focus."""
        self._ask("Input.insertText", text=text)

    def save_screenshot(self, path: Path) -> None:
        """Save what the page looks like, all of it, as PNG."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(self._ask("Page.captureScreenshot", captureBeyondViewport=True)["data"]))


@contextmanager
def opened_page(folder: Path, *, width: int = 1_400, height: int = 1_250) -> Iterator[Page]:
    """Start a browser that keeps its things in a folder, and stop it in the end."""
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0", "--hide-scrollbars"]
    size, kept = f"--window-size={width},{height}", f"--user-data-dir={folder}"
    process = subprocess.Popen(["chromium", *options, size, kept, "about:blank"], stderr=subprocess.DEVNULL)
    try:
        with closing(Page(_address_of(folder / "DevToolsActivePort"))) as page:
            yield page
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def _address_of(file: Path) -> str:
    began = monotonic()
    while not (file.exists() and file.read_text().strip()):
        assert monotonic() - began < PATIENCE_SECONDS, "the browser did not start"
        sleep(0.05)
    port = file.read_text().split()[0]
    with urlopen(f"http://127.0.0.1:{port}/json") as answer:
        return next(str(each["webSocketDebuggerUrl"]) for each in json.load(answer) if each["type"] == "page")
