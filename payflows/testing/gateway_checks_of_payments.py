"""What a gateway promises of a payment's life, one check for each promise."""

from __future__ import annotations

from collections.abc import Awaitable

from payflows.errors import CallRejected
from payflows.money import Money
from payflows.payments.model import CaptureMode, Decline, PaymentStatus, Refund, RefundStatus
from payflows.testing.gateway_customer import PRICE, VISA, Customer

UNKNOWN = "pi_000000000000000000000000"

DECLINES = {
    "pm_card_visa_chargeDeclined": Decline("card_declined", "generic_decline"),
    "pm_card_visa_chargeDeclinedInsufficientFunds": Decline("card_declined", "insufficient_funds"),
    "pm_card_visa_chargeDeclinedLostCard": Decline("card_declined", "lost_card"),
    "pm_card_visa_chargeDeclinedStolenCard": Decline("card_declined", "stolen_card"),
}
OTHER_DECLINES = {
    "pm_card_chargeDeclinedExpiredCard": "expired_card",
    "pm_card_chargeDeclinedIncorrectCvc": "incorrect_cvc",
    "pm_card_chargeDeclinedProcessingError": "processing_error",
}
"""Stripe's test cards, and how they are declined."""


# Of every gateway


async def a_new_payment_waits_for_a_card_and_has_moved_no_money(customer: Customer) -> None:
    """Nothing is charged before a card is tried."""
    for capture in CaptureMode:
        payment = await customer.create(capture=capture)

        assert payment.id.startswith("pi_")
        assert payment.status is PaymentStatus.REQUIRES_PAYMENT_METHOD
        assert (payment.amount, payment.received, payment.returned) == (PRICE, Money(0, "usd"), Money(0, "usd"))
        assert payment.decline is None
        assert not payment.disputed


async def amount_and_currency_arrive_as_they_were_sent(customer: Customer) -> None:
    """Also in a currency without decimals."""
    for amount in (Money(50, "usd"), Money(500, "jpy"), Money(99_999_999, "eur")):
        payment = await customer.create(amount=amount)

        assert payment.amount == amount
        assert payment.received.currency == payment.returned.currency == amount.currency


async def a_payment_names_our_order_or_none(customer: Customer) -> None:
    """Never another order."""
    payment = await customer.create()

    assert payment.order_id in (customer.order_id, None)


async def every_answer_is_about_the_payment_that_was_asked_for(customer: Customer) -> None:
    """Read, confirmed, captured or cancelled."""
    payment_id = (await customer.create(capture=CaptureMode.MANUAL)).id
    other_id = (await customer.create()).id

    assert (await customer.read(payment_id)).id == payment_id
    assert (await customer.confirm(payment_id)).id == payment_id
    assert (await customer.capture(payment_id)).id == payment_id
    assert (await customer.cancel(other_id)).id == other_id


async def a_refund_names_its_payment(customer: Customer) -> None:
    """And has a status that we know."""
    payment = await customer.paid()

    refund = await customer.refund(payment.id)

    assert refund.id.startswith("re_")
    assert refund.payment_id == payment.id
    assert refund.status in RefundStatus


async def search_and_list_bring_only_what_is_ours(customer: Customer) -> None:
    """Nothing of another order is found."""
    payment = await customer.create()

    assert all(found.order_id == customer.order_id for found in await customer.search())
    assert all(isinstance(refund, Refund) for refund in await customer.refunds(payment.id))


async def what_is_no_payment_method_is_refused(customer: Customer) -> None:
    """A card number is none."""
    for nonsense in ("4242424242424242", "visa", ""):
        payment = await customer.create()

        await rejected(customer.confirm(payment.id, nonsense))


# Of those that keep state: one payment's life


async def a_good_card_pays_the_whole(customer: Customer) -> None:
    """And a read returns the same."""
    payment = await customer.paid()

    assert payment.covers(PRICE)
    assert payment.charge_id is not None
    assert payment.order_id == customer.order_id
    assert await customer.read(payment.id) == payment


async def authorised_first_and_captured_later(customer: Customer) -> None:
    """Capturing takes the money of the same charge."""
    held = await customer.authorised()
    assert (held.status, held.received.minor) == (PaymentStatus.REQUIRES_CAPTURE, 0)

    taken = await customer.capture(held.id)

    assert taken.covers(PRICE)
    assert taken.charge_id == held.charge_id


async def a_decline_is_raised_and_stays_readable(customer: Customer) -> None:
    """A read shows the decline with its charge."""
    for card, decline in DECLINES.items():
        payment = await customer.create()

        declined = await customer.declined(payment.id, card)

        after = await customer.read(payment.id)
        assert Decline(declined.code, declined.decline_code) == after.decline == decline
        assert declined.charge_id == after.charge_id is not None
        assert (after.status, after.received.minor) == (PaymentStatus.REQUIRES_PAYMENT_METHOD, 0)


async def some_declines_have_a_code_of_their_own(customer: Customer) -> None:
    """An expired card is not merely declined."""
    for card, code in OTHER_DECLINES.items():
        payment = await customer.create()

        declined = await customer.declined(payment.id, card)

        assert declined.code == code


