"""What may happen to a set-up of a card, and how the subscription that waits for it follows.

Source: docs.stripe.com/payments/setup-intents, docs.stripe.com/billing/subscriptions/trials.
"""

from __future__ import annotations

from payflows.errors import CallRejected, PaymentDeclined
from payflows.subscriptions.billing import SetupStatus

from simulations.stripe.billing.book import BillingBook
from simulations.stripe.billing.setups import SetupIntent
from simulations.stripe.core.account import Account
from simulations.stripe.payments.methods import PaymentMethods
from simulations.stripe.payments.objects import PaymentError, next_action

_S = SetupStatus

_OPEN = (_S.REQUIRES_PAYMENT_METHOD, _S.REQUIRES_CONFIRMATION, _S.REQUIRES_ACTION)

_NOT_AUTHENTICATED = PaymentError("invalid_request_error", "setup_intent_authentication_failure")


class SettingUp:
    """Sets cards up.

    Args:
        account: whose they are.
        book: where they are kept.
        methods: the cards.
    """

    def __init__(self, account: Account, book: BillingBook, methods: PaymentMethods) -> None:
        self._account = account
        self._book = book
        self._methods = methods

    def confirm(self, setup: SetupIntent, payment_method: str) -> None:
        """Try a card. Raises `PaymentDeclined` where the issuer says no."""
        row = self._methods.find(payment_method)
        _check_status("confirm", setup, *_OPEN)
        setup.payment_method = self._methods.usable_for(payment_method, setup.customer)
        setup.last_setup_error = None
        if row.three_d_secure:
            setup.status, setup.next_action = _S.REQUIRES_ACTION, next_action(setup.id, None)
            return self._account.changed(setup, {"setup_intent.requires_action": setup})
        decline = row.set_up_decline
        if decline is not None:
            self._fail(setup, PaymentError("card_error", decline.code, decline.decline_code))
            raise PaymentDeclined(decline.code, decline.decline_code)
        self._succeed(setup)

    def authenticate(self, setup: SetupIntent) -> None:
        """Pass 3-D Secure; then the issuer is asked."""
        _check_status("authenticate", setup, _S.REQUIRES_ACTION)
        assert setup.payment_method is not None, "it was confirmed with one"
        decline = self._methods.find(setup.payment_method).set_up_decline
        if decline is not None:
            return self._fail(setup, PaymentError("card_error", decline.code, decline.decline_code))
        self._succeed(setup)

    def fail_authentication(self, setup: SetupIntent) -> None:
        """Fail 3-D Secure, or give up: another try is needed."""
        _check_status("authenticate", setup, _S.REQUIRES_ACTION)
        self._fail(setup, _NOT_AUTHENTICATED)

    def _fail(self, setup: SetupIntent, error: PaymentError) -> None:
        setup.status, setup.last_setup_error = _S.REQUIRES_PAYMENT_METHOD, error
        setup.payment_method = setup.next_action = None
        self._account.changed(setup, {"setup_intent.setup_failed": setup})

    def _succeed(self, setup: SetupIntent) -> None:
        """Keep the card, and make it the default of the subscription that waits for it."""
        assert setup.payment_method is not None, "it was confirmed with one"
        setup.status, setup.next_action = _S.SUCCEEDED, None
        self._methods.attach(setup.payment_method, setup.customer)
        self._methods.trust(setup.payment_method)
        self._account.changed(setup, {"setup_intent.succeeded": setup})
        subscription = self._book.subscriptions.find(setup.subscription)
        if not subscription.has_ended:
            subscription.default_payment_method, subscription.pending_setup = setup.payment_method, None
            self._account.changed(subscription, {"customer.subscription.updated": subscription})


def _check_status(act: str, setup: SetupIntent, *allowed: SetupStatus) -> None:
    if setup.status not in allowed:
        raise CallRejected(
            f"You cannot {act} this SetupIntent because it has a status of {setup.status}.",
            "setup_intent_unexpected_state",
        )
