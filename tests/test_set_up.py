"""What a newcomer's commands stand on: the lock, conda's environment, the Makefile, and files that name no machine."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
LOCK = (ROOT / "requirements.lock").read_text()
LAB_LOCK = (ROOT / "requirements-lab.lock").read_text()
CONDA = (ROOT / "environment.yml").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()


# The lock


@pytest.mark.parametrize("lock", [LOCK, LAB_LOCK], ids=["all", "lab"])
def test_the_lock_pins_every_package_by_hash(lock: str) -> None:
    packages = re.split(r"\n(?=\w)", lock.partition("\n#    make lock\n")[2])

    assert len(packages) > 30
    for package in packages:
        assert re.match(r"[\w.-]+==[\w.]+( ;.*)? \\\n    --hash=sha256:[0-9a-f]{64}", package), package


@pytest.mark.parametrize("wanted", sorted({wanted for extra in EXTRAS.values() for wanted in extra}))
def test_the_lock_holds_all_that_pyproject_asks_for(wanted: str) -> None:
    requirement = Requirement(wanted)
    pinned = re.findall(rf"^{re.escape(requirement.name)}==([\w.]+)", LOCK + LAB_LOCK, re.MULTILINE)

    assert requirement.name == PROJECT["name"] or pinned
    assert all(requirement.specifier.contains(version) for version in pinned)


def test_the_lab_needs_the_same_releases_of_what_both_need() -> None:
    ours, labs = (set(re.findall(r"^([\w.-]+)==([\w.]+)", lock, re.MULTILINE)) for lock in (LOCK, LAB_LOCK))
    both = {name for name, _ in ours} & {name for name, _ in labs}

    assert "numpy" in both
    assert {pin for pin in labs if pin[0] in both} <= ours


def test_the_business_itself_needs_nothing() -> None:
    assert PROJECT["dependencies"] == []


# conda's environment


def test_conda_users_get_the_same_extras() -> None:
    extras = re.findall(r"- -e \.\[([\w,]+)\]", CONDA)

    assert len(extras) == 1
    assert set(extras[0].split(",")) == EXTRAS.keys() - {"all", "mock"}  # conda brings its own Go
    assert re.search(r"^  - go$", CONDA, re.MULTILINE)


def test_conda_users_get_a_python_that_will_do() -> None:
    (version,) = re.findall(r"^  - python=(\d+\.\d+)$", CONDA, re.MULTILINE)

    assert SpecifierSet(PROJECT["requires-python"]).contains(version)


def test_the_pip_section_installs() -> None:
    """Pip itself resolves conda's pip section, against what is installed here from the lock.

    No conda channel can be reached where tests run, and a second venv of all packages would take as long as all
    other tests together. So this shows that the section is well-formed, that its extras are there, and that the
    releases in the lock satisfy them.
    """
    (section,) = re.findall(r"- -e (\.\[.*\])", CONDA)
    dry_run = [sys.executable, "-m", "pip", "install", "--dry-run", "--no-index", "--no-build-isolation"]

    said = subprocess.run([*dry_run, "-e", section], cwd=ROOT, capture_output=True, text=True, check=False)

    assert said.returncode == 0, said.stderr
    assert "Would install payflows" in said.stdout
    assert "does not provide the extra" not in said.stderr


# The Makefile


def test_make_help_names_every_target() -> None:
    (phony,) = re.findall(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))

    said = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert set(re.findall(r"^  ([a-z-]+) ", said, re.MULTILINE)) == targets == set(phony.split())
    assert {"demo", "test", "lab", "bench", "help"} <= targets


def test_an_old_python_prints_what_to_do(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)

    said = set_up_elsewhere(tmp_path, old)

    assert said.returncode != 0
    assert "payflows needs Python 3.11 or newer" in said.stderr
    assert not (tmp_path / ".venv").exists()


def test_a_missing_venv_module_is_named(tmp_path: Path) -> None:
    without_venv = tmp_path / "python3"
    without_venv.write_text('#!/bin/sh\ncase "$2" in *ensurepip*) exit 1;; esac\n')
    without_venv.chmod(0o755)

    said = set_up_elsewhere(tmp_path, without_venv)

    assert said.returncode != 0
    assert "apt install python3-venv" in said.stderr


def set_up_elsewhere(folder: Path, python: Path) -> subprocess.CompletedProcess[str]:
    (folder / "requirements.lock").touch()
    command = ["make", "-f", str(ROOT / "Makefile"), f"PYTHON={python}", "set-up"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


# What no committed file may hold


def committed() -> dict[str, str]:
    """Every text file that is, or would be, committed."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = [ROOT / name for name in listed.stdout.splitlines()]
    return {str(path.relative_to(ROOT)): path.read_text() for path in paths if path.is_file() and path.suffix != ".png"}


FORBIDDEN = {
    "a registry's host": (
        r"pythonhosted\.org|pypi\.(?:org|io)|(?:proxy|sum)\.golang|registry\.npm|deb\.debian",
        "https://py" + "pi.org/simple",
    ),
    "a machine's path": (r"(?<![\w.*~$}])/(?:root|home|Users|work|opt)/\w", "cd /" + "home/someone"),
    "a live key": (r"\b[sr]k_live_[A-Za-z0-9]{10,}", "sk_" + "live_4eC39HqLyjWDarjtT1"),
    "a webhook secret": (r"\bwhsec_[A-Za-z0-9]{20,}", "whsec_" + "4eC39HqLyjWDarjtT1zdp7dc"),
    "a server for everybody": (r"--ip[= ](?:0\.0\.0\.0|\*|'')", "jupyter lab --ip=" + "0.0.0.0"),
    "a server without token": (r"(?i)\.(?:token|password)\s*=\s*(?:''|\"\"|$)", "--ServerApp.token=" + "''"),
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_committed_file_holds(what: str) -> None:
    pattern, example = FORBIDDEN[what]

    assert re.search(pattern, example, re.MULTILINE)
    assert not {name for name, text in committed().items() if re.search(pattern, text, re.MULTILINE)}
