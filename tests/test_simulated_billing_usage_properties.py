"""What holds of all usage: each report is in one line at most, and every line is the sum of its reports."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from payflows.money import Money
from payflows.subscriptions.billing import PauseBehavior
from simulations.stripe.billing.metering import UsageStanding
from simulations.stripe.core.times import DAY
from simulations.time.draws import Draws, Stream
from tests.billing_fixture import ADA, HOUR, BillingFixture, latest_of

UNIT = Money(3, "usd")
PRICES = ("price_usage", "price_other", None)


class Case:
    """A subscription whose usage is reported on time or late, while it is changed, paused and renewed."""

    def __init__(self, draws: Stream, number: int) -> None:
        self._draws, self._number, self._drawn = draws, number, 0
        self.account = BillingFixture()
        self.account.stripe.add_meter("calls")
        for factor, price_id in enumerate(PRICES[:2], 1):
            price = Money(factor * UNIT.minor, UNIT.currency)
            self.account.stripe.add_price(price_id or "", product="pro", amount=price, interval="month", meter="calls")
        self.subscription = self.account.active(metered="price_usage")

    def below(self, bound: int) -> int:
        self._drawn += 1
        return self._draws.below(bound, self._number, self._drawn)

    def live(self, steps: int) -> None:
        """Do this many things, some hours or weeks apart; in the end half of all are cancelled."""
        for _ in range(steps):
            self.account.pass_time(self.below(20) * self.below(2) * DAY + self.below(3 * HOUR))
            self._do_something()
        if self.below(2):
            self.account.cancel(self.subscription, invoice_now=bool(self.below(2)))
        self.account.pass_time(HOUR)

    def _do_something(self) -> None:
        account, subscription = self.account, self.subscription
        match self.below(9):
            case 0 if subscription.status == "active" and subscription.paused_collection is None:
                account.change_metered(subscription, PRICES[self.below(3)], prorate=bool(self.below(2)))
            case 1 if subscription.status == "active":
                account.pause(subscription)
            case 2 if subscription.status == "paused" and subscription.resumption is None:
                account.resume(subscription)
                if subscription.resumption is not None:
                    account.pay(latest_of(subscription))
            case 3:
                account.pause_collection(subscription, list(PauseBehavior)[self.below(3)])
            case 4:
                account.resume_collection(subscription)
            case _:
                account.use(self.below(50), at=account.clock.now() - timedelta(seconds=self.below(3) * self.below(DAY)))

    def check(self) -> Counter[UsageStanding]:
        """Check what holds. Returns how many reports came to what."""
        lines = [line for invoice in self.subscription.invoices for line in invoice.lines if line.usage is not None]
        for line in lines:
            assert line.usage is not None
            assert line.quantity == sum(usage.quantity for usage in line.usage.usage)
            assert line.amount == line.quantity * line.price.unit_amount.minor
        billed = Counter(id(usage) for line in lines if line.usage is not None for usage in line.usage.usage)
        records = self.account.stripe.usage_of(ADA, "calls")
        final = {id(record.usage) for record in records if record.standing is UsageStanding.BILLED}
        assert max(billed.values(), default=0) <= 1
        assert final <= billed.keys()
        assert all((record.standing is UsageStanding.BILLED) is (len(record.invoice_ids) == 1) for record in records)
        never = {id(each.usage) for each in records if each.standing in (UsageStanding.LATE, UsageStanding.UNBILLED)}
        assert not never & billed.keys()
        return Counter(record.standing for record in records)


def check_cases(cases: range) -> None:
    draws, seen = Draws(1).of("usage"), Counter[UsageStanding]()
    for number in cases:
        case = Case(draws, number)
        try:
            case.live(8)
            seen += case.check()
        except BaseException as error:
            error.add_note(f"case {number}")
            raise
    assert min(seen[standing] for standing in UsageStanding) > len(cases) / 20


def test_every_report_is_billed_once_or_never_and_lines_are_their_sums() -> None:
    """I22"""
    check_cases(range(2000))


@pytest.mark.on_demand
def test_it_is_in_very_many_cases() -> None:
    check_cases(range(2000, 50_000))
