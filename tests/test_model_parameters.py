"""Parameters of the models: documented, within bounds, and each of them changes something."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any, cast

import numpy as np
import pytest

from payflows.errors import InvalidPolicy
from simulations.models import (
    ASSUMPTIONS,
    COST_ASSUMPTIONS,
    MARKET_ASSUMPTIONS,
    RENEWAL_ASSUMPTIONS,
    SOURCES,
    DunningCosts,
    DunningParameters,
    MarketParameters,
    RenewalParameters,
    Schedule,
    accepted_parameters,
    cases_of,
    central_parameters,
    follow_all,
    tables_of,
)
from simulations.models.page import PAGE, page
from simulations.models.targets import TARGETS

DOCUMENTED = (
    *ASSUMPTIONS.values(),
    *RENEWAL_ASSUMPTIONS.values(),
    *COST_ASSUMPTIONS.values(),
    *MARKET_ASSUMPTIONS.values(),
)
CENTRAL = central_parameters()
EVERYTHING = CENTRAL.with_mix_of_2024()
SCHEDULE = Schedule.from_days((1, 3, 7), (0, 2, 5, 9, 14, 30), close=31)
"""Notices on other days than those whose clicks were counted, so that their number and day say different things."""


def test_every_parameter_is_documented_and_nothing_else() -> None:
    assert list(ASSUMPTIONS) == [field.name for field in fields(DunningParameters)]
    assert list(RENEWAL_ASSUMPTIONS) == [field.name for field in fields(RenewalParameters)]
    assert list(COST_ASSUMPTIONS) == [field.name for field in fields(DunningCosts)]
    assert list(MARKET_ASSUMPTIONS) == [field.name for field in fields(MarketParameters)]
    named = {each.source for each in DOCUMENTED} | {each.source for each in TARGETS.values()}
    assert named - {""} == set(SOURCES)


def test_the_page_of_assumptions_is_up_to_date() -> None:
    """`python -m simulations.models.page` writes it."""
    assert PAGE.read_text() == page()


def test_what_has_no_source_is_never_called_measured() -> None:
    assert [each for each in DOCUMENTED if each.basis == "measured" and not each.source] == []


def test_defaults_and_accepted_sets_lie_within_their_ranges() -> None:
    for parameters in accepted_parameters():
        for name, assumption in ASSUMPTIONS.items():
            if assumption.range is not None:
                assert assumption.range[0] <= getattr(parameters, name) <= assumption.range[1], name


def test_the_default_is_one_of_the_accepted_sets() -> None:
    assert len(set(accepted_parameters())) == 300
    assert CENTRAL in accepted_parameters()
    assert (CENTRAL.mix_nsf, CENTRAL.mix_processor_refusal) == (0.40476, 0.0)
    assert CENTRAL.mix_issuer_risk == pytest.approx(0.3645, abs=1e-4)


def test_the_mix_of_2024_leaves_the_rest_as_it_was() -> None:
    mixed = {name for name in ASSUMPTIONS if getattr(EVERYTHING, name) != getattr(CENTRAL, name)}

    assert mixed == {name for name in ASSUMPTIONS if name.startswith("mix_")}
    assert EVERYTHING.mix == pytest.approx((0.44, 0.21, 0.05, 0.09, 0.03, 0.03, 0.15))


# Each of them is read.


def changes() -> Iterator[tuple[str, object]]:
    """Yield every parameter, and every figure of those that have several, a little changed."""
    for name in ASSUMPTIONS:
        value = getattr(EVERYTHING, name)
        match value:
            case tuple() if name == "pay_mix":
                yield from ((name, moved(value, place)) for place in range(4))
            case tuple():
                yield from (
                    (name, (*value[:place], value[place] + changed_by(name), *value[place + 1 :]))
                    for place in range(len(value))
                )
            case _:
                yield name, value * 0.8


def changed_by(name: str) -> float:
    return 1 if name == "reaction_delay_hours" else 0.02


def moved(shares: tuple[float, ...], place: int) -> tuple[float, ...]:
    """Return the shares with some of one given to the next."""
    following = (place + 1) % len(shares)
    given = {place: -0.03, following: 0.03}
    return tuple(share + given.get(number, 0.0) for number, share in enumerate(shares))


@pytest.mark.parametrize(("name", "value"), list(changes()))
def test_every_parameter_changes_something(name: str, value: object) -> None:
    cases, changed = cases_of(3, 5_000), cast(dict[str, Any], {name: value})

    before, after = (
        np.column_stack(follow_all(tables_of(parameters), cases, SCHEDULE))
        for parameters in (EVERYTHING, replace(EVERYTHING, **changed))
    )

    assert (before != after).any()


# What cannot be is refused.


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"opaque": 1.5}, "opaque must be a number from 0 to 1, got 1.5"),
        ({"risk_fast_days": 0}, "risk_fast_days must be a number above 0"),
        ({"spontaneous_per_day": -0.1}, "spontaneous_per_day must be a number from 0"),
        ({"click_rates": (0.1,)}, "the length of click_rates must be a whole number from 6 to 6, got 1"),
        ({"click_rates": 0.1}, "click_rates must be a tuple, got float"),
        ({"pay_mix": (0.5, 0.5, 0.5, 0.5)}, "pay_mix must sum to 1, got 2"),
        ({"reaction_delay_hours": (24, 1)}, "the least and the most, got (24, 1)"),
        ({"reaction_delay_hours": (0.5, 24)}, "reaction_delay_hours must be a whole number from 1"),
        ({"mix_nsf": 0.05}, "must leave 0.1 to 0.5 to issuer_risk, got 0.719"),
        ({"mix_nsf": 0.7}, "must leave 0.1 to 0.5 to issuer_risk, got 0.06"),
    ],
)
def test_what_cannot_be_is_refused(changed: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidPolicy) as refused:
        replace(CENTRAL, **changed)

    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("attempts", "notices", "close", "sentence"),
    [
        (range(1, 13), (), 31, "attempts are calibrated for at most 11, at least 24 hours apart"),
        ((), (0, 1), 31, "notices are calibrated for at most 6, at least 48 hours apart and none after hour 720"),
        ((), (31,), 31, "none after hour 720, got (744,)"),
        ((), range(0, 14, 2), 31, "at most 6"),
        ((), (), 32, "close must be a whole number from 0 to 744, got 768"),
    ],
)
def test_what_is_not_calibrated_is_refused_unless_asked_for(
    attempts: range | tuple[int, ...], notices: range | tuple[int, ...], close: int, sentence: str
) -> None:
    with pytest.raises(InvalidPolicy) as refused:
        Schedule.from_days(attempts, notices, close=close)

    assert sentence in str(refused.value)
    assert Schedule.from_days(attempts, notices, close=close, allow_uncalibrated=True).close == 24 * close


@pytest.mark.parametrize(
    ("attempts", "close", "sentence"),
    [
        ((0, 24), 48, "each hour of attempts must be a whole number from 1 to 48, got 0"),
        ((48, 24), 48, "the hours of attempts must increase strictly, got (48, 24)"),
        ((24, 72), 48, "from 1 to 48, got 72"),
        ((24.5,), 48, "got 24.5"),
        ("24", 48, "attempts must be a list or a tuple, got str"),
    ],
)
def test_hours_that_are_none_are_always_refused(attempts: tuple[int, ...], close: int, sentence: str) -> None:
    with pytest.raises(InvalidPolicy) as refused:
        Schedule(attempts=attempts, close=close, allow_uncalibrated=True)

    assert sentence in str(refused.value)
