"""What the simulated Stripe announces of subscriptions and invoices, and what its objects look like."""

from __future__ import annotations

from typing import get_args

import pytest
from stripe.params import WebhookEndpointCreateParams

from payflows.subscriptions.billing import TrialEnd
from simulations.stripe import BILLING_EVENT_TYPES, EVENT_TYPES, StripeEvent
from simulations.stripe.webhooks.handover import ValueHandover
from simulations.stripe.webhooks.sender import WebhookSender
from simulations.time.draws import Draws
from tests.billing_event_stories import (
    CHARGED,
    CREATED,
    FAILED,
    FIRST_PAID,
    KEPT,
    PAID,
    RENEWED,
    SENT_OF_CHANGES,
    SENT_OF_PAUSES,
    UPDATED,
    Story,
)
from tests.billing_fixture import (
    ADA,
    BANK,
    FAILS_LATER,
    HOUR,
    START,
    WITH_3DS,
    YEARLY,
    BillingFixture,
    first_of,
    latest_of,
)
from tests.stripe_openapi import names_of, validator_of


def events_of(story: Story, types: tuple[str, ...] | None = None) -> list[StripeEvent]:
    """Return all events of a story, or those of some types."""
    account, events = BillingFixture(), list[StripeEvent]()
    account.stripe.on_event(events.append, types)
    story(account)
    return events


def _renewed(account: BillingFixture) -> None:
    account.renew(account.active())


def _paused(account: BillingFixture) -> None:
    account.trialing(None, trial_end=TrialEnd.PAUSE)
    account.pass_time(days=14)


def _trial_with_3ds(account: BillingFixture) -> None:
    subscription = account.trialing(WITH_3DS)
    assert subscription.pending_setup is not None
    setup_id = subscription.pending_setup.id
    account.stripe.fail_setup_authentication(setup_id)
    account.run(account.stripe.confirm_setup(setup_id, payment_method=FAILS_LATER, key="again"))
    account.pass_time(14 * 24 * HOUR + HOUR)


def _no_card(account: BillingFixture) -> None:
    subscription = account.active()
    assert subscription.default_payment_method is not None
    account.stripe.remove_card(subscription.default_payment_method)
    account.renew(subscription)


def _cancelled_twice(account: BillingFixture) -> None:
    subscription = account.active()
    account.cancel_at_period_end(subscription)
    account.cancel_at_period_end(subscription)


def _written_off_first(account: BillingFixture) -> None:
    account.stripe.mark_uncollectible(first_of(account.subscribe()).id)
    account.pass_time(23 * HOUR)


def _declined_when_written_off(account: BillingFixture) -> None:
    subscription = account.past_due()
    account.stripe.mark_uncollectible(latest_of(subscription).id)
    account.declined_pay(latest_of(subscription))


def _credited(account: BillingFixture) -> None:
    invoice = first_of(account.active())
    account.stripe.credit_in_dashboard(invoice.id, 1000, refund=400, to_balance=600)


def _written_off(account: BillingFixture) -> None:
    account.stripe.mark_uncollectible(latest_of(account.past_due()).id)


def _card_removed(account: BillingFixture) -> None:
    subscription = account.active()
    assert subscription.default_payment_method is not None
    account.stripe.remove_card(subscription.default_payment_method)


def _test_clock(account: BillingFixture) -> None:
    clock = account.stripe.create_test_clock()
    account.stripe.advance_test_clock(clock.id, START.replace(month=3))
    account.pass_until(START.replace(month=3))
    account.stripe.delete_test_clock(clock.id)


def _left_with_credit(account: BillingFixture) -> None:
    subscription = account.active(price=YEARLY)
    account.pass_time(days=73)
    account.cancel(subscription, prorate=True)


