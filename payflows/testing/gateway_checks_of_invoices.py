"""What a billing gateway promises of invoices, credit notes and keys, one check for each promise."""

from __future__ import annotations

from datetime import timedelta

from payflows.money import Money
from payflows.payments.invoice_payable import ACTION_REQUIRED
from payflows.payments.model import PaymentStatus
from payflows.subscriptions.billing import RENEWAL, BillingStatus, InvoiceStatus, StripeInvoice
from payflows.testing.gateway_checks_of_payments import rejected
from payflows.testing.gateway_subscriber import Subscriber, invoice_of, payment_id_of, setup_id_of

DECLINED_LATER = "pm_card_chargeCustomerFail"
"""A customer can have it, and every charge of it is declined."""
ASKS_LATER = "pm_card_authenticationRequired"
"""A customer can have it, and every charge of it must be authenticated."""

UNKNOWN_INVOICE = "in_000000000000000000000000"


async def every_answer_is_about_the_invoice_that_was_asked_for(subscriber: Subscriber) -> None:
    """Read, paid or voided; and a credit note is of its invoice."""
    paid_id = invoice_of(await subscriber.subscribe()).id
    void_id = invoice_of(await subscriber.subscribe()).id

    assert (await subscriber.billing.retrieve_invoice(paid_id)).id == paid_id
    assert (await subscriber.pay(paid_id, await subscriber.attach())).id == paid_id
    assert (await subscriber.credit(paid_id, Money(100, subscriber.price.currency))).invoice_id == paid_id
    assert (await subscriber.void(void_id)).id == void_id


# Paying


async def an_open_invoice_is_paid_by_a_card_of_the_customer(subscriber: Subscriber) -> None:
    """And cannot be paid again."""
    made = await subscriber.subscribe()
    invoice_id = invoice_of(made).id

    paid = await subscriber.pay(invoice_id, await subscriber.attach())

    assert (paid.status, paid.amount_paid, paid.attempted) == (InvoiceStatus.PAID, subscriber.price, True)
    assert (await subscriber.read(made.id)).status == BillingStatus.ACTIVE
    await rejected(subscriber.pay(invoice_id, await subscriber.attach()))
    await rejected(subscriber.void(invoice_id))
    await rejected(subscriber.finalise(invoice_id))


async def a_declined_invoice_stays_open_and_its_payment_says_why(subscriber: Subscriber) -> None:
    """Another card pays it."""
    invoice = invoice_of(await subscriber.subscribe())
    card = await subscriber.attach(DECLINED_LATER)

    declined = await subscriber.declined(subscriber.pay(invoice.id, card))

    payment = await subscriber.payment(invoice)
    assert payment.decline is not None
    assert (declined.code, declined.charge_id) == (payment.decline.code, payment.charge_id)
    assert (await subscriber.billing.retrieve_invoice(invoice.id)).status is InvoiceStatus.OPEN
    assert (await subscriber.pay(invoice.id, await subscriber.attach())).status is InvoiceStatus.PAID


async def an_invoice_may_wait_for_the_customer(subscriber: Subscriber) -> None:
    """Its code says so, and its payment; a charge that was declined before has nothing to do with it."""
    invoice = invoice_of(await subscriber.subscribe())
    await subscriber.declined(subscriber.pay(invoice.id, await subscriber.attach(DECLINED_LATER)))
    card = await subscriber.attach(ASKS_LATER)

    declined = await subscriber.declined(subscriber.pay(invoice.id, card))

    assert (declined.code, declined.charge_id) == (ACTION_REQUIRED, None)
    assert (await subscriber.payment(invoice)).status is PaymentStatus.REQUIRES_ACTION


async def the_payment_of_an_invoice_is_not_cancelled_by_hand(subscriber: Subscriber) -> None:
    """Stripe owns it: it ends with its invoice."""
    invoice = invoice_of(await subscriber.subscribe())

    await rejected(subscriber.payments.cancel_payment(payment_id_of(invoice), key=subscriber.new_key()))


async def a_void_invoice_takes_no_money_any_more(subscriber: Subscriber) -> None:
    """Its payment is cancelled with it."""
    invoice = invoice_of(await subscriber.subscribe())
    card = await subscriber.attach()

    assert (await subscriber.void(invoice.id)).status is InvoiceStatus.VOID

    assert (await subscriber.payment(invoice)).status is PaymentStatus.CANCELED
    await rejected(subscriber.pay(invoice.id, card))
    await rejected(subscriber.void(invoice.id))


