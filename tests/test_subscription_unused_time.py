"""Unused time: what goes back of it when a subscription ends now, and that no more goes back than was paid."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payflows.errors import InvalidState, InvalidSubscription
from payflows.subscriptions.model import Subscription, SubscriptionStatus
from payflows.subscriptions.policy import (
    CancelPolicy,
    ChangeTiming,
    PauseMeans,
    PausePolicy,
    SubscriptionPolicy,
    UnusedTime,
)
from simulations.subscriptions.catalogue import API, BASIC, MASTERCARD, PRO
from simulations.subscriptions.scripted_merchant import ScriptedMerchant
from tests.subscribers import changed, half, held, on

CREDIT, REFUND = CancelPolicy(unused_time=UnusedTime.CREDIT), CancelPolicy(unused_time=UnusedTime.REFUND)
NOW = ChangeTiming.NOW


@pytest.fixture
def merchant() -> ScriptedMerchant:
    return ScriptedMerchant()


@pytest.fixture
def pausing() -> ScriptedMerchant:
    """A merchant whose pauses are Stripe's own, by which unused time is credited."""
    return ScriptedMerchant(policy=SubscriptionPolicy(pause=PausePolicy(means=PauseMeans.SUBSCRIPTION)))


def credit(merchant: ScriptedMerchant) -> int:
    """What Stripe owes the customer."""
    return -merchant.stripe.customer("cus_ada").balance


def ended(merchant: ScriptedMerchant, subscription: Subscription, policy: CancelPolicy) -> tuple[int, int]:
    """Return what is held of the customer's money, and what they are owed, once it has ended."""
    merchant.cancel(subscription, policy=policy)
    merchant.pass_time(hours=2)
    assert merchant.now(subscription).status is SubscriptionStatus.CANCELLED
    return held(merchant), credit(merchant)


def refunded(merchant: ScriptedMerchant, subscription: Subscription) -> None:
    merchant.refund(merchant.invoices(subscription)[-1])


def refunded_by_hand(merchant: ScriptedMerchant, subscription: Subscription) -> None:
    merchant.stripe.refund_in_dashboard(payment_of(merchant, subscription), 2_000)


def lost(merchant: ScriptedMerchant, subscription: Subscription) -> None:
    payment_id = payment_of(merchant, subscription)
    merchant.stripe.dispute(payment_id)
    merchant.stripe.close_dispute(payment_id, won=False)


def in_dispute(merchant: ScriptedMerchant, subscription: Subscription) -> None:
    merchant.stripe.dispute(payment_of(merchant, subscription))


def payment_of(merchant: ScriptedMerchant, subscription: Subscription) -> str:
    return merchant.invoices(subscription)[-1].stored_charge().stored_payment_id()


class TestMoneyThatWentBack:
    """It was credited once more: Stripe takes every invoice for paid, and ours was asked only whether it had been."""

    @pytest.mark.parametrize(
        ("goes_back", "kept", "owed"),
        [(refunded, 0, 0), (refunded_by_hand, 900, 900), (lost, 0, 0), (in_dispute, 0, 0)],
    )
    @pytest.mark.parametrize("webhooks_come", [True, False])
    def test_is_not_credited_too(
        self,
        merchant: ScriptedMerchant,
        goes_back: Callable[[ScriptedMerchant, Subscription], None],
        kept: int,
        owed: int,
        webhooks_come: bool,
    ) -> None:
        subscription = on(merchant, PRO)
        goes_back(merchant, subscription)
        merchant.pass_time(minutes=10 if webhooks_come else 0)

        assert ended(merchant, subscription, CREDIT) == (kept, owed)

    def test_is_not_credited_by_a_downgrade(self, merchant: ScriptedMerchant) -> None:
        pro = on(merchant, PRO)
        refunded(merchant, pro)
        merchant.pass_time(minutes=10)

        with pytest.raises(InvalidState, match="went back"):
            merchant.preview(pro, BASIC, timing=NOW)

        assert merchant.preview(pro, BASIC, timing=ChangeTiming.AT_PERIOD_END).credit.minor == 0


