"""Split charges of the simulated Stripe: where the money goes, and when it is there."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from payflows.errors import CallRejected, OutcomeUnknown
from payflows.marketplace.connect import BusinessType, DestinationCharge, SeparateCharge
from payflows.money import Money
from payflows.payments.model import CaptureMode
from simulations.stripe import ConnectSettings, HandClock, SimulatedStripe
from tests.connect_fixture import ConnectFixture
from tests.stripe_openapi import validator_of


def test_the_whole_moves_the_fee_comes_back_and_stripes_fee_is_the_platforms() -> None:
    """B53"""
    platform = ConnectFixture(fee_bps=290, fee_fixed_minor=30)
    account = platform.joined()

    platform.sold_for(account, 10_000, fee_minor=1_000)

    kinds = {entry.type: entry.net_minor for entry in platform.run(platform.vendor.entries(None))}
    assert kinds == {"charge": 10_000 - 320, "transfer": -10_000, "application_fee": 1_000}
    [payment] = platform.run(platform.vendor.entries(account.id))
    assert (payment.type, payment.amount_minor, payment.fee_minor, payment.net_minor) == (
        "payment",
        10_000,
        1_000,
        9_000,
    )


def test_the_application_fee_is_at_most_what_is_captured() -> None:
    """B53"""
    platform = ConnectFixture()
    account = platform.joined()
    too_much = DestinationCharge(account.id, Money(10_001, "usd"))

    platform.rejected(platform.vendor.charge(too_much, 10_000))
    charge = platform.sold_for(account, 10_000, fee_minor=10_000)

    assert charge.application_fee_id
    assert platform.held(account) == (0, 0)


@pytest.mark.parametrize(("amount", "fee"), [(1, 0), (17, 0), (18, 1), (10_000, 290), (345, 10), (344, 10)])
def test_stripes_fee_is_rounded_half_up(amount: int, fee: int) -> None:
    assert ConnectSettings(fee_bps=290, fee_fixed_minor=0).fee_of(amount) == fee


def test_a_transfer_tied_to_its_charge_is_made_now_and_waits_for_the_money() -> None:
    """B57"""
    platform = ConnectFixture()
    account = platform.joined()
    charge = platform.sold_in_group()
    transfer = platform.run(platform.vendor.send(account.id, 6_000, charge.id))
    [entry] = platform.run(platform.vendor.entries(None, transfer.id))
    [charged] = platform.run(platform.vendor.entries(None, charge.id))

    assert platform.held(account) == (0, 6_000)
    assert entry.available_at == charged.available_at
    platform.pass_days(2)
    assert platform.held(account) == (6_000, 0)


def test_transfers_of_one_charge_are_at_most_what_was_captured_and_of_its_group() -> None:
    """B57"""
    platform = ConnectFixture()
    account = platform.joined()
    charge = platform.sold_in_group()

    platform.rejected(platform.vendor.send(account.id, 10_001, charge.id))
    platform.rejected(platform.vendor.send(account.id, 1, charge.id, group="another"))
    platform.run(platform.vendor.send(account.id, 10_000, charge.id))

    platform.rejected(platform.vendor.send(account.id, 1, charge.id))


@pytest.mark.parametrize(("day", "hour", "available"), [(5, 12, 7), (8, 23, 12), (9, 1, 13), (10, 12, 13)])
def test_money_is_available_on_its_date_and_no_weekend_counts(day: int, hour: int, available: int) -> None:
    """B63"""
    platform = ConnectFixture(start=datetime(2026, 1, day, hour, tzinfo=UTC))

    charge = platform.sold_in_group()

    [entry] = platform.run(platform.vendor.entries(None, charge.id))
    assert entry.available_at == datetime(2026, 1, available, tzinfo=UTC)
    assert platform.held(None) == (0, 9_680)
    platform.clock.pass_time((entry.available_at - platform.clock.now()).total_seconds() - 1)
    assert platform.held(None) == (0, 9_680)
    platform.clock.pass_time(1)
    assert platform.held(None) == (9_680, 0)


def test_every_object_is_one_of_stripes() -> None:
    platform = ConnectFixture()
    account = platform.joined()
    charge = platform.sold_for(account)
    platform.run(platform.vendor.refund(charge.payment_id, 5_000, reverse=True, fee=True))
    platform.pass_days(7)
    platform.run(platform.vendor.pay_out(account.id, 1_000))
    assert charge.transfer_id
    assert charge.application_fee_id
    book, now = platform.stripe.connect.book, platform.stripe.account.seconds()
    transfer, fee = book.transfers.find(charge.transfer_id), book.fees.find(charge.application_fee_id)
    connected, sold = book.account(account.id), book.charges.find(charge.id)
    [refund] = sold.intent.refunds

    for kind, words in (
        ("account", connected.to_stripe()),
        ("payout", connected.payouts[0].to_stripe()),
        ("transfer", transfer.to_stripe()),
        ("transfer_reversal", transfer.reversals[0].to_stripe()),
        ("application_fee", fee.to_stripe()),
        ("fee_refund", fee.refunds[0].to_stripe()),
        ("charge", sold.charge.to_stripe()),
        ("payment_intent", sold.intent.to_stripe()),
        ("refund", refund.to_stripe()),
        *(("balance_transaction", entry.to_stripe(now)) for entry in connected.balance),
        *(("balance_transaction", entry.to_stripe(now)) for entry in platform.stripe.connect.rules.balances.platform),
    ):
        validator_of(kind).validate(words)


def test_an_account_that_is_no_platform_refuses_every_call_and_books_nothing() -> None:
    clock = HandClock()
    stripe = SimulatedStripe(clock)

    with pytest.raises(CallRejected, match="signed up for Connect"):
        clock.run(stripe.retrieve_balance(None))
    assert not tuple(stripe.connect.rules.balances.platform)


def test_a_vendor_of_another_currency_is_refused() -> None:
    platform = ConnectFixture()
    account = platform.joined()
    yen = platform.new_vendor("vendor-2", "jpy")

    platform.rejected(yen.charge(DestinationCharge(account.id, Money(10, "jpy")), 1_000))
    platform.run(yen.charge(SeparateCharge("group-1"), 1_000))


def test_amounts_of_three_decimals_end_in_nought() -> None:
    platform = ConnectFixture()
    dinars = platform.new_vendor("vendor-2", "tnd")
    account = platform.run(
        platform.stripe.create_account(
            "vendor-2", email="v@example.com", country="TN", business_type=BusinessType.COMPANY, key="k"
        )
    )
    platform.stripe.submit_requirements(account.id)
    charge = platform.run(dinars.sold(SeparateCharge("group-1"), 10_000))

    platform.rejected(dinars.send(account.id, 5_001, charge.id))
    transfer = platform.run(dinars.send(account.id, 5_000, charge.id))
    platform.rejected(dinars.take_back(transfer.id, 1))
    platform.rejected(dinars.refund(charge.payment_id, 1))

    assert platform.run(dinars.held(account.id)) == (0, 5_000)


def test_a_transfer_whose_answer_was_lost_is_made_once() -> None:
    platform = ConnectFixture()
    account = platform.joined()
    charge = platform.sold_in_group()
    platform.stripe.lose_answer_of("create_transfer")
    with pytest.raises(OutcomeUnknown):
        platform.run(platform.vendor.send(account.id, 6_000, charge.id, key="k"))

    again = platform.run(platform.vendor.send(account.id, 6_000, charge.id, key="k"))

    assert platform.run(platform.stripe.list_transfers("group-1")) == (again,)
    assert platform.held(account) == (0, 6_000)


def test_a_capture_of_a_part_passes_on_what_was_captured_and_caps_the_fee() -> None:
    """B53"""
    platform = ConnectFixture()
    account = platform.joined()
    payment = platform.run(
        platform.stripe.create_split_payment(
            "order-9",
            amount=Money(10_000, "usd"),
            split=DestinationCharge(account.id, Money(3_000, "usd")),
            capture=CaptureMode.MANUAL,
            stripe_customer_id=None,
            key="create",
        )
    )
    platform.run(platform.stripe.confirm_payment(payment.id, payment_method="pm_card_visa", key="confirm"))
    assert platform.held(account) == (0, 0)

    platform.stripe.capture_in_dashboard(payment.id, 2_000)

    [paid] = platform.run(platform.vendor.entries(account.id))
    assert (paid.amount_minor, paid.fee_minor) == (2_000, 2_000)