async def what_is_open_is_listed(subscriber: Subscriber) -> None:
    """And no more once it is settled."""
    made = await subscriber.subscribe()
    (listed,) = await subscriber.billing.list_invoices(made.id)
    assert listed == invoice_of(made)

    await subscriber.confirm(made)

    assert await subscriber.billing.list_invoices(made.id) == ()


# Giving back


async def a_credit_note_gives_a_part_back_and_never_more_than_was_paid(subscriber: Subscriber) -> None:
    """It is found by its invoice."""
    invoice = invoice_of(await subscriber.subscribed())
    part = Money(subscriber.price.minor // 4, subscriber.price.currency)

    note = await subscriber.credit(invoice.id, part)

    assert (note.invoice_id, note.amount) == (invoice.id, part)
    assert note.owner_id == subscriber.subscription_id
    assert (await subscriber.payment(invoice)).returned == part
    assert (await subscriber.billing.retrieve_invoice(invoice.id)).credited_minor == part.minor
    await rejected(subscriber.credit(invoice.id, subscriber.price))
    assert await subscriber.notes(invoice.id) == (note,)


async def a_credit_note_may_go_to_the_balance_in_part_or_as_a_whole(subscriber: Subscriber) -> None:
    """Only the rest of it is refunded."""
    invoice, currency = invoice_of(await subscriber.subscribed()), subscriber.price.currency

    await subscriber.credit(invoice.id, Money(300, currency), balance_minor=100)
    await subscriber.credit(invoice.id, Money(50, currency), balance_minor=50)

    assert (await subscriber.payment(invoice)).returned == Money(200, currency)
    assert (await subscriber.billing.retrieve_invoice(invoice.id)).credited_minor == 350


async def what_was_never_paid_cannot_be_given_back(subscriber: Subscriber) -> None:
    """A credit note of an open invoice cannot refund."""
    invoice = invoice_of(await subscriber.subscribe())

    await rejected(subscriber.credit(invoice.id, subscriber.price))

    assert await subscriber.notes(invoice.id) == ()


async def an_unknown_invoice_is_missing(subscriber: Subscriber) -> None:
    """Whatever is asked about it."""
    for call in (
        subscriber.billing.retrieve_invoice(UNKNOWN_INVOICE),
        subscriber.finalise(UNKNOWN_INVOICE),
        subscriber.pay(UNKNOWN_INVOICE),
        subscriber.void(UNKNOWN_INVOICE),
        subscriber.credit(UNKNOWN_INVOICE, subscriber.price),
    ):
        await rejected(call, code="resource_missing")


# Keys


async def the_same_key_makes_one_subscription(subscriber: Subscriber) -> None:
    """Another key makes another one."""
    key = subscriber.new_key()
    first = await subscriber.subscribe(key=key)

    assert await subscriber.subscribe(key=key) == first
    assert (await subscriber.subscribe()).id != first.id
    assert len(await subscriber.found()) == 2


async def the_same_key_pays_once_and_gives_back_once(subscriber: Subscriber) -> None:
    """The second answer is the first one."""
    invoice = invoice_of(await subscriber.subscribe())
    card_key, pay_key, credit_key = subscriber.new_key(), subscriber.new_key(), subscriber.new_key()
    part = Money(100, subscriber.price.currency)

    card = await subscriber.attach(key=card_key)
    assert await subscriber.attach(key=card_key) == card
    paid = await subscriber.pay(invoice.id, card, key=pay_key)
    assert await subscriber.pay(invoice.id, card, key=pay_key) == paid
    note = await subscriber.credit(invoice.id, part, key=credit_key)
    assert await subscriber.credit(invoice.id, part, key=credit_key) == note

    assert (await subscriber.payment(invoice)).returned == part


async def the_same_key_repeats_a_decline(subscriber: Subscriber) -> None:
    """Without a second charge."""
    invoice = invoice_of(await subscriber.subscribe())
    setup_id = setup_id_of(await subscriber.subscribe(trial_days=7))
    card, key, setup_key = await subscriber.attach(DECLINED_LATER), subscriber.new_key(), subscriber.new_key()

    first = await subscriber.declined(subscriber.pay(invoice.id, card, key=key))
    again = await subscriber.declined(subscriber.pay(invoice.id, card, key=key))
    set_up = await subscriber.set_up(setup_id, key=setup_key)

    assert again.args == first.args
    assert (await subscriber.payment(invoice)).charge_id == first.charge_id
    assert await subscriber.set_up(setup_id, key=setup_key) == set_up


async def a_billing_key_with_other_parameters_is_refused(subscriber: Subscriber) -> None:
    """A key belongs to one request."""
    key = subscriber.new_key()
    invoice = invoice_of(await subscriber.subscribe(key=key))

    await rejected(subscriber.subscribe(quantity=2, key=key))
    await rejected(subscriber.pay(invoice.id, key=key))


# Where time can pass


async def a_renewal_is_a_draft_first_and_paid_by_the_default_card(subscriber: Subscriber) -> None:
    """For an hour or so; the subscription is active all the time."""
    active = await subscriber.subscribed()

    (draft,) = await _renewed(subscriber, active.id)
    assert (draft.status, draft.billing_reason, draft.payment_id) == (InvoiceStatus.DRAFT, RENEWAL, None)
    assert draft.period_start == active.period_end
    await _pass(subscriber, timedelta(days=1))

    after = await subscriber.read(active.id)
    assert (after.status, after.period_start) == (BillingStatus.ACTIVE, active.period_end)
    assert (invoice_of(after).id, invoice_of(after).status) == (draft.id, InvoiceStatus.PAID)


async def a_draft_cannot_be_voided_and_is_finalised_without_being_collected(subscriber: Subscriber) -> None:
    """Then it can be paid, or voided."""
    active = await subscriber.subscribed()
    (draft,) = await _renewed(subscriber, active.id)
    await rejected(subscriber.void(draft.id))

    final = await subscriber.finalise(draft.id)
    await _pass(subscriber, timedelta(days=2))

    assert (final.status, final.amount_paid.minor) == (InvoiceStatus.OPEN, 0)
    assert (await subscriber.billing.retrieve_invoice(draft.id)).status is InvoiceStatus.OPEN
    assert (await subscriber.pay(draft.id)).status is InvoiceStatus.PAID


async def what_is_open_at_a_cancellation_stays_open_and_can_be_voided(subscriber: Subscriber) -> None:
    """Stripe collects it no more."""
    active = await subscriber.subscribed()
    await subscriber.set_default(active.id, await subscriber.attach(DECLINED_LATER))
    await _renewed(subscriber, active.id)
    await _pass(subscriber, timedelta(days=1))
    assert (await subscriber.read(active.id)).status == BillingStatus.PAST_DUE

    await subscriber.cancel(active.id)

    (left,) = await subscriber.billing.list_invoices(active.id)
    assert (left.status, left.attempted, left.next_payment_attempt) == (InvoiceStatus.OPEN, True, None)
    assert (await subscriber.void(left.id)).status is InvoiceStatus.VOID
    assert await subscriber.billing.list_invoices(active.id) == ()


async def _renewed(subscriber: Subscriber, stripe_subscription_id: str) -> tuple[StripeInvoice, ...]:
    """Let its period end, and return what is not settled then."""
    subscription = await subscriber.read(stripe_subscription_id)
    await _pass(subscriber, subscription.period_end - subscription.period_start + timedelta(minutes=1))
    return await subscriber.billing.list_invoices(stripe_subscription_id)


async def _pass(subscriber: Subscriber, time: timedelta) -> None:
    assert subscriber.pass_time is not None, "these checks are for gateways whose time can pass"
    await subscriber.pass_time(time)


CHECKS_OF_INVOICES = (
    an_open_invoice_is_paid_by_a_card_of_the_customer,
    a_declined_invoice_stays_open_and_its_payment_says_why,
    an_invoice_may_wait_for_the_customer,
    the_payment_of_an_invoice_is_not_cancelled_by_hand,
    a_void_invoice_takes_no_money_any_more,
    what_is_open_is_listed,
    a_credit_note_gives_a_part_back_and_never_more_than_was_paid,
    a_credit_note_may_go_to_the_balance_in_part_or_as_a_whole,
    what_was_never_paid_cannot_be_given_back,
    an_unknown_invoice_is_missing,
    the_same_key_makes_one_subscription,
    the_same_key_pays_once_and_gives_back_once,
    the_same_key_repeats_a_decline,
    a_billing_key_with_other_parameters_is_refused,
)

CHECKS_OF_INVOICES_IN_TIME = (
    a_renewal_is_a_draft_first_and_paid_by_the_default_card,
    a_draft_cannot_be_voided_and_is_finalised_without_being_collected,
    what_is_open_at_a_cancellation_stays_open_and_can_be_voided,
)
