"""Runs one stripe-mock on loopback, and makes sure that it ends with us. Which one, `mock_binary` says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from typing import IO

from payflows.errors import PayflowsError
from payflows.testing.stripe_mock.billing_fixtures import Fixtures

STARTUP_SECONDS = 30
LISTENING = re.compile(rb"Listening for HTTP at address: (127\.0\.0\.1:\d+)")

# Without its own address HTTPS would be opened on every interface. Port 0: any free one.
ADDRESSES = ("-http-addr", "127.0.0.1:0", "-https-addr", "127.0.0.1:0")

# Holds stripe-mock until a line comes or the pipe ends; a pipe ends with its owner, also when that is killed.
# Then it ends stripe-mock (as its parent it cannot hit a stranger's process id) and removes the answers.
HOLDER = """
answers=$1; shift
"$@" -fixtures "$answers" </dev/null &
exec >/dev/null 2>&1
read -r _
kill "$!"; wait; rm -f "$answers"
"""


class StripeMockFailed(PayflowsError):
    """stripe-mock was there and did not start."""


@contextmanager
def running(binary: Path, fixtures: Fixtures, *, startup_seconds: float = STARTUP_SECONDS) -> Iterator[str]:
    """Run a stripe-mock that answers with these fixtures, and give its address.

    Raises:
        StripeMockFailed: it ended, or did not listen in time; the message holds what it said.
    """
    with _held([str(binary), *ADDRESSES], _written(fixtures)) as output:
        yield _Listener(output).url(startup_seconds)


def _written(fixtures: Fixtures) -> str:
    """Name of a new file of answers, which the holder removes; stripe-mock takes no other than `.json`."""
    with tempfile.NamedTemporaryFile("w", prefix="stripe-mock-", suffix=".json", delete=False) as answers:
        json.dump({"resources": fixtures}, answers)
    return answers.name


@contextmanager
def _held(command: Sequence[str], answers: str) -> Iterator[IO[bytes]]:
    """Start stripe-mock under a holder and give what it prints; at the end all of it is gone."""
    holder = subprocess.Popen(
        ["/bin/sh", "-c", HOLDER, "holder", answers, *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={"PATH": os.defpath},  # it needs no setting of ours, and PORT would be one
        start_new_session=True,  # Ctrl-C and a notebook's interrupt are not meant for it
    )
    lifeline, output = holder.stdin, holder.stdout
    assert lifeline is not None  # both are pipes; only the types do not know
    assert output is not None
    try:
        yield output
    finally:
        with suppress(BrokenPipeError):  # a line, not only the end: a forked child may hold the pipe open
            lifeline.write(b"\n")
            lifeline.close()
        holder.wait()


class _Listener:
    """Hears stripe-mock out until it listens; what it prints later (all that is sent to it) is dropped."""

    def __init__(self, output: IO[bytes]) -> None:
        self._output = output
        self._said = b""
        self._read_enough = Event()
        Thread(target=self._listen, name="stripe-mock's output", daemon=True).start()

    def url(self, timeout_seconds: float) -> str:
        self._read_enough.wait(timeout_seconds)
        if address := LISTENING.search(self._said):
            return f"http://{address[1].decode()}"
        said = self._said.decode(errors="replace").strip() or "(nothing)"
        raise StripeMockFailed(f"stripe-mock did not listen ({timeout_seconds:g} s are allowed). It said: {said}")

    def _listen(self) -> None:
        with self._output:
            for line in self._output:
                self._said += line
                if LISTENING.match(line):
                    break
            self._read_enough.set()
            while os.read(self._output.fileno(), 65536):
                pass
