"""What every `MarketplaceGateway` promises, and what one that remembers what it did promises besides."""

from __future__ import annotations

from payflows.marketplace.balances import BalanceStatus
from payflows.marketplace.connect import (
    ACCOUNT_INVALID,
    BALANCE_INSUFFICIENT,
    PAYOUTS_NOT_ALLOWED,
    TRANSFERS_INACTIVE,
    CapabilityStatus,
    DestinationCharge,
    PayoutStatus,
    SeparateCharge,
)
from payflows.payments.model import PaymentStatus
from payflows.testing.gateway_vendor import LONG_AGO, Vendor


async def a_split_payment_waits_for_a_card_and_has_moved_no_money(vendor: Vendor) -> None:
    """Whoever it is for."""
    account = await vendor.join()
    if vendor.onboard is not None:
        vendor.onboard(account.id)
    for split in (DestinationCharge(account.id, vendor.money(1_000)), SeparateCharge("group-1")):
        payment = await vendor.charge(split)
        assert payment.amount == vendor.money(10_000)
        assert payment.status is PaymentStatus.REQUIRES_PAYMENT_METHOD
        assert payment.received.minor == payment.returned.minor == 0


async def a_link_is_the_vendors_alone(vendor: Vendor) -> None:
    """It says until when, and its repr does not show it."""
    account = await vendor.join()
    link = await vendor.connect.create_account_link(
        account.id, refresh_url="https://shop.example/again", return_url="https://shop.example/done"
    )
    assert link.url.startswith("https://")
    assert link.url not in repr(link)


async def an_account_is_restricted_until_its_owner_has_said_who_they_are(vendor: Vendor) -> None:
    """Then it can be sent money, and is paid out."""
    account = await vendor.join()
    assert account.vendor_id == vendor.vendor_id
    assert (account.transfers, account.payouts_enabled) == (CapabilityStatus.INACTIVE, False)
    assert account.requirements.currently_due
    refused = await vendor.rejected(vendor.charge(DestinationCharge(account.id, vendor.money(1))))
    assert refused.code == TRANSFERS_INACTIVE
    assert (await vendor.rejected(vendor.pay_out(account.id, 1))).code == PAYOUTS_NOT_ALLOWED
    assert vendor.onboard is not None
    vendor.onboard(account.id)
    enabled = await vendor.connect.retrieve_account(account.id)
    assert (enabled.transfers, enabled.payouts_enabled) == (CapabilityStatus.ACTIVE, True)


async def an_account_is_made_once_and_found_by_its_vendor(vendor: Vendor) -> None:
    """The same key makes no other one."""
    key = vendor.new_key()
    account = await vendor.join(key=key)
    assert await vendor.join(key=key) == account
    found = await vendor.connect.list_accounts(vendor_id=vendor.vendor_id, created_from=LONG_AGO)
    assert found == (account,)
    assert await vendor.connect.list_accounts(vendor_id="another", created_from=LONG_AGO) == ()


async def an_account_that_is_not_ours_is_rejected(vendor: Vendor) -> None:
    """Any object that is asked about."""
    for call in (
        vendor.connect.retrieve_account("acct_unknown"),
        vendor.connect.retrieve_balance("acct_unknown"),
        vendor.pay_out("acct_unknown", 1),
        vendor.send("acct_unknown", 1, None),
    ):
        assert (await vendor.rejected(call)).code == ACCOUNT_INVALID


async def a_destination_charge_moves_the_whole_and_the_fee_comes_back(vendor: Vendor) -> None:
    """Stripe's fee is the platform's."""
    account = await vendor.joined()
    charge = await vendor.sold_for(account.id)
    assert charge.balance_transaction_id and charge.transfer_id and charge.application_fee_id
    booked = await vendor.connect.retrieve_balance_transaction(
        None, balance_transaction_id=charge.balance_transaction_id
    )
    assert (booked.amount_minor, booked.source_id, booked.status) == (10_000, charge.id, BalanceStatus.PENDING)
    transfer = await vendor.connect.retrieve_transfer(charge.transfer_id)
    assert (transfer.amount, transfer.account_id, transfer.charge_id) == (charge.amount, account.id, charge.id)
    assert (await vendor.connect.retrieve_application_fee(charge.application_fee_id)).amount == vendor.money(1_000)
    assert await vendor.held(account.id) == (0, 9_000)
    assert await vendor.held(None) == (0, 1_000 - booked.fee_minor)


