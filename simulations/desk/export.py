"""What the desk gives to take away: the two policies as code, and the answer as a table."""

from __future__ import annotations

from base64 import b64encode

from payflows.subscriptions.dunning import DunningPolicy

from simulations.desk.answers import Answer, PlausibleAnswer
from simulations.desk.business import Business, Mix
from simulations.subscriptions.lab.measures import MEASURES


def code_of(business: Business, a: DunningPolicy, b: DunningPolicy) -> str:
    """Return Python that compares both policies as the desk does, and prints its first line."""
    policies = "\n".join(f"{policy.name.lower()} = {_policy(policy)}" for policy in (a, b))
    return f"""\
from payflows.subscriptions.dunning import DunningPolicy
from payflows.subscriptions.plans import Interval
from simulations.desk.answers import answer, plausible_answer
from simulations.desk.business import Business, Mix
from simulations.models.costs import DunningCosts

business = {_business(business)}
{policies}
print(plausible_answer(answer(business, a, b), a, b).decision)
"""


def _business(business: Business) -> str:
    shares = f"\n    shares={business.shares}," if business.mix is Mix.OWN else ""
    return f"""Business(
    amount_minor={business.amount_minor},
    subscribers={business.subscribers},
    interval=Interval.{business.interval.name},
    failure_share={business.failure_share},
    mix=Mix.{business.mix.name},{shares}
    costs={business.costs},
)"""


def _policy(policy: DunningPolicy) -> str:
    access = "" if policy.access_days is None else f", access_days={policy.access_days}"
    return (
        f"DunningPolicy(name={policy.name!r}, attempts={tuple(policy.attempts)}, notices={tuple(policy.notices)}, "
        f"last_day={policy.last_day}{access})"
    )


def csv_of(found: Answer | PlausibleAnswer) -> str:
    """Return a row for each measure: A, B and the difference; over all plausible worlds where these are known."""
    table = found.over_sets.table if isinstance(found, PlausibleAnswer) else found.compared.table()
    said = table.assign(meaning=[MEASURES[name] for name in table["measure"]])
    return str(said.to_csv(index=False, float_format="%.6g"))


def download_link(text: str, *, name: str, label: str) -> str:
    """Return HTML of a link that saves a text under a name."""
    return f'<a download="{name}" href="data:text/csv;base64,{b64encode(text.encode()).decode()}">{label}</a>'
