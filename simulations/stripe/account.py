"""The account at Stripe: its payments, and the rules of what may happen to them. Its API is in `payments`.

Sources: docs.stripe.com/payments/paymentintents/lifecycle, docs.stripe.com/refunds ("Failed refunds"),
docs.stripe.com/payments/place-a-hold-on-a-payment-method, and the API reference of the four objects.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial, reduce
from operator import add

from payflows.errors import CallRejected
from payflows.money import Money
from payflows.payments.model import CaptureMode, Payment, PaymentStatus, RefundStatus

from simulations.stripe.cards import PAYMENT_METHODS, RefundCourse
from simulations.stripe.clock import Agenda, StripeTimes, VirtualClock
from simulations.stripe.events import News, StripeEvent, StripeObject
from simulations.stripe.ledger import Ledger, Movement, MovementKind
from simulations.stripe.objects import Charge, PaymentError, PaymentIntent
from simulations.stripe.returns import Dispute, Refund
from simulations.stripe.troubles import InvalidRequest

_P = PaymentStatus

MAY = {
    "confirm": (_P.REQUIRES_PAYMENT_METHOD, _P.REQUIRES_CONFIRMATION, _P.REQUIRES_ACTION),
    "authenticate": (_P.REQUIRES_ACTION,),
    "capture": (_P.REQUIRES_CAPTURE,),
    "cancel": (_P.REQUIRES_PAYMENT_METHOD, _P.REQUIRES_CONFIRMATION, _P.REQUIRES_ACTION, _P.REQUIRES_CAPTURE),
}
"""In which statuses what may be done; all else is `payment_intent_unexpected_state`.

