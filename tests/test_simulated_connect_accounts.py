"""Vendors' accounts of the simulated Stripe: what is wanted, what is restricted, and which endpoint learns of it."""

from __future__ import annotations

from typing import get_args

import pytest
from stripe.params import WebhookEndpointCreateParams

from payflows.marketplace.connect import (
    ACCOUNT_INVALID,
    PAYOUTS_NOT_ALLOWED,
    TRANSFERS_INACTIVE,
    BusinessType,
    CapabilityStatus,
    DestinationCharge,
    PayoutStatus,
)
from payflows.marketplace.input import COUNTRIES
from payflows.money import CURRENCIES, Money
from payflows.payments.model import PaymentStatus
from payflows.stripe.gateway import StripeGateway
from simulations.stripe import CONNECTED_EVENT_TYPES, PLATFORM_EVENT_TYPES, SignedPost, StripeEvent, WebhookSender
from simulations.stripe.connect.accounts import CURRENCY_OF
from simulations.stripe.http.api import HttpApi
from simulations.stripe.http.transport import gateway_over
from simulations.stripe.webhooks.sender import EventSource
from simulations.time.draws import Draws
from tests.connect_fixture import ConnectFixture
from tests.stripe_openapi import validator_of

ACTIVE, INACTIVE = CapabilityStatus.ACTIVE, CapabilityStatus.INACTIVE


def test_what_is_due_is_past_due_at_the_deadline_and_the_account_restricted() -> None:
    """B61"""
    platform = ConnectFixture()
    account = platform.joined()
    platform.stripe.require(account.id, "company.tax_id", within_seconds=3 * 86_400)

    due = platform.account(account)
    platform.pass_days(3)
    restricted = platform.account(account)

    assert (due.transfers, due.requirements.currently_due) == (ACTIVE, ("company.tax_id",))
    assert due.requirements.current_deadline == platform.clock.now()
    assert restricted.requirements.past_due == ("company.tax_id",)
    assert restricted.requirements.disabled_reason == "requirements.past_due"
    assert (restricted.transfers, restricted.payouts_enabled, restricted.charges_enabled) == (INACTIVE, False, False)


def test_what_is_met_in_time_restricts_nothing_and_what_is_met_late_enables_again() -> None:
    """B61"""
    platform = ConnectFixture()
    account = platform.joined()
    for days in (1, 4):
        platform.stripe.require(account.id, "company.tax_id", within_seconds=3 * 86_400)
        platform.pass_days(days)
        platform.stripe.submit_requirements(account.id)
        platform.pass_days(3)
        assert (platform.account(account).transfers, platform.account(account).payouts_enabled) == (ACTIVE, True)


def test_each_capability_is_separate_and_without_transfers_nothing_can_be_sent() -> None:
    """B61"""
    platform = ConnectFixture()
    account = platform.joined()
    waiting = platform.run(platform.vendor.charge(DestinationCharge(account.id, Money(1_000, "usd"))))
    charge = platform.sold_in_group()
    platform.stripe.set_capability(account.id, "transfers", INACTIVE)

    seen = platform.account(account)

    assert (seen.transfers, seen.card_payments, seen.payouts_enabled) == (INACTIVE, ACTIVE, True)
    for call in (
        platform.vendor.send(account.id, 1_000, charge.id),
        platform.vendor.charge(DestinationCharge(account.id, Money(1_000, "usd"))),
        platform.stripe.confirm_payment(waiting.id, payment_method="pm_card_visa", key="k"),
    ):
        assert platform.rejected(call).code == TRANSFERS_INACTIVE
    assert platform.run(platform.stripe.retrieve_payment(waiting.id)).status is PaymentStatus.REQUIRES_PAYMENT_METHOD


def test_a_rejected_account_stays_restricted_after_each_submission() -> None:
    platform = ConnectFixture()
    account = platform.joined()
    platform.stripe.reject_account(account.id)

    platform.stripe.submit_requirements(account.id)

    seen = platform.account(account)
    assert seen.is_rejected
    assert (seen.transfers, seen.payouts_enabled) == (INACTIVE, False)


