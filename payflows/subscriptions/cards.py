"""Cards: one that is to pay from now on is set where the next charge looks first, and pays what is open."""

from __future__ import annotations

from payflows.errors import CallRejected, OutcomeUnknown, PaymentDeclined, UnreadableAnswer
from payflows.kernel.changes import Change, Replace
from payflows.kernel.evolve import evolve
from payflows.payments.model import Decline
from payflows.subscriptions.billing import InvoiceStatus, SetupStatus, StripeSetup, StripeSubscription
from payflows.subscriptions.invoice import Invoice
from payflows.subscriptions.messages import INVOICES
from payflows.subscriptions.model import Subscription
from payflows.subscriptions.step_context import StepContext
from payflows.subscriptions.wishes import CardUpdate


class Cards:
    """Sets the card of a live subscription.

    Args:
        context: the ports and the repositories.
    """

    def __init__(self, context: StepContext) -> None:
        self._context = context
        self._subscriptions = context.subscriptions

    async def update(self, subscription: Subscription, seen: StripeSubscription) -> Subscription | None:
        """Do the next thing about the card that is wanted.

        Args:
            subscription: ours.
            seen: Stripe's, just read.

        Returns:
            None where only the customer, or another card, moves it on.
        """
        card = subscription.card_update
        assert card is not None, "a card is wanted"
        if card.attached is None:
            if seen.setup_id is not None:
                return await self._set_up(subscription, card, seen.setup_id)
            if card.is_waiting and seen.payment_method is not None:
                return await self._attached(subscription, card, seen.payment_method)  # the customer has answered
            return await self._attach(subscription, card)
        if seen.payment_method != card.attached:
            return await self._set_default(subscription, card)
        open_invoices = await self._paying(subscription, card)
        return await self._subscriptions.update(
            subscription, *open_invoices, card_update=None, card_decline=None, payment_method=card.attached
        )

    async def _attach(self, subscription: Subscription, card: CardUpdate) -> Subscription | None:
        """Give it to the customer. Asked again under a lost key, Stripe's test cards are given twice: no harm."""
        customer_id, billing = subscription.signup.customer.stripe_customer_id, self._context.billing
        assert customer_id is not None, "a subscriber is a customer at Stripe"
        key = subscription.key(f"attach-{card.number}")
        answer = await self._context.calls.call_for_outcome(
            lambda: billing.attach_payment_method(card.payment_method, stripe_customer_id=customer_id, key=key)
        )
        match answer:
            case str():
                return await self._attached(subscription, card, answer)
            case OutcomeUnknown():
                return await self._context.retry_with_new_key(subscription, answer)
        return await self._refused(subscription, answer)

    async def _set_up(self, subscription: Subscription, card: CardUpdate, setup_id: str) -> Subscription | None:
        """Set it up where a trial waits for a card; the set-up itself says what became of that."""
        billing, calls = self._context.billing, self._context.calls
        answer: StripeSetup | PaymentDeclined | CallRejected | OutcomeUnknown | None = None
        if not card.is_waiting:
            key = subscription.key(f"setup-{card.number}")
            answer = await calls.call_for_outcome(
                lambda: billing.confirm_setup(setup_id, payment_method=card.payment_method, key=key)
            )
        setup = await calls.call(lambda: billing.retrieve_setup(setup_id))
        if setup.id != setup_id:
            raise UnreadableAnswer(f"{setup_id} was asked for, and {setup.id} was the answer")
        if setup.status is SetupStatus.SUCCEEDED and setup.payment_method is not None:
            return await self._attached(subscription, card, setup.payment_method)
        if setup.status is SetupStatus.REQUIRES_ACTION:
            waiting = card._replace(is_waiting=True)
            return (
                None
                if waiting == card
                else await self._subscriptions.record_progress(subscription, card_update=waiting)
            )
        if isinstance(answer, PaymentDeclined | CallRejected):
            return await self._refused(subscription, answer)
        if card.is_waiting:
            return await self._refused(subscription, PaymentDeclined("setup_intent_authentication_failure"))
        undone = answer if isinstance(answer, OutcomeUnknown) else OutcomeUnknown(f"{setup_id} reads {setup.status}")
        return await self._context.retry_with_new_key(subscription, undone)

    async def _set_default(self, subscription: Subscription, card: CardUpdate) -> Subscription | None:
        """Set it on the subscription: one that only the customer has would not be looked at."""
        stripe_id, payment_method = subscription.stored_stripe_id(), card.attached
        assert payment_method is not None, "the customer has it"
        key, billing = subscription.key(f"card-{card.number}"), self._context.billing
        answer = await self._context.calls.call_for_outcome(
            lambda: billing.set_default_payment_method(stripe_id, payment_method=payment_method, key=key)
        )
        seen = await self._context.read(subscription)
        if seen.payment_method == payment_method or seen.ended_at is not None:
            return subscription  # the next step sees it too
        if isinstance(answer, CallRejected | PaymentDeclined):
            return await self._refused(subscription, answer)
        undone = answer if isinstance(answer, OutcomeUnknown) else OutcomeUnknown(f"{seen.id} shows another card")
        return await self._context.retry_with_new_key(subscription, undone)

    async def _paying(self, subscription: Subscription, card: CardUpdate) -> list[Change]:
        """Return the changes that have every open invoice tried with the card."""
        assert card.attached is not None, "the customer has it"
        invoices = await self.open_invoices(subscription)
        return [Replace(INVOICES, invoice, self.tried_with(invoice, card.attached)) for invoice in invoices]

    async def open_invoices(self, subscription: Subscription) -> list[Invoice]:
        """Return its invoices, as stored, that are open and have money to be collected."""
        rows = await self._context.invoices_of(subscription)
        return [row for row in rows if row.status is InvoiceStatus.OPEN and row.charge is not None]

    def tried_with(self, invoice: Invoice, payment_method: str) -> Invoice:
        """Return an open invoice as its next try is asked for."""
        charge = invoice.stored_charge()
        again = evolve(charge, attempt=charge.attempt.next(payment_method, charge.attempt.return_url))
        return evolve(
            invoice,
            charge=again,
            pay_asked=True,
            action_required=False,
            check_at=None,
            back_off_until=None,
            lease_until=self._context.clock.now(),
            updated_at=self._context.clock.now(),
            version=invoice.version + 1,
        )

    async def _attached(self, subscription: Subscription, card: CardUpdate, attached: str) -> Subscription:
        known = card._replace(attached=attached, is_waiting=False)
        return await self._subscriptions.record_progress(subscription, card_update=known)

    async def _refused(self, subscription: Subscription, error: PaymentDeclined | CallRejected) -> Subscription:
        """Go on with the card that there was; the customer is asked for another one."""
        decline_code = error.decline_code if isinstance(error, PaymentDeclined) else None
        decline = Decline(error.code or "call_rejected", decline_code)
        return await self._subscriptions.record_progress(subscription, card_update=None, card_decline=decline)
