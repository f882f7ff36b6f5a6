"""Stories about payments at the simulated Stripe: cards, 3-D Secure, authorisations, bank debits."""

from __future__ import annotations

import pytest

from payflows.errors import CallRejected, InvalidPolicy, PaymentDeclined
from payflows.payments.model import Decline, PaymentStatus
from simulations.stripe import PAYMENT_METHODS, StripeTimes
from tests.till import BANK, BROKE, DECLINED, NOTHING, ORDER, PRICE, VISA, WITH_3DS, Till

DAY = 24 * 3600

DECLINES = {
    "pm_card_visa_chargeDeclined": ("card_declined", "generic_decline"),
    "pm_card_visa_chargeDeclinedInsufficientFunds": ("card_declined", "insufficient_funds"),
    "pm_card_visa_chargeDeclinedLostCard": ("card_declined", "lost_card"),
    "pm_card_visa_chargeDeclinedStolenCard": ("card_declined", "stolen_card"),
    "pm_card_visa_chargeDeclinedVelocityLimitExceeded": ("card_declined", "card_velocity_exceeded"),
    "pm_card_chargeDeclinedFraudulent": ("card_declined", "fraudulent"),
    "pm_card_chargeDeclinedExpiredCard": ("expired_card", None),
    "pm_card_chargeDeclinedIncorrectCvc": ("incorrect_cvc", None),
    "pm_card_chargeDeclinedProcessingError": ("processing_error", None),
}
"""docs.stripe.com/testing, "Declined payments"."""


@pytest.fixture
def till() -> Till:
    return Till()


@pytest.mark.parametrize("card", ["pm_card_visa", "pm_card_visa_debit", "pm_card_mastercard", "pm_card_amex"])
def test_a_good_card_pays_at_once(till: Till, card: str) -> None:
    payment = till.paid(card)

    assert payment.covers(PRICE)
    assert till.stripe.captured_for(ORDER) == PRICE


@pytest.mark.parametrize(("card", "code", "decline_code"), [(card, *codes) for card, codes in DECLINES.items()])
def test_a_bad_card_is_declined_with_stripes_codes(till: Till, card: str, code: str, decline_code: str | None) -> None:
    payment = till.create()

    with pytest.raises(PaymentDeclined) as declined:
        till.confirm(payment, card)

    after = till.read(payment)
    assert (declined.value.code, declined.value.decline_code) == (code, decline_code)
    assert after.decline == Decline(code, decline_code)
    assert after.status is PaymentStatus.REQUIRES_PAYMENT_METHOD
    assert declined.value.charge_id == after.charge_id is not None
    assert till.stripe.captured_for(ORDER) == NOTHING


def test_every_decline_is_a_new_failed_charge_and_another_card_pays(till: Till) -> None:
    first = till.turned_down(DECLINED)
    with pytest.raises(PaymentDeclined):
        till.confirm(first, BROKE)
    second = till.read(first)

    paid = till.confirm(first, VISA)

    charges = till.intent(first).charges
    assert [charge.status for charge in charges] == ["failed", "failed", "succeeded"]
    assert [first.charge_id, second.charge_id, paid.charge_id] == [charge.id for charge in charges]
    assert paid.decline is None
    assert paid.covers(PRICE)


def test_a_fraudulent_card_is_blocked_by_stripe_itself(till: Till) -> None:
    payment = till.turned_down("pm_card_chargeDeclinedFraudulent")

    outcome = till.intent(payment).charges[-1].outcome
    assert outcome is not None
    assert outcome["type"] == "blocked"


@pytest.mark.parametrize("nonsense", ["pm_card_nobody", "4242424242424242", ""])
def test_a_card_that_stripe_does_not_know_is_refused(till: Till, nonsense: str) -> None:
    payment = till.create()

    with pytest.raises(CallRejected) as refused:
        till.confirm(payment, nonsense)

    assert refused.value.code == "resource_missing"
    assert till.read(payment) == payment


def test_nothing_is_charged_until_the_customer_authenticates(till: Till) -> None:
    waiting = till.paid(WITH_3DS)
    assert (waiting.status, waiting.charge_id) == (PaymentStatus.REQUIRES_ACTION, None)
    assert till.intent(waiting).next_action is not None

    paid = till.stripe.authenticate(waiting.id)

    assert paid.covers(PRICE)
    assert till.intent(paid).next_action is None


def test_a_failed_authentication_asks_for_another_card_without_a_charge(till: Till) -> None:
    waiting = till.paid(WITH_3DS)

    failed = till.stripe.fail_authentication(waiting.id)

    assert failed.status is PaymentStatus.REQUIRES_PAYMENT_METHOD
    assert failed.charge_id is None
    assert failed.decline == Decline("payment_intent_authentication_failure")
    intent = till.intent(failed)
    assert (intent.charges, intent.next_action, intent.payment_method) == ([], None, None)


