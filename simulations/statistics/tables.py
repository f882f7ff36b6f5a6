"""Tidy tables of rows, which carry the seed and the parameters of the run that they come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any, get_type_hints

if TYPE_CHECKING:
    import pandas as pd
    from _typeshed import DataclassInstance

_TIME = "datetime64[ns, UTC]"
_COLUMNS: dict[object, str] = {
    int: "int64",
    float: "float64",
    float | None: "float64",
    bool: "bool",
    datetime: _TIME,
    datetime | None: _TIME,
}
"""By the type of a field; all others are text."""


def tidy_table(row_type: type[Any], rows: Sequence[Any], *, seed: int, scenario: DataclassInstance) -> pd.DataFrame:
    """Return a table with a column for each field, and one for the seed.

    Args:
        row_type: what the rows are: a `NamedTuple`, whose annotations are the columns' types.
        rows: of that type.
        seed: of the run.
        scenario: what was run.
    """
    import pandas as pd

    columns = {name: _COLUMNS.get(of_field, "object") for name, of_field in get_type_hints(row_type).items()}
    table = pd.DataFrame(list(rows), columns=list(columns)).astype(columns)
    table.insert(0, "seed", seed)
    table.attrs = {"seed": seed, "scenario": asdict(scenario)}
    return table
