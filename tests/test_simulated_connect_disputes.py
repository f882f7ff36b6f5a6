"""Disputes and debts at a simulated platform: who pays, by when evidence is due, and what is owed."""

from __future__ import annotations

import pytest

from payflows.marketplace.connect import BALANCE_INSUFFICIENT, DestinationCharge
from payflows.money import Money
from payflows.payments.model import DisputeStatus, RefundStatus
from tests.connect_fixture import ConnectFixture
from tests.stripe_openapi import validator_of

FEE = 1_500


@pytest.mark.parametrize("is_separate", [False, True])
def test_a_dispute_debits_the_platform_and_reverses_nothing(is_separate: bool) -> None:
    """B58, P2"""
    platform = ConnectFixture()
    account = platform.joined()
    charge = platform.sold_in_group() if is_separate else platform.sold_for(account)
    if is_separate:
        platform.run(platform.vendor.send(account.id, 9_000, charge.id))
    before = sum(platform.held(None))

    platform.stripe.dispute(charge.payment_id)

    assert sum(platform.held(None)) == before - 10_000 - FEE
    assert platform.held(account) == (0, 9_000)
    [entry] = platform.dispute_of(charge).balance_transactions
    assert (entry.type, entry.amount_minor, entry.fee_minor, entry.net_minor) == ("adjustment", -10_000, FEE, -11_500)


@pytest.mark.parametrize(("returns", "kept"), [(False, FEE), (True, 0)])
def test_won_the_amount_comes_back_and_the_fee_only_where_that_was_agreed(returns: bool, kept: int) -> None:
    """B59, P2"""
    platform = ConnectFixture(returns_dispute_fee=returns)
    charge = platform.sold_in_group()
    before = sum(platform.held(None))
    platform.stripe.dispute(charge.payment_id)

    platform.stripe.close_dispute(charge.payment_id, won=True)

    assert sum(platform.held(None)) == before - kept
    assert (platform.dispute_of(charge).withdrawn_minor, platform.dispute_of(charge).fee_minor) == (0, kept)


def test_an_inquiry_moves_no_money_can_be_answered_and_its_charge_refunded() -> None:
    """B59, P2"""
    platform = ConnectFixture()
    charge = platform.sold_in_group()
    before = platform.held(None)

    platform.stripe.inquire(charge.payment_id)
    inquiry = platform.dispute_of(charge)
    answered = platform.run(
        platform.stripe.submit_evidence(inquiry.id, evidence={"uncategorized_text": "A mug."}, key="k")
    )

    assert platform.held(None) == before
    assert (inquiry.status, answered.status) == (
        DisputeStatus.WARNING_NEEDS_RESPONSE,
        DisputeStatus.WARNING_UNDER_REVIEW,
    )
    assert inquiry.is_charge_refundable
    platform.run(platform.vendor.refund(charge.payment_id, 10_000))
    platform.rejected(platform.stripe.accept_dispute(inquiry.id, key="k2"))


def test_evidence_that_is_not_given_by_the_date_loses_the_dispute() -> None:
    """P2"""
    platform = ConnectFixture(evidence_days=9)
    lost, answered = platform.sold_in_group(), platform.sold_in_group()
    for charge in (lost, answered):
        platform.stripe.dispute(charge.payment_id)
    due_by = platform.dispute_of(lost).due_by
    assert due_by is not None
    given = {"uncategorized_text": "A mug."}
    platform.run(platform.stripe.submit_evidence(platform.dispute_of(answered).id, evidence=given, key="k"))

    platform.clock.pass_time((due_by - platform.clock.now()).total_seconds())

    assert platform.dispute_of(lost).status is DisputeStatus.LOST
    assert platform.dispute_of(answered).status is DisputeStatus.UNDER_REVIEW


def test_a_part_may_be_disputed_and_of_what_is_lost_a_part_may_come_back() -> None:
    """B59, P2"""
    platform = ConnectFixture()
    charge = platform.sold_in_group()

    platform.stripe.dispute(charge.payment_id, 4_000)
    platform.stripe.lose_part_of_dispute(charge.payment_id, reinstated_minor=1_000)

    dispute = platform.dispute_of(charge)
    assert (dispute.amount.minor, dispute.status) == (4_000, DisputeStatus.LOST)
    assert [entry.amount_minor for entry in dispute.balance_transactions] == [-4_000, 1_000]
    assert (dispute.withdrawn_minor, dispute.fee_minor) == (3_000, FEE)
    assert platform.stripe.movements[-1].amount_minor == 1_000


