"""The simulated Stripe's objects on the wire: Stripe's OpenAPI accepts them; `StripeGateway` would read the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import cast

import jsonschema  # type: ignore[import-untyped]
import pytest
import stripe

from payflows.payments.model import Payment
from payflows.stripe.mapping import dispute_of, payment_of, refund_of
from simulations.stripe.payments.objects import PaymentIntent
from tests.stripe_fixture import BANK, STATUSES, WITH_3DS, StripeFixture
from tests.stripe_openapi import names_of, validator_of

DAY = 24 * 3600
Json = dict[str, object]


def _refunded(account: StripeFixture, card: str, days: int = 0) -> Payment:
    payment = account.paid(card)
    account.refund(payment)
    account.clock.pass_time(days * DAY)
    return payment


def _declined_again(account: StripeFixture) -> Payment:
    payment = account.turned_down("pm_card_chargeDeclinedExpiredCard")
    account.confirm(payment, WITH_3DS)
    return account.stripe.fail_authentication(payment.id)


def _disputed(account: StripeFixture, won: bool | None = None) -> Payment:
    payment = account.stripe.dispute(account.paid().id)
    return payment if won is None else account.stripe.close_dispute(payment.id, won=won)


def _part_refunded(account: StripeFixture) -> Payment:
    payment = account.stripe.capture_in_dashboard(account.authorised().id, 1_000)
    account.stripe.refund_in_dashboard(payment.id, 400)
    return account.read(payment)


def _settled(account: StripeFixture, card: str) -> Payment:
    payment = account.paid(card)
    account.clock.pass_time(4 * DAY)
    return payment


STORIES: dict[str, Callable[[StripeFixture], Payment]] = {
    **{str(status): partial(StripeFixture.in_status, status=status) for status in STATUSES},
    "declined": StripeFixture.turned_down,
    "blocked": partial(StripeFixture.turned_down, card="pm_card_chargeDeclinedFraudulent"),
    "declined, then 3-D Secure failed": _declined_again,
    "authorisation cancelled": lambda account: account.cancel(account.authorised()),
    "authorisation cancelled by hand": lambda account: account.stripe.cancel_in_dashboard(account.authorised().id),
    "debit settled": partial(_settled, card=BANK),
    "debit failed": partial(_settled, card="pm_usBankAccount_accountClosed"),
    "disputed": _disputed,
    "dispute won": partial(_disputed, won=True),
    "dispute lost": partial(_disputed, won=False),
    "inquiry": lambda account: account.stripe.inquire(account.paid().id),
    "a part captured": lambda account: account.stripe.capture_in_dashboard(account.authorised().id, 1_000),
    "a part captured and refunded": _part_refunded,
}
REFUNDS: dict[str, Callable[[StripeFixture], Payment]] = {
    "refunded": partial(_refunded, card="pm_card_visa"),
    "refund pending": partial(_refunded, card="pm_card_pendingRefund"),
    "refund failed": partial(_refunded, card="pm_card_refundFail", days=5),
}
ALL = STORIES | REFUNDS


def intent_after(story: str) -> PaymentIntent:
    account = StripeFixture()
    return account.intent(ALL[story](account))


def objects_of(intent: PaymentIntent) -> Iterator[Json]:
    """All that Stripe would answer about a payment."""
    yield intent.to_stripe()
    yield from (charge.to_stripe() for charge in intent.charges)
    yield from (refund.to_stripe() for refund in intent.refunds)
    yield from (dispute.to_stripe() for dispute in intent.disputes)


@pytest.mark.parametrize("story", ALL)
def test_stripes_openapi_accepts_it(story: str) -> None:
    for answer in objects_of(intent_after(story)):
        validator_of(str(answer["object"])).validate(answer)


@pytest.mark.parametrize("story", ALL)
def test_every_name_is_one_of_stripes(story: str) -> None:
    for answer in objects_of(intent_after(story)):
        assert answer.keys() <= names_of(str(answer["object"]))


@pytest.mark.parametrize("story", ALL)
def test_nothing_is_live(story: str) -> None:
    assert not any(answer.get("livemode") for answer in objects_of(intent_after(story)))


@pytest.mark.parametrize(
    ("story", "paid", "reason"), [("succeeded", True, None), ("declined", False, "generic_decline")]
)
def test_a_charge_says_whether_it_was_paid_and_why_not(story: str, paid: bool, reason: str | None) -> None:
    charge = intent_after(story).charges[-1].to_stripe()

    assert charge["paid"] is paid
    assert cast(Json, charge["outcome"])["reason"] == reason


@pytest.mark.parametrize("story", ALL)
def test_the_real_gateway_would_read_the_same_payment(story: str) -> None:
    intent = intent_after(story)
    charge = intent.latest_charge
    answer = intent.to_stripe() | {"latest_charge": charge.to_stripe() if charge else None}

    assert payment_of(stripe.PaymentIntent.construct_from(answer, None)) == intent.as_payment()


@pytest.mark.parametrize("story", REFUNDS)
def test_the_real_gateway_would_read_the_same_refund(story: str) -> None:
    [refund] = intent_after(story).refunds

    assert refund_of(stripe.Refund.construct_from(refund.to_stripe(), None)) == refund.as_refund()


@pytest.mark.parametrize("story", ["disputed", "dispute won", "dispute lost", "inquiry"])
def test_the_real_gateway_would_read_the_same_dispute(story: str) -> None:
    [dispute] = intent_after(story).disputes

    assert dispute_of(stripe.Dispute.construct_from(dispute.to_stripe(), None)) == dispute.as_dispute()


@pytest.mark.parametrize("wrong", [{"status": "cancelled"}, {"amount": "4999"}, {"created": None}])
def test_openapi_would_find_what_is_wrong(wrong: Json) -> None:
    with pytest.raises(jsonschema.ValidationError):
        validator_of("payment_intent").validate(intent_after("succeeded").to_stripe() | wrong)