def test_an_express_account_leaves_losses_to_the_platform_and_a_link_lasts_minutes() -> None:
    """B62"""
    platform = ConnectFixture()
    account = platform.run(platform.vendor.join())
    words = platform.stripe.connect.book.account(account.id).to_stripe()
    urls = {"refresh_url": "https://shop.example/again", "return_url": "https://shop.example/done"}

    link = platform.run(platform.stripe.create_account_link(account.id, **urls))
    platform.pass_days(0.0001)
    other = platform.run(platform.stripe.create_account_link(account.id, **urls))

    assert words["controller"]["losses"] == {"payments": "application"}  # type: ignore[index]  # Stripe's JSON
    assert (link.expires_at - platform.clock.now()).total_seconds() <= 300
    assert link.url != other.url


@pytest.mark.parametrize("over_http", [False, True])
def test_an_account_that_was_closed_refuses_every_call(over_http: bool) -> None:
    platform = ConnectFixture()
    account = platform.joined()
    charge = platform.sold_for(account)
    gateway: StripeGateway = gateway_over(HttpApi(platform.stripe).server)
    connect = gateway.connect if over_http else platform.stripe
    platform.stripe.close_account(account.id)

    for call in (
        connect.retrieve_account(account.id),
        connect.retrieve_balance(account.id),
        connect.create_payout(account.id, payout_id="payout-1", amount=Money(1, "usd"), key="k1"),
        connect.reverse_transfer(charge.transfer_id or "", purpose="refund", amount=Money(1, "usd"), key="k2"),
    ):
        assert platform.rejected(call).code == ACCOUNT_INVALID


def test_a_call_as_a_vendor_does_not_see_what_is_the_platforms() -> None:
    platform = ConnectFixture()
    first, other = platform.joined(), platform.joined(platform.new_vendor("vendor-2"))
    charge = platform.sold_for(first)
    platform.pass_days(7)
    payout = platform.run(platform.vendor.pay_out(first.id, 1_000))
    http = gateway_over(HttpApi(platform.stripe).server)
    entry_id = charge.balance_transaction_id or ""

    for call in (
        http.connect.retrieve_balance_transaction(first.id, balance_transaction_id=entry_id),
        http.connect.retrieve_payout(other.id, stripe_payout_id=payout.id),
    ):
        assert platform.rejected(call).code == "resource_missing"
    assert platform.run(http.connect.retrieve_balance(other.id)).available == {}


def test_a_payout_is_paid_and_may_fail_after_that() -> None:
    platform = ConnectFixture()
    account = platform.joined()
    platform.sold_for(account)
    platform.pass_days(7)
    platform.stripe.refuse_payouts(account.id)
    payout = platform.run(platform.vendor.pay_out(account.id, 9_000))

    platform.pass_days(2)
    paid = platform.run(platform.stripe.retrieve_payout(account.id, stripe_payout_id=payout.id))
    platform.pass_days(4)
    failed = platform.run(platform.stripe.retrieve_payout(account.id, stripe_payout_id=payout.id))

    assert (paid.status, failed.status) == (PayoutStatus.PAID, PayoutStatus.FAILED)
    assert (paid.failure_code, failed.failure_code) == (None, "account_closed")
    assert platform.held(account) == (9_000, 0)
    assert platform.rejected(platform.vendor.pay_out(account.id, 1)).code == PAYOUTS_NOT_ALLOWED


def test_a_payout_of_a_fraction_of_a_forint_is_refused() -> None:
    platform = ConnectFixture()
    vendor = platform.new_vendor("hun", "huf")
    make = platform.stripe.create_account
    individual = BusinessType.INDIVIDUAL
    account = platform.run(make("hun", email="hun@example.com", country="HU", business_type=individual, key="1"))
    platform.stripe.submit_requirements(account.id)
    platform.run(vendor.sold_for(account.id, 45_500, 4_550))
    platform.pass_days(7)

    assert "divisible by 100" in str(platform.rejected(vendor.pay_out(account.id, 40_950)))
    assert platform.run(vendor.pay_out(account.id, 40_900)).amount == vendor.money(40_900)