def test_a_dispute_that_was_lost_may_be_won_after_all() -> None:
    """B59"""
    platform = ConnectFixture()
    charge = platform.sold_in_group()
    platform.stripe.dispute(charge.payment_id, 4_000)
    platform.stripe.lose_part_of_dispute(charge.payment_id, reinstated_minor=1_000)

    platform.stripe.reverse_loss(charge.payment_id)

    assert (platform.dispute_of(charge).status, platform.dispute_of(charge).withdrawn_minor) == (DisputeStatus.WON, 0)


def test_a_charge_with_a_pending_refund_may_be_disputed_and_the_refund_fails() -> None:
    """P3"""
    platform = ConnectFixture()
    account = platform.joined()
    split = DestinationCharge(account.id, Money(1_000, "usd"))
    charge = platform.run(platform.vendor.sold(split, card="pm_card_pendingRefund"))
    platform.run(platform.vendor.refund(charge.payment_id, 10_000, reverse=True))
    before = sum(platform.held(None))

    platform.stripe.dispute(charge.payment_id)
    platform.pass_days(5)

    [refund] = platform.run(platform.stripe.list_split_refunds(charge.id))
    [kept] = platform.stripe.intent(charge.payment_id).refunds
    assert (refund.status, kept.failure_reason) == (RefundStatus.FAILED, "charge_for_pending_refund_disputed")
    assert sum(platform.held(None)) == before - FEE
    assert platform.held(account) == (-1_000, 0)


def test_what_a_vendor_owes_is_held_back_of_the_platforms_balance() -> None:
    """B60"""
    platform = ConnectFixture()
    account = platform.joined()
    charge = platform.sold_for(account)
    platform.pass_days(7)
    platform.run(platform.vendor.pay_out(account.id, 9_000))
    platform.stripe.top_up_platform(50_000)
    available, _ = platform.held(None)

    platform.run(platform.vendor.refund(charge.payment_id, 4_000, reverse=True))

    assert platform.held(account) == (-4_000, 0)
    assert platform.balance().connect_reserved == {"usd": 4_000}
    assert platform.held(None) == (available - 4_000, 0)
    platform.sold_for(account, 10_000, fee_minor=0)
    assert platform.balance().connect_reserved == {"usd": 0}


def test_after_180_days_what_a_vendor_owes_is_taken_from_the_platform() -> None:
    """B60"""
    platform = ConnectFixture()
    account = platform.joined()
    charge = platform.sold_for(account)
    platform.run(platform.vendor.refund(charge.payment_id, 10_000, reverse=True))
    total = platform.balance().total_minor("usd")

    platform.pass_days(179)
    assert platform.held(account) == (-1_000, 0)
    platform.pass_days(1)

    assert platform.held(account) == (0, 0)
    assert platform.balance().total_minor("usd") == total - 1_000
    [taken, *_] = platform.run(platform.vendor.entries(None))
    assert (taken.type, taken.net_minor) == ("connect_collection_transfer", -1_000)


@pytest.mark.parametrize("may", [False, True])
def test_a_vendors_bank_is_debited_only_where_it_may_be(may: bool) -> None:
    """B60"""
    platform = ConnectFixture()
    account = platform.joined()
    charge = platform.sold_for(account)
    if may:
        platform.stripe.debit_negative_balances(account.id)
    platform.run(platform.vendor.refund(charge.payment_id, 10_000, reverse=True))

    platform.pass_days(5)

    assert platform.held(account) == ((0, 0) if may else (-1_000, 0))


def test_a_platform_that_is_short_can_send_nothing_that_is_not_tied_to_a_charge() -> None:
    platform = ConnectFixture()
    account = platform.joined()
    charge = platform.sold_in_group()
    platform.pass_days(7)
    platform.stripe.withdraw_from_platform(9_000)

    for charge_id in (None, charge.id):  # whose money is there, and gone
        assert platform.rejected(platform.vendor.send(account.id, 1_000, charge_id)).code == BALANCE_INSUFFICIENT
    fresh = platform.sold_in_group()
    platform.run(platform.vendor.send(account.id, 1_000, fresh.id))


def test_a_dispute_is_stripes_object_with_its_entries_in_the_balance() -> None:
    platform = ConnectFixture()
    charge = platform.sold_in_group()
    platform.stripe.dispute(charge.payment_id)
    platform.stripe.close_dispute(charge.payment_id, won=True)
    [dispute] = platform.stripe.intent(charge.payment_id).disputes

    words = dispute.to_stripe()

    validator_of("dispute").validate(words)
    now = platform.stripe.account.seconds()
    entries = platform.stripe.connect.rules.balances.platform.of_source(dispute.id)
    assert words["balance_transactions"] == [entry.to_stripe(now) | _category(entry.amount) for entry in entries]


def _category(amount: int) -> dict[str, object]:
    return {"reporting_category": "dispute" if amount < 0 else "dispute_reversal"}
