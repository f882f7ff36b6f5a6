"""Random movements of a marketplace: journal entries, and what Stripe's books, kept by hand, show of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from random import Random

from payflows.marketplace import payout_postings as payouts
from payflows.marketplace import return_postings as returns
from payflows.marketplace import sale_postings as sales
from payflows.marketplace.accounts import BUYERS, DISPUTES, INCORRECT_SPLITS, VendorPot, receivable
from payflows.marketplace.ledger import JournalEntry
from payflows.money import Money
from tests.hand_kept_books import HandKeptBooks

VENDORS = tuple(f"v{number}" for number in range(8))


class Movements(HandKeptBooks):
    """A marketplace's random life: each movement is a journal entry, and what Stripe's books show of it.

    Args:
        seed: of all chance.
        currency: of all amounts.
    """

    def __init__(self, seed: int, currency: str) -> None:
        super().__init__(currency)
        self.random = Random(f"{seed}{currency}")
        self.owed: Counter[tuple[str, VendorPot]] = Counter()
        self.debts: Counter[str] = Counter()
        self.unfinished: list[Callable[[], Iterator[JournalEntry]]] = []

    def some(self, count: int) -> Iterator[JournalEntry]:
        """Yield this many movements at least, and then what brings all to rest."""
        begun = (
            self.destination_sale,
            self.separate_sale,
            self.abandoned_sale,
            self.reserve,
            self.payout,
            self.dispute,
        )
        weights = (4, 3, 1, 1, 1, 1)
        while self.count < count:
            (kind,) = self.random.choices(begun, weights)
            yield from self._counted(kind())
            if len(self.unfinished) > 50:
                yield from self._counted(self.unfinished.pop(self.random.randrange(len(self.unfinished)))())
        while self.unfinished:
            yield from self._counted(self.unfinished.pop()())

    def _counted(self, entries: Iterator[JournalEntry]) -> Iterator[JournalEntry]:
        for entry in entries:
            self.number += 1
            self.count += bool(entry)  # one without lines is none: Stripe's fee was as expected, say
            self.at += timedelta(seconds=self.random.randrange(600))
            yield entry

    # What is sold

    def destination_sale(self) -> Iterator[JournalEntry]:
        """All of a payment goes to one vendor, and the fee comes back."""
        n, share = self.number, self.share()
        yield sales.payment_expected(f"pi_{self.currency}{n}", (share,), self.at)
        amount, fee = share.amount.minor, share.application_fee.minor
        estimate = self.money(amount * 29 // 1000 + 30)
        charge = self.id("ch", n)
        sent = self.sent(share.vendor_id, share.amount, n)
        application_fee_id = self.id("fee", n) if fee else None
        self.move(None, charge, amount, self.true_fee(charge, estimate))
        self.transfer(sent, fee=fee)
        if application_fee_id:
            self.move(None, application_fee_id, fee)
        self.owed[share.vendor_id, VendorPot.POSTED] += share.net_minor
        yield sales.destination_charge_captured(
            f"pi_{self.currency}{n}",
            charge,
            share,
            sent,
            application_fee_id=application_fee_id,
            stripe_fee=estimate,
            at=self.at,
        )
        self.unfinished.append(lambda: self.settle(n, charge, estimate, (share,)))
        if self.random.random() < 0.3:
            self.unfinished.append(lambda: self.refund_destination(share))

    def separate_sale(self) -> Iterator[JournalEntry]:
        """A cart of several vendors, who are sent their shares one by one."""
        n, shares = self.number, tuple(self.share(vendor) for vendor in self.random.sample(VENDORS, 3))
        payment, charge = f"pi_{self.currency}{n}", self.id("ch", n)
        yield sales.payment_expected(payment, shares, self.at)
        total = sum(share.amount.minor for share in shares)
        estimate = self.money(total * 29 // 1000 + 30)
        self.move(None, charge, total, self.true_fee(charge, estimate))
        yield sales.separate_charge_captured(payment, charge, shares, stripe_fee=estimate, at=self.at)
        for share in shares:
            self.owed[share.vendor_id, VendorPot.POSTED] += share.net_minor
            yield from self.send_share(share, payment)
        self.unfinished.append(lambda: self.settle(n, charge, estimate, shares))
        if self.random.random() < 0.3:
            self.unfinished.append(lambda: self.refund_separate(shares[0]))

    def send_share(self, share: sales.Share, payment: str) -> Iterator[JournalEntry]:
        """A debt is kept of it; what is left is sent, sometimes too much, which is taken back."""
        kept = min(self.debts[share.vendor_id], share.net_minor)
        if kept:
            self.debts[share.vendor_id] -= kept
            self.owed[share.vendor_id, VendorPot.POSTED] -= kept
            subject, against = f"{payment}:{share.vendor_id}", receivable(share.vendor_id)
            yield returns.kept_from_share(subject, share.vendor_id, self.money(kept), self.at, against=against)
        if share.net_minor > kept:
            sent = self.sent(share.vendor_id, self.money(share.net_minor - kept), self.number)
            self.transfer(sent)
            yield sales.share_sent(sent, self.at)
        if self.random.random() < 0.05:
            wrong = self.sent(share.vendor_id, self.money(7), self.number)
            self.transfer(wrong)
            yield sales.share_sent(wrong, self.at, against=INCORRECT_SPLITS, pot=VendorPot.POSTED)
            yield self.reversed(share.vendor_id, 7, against=INCORRECT_SPLITS, pot=VendorPot.POSTED)

    def abandoned_sale(self) -> Iterator[JournalEntry]:
        """A payment that fails or expires."""
        n, share = self.number, self.share()
        yield sales.payment_expected(f"pi_{self.currency}{n}", (share,), self.at)
        yield sales.payment_abandoned(f"pi_{self.currency}{n}", (share,), self.at)

    def settle(self, n: int, charge: str, estimate: Money, shares: tuple[sales.Share, ...]) -> Iterator[JournalEntry]:
        """Stripe's fee is read, and what is left of the shares becomes available."""
        yield sales.stripe_fee_read(charge, estimated=estimate, charged_minor=self.fees[charge], at=self.at)
        for share in shares:
            left = max(0, min(share.net_minor, self.owed[share.vendor_id, VendorPot.POSTED]))
            self.owed[share.vendor_id, VendorPot.POSTED] -= left
            self.owed[share.vendor_id, VendorPot.AVAILABLE] += left
            yield sales.became_available(f"{charge}", share.vendor_id, left, self.currency, self.at)

    # What goes back

    def refund_destination(self, share: sales.Share) -> Iterator[JournalEntry]:
        """A part is refunded with its share and its fee; the refund may fail, and the vendor is paid again."""
        minor = self.random.randint(1, share.amount.minor)
        fee, refund = share.application_fee.minor * minor // share.amount.minor, self.id("re", self.number)
        yield self.refunded(refund, minor)
        yield from self.made_good(share.vendor_id, minor, BUYERS)
        if fee:
            back = self.sent(share.vendor_id, self.money(fee), self.number, "fr")
            self.transfer(back)
            self.owed[share.vendor_id, VendorPot.AVAILABLE] += fee
            yield returns.fee_returned(back, self.at, pot=VendorPot.AVAILABLE)
        if self.random.random() < 0.1:
            self.move(None, refund, minor)
            yield returns.refund_failed(refund, self.money(minor), self.at)
            yield self.sent_again(share.vendor_id, minor, BUYERS)

    def refund_separate(self, share: sales.Share) -> Iterator[JournalEntry]:
        """A part is refunded; the vendor's share of it is reversed, and the fee given up."""
        minor, refund = self.random.randint(1, share.amount.minor), self.id("re", self.number)
        fee = share.application_fee.minor * minor // share.amount.minor
        yield self.refunded(refund, minor)
        yield returns.fee_given_up(refund, self.money(fee), self.at, against=BUYERS)
        yield from self.made_good(share.vendor_id, minor - fee, BUYERS)

    def refunded(self, refund: str, minor: int) -> JournalEntry:
        """A refund is made."""
        self.move(None, refund, -minor)
        return returns.refunded(refund, self.money(minor), self.at)

    def dispute(self) -> Iterator[JournalEntry]:
        """It takes amount and fee; in the end it is won, won in part, lost, or lost and won late."""
        n, minor, vendor = self.number, self.random.randint(50, 9_000), self.random.choice(VENDORS)
        dispute, fee = self.id("dp", n), self.money(self.random.choice((0, 1500)))
        self.move(None, dispute, -minor, fee.minor)
        yield returns.dispute_withdrawn(dispute, f"txn{self.currency}{n}", self.money(minor), fee, self.at)
        won = self.random.choice((0, minor // 3, minor))
        is_late = won == minor and self.random.random() < 0.5
        if is_late:
            yield returns.borne_by_platform(dispute, self.money(minor), self.at, against=DISPUTES)
        elif minor > won:
            yield from self.made_good(vendor, minor - won, DISPUTES)
        if won:
            self.move(None, dispute, won)
            nothing = self.money(0)
            yield returns.dispute_reinstated(dispute, f"late{self.currency}{n}", self.money(won), nothing, self.at)
        if is_late:
            yield returns.loss_undone(dispute, self.money(minor), self.at, against=DISPUTES)

    def made_good(self, vendor: str, minor: int, against: str) -> Iterator[JournalEntry]:
        """The vendor's balance meets it, or the vendor owes it, or the platform bears it."""
        subject = self.id("cost", self.number)
        if 0 < minor <= self.owed[vendor, VendorPot.AVAILABLE]:
            self.owed[vendor, VendorPot.AVAILABLE] -= minor
            yield self.reversed(vendor, minor, against=against, pot=VendorPot.AVAILABLE)
        elif self.random.random() < 0.8:
            self.debts[vendor] += minor
            yield returns.owed_by_vendor(subject, vendor, self.money(minor), self.at, against=against)
            self.unfinished.append(lambda: self.collect(vendor))
        else:
            yield returns.borne_by_platform(subject, self.money(minor), self.at, against=against)

    def collect(self, vendor: str) -> Iterator[JournalEntry]:
        """What a vendor owes is taken from the balance as far as that goes; the rest is written off."""
        taken = min(self.debts[vendor], self.owed[vendor, VendorPot.AVAILABLE])
        rest = self.debts.pop(vendor, 0) - taken
        if taken:
            self.owed[vendor, VendorPot.AVAILABLE] -= taken
            yield self.reversed(vendor, taken, against=receivable(vendor), pot=VendorPot.AVAILABLE)
        yield returns.written_off(self.id("off", self.number), vendor, self.money(rest), self.at)

    # What is paid out

    def payout(self) -> Iterator[JournalEntry]:
        """It is paid, fails, or is paid and comes back."""
        vendor = self.random.choice(VENDORS)
        minor = self.owed[vendor, VendorPot.AVAILABLE]
        if not minor:
            return
        payout = payouts.SentPayout(vendor, f"acct_{vendor}", self.id("po", self.number), self.money(minor))
        self.move(payout.account_id, payout.stripe_payout_id, -minor)
        self.owed[vendor, VendorPot.AVAILABLE] = 0
        yield payouts.payout_sent(payout, self.at)
        self.unfinished.append(lambda: self.arrive(payout))

    def arrive(self, payout: payouts.SentPayout) -> Iterator[JournalEntry]:
        """It arrives, or not."""
        fate, minor = self.random.random(), payout.amount.minor
        if fate < 0.2:
            yield payouts.payout_failed(payout, self.at)
        else:
            yield payouts.payout_paid(payout, self.at)
            if fate < 0.3:
                yield payouts.payout_returned(payout, self.at)
        if fate < 0.3:
            self.move(payout.account_id, payout.stripe_payout_id, minor)
            self.owed[payout.vendor_id, VendorPot.AVAILABLE] += minor

    def reserve(self) -> Iterator[JournalEntry]:
        """A tenth of what may be paid out is held back, and released later."""
        vendor, n = self.random.choice(VENDORS), self.number
        minor = self.owed[vendor, VendorPot.AVAILABLE] // 10
        self.owed[vendor, VendorPot.AVAILABLE] -= minor
        yield payouts.reserve_held(self.id("rsv", n), vendor, self.money(minor), self.at)
        self.unfinished.append(lambda: self.release(vendor, n, minor))

    def release(self, vendor: str, n: int, minor: int) -> Iterator[JournalEntry]:
        """It may be paid out again."""
        self.owed[vendor, VendorPot.AVAILABLE] += minor
        yield payouts.reserve_released(self.id("rsv", n), vendor, self.money(minor), self.at)

    # Small parts

    def share(self, vendor: str | None = None) -> sales.Share:
        """A vendor's part of a payment, with a fee of at most all of it."""
        vendor, minor = vendor or self.random.choice(VENDORS), self.random.randint(50, 9_000)
        fee = self.random.choice((0, minor, minor // 10, minor // 10, minor // 7))
        return sales.Share(vendor, f"acct_{vendor}", self.money(minor), self.money(fee))

    def true_fee(self, charge: str, estimate: Money) -> int:
        """What Stripe takes: now and then something else than was expected."""
        self.fees[charge] = estimate.minor + self.random.choice((0, 0, 0, 1, -2, 15))
        return self.fees[charge]

    def reversed(self, vendor: str, minor: int, *, against: str, pot: VendorPot) -> JournalEntry:
        """A part of a transfer is taken back."""
        sent = self.sent(vendor, self.money(minor), self.number, "trr")
        self.transfer(sent, sign=-1)
        return sales.share_reversed(sent, self.at, against=against, pot=pot)

    def sent_again(self, vendor: str, minor: int, against: str) -> JournalEntry:
        """What was taken back is sent again."""
        sent = self.sent(vendor, self.money(minor), self.number)
        self.transfer(sent)
        self.owed[vendor, VendorPot.AVAILABLE] += minor
        return sales.share_sent(sent, self.at, against=against, pot=VendorPot.AVAILABLE)
