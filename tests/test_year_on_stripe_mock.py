"""Every kind of call that a year of subscriptions makes is one that Stripe's own validator accepts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum

from payflows.errors import CallRejected, PaymentDeclined, UnreadableAnswer
from payflows.kernel.ports import methods_of
from payflows.money import Money
from payflows.parties import Customer
from payflows.stripe.gateway import StripeGateway
from payflows.subscriptions.billing import SubscriptionTerms, TrialEnd
from payflows.subscriptions.gateway import BillingGateway
from payflows.subscriptions.policy import CancelPolicy, OpenInvoices, SubscriptionPolicy, UnusedTime
from simulations.network.link import Call
from simulations.subscriptions.catalogue import (
    API,
    BASIC,
    BOB,
    MASTERCARD,
    NO_FUNDS,
    PRO,
    PRO_YEARLY,
    TEAM,
    THREE_D_SECURE,
    VISA,
)
from simulations.subscriptions.scripted_merchant import ScriptedMerchant
from tests.plugins.stripe_mock import StripeMocks

CAROL = Customer(id="carol", email="carol@example.com", stripe_customer_id="cus_carol")

NEVER_MADE = {"list_credit_notes", "retrieve_setup_action", "pause_subscription"}
"""The calls of the port that none of these lives needs: the browser's, the contract's, and what stripe-mock lacks."""


def test_every_distinct_call_of_a_year_is_accepted_by_stripe_mock(stripe_mock: StripeMocks) -> None:
    lives = (_goes_on, _changes, _fails_and_recovers, _tries, _ends, _leaves_an_orphan)
    calls = _distinct(call for life in lives for call in life())

    refused = asyncio.run(_replay(calls, stripe_mock("default").url))

    assert {call.method for call in calls} >= set(methods_of(BillingGateway)) - NEVER_MADE
    assert len(calls) >= 25
    assert refused == []


def test_what_stripe_does_not_know_is_noticed(stripe_mock: StripeMocks) -> None:
    terms = SubscriptionTerms("cus_ada", "price_pro", trial_days=7, trial_end=_Never.ON_A_WHIM)  # type: ignore[arg-type]
    wrong = Call(0, 0, "stripe", "create_subscription", ("subs_1", terms), {"key": "subs_1:create:1"}, "ok")

    refused = asyncio.run(_replay([wrong], stripe_mock("default").url))

    assert len(refused) == 1


class _Never(StrEnum):
    """An end of a trial that Stripe does not have."""

    ON_A_WHIM = "on_a_whim"


def _goes_on() -> list[Call]:
    """A year of renewals by month, another by year, one in euros by seats; a new card, a refund, an end taken back."""
    merchant = ScriptedMerchant()
    monthly, team = merchant.subscribe(), merchant.subscribe(plan=TEAM, customer=BOB, seats=3)
    merchant.subscribe(plan=PRO_YEARLY, customer=CAROL)
    merchant.pass_time(days=100)
    merchant.update_card(monthly, card=MASTERCARD)
    merchant.cancel(team, at_period_end=True)
    merchant.keep(team)
    merchant.pass_time(days=280)
    merchant.refund(merchant.invoices(monthly)[-1])
    return merchant.calls


def _changes() -> list[Call]:
    """Dearer, cheaper, more seats; used by the call and cancelled; paused, and a trial that ends without a card."""
    policy = SubscriptionPolicy(trial_end=TrialEnd.PAUSE)
    merchant = ScriptedMerchant(policy=policy)
    pro, team = merchant.subscribe(plan=BASIC), merchant.subscribe(plan=TEAM, customer=BOB, seats=3)
    api, trial = merchant.subscribe(plan=API, signup_id="api"), merchant.subscribe(None, trial_days=14, customer=CAROL)
    merchant.pass_time(days=5)
    merchant.change_plan(pro, merchant.preview(pro, PRO))
    merchant.change_plan(team, merchant.preview(team, TEAM, seats=5))
    merchant.use(api, 120)
    merchant.pass_time(days=20)
    merchant.change_plan(pro, merchant.preview(pro, BASIC))
    merchant.keep_plan(pro)
    merchant.pause(team)
    merchant.pause(pro, resumes_at=merchant.world.now() + timedelta(days=40))
    merchant.update_card(trial, VISA)
    merchant.resume(trial)
    merchant.resume(team)
    merchant.cancel(api)
    merchant.pass_time(days=60)
    return merchant.calls


def _fails_and_recovers() -> list[Call]:
    """A first card without funds, a renewal without funds, 3-D Secure."""
    merchant = ScriptedMerchant()
    subscription = merchant.subscribe(NO_FUNDS)
    merchant.update_card(subscription, card=VISA)
    merchant.card_runs_empty(subscription)
    merchant.pass_time(days=33)
    merchant.update_card(subscription, card=MASTERCARD)
    asked = merchant.subscribe(THREE_D_SECURE, customer=BOB)
    merchant.world.run(merchant.flow.customer_action(asked.signup.customer, asked.id))
    merchant.at_the_bank(asked)
    return merchant.calls


def _tries() -> list[Call]:
    """A trial whose card the bank asks about, and one without a card."""
    merchant = ScriptedMerchant()
    merchant.subscribe(THREE_D_SECURE, trial_days=14)
    merchant.subscribe(None, plan=TEAM, trial_days=30, customer=BOB)
    merchant.pass_time(days=40)
    return merchant.calls


def _ends() -> list[Call]:
    """Cancelled now with every policy, in the draft hour and while something is unpaid."""
    calls: list[Call] = []
    for policy in (
        CancelPolicy(),
        CancelPolicy(unused_time=UnusedTime.CREDIT),
        CancelPolicy(unused_time=UnusedTime.REFUND),
        CancelPolicy(open_invoices=OpenInvoices.COLLECT),
    ):
        for hours in (240, 31 * 24 + 0.5, 33 * 24):
            merchant = ScriptedMerchant()
            subscription = merchant.subscribe()
            if hours > 32 * 24:
                merchant.card_runs_empty(subscription)
            merchant.pass_time(hours=hours)
            merchant.cancel(subscription, policy=policy)
            merchant.pass_time(hours=2)
            calls += merchant.calls
    return calls


def _leaves_an_orphan() -> list[Call]:
    """The answer to the creation is lost, and the key with it."""
    merchant = ScriptedMerchant()
    merchant.stripe.answer_500_to("create_subscription", with_effect=True)
    merchant.subscribe()
    merchant.pass_time(hours=4)
    return merchant.calls


def _distinct(calls: Iterable[Call]) -> list[Call]:
    """One of each kind: same method, same arguments but for ids, keys and the exact amount."""
    return list({_kind(call): call for call in calls if call.port == "stripe"}.values())


def _kind(call: Call) -> tuple[object, ...]:
    shapes = {name: _shape(value) for name, value in call.kwargs.items()}
    return (call.method, *map(_shape, call.args), *sorted(shapes.items()))


def _shape(value: object) -> str:
    if isinstance(value, Money):
        return value.currency
    if isinstance(value, SubscriptionTerms):
        return str(value._replace(stripe_customer_id="cus", price_id="price"))
    return str(value) if isinstance(value, bool) or value is None else type(value).__name__


async def _replay(calls: list[Call], url: str) -> list[str]:
    """The calls that the mock refused, each as one line."""
    refused = []
    async with StripeGateway.on_mock(url) as gateway:
        for call in calls:
            side = gateway.billing if hasattr(gateway.billing, call.method) else gateway
            try:
                await getattr(side, call.method)(*call.args, **call.kwargs)
            except (CallRejected, PaymentDeclined) as refusal:
                refused.append(f"{call.method} {dict(call.kwargs)}: {refusal}")
            except UnreadableAnswer:
                assert call.method == "resume_subscription", "it takes that, and answers with an object of no kind"
    return refused