SENT: dict[str, tuple[Story, list[str]]] = {
    "a subscription begins": (BillingFixture.subscribe, CREATED),
    "its first invoice is paid": (BillingFixture.active, FIRST_PAID),
    "it is renewed": (_renewed, [*FIRST_PAID, *RENEWED, *CHARGED, *PAID]),
    "its renewal fails": (BillingFixture.past_due, [*FIRST_PAID, *RENEWED, *FAILED, UPDATED]),
    "its renewal waits for the customer": (
        lambda account: account.past_due(WITH_3DS),
        [
            *FIRST_PAID,
            *RENEWED,
            "payment_intent.requires_action",
            "invoice.payment_action_required",
            "invoice.payment_failed",
            UPDATED,
        ],
    ),
    "it ends": (
        lambda account: account.cancel(account.past_due()),
        [
            *FIRST_PAID,
            *RENEWED,
            *FAILED,
            UPDATED,
            "customer.subscription.deleted",
            "invoice.updated",
        ],
    ),
    "a failed invoice is voided": (
        lambda account: account.void(latest_of(account.past_due())),
        [
            *FIRST_PAID,
            *RENEWED,
            *FAILED,
            UPDATED,
            "payment_intent.canceled",
            "invoice.voided",
            UPDATED,
        ],
    ),
    "its renewal finds no card": (
        _no_card,
        [*FIRST_PAID, "payment_method.detached", UPDATED, *RENEWED, "invoice.payment_failed", UPDATED],
    ),
    "its first payment is under way": (
        lambda account: account.active(card=BANK),
        [*CREATED, "charge.pending", "payment_intent.processing", *KEPT, "invoice.updated", UPDATED],
    ),
    **SENT_OF_CHANGES,
    **SENT_OF_PAUSES,
    "it is to end, said twice": (_cancelled_twice, [*FIRST_PAID, UPDATED]),
    "its invoice was written off before it was paid": (
        _written_off_first,
        [*CREATED, "invoice.marked_uncollectible", UPDATED],
    ),
    "an invoice that was written off is declined again": (
        _declined_when_written_off,
        [
            *FIRST_PAID,
            *RENEWED,
            *FAILED,
            UPDATED,
            "invoice.marked_uncollectible",
            UPDATED,
            "charge.failed",
            "payment_intent.payment_failed",
        ],
    ),
    "a trial begins": (
        lambda account: account.trialing(None),
        [
            "setup_intent.created",
            *CREATED[:3],
            "invoice.paid",
            "invoice.payment_succeeded",
        ],
    ),
}

STORIES: dict[str, Story] = {name: story for name, (story, _) in SENT.items()} | {
    "a trial is paused": _paused,
    "a trial with authentication": _trial_with_3ds,
    "credited": _credited,
    "written off": _written_off,
    "the card removed": _card_removed,
    "left with credit": _left_with_credit,
    "a test clock": _test_clock,
    "the balance adjusted": lambda account: account.stripe.adjust_balance(ADA, -500, "usd"),
}


@pytest.mark.parametrize("name", SENT)
def test_each_change_sends_the_events_that_stripe_sends(name: str) -> None:
    story, types = SENT[name]

    assert [event.type for event in events_of(story)] == types


@pytest.mark.parametrize("name", STORIES)
def test_stripes_openapi_accepts_every_event(name: str) -> None:
    events = events_of(STORIES[name])

    assert events
    for event in events:
        about = event.subject
        validator_of("event").validate(event.to_stripe())
        validator_of(str(about["object"])).validate(about)
        assert about.keys() <= names_of(str(about["object"]))
        assert f"{about['object']}." in event.type


def test_every_type_is_one_of_stripes_and_is_sent_somewhere() -> None:
    events = {event.type for story in STORIES.values() for event in events_of(story)}
    [stripes] = get_args(WebhookEndpointCreateParams.__annotations__["enabled_events"])

    assert events - set(EVENT_TYPES) == set(BILLING_EVENT_TYPES)
    assert events <= set(get_args(stripes))


def test_every_event_has_an_id_that_no_other_has() -> None:
    ids = [event.id for event in events_of(_trial_with_3ds)]

    assert len(set(ids)) == len(ids)


def test_an_endpoint_is_sent_the_types_that_it_has_enabled_and_the_others_are_not_made() -> None:
    wanted = ("invoice.paid", "customer.subscription.updated")

    some, all_events = events_of(_renewed, wanted), events_of(_renewed)

    assert some == [event for event in all_events if event.type in wanted]
    assert len(some) == 5


def test_a_webhook_endpoint_is_registered_for_types() -> None:
    account, received = BillingFixture(), list[str]()

    async def endpoint(event: object) -> int:
        received.append(event.type)  # type: ignore[attr-defined]  # any event
        return 200

    enabled = ("invoice.paid",)
    WebhookSender(account.stripe, account.clock, ValueHandover(endpoint), draws=Draws(1), enabled_types=enabled)

    account.renew(account.active())
    account.pass_time(60)

    assert received == ["invoice.paid", "invoice.paid"]


def test_an_invoices_event_keeps_what_it_was_then() -> None:
    """B52"""
    events = {event.type: event.subject for event in events_of(BillingFixture.past_due)}

    assert events["invoice.created"]["status"] == "draft"
    assert events["invoice.finalized"]["attempted"] is False
    assert events["invoice.payment_failed"]["attempted"] is True


@pytest.mark.parametrize("types", [None, ("customer.subscription.updated",)])
def test_an_update_says_what_was_so_before_and_other_events_do_not(types: tuple[str, ...] | None) -> None:
    """B52"""
    events = events_of(BillingFixture.past_due, types)

    updates = [event for event in events if event.type == "customer.subscription.updated"]
    [with_card, paid, renewed, failed] = [event.previous_attributes or {} for event in updates]
    assert with_card == {"default_payment_method": None}
    assert paid == {"status": "incomplete"}
    assert renewed.keys() == {"items", "latest_invoice"}
    assert failed == {"status": "active"}
    assert all(event.previous_attributes is None for event in events if event not in updates)
    assert updates[-1].to_stripe()["data"] == {"object": updates[-1].subject, "previous_attributes": failed}
