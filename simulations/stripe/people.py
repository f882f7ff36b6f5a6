"""What people do to a payment, beside the API: customers, their banks, and we ourselves in the dashboard."""

from __future__ import annotations

from payflows.errors import CallRejected
from payflows.payments import model as payments
from payflows.payments.model import Payment

from simulations.stripe.account import StripeAccount
from simulations.stripe.ledger import MovementKind
from simulations.stripe.objects import AUTHENTICATION_FAILED


class People(StripeAccount):
    """The account, with doors for the people around it. What the rules do not allow is `CallRejected`."""

    def authenticate(self, payment_id: str) -> Payment:
        """The customer passes 3-D Secure, and the issuer is asked."""
        intent = self.intent(payment_id)
        self._allow("authenticate", intent)
        assert intent.payment_method is not None, "it was confirmed with one"
        self._charge(intent, intent.payment_method)
        return intent.as_payment()

    def fail_authentication(self, payment_id: str) -> Payment:
        """The customer fails 3-D Secure, or gives up: no charge is made, another try is needed."""
        intent = self.intent(payment_id)
        self._allow("authenticate", intent)
        self._ask_for_another_method(intent, AUTHENTICATION_FAILED)
        self._changed(intent, {"payment_intent.payment_failed": intent})
        return intent.as_payment()

    def cancel_in_dashboard(self, payment_id: str) -> Payment:
        """We cancel the payment by hand."""
        intent = self.intent(payment_id)
        self._allow("cancel", intent)
        self._void(intent, "requested_by_customer")
        return intent.as_payment()

    def refund_in_dashboard(self, payment_id: str, amount_minor: int | None = None) -> payments.Refund:
        """We refund by hand, all that is left or a part; such a refund names no order."""
        return self._give_back(self.intent(payment_id), amount_minor, {}).as_refund()

    def dispute(self, payment_id: str) -> Payment:
        """The customer's bank takes back all that was not refunded, until the dispute is closed."""
        intent = self.intent(payment_id)
        self._open_dispute(intent)
        return intent.as_payment()

    def close_dispute(self, payment_id: str, *, won: bool) -> Payment:
        """The bank decides. Won, the money comes back to us; lost, it stays where it is."""
        intent = self.intent(payment_id)
        dispute = next((each for each in intent.disputes if each.status == "needs_response"), None)
        if dispute is None:
            raise CallRejected(f"{payment_id} has no open dispute.")
        dispute.status = "won" if won else "lost"
        if won:
            intent.charges[-1].charged_back = False
            news = {"charge.dispute.funds_reinstated": dispute, "charge.dispute.closed": dispute}
            self._moved(MovementKind.DISPUTE_WON, intent, dispute.amount, news)
        else:
            self._changed(intent, {"charge.dispute.closed": dispute})
        return intent.as_payment()
