"""In any order of events at a platform, each balance is the sum of its entries, and no money is made or lost."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from payflows.errors import CallRejected
from payflows.marketplace.connect import DestinationCharge, PayoutStatus, SeparateCharge, StripeCharge, Transfer
from payflows.money import Money
from simulations.stripe.core.balance import BalanceBook
from tests.connect_fixture import ConnectFixture

CARDS = ("pm_card_visa", "pm_card_refundFail", "pm_card_pendingRefund")
NAMES = ("sell", "group", "send", "refund", "reverse", "fee", "dispute", "decide", "pay", "fail")
ACTS = st.lists(
    st.tuples(st.sampled_from(NAMES), st.integers(0, 7), st.integers(1, 9_999), st.integers(0, 3)),
    min_size=4,
    max_size=30,
)


class Trading:
    """Two vendors of a platform to which anything happens; what is not allowed is rejected."""

    def __init__(self, *, has_connected_reserves: bool) -> None:
        self.platform = ConnectFixture(has_connected_reserves=has_connected_reserves, collects_after_days=5)
        self.vendors = (self.platform.vendor, self.platform.new_vendor("vendor-2"))
        self.accounts = [self.platform.joined(vendor) for vendor in self.vendors]
        self.charges: list[StripeCharge] = []
        self.transfers: list[Transfer] = []

    def do(self, act: str, which: int, amount: int, days: int) -> None:
        """Do one thing, and let days pass."""
        doings: dict[str, Callable[[int, int], object]] = {
            "sell": self._sell,
            "group": self._sell_in_group,
            "send": self._send,
            "refund": self._refund,
            "reverse": self._reverse,
            "fee": self._refund_fee,
            "dispute": self._dispute,
            "decide": self._decide,
            "pay": lambda which, amount: self._run(self._vendor.pay_out(self._account(which), amount)),
            "fail": self._fail_payout,
        }
        with suppress(CallRejected):
            doings[act](which, amount)
        self.platform.pass_days(days)

    @property
    def _vendor(self) -> Any:  # noqa: ANN401  # the shorter word
        return self.platform.vendor

    def _run(self, call: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401  # any answer
        return self.platform.run(call)

    def _account(self, which: int) -> str:
        return self.accounts[which % 2].id

    def _sell(self, which: int, amount: int) -> None:
        split = DestinationCharge(self._account(which), Money(amount // 10, "usd"))
        self.charges.append(self._run(self._vendor.sold(split, amount + 50, CARDS[which % 3])))

    def _sell_in_group(self, which: int, amount: int) -> None:
        self.charges.append(self._run(self._vendor.sold(SeparateCharge("group-1"), amount + 50, CARDS[which % 3])))

    def _send(self, which: int, amount: int) -> None:
        charge_id = self._charge(which).id if which % 4 else None
        self.transfers.append(self._run(self._vendor.send(self._account(which), amount, charge_id)))

    def _charge(self, which: int) -> StripeCharge:
        if not self.charges:
            raise CallRejected("there is nothing yet")
        return self.charges[which % len(self.charges)]

    def _refund(self, which: int, amount: int) -> None:
        is_reversed = which % 2 == 1
        refund = self._vendor.refund(self._charge(which).payment_id, amount, reverse=is_reversed, fee=is_reversed)
        self._run(refund)

    def _reverse(self, which: int, amount: int) -> None:
        made = [charge.transfer_id for charge in self.charges if charge.transfer_id]
        ids = [*made, *(transfer.id for transfer in self.transfers)]
        if ids:
            self._run(self._vendor.take_back(ids[which % len(ids)], amount))

    def _refund_fee(self, which: int, amount: int) -> None:
        fee_id = self._charge(which).application_fee_id
        if fee_id:
            self._run(self._vendor.refund_fee(fee_id, amount))

    def _dispute(self, which: int, amount: int) -> None:
        self.platform.stripe.dispute(self._charge(which).payment_id, amount if which % 2 else None)

    def _decide(self, which: int, amount: int) -> None:
        self.platform.stripe.close_dispute(self._charge(which).payment_id, won=amount % 2 == 0)

    def _fail_payout(self, which: int, amount: int) -> None:
        payouts = self.platform.stripe.connect.book.account(self._account(which)).payouts
        if payouts:
            self.platform.stripe.fail_payout(self._account(which), payouts[amount % len(payouts)].id)
            self.platform.stripe.submit_requirements(self._account(which))

    def check(self) -> None:
        """Compare each balance with its entries, and the whole with what buyers and banks have."""
        rules, now = self.platform.stripe.connect.rules, self.platform.stripe.account.seconds()
        connected = rules.book.accounts
        for book in (rules.balances.platform, *(account.balance for account in connected)):
            check_sums(book, now)
        platform = rules.balances.platform
        fees = sum(entry.fee for entry in platform)
        held = platform.total("usd") + sum(account.balance.total("usd") for account in connected)
        at_banks = sum(
            payout.amount
            for account in connected
            for payout in account.payouts
            if payout.status is not PayoutStatus.FAILED
        )
        assert held + fees + at_banks == sum(movement.signed_minor for movement in self.platform.stripe.movements)
        owed = sum(max(0, -account.balance.total("usd")) for account in connected)
        assert rules.balances.reserved("usd") == owed


def check_sums(book: BalanceBook, now: int) -> None:
    """Compare a balance with the sums of its entries."""
    entries = list(book)
    assert book.total("usd") == sum(entry.amount - entry.fee for entry in entries)
    assert book.available("usd", now) == sum(entry.net for entry in entries if entry.available_on <= now)
    assert book.pending("usd", now) == sum(entry.net for entry in entries if entry.available_on > now)
    assert len({entry.id for entry in entries}) == len(entries)


@settings(max_examples=60)
@given(ACTS, st.booleans())
def test_every_balance_is_the_sum_of_its_entries_and_money_is_conserved(
    acts: list[tuple[str, int, int, int]], has_connected_reserves: bool
) -> None:
    trading = Trading(has_connected_reserves=has_connected_reserves)
    for act in (("sell", 0, 9_000, 0), ("group", 1, 9_000, 3), *acts):
        trading.do(*act)
        trading.check()


@settings(max_examples=60)
@given(st.integers(50, 99_999), st.integers(0, 10_000), st.lists(st.integers(1, 99_999), max_size=8))
def test_shares_of_refunds_sum_to_the_share_of_the_whole(amount: int, fee_bps: int, parts: list[int]) -> None:
    platform = ConnectFixture()
    account = platform.joined()
    fee = amount * fee_bps // 10_000
    charge = platform.sold_for(account, amount, fee_minor=fee)
    left = amount
    for number, part in enumerate((*parts, amount)):
        part_minor = min(part, left)
        if part_minor:
            refund = platform.vendor.refund(
                charge.payment_id, part_minor, reverse=True, fee=fee > 0, purpose=f"refund-{number}"
            )
            platform.run(refund)
        left -= part_minor

    assert platform.held(account) == (0, 0)
