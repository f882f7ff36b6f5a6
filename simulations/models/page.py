"""The page of all assumptions, `ASSUMPTIONS.md`; `python -m simulations.models.page` writes it anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from simulations.models.assumptions import (
    ASSUMPTIONS,
    COST_ASSUMPTIONS,
    MARKET_ASSUMPTIONS,
    RENEWAL_ASSUMPTIONS,
    SOURCES,
    Assumption,
)
from simulations.models.costs import DunningCosts
from simulations.models.market import MarketParameters
from simulations.models.parameters import DunningParameters, accepted_parameters, central_parameters
from simulations.models.renewals import RenewalParameters

PAGE = Path(__file__).with_name("ASSUMPTIONS.md")

_HEAD = """\
# Assumptions of the models

Written by `python -m simulations.models.page` from `assumptions.py`, `parameters.py`, `renewals.py`, `costs.py`,
`market.py` and `ensemble.csv`.

A *measured* parameter is what its source states. An *assumed* one is ours; a source, if any, was its guide. A *fitted*
one was drawn evenly from its range; of 21,423 sets drawn so, 300 agreed with all published aggregates and are the
accepted ones, whose 5, 50 and 95 % are given. The default is one ordinary set of them, not the best fit: aggregates say
when failures are recovered, not why, and cannot tell the 300 apart. Compare policies over all of them
(`accepted_parameters()`).

The share of failures of the cause issuer_risk is no parameter: it is what the other causes leave, 0.10 to 0.50.

## A failed invoice

"""
_RENEWALS = """
## Renewals

"""
_COSTS = """
## What collecting costs

"""
_MARKET = """
## A market under a platform's fee

Nothing published tells these apart within their ranges: compare fees over `plausible_markets()`.

"""
_COLUMNS = """\
| Parameter | Meaning | Unit | Default | Range | Accepted | Basis | Source |
|---|---|---|---|---|---|---|---|
"""


def page() -> str:
    """Return the page as Markdown."""
    dunning = f"{_HEAD}{_table(ASSUMPTIONS, central_parameters())}"
    renewals = f"{_RENEWALS}{_table(RENEWAL_ASSUMPTIONS, RenewalParameters())}"
    costs = f"{_COSTS}{_table(COST_ASSUMPTIONS, DunningCosts())}"
    return f"{dunning}{renewals}{costs}{_MARKET}{_table(MARKET_ASSUMPTIONS, MarketParameters())}"


def _table(
    assumptions: Mapping[str, Assumption],
    defaults: DunningParameters | RenewalParameters | DunningCosts | MarketParameters,
) -> str:
    rows = (_row(name, each, getattr(defaults, name)) for name, each in assumptions.items())
    return _COLUMNS + "".join(f"{row}\n" for row in rows)


def _row(name: str, assumption: Assumption, default: float | tuple[float, ...]) -> str:
    cells = (
        f"`{name}`",
        assumption.meaning,
        assumption.unit,
        ", ".join(map(_number, default if isinstance(default, tuple) else (default,))),
        ("-" if min(assumption.range or (0,)) >= 0 else " to ").join(map(_number, assumption.range or ())),
        " / ".join(map(_number, _accepted(name))) if assumption.basis == "fitted" else "",
        assumption.basis,
        _link(assumption.source),
    )
    return f"| {' | '.join(cells)} |"


def _accepted(name: str) -> Iterator[float]:
    values = sorted(getattr(parameters, name) for parameters in accepted_parameters())
    yield from (values[round(share * (len(values) - 1))] for share in (0.05, 0.5, 0.95))


def _number(value: float) -> str:
    return f"{value:.4g}"


def _link(source: str) -> str:
    if not source:
        return "none published"
    title, address = SOURCES[source]
    return f"[{title}]({address})" if address else title


if __name__ == "__main__":
    PAGE.write_text(page())
