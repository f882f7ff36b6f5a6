"""What a billing gateway promises of usage, one check for each promise."""

from __future__ import annotations

from datetime import datetime, timedelta

from payflows.errors import CallRejected
from payflows.subscriptions.billing import ALREADY_REPORTED, CHANGE, RENEWAL, BillingStatus, InvoiceStatus
from payflows.testing.gateway_checks_of_payments import rejected
from payflows.testing.gateway_subscriber import Subscriber, invoice_of

COUNTED = timedelta(minutes=1)
"""How long we wait until a report is counted."""

# Of every gateway


async def usage_is_whole_and_not_below_0(subscriber: Subscriber) -> None:
    """What is not is not taken."""
    made = await subscriber.subscribe(is_metered=True)

    await rejected(subscriber.use(made.period_start, -1))


# Of those that keep state


async def a_metered_item_stands_beside_the_licensed_one(subscriber: Subscriber) -> None:
    """The first invoice bills the licensed one alone."""
    made = await subscriber.subscribe(is_metered=True)

    assert (made.price_id, made.metered_price_id) == (subscriber.price_id, subscriber.metered_price_id)
    assert made.metered_item_id not in (None, made.item_id)
    assert invoice_of(made).total == subscriber.price


async def reported_again_usage_is_there_already(subscriber: Subscriber) -> None:
    """Under the same key the answer is repeated, under another one it is rejected with a code of ours."""
    made, key = await subscriber.subscribe(is_metered=True), subscriber.new_key()
    usage_id = await subscriber.use(made.period_start, 2, key=key)

    assert await subscriber.use(made.period_start, 2, usage_id=usage_id, key=key) == usage_id
    await rejected(subscriber.use(made.period_start, 2, usage_id=usage_id), code=ALREADY_REPORTED)


async def usage_that_cannot_be_billed_is_rejected(subscriber: Subscriber) -> None:
    """Too old, too far ahead, of a meter that is unknown."""
    now = (await subscriber.subscribe(is_metered=True)).period_start

    for used_at in (now - timedelta(days=36), now + timedelta(hours=1)):
        assert (await _code_of(subscriber, used_at)) != ALREADY_REPORTED
    await rejected(subscriber.use(now, 1, meter="no such meter"))


async def the_metered_item_can_be_removed_and_added(subscriber: Subscriber) -> None:
    """Without proration nothing is invoiced by that."""
    made = await subscriber.subscribed(is_metered=True)

    without = await subscriber.change_metered_price(made, None)
    again = await subscriber.change_metered_price(without, subscriber.metered_price_id)

    assert (without.metered_item_id, without.metered_price_id) == (None, None)
    assert again.metered_price_id == subscriber.metered_price_id
    assert again.latest_invoice == made.latest_invoice


async def _code_of(subscriber: Subscriber, used_at: datetime) -> str | None:
    try:
        await subscriber.use(used_at, 1)
    except CallRejected as error:
        return error.code
    raise AssertionError("the usage was taken")


# Where time can pass


async def usage_is_billed_in_arrears_by_the_renewal(subscriber: Subscriber) -> None:
    """Also what is reported while that is a draft; what is reported later never is."""
    assert subscriber.pass_time is not None, "time can pass"
    active = await subscriber.subscribed(is_metered=True)
    used_at = active.period_end - timedelta(minutes=1)
    await subscriber.use(active.period_start, 3)
    await subscriber.pass_time(active.period_end - active.period_start + timedelta(minutes=1))
    await subscriber.use(used_at, 4)

    await subscriber.pass_time(timedelta(hours=2))
    await subscriber.use(used_at, 5)
    await subscriber.pass_time(COUNTED)

    renewed = await subscriber.read(active.id)
    invoice = invoice_of(renewed)
    assert (invoice.status, invoice.billing_reason) == (InvoiceStatus.PAID, RENEWAL)
    assert invoice.total.minor == subscriber.price.minor + 7 * subscriber.metered_price.minor
    assert (invoice.period_start, invoice.period_end) == (renewed.period_start, renewed.period_end)


async def the_last_invoice_bills_what_was_used(subscriber: Subscriber) -> None:
    """Where one is asked for."""
    assert subscriber.pass_time is not None, "time can pass"
    active = await subscriber.subscribed(is_metered=True)
    await subscriber.use(active.period_start, 40)
    await subscriber.pass_time(COUNTED)

    ended = await subscriber.cancel(active.id, invoice_now=True)

    invoice = invoice_of(ended)
    assert (ended.status, invoice.status, invoice.billing_reason) == (
        BillingStatus.CANCELED,
        InvoiceStatus.PAID,
        CHANGE,
    )
    assert invoice.total.minor == 40 * subscriber.metered_price.minor


CHECKS_OF_USAGE_OF_EVERY_GATEWAY = (usage_is_whole_and_not_below_0,)

CHECKS_OF_USAGE = (
    a_metered_item_stands_beside_the_licensed_one,
    reported_again_usage_is_there_already,
    usage_that_cannot_be_billed_is_rejected,
    the_metered_item_can_be_removed_and_added,
)

CHECKS_OF_USAGE_IN_TIME = (usage_is_billed_in_arrears_by_the_renewal, the_last_invoice_bills_what_was_used)
