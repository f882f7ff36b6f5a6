"""Where stripe-mock comes from: our cache, PATH, or a build that is checked. Stand-ins are shell scripts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from payflows.testing.stripe_mock.binary import MODULE, MODULE_HASH, VERSION, find, find_or_build, fixtures_of
from payflows.testing.stripe_mock.mock import StripeMockMissing, StripeMockRefused, main

PYTHON = sys.executable
PINNED = f"# mod\t{MODULE}\tv{VERSION}\t{MODULE_HASH}\n"
"""The line of build info by which a program made by `go install` is known."""


class Machine:
    """A machine with nothing on it but what a test puts there."""

    def __init__(self, root: Path) -> None:
        self.cache = root / "cache" / "payflows"
        self.path = root / "bin"
        self.beside_python = root / "venv" / "bin"
        for folder in (self.cache, self.path, self.beside_python):
            folder.mkdir(parents=True)

    def put(self, where: Path, name: str, script: str) -> Path:
        (where / name).write_text(f"#!/bin/sh\n{script}")
        (where / name).chmod(0o755)
        return where / name

    def put_go(self, where: Path, *, version: str = "1.24.0", install: str = "exit 1") -> Path:
        says_its_version = f'if [ "$1" = version ]; then echo go version go{version} linux/amd64; exit; fi'
        return self.put(where, "go", f"{says_its_version}\n{install}\n")


@pytest.fixture
def real_stripe_mock() -> Path:
    return find_or_build()


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    bare = Machine(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(bare.cache.parent))
    monkeypatch.setenv("PATH", str(bare.path))
    monkeypatch.setattr(sys, "executable", str(bare.beside_python / "python"))
    return bare


BUILDS = f"""/bin/mkdir "$GOBIN"
printf '%s' '#!/bin/sh
{PINNED}' >"$GOBIN/stripe-mock"
/bin/chmod +x "$GOBIN/stripe-mock\""""


# Found


def test_our_cache_comes_before_path(machine: Machine) -> None:
    ours = machine.put(machine.cache, f"stripe-mock-{VERSION}", PINNED)
    machine.put(machine.path, "stripe-mock", PINNED)

    assert find() == ours


def test_path_is_known_by_the_modules_hash(machine: Machine) -> None:
    theirs = machine.put(machine.path, "stripe-mock", f"{PINNED}echo stripe-mock master")

    assert find() == theirs


def test_path_is_known_by_its_own_word(machine: Machine) -> None:
    theirs = machine.put(machine.path, "stripe-mock", f"echo stripe-mock {VERSION}")

    assert find() == theirs


@pytest.mark.parametrize("script", ["echo stripe-mock 0.202.0", "echo stripe-mock master", f"exit 1 # {VERSION}", "("])
def test_another_version_on_path_is_passed_over(machine: Machine, script: str) -> None:
    machine.put(machine.path, "stripe-mock", script)

    assert find() is None


def test_another_version_in_our_cache_is_passed_over(machine: Machine) -> None:
    machine.put(machine.cache, "stripe-mock-0.202.0", "")

    assert find() is None


