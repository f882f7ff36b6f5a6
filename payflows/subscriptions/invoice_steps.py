"""What an invoice does in each status: it is collected, closed or refunded, and follows Stripe's."""

from __future__ import annotations

from payflows.clock import SECOND
from payflows.errors import CallRejected, OutcomeUnknown, UnreadableAnswer, VersionConflict
from payflows.kernel.aggregate import Review
from payflows.kernel.changes import Change, Replace
from payflows.kernel.engine import Engine
from payflows.kernel.evolve import evolve
from payflows.payments.charge import Charge
from payflows.payments.collection import (
    ActionRequired,
    Authorised,
    Closed,
    Collection,
    Declined,
    Open,
    Outcome,
    Processing,
    Rejected,
    Succeeded,
    Undone,
)
from payflows.payments.model import Decline, Payment, PaymentStatus
from payflows.subscriptions.billing import InvoiceStatus, StripeInvoice
from payflows.subscriptions.invoice import Invoice, charge_of
from payflows.subscriptions.invoice_money import InvoiceMoney
from payflows.subscriptions.messages import SUBSCRIPTIONS
from payflows.subscriptions.step_context import StepContext

STRIPE_RETRIES = "Stripe retries this invoice too"
"""Why an invoice is in review: the account's automatic retries are on, and two would collect it."""


