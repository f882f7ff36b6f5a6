"""A stripe-mock at hand: `with stripe_mock("paid") as mock:`, and it answers at `mock.url`.

What it answers is in `worlds`, where the program comes from in `mock_binary`, how it runs in `mock_process`.
"""

from __future__ import annotations

import argparse
import http.client
import ipaddress
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from payflows.errors import PayflowsError
from payflows.testing.stripe_mock import binary as mock_binary
from payflows.testing.stripe_mock.binary import VERSION, StripeMockMissing, StripeMockRefused
from payflows.testing.stripe_mock.fixtures import WORLDS, BadWorld, World, in_world, world_named
from payflows.testing.stripe_mock.process import StripeMockFailed, running

__all__ = [
    "URL_VARIABLE",
    "VERSION",
    "WORLDS",
    "BadWorld",
    "StripeMock",
    "StripeMockFailed",
    "StripeMockMissing",
    "StripeMockRefused",
    "World",
    "stripe_mock",
]

URL_VARIABLE = "PAYFLOWS_STRIPE_MOCK_URL"


@dataclass(frozen=True, slots=True, kw_only=True)
class StripeMock:
    """A stripe-mock that answers.

    Attributes:
        url: the base address for the SDK, on loopback.
        world: the name of the world its answers tell of.
        version: its release; `master` where it was found running and was built without one.
    """

    url: str
    world: str
    version: str


@contextmanager
def stripe_mock(
    world: str = "default", *, amount_minor: int | None = None, currency: str | None = None
) -> Iterator[StripeMock]:
    """A stripe-mock for the length of a `with` block, found running or started; ours never outlives us.

    Args:
        world: one of `WORLDS`; a mock found running (`PAYFLOWS_STRIPE_MOCK_URL`) serves `default` only.
        amount_minor: the payment's amount in its answers, instead of the fixture's.
        currency: the payment's currency, in lower case.

    Raises:
        BadWorld: no such world or amount.
        StripeMockMissing: there is no stripe-mock, and no way to build one.
        StripeMockRefused: what was found may not be used.
        StripeMockFailed: it did not start.
    """
    chosen = world_named(world)
    as_it_comes = world == "default" and amount_minor is None and currency is None
    if as_it_comes and (url := os.environ.get(URL_VARIABLE)):
        yield _found_running(url)
        return
    binary = mock_binary.find_or_build()
    fixtures = in_world(mock_binary.fixtures_of(binary), chosen, amount_minor=amount_minor, currency=currency)
    with running(binary, fixtures) as url:
        yield StripeMock(url=url, world=world, version=VERSION)


def _found_running(url: str) -> StripeMock:
    """The mock that the environment names, once it has proved to be one."""
    host, port = _loopback(url)
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/")
        version = connection.getresponse().headers.get("Stripe-Mock-Version")
    except (OSError, http.client.HTTPException) as trouble:
        raise StripeMockRefused(f"no stripe-mock answers at {URL_VARIABLE}={url}: {trouble}") from trouble
    finally:
        connection.close()
    if version is None:
        raise StripeMockRefused(f"what answers at {URL_VARIABLE}={url} is not a stripe-mock")
    if version not in {VERSION, "master"}:  # a bare `go install` leaves it `master`
        raise StripeMockRefused(f"{URL_VARIABLE} must name a stripe-mock {VERSION}, got {version}")
    return StripeMock(url=url.rstrip("/"), world="default", version=version)


def _loopback(url: str) -> tuple[str, int]:
    """Host and port of an address that cannot leave this machine."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        bare = parts.scheme == "http" and parts.path in {"", "/"} and "@" not in parts.netloc
        if bare and port and (host == "localhost" or ipaddress.ip_address(host).is_loopback):
            return host, port
    except ValueError:  # a port or an address that is none
        pass
    raise StripeMockRefused(f"{URL_VARIABLE} must be like http://127.0.0.1:12111, on loopback; got {url!r}")


def _install(_: argparse.Namespace) -> int:
    print(mock_binary.find_or_build())
    return 0


def _where(_: argparse.Namespace) -> int:
    found = mock_binary.find()
    if not found:
        raise StripeMockMissing(f"stripe-mock {VERSION} is neither in our cache nor on PATH")
    print(found)
    return 0


def _run(asked: argparse.Namespace) -> int:
    """Serve until Ctrl-C, or as long as the given command runs."""
    if asked.command and (asked.world, asked.amount_minor, asked.currency) != ("default", None, None):
        raise BadWorld(f"a command finds the default world in {URL_VARIABLE}; others are started by stripe_mock()")
    serving = stripe_mock(asked.world, amount_minor=asked.amount_minor, currency=asked.currency)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # what a shell starts in the background ignores it
    with suppress(KeyboardInterrupt), serving as mock:
        print(f"stripe-mock {mock.version}, world {mock.world}: {mock.url}", flush=True)
        if asked.command:
            signal.signal(signal.SIGINT, lambda *_: None)  # Ctrl-C is the command's; we end after it
            environment = os.environ | {URL_VARIABLE: mock.url}
            return subprocess.run(asked.command, env=environment, check=False).returncode
        signal.pause()
    return 0


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `install | where | run`."""
    commands = parser.add_subparsers(required=True, metavar="install | where | run")
    commands.add_parser("install", help="find it or build it, and say where it is").set_defaults(do=_install)
    commands.add_parser("where", help="say where it is; 1 if it is not").set_defaults(do=_where)
    run = commands.add_parser("run", help="serve until Ctrl-C, or while a command runs")
    run.add_argument("--world", default="default", choices=WORLDS)
    run.add_argument("--amount-minor", type=int)
    run.add_argument("--currency")
    run.add_argument("command", nargs=argparse.REMAINDER, help=f"finds the address in {URL_VARIABLE}")
    run.set_defaults(do=_run)


def do(asked: argparse.Namespace) -> int:
    """Do what was asked for. Returns 1 where there is no stripe-mock."""
    try:
        return int(asked.do(asked))
    except PayflowsError as error:
        print(f"payflows: {error}", file=sys.stderr)
        return 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Do the same without the simulations: `python -m payflows.testing.stripe_mock.mock install | where | run`."""
    parser = argparse.ArgumentParser(prog="python -m payflows.testing.stripe_mock.mock")
    declare(parser)
    return do(parser.parse_args(arguments))


if __name__ == "__main__":
    sys.exit(main())
