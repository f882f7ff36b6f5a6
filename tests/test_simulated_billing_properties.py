"""What holds of the simulated billing after any sequence of calls, people's acts, troubles and waits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from itertools import pairwise
from typing import TypeVar

import pytest

from payflows.errors import PayflowsError
from payflows.money import Money
from payflows.payments.model import PaymentStatus
from payflows.subscriptions.billing import BillingStatus, InvoiceStatus, TrialEnd
from simulations.stripe import (
    AfterRetries,
    BillingSettings,
    CustomRetries,
    Disturbance,
    Fault,
    SmartRetries,
    StripeEvent,
)
from simulations.stripe.billing.gateway import CALLS
from simulations.stripe.billing.subscriptions import Subscription
from simulations.time.draws import Draws
from tests.billing_fixture import (
    ADA,
    BANK,
    DECLINED,
    FAILS_LATER,
    HARD,
    HOUR,
    VISA,
    WITH_3DS,
    BillingFixture,
    latest_of,
)

T = TypeVar("T")
_B = BillingStatus
ALIVE = {_B.ACTIVE, _B.PAST_DUE, _B.UNPAID}

NEXT: dict[BillingStatus, set[BillingStatus]] = {
    _B.INCOMPLETE: {_B.ACTIVE, _B.INCOMPLETE_EXPIRED},
    _B.TRIALING: {_B.ACTIVE, _B.PAUSED, _B.CANCELED},
    **{status: {*ALIVE, _B.CANCELED} for status in ALIVE},
    _B.PAUSED: {_B.CANCELED},
    _B.CANCELED: set(),
    _B.INCOMPLETE_EXPIRED: set(),
}
"""docs.stripe.com/billing/subscriptions/overview, written once more and by hand."""

Act = Callable[[BillingFixture, Subscription], object]


def _pending_setup(subscription: Subscription) -> str:
    return subscription.pending_setup.id if subscription.pending_setup is not None else "seti_none"


def _intent(subscription: Subscription) -> str:
    return latest_of(subscription).as_invoice().payment_id or "pi_none"


def _set_up(card: str) -> Act:
    return lambda account, subscription: account.run(
        account.stripe.confirm_setup(_pending_setup(subscription), payment_method=card, key=account.key())
    )


def _confirm(card: str) -> Act:
    return lambda account, subscription: account.run(
        account.stripe.confirm_payment(_intent(subscription), payment_method=card, key=account.key())
    )


def _refund(account: BillingFixture, subscription: Subscription) -> object:
    return account.run(account.stripe.refund_payment(_intent(subscription), order_id="sub-1", key=account.key()))


def _credit(account: BillingFixture, subscription: Subscription) -> object:
    call = account.stripe.credit_invoice(
        latest_of(subscription).id, subscription_id="sub-1", amount=Money(700, "usd"), key=account.key()
    )
    return account.run(call)


def _card_becomes(card: str) -> Act:
    def act(account: BillingFixture, subscription: Subscription) -> None:
        if subscription.default_payment_method is not None:
            account.let_card_become(subscription, card)

    return act


def _remove_card(account: BillingFixture, subscription: Subscription) -> None:
    account.stripe.remove_card(subscription.default_payment_method or "pm_none")


CARDS = (VISA, DECLINED, HARD, WITH_3DS, FAILS_LATER, BANK, "pm_usBankAccount_noAccount")
ACTS: dict[str, Act] = {
    **{f"confirm {card}": _confirm(card) for card in CARDS},
    **{f"set up {card}": _set_up(card) for card in CARDS},
    **{f"use {card}": lambda account, sub, card=card: account.use_card(sub, card) for card in CARDS},  # type: ignore[misc]
    **{f"card becomes {card}": _card_becomes(card) for card in CARDS},
    "pay": lambda account, sub: account.pay(latest_of(sub)),
    "pay the first": lambda account, sub: account.pay(sub.invoices[0]),
    "finalize": lambda account, sub: account.finalize(latest_of(sub)),
    "void": lambda account, sub: account.void(latest_of(sub)),
    "cancel": lambda account, sub: account.cancel(sub),
    "cancel with proration": lambda account, sub: account.cancel(sub, prorate=True),
    "cancel with a last invoice": lambda account, sub: account.cancel(sub, invoice_now=True),
    "more seats": lambda account, sub: account.change(sub, sub.price.id, sub.quantity + 1),
    "one seat": lambda account, sub: account.change(sub, sub.price.id),
    "two seats from the next period on": lambda account, sub: account.change_at_renewal(sub, sub.price.id, 2),
    "three seats by hand": lambda account, sub: account.stripe.change_items_in_dashboard(sub.id, sub.price.id, 3),
    "cancel at period end": lambda account, sub: account.cancel_at_period_end(sub),
    "go on after all": lambda account, sub: account.cancel_at_period_end(sub, cancel=False),
    "refund": _refund,
    "credit": _credit,
    "remove the card": _remove_card,
    "authenticate": lambda account, sub: account.stripe.authenticate(_intent(sub)),
    "fail authentication": lambda account, sub: account.stripe.fail_authentication(_intent(sub)),
    "authenticate the set-up": lambda account, sub: account.stripe.authenticate_setup(_pending_setup(sub)),
    "dispute": lambda account, sub: account.stripe.dispute(_intent(sub)),
    "paid outside": lambda account, sub: account.stripe.mark_paid_out_of_band(latest_of(sub).id),
    "write off": lambda account, sub: account.stripe.mark_uncollectible(latest_of(sub).id),
    "credit to the balance": lambda account, sub: account.stripe.adjust_balance(ADA, -2_500, "usd"),
    "a debt": lambda account, sub: account.stripe.adjust_balance(ADA, 1_000, "usd"),
    "customer's default": lambda account, sub: account.stripe.set_customer_default(ADA, VISA),
    "delete the customer": lambda account, sub: account.stripe.delete_customer(ADA),
}
WAITS: dict[str, Act] = {
    f"wait {hours} h": lambda account, sub, hours=hours: account.pass_time(hours * HOUR)  # type: ignore[misc]
    for hours in (1, 24, 96, 24 * 14, 24 * 31)
}
ACTS |= WAITS

BEGINS: dict[str, Callable[[BillingFixture], Subscription]] = {
    "not yet paid": BillingFixture.subscribe,
    "paid": BillingFixture.active,
    "paid by a bank debit": lambda account: account.active(card=BANK),
    "its renewal a draft": lambda account: account.with_a_draft(),
    "past due": BillingFixture.past_due,
    "waiting for its customer": lambda account: account.past_due(WITH_3DS),
    "in a trial": BillingFixture.trialing,
    **{
        f"in a trial without a card: {end}": partial(BillingFixture.trialing, card=None, trial_end=end)
        for end in TrialEnd
    },
}
RETRIES = (None, CustomRetries((3, 5, 7)), CustomRetries(()), SmartRetries())


class Story:
    """A drawn sequence of acts, from a drawn beginning, in an account with drawn settings and troubles."""

    def __init__(self, number: int) -> None:
        self._draws, self._number, self._drawn = Draws(1).of("billing"), number, 0
        retries, after = self._one_of(RETRIES), self._one_of(list(AfterRetries))
        self.settings = BillingSettings(retries=retries, after_retries=after)
        self.begin = self._one_of(sorted(BEGINS))
        self.acts = [self._one_of(sorted(ACTS)) for _ in range(1 + self._below(12))]
        self.troubles = [self._trouble() for _ in range(max(0, self._below(5) - 2))]

    def __repr__(self) -> str:
        return f"{self.begin}, {self.settings}: {self.acts}, {self.troubles}"

    def _trouble(self) -> Disturbance:
        return Disturbance(
            fault=self._one_of(list(Fault)),
            call=self._one_of([*CALLS, "confirm_payment", None]),
            skip=self._below(3),
            times=1 + self._below(3),
            slow_seconds=self._one_of([0, 5, 60, 1800, HOUR]),
        )

    def _below(self, bound: int) -> int:
        self._drawn += 1
        return self._draws.below(bound, self._number, self._drawn)

    def _one_of(self, values: Sequence[T]) -> T:
        return values[self._below(len(values))]

    def check(self) -> BillingStatus:
        """Play it, and check after each act. Returns where the subscription stands at last."""
        account, sent = BillingFixture(settings=self.settings), list[BillingStatus]()
        subscription = BEGINS[self.begin](account)
        sent.append(subscription.status)
        account.stripe.on_event(lambda event: sent.extend(_status_in(event)))
        account.stripe.disturb(*self.troubles)
        for act in self.acts:
            with suppress(PayflowsError):  # what Stripe does not allow is refused
                ACTS[act](account, subscription)
            assert sent[-1] is subscription.status, "every move is sent"
            assert_money_adds_up(account, subscription)
            assert_what_is_read_is_not_stale(subscription)
        assert all(after is before or after in NEXT[before] for before, after in pairwise(sent)), sent
        return subscription.status


def _status_in(event: StripeEvent) -> list[BillingStatus]:
    is_ours = event.subject["object"] == "subscription"
    return [BillingStatus(str(event.subject["status"]))] if is_ours else []


def assert_money_adds_up(account: BillingFixture, subscription: Subscription) -> None:
    """What was charged is what each invoice says, and an ended one has no payment that could still succeed."""
    for invoice in subscription.invoices:
        intent = None if invoice.payment is None else invoice.payment.intent
        received = 0 if intent is None else intent.amount_received
        by_charge = invoice.status is InvoiceStatus.PAID and not invoice.paid_out_of_band

        assert received == (invoice.amount_paid if by_charge else 0)
        assert intent is None or account.stripe.account.ledger.captured_minor(intent.id) == received
        assert invoice.amount_due == invoice.amount_paid or invoice.status is not InvoiceStatus.PAID
        if invoice.status is InvoiceStatus.VOID:
            assert intent is not None
            assert intent.status is PaymentStatus.CANCELED
        if invoice.status is InvoiceStatus.OPEN:
            assert intent is not None
            assert intent.status not in (PaymentStatus.CANCELED, PaymentStatus.SUCCEEDED)
    transactions = subscription.customer.transactions
    assert subscription.customer.balance == sum(each.amount for each in transactions)


def assert_what_is_read_is_not_stale(subscription: Subscription) -> None:
    """What is kept of an answer is what would be answered anew."""
    answer, invoices = subscription.as_subscription(), [each.as_invoice() for each in subscription.invoices]
    for changed in (subscription, *subscription.invoices):
        changed.changed()

    assert (subscription.as_subscription(), [each.as_invoice() for each in subscription.invoices]) == (answer, invoices)


def check_stories(count: int) -> None:
    """Check stories until each status was reached."""
    ends = set[BillingStatus]()
    for number in range(count):
        story = Story(number)
        try:
            ends.add(story.check())
        except Exception as error:
            error.add_note(repr(story))
            raise

    assert ends == set(BillingStatus)


def test_it_moves_along_stripes_lifecycle_and_the_money_adds_up_whatever_happens() -> None:
    check_stories(1_500)


@pytest.mark.on_demand
def test_it_does_so_in_very_many_stories() -> None:
    check_stories(100_000)
