"""Subscriptions of one licensed item, and a metered one at most, as Stripe keeps them.

The rules are in `cycling`, `ending`, `changing`, `pausing` and `standing`.
Source: Stripe API reference, "The Subscription object".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from payflows.subscriptions.billing import BillingStatus, InvoiceStatus, PausedCollection, StripeSubscription, TrialEnd

from simulations.stripe.billing.customers import Customer
from simulations.stripe.billing.invoices import Invoice, InvoiceLine, moment
from simulations.stripe.billing.metered_items import MeteredItem
from simulations.stripe.billing.objects import BillingObject, page_of
from simulations.stripe.billing.pauses import Resumption, words_of_pause
from simulations.stripe.billing.pending_updates import PendingUpdate
from simulations.stripe.billing.prices import Price
from simulations.stripe.billing.settings import BillingMode
from simulations.stripe.billing.setups import SetupIntent
from simulations.stripe.core.events import Announced, Json

_B = BillingStatus

_COMMON: Json = {
    "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
    "billing_schedules": [],
    "collection_method": "charge_automatically",
    "days_until_due": None,
    "default_source": None,
    "discounts": [],
    "invoice_settings": {"account_tax_ids": None, "issuer": {"type": "self"}},
    "livemode": False,
    "payment_settings": {
        "payment_method_options": None,
        "payment_method_types": None,
        "save_default_payment_method": "on_subscription",
    },
    "schedule": None,
}
"""What is the same for every subscription here."""

_BILLING_MODES: dict[BillingMode, Json] = {
    BillingMode.FLEXIBLE: {"type": "flexible", "flexible": {"proration_discounts": "included"}},
    BillingMode.CLASSIC: {"type": "classic", "flexible": None},
}

ENDED = (_B.CANCELED, _B.INCOMPLETE_EXPIRED)
"""The statuses that are never left."""

UPDATED = "customer.subscription.updated"
"""The type of the event that most changes of a subscription bring."""


@dataclass(eq=False)
class Subscription(BillingObject, Announced):
    """A customer who pays a price period after period.

    Attributes:
        anchor: the `billing_cycle_anchor`: the day of the month on which every period begins.
        period_start: of the item's current period.
        period_end: of the same.
        periods: how many months after the anchor the current period ends.
        missing_method: what happens at the end of a trial without a card.
        invoices: all of them, the latest last.
        billing_mode: how its prorations are calculated.
        pending_items: prorations that wait for the next invoice.
        pending_update: a change that waits for its invoice to be paid.
        metered: what it bills by usage; None: nothing.
        paused_collection: how its collection is paused; None: it is not.
        resumption: that it is to begin again; None: it is not.
        paused_at: when it became `paused`; None: it is not.
        trial_is_announced: whether `trial_will_end` was sent.
        wakes_at: for when the next thing that it does by itself is planned.
    """

    id: str
    customer: Customer
    price: Price
    quantity: int
    metadata: dict[str, str]
    created: int
    anchor: int
    period_start: int
    period_end: int
    periods: int
    status: BillingStatus
    trial_start: int | None = None
    trial_end: int | None = None
    missing_method: TrialEnd = TrialEnd.CREATE_INVOICE
    cancel_at_period_end: bool = False
    canceled_at: int | None = None
    ended_at: int | None = None
    cancellation_reason: str | None = None
    default_payment_method: str | None = None
    pending_setup: SetupIntent | None = None
    invoices: list[Invoice] = field(default_factory=list)
    billing_mode: BillingMode = BillingMode.FLEXIBLE
    pending_items: list[InvoiceLine] = field(default_factory=list)
    pending_update: PendingUpdate | None = None
    metered: MeteredItem | None = None
    paused_collection: PausedCollection | None = None
    resumption: Resumption | None = None
    paused_at: int | None = None
    trial_is_announced: bool = False
    wakes_at: int | None = None
    _answer: StripeSubscription | None = None

    @property
    def has_ended(self) -> bool:
        """Whether it is over for good."""
        return self.status in ENDED

    @property
    def item_id(self) -> str:
        """The id of its item."""
        return f"si_{self.id[4:]}"

    @property
    def metered_price(self) -> Price | None:
        """What it bills by usage; None: nothing."""
        return None if self.metered is None else self.metered.price

    @property
    def amount(self) -> int:
        """What a period costs, in minor units."""
        return self.price.unit_amount.minor * self.quantity

    @property
    def cancel_at(self) -> int | None:
        """When it will end; None: it goes on."""
        return self.period_end if self.cancel_at_period_end else None

    @property
    def latest_invoice(self) -> Invoice | None:
        """The newest invoice."""
        return self.invoices[-1] if self.invoices else None

    @property
    def payment_method(self) -> str | None:
        """What its invoices are charged to: its default, before its customer's."""
        return self.default_payment_method or self.customer.default_payment_method

    def open_invoices(self) -> Iterator[Invoice]:
        """Return what waits to be paid, newest first."""
        return (invoice for invoice in reversed(self.invoices) if invoice.status is InvoiceStatus.OPEN)

    def deciding_invoice(self) -> Invoice | None:
        """Return the newest invoice that was finalised and not voided: the status follows it."""
        passed_over = (InvoiceStatus.DRAFT, InvoiceStatus.VOID)
        return next((each for each in self._newest_first() if each.status not in passed_over), None)

    def newest_invoice(self) -> Invoice | None:
        """Return the newest one that was not voided, drafts included: by it `unpaid` is left."""
        return next((each for each in self._newest_first() if each.status is not InvoiceStatus.VOID), None)

    def _newest_first(self) -> Iterator[Invoice]:
        """Return the invoices of which the status may follow: not the one of a change that waits."""
        waiting = None if self.pending_update is None else self.pending_update.invoice
        return (invoice for invoice in reversed(self.invoices) if invoice is not waiting)

    # What was debited, and a change that waits

    @property
    def waiting_items(self) -> tuple[InvoiceLine, ...]:
        """What the next invoice would bill besides, were there no change that waits."""
        return (*(() if self.pending_update is None else self.pending_update.billed), *self.pending_items)

    def take_pending_items(self) -> tuple[InvoiceLine, ...]:
        """Return what waits for an invoice, which now bills it."""
        taken, self.pending_items = tuple(self.pending_items), []
        return taken

    def lines_in_force(self) -> Iterator[InvoiceLine]:
        """Return all that was charged and credited, on invoices that are not void, or is about to be, oldest first."""
        waiting = None if self.pending_update is None else self.pending_update.invoice
        for invoice in self.invoices:
            if invoice.status is not InvoiceStatus.VOID and invoice is not waiting:
                yield from invoice.lines
        yield from self.waiting_items

    def settle_update(self, *, is_paid: bool) -> None:
        """Make the change that waits, or drop it: what its invoice billed besides waits again."""
        update, self.pending_update = self.pending_update, None
        assert update is not None, "there is one"
        if not is_paid:
            self.pending_items[:0] = update.billed
        elif not self.has_ended:
            self.price, self.quantity = update.price, update.quantity

    def waits_too_long_for(self, invoice: Invoice, now: int) -> bool:
        """Return whether a change has waited for this invoice until it expired."""
        update = self.pending_update
        return update is not None and update.invoice is invoice and now >= update.expires_at

    def next_due(self, incomplete_lasts: int, trial_notice: int) -> int | None:
        """Return when it does the next thing by itself; None: it rests for good."""
        match self.status:
            case BillingStatus.INCOMPLETE:
                return self.created + incomplete_lasts
            case BillingStatus.TRIALING if not self.trial_is_announced:
                return self.period_end - trial_notice
            case BillingStatus.CANCELED | BillingStatus.INCOMPLETE_EXPIRED | BillingStatus.PAUSED:
                return None
        return self.period_end

    def changed(self) -> None:
        """Forget the answer that was made before the change."""
        self._answer = None

    def as_subscription(self) -> StripeSubscription:
        """Return it as the port answers it; made once per change of it or of its latest invoice."""
        latest = None if self.latest_invoice is None else self.latest_invoice.as_invoice()
        if self._answer is None or self._answer.latest_invoice is not latest:
            self._answer = StripeSubscription(
                self.id,
                self.metadata.get("subscription_id"),
                self.status.value,
                self.customer.id,
                self.price.id,
                self.quantity,
                moment(self.period_start),
                moment(self.period_end),
                None if self.trial_end is None else moment(self.trial_end),
                None if self.cancel_at is None else moment(self.cancel_at),
                None if self.ended_at is None else moment(self.ended_at),
                self.default_payment_method,
                None if self.pending_setup is None else self.pending_setup.id,
                self.paused_collection,
                latest,
                self.item_id,
                None if self.metered is None else self.metered.id,
                None if self.metered is None else self.metered.price.id,
                None if self.pending_update is None else self.pending_update.as_pending_update(),
            )
        return self._answer

    def to_stripe(self) -> Json:
        """Return the object as the API would answer it."""
        item = self._item()
        items = [item] if self.metered is None else [item, self.metered.to_stripe(item)]
        return (
            _COMMON
            | words_of_pause(self.paused_collection, self.paused_at, self.trial_end)
            | {
                "id": self.id,
                "object": "subscription",
                "billing_cycle_anchor": self.anchor,
                "billing_mode": _BILLING_MODES[self.billing_mode],
                "cancel_at": self.cancel_at,
                "cancel_at_period_end": self.cancel_at_period_end,
                "canceled_at": self.canceled_at,
                "cancellation_details": {"comment": None, "feedback": None, "reason": self.cancellation_reason},
                "created": self.created,
                "currency": self.price.unit_amount.currency,
                "customer": self.customer.id,
                "default_payment_method": self.default_payment_method,
                "ended_at": self.ended_at,
                "items": page_of(f"/v1/subscription_items?subscription={self.id}", items),
                "latest_invoice": None if self.latest_invoice is None else self.latest_invoice.id,
                "metadata": dict(self.metadata),
                "pending_update": None if self.pending_update is None else self.pending_update.to_stripe(item),
                "pending_setup_intent": None if self.pending_setup is None else self.pending_setup.id,
                "start_date": self.created,
                "status": self.status.value,
                "test_clock": self.customer.test_clock,
                "trial_end": self.trial_end,
                "trial_settings": {"end_behavior": {"missing_payment_method": self.missing_method.value}},
                "trial_start": self.trial_start,
            }
        )

    def _item(self) -> Json:
        return {
            "id": self.item_id,
            "object": "subscription_item",
            "created": self.created,
            "current_period_end": self.period_end,
            "current_period_start": self.period_start,
            "discounts": [],
            "metadata": {},
            "price": self.price.to_stripe(),
            "quantity": self.quantity,
            "subscription": self.id,
            "tax_rates": [],
        }
