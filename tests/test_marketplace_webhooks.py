"""Webhooks of a marketplace: the platform's, and those of vendors' accounts, by another secret."""

from __future__ import annotations

import json

import pytest

from payflows.app import build_app
from payflows.checkout.business import CheckoutSetup
from payflows.errors import InvalidPolicy, NotFound
from payflows.kernel.inbox import WEBHOOKS
from payflows.marketplace.accounts import INCORRECT_SPLITS, REVENUE
from payflows.marketplace.adopting import BY_OTHER_HANDS
from payflows.marketplace.connect import CapabilityStatus
from payflows.marketplace.dispute_case import CaseStatus
from payflows.marketplace.movement import MovementStatus
from payflows.marketplace.payout import PayoutState
from payflows.marketplace.sale import SaleStatus
from payflows.marketplace.vendor import VendorStatus
from payflows.stripe.webhooks.response import IgnoredReason, ResponseCode, WebhookResponse
from simulations.checkout.scripted_shop import PRICES, ScriptedShop
from simulations.marketplace.scripted_marketplace import PLATFORM, ScriptedMarketplace
from simulations.network.link import Latency
from simulations.search.endpoint import CONNECTED_SECRET, CONNECTED_WEBHOOKS, WEBHOOK_SECRET
from simulations.stripe.webhooks.conditions import DeliveryConditions
from simulations.stripe.webhooks.handover import signature
from tests.marketplace_sales import ALONE, TOGETHER, cart, owed, sold, usd, with_vendors
from tests.plugins.marketplace import OpenMarketplace

A_SECOND_LATER = DeliveryConditions(delay=Latency(((0, 1_000), (100, 1_000))))


@pytest.fixture
def marketplace(open_marketplace: OpenMarketplace) -> ScriptedMarketplace:
    return with_vendors(open_marketplace, webhooks=A_SECOND_LATER)


def posted(
    marketplace: ScriptedMarketplace,
    event_type: str,
    carried: dict[str, object],
    *,
    account: str | None,
    secret: str = CONNECTED_SECRET,
    is_connected: bool = True,
) -> WebhookResponse:
    """Post a webhook to the endpoint of vendors' accounts, or the platform's."""
    app, now = marketplace.app, marketplace.world.now()
    event = {
        "id": f"evt_{event_type.replace('.', '').replace('_', '')}",
        "object": "event",
        "type": event_type,
        "created": int(now.timestamp()),
        "livemode": False,
        "account": account,
        "data": {"object": carried},
    }
    body = json.dumps({name: value for name, value in event.items() if value is not None}).encode()
    headers = {"Stripe-Signature": signature(body, int(now.timestamp()), [secret.encode()])}
    endpoint = app.connected_webhooks if is_connected else app.webhooks
    assert endpoint is not None
    return marketplace.world.run(endpoint.receive(body, headers, now))


def account_of(marketplace: ScriptedMarketplace, vendor_id: str = "bob") -> str:
    return marketplace.vendor(vendor_id).stored_account_id()


def test_what_happens_to_an_account_is_seen_within_a_minute(marketplace: ScriptedMarketplace) -> None:
    """M7: `account.updated` and `capability.updated`."""
    account_id = account_of(marketplace)

    marketplace.stripe.set_capability(account_id, "transfers", CapabilityStatus.INACTIVE)
    marketplace.pass_time(minutes=1)
    assert marketplace.vendor("bob").status is VendorStatus.RESTRICTED
    marketplace.stripe.set_capability(account_id, "transfers", CapabilityStatus.ACTIVE)
    marketplace.pass_time(minutes=1)
    assert marketplace.vendor("bob").status is VendorStatus.ACTIVE


def test_an_account_that_leaves_closes_its_vendor(marketplace: ScriptedMarketplace) -> None:
    """`account.application.deauthorized` carries an application: its account is named by the event alone."""
    marketplace.stripe.close_account(account_of(marketplace))
    marketplace.pass_time(minutes=1)

    assert marketplace.vendor("bob").status is VendorStatus.CLOSED