async def after_a_decline_another_card_pays_with_another_charge(customer: Customer) -> None:
    """The same payment takes it."""
    payment = await customer.create()
    declined = await customer.declined(payment.id)

    paid = await customer.confirm(payment.id, VISA)

    assert paid.covers(PRICE)
    assert paid.decline is None
    assert paid.charge_id != declined.charge_id


async def three_d_secure_waits_for_the_customer_without_a_charge(customer: Customer) -> None:
    """And can still be cancelled."""
    payment = await customer.paid("pm_card_threeDSecure2Required")

    assert (payment.status, payment.charge_id) == (PaymentStatus.REQUIRES_ACTION, None)
    assert (await customer.cancel(payment.id)).status is PaymentStatus.CANCELED


async def the_customers_browser_is_given_what_the_bank_asks_for(customer: Customer) -> None:
    """And nothing where no bank asks; with an address to come back to, the bank asks on its own page."""
    gateway, payment = customer.gateway, await customer.create()
    assert await gateway.retrieve_customer_action(payment.id) is None

    await gateway.confirm_payment(
        payment.id,
        payment_method="pm_card_threeDSecure2Required",
        key=customer.new_key(),
        return_url="https://shop.example/paid",
    )

    action = await gateway.retrieve_customer_action(payment.id)
    assert action is not None
    assert action.client_secret.startswith(payment.id)
    assert action.next_action["type"] == "redirect_to_url"
    assert action.client_secret not in repr(action)


async def a_cancelled_payment_can_never_take_money(customer: Customer) -> None:
    """Whatever is asked of it."""
    held = await customer.authorised()
    cancelled = await customer.cancel(held.id)
    assert cancelled.status is PaymentStatus.CANCELED

    for attempt in (customer.confirm, customer.capture, customer.cancel):
        await rejected(attempt(held.id), code="payment_intent_unexpected_state")

    assert (await customer.read(held.id)).received.minor == 0


async def a_paid_one_can_be_neither_cancelled_nor_paid_again(customer: Customer) -> None:
    """It stays as it is."""
    payment = await customer.paid()

    for attempt in (customer.confirm, customer.capture, customer.cancel):
        await rejected(attempt(payment.id), code="payment_intent_unexpected_state")

    assert await customer.read(payment.id) == payment


async def a_refund_returns_the_whole_and_only_once(customer: Customer) -> None:
    """A second one is rejected."""
    payment = await customer.paid()

    refund = await customer.refund(payment.id)

    assert (refund.amount, refund.status) == (PRICE, RefundStatus.SUCCEEDED)
    assert (await customer.read(payment.id)).returned == PRICE
    assert await customer.refunds(payment.id) == (refund,)
    await rejected(customer.refund(payment.id), code="charge_already_refunded")


async def what_was_never_taken_cannot_be_refunded(customer: Customer) -> None:
    """An unpaid payment has nothing to give back."""
    payment = await customer.create()

    await rejected(customer.refund(payment.id))


async def an_unknown_payment_is_missing(customer: Customer) -> None:
    """Whatever is asked about it."""
    for call in (customer.read, customer.confirm, customer.capture, customer.cancel, customer.refund):
        await rejected(call(UNKNOWN), code="resource_missing")


async def an_unknown_card_is_missing(customer: Customer) -> None:
    """It is not declined."""
    payment = await customer.create()

    await rejected(customer.confirm(payment.id, "pm_card_that_is_unknown"), code="resource_missing")


async def less_than_stripes_least_is_refused(customer: Customer) -> None:
    """Stripe takes no amount below its minimum."""
    await rejected(customer.create(amount=Money(10, "usd")), code="amount_too_small")


CHECKS_OF_EVERY_GATEWAY = (
    a_new_payment_waits_for_a_card_and_has_moved_no_money,
    amount_and_currency_arrive_as_they_were_sent,
    a_payment_names_our_order_or_none,
    every_answer_is_about_the_payment_that_was_asked_for,
    a_refund_names_its_payment,
    search_and_list_bring_only_what_is_ours,
    what_is_no_payment_method_is_refused,
)

CHECKS_OF_A_LIFE = (
    a_good_card_pays_the_whole,
    authorised_first_and_captured_later,
    a_decline_is_raised_and_stays_readable,
    some_declines_have_a_code_of_their_own,
    after_a_decline_another_card_pays_with_another_charge,
    three_d_secure_waits_for_the_customer_without_a_charge,
    the_customers_browser_is_given_what_the_bank_asks_for,
    a_cancelled_payment_can_never_take_money,
    a_paid_one_can_be_neither_cancelled_nor_paid_again,
    a_refund_returns_the_whole_and_only_once,
    what_was_never_taken_cannot_be_refunded,
    an_unknown_payment_is_missing,
    an_unknown_card_is_missing,
    less_than_stripes_least_is_refused,
)


async def rejected(call: Awaitable[object], *, code: str | None = None) -> None:
    """Expect a call to be rejected, with this code where one is given."""
    try:
        await call
    except CallRejected as rejected:
        assert code is None or rejected.code == code, f"rejected as {rejected.code}, not as {code}"
    else:
        raise AssertionError("the call was not rejected")
