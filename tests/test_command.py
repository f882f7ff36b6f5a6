"""The `payflows` command: what it offers, and that it starts quickly."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from pkgutil import resolve_name

import pytest

from simulations.commands.main import COMMANDS, main

ROOT = Path(__file__).parents[1]


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def test_it_is_installed_with_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert resolve_name(project["scripts"]["payflows"]) is main


def test_every_module_of_a_command_is_offered() -> None:
    modules = {path.stem.replace("_", "-") for path in (ROOT / "simulations" / "commands").glob("*.py")}

    assert set(COMMANDS) == modules - {"--init--", "main", "command", "arguments", "testbeds"}


def test_help_names_every_command_and_imports_none_of_them() -> None:
    code = "import sys\nfrom simulations.commands.main import main\ntry: main(['--help'])\nfinally: print(*sys.modules)"

    asked = python("-c", code)

    assert all(f"  {name} " in asked.stdout for name in COMMANDS)
    assert not set(asked.stdout.split()) & {"simpy", "pandas", "numpy", "httpx", "stripe", "simulations.checkout"}


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_says_what_it_takes(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([name, "--help"])

    assert left.value.code == 0
    assert f"usage: payflows {name}" in capsys.readouterr().out


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in ("demo", "pictures")])
def test_no_command_imports_pandas_or_the_sdk_before_it_needs_them(name: str) -> None:
    module = import_module(f"simulations.commands.{name.replace('-', '_')}").__name__

    loaded = python("-c", f"import sys, {module}\nprint(*sys.modules)").stdout.split()

    assert module in loaded
    assert not set(loaded) & {"pandas", "matplotlib", "stripe", "httpx"}


def test_where_it_is_not_installed_python_runs_it() -> None:
    assert python("-m", "simulations", "--help").stdout.startswith("usage: payflows")


def test_what_cannot_be_done_is_said_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["webhooks", "payment", "1"]) == 2
    assert capsys.readouterr().err.startswith("payflows: a sequence is ")


@pytest.mark.parametrize("about", ["payment", "renewal"])
def test_one_sequence_of_webhooks_is_shown(about: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["webhooks", about, "5544332211"]) == 0
    assert "business events:\n" in capsys.readouterr().out
