"""Two who act concurrently while a renewal is dunned: the worker at an attempt, and the customer or Stripe."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from payflows.subscriptions.billing import InvoiceStatus
from payflows.subscriptions.dunning import SEED_AS_DAYS
from payflows.subscriptions.episode import EPISODES, AttemptOutcome, EpisodeStatus
from payflows.subscriptions.invoice import Invoice
from payflows.subscriptions.model import Subscription, SubscriptionStatus

from simulations.search.breach import Breach
from simulations.search.process import Process, Racer
from simulations.subscriptions.catalogue import ADA, MASTERCARD, MERCHANT, PRO, VISA
from simulations.subscriptions.signing_up import subscribed
from simulations.subscriptions.system import IMPATIENT, Settings, SubscriptionSystem, app_of
from simulations.subscriptions.user_actions import card_behaves, card_runs_empty, days_pass, invoices_of

DUNNED_BY_HAND = Settings(replace(IMPATIENT, dunning=SEED_AS_DAYS), listens=False)
"""What webhooks would do, one of the two does."""

_FAILS_AT = 31 + 1 / 24
"""Days from a sign-up in January until its renewal is charged."""


def two_notices_of_a_failure(system: SubscriptionSystem, other: Process) -> tuple[Racer, Racer]:
    """Stripe tells of the failed invoice, and of the subscription that is past due."""
    subscription, invoice_id = _failed(system, days=0.01)
    assert subscription.stripe_id is not None, "Stripe has it"
    ours = system.universe.process
    return (
        Racer.of(ours, app_of(ours).subscriptions.invoice_changed(MERCHANT, invoice_id)),
        Racer.of(other, app_of(other).subscriptions.subscription_changed(MERCHANT, subscription.stripe_id)),
    )


def two_workers_at_an_attempt(system: SubscriptionSystem, other: Process) -> tuple[Racer, Racer]:
    """Two workers come to one attempt, and the card is still empty."""
    _attempt_is_due(system)
    return _works(system, system.universe.process), _works(system, other)


def attempt_and_payment_by_hand(system: SubscriptionSystem, other: Process) -> tuple[Racer, Racer]:
    """The customer pays on Stripe's page, which tells of it, while the card is tried that has money again."""
    _, invoice = _attempt_is_due(system)
    card_behaves(system, VISA)
    system.paid_by_hand += 1

    async def pay_by_hand() -> None:
        if system.stripe.invoice(invoice.id).as_invoice().status is InvoiceStatus.OPEN:
            system.stripe.pay_on_hosted_page(invoice.id, MASTERCARD)
        await app_of(other).subscriptions.invoice_changed(MERCHANT, invoice.id)

    return _works(system, system.universe.process), Racer.of(other, pay_by_hand())


def attempt_and_another_card(system: SubscriptionSystem, other: Process) -> tuple[Racer, Racer]:
    """The customer gives another card while the empty one is tried."""
    subscription, _ = _attempt_is_due(system)
    return _works(system, system.universe.process), _gives_card(other, subscription)


def attempt_and_cancel(system: SubscriptionSystem, other: Process) -> tuple[Racer, Racer]:
    """The customer cancels while the card is tried that has money again."""
    subscription, _ = _attempt_is_due(system)
    card_behaves(system, VISA)
    system.end_was_asked = True
    cancel = app_of(other).subscriptions.cancel_subscription(ADA, subscription.id)
    return _works(system, system.universe.process), Racer.of(other, cancel)


def last_step_and_another_card(system: SubscriptionSystem, other: Process) -> tuple[Racer, Racer]:
    """The customer gives another card while the last attempt is made, and the last step is taken."""
    subscription, _ = _attempt_is_due(system, day=14)
    return _works(system, system.universe.process), _gives_card(other, subscription)


# How they end.