async def a_refund_takes_nothing_back_unless_it_is_asked_to(vendor: Vendor) -> None:
    """Asked to, it takes the same share of the transfer and of the fee."""
    account = await vendor.joined()
    charge = await vendor.sold_for(account.id)
    assert charge.application_fee_id
    kept = await vendor.refund(charge.payment_id, 1_000)
    assert (kept.transfer_reversal_id, kept.purpose) == (None, "refund-1")
    assert await vendor.held(account.id) == (0, 9_000)
    shared = await vendor.refund(charge.payment_id, 5_000, reverse=True, fee=True, purpose="refund-2")
    assert shared.transfer_reversal_id
    assert await vendor.held(account.id) == (0, 4_500)
    assert (await vendor.connect.retrieve_application_fee(charge.application_fee_id)).refunded == vendor.money(500)
    [fee_refund] = await vendor.connect.list_application_fee_refunds(charge.application_fee_id)
    assert (fee_refund.amount, fee_refund.purpose) == (vendor.money(500), None)
    assert await vendor.connect.list_split_refunds(charge.id) == (shared, kept)


async def a_fee_is_refunded_only_with_its_transfer_and_where_there_is_one(vendor: Vendor) -> None:
    """And nothing of the refund is made."""
    account = await vendor.joined()
    charge, free = await vendor.sold_for(account.id), await vendor.sold_for(account.id, fee_minor=0)
    await vendor.rejected(vendor.refund(charge.payment_id, 1_000, fee=True))
    await vendor.rejected(vendor.refund(free.payment_id, 1_000, reverse=True, fee=True))
    for each in (charge, free):
        assert await vendor.connect.list_split_refunds(each.id) == ()


async def a_fee_is_given_back_by_itself(vendor: Vendor) -> None:
    """As far as it goes."""
    account = await vendor.joined()
    charge = await vendor.sold_for(account.id)
    assert charge.application_fee_id
    key = vendor.new_key()
    refund = await vendor.refund_fee(charge.application_fee_id, 400, key=key)
    assert await vendor.refund_fee(charge.application_fee_id, 400, key=key) == refund
    assert await vendor.held(account.id) == (0, 9_400)
    await vendor.rejected(vendor.refund_fee(charge.application_fee_id, 601))
    assert await vendor.connect.list_application_fee_refunds(charge.application_fee_id) == (refund,)


async def shares_of_a_separate_charge_are_sent_as_far_as_it_goes(vendor: Vendor) -> None:
    """Each once for each key, and all are found by their group."""
    account = await vendor.joined()
    charge = await vendor.sold_in_group()
    assert (charge.transfer_id, charge.transfer_group) == (None, "group-1")
    key = vendor.new_key()
    first = await vendor.send(account.id, 6_000, charge.id, key=key)
    assert await vendor.send(account.id, 6_000, charge.id, key=key) == first
    second = await vendor.send(account.id, 4_000, charge.id)
    await vendor.rejected(vendor.send(account.id, 1, charge.id))
    assert (first.order_id, first.purpose) == ("order-1", "sale")
    assert await vendor.connect.list_transfers("group-1") == (second, first)
    assert await vendor.connect.list_transfers("group-2") == ()
    assert await vendor.held(account.id) == (0, 10_000)


async def what_is_sent_without_a_charge_needs_an_available_balance(vendor: Vendor) -> None:
    """A charge's money is not there yet."""
    account = await vendor.joined()
    await vendor.sold_in_group()
    assert (await vendor.rejected(vendor.send(account.id, 1_000, None))).code == BALANCE_INSUFFICIENT
    await vendor.pass_days(7)
    await vendor.send(account.id, 1_000, None)
    assert await vendor.held(account.id) == (1_000, 0)


