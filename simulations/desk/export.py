"""What the desk gives to take away: the two policies as code, and the answer as a table."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import fields
from enum import Enum

from payflows.subscriptions.dunning import CardNetwork, DunningPolicy, LastStep, NetworkLimit

from simulations.desk.answers import Answer, PlausibleAnswer
from simulations.desk.business import Business, Mix
from simulations.subscriptions.lab.measures import MEASURES


def code_of(business: Business, a: DunningPolicy, b: DunningPolicy) -> str:
    """Return Python that compares both policies as the desk does, and prints its first line."""
    policies = "\n".join(f"{name} = {_policy(policy)}" for name, policy in (("a", a), ("b", b)))
    types = (each.__name__ for each in (CardNetwork, DunningPolicy, LastStep, NetworkLimit))
    imported = ", ".join(name for name in types if name in policies)
    return f"""\
from payflows.subscriptions.dunning import {imported}
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
    """Write a policy with all that is not as it comes."""
    differing = [each for each in fields(policy) if getattr(policy, each.name) != each.default]
    arguments = ", ".join(f"{each.name}={_value(getattr(policy, each.name))}" for each in differing)
    return f"DunningPolicy({arguments})"


def _value(value: object) -> str:
    """Write a value as code makes it."""
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    if isinstance(value, NetworkLimit):
        return f"NetworkLimit({', '.join(map(_value, value))})"
    if isinstance(value, tuple):
        return f"({''.join(f'{_value(each)}, ' for each in value).removesuffix(' ')})"
    return repr(value)


def csv_of(found: Answer | PlausibleAnswer) -> str:
    """Return a row for each measure: A, B and the difference; over all plausible worlds where these are known."""
    table = found.over_sets.table if isinstance(found, PlausibleAnswer) else found.compared.table()
    said = table.assign(meaning=[MEASURES[name] for name in table["measure"]])
    return str(said.to_csv(index=False, float_format="%.6g"))


def download_link(text: str, *, name: str, label: str) -> str:
    """Return HTML of a link that saves a text under a name."""
    return f'<a download="{name}" href="data:text/csv;base64,{b64encode(text.encode()).decode()}">{label}</a>'
