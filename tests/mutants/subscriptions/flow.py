"""Bugs in how subscriptions are made, followed and ended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from payflows.errors import CallRejected, OutcomeUnknown, PortError
from payflows.kernel.changes import Change
from payflows.kernel.evolve import evolve
from payflows.payments.collection import ActionRequired, Declined, Outcome
from payflows.payments.invoice_payable import ACTION_REQUIRED
from payflows.payments.model import Decline
from payflows.subscriptions.access import ACCESS_ENDED, Access, AccessReason
from payflows.subscriptions.billing import BillingStatus, InvoiceStatus, StripeInvoice, StripeSubscription
from payflows.subscriptions.cards import Cards
from payflows.subscriptions.converge import Convergence
from payflows.subscriptions.creation import Creation
from payflows.subscriptions.ending import Ending
from payflows.subscriptions.invoice import Invoice
from payflows.subscriptions.invoice_money import InvoiceMoney, Unused
from payflows.subscriptions.invoice_steps import InvoiceEngine
from payflows.subscriptions.model import Subscription, SubscriptionStatus
from payflows.subscriptions.policy import UnusedTime
from payflows.subscriptions.step_context import StepContext
from payflows.subscriptions.steps import SubscriptionEngine
from payflows.subscriptions.wishes import Cancellation, CardUpdate


class AnotherToBeSafe(Creation):
    """After silence it asks for another one, and does not look for the first."""

    async def _after_doubt(self, subscription: Subscription, doubt: OutcomeUnknown) -> Subscription | None:
        await self._context.retry_with_new_key(subscription, doubt)
        return None

    async def create(self, subscription: Subscription) -> Subscription | None:
        return await self._ask(evolve(subscription, was_asked_for=True))


class TroubleIsARefusal(Creation):
    """A sign-up is over when Stripe could not be asked."""

    async def _ask(self, subscription: Subscription) -> Subscription | None:
        moved = await super()._ask(subscription)
        current = await self._subscriptions.get(subscription.id)
        if moved is None and current.back_off_until is not None:
            return await self._reject(current, CallRejected("it could not be made"))
        return moved


class TrialIsActive(Convergence):
    """A trial is stored as active (S1)."""

    async def converge(
        self, subscription: Subscription, seen: StripeSubscription, *also: Change, **changes: Any
    ) -> Subscription | None:
        status = BillingStatus.ACTIVE if seen.status == BillingStatus.TRIALING else seen.status
        return await super().converge(subscription, seen._replace(status=status), *also, **changes)


class LooksNever(Convergence):
    """It waits for webhooks alone."""

    def _next_look(self, subscription: Subscription, seen: StripeSubscription, theirs: BillingStatus) -> None:
        return None


class TakesAccessAtTheFirstDecline(Convergence):
    """The first decline takes the product away."""

    async def _facts(
        self, subscription: Subscription, seen: StripeSubscription, theirs: BillingStatus
    ) -> dict[str, Any]:
        facts = await super()._facts(subscription, seen, theirs)
        if theirs is BillingStatus.PAST_DUE:
            facts["access"] = Access(False, None, AccessReason.UNPAID)
        return facts


class CancelledAtTheClick(Convergence):
    """What is to end with its period is over at the click (S18)."""

    async def _facts(
        self, subscription: Subscription, seen: StripeSubscription, theirs: BillingStatus
    ) -> dict[str, Any]:
        facts = await super()._facts(subscription, seen, theirs)
        return facts | ({"access": ACCESS_ENDED} if seen.cancel_at is not None else {})


class SilentCancelIsACancel(Ending):
    """No answer to the cancellation is taken for a yes."""

    async def _cancel(self, subscription: Subscription, *, prorate: bool, invoice_now: bool) -> Subscription | None:
        stripe_id, key, billing = subscription.stored_stripe_id(), subscription.key("cancel"), self._context.billing
        await self._context.calls.call_for_outcome(
            lambda: billing.cancel_subscription(stripe_id, prorate=prorate, invoice_now=invoice_now, key=key)
        )
        return await self._subscriptions.transition(subscription, SubscriptionStatus.CANCELLED)


class CreditsWhatWentBack(Ending):
    """Stripe credits unused time as long as the newest invoice was paid: that it was refunded is not looked at."""

    async def _is_to_be_prorated(
        self, subscription: Subscription, cancellation: Cancellation, seen: StripeSubscription
    ) -> bool:
        is_wanted = cancellation.policy.unused_time is UnusedTime.CREDIT and not cancellation.is_prorated
        latest = seen.latest_invoice
        return is_wanted and latest is not None and latest.amount_paid.minor > 0


class LeavesTheInvoiceOpen(Ending):
    """What is not paid stays collectable after the end (S20)."""

    def _asked(
        self, invoice: Invoice, subscription: Subscription, cancellation: Cancellation, unused: Mapping[str, Unused]
    ) -> Invoice:
        if invoice.status is InvoiceStatus.OPEN:
            return invoice
        return super()._asked(invoice, subscription, cancellation, unused)


class ConfirmsBeforeDraftsAreStopped(Ending):
    """The end is confirmed whether or not what was open could be closed."""

    async def _wind_up(
        self, subscription: Subscription, cancellation: Cancellation, ended_at: datetime
    ) -> list[Invoice]:
        for row in await super()._wind_up(subscription, cancellation, ended_at):
            if row.close_asked and row.status in (InvoiceStatus.OPEN, InvoiceStatus.DRAFT):
                await self._context.invoices.update(row, close_asked=False, back_off_until=None)
        return []


class StopsNoDrafts(Ending):
    """Drafts are not looked at: they are made final, and collected, later."""

    def _asked(
        self, invoice: Invoice, subscription: Subscription, cancellation: Cancellation, unused: Mapping[str, Unused]
    ) -> Invoice:
        if invoice.status is InvoiceStatus.DRAFT:
            return invoice
        return super()._asked(invoice, subscription, cancellation, unused)


class KeepsWhatCameTooLate(Ending):
    """What was paid after its owner had cancelled is kept."""

    def _asked(
        self, invoice: Invoice, subscription: Subscription, cancellation: Cancellation, unused: Mapping[str, Unused]
    ) -> Invoice:
        return super()._asked(invoice, subscription, cancellation._replace(asked_at=None), unused)


class CreditsAgainToBeSafe(InvoiceMoney):
    """After silence unused time is credited once more, and the invoice is not read."""

    async def _is_credited(self, invoice: Invoice) -> bool:
        return invoice.failures == 0 and await super()._is_credited(invoice)


class WithThatMoney(InvoiceEngine):
    """Gives unused time back twice."""

    def __init__(self, context: StepContext) -> None:
        super().__init__(context)
        self.money = CreditsAgainToBeSafe(context)
        self._steps = {**self._steps, InvoiceStatus.PAID: self.money.give_back}


class SilenceIsADecline(InvoiceEngine):
    """No answer to a try is taken for a no."""

    async def collect(self, invoice: Invoice) -> Invoice | None:
        try:
            moved = await super().collect(invoice)
        except PortError:
            return await self._declined(invoice)
        current = await self._invoices.get(invoice.id)
        return await self._declined(current) if current.failures and current.pay_asked else moved

    async def _declined(self, invoice: Invoice) -> Invoice | None:
        return await self._tried(invoice, invoice.stored_charge().declined(Decline("no_answer"), None))


class AnAskingBankDeclines(InvoiceEngine):
    """A card whose bank asks its customer is taken for declined."""

    async def _go_where(self, invoice: Invoice, outcome: Outcome) -> Invoice | None:
        if isinstance(outcome, ActionRequired):
            outcome = Declined(outcome.payment, Decline(ACTION_REQUIRED))
        return await super()._go_where(invoice, outcome)


class SilentVoidIsAVoid(InvoiceEngine):
    """No answer to voiding an invoice is taken for a yes."""

    async def collect(self, invoice: Invoice) -> Invoice | None:
        if not invoice.close_asked:
            return await super().collect(invoice)
        billing = self._context.billing
        key = invoice.stored_charge().key("void")
        await self._context.calls.call_for_outcome(lambda: billing.void_invoice(invoice.id, key=key))
        return await self._invoices.transition(invoice, InvoiceStatus.VOID)


class ForgetsTheNotice(InvoiceEngine):
    """A notice about money that cannot be looked into is forgotten."""

    async def reconcile_payment(self, invoice: Invoice) -> Invoice:
        left = await super().reconcile_payment(invoice)
        if left.charge is None or not left.charge.recheck_due:
            return left
        charge = evolve(left.charge, recheck_due=False)
        return await self._invoices.update(left, charge=charge, back_off_until=None)


class BelievesAnyInvoice(InvoiceEngine):
    """What is read of another one's invoice counts as this one's."""

    async def _read(self, invoice: Invoice) -> StripeInvoice:
        billing = self._context.billing
        return await self._context.calls.call(lambda: billing.retrieve_invoice(invoice.id))


class OnlyTheCustomerHasTheCard(Cards):
    """A card is given to the customer, and not set where the next charge looks first."""

    async def _set_default(self, subscription: Subscription, card: CardUpdate) -> Subscription | None:
        rows = await self._paying(subscription, card)
        return await self._subscriptions.update(subscription, *rows, card_update=None)


class SilentCardIsSet(Cards):
    """No answer to setting a card is taken for a yes."""

    async def _set_default(self, subscription: Subscription, card: CardUpdate) -> Subscription | None:
        stripe_id, attached, billing = subscription.stored_stripe_id(), card.attached, self._context.billing
        assert attached is not None
        key = subscription.key(f"card-{card.number}")
        await self._context.calls.call_for_outcome(
            lambda: billing.set_default_payment_method(stripe_id, payment_method=attached, key=key)
        )
        rows = await self._paying(subscription, card)
        return await self._subscriptions.update(subscription, *rows, card_update=None, payment_method=attached)


class PaysNothingOpen(Cards):
    """A new card waits for the next renewal, and what is open stays unpaid."""

    async def _paying(self, subscription: Subscription, card: CardUpdate) -> list[Change]:
        return []


class KeepsTheKey(StepContext):
    """After a stored 500 it asks under the same key, for a day."""

    async def retry_with_new_key(self, subscription: Subscription, error: OutcomeUnknown, **changes: bool) -> None:
        await self.subscriptions.back_off(subscription, error, **changes)


class BelievesAnyAnswer(StepContext):
    """What is read of another subscription counts as this one's."""

    async def read(self, subscription: Subscription) -> StripeSubscription:
        stripe_id = subscription.stored_stripe_id()
        return await self.calls.call(lambda: self.billing.retrieve_subscription(stripe_id))


class SilentEndIsAnEnd(SubscriptionEngine):
    """No answer to ending with the period is taken for a yes."""

    async def _end_with_period(self, subscription: Subscription, *, cancel: bool) -> Subscription | None:
        context, stripe_id = self.context, subscription.stored_stripe_id()
        key = subscription.key(f"end-{cancel}-{subscription.end_requests}")
        answer = await context.calls.call_for_outcome(
            lambda: context.billing.set_cancel_at_period_end(stripe_id, cancel=cancel, key=key)
        )
        if isinstance(answer, OutcomeUnknown):
            return await self._subscriptions.schedule(subscription, end_wanted=None)
        return await super()._end_with_period(subscription, cancel=cancel)


class NeverLooksForOrphans(SubscriptionEngine):
    """What lost answers have left over is not cancelled."""

    async def _cancel_orphans(self, subscription: Subscription) -> Subscription | None:
        return await self._subscriptions.record_progress(subscription, orphan_possible=False)


class WritesOverItsBackOff(SubscriptionEngine):
    """What was read before a step was put off is written over that, so that it is tried again immediately."""

    async def _was_put_off(self, subscription: Subscription) -> bool:
        return False
