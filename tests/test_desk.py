"""The desk without a browser: its first line follows the controls, and what it exports says the same."""

from __future__ import annotations

import csv
import io
from base64 import b64decode
from contextlib import redirect_stdout
from html import unescape
from urllib.request import urlopen

import pytest

from payflows.errors import InvalidPolicy
from payflows.subscriptions.dunning import (
    CAMPAIGN_OF_28_DAYS,
    SEED_AS_GAPS,
    CardNetwork,
    DunningPolicy,
    LastStep,
    NetworkLimit,
)
from payflows.subscriptions.plans import Interval
from simulations.desk.answers import Answer, PlausibleAnswer, answer
from simulations.desk.business import Business, Mix
from simulations.desk.days import read_days, spread_days, written
from simulations.desk.dunning_page import DunningPage
from simulations.desk.export import code_of
from simulations.desk.fee_page import FeePage
from simulations.models import central_parameters
from simulations.subscriptions.lab.measures import MEASURES
from tests.served_desk import served_desk


@pytest.fixture(scope="module")
def resting() -> DunningPage:
    """A page as it is shown first; not to be changed."""
    return DunningPage()


class Moved(DunningPage):
    """A page whose controls have not come to rest."""

    def rest(self) -> None:
        """Wait."""


def first_line(page: DunningPage | FeePage) -> str:
    return unescape(page.decision.value.split(">", 1)[1].removesuffix("</h2>"))


# The first line


def test_all_plausible_worlds_come_when_the_controls_rest(resting: DunningPage) -> None:
    page = resting

    assert isinstance(page.found, PlausibleAnswer)
    assert first_line(page) == (
        "B recovers 7.7 points [+4.7, +11.2] more than A, loses 158 fewer customers a month, wins in 100 % of 300 "
        "plausible worlds, needs 1.1 more mails and 4.4 more retries per failure."
    )
    assert "Declines of 2024, uncalibrated: +8.5 points" in page.money.value
    assert bytes(page.image.value).startswith(b"\x89PNG")


def test_until_then_it_follows_in_one_world() -> None:
    page = Moved()
    before, image = first_line(page), bytes(page.image.value)

    page.b.retries.value = 4

    assert isinstance(page.found, Answer)
    assert page.b.retry_days.value == "1, 10, 19, 28"
    assert first_line(page) != before
    assert bytes(page.image.value) != image
    assert "plausible worlds" not in first_line(page)
    assert (page.code.value, page.download.value) == ("", "")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("price", 5.0),
        ("subscribers", 1_000.0),
        ("interval", Interval.YEAR),
        ("failing", 10.0),
        ("mix", Mix.OF_2024),
        ("mix", Mix.OWN),
    ],
)
def test_each_fact_about_the_business_counts(field: str, value: object) -> None:
    page = Moved()
    before = first_line(page), page.money.value

    getattr(page.business, field).value = value

    assert (first_line(page), page.money.value) != before


@pytest.mark.parametrize("cost", [name for name in vars(Moved().business)["costs"]])
def test_each_cost_counts(cost: str) -> None:
    page = Moved()
    before = page.money.value

    page.business.costs[cost].value += 5

    assert page.money.value != before


@pytest.mark.parametrize("name", ["none", "naive", "four in 21 days"])
def test_a_shipped_policy_sets_all_controls(name: str) -> None:
    page = Moved()

    page.a.preset.value = name

    shipped = page.a.policy()
    assert (read_days(page.a.retry_days.value), page.a.retries.value) == (shipped.attempts, len(shipped.attempts))
    assert (page.a.notices.value, page.a.end.value) == (len(shipped.notices), shipped.ends_on)


def test_a_policy_against_itself_is_worth_nothing() -> None:
    page = Moved()

    page.b.preset.value = page.a.preset.value

    assert first_line(page).startswith("B recovers 0.0 points [+0.0, +0.0] more than A, loses 0 fewer customers")
    assert "confirm" not in page.money.value


def test_a_business_may_be_given_to_begin_with() -> None:
    own = Business(amount_minor=9_900, subscribers=500, interval=Interval.YEAR, mix=Mix.OF_2024)

    assert Moved(own).business.business() == own


# What cannot be


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda page: setattr(page.a.retry_days, "value", "3, soon"), "A: days are whole numbers with commas"),
        (lambda page: setattr(page.b.retry_days, "value", "9, 3"), "B: attempts are strictly increasing days"),
        (lambda page: setattr(page.b.last_retry, "value", 5), "B: between day 1 and day 5 there is no room for 11"),
        (lambda page: setattr(page.a.notice_days, "value", "3, 4"), "A: a policy has at most 11 attempts"),
    ],
)
def test_what_cannot_be_is_said_in_the_first_line_and_may_be_mended(change: object, sentence: str) -> None:
    page = Moved()
    before = first_line(page)

    change(page)  # type: ignore[operator]  # it is called
    assert first_line(page).startswith(sentence)
    assert page.found is None

    page.a.preset.value = page.b.preset.value = "none"
    page.a.preset.value, page.b.preset.value = "seed as gaps", "campaign of 28 days"
    assert first_line(page) == before


