"""What goes back at a simulated platform: refunds, reversals, and who bears them."""

from __future__ import annotations

from payflows.marketplace.connect import BALANCE_INSUFFICIENT, DestinationCharge
from payflows.money import Money
from payflows.payments.model import RefundStatus
from tests.connect_fixture import ConnectFixture


def test_a_part_that_goes_back_takes_the_same_share_of_each_and_the_parts_sum_to_the_whole() -> None:
    """B54"""
    platform = ConnectFixture()
    account = platform.joined()
    charge = platform.sold_for(account, 1_000, fee_minor=100)

    for number, part in enumerate((333, 333, 334)):
        refund = platform.vendor.refund(charge.payment_id, part, reverse=True, fee=True, purpose=f"refund-{number}")
        platform.run(refund)

    assert charge.application_fee_id
    assert charge.transfer_id
    refunds = platform.run(platform.stripe.list_application_fee_refunds(charge.application_fee_id))
    assert [refund.amount.minor for refund in reversed(refunds)] == [33, 34, 33]
    assert platform.held(account) == (0, 0)
    assert platform.run(platform.stripe.retrieve_transfer(charge.transfer_id)).reversed == Money(1_000, "usd")


def test_by_default_the_vendor_keeps_the_money_and_the_platform_the_fee() -> None:
    """B54"""
    platform = ConnectFixture()
    account = platform.joined()
    charge = platform.sold_for(account)
    before = platform.held(account)

    platform.run(platform.vendor.refund(charge.payment_id, 10_000))

    assert platform.held(account) == before == (0, 9_000)
    assert sum(platform.held(None)) == 1_000 - 320 - 10_000


def test_a_refund_in_the_dashboard_may_take_the_share_back_and_each_names_the_other() -> None:
    platform = ConnectFixture()
    account = platform.joined()
    charge = platform.sold_for(account)

    platform.stripe.refund_in_dashboard(charge.payment_id, 2_000, reverse_transfer=True, refund_application_fee=True)

    assert charge.transfer_id
    [refund] = platform.run(platform.stripe.list_split_refunds(charge.id))
    [reversal] = platform.run(platform.stripe.list_reversals(charge.transfer_id))
    assert (reversal.amount, reversal.purpose) == (Money(2_000, "usd"), None)
    assert (refund.transfer_reversal_id, reversal.source_refund_id) == (reversal.id, refund.id)
    assert platform.held(account) == (0, 9_000 - 2_000 + 200)


def test_a_refund_of_a_separate_charge_touches_no_transfer() -> None:
    """B55"""
    platform = ConnectFixture()
    account = platform.joined()
    charge = platform.sold_in_group()
    transfer = platform.run(platform.vendor.send(account.id, 6_000, charge.id))

    platform.rejected(platform.vendor.refund(charge.payment_id, 5_000, reverse=True))
    platform.run(platform.vendor.refund(charge.payment_id, 5_000))

    assert platform.run(platform.stripe.retrieve_transfer(transfer.id)).reversed.minor == 0
    assert platform.held(account) == (0, 6_000)


def test_a_reversal_needs_the_vendors_available_balance() -> None:
    """B55"""
    platform = ConnectFixture()
    account = platform.joined()
    transfer = platform.sent(account)
    platform.pass_days(7)
    platform.run(platform.vendor.pay_out(account.id, 6_000))

    assert platform.rejected(platform.vendor.take_back(transfer.id, 1)).code == BALANCE_INSUFFICIENT
    assert platform.held(account) == (0, 0)


def test_a_reversal_may_leave_a_debt_where_the_platform_has_reserves() -> None:
    """B55"""
    platform = ConnectFixture(has_connected_reserves=True)
    account = platform.joined()
    transfer = platform.sent(account)
    platform.pass_days(7)
    platform.run(platform.vendor.pay_out(account.id, 6_000))

    platform.run(platform.vendor.take_back(transfer.id, 1_000))

    assert platform.held(account) == (-1_000, 0)


def test_what_is_still_pending_can_be_taken_back() -> None:
    platform = ConnectFixture()
    account = platform.joined()
    transfer = platform.sent(account)

    platform.run(platform.vendor.take_back(transfer.id, 6_000))

    assert platform.held(account) == (0, 0)
    assert platform.held(None) == (0, 10_000 - 320)


def test_reversals_are_partial_and_many_and_reversed_is_said_of_the_whole_only() -> None:
    """B56"""
    platform, types = ConnectFixture(), list[str]()
    account = platform.joined()
    transfer = platform.sent(account)
    platform.stripe.on_event(lambda event: types.append(event.type))
    words = platform.stripe.connect.book.transfers.find(transfer.id).to_stripe

    for part, is_whole in ((1_000, False), (2_000, False), (3_000, True)):
        platform.run(platform.vendor.take_back(transfer.id, part))
        assert words()["reversed"] is is_whole

    assert types == ["transfer.reversed"] * 3
    assert words()["amount_reversed"] == 6_000


def test_each_refund_has_a_purpose_and_an_entry() -> None:
    """P12, P13"""
    platform = ConnectFixture()
    charge = platform.sold_in_group()

    refund = platform.run(platform.vendor.refund(charge.payment_id, 2_500, purpose="one mug"))

    [entry] = platform.run(platform.vendor.entries(None, refund.id))
    assert (refund.purpose, refund.amount.minor) == ("one mug", 2_500)
    assert (entry.id, entry.net_minor, entry.fee_minor) == (refund.balance_transaction_id, -2_500, 0)
    platform.rejected(platform.vendor.refund(charge.payment_id, 7_501))


def test_a_refund_that_the_balance_does_not_cover_is_pending_until_it_does() -> None:
    platform = ConnectFixture()
    charge = platform.sold_in_group()
    platform.pass_days(7)
    platform.stripe.withdraw_from_platform(9_680)

    refund = platform.run(platform.vendor.refund(charge.payment_id, 10_000))

    assert refund.status is RefundStatus.PENDING
    assert platform.held(None) == (-10_000, 0)
    platform.pass_days(3)
    assert platform.run(platform.stripe.list_split_refunds(charge.id))[0].status is RefundStatus.PENDING
    platform.stripe.top_up_platform(10_000)
    platform.pass_days(1)
    assert platform.run(platform.stripe.list_split_refunds(charge.id))[0].status is RefundStatus.SUCCEEDED


def test_a_refund_that_fails_comes_back_to_the_platform_and_what_the_vendor_gave_stays() -> None:
    platform = ConnectFixture()
    account = platform.joined()
    split = DestinationCharge(account.id, Money(1_000, "usd"))
    platform.stripe.top_up_platform(1_000)  # for Stripe's fee, without which the refund would wait
    charge = platform.run(platform.vendor.sold(split, card="pm_card_refundFail"))
    platform.run(platform.vendor.refund(charge.payment_id, 10_000, reverse=True, fee=True))

    platform.pass_days(6)

    [refund] = platform.run(platform.stripe.list_split_refunds(charge.id))
    assert refund.status is RefundStatus.FAILED
    [back, gone] = platform.run(platform.vendor.entries(None, refund.id))
    assert (back.id, gone.id) == (refund.failure_balance_transaction_id, refund.balance_transaction_id)
    assert back.net_minor == -gone.net_minor == 10_000
    assert platform.held(account) == (0, 0)