class InvoiceEngine(Engine[Invoice]):
    """The one way in which invoices move.

    Args:
        context: the ports and the repositories.
    """

    def __init__(self, context: StepContext) -> None:
        self._context = context
        self._invoices = context.invoices
        self.money = money = InvoiceMoney(context)
        steps = {
            InvoiceStatus.DRAFT: self.finalize,
            InvoiceStatus.OPEN: self.collect,
            InvoiceStatus.UNCOLLECTIBLE: self.follow,
            InvoiceStatus.PAID: money.give_back,
            InvoiceStatus.VOID: self._rest,
        }
        super().__init__(context.invoices, steps)

    async def reconcile_payment(self, invoice: Invoice) -> Invoice:
        """After a notice about its payment: read what has become of the money, and go on from there."""
        try:
            reopened = await self.money.reconcile(invoice)
        except VersionConflict:
            return await self.reconcile_payment(await self._invoices.get(invoice.id))
        except Exception as error:
            charge = evolve(invoice.stored_charge(), recheck_due=True)
            left = await self.back_off(invoice, error, charge=charge)
            return left if left.stored_charge().recheck_due else await self.reconcile_payment(left)
        return invoice if reopened is None else await self.advance(reopened)

    async def finalize(self, invoice: Invoice) -> Invoice | None:
        """DRAFT: one that is to be closed or paid is made final first; any other follows Stripe's."""
        if not invoice.close_asked and not invoice.pay_asked:
            return await self.follow(invoice)
        billing, key = self._context.billing, f"{invoice.id}:finalize:{invoice.key_generation}"
        answer = await self._context.calls.call_for_outcome(lambda: billing.finalize_invoice(invoice.id, key=key))
        seen = await self._read(invoice)
        if seen.status is not InvoiceStatus.DRAFT:
            return await self._follow(invoice, seen)
        if isinstance(answer, CallRejected):
            raise answer
        undone = answer if isinstance(answer, OutcomeUnknown) else OutcomeUnknown(f"{invoice.id} still reads draft")
        return await self._context.retry_invoice_with_new_key(invoice, undone)

    async def collect(self, invoice: Invoice) -> Invoice | None:
        """OPEN: close it or pay it where that is asked for; else see how it stands."""
        if invoice.charge is None or not (invoice.close_asked or invoice.pay_asked):
            return await self.follow(invoice)
        collection = self._collection_of(invoice)
        if not invoice.close_asked and invoice.is_dunned:
            return await self._go_where(invoice, await self._attempt_once(invoice, collection, invoice.charge))
        if not invoice.close_asked:
            return await self._go_where(invoice, await collection.attempt(invoice.charge))
        match await collection.close(invoice.charge):
            case Undone(_, error):
                return await self._context.retry_invoice_with_new_key(invoice, error)
            case Processing():
                return await self._rest_in_processing(invoice)
            case Closed() | Succeeded():
                return await self.follow(invoice)

    async def _attempt_once(self, invoice: Invoice, collection: Collection, charge: Charge) -> Outcome:
        """Try a dunned invoice: what was asked for long ago, or failed, may have been tried already."""
        leased_until = invoice.written_at + self._context.policy.lease_seconds * SECOND
        is_repeated = invoice.failures > 0 or self._context.clock.now() >= leased_until
        return await collection.attempt_once(charge, may_have_been_made=is_repeated)

    async def follow(self, invoice: Invoice) -> Invoice | None:
        """Read the invoice at Stripe, and its payment where that has been tried, and become what they are."""
        return await self._follow(invoice, await self._read(invoice))

    async def _follow(self, invoice: Invoice, seen: StripeInvoice) -> Invoice | None:
        if seen.status is not invoice.status:
            return await self._enter(invoice, seen)
        if invoice.charge is None or not seen.attempted:
            return await self._invoices.schedule(invoice)
        outcome = await self._collection_of(invoice).look(invoice.charge)
        review = None
        if seen.next_payment_attempt is not None:
            detail = f"{invoice.id} is tried again at {seen.next_payment_attempt.isoformat()}: turn retries off"
            review = Review(STRIPE_RETRIES, detail, self._context.clock.now())
        match outcome:
            case Processing():
                return await self._rest_in_processing(invoice)
            case Succeeded(payment) | Authorised(payment) | Closed(payment):
                raise OutcomeUnknown(f"{payment.id} reads {payment.status}, and its invoice is {seen.status}")
            case Open(payment):
                return await self._note_failure(invoice, payment, review)

    async def _note_failure(self, invoice: Invoice, payment: Payment, review: Review | None) -> Invoice | None:
        """Store that a try of Stripe's own was declined, or that it waits for the customer."""
        charge, attempt = invoice.stored_charge(), invoice.stored_charge().attempt
        action = payment.status is PaymentStatus.REQUIRES_ACTION
        if payment.decline is not None and (payment.charge_id != attempt.charge_id or attempt.decline is None):
            charge = charge.declined(payment.decline, payment.charge_id)
        if charge == invoice.charge and action == invoice.action_required:
            return await self._invoices.schedule(invoice, review=review)
        return await self._invoices.schedule(invoice, review=review, charge=charge, action_required=action)

    async def _go_where(self, invoice: Invoice, outcome: Outcome) -> Invoice | None:
        """Store what became of a try of ours."""
        charge = invoice.stored_charge()
        match outcome:
            case Succeeded() | Closed():
                return await self.follow(invoice)
            case Processing():
                return await self._rest_in_processing(invoice)
            case ActionRequired():
                return await self._tried(invoice, charge, action_required=True)
            case Declined(payment, decline):
                return await self._tried(invoice, charge.declined(decline, payment.charge_id))
            case Rejected(payment, error):
                code = error.code or "call_rejected"
                return await self._tried(invoice, charge.declined(Decline(code), payment.charge_id))
            case Undone(_, error) if invoice.is_dunned:
                return await self._context.retry_invoice_undone(invoice, error, str(error))
            case Undone(_, error):
                return await self._context.retry_invoice_with_new_key(invoice, error)
            case Authorised(payment):
                raise OutcomeUnknown(f"{payment.id} of an invoice reads {payment.status}")

    async def _tried(self, invoice: Invoice, charge: Charge, *, action_required: bool = False) -> Invoice | None:
        """Rest until the customer, another card or a notice comes; the subscription is read anew."""
        also = await self._touch(invoice)
        return await self._invoices.schedule(
            invoice, *also, charge=charge, pay_asked=False, action_required=action_required
        )

    async def _rest_in_processing(self, invoice: Invoice) -> Invoice | None:
        charge = invoice.stored_charge()
        check_at = self._context.seconds_from_now(self._context.policy.pending_look_seconds)
        if charge.is_processing and not invoice.pay_asked:
            return await self._invoices.schedule(invoice, check_at=check_at)
        processing = evolve(charge, is_processing=True)
        return await self._invoices.schedule(
            invoice, *await self._touch(invoice), check_at=check_at, charge=processing, pay_asked=False
        )

    async def _enter(self, invoice: Invoice, seen: StripeInvoice) -> Invoice:
        """Enter Stripe's status, with the payment that a draft has got meanwhile; the subscription is read anew."""
        subscription = await self._context.subscriptions.get(invoice.subscription_id)
        charge = invoice.charge or charge_of(subscription, seen)
        return await self._invoices.transition(
            invoice,
            seen.status,
            *await self._touch(invoice),
            charge=charge.settled() if charge is not None else None,
            pay_asked=invoice.pay_asked and seen.status is InvoiceStatus.OPEN,
            action_required=False,
            paid_at=seen.paid_at,
            hosted_invoice_url=seen.hosted_invoice_url,
        )

    async def _touch(self, invoice: Invoice) -> tuple[Change, ...]:
        """Return the change that makes its subscription due: what became of an invoice may move that on."""
        subscription = await self._context.subscriptions.get(invoice.subscription_id)
        if subscription.status.is_ended:
            return ()
        now = self._context.clock.now()
        due = evolve(subscription, look_at=now, version=subscription.version + 1)
        return (Replace(SUBSCRIPTIONS, subscription, due),)

    async def _read(self, invoice: Invoice) -> StripeInvoice:
        seen = await self._context.read_invoice(invoice.id)
        if seen.stripe_subscription_id != invoice.stripe_subscription_id:
            raise UnreadableAnswer(f"{invoice.id} is of {invoice.stripe_subscription_id}, and another one's came")
        return seen

    def _collection_of(self, invoice: Invoice) -> Collection:
        return self._context.first_collection if invoice.is_first else self._context.collection

    async def _rest(self, invoice: Invoice) -> None:
        """VOID: nothing is to be done any more."""
        if invoice.due_at is not None:
            await self._invoices.schedule(invoice)
