"""What a billing gateway promises of subscriptions and cards, one check for each promise."""

from __future__ import annotations

from datetime import timedelta

from payflows.payments.model import PaymentStatus
from payflows.subscriptions.billing import FIRST_INVOICE, BillingStatus, InvoiceStatus, SetupStatus
from payflows.testing.gateway_checks_of_payments import rejected
from payflows.testing.gateway_customer import DECLINED, VISA
from payflows.testing.gateway_subscriber import Subscriber, invoice_of, setup_id_of

ASKS = "pm_card_threeDSecure2Required"

UNKNOWN_SUBSCRIPTION = "sub_000000000000000000000000"
UNKNOWN_SETUP = "seti_000000000000000000000000"


# Of every gateway


async def every_answer_is_about_the_subscription_that_was_asked_for(subscriber: Subscriber) -> None:
    """Read, changed or ended."""
    stripe_id = (await subscriber.subscribed()).id
    assert stripe_id.startswith("sub_")

    assert (await subscriber.read(stripe_id)).id == stripe_id
    assert (await subscriber.set_default(stripe_id, await subscriber.attach())).id == stripe_id
    assert (await subscriber.change_seats(await subscriber.read(stripe_id), 2)).id == stripe_id
    assert (await subscriber.end_with_period(stripe_id)).id == stripe_id
    assert (await subscriber.cancel(stripe_id)).id == stripe_id


async def a_subscription_is_the_customers_and_names_ours_or_none(subscriber: Subscriber) -> None:
    """Never another one."""
    made = await subscriber.subscribe()

    assert made.stripe_customer_id == subscriber.stripe_customer_id
    assert made.owner_id in (subscriber.subscription_id, None)


async def lists_bring_only_what_is_ours(subscriber: Subscriber) -> None:
    """Nothing of another subscription or invoice is found."""
    made = await subscriber.subscribed()
    invoice = invoice_of(made)

    assert all(found.owner_id == subscriber.subscription_id for found in await subscriber.found())
    unsettled = await subscriber.billing.list_invoices(made.id)
    assert all(found.stripe_subscription_id == made.id for found in unsettled)
    assert all(note.invoice_id == invoice.id for note in await subscriber.notes(invoice.id))


async def what_is_no_payment_method_is_not_taken(subscriber: Subscriber) -> None:
    """A card number is none."""
    made = await subscriber.subscribe()

    for nonsense in ("4242424242424242", "visa", ""):
        await rejected(subscriber.attach(nonsense))
        await rejected(subscriber.set_default(made.id, nonsense))
        await rejected(subscriber.set_up(UNKNOWN_SETUP, nonsense))
        await rejected(subscriber.pay(invoice_of(made).id, nonsense or "pm_"))


# Of those that keep state: a subscription's beginning


async def a_new_subscription_waits_for_its_payment_and_has_moved_no_money(subscriber: Subscriber) -> None:
    """Its first invoice is open, and its intent wants a card."""
    made = await subscriber.subscribe(quantity=3)
    invoice = invoice_of(made)
    payment = await subscriber.payment(invoice)

    assert (made.status, made.owner_id) == (BillingStatus.INCOMPLETE, subscriber.subscription_id)
    assert (made.price_id, made.quantity) == (subscriber.price_id, 3)
    assert (invoice.status, invoice.billing_reason) == (InvoiceStatus.OPEN, FIRST_INVOICE)
    assert (invoice.stripe_subscription_id, invoice.owner_id) == (made.id, subscriber.subscription_id)
    assert invoice.total.minor == invoice.amount_due.minor == payment.amount.minor == 3 * subscriber.price.minor
    assert (invoice.amount_paid.minor, payment.received.minor) == (0, 0)
    assert payment.status is PaymentStatus.REQUIRES_PAYMENT_METHOD


async def the_first_payment_makes_it_active_and_its_card_the_default(subscriber: Subscriber) -> None:
    """And a read returns the same."""
    active = await subscriber.subscribed()
    invoice = invoice_of(active)

    assert active.status == BillingStatus.ACTIVE
    assert active.payment_method is not None
    assert (invoice.status, invoice.amount_paid) == (InvoiceStatus.PAID, subscriber.price)
    assert (await subscriber.payment(invoice)).covers(subscriber.price)
    assert (invoice.period_start, invoice.period_end) == (active.period_start, active.period_end)
    assert timedelta(days=28) <= active.period_end - active.period_start <= timedelta(days=31)
    assert await subscriber.read(active.id) == active
    assert await subscriber.billing.retrieve_invoice(invoice.id) == invoice