def tried_once_a_day(system: SubscriptionSystem) -> Iterator[Breach]:
    """Each attempt was made once, and declined; there is one episode, which goes on."""
    episodes = list(system.store.all(EPISODES))
    if [each.status for each in episodes] != [EpisodeStatus.RUNNING]:
        yield Breach("I18", "", f"the episodes are {[(each.id, each.status.value) for each in episodes]}")
        return
    (episode,) = episodes
    charges = system.stripe.charges_of(invoices_of(system, _subscription(system))[-1].id)
    declined = [each.outcome is AttemptOutcome.DECLINED for each in episode.attempts]
    if not all(declined) or len(charges) != 1 + len(declined):
        yield Breach("I18", episode.id, f"{len(charges)} charges, and {episode.attempts}")


def paid_once(system: SubscriptionSystem) -> Iterator[Breach]:
    """It goes on, and what was owed is paid, once."""
    yield from _ends_as(system, SubscriptionStatus.ACTIVE, EpisodeStatus.RECOVERED, periods=(2,))


def left_alone(system: SubscriptionSystem) -> Iterator[Breach]:
    """It has ended; what the attempt took before that may stay."""
    recovered = any(each.status is EpisodeStatus.RECOVERED for each in system.store.all(EPISODES))
    status = EpisodeStatus.RECOVERED if recovered else EpisodeStatus.STOPPED
    yield from _ends_as(system, SubscriptionStatus.CANCELLED, status, periods=(1, 2))


def paid_or_ended(system: SubscriptionSystem) -> Iterator[Breach]:
    """It goes on and is paid, or has ended and is not."""
    if _subscription(system).status is SubscriptionStatus.ACTIVE:
        yield from paid_once(system)
    else:
        yield from _ends_as(system, SubscriptionStatus.CANCELLED, EpisodeStatus.GIVEN_UP, periods=(1,))


def _ends_as(
    system: SubscriptionSystem, status: SubscriptionStatus, dunned: EpisodeStatus, *, periods: tuple[int, ...]
) -> Iterator[Breach]:
    subscription = _subscription(system)
    if subscription.status is not status:
        yield Breach("I16", subscription.id, f"{subscription.id} is {subscription.status}, not {status}")
    for episode in system.store.all(EPISODES):
        if episode.status is not dunned:
            yield Breach("I19", episode.id, f"{episode.id} is {episode.status}, not {dunned}")
    kept = sum(movement.signed_minor for movement in system.stripe.movements)
    if kept not in [times * PRO.amount.minor for times in periods]:
        yield Breach("I17", subscription.id, f"{kept} was kept, and not {periods} times {PRO.amount}")


# Who races.


def _subscription(system: SubscriptionSystem) -> Subscription:
    subscription = system.subscription
    assert subscription is not None, "it was subscribed"
    return subscription


def _failed(system: SubscriptionSystem, *, days: float) -> tuple[Subscription, str]:
    """The card that paid is empty at the renewal; some days after that."""
    subscribed(system)
    card_runs_empty(system)
    days_pass(system, _FAILS_AT + days)
    subscription = _subscription(system)
    newest = list(system.stripe.invoices_of(subscription.stored_stripe_id()))[-1]
    return _subscription(system), newest.id


def _attempt_is_due(system: SubscriptionSystem, *, day: int = 3) -> tuple[Subscription, Invoice]:
    subscription, _ = _failed(system, days=day - 0.1)
    system.universe.clock.pass_time(0.2 * 86_400)
    return subscription, invoices_of(system, subscription)[-1]


def _works(system: SubscriptionSystem, process: Process) -> Racer:
    (episode,) = system.store.all(EPISODES)
    return Racer.of(process, app_of(process).subscriptions.advance_dunning(MERCHANT, episode.id))


def _gives_card(process: Process, subscription: Subscription) -> Racer:
    update = app_of(process).subscriptions.update_card
    return Racer.of(
        process, update(ADA, subscription.id, expected_update=subscription.card_updates, payment_method=MASTERCARD)
    )
