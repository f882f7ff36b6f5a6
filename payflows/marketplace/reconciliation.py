"""Reconciliation: the ledger against Stripe's balance transactions, account by account and id by id, both ways."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from payflows.marketplace.accounts import stripe_balance
from payflows.marketplace.balances import BalanceTransaction
from payflows.marketplace.ledger import LedgerLine


class Difference(StrEnum):
    """How the two differ about an object."""

    NOT_AT_STRIPE = "not at Stripe"
    NOT_IN_LEDGER = "not in the ledger"
    MOVEMENTS = "other movements"
    """One has it, say, refunded, and the other refunded and failed."""
    AMOUNT = "another amount"
    FEE = "another fee"


class SourceTotal(NamedTuple):
    """What an object has done to a balance, all together.

    Attributes:
        times: how often it has moved it.
        amount_minor: by how much.
        fee_minor: what was kept of that.
    """

    times: int = 0
    amount_minor: int = 0
    fee_minor: int = 0

    @property
    def net_minor(self) -> int:
        """Return what the balance has changed by."""
        return self.amount_minor - self.fee_minor


class Discrepancy(NamedTuple):
    """An object about which the ledger and Stripe do not agree.

    Attributes:
        account_id: whose balance; None is the platform's.
        source_id: the object; of a transaction without one, the transaction.
        currency: of both.
        difference: how.
        ours: what the ledger has.
        stripes: what Stripe has.
    """

    account_id: str | None
    source_id: str
    currency: str
    difference: Difference
    ours: SourceTotal
    stripes: SourceTotal

    def __str__(self) -> str:
        place = f"{self.account_id or 'platform'} {self.source_id}"
        return (
            f"{place}: {self.difference}: {_shown(self.ours)} here, {_shown(self.stripes)} at Stripe, {self.currency}"
        )


class Reconciliation(NamedTuple):
    """What came of a comparison.

    Attributes:
        agreed: about how many objects there is no difference.
        discrepancies: the others.
        differences: by account and currency, how much more the ledger has than Stripe, in minor units; 0 at rest.
    """

    agreed: int
    discrepancies: tuple[Discrepancy, ...]
    differences: Mapping[tuple[str | None, str], int]

    @property
    def is_clean(self) -> bool:
        """Return whether nothing differs."""
        return not self.discrepancies

    def __str__(self) -> str:
        return "\n".join([f"{self.agreed:,} agree, {len(self.discrepancies):,} differ", *map(str, self.discrepancies)])


_Place = tuple[str, str]
"""Object and currency."""


def reconcile(
    lines: Iterable[LedgerLine], transactions: Mapping[str | None, Sequence[BalanceTransaction]]
) -> Reconciliation:
    """Compare the ledger with Stripe's balance transactions.

    Args:
        lines: of the ledger; those on other accounts than these balances are passed over.
        transactions: all of each account's, in any order; None is the platform. One that was read twice counts
            once.
    """
    ours = _ours(lines)
    agreed, discrepancies, differences = 0, list[Discrepancy](), Counter[tuple[str | None, str]]()
    for account_id, of_account in transactions.items():
        here, there = ours[stripe_balance(account_id)], _stripes(of_account)
        for place in sorted(here.keys() | there.keys()):
            mine, stripes = here.get(place, SourceTotal()), there.get(place, SourceTotal())
            differences[account_id, place[1]] += mine.net_minor - stripes.net_minor
            if mine == stripes:
                agreed += 1
            else:
                discrepancies.extend(_discrepancies(account_id, place, mine, stripes))
    return Reconciliation(agreed, tuple(discrepancies), differences)


def _ours(lines: Iterable[LedgerLine]) -> defaultdict[str, dict[_Place, SourceTotal]]:
    moved: defaultdict[str, dict[_Place, SourceTotal]] = defaultdict(dict)
    for line in lines:
        if line.source_id is not None:
            places, place = moved[line.owner], (line.source_id, line.currency)
            times, amount_minor, fee_minor = places.get(place, SourceTotal())
            if line.is_fee:
                places[place] = SourceTotal(times, amount_minor, fee_minor - line.amount_minor)
            else:
                places[place] = SourceTotal(times + 1, amount_minor + line.amount_minor, fee_minor)
    return moved


def _stripes(transactions: Iterable[BalanceTransaction]) -> dict[_Place, SourceTotal]:
    places: dict[_Place, SourceTotal] = {}
    for each in {each.id: each for each in transactions}.values():
        place = (each.source_id or each.id, each.currency)
        times, amount_minor, fee_minor = places.get(place, SourceTotal())
        places[place] = SourceTotal(times + 1, amount_minor + each.amount_minor, fee_minor + each.fee_minor)
    return places


def _discrepancies(
    account_id: str | None, place: _Place, ours: SourceTotal, stripes: SourceTotal
) -> Iterator[Discrepancy]:
    source_id, currency = place
    for difference, differs in (
        (Difference.NOT_AT_STRIPE, not stripes.times),
        (Difference.NOT_IN_LEDGER, not ours.times),
        (Difference.MOVEMENTS, ours.times != stripes.times),
        (Difference.AMOUNT, ours.amount_minor != stripes.amount_minor),
        (Difference.FEE, ours.fee_minor != stripes.fee_minor),
    ):
        if differs:
            yield Discrepancy(account_id, source_id, currency, difference, ours, stripes)
            return


def _shown(movement: SourceTotal) -> str:
    return f"{movement.amount_minor:,} (fee {movement.fee_minor:,})" if movement.times else "nothing"
