"""What happens to a payment besides the API: what customers, their banks, and we in the dashboard do."""

from __future__ import annotations

from payflows.payments.model import Payment, Refund

from simulations.stripe.payments.book import PaymentBook
from simulations.stripe.payments.disputing import Disputing
from simulations.stripe.payments.lifecycle import Lifecycle, check_not_owned, check_status
from simulations.stripe.payments.objects import AUTHENTICATION_FAILED
from simulations.stripe.payments.refunding import Refunding
from simulations.stripe.payments.settlement import RefundShares


class Dashboard:
    """What we do by hand. What the rules do not allow is `CallRejected`.

    Args:
        book: the payments.
        lifecycle: their rules.
        refunding: the rules of refunds.
    """

    def __init__(self, book: PaymentBook, lifecycle: Lifecycle, refunding: Refunding) -> None:
        self._book = book
        self._lifecycle = lifecycle
        self._refunding = refunding

    def delete_customer(self, customer_id: str) -> None:
        """Delete a customer by hand: no payment can be made for them any more."""
        self._book.deleted_customers.add(customer_id)

    def cancel_in_dashboard(self, payment_id: str) -> Payment:
        """Cancel the payment by hand."""
        intent = self._book.intent(payment_id)
        check_status("cancel", intent)
        check_not_owned(intent)
        self._lifecycle.cancel(intent, "requested_by_customer")
        return intent.as_payment()

    def capture_in_dashboard(self, payment_id: str, amount_minor: int | None = None) -> Payment:
        """Capture by hand, the whole or a part; the rest of a part is released."""
        intent = self._book.intent(payment_id)
        check_status("capture", intent)
        self._lifecycle.take(intent, intent.charges[-1], amount_minor)
        return intent.as_payment()

    def refund_in_dashboard(
        self,
        payment_id: str,
        amount_minor: int | None = None,
        *,
        reverse_transfer: bool = False,
        refund_application_fee: bool = False,
    ) -> Refund:
        """Refund by hand, all that is left or a part; such a refund names no order.

        Args:
            payment_id: the payment.
            amount_minor: how much; None: all that is left.
            reverse_transfer: take the vendor's share of it back.
            refund_application_fee: give the vendor the platform's share of it.
        """
        shares = RefundShares(reverse_transfer, refund_application_fee)
        return self._refunding.refund(self._book.intent(payment_id), amount_minor, {}, shares).as_refund()


class CustomersAndBanks:
    """What customers and their banks do. What the rules do not allow is `CallRejected`.

    Args:
        book: the payments.
        lifecycle: their rules.
        disputing: the rules of disputes.
    """

    def __init__(self, book: PaymentBook, lifecycle: Lifecycle, disputing: Disputing) -> None:
        self._book = book
        self._lifecycle = lifecycle
        self._disputing = disputing

    def authenticate(self, payment_id: str) -> Payment:
        """Pass 3-D Secure; then the issuer is asked."""
        intent = self._book.intent(payment_id)
        check_status("authenticate", intent)
        self._lifecycle.authenticated(intent)
        return intent.as_payment()

    def fail_authentication(self, payment_id: str) -> Payment:
        """Fail 3-D Secure, or give up: no charge is made, another try is needed."""
        intent = self._book.intent(payment_id)
        check_status("authenticate", intent)
        self._lifecycle.fail(intent, AUTHENTICATION_FAILED)
        return intent.as_payment()

    def dispute(self, payment_id: str, amount_minor: int | None = None) -> Payment:
        """Take back all that was not refunded, or a part, until the dispute is closed."""
        intent = self._book.intent(payment_id)
        self._disputing.open(intent, amount_minor)
        return intent.as_payment()

    def inquire(self, payment_id: str) -> Payment:
        """Ask what the payment is for, before a dispute: no money moves."""
        intent = self._book.intent(payment_id)
        self._disputing.inquire(intent)
        return intent.as_payment()

    def reverse_loss(self, payment_id: str) -> Payment:
        """Decide a dispute that was lost for us after all."""
        intent = self._book.intent(payment_id)
        self._disputing.reverse_loss(intent)
        return intent.as_payment()

    def reverse_win(self, payment_id: str) -> Payment:
        """Decide a dispute that was won against us after all."""
        intent = self._book.intent(payment_id)
        self._disputing.reverse_win(intent)
        return intent.as_payment()

    def settle_debit(self, payment_id: str) -> Payment:
        """Let a bank debit that was `processing` for too long succeed or fail at last."""
        intent = self._book.intent(payment_id)
        check_status("settle", intent)
        self._lifecycle.settle(intent, intent.charges[-1])
        return intent.as_payment()

    def close_dispute(self, payment_id: str, *, won: bool) -> Payment:
        """Decide the dispute. Won, the money comes back to us; lost, it stays where it is. An inquiry is closed."""
        intent = self._book.intent(payment_id)
        decide = self._disputing.win if won else self._disputing.lose
        decide(intent)
        return intent.as_payment()

    def lose_part_of_dispute(self, payment_id: str, *, reinstated_minor: int) -> Payment:
        """Decide the dispute for the customer, but give us a part of the money back."""
        intent = self._book.intent(payment_id)
        self._disputing.lose(intent, reinstated_minor)
        return intent.as_payment()
