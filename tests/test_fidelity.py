"""Every statement of what the simulated Stripe models is held by a test that exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "simulations" / "stripe" / "FIDELITY.md"


def functions_of(path: Path) -> set[str]:
    functions = ast.FunctionDef | ast.AsyncFunctionDef
    return {node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, functions)}


def test_every_test_that_the_page_names_exists() -> None:
    named = re.findall(r"`((?:tests|payflows)/[\w/.]+)::(\w+)`", PAGE.read_text())

    assert len(named) > 30
    assert [f"{file}::{test}" for file, test in named if test not in functions_of(ROOT / file)] == []


def test_every_row_names_a_source_and_a_test() -> None:
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("| ") and "| Source |" not in line]

    assert all(re.fullmatch(r"\| [^|]+ \| [^|]+ \| `[^`|]+` \|", row) for row in rows)
