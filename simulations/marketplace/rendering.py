"""What traces may show of a marketplace: its types, field by field."""

from __future__ import annotations

from collections.abc import Mapping

from payflows.marketplace.balances import Balance, BalanceTransaction, StripeDispute
from payflows.marketplace.connect import (
    ApplicationFee,
    ApplicationFeeRefund,
    DestinationCharge,
    Requirements,
    SeparateCharge,
    SplitRefund,
    StripeAccount,
    StripeCharge,
    StripePayout,
    Transfer,
    TransferReversal,
)
from payflows.marketplace.dispute_case import DisputeCase
from payflows.marketplace.ledger import LedgerLine
from payflows.marketplace.movement import Movement
from payflows.marketplace.payout import Payout
from payflows.marketplace.sale import Sale, SaleOrder, SalePart
from payflows.marketplace.vendor import Vendor
from payflows.marketplace.volume import VendorVolume, VolumeMonth

from simulations.search.common_fields import AGGREGATE, COMMON_FIELDS
from simulations.search.rendering import Renderer

_TUPLES = (
    *(ApplicationFee, ApplicationFeeRefund, Balance, BalanceTransaction, DestinationCharge, Requirements, SalePart),
    *(SeparateCharge, SplitRefund, StripeAccount, StripeCharge, StripeDispute, StripePayout, Transfer),
    *(TransferReversal, VolumeMonth),
)

FIELDS: Mapping[type, str] = {
    **COMMON_FIELDS,
    **{each: " ".join(each._fields) for each in _TUPLES},
    Sale: (
        f"{AGGREGATE} order parts charge stripe_fee charge_id application_fee_id available_at reason cancel_asked "
        "refund_ids reserve_until"
    ),
    SaleOrder: "merchant_id order_id placed_at deadline_at",
    Vendor: (
        f"{AGGREGATE} merchant_id vendor_id country business_type account_id currency transfers payouts_enabled "
        "requirements key_generation asked_at next_payout_at below_minimum_since payout_number open_payout_id"
    ),
    Movement: (
        f"{AGGREGATE} type sale_id merchant_id purpose vendor_id account_id amount fee_minor owed_minor by_vendor "
        "of_all against after_id dispute_id source_id stripe_id key_generation asked_at"
    ),
    DisputeCase: (
        f"{AGGREGATE} sale_id merchant_id amount due_by is_submitted posted recoveries recovered_minor borne_minor "
        "key_generation"
    ),
    Payout: (
        f"{AGGREGATE} merchant_id vendor_row_id vendor_id account_id amount stripe_payout_id failure_code "
        "key_generation asked_at"
    ),
    VendorVolume: f"{AGGREGATE} vendor_id month currency amount_minor",
    LedgerLine: "key owner at journal_entry amount_minor currency source_id is_fee",
}
"""The types that may be shown, and their fields."""

ARGUMENTS = frozenset(
    {
        *("account_id", "amount", "balance_transaction_id", "business_type", "capture", "charge_id", "country"),
        *("created_before", "created_from", "evidence", "key", "order_id", "payment_method", "payout_id", "purpose"),
        *("refund_application_fee", "reverse_transfer", "source_id", "split", "stripe_customer_id"),
        *("stripe_payout_id", "transfer_group", "vendor_id"),
    }
)
"""The keyword arguments of calls that may be shown."""

DIGESTED = frozenset({"payment_method", "detail", "fields", "reason", "stripe_customer_id", "evidence"})
"""Fields and arguments of which only a digest is shown."""

RENDERER = Renderer(FIELDS, arguments=ARGUMENTS, digested=DIGESTED)
