"""One sale of 100 dollars through a destination charge, as journal entries: a fee of ten, and Stripe's of 3.20."""

from __future__ import annotations

from itertools import chain

from payflows.marketplace.ledger import JournalEntry
from payflows.marketplace.sale_postings import SentShare, Share, destination_charge_captured, payment_expected
from payflows.money import Money
from payflows.testing.store_sample import START


def usd(minor: int) -> Money:
    return Money(minor, "usd")


SHARE = Share("v", "acct_v", usd(10_000), usd(1_000))
EXPECTED = payment_expected("pi_1", (SHARE,), START)
CAPTURED = destination_charge_captured(
    "pi_1",
    "ch_1",
    SHARE,
    SentShare("v", "acct_v", usd(10_000), "tr_1", "py_1"),
    application_fee_id="fee_1",
    stripe_fee=usd(320),
    at=START,
)
SOLD = (EXPECTED, CAPTURED)


def lines(*entries: JournalEntry) -> JournalEntry:
    return tuple(chain.from_iterable(entries))
