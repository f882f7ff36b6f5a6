"""What is asked of subscriptions: access, cards and cancelling."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from payflows.errors import InvalidState
from payflows.kernel.changes import OUTBOX
from payflows.kernel.messages import BusinessEvent
from payflows.subscriptions.access import ACCESS_ENDED, NO_ACCESS_YET, Access, AccessReason, access_of
from payflows.subscriptions.billing import BillingStatus, InvoiceStatus
from payflows.subscriptions.messages import EventType, MailKind
from payflows.subscriptions.model import SubscriptionStatus
from payflows.subscriptions.policy import CancelPolicy, OpenInvoices, SubscriptionPolicy, UnusedTime
from simulations.subscriptions.catalogue import ADA, MASTERCARD, NO_FUNDS, THREE_D_SECURE, VISA
from simulations.subscriptions.scripted_merchant import ScriptedMerchant
from tests.subscribers import held, unpaid_renewal

S = SubscriptionStatus
NOW = datetime(2026, 3, 1, tzinfo=UTC)
SOON, BEFORE = NOW + timedelta(days=9), NOW - timedelta(days=20)


@pytest.fixture
def merchant() -> ScriptedMerchant:
    return ScriptedMerchant()


class TestAccess:
    B = BillingStatus

    @pytest.mark.parametrize(
        ("status", "cancel_at", "unpaid_since", "access"),
        [
            (B.INCOMPLETE, None, None, NO_ACCESS_YET),
            (B.INCOMPLETE_EXPIRED, None, None, ACCESS_ENDED),
            (B.TRIALING, None, None, Access(True, None, AccessReason.TRIAL)),
            (B.ACTIVE, None, None, Access(True, None, AccessReason.PAID)),
            (B.ACTIVE, SOON, None, Access(True, SOON, AccessReason.ENDING)),
            (B.ACTIVE, NOW, None, ACCESS_ENDED),
            (B.TRIALING, SOON, None, Access(True, SOON, AccessReason.ENDING)),
            (B.PAST_DUE, None, NOW, Access(True, NOW + timedelta(days=14), AccessReason.BEING_COLLECTED)),
            (B.PAST_DUE, SOON, NOW, Access(True, SOON, AccessReason.ENDING)),
            (B.PAST_DUE, None, BEFORE, Access(False, None, AccessReason.UNPAID)),
            (B.UNPAID, None, BEFORE, Access(False, None, AccessReason.UNPAID)),
            (B.PAUSED, None, None, Access(False, None, AccessReason.PAUSED)),
            (B.CANCELED, SOON, None, ACCESS_ENDED),
        ],
    )
    def test_it_follows_from_status_end_and_grace(
        self, status: BillingStatus, cancel_at: datetime | None, unpaid_since: datetime | None, access: Access
    ) -> None:
        past_due_until = None if unpaid_since is None else SubscriptionPolicy().access_until(unpaid_since)
        found = access_of(status, cancel_at=cancel_at, past_due_until=past_due_until, now=NOW)

        assert found == access

    def test_it_ends_at_its_moment(self) -> None:
        access = Access(True, SOON, AccessReason.ENDING)

        assert access.allows(SOON - timedelta(microseconds=1))
        assert not access.allows(SOON)


class TestCards:
    def test_another_card_pays_the_next_renewal(self, merchant: ScriptedMerchant) -> None:
        subscription = merchant.subscribe()

        updated = merchant.update_card(subscription, MASTERCARD)

        assert updated.payment_method != subscription.payment_method
        theirs = merchant.stripe.subscription(subscription.stripe_id or "").as_subscription()
        assert theirs.payment_method == updated.payment_method
        assert EventType.CARD_UPDATED in merchant.events(subscription)

    def test_it_pays_what_is_open(self, merchant: ScriptedMerchant) -> None:
        subscription = unpaid_renewal(merchant)

        merchant.update_card(subscription, MASTERCARD)

        assert [invoice.status for invoice in merchant.invoices(subscription)] == [InvoiceStatus.PAID] * 2
        assert merchant.now(subscription).status is S.ACTIVE

    def test_a_second_tabs_card_changes_nothing(self, merchant: ScriptedMerchant) -> None:
        subscription = merchant.subscribe()
        updated = merchant.update_card(subscription, MASTERCARD)

        late = merchant.flow.update_card(ADA, subscription.id, expected_update=0, payment_method=VISA)

        assert merchant.world.run(late).payment_method == updated.payment_method

    def test_the_first_invoice_is_tried_with_it(self, merchant: ScriptedMerchant) -> None:
        declined = merchant.subscribe(NO_FUNDS)

        assert merchant.update_card(declined, NO_FUNDS).status is S.INCOMPLETE
        assert merchant.update_card(declined, VISA).status is S.ACTIVE
        assert merchant.mails(declined).count(MailKind.PAYMENT_FAILED) == 2

    def test_what_has_ended_takes_no_card(self, merchant: ScriptedMerchant) -> None:
        subscription = merchant.cancel(merchant.subscribe())

        with pytest.raises(InvalidState, match="cancelled"):
            merchant.update_card(subscription, MASTERCARD)

    def test_a_bank_that_says_no_in_a_trial_asks_for_another_card(self, merchant: ScriptedMerchant) -> None:
        trial = merchant.subscribe(THREE_D_SECURE, trial_days=14)

        refused = merchant.at_the_bank(trial, passes=False)

        assert (refused.status, refused.payment_method) == (S.TRIALING, None)
        assert MailKind.CARD_DECLINED in merchant.mails(trial)


class TestCancelling:
    @pytest.mark.parametrize("unused_time", UnusedTime)
    def test_unused_time(self, merchant: ScriptedMerchant, unused_time: UnusedTime) -> None:
        """Of January's 31 days 21 are left."""
        subscription = merchant.subscribe()
        merchant.pass_time(days=10)

        merchant.cancel(subscription, policy=CancelPolicy(unused_time=unused_time))
        merchant.pass_time(hours=2)

        left = round(2_900 * 21 / 31)
        assert merchant.now(subscription).status is S.CANCELLED
        balance = merchant.stripe.customer("cus_ada").balance
        refunded = {UnusedTime.NOTHING: (0, 0), UnusedTime.CREDIT: (0, left), UnusedTime.REFUND: (left, 0)}
        assert (2_900 - held(merchant), -balance) == refunded[unused_time]

    @pytest.mark.parametrize("open_invoices", OpenInvoices)
    def test_open_invoices(self, merchant: ScriptedMerchant, open_invoices: OpenInvoices) -> None:
        """Collected: the empty card is tried once more, and the invoice stays owed."""
        subscription = unpaid_renewal(merchant)

        merchant.cancel(subscription, policy=CancelPolicy(open_invoices=open_invoices))
        merchant.pass_time(hours=2)

        status = InvoiceStatus.VOID if open_invoices is OpenInvoices.VOID else InvoiceStatus.OPEN
        assert merchant.now(subscription).status is S.CANCELLED
        assert [invoice.status for invoice in merchant.invoices(subscription)] == [InvoiceStatus.PAID, status]
        assert held(merchant) == 2_900

    def test_it_is_taken_back_before_the_periods_end(self, merchant: ScriptedMerchant) -> None:
        subscription = merchant.subscribe()
        merchant.cancel(subscription, at_period_end=True)

        kept = merchant.keep(subscription)
        merchant.pass_time(days=32)

        assert (kept.cancel_at, kept.access.until) == (None, None)
        assert merchant.now(subscription).status is S.ACTIVE
        assert merchant.mails(subscription)[-2:] == [
            MailKind.CANCELLATION_SCHEDULED,
            MailKind.CANCELLATION_WITHDRAWN,
        ]

    def test_it_is_not_taken_back_after_the_end(self, merchant: ScriptedMerchant) -> None:
        subscription = merchant.subscribe()
        merchant.cancel(subscription, at_period_end=True)
        merchant.pass_time(days=32)

        with pytest.raises(InvalidState, match="sign up again"):
            merchant.keep(subscription)

    def test_what_has_not_begun_has_no_period_to_end_with(self, merchant: ScriptedMerchant) -> None:
        subscription = merchant.subscribe(NO_FUNDS)

        with pytest.raises(InvalidState, match="incomplete"):
            merchant.cancel(subscription, at_period_end=True)

        assert merchant.cancel(subscription).status is S.INCOMPLETE_EXPIRED
        assert held(merchant) == 0

    def test_the_reason_is_kept(self, merchant: ScriptedMerchant) -> None:
        cancelled = merchant.cancel(merchant.subscribe(), reason="too dear")

        assert cancelled.cause() == "too dear"


def test_a_business_event_is_dated_when_it_happened() -> None:
    """Not when the status was entered: a trial's customer is reminded in it, days after it began."""
    merchant = ScriptedMerchant()
    began = merchant.world.now()
    subscription = merchant.subscribe(trial_days=14)

    merchant.pass_time(days=12)

    messages = [item.content for item in merchant.store.all_items(OUTBOX)]
    (reminder,) = [each for each in messages if isinstance(each, BusinessEvent) and each.type == EventType.TRIAL_ENDING]
    assert reminder.subject == subscription.id
    assert timedelta(0) <= reminder.at - (began + timedelta(days=11)) < timedelta(hours=1)
