"""Days compared seed by seed: the same customers, one difference, and how sure it is."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from payflows.checkout.policy import CheckoutPolicy
from payflows.errors import InvalidPolicy
from simulations.checkout.day.paired import Difference, paired
from simulations.checkout.day.run import run
from simulations.checkout.day.scenario import Product
from tests.test_day import QUIET

PLENTY = replace(QUIET, products={"mug": Product(price_minor=1_450, stock=10_000)})
"""Nothing sells out, so that an order more is not an order less for another customer."""

STRICT = replace(PLENTY, policy=CheckoutPolicy(max_tries=1))


def test_each_seed_is_the_same_two_days_as_run_alone() -> None:
    difference = paired(PLENTY, STRICT, seeds=(7, 8))

    alone = [(seed, run(PLENTY, seed=seed).sold, run(STRICT, seed=seed).sold) for seed in (7, 8)]
    table = difference.by_seed
    assert list(table[["seed", "first", "second"]].itertuples(index=False, name=None)) == alone
    assert (table["more"] == table["first"] - table["second"]).all()


def test_a_second_card_sells_more_and_not_the_other_way_round() -> None:
    assert paired(PLENTY, STRICT, seeds=(7,)).median > 0
    assert paired(STRICT, PLENTY, seeds=(7,)).median < 0


@pytest.mark.parametrize(("seeds", "confidence"), [(1, 0.0), (2, 0.5), (8, 0.9921875)])
def test_the_interval_says_how_sure_it_is(seeds: int, confidence: float) -> None:
    difference = Difference(pd.DataFrame({"more": range(3, 3 + seeds)}))

    assert difference.interval == (3, 2 + seeds)
    assert difference.confidence == confidence


def test_no_seed_is_no_comparison() -> None:
    with pytest.raises(InvalidPolicy, match="the number of seeds"):
        paired(PLENTY, STRICT, seeds=())


def test_it_reads_as_a_sentence() -> None:
    difference = Difference(pd.DataFrame({"more": [40, 51, 44, 60, 45, 52, 47, 43]}))

    assert str(difference) == "46 orders a day more (40 to 60; 99.2% confidence)"