def test_a_payout_is_followed_by_its_webhooks(marketplace: ScriptedMarketplace) -> None:
    sold(marketplace, ALONE, days=8)
    [payout] = marketplace.payouts("bob")
    assert payout.stripe_payout_id is not None

    marketplace.stripe.fail_payout(payout.account_id, payout.stripe_payout_id)
    marketplace.pass_time(minutes=1)

    assert marketplace.payouts("bob")[0].status is PayoutState.FAILED


def test_a_payout_that_stripe_has_made_is_followed_too(marketplace: ScriptedMarketplace) -> None:
    """What a vendor's schedule pays out in our place has left the balance all the same, and ours is refused."""
    sold(marketplace, ALONE, days=5)
    marketplace.stripe.set_daily_payouts(account_of(marketplace))

    marketplace.pass_time(days=8)

    assert {payout.amount for payout in marketplace.payouts("bob")} == {usd(4_500)}
    assert [payout.status for payout in marketplace.payouts("bob")] == [PayoutState.FAILED, PayoutState.PAID]
    assert owed(marketplace)[0] == 0


def test_refunds_and_disputes_in_the_dashboard_are_seen_without_a_notice(marketplace: ScriptedMarketplace) -> None:
    sale = sold(marketplace, TOGETHER)

    marketplace.stripe.refund_in_dashboard(sale.charge.stored_payment_id(), 1_000)
    marketplace.stripe.dispute(sale.charge.stored_payment_id(), 2_000)
    marketplace.pass_time(minutes=2)

    assert sum(part.returned_minor for part in marketplace.now(sale).parts) == 1_000
    assert [case.status for case in marketplace.disputes(sale)] == [CaseStatus.OPEN]


@pytest.mark.parametrize("goods", [ALONE, TOGETHER], ids=["destination", "separate"])
def test_a_share_that_other_hands_take_back_is_posted_and_put_before_a_person(
    marketplace: ScriptedMarketplace, goods: dict[str, int]
) -> None:
    """`transfer.reversed`: it is not known what for, so it stands on incorrect splits until a person says."""
    sale = sold(marketplace, goods)
    transfer_id = marketplace.now(sale).part_of("bob").transfers[0].id
    assert transfer_id is not None

    marketplace.stripe.reverse_in_dashboard(transfer_id, 700)
    marketplace.pass_time(minutes=2)

    [taken] = [each for each in marketplace.movements(sale) if each.purpose.startswith("dashboard")]
    assert (taken.status, taken.amount) == (MovementStatus.DONE, usd(700))
    assert taken.review is not None
    assert taken.review.reason == BY_OTHER_HANDS
    assert marketplace.balance_minor(INCORRECT_SPLITS) == -700
    marketplace.refund(sale, amounts={"bob": usd(goods["bob"])})
    assert marketplace.reconcile().is_clean


def test_a_fee_that_other_hands_give_back_is_posted(marketplace: ScriptedMarketplace) -> None:
    """`application_fee.refunded`"""
    sale = sold(marketplace, ALONE)
    fee_id = marketplace.now(sale).application_fee_id
    assert fee_id is not None
    marketplace.refund_fee_in_dashboard(fee_id, usd(200))
    marketplace.pass_time(minutes=2)

    assert (marketplace.balance_minor(REVENUE), owed(marketplace)[0]) == (-300, 4_700)
    marketplace.refund(sale)
    assert (marketplace.balance_minor(REVENUE), owed(marketplace)[0]) == (0, 0)


def test_an_account_of_no_vendor_is_ignored_with_a_reason(marketplace: ScriptedMarketplace) -> None:
    answer = posted(marketplace, "account.updated", {"id": "acct_other", "object": "account"}, account="acct_other")

    assert answer == WebhookResponse(ResponseCode.IGNORED, IgnoredReason.NO_VENDOR)
    assert marketplace.app.inbox is not None
    stored = marketplace.world.run(marketplace.app.inbox.webhook("evt_accountupdated"))
    assert stored.ignored == IgnoredReason.NO_VENDOR


