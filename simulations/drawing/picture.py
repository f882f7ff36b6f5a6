"""A picture as notebooks show it: one PNG, drawn without pyplot's global state."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from matplotlib.figure import Figure

DPI = 110


class Picture:
    """A drawn figure.

    Args:
        figure: the matplotlib figure; free to be changed before it is shown.
    """

    def __init__(self, figure: Figure) -> None:
        self.figure = figure

    def _repr_png_(self) -> bytes:
        drawn = BytesIO()
        # No version of the drawing library inside: the same picture is the same bytes.
        self.figure.savefig(drawn, format="png", dpi=DPI, metadata={"Software": None})
        return drawn.getvalue()

    def save(self, path: Path | str) -> Path:
        """Write it as PNG; the path written to."""
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self._repr_png_())
        return path

    def __repr__(self) -> str:
        width, height = self.figure.get_size_inches() * DPI
        return f"<Picture {width:.0f}x{height:.0f}>"
