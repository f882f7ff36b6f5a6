"""A picture as notebooks show it: one PNG, drawn without pyplot's global state."""

from __future__ import annotations

from hashlib import blake2b
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
        """Return what it shows: its title, and a hash of its bytes, so that comparing outputs compares pictures."""
        of_axes = (axes.get_title(loc="left") or axes.get_title() for axes in self.figure.axes)
        titles = (self.figure.get_suptitle(), *of_axes)
        title = next((" ".join(title.split()) for title in titles if title), "no title")
        return f"<Picture: {title}; {blake2b(self._repr_png_(), digest_size=6).hexdigest()}>"