async def a_declined_first_payment_leaves_it_unpaid_and_another_card_pays(subscriber: Subscriber) -> None:
    """By the same intent."""
    made = await subscriber.subscribe()
    await subscriber.declined(subscriber.confirm(made, DECLINED))
    assert (await subscriber.read(made.id)).status == BillingStatus.INCOMPLETE

    await subscriber.confirm(made, VISA)

    assert (await subscriber.read(made.id)).status == BillingStatus.ACTIVE


async def three_d_secure_leaves_it_unpaid_until_the_customer_answers(subscriber: Subscriber) -> None:
    """The payment says what the bank asks."""
    made = await subscriber.subscribe()

    payment = await subscriber.confirm(made, ASKS)

    assert payment.status is PaymentStatus.REQUIRES_ACTION
    assert await subscriber.payments.retrieve_customer_action(payment.id) is not None
    assert (await subscriber.read(made.id)).status == BillingStatus.INCOMPLETE


async def what_names_ours_is_listed_newest_first_also_when_it_has_ended(subscriber: Subscriber) -> None:
    """A lost answer's subscription can be found again."""
    first = await subscriber.subscribed()
    await subscriber.cancel(first.id)
    second = await subscriber.subscribe()

    assert {found.id for found in await subscriber.found()} == {first.id, second.id}
    assert {found.status for found in await subscriber.found()} == {BillingStatus.CANCELED, BillingStatus.INCOMPLETE}


# Trials and cards


async def a_trial_begins_immediately_for_nothing_and_waits_for_a_card(subscriber: Subscriber) -> None:
    """Its first invoice is paid, without a payment."""
    trial = await subscriber.subscribe(trial_days=14)
    invoice, setup = invoice_of(trial), await subscriber.billing.retrieve_setup(setup_id_of(trial))

    assert trial.status == BillingStatus.TRIALING
    assert trial.trial_end == trial.period_end
    assert trial.period_end - trial.period_start == timedelta(days=14)
    assert (invoice.status, invoice.total.minor, invoice.payment_id) == (InvoiceStatus.PAID, 0, None)
    assert setup.status is SetupStatus.REQUIRES_PAYMENT_METHOD
    assert await subscriber.billing.retrieve_setup_action(setup.id) is None


async def a_card_that_is_set_up_is_the_trials_default(subscriber: Subscriber) -> None:
    """And the subscription waits for no set-up any more."""
    trial = await subscriber.subscribe(trial_days=14)

    setup = await subscriber.set_up(setup_id_of(trial))

    after = await subscriber.read(trial.id)
    assert (setup.id, setup.status) == (trial.setup_id, SetupStatus.SUCCEEDED)
    assert (after.payment_method, after.setup_id) == (setup.payment_method, None)
    assert after.status == BillingStatus.TRIALING


async def a_set_up_is_declined_and_another_card_is_set_up(subscriber: Subscriber) -> None:
    """By the same set-up."""
    setup_id = setup_id_of(await subscriber.subscribe(trial_days=14))

    declined = await subscriber.declined(subscriber.set_up(setup_id, DECLINED))

    assert (declined.code, declined.charge_id) == ("card_declined", None)
    assert (await subscriber.billing.retrieve_setup(setup_id)).status is SetupStatus.REQUIRES_PAYMENT_METHOD
    assert (await subscriber.set_up(setup_id)).status is SetupStatus.SUCCEEDED


async def a_set_up_may_wait_for_the_customer(subscriber: Subscriber) -> None:
    """Their browser is given what the bank asks for."""
    setup_id = setup_id_of(await subscriber.subscribe(trial_days=14))

    setup = await subscriber.set_up(setup_id, ASKS)

    action = await subscriber.billing.retrieve_setup_action(setup_id)
    assert setup.status is SetupStatus.REQUIRES_ACTION
    assert action is not None
    assert action.of(setup_id).next_action


