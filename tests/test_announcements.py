"""What is told when an order changes: each status says what it should, once, under a key of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from payflows.checkout.goods import Address
from payflows.checkout.messages import announcements
from payflows.checkout.model import TRANSITIONS, Attempt, Order, OrderStatus, Purchase, Reason, Review
from payflows.checkout.pricing import CartItem, CurrencyTerms, PriceList
from payflows.kernel.messages import BusinessEvent, EventType, Mail, MailKind, Message
from payflows.money import Money, Rate
from payflows.parties import Customer
from payflows.payments.model import Decline
from simulations.time.world import START

TOTAL = Money(2_900, "usd")
PRICES = PriceList({"mug": Money(1_450, "usd")}, {"usd": CurrencyTerms(tax=Rate(0), shipping=Money(0, "usd"))})
PURCHASE = Purchase(
    merchant_id="mer_1",
    checkout_id="checkout-1",
    customer=Customer(id="ada", email="ada@example.com"),
    price=PRICES.price([CartItem("mug", 2)]),
    address=Address(name="Ada", line1="1 Example Street", city="Springfield", postal_code="00000", country="US"),
    placed_at=START,
    deadline_at=START + timedelta(hours=1),
)
PLACED = Order(
    id="ord_1",
    purchase=PURCHASE,
    status=OrderStatus.PENDING,
    version=1,
    changed_at=START,
    due_at=None,
    attempt=Attempt(1, "pm_card_visa"),
)
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


def changed(before: Order, status: OrderStatus | None = None, **other: object) -> Order:
    """The next version of an order."""
    later = before.changed_at + timedelta(minutes=1)
    return replace(
        before,
        version=before.version + 1,
        changed_at=later,
        status=status or before.status,
        **other,  # type: ignore[arg-type]
    )


def said(messages: Sequence[Message]) -> tuple[str, ...]:
    return tuple(
        message.type.value if isinstance(message, BusinessEvent) else f"mail:{message.kind.value}"
        for message in messages
    )


def before_entering(status: OrderStatus) -> Order:
    """An order that stands where it may enter this status."""
    came_from = next(place for place, targets in TRANSITIONS.items() if status in targets)
    return replace(PLACED, status=came_from)


def test_a_placed_order_is_told_in_full() -> None:
    (event,) = announcements(None, PLACED)

    assert event == BusinessEvent("ord_1:1:order.placed", EventType.ORDER_PLACED, "ord_1", START, TOTAL)


@pytest.mark.parametrize("status", [status for status in OrderStatus if status is not S.PENDING])
def test_each_status_says_what_it_should_when_it_is_entered(status: OrderStatus) -> None:
    before = before_entering(status)

    assert said(announcements(before, changed(before, status))) == SAID_ON_ENTERING[status]


@pytest.mark.parametrize("status", OrderStatus)
def test_a_change_within_a_status_says_nothing_again(status: OrderStatus) -> None:
    before = replace(PLACED, status=status)

    assert announcements(before, changed(before, waits=3, due_at=START)) == ()


def test_events_and_mails_carry_the_moment_the_amount_and_the_tracking_number() -> None:
    before = replace(PLACED, status=S.PAID, version=6)

    event, mail = announcements(before, changed(before, S.SHIPPED, tracking_number="TRK-1"))

    later = START + timedelta(minutes=1)
    assert event == BusinessEvent("ord_1:7:order.shipped", EventType.ORDER_SHIPPED, "ord_1", later, TOTAL, "TRK-1")
    assert mail == Mail("ord_1:7:mail:order_shipped", MailKind.ORDER_SHIPPED, "ord_1", "TRK-1")


@pytest.mark.parametrize(
    ("status", "reason"), [(S.CANCELLED, Reason.OUT_OF_STOCK), (S.PAYMENT_FAILED, Reason.DEADLINE_PASSED)]
)
def test_an_order_that_fails_says_why(status: OrderStatus, reason: Reason) -> None:
    before = before_entering(status)

    messages = announcements(before, changed(before, status, reason=reason))

    assert {message.reason for message in messages} == {reason.value}


@pytest.mark.parametrize(("decline", "why"), [(None, "3-D Secure"), (LOST_CARD, "lost_card")])
def test_a_customer_who_must_act_is_told_why(decline: Decline | None, why: str) -> None:
    before = replace(PLACED, status=S.PAYMENT_PROCESSING)
    attempt = before.attempt._replace(decline=decline)

    messages = announcements(before, changed(before, S.CUSTOMER_ACTION, attempt=attempt))

    assert {message.reason for message in messages} == {why}


# What may come with any status.


@pytest.mark.parametrize("status", [S.CUSTOMER_ACTION, S.ABANDONING])
def test_a_decline_is_told_wherever_it_leads(status: OrderStatus) -> None:
    before = replace(PLACED, status=S.PAYMENT_PROCESSING)
    turned_down = before.attempt.turned_down(LOST_CARD, "ch_1")

    messages = announcements(before, changed(before, status, attempt=turned_down))

    assert said(messages) == (*SAID_ON_ENTERING[status], "payment.declined")
    assert messages[-1].reason == "lost_card"


def test_each_try_that_is_declined_is_told_once() -> None:
    waiting = replace(PLACED, status=S.CUSTOMER_ACTION, attempt=PLACED.attempt.turned_down(LOST_CARD, "ch_1"))
    retried = changed(waiting, S.PAYMENT_PROCESSING, attempt=waiting.attempt.next("pm_card_mastercard"))
    declined = changed(retried, S.CUSTOMER_ACTION, attempt=retried.attempt.turned_down(Decline("expired_card"), "ch_2"))

    assert said(announcements(waiting, changed(waiting, due_at=START))) == ()
    assert said(announcements(waiting, retried)) == ()
    assert said(announcements(retried, declined)) == (
        "payment.action_required",
        "mail:card_needed",
        "payment.declined",
    )


def test_money_that_went_back_is_told_once() -> None:
    before = replace(PLACED, status=S.REFUNDING, refund_id="re_1")
    returned = changed(before, refunded=True)

    assert said(announcements(before, returned)) == ("payment.refunded", "mail:refunded")
    assert announcements(before, returned)[0].reason == "re_1"
    assert said(announcements(returned, changed(returned, S.CANCELLED))) == SAID_ON_ENTERING[S.CANCELLED]


def test_a_refund_that_fails_later_and_is_made_again_is_told_again() -> None:
    failed = replace(PLACED, status=S.DELIVERED, version=9, refund_id="re_2", refunded=False)

    again = announcements(failed, changed(failed, refunded=True))

    assert [message.key for message in again] == ["ord_1:10:payment.refunded", "ord_1:10:mail:refunded"]


MONEY_TOLD: dict[str, tuple[dict[str, object], dict[str, object], tuple[str, ...]]] = {
    "the bank is at work": ({}, {"in_processing": True}, ("payment.processing",)),
    "it has been at work": ({"in_processing": True}, {"in_processing": True}, ()),
    "refunded in the dashboard": ({}, {"refunded_minor": 500}, ("payment.refunded",)),
    "and more of it": ({"refunded_minor": 500}, {"refunded_minor": 900}, ("payment.refunded",)),
    "on its way by our own refund": ({"refund_asked": True}, {"refunded_minor": 500}, ()),
    "a refund that came back": ({"refunded_minor": 500}, {"refunded_minor": 0}, ("payment.refund_failed",)),
    "our refund that came back": ({"refunded": True}, {"refunded": False}, ("payment.refund_failed",)),
    "disputed": ({}, {"disputed": True}, ("payment.disputed",)),
    "disputed as before": ({"disputed": True}, {"disputed": True, "refunded_minor": 0}, ()),
}


@pytest.mark.parametrize("name", MONEY_TOLD)
def test_what_happens_to_the_money_elsewhere_is_told(name: str) -> None:
    earlier, later, told = MONEY_TOLD[name]
    before = replace(PLACED, status=S.DELIVERED, version=9, **earlier)  # type: ignore[arg-type]

    messages = announcements(before, changed(before, **{**earlier, **later}))  # type: ignore[arg-type]

    assert said(messages) == told
    assert not any(isinstance(message, Mail) for message in messages)


def test_a_review_is_told_to_the_shop_and_not_to_the_customer() -> None:
    review = Review("payment cannot be cancelled", "pi_1 is processing", START)
    reviewed = changed(PLACED, review=review)

    (event,) = announcements(PLACED, reviewed)

    assert isinstance(event, BusinessEvent)
    assert event.type is EventType.ORDER_NEEDS_REVIEW
    assert event.reason == "payment cannot be cancelled"
    assert announcements(reviewed, changed(reviewed, review=replace(review, detail="still"))) == ()
    assert said(announcements(reviewed, changed(reviewed, review=replace(review, reason="no answer")))) == (
        "order.needs_review",
    )
    assert announcements(reviewed, changed(reviewed, review=None)) == ()


def test_keys_name_order_version_and_kind_and_are_unique() -> None:
    before = replace(PLACED, status=S.PAYMENT_PROCESSING, version=4)
    everything = changed(
        before,
        S.CUSTOMER_ACTION,
        attempt=before.attempt.turned_down(LOST_CARD, "ch_1"),
        refunded=True,
        refund_id="re_1",
        review=Review("look", "at this", START),
    )

    messages = announcements(before, everything)

    keys = [message.key for message in messages]
    assert keys == [f"ord_1:5:{what}" for what in said(messages)]
    assert len(keys) == len(set(keys)) == 6
    assert announcements(before, everything) == messages


def test_every_kind_of_event_and_mail_is_told_by_some_change() -> None:
    told = {what for status in OrderStatus for what in SAID_ON_ENTERING[status]}
    told |= {"payment.declined", "payment.refunded", "mail:refunded", "order.needs_review"}
    told |= {what for _, _, said_then in MONEY_TOLD.values() for what in said_then}

    assert told == {event.value for event in EventType} | {f"mail:{kind.value}" for kind in MailKind}


def test_nobody_is_told_an_address() -> None:
    for status in OrderStatus:
        assert "@" not in repr(announcements(None, replace(PLACED, status=status)))