def test_shares_that_do_not_sum_are_refused() -> None:
    page = Moved()

    page.business.mix.value = Mix.OWN
    page.business.shares[0].value = 90

    assert first_line(page) == "the six shares must sum to 100 %, got 152.0 %"
    with pytest.raises(InvalidPolicy, match=r"leave 0\.1 to 0\.5 to issuer_risk"):
        Business(mix=Mix.OWN, shares=(1.0, 0.0, 0.0, 0.0, 0.0, 0.0)).world(central_parameters())


@pytest.mark.parametrize(
    ("count", "first", "last", "days"),
    [(0, 3, 9, ()), (1, 3, 9, (3,)), (2, 3, 9, (3, 9)), (4, 1, 28, (1, 10, 19, 28)), (11, 1, 11, tuple(range(1, 12)))],
)
def test_days_are_spread_evenly(count: int, first: int, last: int, days: tuple[int, ...]) -> None:
    assert spread_days(count, first, last) == days == read_days(written(days))


# Taking it away


def test_the_code_says_what_the_first_line_says(resting: DunningPage) -> None:
    said = io.StringIO()

    with redirect_stdout(said):
        exec(resting.code.value, {})

    assert said.getvalue().strip() == first_line(resting)


def test_what_a_business_says_of_itself_is_in_the_code() -> None:
    own = Business(amount_minor=1_250, mix=Mix.OWN, shares=(0.3, 0.3, 0.1, 0.1, 0.1, 0.1))
    made: dict[str, object] = {}

    exec(code_of(own, SEED_AS_GAPS, CAMPAIGN_OF_28_DAYS).split("\nprint")[0], made)

    assert (made["business"], made["a"], made["b"]) == (own, SEED_AS_GAPS, CAMPAIGN_OF_28_DAYS)


def test_all_of_a_policy_is_in_the_code() -> None:
    limits = (NetworkLimit(CardNetwork.VISA, 3, 7),)
    berlin = DunningPolicy(
        name="at nine",
        attempts=(2, 40),
        last_step=LastStep.PAUSE,
        hour=9,
        time_zone="Europe/Berlin",
        limits=limits,
        never_retried=frozenset({"lost_card"}),
        allow_uncalibrated=True,
    )
    made: dict[str, object] = {}

    exec(code_of(Business(), SEED_AS_GAPS, berlin).split("\nprint")[0], made)

    assert made["b"] == berlin


def test_the_table_is_saved_as_csv(resting: DunningPage) -> None:
    encoded = resting.download.value.split("base64,")[1].split('"')[0]

    rows = list(csv.DictReader(io.StringIO(b64decode(encoded).decode())))

    assert {row["measure"]: row["meaning"] for row in rows} == MEASURES
    assert float(rows[0]["median"]) == pytest.approx(0.0775, abs=0.0005)


# Fees, and the page as it is served


def test_the_fee_page_answers_by_horizon_and_hazard() -> None:
    page = FeePage()
    assert first_line(page).startswith("Take B: over 12 quarters B keeps +31 % against A")
    assert "over 12 quarters: none, what is kept still rises at 30 % in 100 % of the markets" in page.best.value

    page.hazard.value, page.quarters.value = 2.0, 40

    assert first_line(page).startswith("It is not known which is better: over 40 quarters")
    assert "where 2.0 % leave, over 40 quarters: 10 % (10 % to 10 % in nine of ten markets)" in page.best.value


def test_the_fee_page_says_where_sales_lose_money_and_what_cannot_be() -> None:
    page = FeePage()
    assert "Loses money on sales of 4.22 usd or less." in page.a.losses.value
    page.a.discount.value = 8
    assert "4.22 usd or less; above 500.00 usd a month on sales of 0.50 usd or more." in page.a.losses.value
    page.a.discount.value = 0

    page.a.fixed.value = 50
    assert "Loses money on no sale." in page.a.losses.value
    page.b.fee.value, page.b.discount.value = 1.0, 5.0

    assert first_line(page) == "above 500 USD a month the fee would be below nothing: take less off it"


def test_voila_serves_the_page_on_this_machine_alone() -> None:
    with served_desk() as address, urlopen(address, timeout=60) as page:
        assert address.startswith("http://127.0.0.1:")
        assert page.status == 200
        assert b"The desk" in page.read()


def test_one_slider_is_one_answer() -> None:
    """The days that follow a slider do not answer once more each."""
    answers: list[object] = []

    class Counted(Moved):
        def change(self) -> None:
            answers.append(None)
            super().change()

    page = Counted()
    page.b.retries.value = 5

    assert len(answers) == 2
    assert answer(*page._set()).decision == first_line(page)
