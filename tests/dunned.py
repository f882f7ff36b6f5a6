"""Renewals that have failed, for tests of dunning."""

from __future__ import annotations

from datetime import datetime

from payflows.subscriptions.dunning import SEED_AS_DAYS, DunningPolicy
from payflows.subscriptions.episode import EPISODES, AttemptOutcome, DunningEpisode
from payflows.subscriptions.model import Subscription
from payflows.subscriptions.policy import SubscriptionPolicy
from simulations.stripe.payments.cards import PAYMENT_METHODS
from simulations.subscriptions.catalogue import NO_FUNDS
from simulations.subscriptions.scripted_merchant import ScriptedMerchant

LOST = "pm_card_visa_chargeDeclinedLostCard"
ANOTHER_EMPTY = "pm_card_chargeCustomerFail"
FAILS_AT = 31 + 1 / 24
"""Days from a sign-up in January until its renewal is charged, an hour after it was made."""


def merchant_with(dunning: DunningPolicy = SEED_AS_DAYS, **more: object) -> ScriptedMerchant:
    return ScriptedMerchant(policy=SubscriptionPolicy(dunning=dunning), **more)  # type: ignore[arg-type]  # by name


def failed(merchant: ScriptedMerchant, *, like: str = NO_FUNDS, days: float = 0.5) -> Subscription:
    """Return one whose renewal failed these days ago."""
    subscription = merchant.subscribe()
    behave(merchant, subscription, like)
    merchant.pass_time(days=FAILS_AT + days)
    return merchant.now(subscription)


def behave(merchant: ScriptedMerchant, subscription: Subscription, like: str) -> None:
    card = merchant.now(subscription).payment_method
    assert card is not None
    merchant.stripe.replace_card_behaviour(card, PAYMENT_METHODS[like])


def episode_and_access(merchant: ScriptedMerchant) -> tuple[datetime, datetime]:
    """Return when a renewal has failed, and until when there is access then."""
    until = merchant.access(failed(merchant)).until
    assert until is not None
    return episode(merchant).failed_at, until


def episode(merchant: ScriptedMerchant) -> DunningEpisode:
    (only,) = merchant.store.all(EPISODES)
    return only


def outcomes(merchant: ScriptedMerchant) -> list[tuple[int, AttemptOutcome]]:
    return [(each.day, each.outcome) for each in episode(merchant).attempts]


def charges(merchant: ScriptedMerchant, subscription: Subscription) -> int:
    return len(merchant.stripe.charges_of(merchant.invoices(subscription)[-1].id))


DECLINED, PAID, SKIPPED = AttemptOutcome.DECLINED, AttemptOutcome.PAID, AttemptOutcome.SKIPPED
