"""Stories about payments at the simulated Stripe: cards, 3-D Secure, authorisations, bank debits."""

from __future__ import annotations

import pytest

from payflows.errors import CallRejected, InvalidPolicy, PaymentDeclined
from payflows.money import Money
from payflows.payments.model import Decline, PaymentStatus
from payflows.testing.gateway_customer import DECLINED, PRICE, VISA
from simulations.stripe import PAYMENT_METHODS, StripeTimes
from tests.stripe_fixture import BANK, BROKE, NOTHING, ORDER, WITH_3DS, StripeFixture

DAY = 24 * 3600

DECLINES = {
    "pm_card_visa_chargeDeclined": ("card_declined", "generic_decline"),
    "pm_card_visa_chargeDeclinedInsufficientFunds": ("card_declined", "insufficient_funds"),
    "pm_card_visa_chargeDeclinedLostCard": ("card_declined", "lost_card"),
    "pm_card_visa_chargeDeclinedStolenCard": ("card_declined", "stolen_card"),
    "pm_card_visa_chargeDeclinedVelocityLimitExceeded": ("card_declined", "card_velocity_exceeded"),
    "pm_card_chargeCustomerFail": ("card_declined", "generic_decline"),
    "pm_card_chargeDeclinedFraudulent": ("card_declined", "fraudulent"),
    "pm_card_chargeDeclinedExpiredCard": ("expired_card", None),
    "pm_card_chargeDeclinedIncorrectCvc": ("incorrect_cvc", None),
    "pm_card_chargeDeclinedProcessingError": ("processing_error", None),
}
"""docs.stripe.com/testing, "Declined payments"."""


@pytest.fixture
def account() -> StripeFixture:
    return StripeFixture()


@pytest.mark.parametrize("card", ["pm_card_visa", "pm_card_visa_debit", "pm_card_mastercard", "pm_card_amex"])
def test_a_good_card_pays_immediately(account: StripeFixture, card: str) -> None:
    payment = account.paid(card)

    assert payment.covers(PRICE)
    assert account.stripe.captured_for(ORDER) == PRICE


@pytest.mark.parametrize(("card", "code", "decline_code"), [(card, *codes) for card, codes in DECLINES.items()])
def test_a_bad_card_is_declined_with_stripes_codes(
    account: StripeFixture, card: str, code: str, decline_code: str | None
) -> None:
    payment = account.create()

    with pytest.raises(PaymentDeclined) as declined:
        account.confirm(payment, card)

    after = account.read(payment)
    assert (declined.value.code, declined.value.decline_code) == (code, decline_code)
    assert after.decline == Decline(code, decline_code)
    assert after.status is PaymentStatus.REQUIRES_PAYMENT_METHOD
    assert declined.value.charge_id == after.charge_id is not None
    assert account.stripe.captured_for(ORDER) == NOTHING


def test_every_decline_is_a_new_failed_charge_and_another_card_pays(account: StripeFixture) -> None:
    first = account.turned_down(DECLINED)
    with pytest.raises(PaymentDeclined):
        account.confirm(first, BROKE)
    second = account.read(first)

    paid = account.confirm(first, VISA)

    charges = account.intent(first).charges
    assert [charge.status for charge in charges] == ["failed", "failed", "succeeded"]
    assert [first.charge_id, second.charge_id, paid.charge_id] == [charge.id for charge in charges]
    assert paid.decline is None
    assert paid.covers(PRICE)


def test_a_fraudulent_card_is_blocked_by_stripe_itself(account: StripeFixture) -> None:
    payment = account.turned_down("pm_card_chargeDeclinedFraudulent")

    outcome = account.intent(payment).charges[-1].outcome
    assert outcome is not None
    assert outcome["type"] == "blocked"


