"""Tables of a marketplace, as DataFrames."""

from __future__ import annotations

import pandas as pd
from payflows.marketplace.statement import Statement, StatementRow


def statement_frame(statement: Statement) -> pd.DataFrame:
    """Return a vendor's statement, a row for each journal entry."""
    return pd.DataFrame(statement.rows, columns=list(StatementRow._fields))
