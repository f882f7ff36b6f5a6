"""The simulated Stripe, joined from its resources. A resource more is one folder, and one line in `SimulatedStripe`."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from payflows.checks import implements, instance_of
from payflows.money import Money

from simulations.stripe.billing.resource import Billing
from simulations.stripe.billing.settings import USUAL_SETTINGS, BillingSettings
from simulations.stripe.connect.resource import Connect
from simulations.stripe.connect.settings import ConnectSettings
from simulations.stripe.core.account import Account
from simulations.stripe.core.ledger import Movement
from simulations.stripe.core.times import USUAL_TIMES, StripeTimes
from simulations.stripe.payments.methods import Issuer
from simulations.time.hand_clock import VirtualClock


class SimulatedStripe:
    """A Stripe in virtual time: stateful, idempotent, and able to do the work and lose the answer.

    It is the ports `PaymentGateway`, `BillingGateway` and `MarketplaceGateway` itself. What is documented at the parts
    can be called here too, by the same name: `lose_answer_of` and the other faults, `authenticate`, `dispute`,
    `refund_in_dashboard`, `net_for` and so on.

    Args:
        clock: whose time passes; a `World`, or a `HandClock`.
        times: how long Stripe and the banks take.
        currency: the account's own.
        issuer: answers for the customers' banks; None: the payment methods' test names do.
        billing: whether Stripe itself retries payments of invoices, and what it does at the end.
        connect: what a platform has agreed with Stripe; None: the account is no platform, and has no balances.

    Attributes:
        account: the ledger, the events and the calls, which all resources share.
        payments: payment intents, charges, refunds and disputes.
        connect: vendors' accounts, their shares and payouts.
        connected_events: what happens on vendors' accounts, for their separate endpoint: an `EventSource`.
        billing: subscriptions and invoices.
    """

    def __init__(
        self,
        clock: VirtualClock,
        *,
        times: StripeTimes = USUAL_TIMES,
        currency: str = "usd",
        issuer: Issuer | None = None,
        billing: BillingSettings = USUAL_SETTINGS,
        connect: ConnectSettings | None = None,
    ) -> None:
        implements("clock", clock, VirtualClock)
        instance_of("times", times, StripeTimes)
        implements("issuer", issuer, Issuer, optional=True)
        instance_of("billing", billing, BillingSettings)
        instance_of("connect", connect, ConnectSettings, None)
        Money(0, currency)  # refuses an unknown one
        self.account = Account(clock, times, currency)
        self.connect = Connect(self.account, issuer, connect)
        self.connected_events = self.connect.events
        self.payments = self.connect.payments
        self.billing = Billing(self.account, self.payments, billing)
        self._offer_gateway()
        self._offer_billing_gateway()
        self._offer_marketplace_gateway()
        self._offer_actions()
        self._offer_connect_actions()
        self._offer_billing_actions()
        self._offer_records()
        self._offer_faults()

    @property
    def movements(self) -> Sequence[Movement]:
        """All money that moved, oldest first."""
        self.account.agenda.catch_up()
        return self.account.ledger.movements

    def archive(self, order_ids: Collection[str], into: SimulatedStripe) -> tuple[str, ...]:
        """Move all payments of these orders, which must be at rest, into another account. Returns their ids."""
        return self.payments.book.archive(order_ids, into.payments.book)

    def _offer_gateway(self) -> None:
        gateway = self.payments.gateway
        self.create_payment = gateway.create_payment
        self.confirm_payment = gateway.confirm_payment
        self.capture_payment = gateway.capture_payment
        self.cancel_payment = gateway.cancel_payment
        self.retrieve_payment = gateway.retrieve_payment
        self.retrieve_customer_action = gateway.retrieve_customer_action
        self.search_payments = gateway.search_payments
        self.refund_payment = gateway.refund_payment
        self.list_refunds = gateway.list_refunds
        self.list_disputes = gateway.list_disputes

    def _offer_billing_gateway(self) -> None:
        gateway = self.billing.gateway
        self.create_subscription = gateway.create_subscription
        self.retrieve_subscription = gateway.retrieve_subscription
        self.list_subscriptions = gateway.list_subscriptions
        self.set_default_payment_method = gateway.set_default_payment_method
        self.set_cancel_at_period_end = gateway.set_cancel_at_period_end
        self.cancel_subscription = gateway.cancel_subscription
        self.preview_change = gateway.preview_change
        self.change_items = gateway.change_items
        self.pause_collection = gateway.pause_collection
        self.resume_collection = gateway.resume_collection
        self.pause_subscription = gateway.pause_subscription
        self.resume_subscription = gateway.resume_subscription
        self.report_usage = gateway.report_usage
        self.attach_payment_method = gateway.attach_payment_method
        self.confirm_setup = gateway.confirm_setup
        self.retrieve_setup = gateway.retrieve_setup
        self.retrieve_setup_action = gateway.retrieve_setup_action
        self.retrieve_invoice = gateway.retrieve_invoice
        self.list_invoices = gateway.list_invoices
        self.finalize_invoice = gateway.finalize_invoice
        self.pay_invoice = gateway.pay_invoice
        self.void_invoice = gateway.void_invoice
        self.credit_invoice = gateway.credit_invoice
        self.list_credit_notes = gateway.list_credit_notes

    def _offer_marketplace_gateway(self) -> None:
        gateway = self.connect.gateway
        self.create_account = gateway.create_account
        self.retrieve_account = gateway.retrieve_account
        self.list_accounts = gateway.list_accounts
        self.create_account_link = gateway.create_account_link
        self.create_split_payment = gateway.create_split_payment
        self.retrieve_charge = gateway.retrieve_charge
        self.refund_part = gateway.refund_part
        self.list_split_refunds = gateway.list_split_refunds
        self.create_transfer = gateway.create_transfer
        self.retrieve_transfer = gateway.retrieve_transfer
        self.list_transfers = gateway.list_transfers
        self.reverse_transfer = gateway.reverse_transfer
        self.list_reversals = gateway.list_reversals
        self.retrieve_application_fee = gateway.retrieve_application_fee
        self.refund_application_fee = gateway.refund_application_fee
        self.list_application_fee_refunds = gateway.list_application_fee_refunds
        self.retrieve_balance = gateway.retrieve_balance
        self.retrieve_balance_transaction = gateway.retrieve_balance_transaction
        self.list_balance_transactions = gateway.list_balance_transactions
        self.create_payout = gateway.create_payout
        self.retrieve_payout = gateway.retrieve_payout
        self.list_payouts = gateway.list_payouts
        self.retrieve_dispute = gateway.retrieve_dispute
        self.submit_evidence = gateway.submit_evidence
        self.accept_dispute = gateway.accept_dispute

    def _offer_connect_actions(self) -> None:
        dashboard = self.connect.dashboard
        self.submit_requirements = dashboard.submit_requirements
        self.require = dashboard.require
        self.set_capability = dashboard.set_capability
        self.reject_account = dashboard.reject_account
        self.close_account = dashboard.close_account
        self.refuse_payouts = dashboard.refuse_payouts
        self.fail_payout = dashboard.fail_payout
        self.set_daily_payouts = dashboard.set_daily_payouts
        self.debit_negative_balances = dashboard.debit_negative_balances
        self.reverse_in_dashboard = dashboard.reverse_in_dashboard
        self.withdraw_from_platform = dashboard.withdraw_from_platform
        self.top_up_platform = dashboard.top_up_platform

    def _offer_billing_actions(self) -> None:
        dashboard, book = self.billing.dashboard, self.billing.book
        self.delete_customer = dashboard.delete_customer
        self.cancel_subscription_in_dashboard = dashboard.cancel_subscription_in_dashboard
        self.change_items_in_dashboard = dashboard.change_items_in_dashboard
        self.change_card_in_dashboard = dashboard.change_card_in_dashboard
        self.set_customer_default = dashboard.set_customer_default
        self.remove_card = dashboard.remove_card
        self.pay_on_hosted_page = dashboard.pay_on_hosted_page
        self.mark_paid_out_of_band = dashboard.mark_paid_out_of_band
        self.mark_uncollectible = dashboard.mark_uncollectible
        self.adjust_balance = dashboard.adjust_balance
        self.credit_in_dashboard = dashboard.credit_in_dashboard
        self.authenticate_setup = dashboard.authenticate_setup
        self.fail_setup_authentication = dashboard.fail_setup_authentication
        self.replace_card_behaviour = self.payments.methods.replace_card_behaviour
        clocks = self.billing.clocks
        self.create_test_clock = clocks.create_test_clock
        self.test_clock = clocks.test_clock
        self.add_to_test_clock = clocks.add_to_test_clock
        self.advance_test_clock = clocks.advance_test_clock
        self.delete_test_clock = clocks.delete_test_clock
        self.add_price = book.add_price
        self.add_meter = book.add_meter
        self.deactivate_meter = book.meters.deactivate
        self.usage_of = self.billing.rules.metering.usage_of
        self.subscription = book.subscription
        self.subscriptions_of = book.subscriptions_of
        self.invoice = book.invoice
        self.invoices_of = book.invoices_of
        self.charges_of = book.charges_of
        self.customer = book.customer

    def _offer_actions(self) -> None:
        dashboard, outside = self.payments.dashboard, self.payments.outside
        self.cancel_in_dashboard = dashboard.cancel_in_dashboard
        self.capture_in_dashboard = dashboard.capture_in_dashboard
        self.refund_in_dashboard = dashboard.refund_in_dashboard
        self.authenticate = outside.authenticate
        self.fail_authentication = outside.fail_authentication
        self.settle_debit = outside.settle_debit
        self.inquire = outside.inquire
        self.dispute = outside.dispute
        self.close_dispute = outside.close_dispute
        self.lose_part_of_dispute = outside.lose_part_of_dispute
        self.reverse_loss = outside.reverse_loss
        self.reverse_win = outside.reverse_win

    def _offer_records(self) -> None:
        book = self.payments.book
        self.intent = book.intent
        self.payments_of_order = book.payments_of_order
        self.captured_for = book.captured_for
        self.net_for = book.net_for
        self.on_event = self.account.events.subscribe
        self.before_answers = self.account.calls.before_answers
        self.rejected = self.account.calls.rejected
        self.misused_keys = self.account.calls.keys.misused

    def _offer_faults(self) -> None:
        faults = self.account.faults
        self.disturb = faults.disturb
        self.calm = faults.calm
        self.lose_answer_of = faults.lose_answer_of
        self.lose_request_of = faults.lose_request_of
        self.reset_connection_of = faults.reset_connection_of
        self.answer_500_to = faults.answer_500_to
        self.answer_429_to = faults.answer_429_to
        self.revoke_key = faults.revoke_key
        self.refuse_connections = faults.refuse_connections
        self.slow_down = faults.slow_down
