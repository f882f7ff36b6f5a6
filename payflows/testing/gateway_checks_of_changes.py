"""What a billing gateway promises of plan changes, one check for each promise."""

from __future__ import annotations

from datetime import timedelta

from payflows.subscriptions.billing import CHANGE, BillingStatus, InvoiceStatus
from payflows.testing.gateway_checks_of_payments import rejected
from payflows.testing.gateway_customer import VISA
from payflows.testing.gateway_subscriber import Subscriber, invoice_of

FAILS_LATER = "pm_card_chargeCustomerFail"
"""Can be given to a customer, and is declined when it is charged."""


# Of every gateway


async def a_preview_makes_no_invoice(subscriber: Subscriber) -> None:
    """It is in the subscription's currency, and only read."""
    active = await subscriber.subscribed()

    preview = await subscriber.preview(active, 3)

    assert preview.amount_due.currency == invoice_of(active).total.currency
    assert (await subscriber.read(active.id)).latest_invoice == active.latest_invoice


# Of those that keep state


async def an_upgrade_is_what_its_preview_says_and_is_paid_immediately(subscriber: Subscriber) -> None:
    """At the beginning of the period, the whole difference."""
    active = await subscriber.subscribed()

    preview = await subscriber.preview(active, 3)
    changed = await subscriber.change_seats(active, 3)

    invoice = invoice_of(changed)
    assert (changed.quantity, changed.status, changed.pending_update) == (3, BillingStatus.ACTIVE, None)
    assert (invoice.status, invoice.billing_reason) == (InvoiceStatus.PAID, CHANGE)
    assert preview.total_minor == invoice.total.minor == 2 * subscriber.price.minor
    assert preview.amount_due == invoice.amount_due
    assert [line.amount_minor for line in preview.lines] == [-subscriber.price.minor, 3 * subscriber.price.minor]


async def a_downgrade_is_credited_to_the_balance(subscriber: Subscriber) -> None:
    """No money goes back to the card."""
    active = await subscriber.subscribed(quantity=3)

    preview = await subscriber.preview(active, 1)
    changed = await subscriber.change_seats(active, 1)

    invoice, credit = invoice_of(changed), 2 * subscriber.price.minor
    assert (changed.quantity, invoice.status, invoice.total.minor) == (1, InvoiceStatus.PAID, 0)
    assert (preview.total_minor, preview.amount_due.minor, invoice.balance_credit_minor) == (-credit, 0, credit)


async def without_proration_a_change_is_not_invoiced(subscriber: Subscriber) -> None:
    """The next renewal bills it."""
    active = await subscriber.subscribed()

    changed = await subscriber.change_seats(active, 3, prorate=False)

    assert (changed.quantity, changed.latest_invoice) == (3, active.latest_invoice)


async def a_change_that_is_not_paid_waits_and_is_made_by_another_card(subscriber: Subscriber) -> None:
    """Until then the subscription is as it was."""
    active = await subscriber.subscribed()
    await subscriber.set_default(active.id, await subscriber.attach(FAILS_LATER))

    waiting = await subscriber.change_seats(active, 3)

    invoice, update = invoice_of(waiting), waiting.pending_update
    assert (waiting.quantity, waiting.status, invoice.status) == (1, BillingStatus.ACTIVE, InvoiceStatus.OPEN)
    assert update is not None
    assert update.to == active.items._replace(quantity=3)
    assert timedelta(0) < update.expires_at - invoice.created_at <= timedelta(hours=23)
    await subscriber.pay(invoice.id, await subscriber.attach(VISA))
    made = await subscriber.read(active.id)
    assert (made.quantity, made.pending_update) == (3, None)


async def voiding_its_invoice_drops_a_change_that_waits(subscriber: Subscriber) -> None:
    """The subscription goes on as it was."""
    active = await subscriber.subscribed()
    await subscriber.set_default(active.id, await subscriber.attach(FAILS_LATER))
    waiting = await subscriber.change_seats(active, 3)

    await subscriber.void(invoice_of(waiting).id)

    dropped = await subscriber.read(active.id)
    assert (dropped.quantity, dropped.status, dropped.pending_update) == (1, BillingStatus.ACTIVE, None)


async def the_same_key_changes_once(subscriber: Subscriber) -> None:
    """And answers the same."""
    active = await subscriber.subscribed()
    key = subscriber.new_key()

    first = await subscriber.change_seats(active, 3, key=key)

    assert await subscriber.change_seats(active, 3, key=key) == first
    await rejected(subscriber.change_seats(active, 4, key=key))


async def what_cannot_be_changed_is_rejected(subscriber: Subscriber) -> None:
    """One that was not paid for, no seats, a moment before the period, an unknown item."""
    unpaid = await subscriber.subscribe()
    await rejected(subscriber.change_seats(unpaid, 2))
    await subscriber.confirm(unpaid)
    active = await subscriber.read(unpaid.id)

    await rejected(subscriber.change_seats(active, 0))
    await rejected(subscriber.preview(active._replace(period_start=active.period_start - timedelta(days=2)), 2))
    await rejected(subscriber.change_seats(active._replace(item_id="si_000000000000000000000000"), 2))
    assert (await subscriber.read(active.id)).quantity == 1


async def a_last_invoice_needs_something_to_bill(subscriber: Subscriber) -> None:
    """Where nothing waits for it, there is none."""
    active = await subscriber.subscribed()

    ended = await subscriber.cancel(active.id, invoice_now=True)

    assert (ended.status, ended.latest_invoice) == (BillingStatus.CANCELED, active.latest_invoice)


CHECKS_OF_CHANGES_OF_EVERY_GATEWAY = (a_preview_makes_no_invoice,)

CHECKS_OF_CHANGES = (
    an_upgrade_is_what_its_preview_says_and_is_paid_immediately,
    a_downgrade_is_credited_to_the_balance,
    without_proration_a_change_is_not_invoiced,
    a_change_that_is_not_paid_waits_and_is_made_by_another_card,
    voiding_its_invoice_drops_a_change_that_waits,
    the_same_key_changes_once,
    what_cannot_be_changed_is_rejected,
    a_last_invoice_needs_something_to_bill,
)
