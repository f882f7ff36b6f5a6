"""What a notebook may hold, and what not."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))

MAX_CELLS = 12
MAX_CELL_LINES = 60


def test_notebooks_are_short_and_hold_no_logic() -> None:
    assert NOTEBOOKS
    for path in NOTEBOOKS:
        cells = code_cells(path)
        lines = [line for cell in cells for line in cell.splitlines() if line.strip()]

        assert len(cells) <= MAX_CELLS, path
        assert len(lines) <= MAX_CELL_LINES, path
        assert not [line for line in lines if re.match(r"\s*(?:async )?(?:def|class) |.*\blambda\b", line)], path


def test_notebooks_open_with_a_title_and_have_parameters() -> None:
    for path in NOTEBOOKS:
        cells = json.loads(path.read_text())["cells"]

        assert "".join(cells[0]["source"]).startswith("# "), path
        assert any("parameters" in cell["metadata"].get("tags", []) for cell in cells), path


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("a key", r"\b(?:sk|rk|pk)_(?:live|test)_\w+|\bwhsec_\w+"),
        ("an address of a person", r"[\w.+-]+@(?!(?:[\w-]+\.)*example\.com\b)[\w-]+\.\w+"),
        ("a home folder", r"(?:/root|/home|/Users)/"),
    ],
)
def test_notebooks_hold_no(what: str, pattern: str) -> None:
    assert not [(path.name, found[0]) for path in NOTEBOOKS if (found := re.search(pattern, words_of(path)))], what


def test_notebooks_hold_no_card_number() -> None:
    numbers = {number for path in NOTEBOOKS for number in re.findall(r"(?<![\w.])\d{13,19}(?![\w.])", words_of(path))}

    assert not [number for number in numbers if luhn(number)]


def test_a_card_number_would_be_seen() -> None:
    assert luhn("4242424242424242")
    assert not luhn("4242424242424241")


def code_cells(path: Path) -> list[str]:
    return ["".join(cell["source"]) for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"]


def words_of(path: Path) -> str:
    """A notebook without its pictures, in which anything can be found."""
    return re.sub(r'"image/png": "[^"]*"', "", path.read_text())


def luhn(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    return sum(digits[::2] + [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]) % 10 == 0
