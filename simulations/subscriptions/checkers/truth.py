"""Stripe's truth about a subscription of ours, without the lag of a list: what the checkers compare our books with."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from payflows.subscriptions.access import Access, access_of
from payflows.subscriptions.billing import CHANGE, BillingStatus, InvoiceStatus, StripeInvoice, StripeSubscription
from payflows.subscriptions.messages import SUBSCRIPTIONS
from payflows.subscriptions.model import Subscription
from payflows.subscriptions.plan_requests import PlanPreview
from payflows.subscriptions.policy import SubscriptionPolicy

from simulations.search.app_system import CheckedApp
from simulations.stripe.webhooks.sender import WebhookSender

ENDED = (BillingStatus.CANCELED, BillingStatus.INCOMPLETE_EXPIRED)


class Checked(CheckedApp, Protocol):
    """What is checked: a merchant's books, Stripe's, and what customers were answered."""

    @property
    def sender(self) -> WebhookSender | None:
        """Stripe's side of the endpoint; None where no webhooks come."""
        ...

    @property
    def calm_from(self) -> datetime:
        """When the latest fault is over."""
        ...

    @property
    def policy(self) -> SubscriptionPolicy:
        """The merchant's."""
        ...

    @property
    def end_was_asked(self) -> bool:
        """Whether anyone asked that a subscription end."""
        ...

    @property
    def cancelled_at(self) -> Mapping[str, datetime]:
        """When a customer was first answered that a subscription is cancelled, by our id."""
        ...

    @property
    def answers(self) -> Sequence[Subscription]:
        """The subscriptions that customers were answered with, as they were then."""
        ...

    @property
    def confirmed(self) -> Sequence[PlanPreview]:
        """The previews of plan changes that customers confirmed."""
        ...

    @property
    def plans_by_hand(self) -> Collection[str]:
        """The plans to which the merchant changed a subscription in the dashboard."""
        ...


class Truth(NamedTuple):
    """What Stripe has of one subscription of ours.

    Attributes:
        ours: as stored.
        theirs: the one whose id is stored; None where none is.
        others: further ones of the same sign-up, left over by lost answers.
        invoices: of the first, oldest first.
        is_unpaid_for: a pause of the collection has voided the invoice of the current period, or written it off.
    """

    ours: Subscription
    theirs: StripeSubscription | None
    others: tuple[StripeSubscription, ...]
    invoices: tuple[StripeInvoice, ...]
    is_unpaid_for: bool = False

    @property
    def unpaid_since(self) -> datetime | None:
        """When its oldest open invoice was made; one by which a plan change is paid is none, if there is another."""
        unpaid = [each for each in self.invoices if each.status is InvoiceStatus.OPEN]
        owed = [each for each in unpaid if each.billing_reason != CHANGE] or unpaid
        return min((each.created_at for each in owed), default=None)

    def access(self, policy: SubscriptionPolicy, now: datetime) -> Access | None:
        """What the one function makes of it."""
        if self.theirs is None:
            return None
        status = BillingStatus(self.theirs.status)
        unpaid_since = self.unpaid_since if status in (BillingStatus.PAST_DUE, BillingStatus.UNPAID) else None
        return access_of(
            status,
            cancel_at=self.theirs.cancel_at,
            past_due_until=None if unpaid_since is None else policy.access_until(unpaid_since),
            is_paused=(self.theirs.paused_collection is not None or self.is_unpaid_for)
            and not policy.pause.keeps_access,
            now=now,
        )


def truths(system: Checked) -> Iterator[Truth]:
    """Return what Stripe has of every subscription of ours."""
    for ours in system.store.all(SUBSCRIPTIONS):
        known = [each.as_subscription() for each in system.stripe.subscriptions_of(ours.id)]
        theirs = next((each for each in known if each.id == ours.stripe_id), None)
        others = tuple(each for each in known if each.id != ours.stripe_id)
        invoices = system.stripe.invoices_of(theirs.id) if theirs is not None else ()
        of_a_pause = [each.as_invoice() for each in invoices if each.paused is not None]
        is_unpaid_for = theirs is not None and any(_is_lost(each, theirs) for each in of_a_pause)
        yield Truth(ours, theirs, others, tuple(each.as_invoice() for each in invoices), is_unpaid_for)


def _is_lost(invoice: StripeInvoice, theirs: StripeSubscription) -> bool:
    """Whether it is of the current period, and owed no more."""
    is_owed = invoice.status not in (InvoiceStatus.VOID, InvoiceStatus.UNCOLLECTIBLE)
    return not is_owed and invoice.period_start == theirs.period_start
