"""What is asked of subscriptions: refunds and disputes, reviews, whose they are, and what a sign-up may be."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from payflows.app import build_app
from payflows.errors import InvalidState, InvalidSubscription, NotFound, SignupIdReused
from payflows.parties import Merchant
from payflows.subscriptions import flow as flow_module
from payflows.subscriptions.billing import StripeSubscription
from payflows.subscriptions.business import SubscriptionSetup
from payflows.subscriptions.converge import UNKNOWN_STATUS
from payflows.subscriptions.flow import SaaSSubscriptionFlow
from payflows.subscriptions.invoice_steps import STRIPE_RETRIES
from payflows.subscriptions.messages import SUBSCRIPTIONS, EventType, MailKind
from payflows.subscriptions.model import Subscription, SubscriptionStatus
from simulations.network.interceptor import Intercepted, Method
from simulations.stripe import BillingSettings, CustomRetries
from simulations.subscriptions.catalogue import ADA, BOB, MERCHANT, PLANS, TEAM, VISA
from simulations.subscriptions.scripted_merchant import ScriptedMerchant
from tests.subscribers import held, paid_renewal, unpaid_renewal

S = SubscriptionStatus


@pytest.fixture
def merchant() -> ScriptedMerchant:
    return ScriptedMerchant()


class TestMoneyThatGoesBack:
    def test_an_invoice_is_refunded_once_and_the_subscription_goes_on(self, merchant: ScriptedMerchant) -> None:
        subscription = paid_renewal(merchant)
        latest = merchant.invoices(subscription)[-1]

        merchant.refund(latest)
        merchant.refund(latest)
        merchant.pass_time(days=1)

        assert held(merchant) == 2_900
        assert merchant.now(subscription).status is S.ACTIVE
        assert merchant.mails(subscription).count(MailKind.MONEY_RETURNED) == 1

    def test_what_is_not_paid_is_not_refunded(self, merchant: ScriptedMerchant) -> None:
        subscription = unpaid_renewal(merchant)

        with pytest.raises(InvalidState, match="open"):
            merchant.refund(merchant.invoices(subscription)[-1])

    def test_a_trials_invoice_has_nothing_to_refund(self, merchant: ScriptedMerchant) -> None:
        trial = merchant.subscribe(trial_days=14)

        with pytest.raises(InvalidState, match="nothing to refund"):
            merchant.refund(merchant.invoices(trial)[0])

    @pytest.mark.parametrize(
        ("won", "event", "kept_minor"),
        [(True, EventType.PAYMENT_DISPUTE_WON, 5_800), (False, EventType.PAYMENT_DISPUTE_LOST, 2_900)],
    )
    def test_a_dispute_is_noted_and_announced(
        self, merchant: ScriptedMerchant, won: bool, event: EventType, kept_minor: int
    ) -> None:
        subscription = paid_renewal(merchant)
        charge = merchant.invoices(subscription)[-1].stored_charge()

        merchant.stripe.dispute(charge.stored_payment_id())
        merchant.pass_time(days=5)
        assert merchant.invoices(subscription)[-1].stored_charge().disputed
        merchant.stripe.close_dispute(charge.stored_payment_id(), won=won)
        merchant.pass_time(hours=1)

        ended = merchant.invoices(subscription)[-1].stored_charge()
        assert not ended.disputed
        assert 5_800 - ended.lost_minor == kept_minor
        assert [each for each in merchant.events(subscription) if "dispute" in each] == [
            EventType.PAYMENT_DISPUTED,
            event,
        ]
        assert merchant.now(subscription).status is S.ACTIVE


class TestPeopleAreAsked:
    def test_when_stripe_retries_too(self) -> None:
        merchant = ScriptedMerchant(billing=BillingSettings(retries=CustomRetries()))

        subscription = unpaid_renewal(merchant)

        review = merchant.invoices(subscription)[-1].review
        assert review is not None
        assert review.reason == STRIPE_RETRIES
        assert "turn retries off" in review.detail
        assert merchant.events(subscription).count(EventType.NEEDS_REVIEW) == 1

    def test_when_stripe_has_a_status_of_later_days(self, merchant: ScriptedMerchant) -> None:
        subscription = merchant.subscribe()
        later = build_app(
            gateway=Intercepted(merchant.stripe, hibernating),  # type: ignore[arg-type]  # stands in for it
            subscriptions=SubscriptionSetup(plans=PLANS, billing=Intercepted(merchant.stripe, hibernating)),  # type: ignore[arg-type]
            merchant=MERCHANT,
            store=merchant.store,
            clock=merchant.world,
        )

        seen = merchant.world.run(later.subscriptions.advance(ADA, subscription.id))

        assert (seen.status, seen.access) == (S.ACTIVE, subscription.access)
        assert seen.review is not None
        assert (seen.review.reason, "hibernating" in seen.review.detail) == (UNKNOWN_STATUS, True)

    def test_their_review_is_over_when_stripe_is_understood_again(self, merchant: ScriptedMerchant) -> None:
        self.test_when_stripe_has_a_status_of_later_days(merchant)
        subscription = next(iter(merchant.store.all(SUBSCRIPTIONS)))

        merchant.pass_time(hours=2)

        assert merchant.now(subscription).review is None


def hibernating(method: str, ask: Method) -> Method:
    """Answer with a subscription in a status that no version of today knows."""

    async def call(*args: Any, **kwargs: Any) -> object:
        answer = await ask(*args, **kwargs)
        return answer._replace(status="hibernating") if isinstance(answer, StripeSubscription) else answer

    return call


Asked = Callable[[SaaSSubscriptionFlow, Subscription], Coroutine[Any, Any, object]]

OF_ANOTHER_CUSTOMER: dict[str, Asked] = {
    "update_card": lambda flow, s: flow.update_card(BOB, s.id, expected_update=0, payment_method=VISA),
    "cancel_subscription": lambda flow, s: flow.cancel_subscription(BOB, s.id),
    "keep_subscription": lambda flow, s: flow.keep_subscription(BOB, s.id),
    "customer_action": lambda flow, s: flow.customer_action(BOB, s.id),
    "advance": lambda flow, s: flow.advance(BOB, s.id),
    "subscription": lambda flow, s: flow.subscription(BOB, s.id),
    "invoices": lambda flow, s: flow.invoices(BOB, s.id),
    "transitions": lambda flow, s: flow.transitions(BOB, s.id),
}
OTHER = Merchant(id="mer_other")
OF_ANOTHER_MERCHANT: dict[str, Asked] = {
    "cancel by another merchant": lambda flow, s: flow.cancel_subscription(OTHER, s.id),
    "refund_invoice": lambda flow, s: flow.refund_invoice(OTHER, s.latest_invoice.id if s.latest_invoice else ""),
    "advance_invoice": lambda flow, s: flow.advance_invoice(OTHER, s.latest_invoice.id if s.latest_invoice else ""),
    "subscription_changed": lambda flow, s: flow.subscription_changed(OTHER, s.stripe_id or ""),
    "invoice_changed": lambda flow, s: flow.invoice_changed(OTHER, "in_1"),
    "payment_changed": lambda flow, s: flow.payment_changed(OTHER, "pi_1"),
}
ASKED = OF_ANOTHER_CUSTOMER | OF_ANOTHER_MERCHANT


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED.keys())
def test_what_is_not_theirs_is_not_found(merchant: ScriptedMerchant, asked: Asked) -> None:
    subscription = merchant.subscribe()
    before = len(merchant.calls)

    with pytest.raises(NotFound):
        merchant.world.run(asked(merchant.flow, subscription))

    assert merchant.now(subscription) == subscription
    assert len(merchant.calls) == before


class TestSigningUp:
    def test_an_id_stands_for_one_request(self, merchant: ScriptedMerchant) -> None:
        merchant.subscribe(plan=TEAM, seats=2)

        with pytest.raises(SignupIdReused):
            merchant.subscribe(plan=TEAM, seats=3)

    def test_two_customers_may_use_the_same_id(self, merchant: ScriptedMerchant) -> None:
        assert merchant.subscribe().id != merchant.subscribe(customer=BOB).id

    @pytest.mark.parametrize(("plan_seats", "allowed"), [(0, False), (1, True), (500, True), (501, False)])
    def test_seats_have_bounds(self, merchant: ScriptedMerchant, plan_seats: int, allowed: bool) -> None:
        if allowed:
            assert merchant.subscribe(plan=TEAM, seats=plan_seats).status is S.ACTIVE
            return
        with pytest.raises(InvalidSubscription, match="seats"):
            merchant.subscribe(plan=TEAM, seats=plan_seats)
        assert merchant.calls == []

    def test_a_second_currency_of_one_customer_is_refused_by_stripe_in_its_words(
        self, merchant: ScriptedMerchant
    ) -> None:
        merchant.subscribe()

        second = merchant.subscribe(plan=TEAM, signup_id="signup-2")

        assert second.status is S.REJECTED
        assert "currenc" in (second.cause() or "")
        assert merchant.mails(second) == [MailKind.SIGN_UP_FAILED]


NOT_MODELLED = ("coupons", "tax", "schedules of several phases", "FX", "accounts v2")


def test_what_is_not_modelled_is_said_and_no_method_takes_it() -> None:
    said = flow_module.__doc__ or ""
    taken = set(inspect.signature(SaaSSubscriptionFlow.create_subscription).parameters)

    assert [what for what in NOT_MODELLED if what not in said] == []
    assert taken == {
        *("self", "customer", "signup_id", "plan_id", "payment_method"),
        *("trial_days", "seats", "return_url"),
    }
