"""What the simulated Stripe tells of a change: which of Stripe's own events, in which order, and what they say."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import get_args

import pytest
import stripe
from stripe.params import WebhookEndpointCreateParams

from payflows.payments.model import CaptureMode, Payment
from payflows.testing.gateway_customer import DECLINED
from simulations.stripe import EVENT_TYPES, StripeEvent
from simulations.stripe.core.events import API_VERSION
from tests.stripe_fixture import BANK, WITH_3DS, StripeFixture
from tests.stripe_openapi import names_of, validator_of
from tests.test_simulated_objects import ALL

DAY = 24 * 3600


def events_of(story: Callable[[StripeFixture], object]) -> list[StripeEvent]:
    """Return all events of a story."""
    account, events = StripeFixture(), list[StripeEvent]()
    account.stripe.on_event(events.append)
    story(account)
    return events


def _expired(account: StripeFixture) -> None:
    account.authorised()
    account.clock.pass_time(7 * DAY)


def _refund(account: StripeFixture, card: str, days: int = 0) -> None:
    account.refund(account.paid(card))
    account.clock.pass_time(days * DAY)


def _dispute(account: StripeFixture, won: bool) -> None:
    payment = account.paid()
    account.stripe.dispute(payment.id)
    account.stripe.close_dispute(payment.id, won=won)


def _inquiry(account: StripeFixture, then: Callable[..., object]) -> None:
    payment = account.paid()
    account.stripe.inquire(payment.id)
    then(payment.id, won=True)


def _won_late(account: StripeFixture) -> None:
    payment = account.paid()
    account.stripe.dispute(payment.id)
    account.stripe.close_dispute(payment.id, won=False)
    account.stripe.reverse_loss(payment.id)


def _five_events(account: StripeFixture) -> Payment:
    """A debit settles, a part of it is refunded, the customer's bank takes back the rest."""
    payment = account.paid(BANK)
    account.clock.pass_time(4 * DAY)
    account.stripe.refund_in_dashboard(payment.id, 1000)
    account.clock.pass_time(2 * DAY)
    return account.stripe.dispute(payment.id)


CREATED = "payment_intent.created"
PAID = [CREATED, "charge.succeeded", "payment_intent.succeeded"]
ASKED = [CREATED, "payment_intent.requires_action"]
FAILED = ["charge.failed", "payment_intent.payment_failed"]
AUTHORISED = [CREATED, "charge.succeeded", "payment_intent.amount_capturable_updated"]
DEBITED = [CREATED, "charge.pending", "payment_intent.processing"]
REFUNDED = ["charge.refunded", "refund.created"]
DISPUTED = ["charge.dispute.created", "charge.dispute.funds_withdrawn"]

SENT: dict[str, tuple[Callable[[StripeFixture], object], list[str]]] = {
    "a card pays": (StripeFixture.paid, PAID),
    "a card is declined": (StripeFixture.turned_down, [CREATED, *FAILED]),
    "the customer authenticates": (
        lambda account: account.stripe.authenticate(account.paid(WITH_3DS).id),
        [*ASKED, *PAID[1:]],
    ),
    "the customer does not": (
        lambda account: account.stripe.fail_authentication(account.paid(WITH_3DS).id),
        [*ASKED, FAILED[1]],
    ),
    "captured later": (
        lambda account: account.capture(account.authorised()),
        [*AUTHORISED, "charge.captured", "payment_intent.succeeded"],
    ),
    "cancelled": (lambda account: account.cancel(account.create()), [CREATED, "payment_intent.canceled"]),
    "an authorisation cancelled": (
        lambda account: account.cancel(account.authorised()),
        [*AUTHORISED, "payment_intent.canceled", "charge.refunded"],
    ),
    "an authorisation runs out": (_expired, [*AUTHORISED, "payment_intent.canceled", "charge.expired"]),
    "a debit under way": (lambda account: account.paid(BANK), DEBITED),
    "a debit bounces": (
        lambda account: (account.paid("pm_usBankAccount_noAccount"), account.clock.pass_time(4 * DAY)),
        [*DEBITED, *FAILED],
    ),
    "a refund": (lambda account: _refund(account, "pm_card_visa"), [*PAID, *REFUNDED]),
    "a refund that takes days": (
        lambda account: _refund(account, "pm_card_pendingRefund", days=2),
        [*PAID, *REFUNDED, "refund.updated"],
    ),
    "a refund sent back": (
        lambda account: _refund(account, "pm_card_refundFail", days=5),
        [*PAID, *REFUNDED, "refund.updated", "refund.failed"],
    ),
    "a dispute won": (
        lambda account: _dispute(account, won=True),
        [*PAID, *DISPUTED, "charge.dispute.funds_reinstated", "charge.dispute.closed"],
    ),
    "a dispute lost": (lambda account: _dispute(account, won=False), [*PAID, *DISPUTED, "charge.dispute.closed"]),
    "an inquiry closed": (
        lambda account: _inquiry(account, account.stripe.close_dispute),
        [*PAID, DISPUTED[0], "charge.dispute.closed"],
    ),
    "an inquiry that becomes a dispute": (
        lambda account: _inquiry(account, lambda payment_id, **_: account.stripe.dispute(payment_id)),
        [*PAID, *DISPUTED],
    ),
    "a dispute won after it was lost": (
        _won_late,
        [*PAID, *DISPUTED, "charge.dispute.closed", "charge.dispute.funds_reinstated", "charge.dispute.updated"],
    ),
    "a part captured by hand": (
        lambda account: account.stripe.capture_in_dashboard(account.authorised().id, 1_000),
        [*AUTHORISED, "charge.captured", "payment_intent.succeeded"],
    ),
    "five that may come in any order": (
        _five_events,
        [*DEBITED, *PAID[1:], *REFUNDED, "refund.updated", *DISPUTED],
    ),
}
STORIES = ALL | {name: story for name, (story, _) in SENT.items()}


