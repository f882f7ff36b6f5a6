"""Access as it was announced: it is taken by what is unpaid or paused, and by nothing else (I20)."""

from __future__ import annotations

from collections.abc import Iterator

from payflows.kernel.changes import OUTBOX
from payflows.kernel.messages import BusinessEvent
from payflows.subscriptions.access import AccessReason
from payflows.subscriptions.messages import SUBSCRIPTIONS, EventType
from payflows.subscriptions.model import Subscription, SubscriptionStatus

from simulations.search.breach import Breach
from simulations.subscriptions.checkers.truth import Checked

_UNPAID = (SubscriptionStatus.PAST_DUE, SubscriptionStatus.UNPAID)


def breaches(system: Checked) -> Iterator[Breach]:
    """Every promise about announced access that is broken."""
    for ours in system.store.all(SUBSCRIPTIONS):
        events = [
            message
            for item in system.store.all_items(OUTBOX)
            if isinstance(message := item.content, BusinessEvent) and message.subject == ours.id
        ]
        yield from _unpaid(system, ours, events)
        if not system.policy.pause.keeps_access:
            yield from _paused(ours, events)


def _unpaid(system: Checked, ours: Subscription, events: list[BusinessEvent]) -> Iterator[Breach]:
    """Only what was past due is taken for not being paid."""
    was_unpaid = any(row.after in _UNPAID for row in system.store.transitions(SUBSCRIPTIONS, ours.id))
    for event in events:
        if event.type == EventType.ACCESS_CHANGED and event.reason == AccessReason.UNPAID and not was_unpaid:
            yield Breach("I20", ours.id, f"{ours.id} had no access at {event.at}, and was never past due")


def _paused(ours: Subscription, events: list[BusinessEvent]) -> Iterator[Breach]:
    """A pause takes access in the same step."""
    taken = {_step(event) for event in events if event.reason == AccessReason.PAUSED}
    for event in events:
        if event.type == EventType.PAUSED and _step(event) not in taken:
            yield Breach("I20", ours.id, f"{ours.id} was paused at {event.at}, and kept its access")


def _step(event: BusinessEvent) -> str:
    """Return the change by which it was announced: its subscription's id and version."""
    return event.key.rpartition(":")[0]
