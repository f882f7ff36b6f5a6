"""The messages of a change of an order: each status announces what it should, once, under its own key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest

from payflows.checkout.messages import EventType, MailKind, messages_for
from payflows.checkout.model import TRANSITIONS, Order, OrderStatus, Reason
from payflows.kernel.aggregate import Review
from payflows.kernel.messages import BusinessEvent, Mail, Message
from payflows.kernel.repository import MISCONFIGURED
from payflows.money import Money
from payflows.payments.charge import Charge
from payflows.payments.model import Decline
from simulations.time.world import START
from tests.sample_orders import an_order, with_charge

TOTAL = Money(2_900, "usd")
PLACED = an_order()
LOST_CARD = Decline("card_declined", "lost_card")

S = OrderStatus
SAID_ON_ENTERING: dict[OrderStatus, tuple[str, ...]] = {
    S.PENDING: ("order.placed",),
    S.INVENTORY_RESERVED: (),
    S.PAYMENT_PROCESSING: (),
    S.CUSTOMER_ACTION: ("payment.action_required", "mail:card_needed"),
    S.AUTHORISED: ("payment.authorised",),
    S.ABANDONING: (),
    S.PAID: ("payment.succeeded", "mail:order_confirmed"),
    S.REFUNDING: (),
    S.SHIPPED: ("order.shipped", "mail:order_shipped"),
    S.DELIVERED: ("order.delivered",),
    S.PAYMENT_FAILED: ("payment.failed", "mail:payment_failed"),
    S.CANCELLED: ("order.cancelled", "mail:order_cancelled"),
}


OF_THE_CHARGE = {field.name for field in fields(Charge)}


def changed(before: Order, status: OrderStatus | None = None, **other: Any) -> Order:
    """The next version of an order."""
    later = before.changed_at + timedelta(minutes=1)
    charge = with_charge(before, **{name: value for name, value in other.items() if name in OF_THE_CHARGE}).charge
    rest = {name: value for name, value in other.items() if name not in OF_THE_CHARGE}
    after = {"version": before.version + 1, "changed_at": later, "status": status or before.status}
    return replace(before, charge=charge, **{**after, **rest})


def said(messages: Sequence[Message]) -> tuple[str, ...]:
    return tuple(message.type if isinstance(message, BusinessEvent) else f"mail:{message.kind}" for message in messages)


def before_entering(status: OrderStatus) -> Order:
    """An order that stands where it may enter this status."""
    came_from = next(place for place, targets in TRANSITIONS.items() if status in targets)
    return replace(PLACED, status=came_from)


def test_a_placed_order_is_published_in_full() -> None:
    (event,) = messages_for(None, PLACED)

    assert event == BusinessEvent("ord_1:1:order.placed", EventType.ORDER_PLACED, "ord_1", START, TOTAL)


@pytest.mark.parametrize("status", [status for status in OrderStatus if status is not S.PENDING])
def test_each_status_says_what_it_should_when_it_is_entered(status: OrderStatus) -> None:
    before = before_entering(status)

    assert said(messages_for(before, changed(before, status))) == SAID_ON_ENTERING[status]


@pytest.mark.parametrize("status", OrderStatus)
def test_a_change_within_a_status_says_nothing_again(status: OrderStatus) -> None:
    before = replace(PLACED, status=status)

    assert messages_for(before, changed(before, failures=3, back_off_until=START)) == ()


def test_events_and_mails_carry_the_moment_the_amount_and_the_tracking_number() -> None:
    before = replace(PLACED, status=S.PAID, version=6)

    event, mail = messages_for(before, changed(before, S.SHIPPED, tracking_number="TRK-1"))

    later = START + timedelta(minutes=1)
    assert event == BusinessEvent("ord_1:7:order.shipped", EventType.ORDER_SHIPPED, "ord_1", later, TOTAL, "TRK-1")
    assert mail == Mail("ord_1:7:mail:order_shipped", MailKind.ORDER_SHIPPED, "ord_1", later, "order", "TRK-1")


@pytest.mark.parametrize(
    ("status", "reason"), [(S.CANCELLED, Reason.OUT_OF_STOCK), (S.PAYMENT_FAILED, Reason.DEADLINE_PASSED)]
)
def test_an_order_that_fails_says_why(status: OrderStatus, reason: Reason) -> None:
    before = before_entering(status)

    messages = messages_for(before, changed(before, status, reason=reason))

    assert {message.reason for message in messages} == {reason.value}


@pytest.mark.parametrize(("decline", "why"), [(None, "3-D Secure"), (LOST_CARD, "lost_card")])
def test_a_customer_who_must_act_is_notified_why(decline: Decline | None, why: str) -> None:
    before = replace(PLACED, status=S.PAYMENT_PROCESSING)
    attempt = before.attempt._replace(decline=decline)

    messages = messages_for(before, changed(before, S.CUSTOMER_ACTION, attempt=attempt))

    assert {message.reason for message in messages} == {why}


# What may come with any status.


@pytest.mark.parametrize("status", [S.CUSTOMER_ACTION, S.ABANDONING])
def test_a_decline_is_published_wherever_it_leads(status: OrderStatus) -> None:
    before = replace(PLACED, status=S.PAYMENT_PROCESSING)
    turned_down = before.attempt.declined(LOST_CARD, "ch_1")

    messages = messages_for(before, changed(before, status, attempt=turned_down))

    assert said(messages) == (*SAID_ON_ENTERING[status], "payment.declined")
    assert messages[-1].reason == "lost_card"


def test_each_try_that_is_declined_is_published_once() -> None:
    waiting = changed(PLACED, S.CUSTOMER_ACTION, attempt=PLACED.attempt.declined(LOST_CARD, "ch_1"))
    retried = changed(waiting, S.PAYMENT_PROCESSING, attempt=waiting.attempt.next("pm_card_mastercard"))
    declined = changed(retried, S.CUSTOMER_ACTION, attempt=retried.attempt.declined(Decline("expired_card"), "ch_2"))

    assert said(messages_for(waiting, changed(waiting, lease_until=START))) == ()
    assert said(messages_for(waiting, retried)) == ()
    assert said(messages_for(retried, declined)) == (
        "payment.action_required",
        "mail:card_needed",
        "payment.declined",
    )


def test_money_that_went_back_is_published_once() -> None:
    before = changed(PLACED, S.REFUNDING, refund_id="re_1")
    returned = changed(before, refunded=True)

    assert said(messages_for(before, returned)) == ("payment.refunded", "mail:money_returned")
    assert messages_for(before, returned)[0].reason == "re_1"
    assert said(messages_for(returned, changed(returned, S.CANCELLED))) == SAID_ON_ENTERING[S.CANCELLED]


def test_a_refund_that_fails_later_and_is_made_again_is_published_again() -> None:
    failed = changed(replace(PLACED, version=8), S.DELIVERED, refund_id="re_2", refunded=False)

    again = messages_for(failed, changed(failed, refunded=True))

    assert [message.key for message in again] == ["ord_1:10:payment.refunded", "ord_1:10:mail:money_returned"]


MONEY_MESSAGES: dict[str, tuple[dict[str, Any], dict[str, Any], tuple[str, ...]]] = {
    "the bank is at work": ({}, {"is_processing": True}, ("payment.processing",)),
    "it has been at work": ({"is_processing": True}, {"is_processing": True}, ()),
    "refunded in the dashboard": ({}, {"refunded_minor": 500}, ("payment.refunded",)),
    "and more of it": ({"refunded_minor": 500}, {"refunded_minor": 900}, ("payment.refunded",)),
    "on its way by our own refund": ({"refund_asked": True}, {"refunded_minor": 500}, ()),
    "a refund that came back": ({"refunded_minor": 500}, {"refunded_minor": 0}, ("payment.refund_failed",)),
    "our refund that came back": (
        {"refunded": True},
        {"refunded": False},
        ("payment.refund_failed", "mail:money_not_returned"),
    ),
    "disputed": ({}, {"disputed": True}, ("payment.disputed",)),
    "disputed as before": ({"disputed": True}, {"disputed": True, "refunded_minor": 0}, ()),
    "a dispute won": ({"disputed": True}, {"disputed": False}, ("payment.dispute_won",)),
    "a dispute lost": ({"disputed": True}, {"disputed": False, "lost_minor": 2_900}, ("payment.dispute_lost",)),
    "a dispute lost before it was known": ({}, {"lost_minor": 2_900}, ("payment.dispute_lost",)),
    "a dispute lost as before": ({"lost_minor": 2_900}, {"lost_minor": 2_900, "refunded_minor": 0}, ()),
    "a dispute won after it was lost": ({"lost_minor": 2_900}, {"lost_minor": 0}, ("payment.dispute_won",)),
}


@pytest.mark.parametrize("name", MONEY_MESSAGES)
def test_what_happens_to_the_money_elsewhere_is_published(name: str) -> None:
    earlier, later, expected = MONEY_MESSAGES[name]
    before = changed(PLACED, S.DELIVERED, **earlier)

    messages = messages_for(before, changed(before, **{**earlier, **later}))

    assert said(messages) == expected


def test_a_review_is_published_to_the_shop_and_not_mailed_to_the_customer() -> None:
    review = Review("payment cannot be cancelled", "pi_1 is processing", START)
    reviewed = changed(PLACED, review=review)

    (event,) = messages_for(PLACED, reviewed)

    assert isinstance(event, BusinessEvent)
    assert event.type == EventType.ORDER_NEEDS_REVIEW
    assert event.reason == "payment cannot be cancelled"
    assert messages_for(reviewed, changed(reviewed, review=replace(review, detail="still"))) == ()
    assert said(messages_for(reviewed, changed(reviewed, review=replace(review, reason="no answer")))) == (
        "order.needs_review",
    )
    assert messages_for(reviewed, changed(reviewed, review=None)) == ()


def test_keys_name_order_version_and_kind_and_are_unique() -> None:
    before = replace(PLACED, status=S.PAYMENT_PROCESSING, version=4)
    everything = changed(
        before,
        S.CUSTOMER_ACTION,
        attempt=before.attempt.declined(LOST_CARD, "ch_1"),
        refunded=True,
        refund_id="re_1",
        review=Review("look", "at this", START),
    )

    messages = messages_for(before, everything)

    keys = [message.key for message in messages]
    assert keys == [f"ord_1:5:{what}" for what in said(messages)]
    assert len(keys) == len(set(keys)) == 6
    assert messages_for(before, everything) == messages


def test_every_kind_of_event_and_mail_is_sent_by_some_change() -> None:
    sent = {what for status in OrderStatus for what in SAID_ON_ENTERING[status]}
    sent |= {
        "payment.declined",
        "payment.refunded",
        "mail:money_returned",
        "order.needs_review",
        "merchant.misconfigured",
    }
    sent |= {what for _, _, said_then in MONEY_MESSAGES.values() for what in said_then}

    assert sent == {event.value for event in EventType} | {f"mail:{kind.value}" for kind in MailKind}


@pytest.mark.parametrize(
    ("before", "after", "names"),
    [
        ({"refund_asked": True}, {"refunded": True}, "re_1"),
        ({"refund_asked": True, "refunded": True}, {"refunded": False}, "re_1"),
        ({}, {"disputed": True}, "pi_1"),
    ],
    ids=["goes back", "comes back", "is disputed"],
)
def test_money_that_moves_is_named_by_its_refund_or_its_payment(
    before: dict[str, Any], after: dict[str, Any], names: str
) -> None:
    sold = with_charge(replace(PLACED, status=S.DELIVERED), payment_id="pi_1", refund_id="re_1", **before)

    assert {message.reason for message in messages_for(sold, changed(sold, **after))} == {names}


def test_a_part_that_others_gave_back_is_named_by_its_sum() -> None:
    sold = with_charge(replace(PLACED, status=S.DELIVERED), payment_id="pi_1")

    messages = messages_for(sold, changed(sold, refunded_minor=500))

    assert said(messages) == ("payment.refunded",)
    assert messages[0].reason == "not by us: 5.00 usd so far"


def test_an_alert_is_one_a_day_and_merchant() -> None:
    since = START + timedelta(days=3)
    before = replace(PLACED, status=S.INVENTORY_RESERVED)

    (alert,) = messages_for(before, changed(before, review=Review(MISCONFIGURED, "401 invalid key", since)))

    assert alert == BusinessEvent(
        f"mer_1:merchant.misconfigured:{since.date()}",
        EventType.MERCHANT_MISCONFIGURED,
        "mer_1",
        since,
        Money(0, "usd"),
        "401 invalid key",
    )


def test_no_message_holds_an_address() -> None:
    for status in OrderStatus:
        assert "@" not in repr(messages_for(None, replace(PLACED, status=status)))
