"""How a renewal that is dunned ends whose webhooks come in some order, each of them twice.

It fails at first, fails again on the policy's days 3 and 7, and is paid on day 14. While its webhooks come in it moves
on at the simulated Stripe: no webhook precedes what it reports, and until one comes only timers wake the flow.
"""

from __future__ import annotations

from typing import NamedTuple

from payflows.kernel.changes import OUTBOX
from payflows.kernel.inbox import INBOX
from payflows.kernel.messages import BusinessEvent
from payflows.kernel.queue_item import ItemStatus
from payflows.subscriptions.dunning import SEED_AS_DAYS
from payflows.subscriptions.episode import EPISODES, DunningEpisode
from payflows.subscriptions.messages import INVOICES, EventType
from payflows.subscriptions.policy import SubscriptionPolicy

from simulations.search.counting import effects_in, subscribe_counters
from simulations.search.event_orders import EventOrder
from simulations.stripe.core.events import StripeEvent
from simulations.stripe.payments.cards import PAYMENT_METHODS
from simulations.stripe.webhooks.conditions import DeliveryConditions
from simulations.stripe.webhooks.sender import WebhookSender
from simulations.subscriptions.catalogue import VISA
from simulations.subscriptions.scripted_merchant import ScriptedMerchant

FAILED = "invoice.payment_failed"
STAGES = ("invoice.finalized", FAILED, FAILED, FAILED, "invoice.paid")
"""What becomes of the renewal's invoice, in the order in which it happens at Stripe."""

_DAYS = (0, 0, 3, 7, 14)
"""When, since the first failure."""
_MINUTE_LATER_DAYS = 1 / 1_440
_FAILS_ON = 31 + 1 / 24
"""Days from the sign-up, in January, until the renewal is charged."""
_QUIET_DAYS = 10

SUBSCRIBED = (EventType.PAYMENT_FAILED, EventType.DUNNING_RECOVERED, EventType.RENEWED)


class EndState(NamedTuple):
    """All that is left once everything is quiet; without moments, and without how many looks it took.

    Attributes:
        subscription: its status, and whether there is access.
        invoices: reason, status and amount of each.
        episodes: status, attempts and reminders of each.
        business_events: type, amount and reason of each that was published.
        mails: kind and reason of each that was sent.
        effects: for each business event that a handler took, which handler, and how often it took effect.
        webhooks: how many of the inbox's have which status.
        charges: at Stripe, how many of the subscription succeeded, and how many failed.
    """

    subscription: tuple[str, ...]
    invoices: tuple[str, ...]
    episodes: tuple[str, ...]
    business_events: tuple[str, ...]
    mails: tuple[str, ...]
    effects: tuple[tuple[str, int], ...]
    webhooks: tuple[tuple[str, int], ...]
    charges: tuple[int, int]


def end_of(order: EventOrder) -> EndState:
    """How it ends when webhooks come in this order, each as soon as what it tells of has happened."""
    renewal = DunnedRenewal()
    renewal.live(order)
    return renewal.end()


class DunnedRenewal:
    """A merchant with one subscription, whose first renewal fails."""

    def __init__(self) -> None:
        self.merchant = ScriptedMerchant(policy=SubscriptionPolicy(dunning=SEED_AS_DAYS), webhooks=DeliveryConditions())
        assert self.merchant.sender is not None, "it listens"
        self._sender: WebhookSender = self.merchant.sender
        subscribe_counters(self.merchant.app.bus, SUBSCRIBED)
        self.subscription = self.merchant.subscribe()
        self._passed_days = 0.0
        self._pass_until(20)
        self.merchant.card_runs_empty(self.subscription)
        self._sender.hold()
        self._before = len(self._sender.events)
        self._pass_until(_FAILS_ON + _MINUTE_LATER_DAYS)

    def live(self, order: EventOrder) -> None:
        """Let webhooks come in this order, and then everything become quiet."""
        reached = 2
        for stage in map(int, order):
            while reached < stage:
                reached += 1
                self._reach(reached)
            tried = self.merchant.world.run(self._sender.deliver(self._event(stage)))
            assert tried.worked, tried
        self._pass_until(_FAILS_ON + _DAYS[-1] + _QUIET_DAYS)

    def end(self) -> EndState:
        """What is left of it."""
        merchant, run, store = self.merchant, self.merchant.world.run, self.merchant.store
        now = merchant.now(self.subscription)
        messages = [item.content for item in store.all_items(OUTBOX)]
        events = [f"{m.type} {m.amount} {m.reason}" for m in messages if isinstance(m, BusinessEvent)]
        mails = [f"{m.kind} {m.reason}" for m in merchant.mailer.sent.values()]
        theirs = merchant.stripe.invoices_of(now.stored_stripe_id())
        charges = [charge for each in theirs if each.payment is not None for charge in each.payment.intent.charges]
        failed = sum(charge.status == "failed" for charge in charges)
        return EndState(
            (now.status.value, now.access.reason.value),
            tuple(sorted(f"{row.billing_reason} {row.status} {row.total}" for row in store.all(INVOICES))),
            tuple(map(_text_of, store.all(EPISODES))),
            tuple(sorted(events)),
            tuple(sorted(mails)),
            run(effects_in(store)),
            tuple((str(status), len(run(store.items(INBOX, status)))) for status in ItemStatus),
            (len(charges) - failed, failed),
        )

    def _event(self, stage: int) -> StripeEvent:
        """Return the event of a stage: of its type the first, second or third about the renewal."""
        kind = STAGES[stage - 1]
        of_kind = [event for event in self._sender.events[self._before :] if event.type == kind]
        return of_kind[STAGES[: stage - 1].count(kind)]

    def _reach(self, stage: int) -> None:
        """Let the renewal get there."""
        if stage == len(STAGES):
            card = self.merchant.now(self.subscription).payment_method
            assert card is not None, "it pays"
            self._pass_until(_FAILS_ON + _DAYS[-1] - 1)
            self.merchant.stripe.replace_card_behaviour(card, PAYMENT_METHODS[VISA])
        self._pass_until(_FAILS_ON + _DAYS[stage - 1] + _MINUTE_LATER_DAYS)

    def _pass_until(self, day: float) -> None:
        self.merchant.pass_time(days=max(0.0, day - self._passed_days))
        self._passed_days = max(day, self._passed_days)


def _text_of(episode: DunningEpisode) -> str:
    attempts = [(each.day, each.outcome.value, each.code) for each in episode.attempts]
    return f"{episode.status} {attempts} {episode.notices_done}"
