"""The README's pictures are what the code draws today, and a notebook's outputs tell one picture from another."""

from __future__ import annotations

import pytest
from matplotlib.figure import Figure

from simulations.commands.pictures import FOLDER, PICTURES
from simulations.drawing.picture import Picture


def drawn(*, title: str = "Orders", height: float = 1.0) -> Picture:
    figure = Figure(figsize=(2, 2))
    figure.subplots().bar(["mug"], [height])
    figure.suptitle(title)
    return Picture(figure)


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_what_the_code_draws(name: str) -> None:
    """Where it is not: `payflows pictures` draws it anew. Look at it before it is kept."""
    assert PICTURES[name]()._repr_png_() == (FOLDER / f"{name}.png").read_bytes()


def test_every_picture_is_drawn_by_the_command() -> None:
    assert {path.stem for path in FOLDER.glob("*.png")} == set(PICTURES)


def test_a_picture_in_words_has_its_title_and_tells_it_from_any_other() -> None:
    assert repr(drawn()) == repr(drawn())
    assert repr(drawn()).startswith("<Picture: Orders; ")
    assert len({repr(drawn()), repr(drawn(height=1.1)), repr(drawn(title="Carts"))}) == 3
