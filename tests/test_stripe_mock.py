"""How a stripe-mock runs: on loopback only, several concurrently, and never longer than its owner."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from payflows.testing.stripe_mock import mock
from payflows.testing.stripe_mock.mock import URL_VARIABLE, VERSION, StripeMock, StripeMockFailed, StripeMockRefused
from payflows.testing.stripe_mock.process import running
from tests.plugins.stripe_mock import StripeMocks

RUN = [sys.executable, "-m", "payflows.testing.stripe_mock.mock", "run"]


@pytest.fixture(autouse=True)
def no_mock_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(URL_VARIABLE, raising=False)


# Where it listens, and how long


def test_it_listens_on_one_loopback_address(stripe_mock: StripeMocks) -> None:
    port = port_of(stripe_mock().url)

    assert answers("127.0.0.1", port)
    assert not answers("127.0.0.2", port)


def test_it_keeps_https_on_loopback_too(tmp_path: Path) -> None:
    tells_its_flags = program(tmp_path, 'echo "$@"')

    with pytest.raises(StripeMockFailed, match=r"-http-addr 127\.0\.0\.1:0 -https-addr 127\.0\.0\.1:0"):
        run_briefly(tells_its_flags)


def test_it_ends_with_its_block_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    with mock.stripe_mock() as started:
        assert answers("127.0.0.1", port_of(started.url))
        assert len(list(tmp_path.iterdir())) == 1

    assert not answers("127.0.0.1", port_of(started.url))
    assert list(tmp_path.iterdir()) == []


def test_it_ends_when_its_owner_is_killed(tmp_path: Path) -> None:
    with serving(tmp_path) as (owner, url):
        owner.kill()

        soon(lambda: not answers("127.0.0.1", port_of(url)))
        soon(lambda: list(tmp_path.iterdir()) == [])


def test_a_control_c_is_its_owners_to_answer(tmp_path: Path) -> None:
    with serving(tmp_path) as (owner, url):
        os.killpg(owner.pid, signal.SIGINT)

        assert owner.wait(10) == 0
        assert not answers("127.0.0.1", port_of(url))


def test_a_command_finds_the_mock_that_runs_beside_it() -> None:
    code = f"import os, urllib.request as r; r.urlopen(os.environ[{URL_VARIABLE!r}])"

    said = subprocess.run([*RUN, sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert said.returncode == 1
    assert "HTTP Error 401" in said.stderr  # it answered: a key is missing


def test_a_command_is_not_given_another_world_for_the_default() -> None:
    said = subprocess.run([*RUN, "--world", "paid", "true"], capture_output=True, text=True, check=False)

    assert said.returncode == 1
    assert "the default world" in said.stderr


def test_one_that_dies_tells_why(tmp_path: Path) -> None:
    with pytest.raises(StripeMockFailed, match="no such luck"):
        run_briefly(program(tmp_path, "echo no such luck; exit 3"))


def test_one_that_never_listens_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    silent = program(tmp_path, f"echo $$ >{tmp_path}/pid; exec sleep 60")

    with pytest.raises(StripeMockFailed, match=r"0\.3 s are allowed\)\. It said: \(nothing\)"):
        run_briefly(silent, startup_seconds=0.3)

    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


# One that runs already


def test_one_that_runs_already_serves_the_default_world(
    stripe_mock: StripeMocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = stripe_mock()
    monkeypatch.setenv(URL_VARIABLE, named.url + "/")

    with mock.stripe_mock() as found:
        assert found == named


@pytest.mark.parametrize(("world", "amount_minor"), [("paid", None), ("default", 5)])
def test_every_other_world_is_started_by_us(
    monkeypatch: pytest.MonkeyPatch, world: str, amount_minor: int | None
) -> None:
    monkeypatch.setenv(URL_VARIABLE, "http://127.0.0.1:1")  # asking there would fail

    with mock.stripe_mock(world, amount_minor=amount_minor) as started:
        assert started.world == world


@pytest.mark.parametrize(
    "url",
    [
        "http://192.0.2.1:12111",
        "http://stripe.example.com:12111",
        "http://localhost.example.com:12111",
        "http://127.0.0.1.example.com:12111",
        "http://127.0.0.1@192.0.2.1:12111",
        "http://user@127.0.0.1:12111",
        "http://0.0.0.0:12111",
        "https://127.0.0.1:12111",
        "http://127.0.0.1",
        "http://127.0.0.1:99999",
        "http://127.0.0.1:12111/v1",
        "127.0.0.1:12111",
        "http://[::1",
        "nonsense",
    ],
)
def test_an_address_off_loopback_is_never_asked(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv(URL_VARIABLE, url)

    with pytest.raises(StripeMockRefused, match="on loopback"), mock.stripe_mock():
        pass


@pytest.mark.parametrize("said", [None, "0.1.0"])
def test_what_is_not_the_pinned_stripe_mock_is_refused(monkeypatch: pytest.MonkeyPatch, said: str | None) -> None:
    reason = "is not a stripe-mock" if said is None else f"must name a stripe-mock {VERSION}, got 0.1.0"
    with impostor(said) as url:
        monkeypatch.setenv(URL_VARIABLE, url)

        with pytest.raises(StripeMockRefused, match=reason), mock.stripe_mock():
            pass


def test_one_built_without_a_version_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    with impostor("master") as url:
        monkeypatch.setenv(URL_VARIABLE, url)

        with mock.stripe_mock() as found:
            assert found == StripeMock(url=url, world="default", version="master")


def test_an_address_where_nothing_answers_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(URL_VARIABLE, "http://127.0.0.1:1")

    with pytest.raises(StripeMockRefused, match="no stripe-mock answers"), mock.stripe_mock():
        pass


# Helpers


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


def answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


def soon(happened: Callable[[], bool], within_seconds: float = 10) -> None:
    deadline = time.monotonic() + within_seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def program(folder: Path, script: str) -> Path:
    """A stand-in for stripe-mock."""
    path = folder / "stripe-mock"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def run_briefly(stand_in: Path, startup_seconds: float = 10) -> None:
    with running(stand_in, {}, startup_seconds=startup_seconds):
        raise AssertionError("it cannot have listened")


@contextmanager
def serving(scratch: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start `run` in a separate process, its temporary files in `scratch`, and the address that it prints."""
    here = os.environ | {"TMPDIR": str(scratch)}
    with subprocess.Popen(RUN, env=here, stdout=subprocess.PIPE, text=True, start_new_session=True) as owner:
        try:
            assert owner.stdout is not None
            yield owner, owner.stdout.readline().split()[-1]
        finally:
            owner.kill()


@contextmanager
def impostor(version: str | None) -> Iterator[str]:
    """The address of a server that answers 404 and calls itself that stripe-mock, or nothing at all."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(404)
            if version is not None:
                self.send_header("Stripe-Mock-Version", version)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