def test_it_leaves_the_charge_of_an_earlier_decline(till: Till) -> None:
    declined = till.turned_down()
    assert till.confirm(declined, WITH_3DS).decline is None

    failed = till.stripe.fail_authentication(declined.id)

    assert failed.charge_id == declined.charge_id
    assert failed.decline != declined.decline


def test_the_issuer_may_still_decline_after_it(till: Till) -> None:
    waiting = till.paid("pm_card_threeDSecureRequiredChargeDeclined")

    declined = till.stripe.authenticate(waiting.id)

    assert declined.decline == Decline("card_declined", "generic_decline")
    assert declined.status is PaymentStatus.REQUIRES_PAYMENT_METHOD


def test_the_customer_may_take_another_card_instead(till: Till) -> None:
    waiting = till.paid("pm_card_authenticationRequired")

    paid = till.confirm(waiting, VISA)

    assert paid.covers(PRICE)
    with pytest.raises(CallRejected):
        till.stripe.authenticate(waiting.id)


def test_with_manual_capture_it_leads_to_an_authorisation(till: Till) -> None:
    waiting = till.authorised(WITH_3DS)

    assert till.stripe.authenticate(waiting.id).status is PaymentStatus.REQUIRES_CAPTURE


def test_money_is_held_and_then_captured(till: Till) -> None:
    held = till.authorised()
    assert held.status is PaymentStatus.REQUIRES_CAPTURE
    assert (held.received, till.intent(held).amount_capturable) == (NOTHING, PRICE.minor)

    taken = till.capture(held)

    assert taken.covers(PRICE)
    assert till.intent(taken).amount_capturable == 0
    assert till.stripe.captured_for(ORDER) == PRICE


def test_it_expires_after_seven_days(till: Till) -> None:
    held = till.authorised()

    till.clock.pass_time(7 * DAY - 1)
    assert till.read(held).status is PaymentStatus.REQUIRES_CAPTURE
    till.clock.pass_time(1)

    expired = till.intent(held)
    assert expired.status is PaymentStatus.CANCELED
    assert (expired.cancellation_reason, expired.amount_capturable) == ("automatic", 0)
    with pytest.raises(CallRejected):
        till.capture(held)
    assert till.stripe.captured_for(ORDER) == NOTHING


def test_a_captured_one_does_not_expire(till: Till) -> None:
    taken = till.capture(till.authorised())

    till.clock.pass_time(30 * DAY)

    assert till.read(taken) == taken


def test_cancelling_releases_it_without_moving_money(till: Till) -> None:
    cancelled = till.cancel(till.authorised())

    charge = till.intent(cancelled).charges[-1]
    assert (charge.captured, charge.refunded) == (False, True)
    assert till.stripe.movements == []


def test_it_is_processing_for_days_and_then_paid(till: Till) -> None:
    payment = till.paid(BANK)
    assert payment.status is PaymentStatus.PROCESSING

    till.clock.pass_time(4 * DAY - 1)
    assert till.read(payment).status is PaymentStatus.PROCESSING
    till.clock.pass_time(1)

    assert till.read(payment).covers(PRICE)
    assert till.intent(payment).charges[-1].status == "succeeded"


def test_it_may_fail_days_later(till: Till) -> None:
    payment = till.paid("pm_usBankAccount_insufficientFunds")

    till.clock.pass_time(4 * DAY)

    failed = till.read(payment)
    assert failed.status is PaymentStatus.REQUIRES_PAYMENT_METHOD
    assert failed.decline == Decline("insufficient_funds")
    assert till.confirm(payment, VISA).covers(PRICE)


def test_it_may_never_settle(till: Till) -> None:
    payment = till.paid("pm_usBankAccount_processing")

    till.clock.pass_time(365 * DAY)

    assert till.read(payment).status is PaymentStatus.PROCESSING


def test_how_long_it_takes_is_configurable() -> None:
    till = Till(StripeTimes(settle_after_seconds=60))
    payment = till.paid(BANK)

    till.clock.pass_time(60)

    assert till.read(payment).covers(PRICE)


def test_it_cannot_be_captured_manually(till: Till) -> None:
    with pytest.raises(CallRejected):
        till.authorised(BANK)


def test_a_time_below_zero_is_refused() -> None:
    with pytest.raises(InvalidPolicy, match="settle_after_seconds"):
        StripeTimes(settle_after_seconds=-1)


def test_every_row_of_the_table_of_cards_can_be_tried() -> None:
    for card in PAYMENT_METHODS:
        till = Till()
        try:
            till.paid(card)
        except PaymentDeclined:
            assert card in DECLINES
        else:
            assert card not in DECLINES
