"""Models of issuers, customers and markets: why renewals fail, what customers do about it, what fees do to sales."""

from simulations.models.assumptions import (
    ASSUMPTIONS,
    COST_ASSUMPTIONS,
    MARKET_ASSUMPTIONS,
    RENEWAL_ASSUMPTIONS,
    SOURCES,
    Assumption,
)
from simulations.models.chance import NEVER, case_of
from simulations.models.cohort import Endings, cases_of, follow_all
from simulations.models.costs import DunningCosts
from simulations.models.dunning import Ending, Outcome, follow
from simulations.models.issuer import Cause, Code
from simulations.models.market import MarketParameters, plausible_markets
from simulations.models.parameters import DunningParameters, accepted_parameters, central_parameters
from simulations.models.renewals import RenewalParameters
from simulations.models.schedule import Schedule
from simulations.models.tables import DunningTables, tables_of

__all__ = [
    "ASSUMPTIONS",
    "COST_ASSUMPTIONS",
    "MARKET_ASSUMPTIONS",
    "NEVER",
    "RENEWAL_ASSUMPTIONS",
    "SOURCES",
    "Assumption",
    "Cause",
    "Code",
    "DunningCosts",
    "DunningParameters",
    "DunningTables",
    "Ending",
    "Endings",
    "MarketParameters",
    "Outcome",
    "RenewalParameters",
    "Schedule",
    "accepted_parameters",
    "case_of",
    "cases_of",
    "central_parameters",
    "follow",
    "follow_all",
    "plausible_markets",
    "tables_of",
]