def test_where_prints_it(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    ours = machine.put(machine.cache, f"stripe-mock-{VERSION}", "")

    assert main(["where"]) == 0
    assert capsys.readouterr().out == f"{ours}\n"


def test_where_says_that_there_is_none(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["where"]) == 1
    assert "neither in our cache nor on PATH" in capsys.readouterr().err


# Built


def test_a_build_is_kept_and_all_else_is_swept(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine.put_go(machine.path, install=f'echo >"$GOBIN.left-over"; {BUILDS}')
    (machine.cache / "build-of-a-killed-one").mkdir()

    built = find_or_build()

    assert built == machine.cache / f"stripe-mock-{VERSION}"
    assert sorted(path.name for path in machine.cache.iterdir()) == ["build.lock", built.name]
    assert f"building stripe-mock {VERSION}" in capsys.readouterr().err
    assert find_or_build() == built


def test_go_writes_nowhere_else(machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOFLAGS", "-insecure")
    monkeypatch.setenv("GOPROXY", "file:///mirror")
    machine.put_go(machine.path, install=f'/usr/bin/env >"{tmp_path}/settings"; {BUILDS}')

    find_or_build()

    settings = dict(line.partition("=")[::2] for line in (tmp_path / "settings").read_text().splitlines())
    for folder in ("GOPATH", "GOMODCACHE", "GOCACHE", "GOBIN", "HOME", "XDG_CONFIG_HOME", "PWD"):
        assert settings[folder].startswith(f"{machine.cache}/build-"), folder
    assert (settings["GOENV"], settings["GOTOOLCHAIN"], settings["GOFLAGS"]) == (
        "off",
        "local",
        "-modcacherw",
    )
    assert settings["GOPROXY"] == "file:///mirror"


def test_another_module_is_refused_and_not_kept(machine: Machine) -> None:
    machine.put_go(machine.path, install=BUILDS.replace(MODULE_HASH, "h1:another="))

    with pytest.raises(StripeMockRefused, match="not the pinned"):
        find_or_build()

    assert [path.name for path in machine.cache.iterdir()] == ["build.lock"]


def test_the_wheels_go_helps_where_path_has_none(machine: Machine) -> None:
    machine.put_go(machine.beside_python, install=BUILDS)

    assert find_or_build().exists()


def test_the_wheels_go_helps_where_paths_is_too_old(machine: Machine) -> None:
    machine.put_go(machine.path, version="1.19.8", install="exit 1")
    machine.put_go(machine.beside_python, version="1.22.1", install=BUILDS)

    assert find_or_build().exists()


def test_a_build_that_fails_tells_why_and_the_ways_out(machine: Machine) -> None:
    machine.put_go(machine.path, install="echo no route to the proxy >&2; exit 1")

    with pytest.raises(StripeMockMissing, match=r"no route to the proxy\nAny one of these helps"):
        find_or_build()


def test_without_any_way_the_message_names_each(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine.put_go(machine.path, version="1.22")

    assert main(["install"]) == 1

    said = capsys.readouterr().err
    assert "nor a Go >= 1.22.1 to build it" in said
    assert f"{machine.path}/go is 1.22" in said
    for way in ("pip install 'payflows[mock]'", "apt install", "brew install", "go install", "docker run"):
        assert way in said
    assert "Traceback" not in said


def test_two_that_want_it_concurrently_build_it_once(machine: Machine, tmp_path: Path) -> None:
    machine.put_go(machine.path, install=f'echo >>"{tmp_path}/builds"; /bin/sleep 0.3; {BUILDS}')
    install = [PYTHON, "-m", "payflows.testing.stripe_mock.mock", "install"]

    both = [subprocess.Popen(install, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [one.communicate(timeout=30) for one in both]

    assert {out for out, _ in said} == {f"{machine.cache / f'stripe-mock-{VERSION}'}\n"}
    assert (tmp_path / "builds").read_text() == "\n"
    assert "waiting for another program" in said[0][1] + said[1][1]


def test_a_test_that_cannot_have_it_fails_and_is_not_skipped(tmp_path: Path) -> None:
    (tmp_path / "test_one.py").write_text("def test_one(stripe_mock): stripe_mock()")
    pytest_here = [PYTHON, "-m", "pytest", "--rootdir", str(tmp_path), "-p", "tests.plugins.stripe_mock", str(tmp_path)]
    bare = {
        "PATH": "/usr/bin:/bin",
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "GOPROXY": "off",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }

    said = subprocess.run(pytest_here, env=bare, capture_output=True, text=True, check=False).stdout

    assert "1 failed" in said
    assert "Any one of these helps" in said


# What it carries


def test_it_carries_its_fixtures(real_stripe_mock: Path) -> None:
    fixtures = fixtures_of(real_stripe_mock)

    assert fixtures["payment_intent"]["amount"] == 1099
    assert {"charge", "customer", "refund", "subscription", "payment_method"} < fixtures.keys()


def test_what_we_build_is_known_on_path(real_stripe_mock: Path, machine: Machine) -> None:
    (machine.path / "stripe-mock").symlink_to(real_stripe_mock)

    assert find() == machine.path / "stripe-mock"


def test_a_program_without_fixtures_is_refused(machine: Machine) -> None:
    with pytest.raises(StripeMockRefused, match="carries no fixtures"):
        fixtures_of(machine.put(machine.path, "stripe-mock", PINNED))