def test_each_endpoint_takes_its_own_secret_and_its_own_accounts(marketplace: ScriptedMarketplace) -> None:
    account_id = account_of(marketplace)
    carried: dict[str, object] = {"id": account_id, "object": "account"}

    def post(**how: object) -> WebhookResponse:
        return posted(marketplace, "account.updated", carried, **how)  # type: ignore[arg-type]

    assert post(account=account_id, secret=WEBHOOK_SECRET).code is ResponseCode.WRONG_SIGNATURE
    assert post(account=account_id, is_connected=False).code is ResponseCode.WRONG_SIGNATURE
    assert post(account=account_id).code is ResponseCode.STORED
    assert post(account=account_id).code is ResponseCode.DUPLICATE
    assert marketplace.world.run(marketplace.flow.has_account(account_id))


@pytest.mark.parametrize("account", [None, "ours"])
def test_an_event_at_the_wrong_endpoint_is_ignored(marketplace: ScriptedMarketplace, account: str | None) -> None:
    """The platform's own at the endpoint of vendors' accounts, and the other way round."""
    is_connected, secret = (True, CONNECTED_SECRET) if account is None else (False, WEBHOOK_SECRET)
    named = None if account is None else account_of(marketplace)

    answer = posted(
        marketplace,
        "payout.paid",
        {"id": "po_1", "object": "payout"},
        account=named,
        secret=secret,
        is_connected=is_connected,
    )

    assert answer.ignored is IgnoredReason.OTHER_ACCOUNT


def test_a_vendors_own_payments_are_no_sales_of_ours(marketplace: ScriptedMarketplace) -> None:
    answer = posted(
        marketplace,
        "payment_intent.succeeded",
        {"id": "pi_1", "object": "payment_intent"},
        account=account_of(marketplace),
    )

    assert answer.ignored is IgnoredReason.NO_BUSINESS


def test_payouts_of_other_accounts_are_not_ours(marketplace: ScriptedMarketplace) -> None:
    sold(marketplace, TOGETHER, days=8)
    [payout] = marketplace.payouts("bob")
    flow = marketplace.flow
    assert payout.stripe_payout_id is not None

    for account_id, payout_id in (
        ("acct_unknown", payout.stripe_payout_id),
        (account_of(marketplace, "carol"), payout.stripe_payout_id),
        (payout.account_id, "po_unknown"),
    ):
        with pytest.raises(NotFound):
            marketplace.world.run(flow.payout_changed(PLATFORM, account_id, payout_id))


def test_without_webhooks_the_worker_finds_all_by_itself(open_marketplace: OpenMarketplace) -> None:
    marketplace = open_marketplace(webhooks=None)
    marketplace.begin_onboarding("bob")
    marketplace.stripe.submit_requirements(account_of(marketplace))
    marketplace.pass_time(days=1, hours=1)

    sale = marketplace.buy(cart(bob=5_000))
    marketplace.pass_time(days=14)

    assert marketplace.sender is None
    assert marketplace.now(sale).status is SaleStatus.AVAILABLE
    assert [payout.status for payout in marketplace.payouts("bob")] == [PayoutState.PAID]


def test_webhooks_of_vendors_accounts_need_a_marketplace() -> None:
    shop = ScriptedShop()
    checkout = CheckoutSetup(prices=PRICES, inventory=shop.inventory, carrier=shop.carrier)

    with pytest.raises(InvalidPolicy, match="MarketplaceSetup"):
        build_app(gateway=shop.stripe, checkout=checkout, connected_webhooks=CONNECTED_WEBHOOKS, clock=shop.world)


def test_each_webhook_is_worked_on_or_ignored_with_a_reason(marketplace: ScriptedMarketplace) -> None:
    """I24"""
    sale = sold(marketplace, TOGETHER, days=5)
    marketplace.refund(sale, amounts={"bob": usd(1_000)})
    marketplace.pass_time(days=9)

    stored = list(marketplace.store.all_entries(WEBHOOKS))
    assert {each.type for each in stored if each.ignored is None} >= {
        "account.updated",
        "payment_intent.succeeded",
        "payout.paid",
        "refund.created",
        "transfer.reversed",
    }
    assert {each.ignored for each in stored} <= {None, IgnoredReason.UNWANTED_TYPE}