class TestARefund:
    """Of what the customer was credited for unused time: it is refused before anything is stored."""

    def test_is_refused_after_a_cancellation_with_credit(self, merchant: ScriptedMerchant) -> None:
        subscription = on(merchant, PRO)
        ended(merchant, subscription, CREDIT)

        with pytest.raises(InvalidState, match="was credited"):
            merchant.refund(merchant.invoices(subscription)[0])

        assert (held(merchant), credit(merchant)) == (2_900, half(PRO))

    def test_is_refused_after_credit_notes_too(self, merchant: ScriptedMerchant) -> None:
        subscription = on(merchant, PRO)
        refunded_by_hand(merchant, subscription)
        ended(merchant, subscription, CREDIT)

        with pytest.raises(InvalidState, match=r"9\.00 usd would be refunded, and 0\.00 usd are left"):
            merchant.refund(merchant.invoices(subscription)[0])

    def test_is_refused_after_a_downgrade(self, merchant: ScriptedMerchant) -> None:
        pro = on(merchant, PRO)
        changed(merchant, pro, BASIC, timing=NOW)

        with pytest.raises(InvalidState, match=r"29\.00 usd would be refunded, and 19\.00 usd are left"):
            merchant.refund(merchant.invoices(pro)[0])

    def test_is_refused_while_a_pause_is_to_credit_it(self, pausing: ScriptedMerchant) -> None:
        subscription = pausing.pause(on(pausing, PRO))

        with pytest.raises(InvalidState, match="is credited when"):
            pausing.refund(pausing.invoices(subscription)[0])

    def test_after_a_cancellation_with_refund_gives_the_rest(self, merchant: ScriptedMerchant) -> None:
        subscription = on(merchant, PRO)
        ended(merchant, subscription, REFUND)

        merchant.refund(merchant.invoices(subscription)[0])

        assert (held(merchant), credit(merchant)) == (0, 0)


class TestWhatTheBalancePaid:
    """An invoice that took no money of a card was taken for one that was not paid."""

    @pytest.mark.parametrize("policy", [CREDIT, REFUND])
    def test_is_credited_again(self, merchant: ScriptedMerchant, policy: CancelPolicy) -> None:
        merchant.stripe.adjust_balance("cus_ada", -10_000, "usd")
        subscription = on(merchant, PRO)

        assert ended(merchant, subscription, policy) == (0, 10_000 - half(PRO))

    def test_in_part_goes_back_to_the_card_first(self, merchant: ScriptedMerchant) -> None:
        merchant.stripe.adjust_balance("cus_ada", -1_900, "usd")
        subscription = on(merchant, PRO)

        assert ended(merchant, subscription, REFUND) == (0, half(PRO) - 1_000)

    def test_after_a_downgrade_is_both_credits(self, merchant: ScriptedMerchant) -> None:
        pro = on(merchant, PRO)
        changed(merchant, pro, BASIC, timing=NOW)

        assert ended(merchant, pro, CREDIT) == (2_900, half(PRO))


class TestWhilePausedAtStripe:
    """Unused time begins with the pause: it was counted from the cancellation, or forgotten."""

    @pytest.mark.parametrize("days", [1, 40])
    @pytest.mark.parametrize(("policy", "kept", "owed"), [(CREDIT, 2_900, 1_450), (REFUND, 1_450, 0)])
    def test_all_since_the_pause_goes_back(
        self, pausing: ScriptedMerchant, days: int, policy: CancelPolicy, kept: int, owed: int
    ) -> None:
        paused = pausing.pause(on(pausing, PRO))
        pausing.pass_time(days=days)

        assert ended(pausing, paused, policy) == (kept, owed)


@pytest.mark.parametrize(("policy", "kept", "owed"), [(CREDIT, 21_000, 750), (REFUND, 20_250, 0)])
def test_what_was_used_is_not_given_back(
    merchant: ScriptedMerchant, policy: CancelPolicy, kept: int, owed: int
) -> None:
    """A renewal bills usage of the month before: half of that went back with half of the month ahead."""
    subscription = merchant.subscribe(plan=API)
    merchant.use(subscription, 9_000)
    merchant.pass_time(days=31 + 14)

    assert ended(merchant, subscription, policy) == (kept, owed)


STEPS: dict[str, Callable[[ScriptedMerchant, Subscription], object]] = {
    "refund the first": lambda merchant, subs: merchant.refund(merchant.invoices(subs)[0]),
    "refund the newest": lambda merchant, subs: merchant.refund(merchant.invoices(subs)[-1]),
    "downgrade": lambda merchant, subs: changed(merchant, subs, BASIC, timing=NOW),
    "upgrade": lambda merchant, subs: changed(merchant, subs, PRO),
    "pause": lambda merchant, subs: merchant.pause(subs),
    "resume": lambda merchant, subs: merchant.resume(subs),
    "credit": lambda merchant, subs: merchant.cancel(subs, policy=CREDIT),
    "refund unused time": lambda merchant, subs: merchant.cancel(subs, policy=REFUND),
    "another card": lambda merchant, subs: merchant.update_card(subs, MASTERCARD),
}


@settings(max_examples=60, deadline=None)
@given(
    steps=st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.sampled_from([0.01, 3, 20])), max_size=6),
    means=st.sampled_from(PauseMeans),
)
def test_no_customer_ever_gets_more_than_they_paid(steps: list[tuple[str, float]], means: PauseMeans) -> None:
    merchant = ScriptedMerchant(policy=SubscriptionPolicy(pause=PausePolicy(means=means)))
    subscription = merchant.subscribe()

    for step, days in steps:
        merchant.pass_time(days=days)
        try:
            STEPS[step](merchant, merchant.now(subscription))
        except (InvalidState, InvalidSubscription):  # refused
            continue
        merchant.pass_time(minutes=10)

        assert credit(merchant) <= held(merchant)
