"""What a `MarketplaceGateway` promises of disputes. Stripe's test cards open them."""

from __future__ import annotations

from payflows.marketplace.balances import StripeDispute
from payflows.marketplace.connect import DestinationCharge
from payflows.payments.model import DisputeStatus
from payflows.testing.gateway_vendor import Vendor

DISPUTED = "pm_card_createDispute"


async def _disputed(vendor: Vendor, account_id: str) -> StripeDispute:
    charge = await vendor.sold(DestinationCharge(account_id, vendor.money(1_000)), card=DISPUTED)
    await vendor.pass_days(1)
    [dispute] = await vendor.payments.list_disputes(charge.payment_id)
    return await vendor.connect.retrieve_dispute(dispute.id)


async def a_dispute_of_a_destination_charge_debits_the_platform(vendor: Vendor) -> None:
    """The amount and Stripe's fee; the vendor's balance stays."""
    account = await vendor.joined()
    dispute = await _disputed(vendor, account.id)
    assert (dispute.status, dispute.withdrawn_minor) == (DisputeStatus.NEEDS_RESPONSE, 10_000)
    assert dispute.fee_minor > 0
    assert dispute.due_by is not None
    assert await vendor.held(account.id) == (0, 9_000)
    assert await vendor.entries(None, dispute.id) == dispute.balance_transactions


async def evidence_is_submitted_once(vendor: Vendor) -> None:
    """Then the bank decides."""
    account = await vendor.joined()
    dispute = await _disputed(vendor, account.id)
    key = vendor.new_key()
    evidence = {"product_description": "A mug", "uncategorized_text": "It was delivered."}
    submitted = await vendor.connect.submit_evidence(dispute.id, evidence=evidence, key=key)
    assert (submitted.status, submitted.has_evidence) == (DisputeStatus.UNDER_REVIEW, True)
    assert await vendor.connect.submit_evidence(dispute.id, evidence=evidence, key=key) == submitted
    await vendor.rejected(vendor.connect.submit_evidence(dispute.id, evidence=evidence, key=vendor.new_key()))
    await vendor.rejected(vendor.connect.accept_dispute(dispute.id, key=vendor.new_key()))


async def a_dispute_that_is_accepted_is_lost(vendor: Vendor) -> None:
    """What it took is gone."""
    account = await vendor.joined()
    dispute = await _disputed(vendor, account.id)
    accepted = await vendor.connect.accept_dispute(dispute.id, key=vendor.new_key())
    assert (accepted.status, accepted.withdrawn_minor) == (DisputeStatus.LOST, 10_000)


CHECKS_OF_DISPUTES = (
    a_dispute_of_a_destination_charge_debits_the_platform,
    evidence_is_submitted_once,
    a_dispute_that_is_accepted_is_lost,
)
