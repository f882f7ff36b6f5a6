"""Stripe's balance transactions, kept by hand beside the ledger: plain sums, without a thought of journal entries."""

from __future__ import annotations

from collections import defaultdict

from payflows.marketplace.balances import BalanceStatus, BalanceTransaction
from payflows.marketplace.sale_postings import SentShare
from payflows.money import Money
from payflows.testing.store_sample import START


class HandKeptBooks:
    """What Stripe would list for each account.

    Args:
        currency: of all amounts.
    """

    def __init__(self, currency: str) -> None:
        self.currency = currency
        self.count = self.number = 0
        self.at = START
        self.fees: dict[str, int] = {}
        self.transactions: defaultdict[str | None, list[BalanceTransaction]] = defaultdict(list)

    def money(self, minor: int) -> Money:
        """Money of this currency."""
        return Money(minor, self.currency)

    def id(self, kind: str, number: int) -> str:
        """An id of Stripe's."""
        return f"{kind}_{self.currency}{number}"

    def sent(self, vendor: str, amount: Money, number: int, kind: str = "tr") -> SentShare:
        """What is moved to a vendor, or back."""
        return SentShare(vendor, f"acct_{vendor}", amount, self.id(kind, number), self.id(f"py_{kind}", number))

    def move(self, account_id: str | None, source_id: str, minor: int, fee: int = 0) -> None:
        """Change a balance."""
        listed, done = self.transactions[account_id], BalanceStatus.AVAILABLE
        id = f"txn_{account_id}_{len(listed)}"
        listed.append(
            BalanceTransaction(id, "test", source_id, minor, fee, minor - fee, self.currency, done, self.at, self.at)
        )

    def transfer(self, sent: SentShare, *, sign: int = 1, fee: int = 0) -> None:
        """Change both balances."""
        self.move(None, sent.source_id, -sign * sent.amount.minor)
        self.move(sent.account_id, sent.vendor_source_id, sign * sent.amount.minor, fee)