async def a_transfer_is_taken_back_in_parts_until_nothing_is_left(vendor: Vendor) -> None:
    """Once for each key."""
    account = await vendor.joined()
    charge = await vendor.sold_in_group()
    transfer = await vendor.send(account.id, 6_000, charge.id)
    key = vendor.new_key()
    first = await vendor.take_back(transfer.id, 2_000, key=key)
    assert await vendor.take_back(transfer.id, 2_000, key=key) == first
    second = await vendor.take_back(transfer.id, 4_000)
    await vendor.rejected(vendor.take_back(transfer.id, 1))
    assert await vendor.connect.list_reversals(transfer.id) == (second, first)
    assert (await vendor.connect.retrieve_transfer(transfer.id)).reversed == transfer.amount
    assert await vendor.held(account.id) == (0, 0)


async def what_was_paid_out_cannot_be_taken_back(vendor: Vendor) -> None:
    """Of a separate charge."""
    account = await vendor.joined()
    charge = await vendor.sold_in_group()
    transfer = await vendor.send(account.id, 6_000, charge.id)
    await vendor.pass_days(7)
    await vendor.pay_out(account.id, 5_000)
    assert (await vendor.rejected(vendor.take_back(transfer.id, 1_001))).code == BALANCE_INSUFFICIENT
    await vendor.take_back(transfer.id, 1_000)
    assert await vendor.held(account.id) == (0, 0)


async def a_payout_takes_what_is_available_and_is_the_vendors_alone(vendor: Vendor) -> None:
    """Once for each key; another account does not see it."""
    account, key = await vendor.joined(), vendor.new_key()
    await vendor.sold_for(account.id)
    assert (await vendor.rejected(vendor.pay_out(account.id, 9_000))).code == BALANCE_INSUFFICIENT
    await vendor.pass_days(7)
    payout = await vendor.pay_out(account.id, 9_000, key=key)
    assert await vendor.pay_out(account.id, 9_000, key=key) == payout
    assert (payout.payout_id, payout.status) == ("payout-1", PayoutStatus.IN_TRANSIT)
    assert await vendor.held(account.id) == (0, 0)
    await vendor.pass_days(7)
    [paid] = await vendor.connect.list_payouts(account.id, created_from=LONG_AGO)
    assert paid.status is PayoutStatus.PAID
    assert await vendor.connect.retrieve_payout(account.id, stripe_payout_id=payout.id) == paid
    other = await vendor.join()
    await vendor.rejected(vendor.connect.retrieve_payout(other.id, stripe_payout_id=payout.id))


async def entries_sum_to_the_balance(vendor: Vendor) -> None:
    """Of the platform, and of the vendor; those of an object can be listed."""
    account = await vendor.joined()
    charge = await vendor.sold_for(account.id)
    await vendor.refund(charge.payment_id, 2_500, reverse=True, fee=True)
    await vendor.pass_days(7)
    await vendor.pay_out(account.id, 5_000)
    for account_id in (None, account.id):
        entries = await vendor.entries(account_id)
        assert sum(entry.net_minor for entry in entries) == sum(await vendor.held(account_id))
        assert len({entry.id for entry in entries}) == len(entries) > 3
    [booked] = await vendor.entries(None, charge.id)
    assert booked.id == charge.balance_transaction_id


CHECKS_OF_EVERY_MARKETPLACE_GATEWAY = (
    a_split_payment_waits_for_a_card_and_has_moved_no_money,
    a_link_is_the_vendors_alone,
)
CHECKS_OF_ACCOUNTS_AND_MONEY = (
    an_account_is_restricted_until_its_owner_has_said_who_they_are,
    an_account_is_made_once_and_found_by_its_vendor,
    an_account_that_is_not_ours_is_rejected,
    a_destination_charge_moves_the_whole_and_the_fee_comes_back,
    a_refund_takes_nothing_back_unless_it_is_asked_to,
    a_fee_is_refunded_only_with_its_transfer_and_where_there_is_one,
    a_fee_is_given_back_by_itself,
    shares_of_a_separate_charge_are_sent_as_far_as_it_goes,
    what_is_sent_without_a_charge_needs_an_available_balance,
    a_transfer_is_taken_back_in_parts_until_nothing_is_left,
    what_was_paid_out_cannot_be_taken_back,
    a_payout_takes_what_is_available_and_is_the_vendors_alone,
    entries_sum_to_the_balance,
)
"""Of a gateway that remembers what it did, whose vendors can be onboarded, and where time can pass."""