@pytest.mark.parametrize("nonsense", ["pm_card_unknown", "4242424242424242", ""])
def test_a_card_that_stripe_does_not_know_is_refused(account: StripeFixture, nonsense: str) -> None:
    payment = account.create()

    with pytest.raises(CallRejected) as refused:
        account.confirm(payment, nonsense)

    assert refused.value.code == "resource_missing"
    assert account.read(payment) == payment


def test_nothing_is_charged_until_the_customer_authenticates(account: StripeFixture) -> None:
    waiting = account.paid(WITH_3DS)
    assert (waiting.status, waiting.charge_id) == (PaymentStatus.REQUIRES_ACTION, None)
    assert account.intent(waiting).next_action is not None

    paid = account.stripe.authenticate(waiting.id)

    assert paid.covers(PRICE)
    assert account.intent(paid).next_action is None


def test_a_failed_authentication_asks_for_another_card_without_a_charge(account: StripeFixture) -> None:
    waiting = account.paid(WITH_3DS)

    failed = account.stripe.fail_authentication(waiting.id)

    assert failed.status is PaymentStatus.REQUIRES_PAYMENT_METHOD
    assert failed.charge_id is None
    assert failed.decline == Decline("payment_intent_authentication_failure")
    intent = account.intent(failed)
    assert (intent.charges, intent.next_action, intent.payment_method) == ([], None, None)


def test_it_leaves_the_charge_of_an_earlier_decline(account: StripeFixture) -> None:
    declined = account.turned_down()
    assert account.confirm(declined, WITH_3DS).decline is None

    failed = account.stripe.fail_authentication(declined.id)

    assert failed.charge_id == declined.charge_id
    assert failed.decline != declined.decline


def test_the_issuer_may_still_decline_after_it(account: StripeFixture) -> None:
    waiting = account.paid("pm_card_threeDSecureRequiredChargeDeclined")

    declined = account.stripe.authenticate(waiting.id)

    assert declined.decline == Decline("card_declined", "generic_decline")
    assert declined.status is PaymentStatus.REQUIRES_PAYMENT_METHOD


def test_the_customer_may_take_another_card_instead(account: StripeFixture) -> None:
    waiting = account.paid("pm_card_authenticationRequired")

    paid = account.confirm(waiting, VISA)

    assert paid.covers(PRICE)
    with pytest.raises(CallRejected):
        account.stripe.authenticate(waiting.id)


def test_with_manual_capture_it_leads_to_an_authorisation(account: StripeFixture) -> None:
    waiting = account.authorised(WITH_3DS)

    assert account.stripe.authenticate(waiting.id).status is PaymentStatus.REQUIRES_CAPTURE


def test_money_is_held_and_then_captured(account: StripeFixture) -> None:
    held = account.authorised()
    assert held.status is PaymentStatus.REQUIRES_CAPTURE
    assert (held.received, account.intent(held).amount_capturable) == (NOTHING, PRICE.minor)

    taken = account.capture(held)

    assert taken.covers(PRICE)
    assert account.intent(taken).amount_capturable == 0
    assert account.stripe.captured_for(ORDER) == PRICE


def test_of_a_part_that_is_captured_by_hand_the_rest_is_released_and_shown_as_refunded(account: StripeFixture) -> None:
    held = account.authorised()

    taken = account.stripe.capture_in_dashboard(held.id, 1000)

    assert (taken.status, taken.received, taken.returned) == (PaymentStatus.SUCCEEDED, Money(1000, "usd"), NOTHING)
    assert not taken.covers(PRICE)
    assert account.intent(taken).charges[-1].to_stripe()["amount_refunded"] == PRICE.minor - 1000
    assert account.stripe.captured_for(ORDER) == Money(1000, "usd")
    with pytest.raises(CallRejected):
        account.capture(taken)


def test_a_part_that_was_captured_is_refunded_once(account: StripeFixture) -> None:
    taken = account.stripe.capture_in_dashboard(account.authorised().id, 1000)

    refund = account.refund(taken)

    assert refund.amount == Money(1000, "usd")
    assert account.read(taken).returned == Money(1000, "usd")
    with pytest.raises(CallRejected):
        account.refund(taken)


