"""The desk, served as `make desk` serves it, on a free port of this machine."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from urllib.error import URLError
from urllib.request import urlopen

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "70_desk.ipynb"
PATIENCE_SECONDS = 60


@contextmanager
def served_desk() -> Iterator[str]:
    """Start Voila, yield the address of the page, and stop Voila in the end."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    command = [sys.executable, "-m", "voila", "--no-browser", "--Voila.ip=127.0.0.1", f"--port={port}", str(NOTEBOOK)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}/"
    try:
        _wait_until_it_listens(port)
        yield address
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def _wait_until_it_listens(port: int) -> None:
    began = monotonic()
    while True:
        try:
            urlopen(f"http://127.0.0.1:{port}/voila/static/voila.js", timeout=5).close()
        except URLError as error:
            if "refused" not in str(error):
                return
            assert monotonic() - began < PATIENCE_SECONDS, "Voila did not start"
            sleep(0.1)
        else:
            return