def test_a_schedule_pays_out_all_that_is_available_and_names_its_entries() -> None:
    """B63"""
    platform = ConnectFixture()
    account = platform.joined()
    platform.stripe.set_daily_payouts(account.id)
    platform.sold_for(account)

    platform.pass_days(4)

    connected = platform.stripe.connect.book.account(account.id)
    [payout] = connected.payouts
    assert (payout.amount, payout.automatic, platform.held(account)) == (9_000, True, (0, 0))
    assert payout.to_stripe()["reconciliation_status"] == "completed"
    assert [entry.type for entry in connected.balance if entry.payout == payout.id] == ["payment"]


def test_the_connect_endpoint_has_its_own_events_and_its_own_secret_and_each_names_its_account() -> None:
    platform, ours, vendors = ConnectFixture(), list[StripeEvent](), list[StripeEvent]()
    posted: dict[str, list[str]] = {"platform": [], "connect": []}

    def endpoint_of(name: str, secret: str, source: EventSource) -> WebhookSender:
        async def endpoint(body: bytes, headers: object) -> int:
            posted[name].append(body.decode())
            return 200

        return WebhookSender(source, platform.clock, SignedPost(endpoint, (secret,)), draws=Draws(1))

    endpoint_of("platform", "whsec_platform", platform.stripe)
    endpoint_of("connect", "whsec_connect", platform.stripe.connected_events)
    platform.stripe.on_event(ours.append)
    platform.stripe.connected_events.on_event(vendors.append, None, True)
    account = platform.joined()
    charge = platform.sold_for(account)
    platform.run(platform.vendor.refund(charge.payment_id, 1_000, reverse=True, fee=True))
    platform.pass_days(7)
    payout = platform.run(platform.vendor.pay_out(account.id, 1_000))
    platform.pass_days(7)
    platform.stripe.fail_payout(account.id, payout.id)
    platform.stripe.close_account(account.id)
    platform.pass_days(1)

    assert {event.type for event in vendors} == set(CONNECTED_EVENT_TYPES)
    assert {event.type for event in ours} >= set(PLATFORM_EVENT_TYPES)
    assert {event.account for event in vendors} == {account.id}
    assert {event.account for event in ours} == {None}
    assert len({event.id for event in (*ours, *vendors)}) == len(ours) + len(vendors)
    assert len(posted["connect"]) == len(vendors)
    assert all(f'"account":"{account.id}"' in body for body in posted["connect"])
    assert not any('"account":"' in body and '"type":"payment_intent' in body for body in posted["platform"])
    for event in (*ours, *vendors):
        validator_of("event").validate(event.to_stripe())
        validator_of(str(event.subject["object"])).validate(event.subject)


def test_a_bank_debit_that_settles_after_its_vendor_has_left_is_passed_on_all_the_same() -> None:
    platform = ConnectFixture()
    account = platform.joined()
    waiting = platform.run(platform.vendor.charge(DestinationCharge(account.id, Money(1_000, "usd"))))
    platform.run(platform.stripe.confirm_payment(waiting.id, payment_method="pm_usBankAccount_success", key="confirm"))
    platform.stripe.close_account(account.id)

    platform.pass_days(5)

    assert platform.run(platform.stripe.retrieve_payment(waiting.id)).status is PaymentStatus.SUCCEEDED
    assert sum(platform.held(None)) == 1_000 - 320


def test_every_type_of_event_is_one_of_stripes() -> None:
    [stripes] = get_args(WebhookEndpointCreateParams.__annotations__["enabled_events"])

    assert {*PLATFORM_EVENT_TYPES, *CONNECTED_EVENT_TYPES} <= set(get_args(stripes))


def test_it_knows_every_country_in_which_vendors_are_onboarded() -> None:
    assert {*CURRENCY_OF} >= COUNTRIES
    assert {*CURRENCY_OF.values()} <= {*CURRENCIES}
