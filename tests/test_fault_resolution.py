"""Charged, and the answer lost: our records say what Stripe's say within ten minutes, and no person is needed."""

from __future__ import annotations

import pytest

from simulations.checkout.figures.lost_answers import minutes_unknown
from simulations.checkout.lost_answers import LOSING_KINDS, MONEY_CALLS, by_kind, resolutions
from simulations.checkout.stories import STORIES
from simulations.checkout.testbed import CheckoutTestbed
from simulations.commands.main import main
from tests.mutants import records
from tests.mutants.shop import Variant

MOVING_NO_MONEY = {"out_of_stock", "out_of_stock_with_handlers", "creation_refused"}
MOST_MINUTES = 10
"""After the service is back (I28)."""


def test_every_charge_whose_answer_was_lost_is_known_within_ten_minutes() -> None:
    rows = resolutions()

    assert rows[~rows["kept"]].empty
    assert rows["minutes"].max() <= MOST_MINUTES
    assert set(rows["method"]) == set(MONEY_CALLS)
    assert set(rows["kind"]) == set(LOSING_KINDS)
    assert set(rows["story"]) == set(STORIES) - MOVING_NO_MONEY


def test_what_lasts_is_counted_from_its_end() -> None:
    rows = resolutions(["paid"])

    lasting = rows[rows["seconds"] > 0]

    assert lasting["minutes"].gt(0).any()
    assert lasting["minutes"].max() * 60 < lasting["seconds"].min()


def test_a_shop_that_looks_again_only_hours_later_is_found_out() -> None:
    rows = resolutions(["paid"], testbed=CheckoutTestbed(Variant(orders=records.WaitsForHours)))

    assert rows["minutes"].max() > MOST_MINUTES


def test_each_kind_and_length_is_one_row() -> None:
    rows = resolutions(["paid"])

    table = by_kind(rows)

    assert table["places"].sum() == len(rows)
    assert table.loc[("answer_lost", 0), "longest_minutes"] == rows[rows["kind"] == "answer_lost"][
        "minutes"
    ].max().round(1)
    assert (table["broken"] == 0).all()


def test_it_is_shown_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lost-answers", "paid"]) == 0

    assert "0 broke a promise" in capsys.readouterr().out


def test_its_picture_says_how_long_it_takes_at_most() -> None:
    rows = resolutions(["paid"])

    title = minutes_unknown(rows).figure.get_suptitle()

    assert title.startswith(f"{len(rows)} lost answers about money")
    assert f"within {rows['minutes'].max():.1f} minutes" in title
