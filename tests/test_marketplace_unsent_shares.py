"""Shares that are not sent yet: what goes back meanwhile is kept from them, and those of who has left are owed."""

from __future__ import annotations

from payflows.marketplace.accounts import BUYERS, LOSSES, REVENUE
from payflows.marketplace.connect import CapabilityStatus
from payflows.marketplace.movement_steps import SHARE_OWED
from payflows.marketplace.sale import Sale
from payflows.marketplace.vendor_steps import OWED_TO_A_CLOSED_ACCOUNT
from simulations.marketplace.scripted_marketplace import REFUND_FAILS, VISA, ScriptedMarketplace
from tests.marketplace_books import moved
from tests.marketplace_sales import cart, usd, with_vendors
from tests.plugins.marketplace import OpenMarketplace


def with_an_unsent_share(marketplace: ScriptedMarketplace, card: str = VISA) -> Sale:
    """Carol's account becomes inactive before her share is sent, and Bob has his."""
    marketplace.stripe.lose_request_of("create_transfer", times=50)
    sale = marketplace.buy(cart(bob=3_000, carol=2_000), card=card)
    marketplace.stripe.set_capability(carol_of(marketplace), "transfers", CapabilityStatus.INACTIVE)
    marketplace.stripe.calm()
    marketplace.pass_time(days=1)
    assert moved(marketplace, sale) == {"share bob": ("done", 2_700), "share carol": ("moving", 1_800)}
    return sale


def carol_of(marketplace: ScriptedMarketplace) -> str:
    return marketplace.vendor("carol").stored_account_id()


def test_what_goes_back_before_a_share_is_sent_is_kept_from_it(marketplace: ScriptedMarketplace) -> None:
    sale = with_an_unsent_share(marketplace)

    marketplace.refund(sale, amounts={"carol": usd(500)})

    after = {"share carol": ("moving", 1_350), "refund-r1 carol": ("done", 450)}
    assert moved(marketplace, sale).items() > after.items()
    marketplace.stripe.set_capability(carol_of(marketplace), "transfers", CapabilityStatus.ACTIVE)
    marketplace.pass_time(days=4)
    assert (marketplace.owed_minor("carol"), marketplace.balance_minor(BUYERS)) == (1_350, 0)
    assert len(marketplace.stripe.connect.api.list_transfers(sale.id)) == 2


def test_of_a_share_that_goes_back_whole_nothing_is_sent(marketplace: ScriptedMarketplace) -> None:
    """And so it does not matter that the vendor is gone for good."""
    sale = with_an_unsent_share(marketplace)
    marketplace.stripe.reject_account(carol_of(marketplace))

    marketplace.refund(sale)
    marketplace.pass_time(days=4)

    assert moved(marketplace, sale)["share carol"] == ("dropped", 0)
    assert all(each.status.is_over and each.review is None for each in marketplace.movements(sale))
    assert marketplace.now(sale).status.value == "available"
    assert [marketplace.balance_minor(account) for account in (BUYERS, REVENUE, LOSSES)] == [0, 0, 0]


def test_a_refund_that_comes_back_sends_a_share_that_was_kept(open_marketplace: OpenMarketplace) -> None:
    marketplace = with_vendors(open_marketplace)
    sale = with_an_unsent_share(marketplace, card=REFUND_FAILS)

    marketplace.refund(sale)
    marketplace.stripe.set_capability(carol_of(marketplace), "transfers", CapabilityStatus.ACTIVE)
    marketplace.pass_time(days=8)
    marketplace.notice(sale)
    marketplace.pass_time(days=1)

    paid = {vendor: [each.amount.minor for each in marketplace.payouts(vendor)] for vendor in ("bob", "carol")}
    assert paid == {"bob": [2_700], "carol": [1_800]}


def test_a_share_for_a_closed_account_is_left_to_a_person_and_asked_for_no_more(
    marketplace: ScriptedMarketplace,
) -> None:
    sale = with_an_unsent_share(marketplace)
    account_id = carol_of(marketplace)
    marketplace.stripe.reject_account(account_id)
    marketplace.world.run(marketplace.flow.account_changed(marketplace.app.merchant, account_id))
    marketplace.pass_time(hours=2)
    calls = len(marketplace.calls)

    marketplace.pass_time(days=3)

    share = next(each for each in marketplace.movements(sale) if each.id.endswith("share:carol"))
    vendor = marketplace.vendor("carol")
    assert share.is_blocked
    assert [each and each.reason for each in (share.review, vendor.review)] == [SHARE_OWED, OWED_TO_A_CLOSED_ACCOUNT]
    assert "carol is owed 18.00 usd" in str(vendor.review)
    assert [call.method for call in marketplace.calls[calls:] if call.method == "create_transfer"] == []


def test_the_share_of_a_vendor_who_has_left_is_owed_and_keeps_no_one_waiting(marketplace: ScriptedMarketplace) -> None:
    """Carol's account is inactive when her share is due: Bob's is paid, and hers is sent once it may be."""
    carol = marketplace.vendor("carol").stored_account_id()
    marketplace.stripe.lose_request_of("create_transfer", times=50)
    sale = marketplace.buy(cart(bob=3_000, carol=2_000))
    marketplace.stripe.set_capability(carol, "transfers", CapabilityStatus.INACTIVE)
    marketplace.stripe.calm()
    marketplace.pass_time(days=4)

    assert (marketplace.owed_minor("bob"), marketplace.owed_minor("carol")) == (2_700, 0)
    marketplace.stripe.set_capability(carol, "transfers", CapabilityStatus.ACTIVE)
    marketplace.pass_time(hours=3)
    assert marketplace.owed_minor("carol") == 1_800
    assert marketplace.now(sale).status.value == "available"
