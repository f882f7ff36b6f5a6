"""What each API call about a payment does once it is executed. Rules: `lifecycle`, `refunding`, `disputing`."""

from __future__ import annotations

from payflows.errors import PaymentDeclined
from payflows.money import CURRENCIES, LARGEST_MINOR, Money
from payflows.payments.model import CaptureMode, CustomerAction, Dispute, Payment, Refund

from simulations.stripe.core.account import Account
from simulations.stripe.core.errors import InvalidRequest
from simulations.stripe.core.ids import derived_id
from simulations.stripe.payments.book import PaymentBook
from simulations.stripe.payments.lifecycle import Lifecycle, check_not_owned, check_status
from simulations.stripe.payments.methods import PaymentMethods
from simulations.stripe.payments.objects import PaymentIntent
from simulations.stripe.payments.refunding import Refunding
from simulations.stripe.payments.settlement import Settlement
from simulations.stripe.payments.splits import ALL_KEPT, IntentSplit


class PaymentApi:
    """The API's work. An `InvalidRequest` comes before execution, other errors are its result.

    Args:
        account: whose payments they are.
        book: where they are kept.
        lifecycle: their rules.
        refunding: the rules of refunds.
        methods: what they may be paid with.
        settlement: where their money goes.
    """

    def __init__(
        self,
        account: Account,
        book: PaymentBook,
        lifecycle: Lifecycle,
        refunding: Refunding,
        methods: PaymentMethods,
        settlement: Settlement,
    ) -> None:
        self._account = account
        self._book = book
        self._lifecycle = lifecycle
        self._refunding = refunding
        self._methods = methods
        self._settlement = settlement

    def create(self, order_id: str, amount: Money, capture: CaptureMode, customer: str | None) -> Payment:
        """Create an intent, unconfirmed."""
        return self.create_split(order_id, amount, capture, customer, ALL_KEPT)

    def create_split(
        self, order_id: str, amount: Money, capture: CaptureMode, customer: str | None, split: IntentSplit
    ) -> Payment:
        """Create an intent, unconfirmed, that says where its money is to go."""
        _, min_minor, step_minor, _ = CURRENCIES[amount.currency]
        if amount.minor < min_minor:
            raise InvalidRequest(f"The amount must be at least {min_minor}.", "amount_too_small", "amount")
        if amount.minor > LARGEST_MINOR:
            raise InvalidRequest(f"The amount must be at most {LARGEST_MINOR}.", "amount_too_large", "amount")
        if amount.minor % step_minor:
            message = f"Amounts in {amount.currency} must be evenly divisible by {step_minor}."
            raise InvalidRequest(message, None, "amount")
        if customer in self._book.deleted_customers:
            raise InvalidRequest(f"No such customer: '{customer}'", "resource_missing", "customer")
        payment_id = derived_id("pi", order_id, len(self._book.of_order(order_id)))
        metadata, created = {"order_id": order_id}, self._account.seconds()
        intent = PaymentIntent(payment_id, amount, capture, customer, metadata, created, split=split)
        self._book.add(order_id, intent)
        self._account.changed(intent, {"payment_intent.created": intent})
        return intent.as_payment()

    def confirm(self, payment_id: str, payment_method: str, return_url: str | None = None) -> Payment:
        """Try one payment method. Raises `PaymentDeclined` where the bank says no."""
        intent = self._book.find(payment_id)
        if self._methods.find(payment_method).is_bank_debit and intent.capture_method is CaptureMode.MANUAL:
            raise InvalidRequest("A bank debit cannot be captured manually.", "payment_intent_invalid_parameter")
        check_status("confirm", intent)
        self._settlement.check(intent)
        if intent.owner is not None:
            payment_method = self._methods.usable_for(payment_method, intent.customer)
        charge = self._lifecycle.attempt(intent, payment_method, return_url)
        if charge is not None and charge.failure is not None:
            raise PaymentDeclined(charge.failure.code, charge.failure.decline_code, charge.id)
        return intent.as_payment()

    def capture(self, payment_id: str) -> Payment:
        """Capture the whole of what was authorised."""
        intent = self._book.find(payment_id)
        check_status("capture", intent)
        self._settlement.check(intent)
        self._lifecycle.take(intent, intent.charges[-1])
        return intent.as_payment()

    def cancel(self, payment_id: str) -> Payment:
        """Cancel the intent."""
        intent = self._book.find(payment_id)
        check_status("cancel", intent)
        check_not_owned(intent)
        self._lifecycle.cancel(intent, None)
        return intent.as_payment()

    def retrieve(self, payment_id: str) -> Payment:
        """Read the intent."""
        return self._book.find(payment_id).as_payment()

    def retrieve_customer_action(self, payment_id: str) -> CustomerAction | None:
        """Return what the customer's browser needs; None where the bank asks nothing."""
        intent = self._book.find(payment_id)
        return None if intent.next_action is None else CustomerAction(intent.client_secret, intent.next_action)

    def search(self, order_id: str) -> tuple[Payment, ...]:
        """Search by metadata, newest first."""
        return tuple(intent.as_payment() for intent in self._book.indexed(order_id))

    def refund(self, payment_id: str, order_id: str) -> Refund:
        """Refund all that is left, with the order in the metadata."""
        return self._refunding.refund(self._book.find(payment_id), None, {"order_id": order_id}).as_refund()

    def list_refunds(self, payment_id: str, order_id: str) -> tuple[Refund, ...]:
        """List the refunds of the payment whose metadata name the order, newest first."""
        newest_first = reversed(self._book.find(payment_id).refunds)
        ours = (refund for refund in newest_first if refund.metadata.get("order_id") == order_id)
        return tuple(refund.as_refund() for refund in ours)

    def list_disputes(self, payment_id: str) -> tuple[Dispute, ...]:
        """List the disputes of the payment, newest first."""
        return tuple(dispute.as_dispute() for dispute in reversed(self._book.find(payment_id).disputes))
