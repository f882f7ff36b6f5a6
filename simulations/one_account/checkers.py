"""What must hold of an account beside what its businesses promise: everything at Stripe is exactly one business's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from payflows.kernel.inbox import INBOX
from payflows.kernel.queue_item import ItemStatus

from simulations.one_account import payments
from simulations.one_account.parts import Whole
from simulations.search.breach import Breach


def breaches(account: Whole) -> Iterator[Breach]:
    """Every promise of the account that is broken, now that all is calm."""
    yield from _money(account)
    yield from _webhooks(account)


def _money(account: Whole) -> Iterator[Breach]:
    """I1: each payment at which money moved is one business's."""
    books = (payments.of_orders, payments.of_invoices, payments.of_sales)
    whose = Counter(payment_id for of in books for payment_id in of(account.store, account.stripe))
    for payment_id in dict.fromkeys(movement.source_id for movement in account.stripe.movements):
        if whose[payment_id] != 1:
            yield Breach("I1", payment_id, f"money of {payment_id} moved, which {whose[payment_id]} businesses know")


def _webhooks(account: Whole) -> Iterator[Breach]:
    """I24: a webhook that no business handled says why."""
    for item in account.store.all_items(INBOX):
        if item.status is ItemStatus.IGNORED and not item.last_error:
            yield Breach("I24", item.key, f"{item.key} is ignored without a reason")
