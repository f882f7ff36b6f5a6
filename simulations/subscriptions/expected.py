"""How a story ends where nothing goes wrong: subscriptions that do nothing at all break no promise, and this one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from payflows.kernel.changes import OUTBOX
from payflows.kernel.messages import BusinessEvent
from payflows.subscriptions.messages import EventType
from payflows.subscriptions.model import SubscriptionStatus
from payflows.subscriptions.plans import Plan
from payflows.subscriptions.usage import USAGE

from simulations.search.breach import Breach
from simulations.subscriptions.system import SubscriptionSystem


class ExpectedEnd(NamedTuple):
    """How a story's newest subscription ends.

    Attributes:
        statuses: in one of these.
        has_access: whether the product may be used then.
        paid: how often money moved at Stripe; None: it is of no account.
        events: what must have been announced on the way.
        used: how much usage was recorded.
        plan: with how many seats of which plan; None: it is of no account.
    """

    statuses: tuple[SubscriptionStatus, ...]
    has_access: bool = False
    paid: int | None = None
    events: tuple[EventType, ...] = ()
    plan: tuple[int, str] | None = None
    used: int = 0

    def saying(self, *events: EventType) -> ExpectedEnd:
        """Return it, with events that must have been announced on the way."""
        return self._replace(events=events)

    def on(self, plan: Plan, seats: int = 1) -> ExpectedEnd:
        """Return it, with the plan that may be used in the end."""
        return self._replace(plan=(seats, plan.id))

    def using(self, quantity: int) -> ExpectedEnd:
        """Return it, with that usage recorded."""
        return self._replace(used=quantity)

    def missed(self, system: SubscriptionSystem) -> Iterator[Breach]:
        """A breach where a universe did not end so."""
        subscription = system.subscription
        if subscription is None:
            yield Breach("I16", "", "the story ended without a subscription")
            return
        if subscription.status not in self.statuses:
            wanted = " or ".join(self.statuses)
            text = f"nothing went wrong, and {subscription.id} ended as {subscription.status}, not as {wanted}"
            yield Breach("I16", subscription.id, text)
        if subscription.access.allows(system.clock.now()) is not self.has_access:
            text = f"nothing went wrong, and {subscription.id} has access: {subscription.access}"
            yield Breach("I20", subscription.id, text)
        terms = subscription.in_use
        if self.plan is not None and (terms.seats, terms.plan_id) != self.plan:
            text = f"nothing went wrong, and {subscription.id} has {terms.seats} of {terms.plan_id}"
            yield Breach("I15", subscription.id, text)
        used = sum(row.quantity for row in system.store.all(USAGE))
        if used != self.used:
            yield Breach("I22", subscription.id, f"nothing went wrong, and {used} were recorded, not {self.used}")
        if self.paid is not None and len(system.stripe.movements) != self.paid:
            text = f"nothing went wrong, and money moved {len(system.stripe.movements)} times"
            yield Breach("I17", subscription.id, text)
        announced = {
            each.type for item in system.store.all_items(OUTBOX) if isinstance(each := item.content, BusinessEvent)
        }
        if EventType.NEEDS_REVIEW in announced and not system.may_need_a_person:
            yield Breach("I14", subscription.id, "nothing went wrong, and a person was asked")
        for event in self.events:
            if event not in announced:
                yield Breach("I24", subscription.id, f"nothing went wrong, and {event} was never announced")


ACTIVE = ExpectedEnd((SubscriptionStatus.ACTIVE,), has_access=True)
ENDED = ExpectedEnd((SubscriptionStatus.CANCELLED,))
