"""The house's words: some of them stand neither in names nor in prose, since a plain or exact one is to be had."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

WORDS = ("told", "heard", "nobody", "somebody", "at once", "in vain", "so many", "of its own", "what strikes")
"""Write who is notified and what is answered, published or lost; "immediately", "concurrently"; or another sentence."""

_ANY = "|".join(word.replace(" ", r"[\s_#]+") for word in WORDS)
_HUMP = "|".join(word.title().replace(" ", "") for word in WORDS)
BANNED = re.compile(rf"(?<![A-Za-z])(?:(?i:{_ANY})|{_HUMP})(?![a-z])|(?<=[a-z])(?:{_HUMP})(?![a-z])")
"""Between spaces, underscores and the humps of a class's name; a phrase may run over the end of a line."""


def texts() -> list[Path]:
    """Return every file that people read as source or prose."""
    code = [path for part in ("payflows", "simulations", "tests") for path in (ROOT / part).rglob("*.py")]
    prose = [path for part in ("payflows", "simulations", "tests") for path in (ROOT / part).rglob("*.md")]
    notebooks = (ROOT / "notebooks").glob("*.ipynb")
    return sorted([*code, *prose, *notebooks, *ROOT.glob("*.md"), ROOT / "Makefile"])


def banned_in(path: Path) -> Iterator[str]:
    """Yield file, line and word, for each banned word; a notebook's lines are counted within its cell."""
    for place, text in _parts(path):
        for found in BANNED.finditer(text):
            line = text.count("\n", 0, found.start()) + 1
            if path != Path(__file__) or not text.splitlines()[line - 1].startswith("WORDS ="):
                yield f"{path.relative_to(ROOT)}{place}:{line}: {found[0]}"


def _parts(path: Path) -> Iterator[tuple[str, str]]:
    text = path.read_text()
    if path.suffix != ".ipynb":
        yield "", text
        return
    for number, cell in enumerate(json.loads(text)["cells"]):
        yield f" cell {number}", "".join(cell["source"])


@pytest.mark.parametrize("path", texts(), ids=lambda path: str(path.relative_to(ROOT)))
def test_the_words_are_plain(path: Path) -> None:
    assert list(banned_in(path)) == []


@pytest.mark.parametrize("word", WORDS)
def test_each_word_is_found_in_prose_and_in_names(word: str) -> None:
    name = word.replace(" ", "_")

    camel = word.title().replace(" ", "")

    for text in (
        f"It was {word}.",
        f"was_{name}_it",
        name.upper(),
        word.replace(" ", "\n# "),
        f"{camel}It",
        f"Was{camel}",
    ):
        assert BANNED.search(text), text


def test_a_part_of_another_word_is_not_one() -> None:
    assert not BANNED.search("untold unheard of, looked at onceover, ownership of its owner")
