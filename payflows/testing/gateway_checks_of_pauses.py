"""What a billing gateway promises of pauses, one check for each promise."""

from __future__ import annotations

from datetime import timedelta

from payflows.subscriptions.billing import (
    RENEWAL,
    BillingStatus,
    InvoiceStatus,
    PauseBehavior,
    PausedCollection,
    StripeSubscription,
)
from payflows.testing.gateway_checks_of_changes import FAILS_LATER
from payflows.testing.gateway_checks_of_payments import rejected
from payflows.testing.gateway_subscriber import Subscriber, invoice_of

# Of every gateway


async def collection_is_paused_and_resumed_of_the_subscription_that_was_asked_for(subscriber: Subscriber) -> None:
    """No other one."""
    stripe_id = (await subscriber.subscribed()).id

    for behavior in PauseBehavior:
        assert (await subscriber.pause_collection(stripe_id, behavior)).id == stripe_id
    assert (await subscriber.resume_collection(stripe_id)).id == stripe_id


# Of those that keep state


async def a_pause_of_collection_leaves_the_status_and_can_end_by_itself(subscriber: Subscriber) -> None:
    """It is read as it was asked for, and is gone once it was resumed."""
    active = await subscriber.subscribed()
    resumes_at = active.period_start + timedelta(days=10)

    paused = await subscriber.pause_collection(active.id, PauseBehavior.KEEP_AS_DRAFT, resumes_at=resumes_at)

    assert paused.status == BillingStatus.ACTIVE
    assert paused.paused_collection == PausedCollection(PauseBehavior.KEEP_AS_DRAFT, resumes_at)
    assert (await subscriber.pause_collection(active.id)).paused_collection == PausedCollection(PauseBehavior.VOID)
    assert (await subscriber.resume_collection(active.id)).paused_collection is None
    assert (await subscriber.read(active.id)).latest_invoice == active.latest_invoice


async def a_paused_subscription_ends_its_period_and_makes_no_invoice(subscriber: Subscriber) -> None:
    """It is paused once."""
    active = await subscriber.subscribed()

    paused = await subscriber.pause(active.id)

    assert paused.status == BillingStatus.PAUSED
    assert paused.period_start <= paused.period_end < active.period_end
    assert paused.latest_invoice == active.latest_invoice
    await rejected(subscriber.pause(active.id))


async def it_begins_again_once_the_invoice_of_a_new_period_is_paid(subscriber: Subscriber) -> None:
    """To resume charges nothing; no one but us collects that invoice."""
    resuming = await _resuming(subscriber)
    invoice = invoice_of(resuming)
    assert (resuming.status, invoice.status, invoice.billing_reason) == (
        BillingStatus.PAUSED,
        InvoiceStatus.OPEN,
        RENEWAL,
    )
    assert (invoice.attempted, invoice.next_payment_attempt) == (False, None)
    await rejected(subscriber.resume(resuming.id))

    await subscriber.pay(invoice.id)

    active = await subscriber.read(resuming.id)
    assert active.status == BillingStatus.ACTIVE
    assert (active.period_start, active.period_end) == (invoice.period_start, invoice.period_end)


async def it_is_past_due_once_that_payment_has_failed(subscriber: Subscriber) -> None:
    """It does not go back to `paused`."""
    resuming = await _resuming(subscriber)
    card = await subscriber.attach(FAILS_LATER)

    await subscriber.declined(subscriber.pay(invoice_of(resuming).id, card))

    assert (await subscriber.read(resuming.id)).status == BillingStatus.PAST_DUE


async def it_stays_paused_where_that_invoice_is_voided(subscriber: Subscriber) -> None:
    """And can be resumed again."""
    resuming = await _resuming(subscriber)

    await subscriber.void(invoice_of(resuming).id)

    assert (await subscriber.read(resuming.id)).status == BillingStatus.PAUSED
    assert invoice_of(await subscriber.resume(resuming.id)).id != invoice_of(resuming).id


async def what_cannot_be_paused_is_rejected(subscriber: Subscriber) -> None:
    """One that was not paid for, one in its trial, one that has ended; and only what is paused is resumed."""
    unpaid = await subscriber.subscribe()
    await rejected(subscriber.pause(unpaid.id))
    await rejected(subscriber.pause_collection(unpaid.id))
    await subscriber.confirm(unpaid)
    await rejected(subscriber.resume(unpaid.id))
    await subscriber.cancel(unpaid.id)
    await rejected(subscriber.pause(unpaid.id))
    await rejected(subscriber.pause_collection(unpaid.id))

    await rejected(subscriber.pause((await subscriber.subscribe(trial_days=14)).id))


async def _resuming(subscriber: Subscriber) -> StripeSubscription:
    """Return one whose resumption waits to be paid: for three times the seats that it has paid for."""
    active = await subscriber.subscribed()
    await subscriber.change_seats(active, 3, prorate=False)
    await subscriber.pause(active.id)
    return await subscriber.resume(active.id)


# Where time can pass


async def what_is_made_in_a_pause_is_not_collected(subscriber: Subscriber) -> None:
    """Kept as a draft, it stays one after the pause has ended."""
    assert subscriber.pass_time is not None, "time can pass"
    active = await subscriber.subscribed()
    await subscriber.pause_collection(active.id, PauseBehavior.KEEP_AS_DRAFT)

    await subscriber.pass_time(active.period_end - active.period_start + timedelta(hours=2))

    kept = invoice_of(await subscriber.resume_collection(active.id))
    assert kept.billing_reason == RENEWAL
    await subscriber.pass_time(timedelta(hours=2))
    after = await subscriber.read(active.id)
    assert invoice_of(after) == kept
    assert (after.status, kept.status, kept.attempted) == (BillingStatus.ACTIVE, InvoiceStatus.DRAFT, False)


async def a_resumption_that_no_one_tries_to_pay_is_voided(subscriber: Subscriber) -> None:
    """After 23 hours, and the subscription stays paused."""
    assert subscriber.pass_time is not None, "time can pass"
    resuming = await _resuming(subscriber)

    await subscriber.pass_time(timedelta(hours=24))

    after = await subscriber.read(resuming.id)
    assert (after.status, invoice_of(after).status) == (BillingStatus.PAUSED, InvoiceStatus.VOID)


CHECKS_OF_PAUSES_OF_EVERY_GATEWAY = (collection_is_paused_and_resumed_of_the_subscription_that_was_asked_for,)

CHECKS_OF_PAUSES = (
    a_pause_of_collection_leaves_the_status_and_can_end_by_itself,
    a_paused_subscription_ends_its_period_and_makes_no_invoice,
    it_begins_again_once_the_invoice_of_a_new_period_is_paid,
    it_is_past_due_once_that_payment_has_failed,
    it_stays_paused_where_that_invoice_is_voided,
    what_cannot_be_paused_is_rejected,
)

CHECKS_OF_PAUSES_IN_TIME = (what_is_made_in_a_pause_is_not_collected, a_resumption_that_no_one_tries_to_pay_is_voided)
