"""The README's recipes run as they stand, and print what they say."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
RECIPES = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
LINES = re.findall(r"^\.venv/bin/payflows (replay '[^']+')", README, re.MULTILINE)
SAID = {
    "max_tries=1": "payment_failed: cards_declined",
    "lose_answer_of": "36.22 usd",
    "earn_points": "{'earned': 36}\n()",
    "async def main": "payment_processing",
    "class MyCheckout": "universes broken",
    "DonationsTestbed": "donations: 0 of ",
    "from_gaps": "mine: cancel on day 14\n0         10\nN.A....B......A\ncancelled - unpaid",
    "receivable:bob": "2700\n0 15 agree, 0 differ",
    "update_card": "['creating', 'incomplete', 'active', 'past_due', 'active']",
}
"""What each recipe prints, by words that stand in it alone."""


def test_every_recipe_is_known() -> None:
    assert [sum(words in recipe for recipe in RECIPES) for words in SAID] == [1] * len(RECIPES)


@pytest.mark.parametrize("words", SAID)
def test_a_recipe_runs_as_a_script(words: str, tmp_path: Path) -> None:
    script = tmp_path / "recipe.py"
    script.write_text(next(recipe for recipe in RECIPES if words in recipe))

    ran = _python(str(script))

    assert ran.returncode == 0, ran.stderr
    assert SAID[words] in ran.stdout


def test_there_are_universes_to_replay() -> None:
    assert len(LINES) >= 3


@pytest.mark.parametrize("line", LINES)
def test_a_universe_is_replayed_and_keeps_its_promises(line: str) -> None:
    word, universe = re.fullmatch(r"(\w+) '([^']+)'", line).groups()  # type: ignore[union-attr]

    ran = _python("-m", "simulations", word, universe)

    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_files_and_notebooks_that_it_points_to_are_there() -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", README)

    assert len(targets) > 10
    assert [target for target in targets if "://" not in target and not (ROOT / target).exists()] == []


def _python(*words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, *words], env=environment, capture_output=True, text=True, check=False)