@pytest.mark.parametrize("amount_minor", [0, -1, PRICE.minor + 1])
def test_no_more_is_captured_than_was_authorised(account: StripeFixture, amount_minor: int) -> None:
    held = account.authorised()

    with pytest.raises(CallRejected):
        account.stripe.capture_in_dashboard(held.id, amount_minor)

    assert account.read(held).status is PaymentStatus.REQUIRES_CAPTURE


def test_it_expires_after_seven_days(account: StripeFixture) -> None:
    held = account.authorised()

    account.clock.pass_time(7 * DAY - 1)
    assert account.read(held).status is PaymentStatus.REQUIRES_CAPTURE
    account.clock.pass_time(1)

    expired = account.intent(held)
    assert expired.status is PaymentStatus.CANCELED
    assert (expired.cancellation_reason, expired.amount_capturable) == ("automatic", 0)
    with pytest.raises(CallRejected):
        account.capture(held)
    assert account.stripe.captured_for(ORDER) == NOTHING


def test_a_captured_one_does_not_expire(account: StripeFixture) -> None:
    taken = account.capture(account.authorised())

    account.clock.pass_time(30 * DAY)

    assert account.read(taken) == taken


def test_cancelling_releases_it_without_moving_money(account: StripeFixture) -> None:
    cancelled = account.cancel(account.authorised())

    charge = account.intent(cancelled).charges[-1]
    assert (charge.captured, charge.refunded) == (False, True)
    assert account.stripe.movements == []


def test_it_is_processing_for_days_and_then_paid(account: StripeFixture) -> None:
    payment = account.paid(BANK)
    assert payment.status is PaymentStatus.PROCESSING

    account.clock.pass_time(4 * DAY - 1)
    assert account.read(payment).status is PaymentStatus.PROCESSING
    account.clock.pass_time(1)

    assert account.read(payment).covers(PRICE)
    assert account.intent(payment).charges[-1].status == "succeeded"


def test_it_may_fail_days_later(account: StripeFixture) -> None:
    payment = account.paid("pm_usBankAccount_insufficientFunds")

    account.clock.pass_time(4 * DAY)

    failed = account.read(payment)
    assert failed.status is PaymentStatus.REQUIRES_PAYMENT_METHOD
    assert failed.decline == Decline("insufficient_funds")
    assert account.confirm(payment, VISA).covers(PRICE)


def test_it_may_never_settle(account: StripeFixture) -> None:
    payment = account.paid("pm_usBankAccount_processing")

    account.clock.pass_time(365 * DAY)

    assert account.read(payment).status is PaymentStatus.PROCESSING


def test_what_never_settles_by_itself_may_be_settled_by_the_bank_at_last(account: StripeFixture) -> None:
    payment = account.paid("pm_usBankAccount_processing")

    account.stripe.settle_debit(payment.id)

    assert account.read(payment).covers(PRICE)
    with pytest.raises(CallRejected):
        account.stripe.settle_debit(payment.id)


def test_how_long_it_takes_is_configurable() -> None:
    account = StripeFixture(StripeTimes(settle_after_seconds=60))
    payment = account.paid(BANK)

    account.clock.pass_time(60)

    assert account.read(payment).covers(PRICE)


def test_it_cannot_be_captured_manually(account: StripeFixture) -> None:
    with pytest.raises(CallRejected):
        account.authorised(BANK)


def test_a_time_below_zero_is_refused() -> None:
    with pytest.raises(InvalidPolicy, match="settle_after_seconds"):
        StripeTimes(settle_after_seconds=-1)


def test_every_row_of_the_table_of_cards_can_be_tried() -> None:
    for card in PAYMENT_METHODS:
        account = StripeFixture()
        try:
            account.paid(card)
        except PaymentDeclined:
            assert card in DECLINES
        else:
            assert card not in DECLINES