@pytest.mark.parametrize("name", SENT)
def test_each_change_sends_the_events_that_stripe_sends(name: str) -> None:
    story, types = SENT[name]

    assert [event.type for event in events_of(story)] == types


def test_five_events_of_one_payment_each_come_once() -> None:
    events = events_of(_five_events)

    for type_ in (
        "payment_intent.processing",
        "payment_intent.succeeded",
        "refund.created",
        "refund.updated",
        "charge.dispute.created",
    ):
        [event] = [event for event in events if event.type == type_]
        about = event.subject
        assert event.owner_id in (about["id"], about.get("payment_intent"))


@pytest.mark.parametrize("name", STORIES)
def test_stripes_openapi_accepts_every_event(name: str) -> None:
    for event in events_of(STORIES[name]):
        words = event.to_stripe()
        about = event.subject
        validator_of("event").validate(words)
        validator_of(str(about["object"])).validate(about)
        assert words.keys() <= names_of("event")
        assert event.type.split(".")[-2] == about["object"]


def test_every_type_is_one_of_stripes_and_is_sent_somewhere() -> None:
    events = {event.type for story in STORIES.values() for event in events_of(story)}
    [stripes] = get_args(WebhookEndpointCreateParams.__annotations__["enabled_events"])

    assert events == set(EVENT_TYPES)
    assert events <= set(get_args(stripes))


@pytest.mark.parametrize("name", STORIES)
def test_ids_are_stripes_and_differ(name: str) -> None:
    ids = [event.id for event in events_of(STORIES[name])]

    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch("evt_[A-Za-z0-9]+", id_) for id_ in ids)


def test_the_sdk_speaks_the_same_version() -> None:
    assert stripe.api_version == API_VERSION


def test_an_event_says_what_was_so_when_it_happened() -> None:
    events = {event.type: event.subject for event in events_of(_five_events)}

    assert events[CREATED]["status"] == "requires_payment_method"
    assert events["payment_intent.processing"]["status"] == "processing"
    assert events["refund.created"]["status"] == "pending"
    assert events["refund.updated"]["status"] == "succeeded"
    assert events["charge.dispute.created"]["amount"] == 4999 - 1000


def test_an_event_carries_the_moment_it_happened() -> None:
    created = {event.type: event.created for event in events_of(_five_events)}

    assert created["payment_intent.succeeded"] - created["payment_intent.processing"] == 4 * DAY
    assert created["refund.updated"] - created["refund.created"] == 2 * DAY


def test_who_acts_on_an_event_does_not_change_the_next() -> None:
    account, events = StripeFixture(), list[StripeEvent]()

    def refund_immediately(event: StripeEvent) -> None:
        events.append(event)
        if event.type == "charge.succeeded":
            account.stripe.refund_in_dashboard(event.owner_id)

    account.stripe.on_event(refund_immediately)
    account.paid()

    assert len({event.id for event in events}) == len(events) == 5
    about = {event.type: event.subject for event in events}
    assert about["charge.succeeded"]["amount_refunded"] == 0
    assert about["payment_intent.succeeded"]["status"] == "succeeded"
    assert about["charge.refunded"]["amount_refunded"] == 4999


def test_another_payment_changes_no_id_of_this_one() -> None:
    alone = events_of(lambda account: account.paid())
    beside = events_of(lambda account: (account.create("order-2"), account.paid(), account.create("order-2")))

    assert [event for event in beside if event.owner_id == alone[0].owner_id] == alone


def test_without_a_listener_no_event_is_made() -> None:
    account = StripeFixture()

    payment = account.paid()

    assert account.intent(payment).event_count == 0


def test_every_decline_is_sent_anew() -> None:
    def declined_twice(account: StripeFixture) -> None:
        first = account.turned_down(DECLINED, capture=CaptureMode.MANUAL)
        account.stripe.cancel_in_dashboard(first.id)

    events = events_of(declined_twice)

    assert [event.type for event in events] == [CREATED, *FAILED, "payment_intent.canceled"]
    assert json.loads(events[2].body)["data"]["object"]["last_payment_error"]["decline_code"] == "generic_decline"