Stripe lets some payment methods be cancelled while `processing`; here none may."""


class StripeAccount:
    """Payments, refunds and disputes with Stripe's own rules, and a ledger of what became of the money.

    Args:
        clock: whose time passes.
        times: how long things take.
        currency: the account's own, in which an order without a payment has captured nothing.
    """

    def __init__(self, clock: VirtualClock, times: StripeTimes, currency: str) -> None:
        self._clock = clock
        self._times = times
        self._currency = currency
        self._epoch = int(clock.now().timestamp()) - clock.now_us // 1_000_000
        self._agenda = Agenda(clock)
        self._intents: dict[str, PaymentIntent] = {}
        self._of_order: dict[str, list[PaymentIntent]] = {}
        self._ledger = Ledger()
        self._listeners: list[Callable[[str], None]] = []
        self._event_listeners: list[Callable[[StripeEvent], None]] = []

    def on_change(self, callback: Callable[[str], None]) -> None:
        """Call this with the payment's id after every change of a payment, its refunds or its disputes."""
        self._listeners.append(callback)

    def on_event(self, callback: Callable[[StripeEvent], None]) -> None:
        """Call this with Stripe's own events of every change from now on. Unless somebody listens, none is made."""
        self._event_listeners.append(callback)

    # For those who check the flows.

    @property
    def movements(self) -> Sequence[Movement]:
        """All money that moved, oldest first."""
        self._agenda.catch_up()
        return self._ledger.movements

    def intent(self, payment_id: str) -> PaymentIntent:
        """Stripe's own object. Raises `CallRejected` (`resource_missing`)."""
        self._agenda.catch_up()
        return self._find(payment_id)

    def payments_of_order(self, order_id: str) -> tuple[Payment, ...]:
        """Every payment whose metadata name the order, oldest first, without search's lag."""
        self._agenda.catch_up()
        return tuple(intent.as_payment() for intent in self._of_order.get(order_id, ()))

    def captured_for(self, order_id: str) -> Money:
        """All that was ever taken for an order."""
        return self._sum(order_id, self._ledger.captured_minor)

    def net_for(self, order_id: str) -> Money:
        """What of it we still have: without refunds and disputes."""
        return self._sum(order_id, self._ledger.net_minor)

    def archive(self, order_ids: Collection[str], into: StripeAccount) -> tuple[str, ...]:
        """Give another account all payments of these orders, with which nothing will happen any more; their ids."""
        moved = {order_id: self._of_order.pop(order_id) for order_id in order_ids if order_id in self._of_order}
        payment_ids = tuple(intent.id for intents in moved.values() for intent in intents)
        into._of_order.update(moved)
        into._intents.update((payment_id, self._intents.pop(payment_id)) for payment_id in payment_ids)
        self._ledger.archive(payment_ids, into._ledger)
        return payment_ids

    def _sum(self, order_id: str, minor_of: Callable[[str], int]) -> Money:
        moved = [Money(minor_of(payment.id), payment.amount.currency) for payment in self.payments_of_order(order_id)]
        return reduce(add, moved or [Money(0, self._currency)])

    # Rules.

    def _find(self, payment_id: str) -> PaymentIntent:
        intent = self._intents.get(payment_id)
        if intent is None:
            raise InvalidRequest(f"No such payment_intent: '{payment_id}'", "resource_missing")
        return intent

    def _allow(self, act: str, intent: PaymentIntent) -> None:
        if intent.status not in MAY[act]:
            raise CallRejected(
                f"You cannot {act} this PaymentIntent because it has a status of {intent.status}. "
                f"Only one with one of these statuses may be: {', '.join(MAY[act])}.",
                "payment_intent_unexpected_state",
            )

    def _charge(self, intent: PaymentIntent, payment_method: str) -> Charge:
        """Ask the bank."""
        method, amount = PAYMENT_METHODS[payment_method], intent.whole
        charge_id = intent.part_id("ch", len(intent.charges))
        charge = Charge(charge_id, intent.id, amount.minor, amount.currency, payment_method, method, self._seconds())
        intent.charges.append(charge)
        intent.last_payment_error = intent.next_action = None
        if method.is_bank_debit:
            self._debit(intent, charge)
        elif method.decline is not None:
            self._decline(intent, charge)
        elif intent.capture_method is CaptureMode.MANUAL:
            self._authorise(intent, charge)
        else:
            self._take(intent, charge)
        return charge

    def _authorise(self, intent: PaymentIntent, charge: Charge) -> None:
        intent.status, intent.amount_capturable = _P.REQUIRES_CAPTURE, charge.amount
        self._later(self._times.authorisation_lasts_seconds, partial(self._expire, intent))
        self._changed(intent, {"charge.succeeded": charge, "payment_intent.amount_capturable_updated": intent})

    def _expire(self, intent: PaymentIntent) -> None:
        if intent.status is _P.REQUIRES_CAPTURE:
            self._void(intent, "automatic")

    def _debit(self, intent: PaymentIntent, charge: Charge) -> None:
        intent.status, charge.status = _P.PROCESSING, "pending"
        if charge.method.settles:
            self._later(self._times.settle_after_seconds, partial(self._settle, intent, charge))
        self._changed(intent, {"charge.pending": charge, "payment_intent.processing": intent})

    def _settle(self, intent: PaymentIntent, charge: Charge) -> None:
        if charge.method.decline is not None:
            self._decline(intent, charge)
        else:
            charge.status = "succeeded"
            self._take(intent, charge)

    def _decline(self, intent: PaymentIntent, charge: Charge) -> None:
        charge.status, charge.failure = "failed", charge.method.decline
        assert charge.failure is not None
        decline = charge.failure
        error = PaymentError("card_error", decline.code, decline.decline_code, charge.id)
        self._ask_for_another_method(intent, error)
        self._changed(intent, {"charge.failed": charge, "payment_intent.payment_failed": intent})

    def _ask_for_another_method(self, intent: PaymentIntent, error: PaymentError) -> None:
        intent.status, intent.last_payment_error = _P.REQUIRES_PAYMENT_METHOD, error
        intent.payment_method = intent.next_action = None
        intent.failures.append(error)

    def _take(self, intent: PaymentIntent, charge: Charge) -> None:
        charge.captured = True
        intent.status = _P.SUCCEEDED
        intent.amount_received, intent.amount_capturable = charge.amount, 0
        if charge.method.disputed:
            self._later(self._times.dispute_after_seconds, partial(self._complain, intent))
        news = "charge.captured" if intent.capture_method is CaptureMode.MANUAL else "charge.succeeded"
        self._moved(MovementKind.CAPTURED, intent, charge.amount, {news: charge, "payment_intent.succeeded": intent})

    def _void(self, intent: PaymentIntent, reason: str | None) -> None:
        """Cancel; an authorisation is released, which Stripe shows as a refunded charge."""
        news: dict[str, StripeObject] = {"payment_intent.canceled": intent}
        if intent.status is _P.REQUIRES_CAPTURE:
            charge = intent.charges[-1]
            charge.amount_refunded = intent.amount
            news["charge.expired" if reason == "automatic" else "charge.refunded"] = charge
        intent.status, intent.canceled_at, intent.cancellation_reason = _P.CANCELED, self._seconds(), reason
        intent.amount_capturable, intent.next_action = 0, None
        self._changed(intent, news)

    def _refundable_charge(self, intent: PaymentIntent) -> Charge:
        charge = intent.latest_charge
        if charge is None or not charge.captured:
            raise CallRejected(f"PaymentIntent {intent.id} does not have a successful charge to refund.")
        if charge.charged_back:
            raise CallRejected(f"Charge {charge.id} has been charged back.", "charge_disputed")
        if charge.refunded:
            raise CallRejected(f"Charge {charge.id} has already been refunded.", "charge_already_refunded")
        return charge

    def _give_back(self, intent: PaymentIntent, amount_minor: int | None, metadata: dict[str, str]) -> Refund:
        charge = self._refundable_charge(intent)
        rest = charge.amount - charge.amount_refunded
        amount = rest if amount_minor is None else amount_minor
        if not 0 < amount <= rest:
            raise InvalidRequest(f"Refund amount ({amount}) is not within the unrefunded amount ({rest}).")
        refund_id = intent.part_id("re", len(intent.refunds))
        refund = Refund(refund_id, intent.id, charge.id, amount, charge.currency, self._seconds(), metadata)
        intent.refunds.append(refund)
        charge.amount_refunded += amount
        self._set_on_its_course(intent, refund, charge.method.refund)
        self._moved(MovementKind.REFUNDED, intent, amount, {"charge.refunded": charge, "refund.created": refund})
        return refund

    def _set_on_its_course(self, intent: PaymentIntent, refund: Refund, course: RefundCourse) -> None:
        match course:
            case RefundCourse.PENDING_THEN_SUCCEEDS:
                refund.status = RefundStatus.PENDING
                seconds = self._times.refund_settles_after_seconds
                self._later(seconds, partial(self._settle_refund, intent, refund))
            case RefundCourse.SUCCEEDS_THEN_FAILS:
                seconds = self._times.refund_fails_after_seconds
                self._later(seconds, partial(self._fail_refund, intent, refund))

    def _settle_refund(self, intent: PaymentIntent, refund: Refund) -> None:
        refund.status = RefundStatus.SUCCEEDED
        self._changed(intent, {"refund.updated": refund})

    def _fail_refund(self, intent: PaymentIntent, refund: Refund) -> None:
        """The customer's bank sends it back: the money is ours again, and may be refunded once more."""
        refund.status, refund.failure_reason = RefundStatus.FAILED, "expired_or_canceled_card"
        intent.charges[-1].amount_refunded -= refund.amount
        news = {"refund.updated": refund, "refund.failed": refund}
        self._moved(MovementKind.REFUND_FAILED, intent, refund.amount, news)

    def _open_dispute(self, intent: PaymentIntent) -> None:
        charge = self._refundable_charge(intent)
        amount = charge.amount - charge.amount_refunded
        dispute_id = intent.part_id("dp", len(intent.disputes))
        dispute = Dispute(dispute_id, intent.id, charge.id, amount, charge.currency, self._seconds())
        intent.disputes.append(dispute)
        charge.disputed = charge.charged_back = True
        news = {"charge.dispute.created": dispute, "charge.dispute.funds_withdrawn": dispute}
        self._moved(MovementKind.DISPUTED, intent, amount, news)

    def _complain(self, intent: PaymentIntent) -> None:
        """A customer who was refunded, or complained already, has nothing to complain of."""
        charge = intent.charges[-1]
        if not charge.charged_back and not charge.refunded:
            self._open_dispute(intent)

    # Common to all.

    def _seconds(self) -> int:
        return self._epoch + self._clock.now_us // 1_000_000

    def _later(self, seconds: float, act: Callable[[], None]) -> None:
        self._agenda.add(self._clock.now_us + round(seconds * 1_000_000), act)

    def _moved(self, kind: MovementKind, intent: PaymentIntent, amount_minor: int, news: News) -> None:
        self._ledger.record(Movement(self._clock.now_us, kind, intent.id, amount_minor))
        self._changed(intent, news)

    def _changed(self, intent: PaymentIntent, news: News) -> None:
        intent.changed()
        if self._event_listeners:
            self._announce(intent, news)
        for listener in self._listeners:
            listener(intent.id)

    def _announce(self, intent: PaymentIntent, news: News) -> None:
        """First all events, then the listeners: one that acts at once must not change what the next event says."""
        told = [self._event(intent, type, of_what) for type, of_what in news.items()]
        for event in told:
            for listener in self._event_listeners:
                listener(event)

    def _event(self, intent: PaymentIntent, type: str, of_what: StripeObject) -> StripeEvent:
        event_id = intent.part_id("evt", intent.events_told)
        intent.events_told += 1
        return StripeEvent.telling(type, of_what, id=event_id, created=self._seconds(), payment_id=intent.id)