async def the_default_is_a_card_that_the_customer_has(subscriber: Subscriber) -> None:
    """A card is given to the customer first, unless its issuer does not take it."""
    active = await subscriber.subscribed()
    card = await subscriber.attach()

    assert (await subscriber.set_default(active.id, card)).payment_method == card
    assert (await subscriber.declined(subscriber.attach(DECLINED))).code == "card_declined"
    await rejected(subscriber.attach("pm_card_that_is_unknown"), code="resource_missing")
    await rejected(subscriber.set_default(active.id, "pm_card_that_is_unknown"), code="resource_missing")
    assert (await subscriber.read(active.id)).payment_method == card


# A subscription's end


async def an_end_with_the_period_leaves_it_as_it_is_and_can_be_taken_back(subscriber: Subscriber) -> None:
    """Access lasts until then."""
    active = await subscriber.subscribed()

    ending = await subscriber.end_with_period(active.id)
    going_on = await subscriber.end_with_period(active.id, cancel=False)

    assert (ending.status, ending.cancel_at, ending.ended_at) == (BillingStatus.ACTIVE, active.period_end, None)
    assert (going_on.status, going_on.cancel_at) == (BillingStatus.ACTIVE, None)


async def what_was_cancelled_has_ended_for_good(subscriber: Subscriber) -> None:
    """Nothing of it can be changed; cancelled again, under any key, it is missing."""
    active = await subscriber.subscribed()
    key = subscriber.new_key()

    ended = await subscriber.cancel(active.id, key=key)

    assert ended.status == BillingStatus.CANCELED
    assert ended.ended_at is not None
    assert await subscriber.read(active.id) == ended
    await rejected(subscriber.cancel(active.id, key=key), code="resource_missing")
    await rejected(subscriber.cancel(active.id), code="resource_missing")
    await rejected(subscriber.end_with_period(active.id))
    await rejected(subscriber.set_default(active.id, await subscriber.attach()))


async def a_cancellation_with_proration_credits_the_customer_and_collects_nothing(subscriber: Subscriber) -> None:
    """No money goes back to the card."""
    active = await subscriber.subscribed()

    ended = await subscriber.cancel(active.id, prorate=True)

    assert (ended.status, invoice_of(ended).amount_due.minor) == (BillingStatus.CANCELED, 0)
    assert invoice_of(ended).id != invoice_of(active).id
    assert (await subscriber.payment(invoice_of(active))).returned.minor == 0
    assert await subscriber.billing.list_invoices(active.id) == ()


async def what_is_not_there_is_missing(subscriber: Subscriber) -> None:
    """Whatever is asked about it."""
    card, billing = await subscriber.attach(), subscriber.billing
    for call in (
        subscriber.read(UNKNOWN_SUBSCRIPTION),
        subscriber.cancel(UNKNOWN_SUBSCRIPTION),
        subscriber.end_with_period(UNKNOWN_SUBSCRIPTION),
        subscriber.set_default(UNKNOWN_SUBSCRIPTION, card),
        billing.retrieve_setup(UNKNOWN_SETUP),
        billing.retrieve_setup_action(UNKNOWN_SETUP),
        subscriber.set_up(UNKNOWN_SETUP, card),
    ):
        await rejected(call, code="resource_missing")


CHECKS_OF_EVERY_BILLING_GATEWAY = (
    every_answer_is_about_the_subscription_that_was_asked_for,
    a_subscription_is_the_customers_and_names_ours_or_none,
    lists_bring_only_what_is_ours,
    what_is_no_payment_method_is_not_taken,
)

CHECKS_OF_SUBSCRIPTIONS = (
    a_new_subscription_waits_for_its_payment_and_has_moved_no_money,
    the_first_payment_makes_it_active_and_its_card_the_default,
    a_declined_first_payment_leaves_it_unpaid_and_another_card_pays,
    three_d_secure_leaves_it_unpaid_until_the_customer_answers,
    what_names_ours_is_listed_newest_first_also_when_it_has_ended,
    a_trial_begins_immediately_for_nothing_and_waits_for_a_card,
    a_card_that_is_set_up_is_the_trials_default,
    a_set_up_is_declined_and_another_card_is_set_up,
    a_set_up_may_wait_for_the_customer,
    the_default_is_a_card_that_the_customer_has,
    an_end_with_the_period_leaves_it_as_it_is_and_can_be_taken_back,
    what_was_cancelled_has_ended_for_good,
    a_cancellation_with_proration_credits_the_customer_and_collects_nothing,
    what_is_not_there_is_missing,
)
