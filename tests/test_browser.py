"""What a customer's browser is given while their bank asks, and where it comes back to."""

from __future__ import annotations

import pytest

from payflows.errors import InvalidCheckout, UnreadableAnswer
from payflows.payments.input import LONGEST_URL, check_return_url
from payflows.payments.model import CustomerAction


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example/" + "p" * (LONGEST_URL - len("https://shop.example/")),
        "http://localhost:8888/paid",
        "http://127.0.0.1/paid",
        "https://localhost/paid",
    ],
    ids=["as long as may be", "by name on this machine", "by number on this machine", "by https on this machine"],
)
def test_a_browser_can_come_back_to_it(url: str) -> None:
    check_return_url(url, error=InvalidCheckout)


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example/" + "p" * (LONGEST_URL + 1 - len("https://shop.example/")),
        "http://shop.example/paid",
        "ftp://localhost/paid",
        "https:///paid",
    ],
    ids=["too long", "by http", "by ftp", "nowhere"],
)
def test_a_browser_cannot_come_back_to_it(url: str) -> None:
    with pytest.raises(InvalidCheckout, match="a return_url is where the customer's browser comes back to"):
        check_return_url(url, error=InvalidCheckout)


def test_what_a_browser_is_given_is_about_the_payment_that_was_asked_for() -> None:
    action = CustomerAction("pi_1_secret_x", {"type": "use_stripe_sdk"})

    assert action.of("pi_1") is action
    with pytest.raises(UnreadableAnswer, match="pi_2 was asked for"):
        action.of("pi_2")
