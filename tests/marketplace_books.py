"""What holds of every marketplace, once it rests: its ledger sums to zero, and is what Stripe's balances say."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from payflows.errors import PayflowsError
from payflows.marketplace.accounts import BUYERS, DISPUTES, INCORRECT_SPLITS, PENDING_REVENUE
from payflows.marketplace.dispute_case import CaseStatus
from payflows.marketplace.ledger import balances_of, check_balance
from payflows.marketplace.messages import DISPUTES as CASES
from payflows.marketplace.messages import MOVEMENTS, SALES
from payflows.marketplace.sale import Sale
from simulations.marketplace.scripted_marketplace import ScriptedMarketplace


def check_books(marketplace: ScriptedMarketplace) -> None:
    """Let what is under way come to rest, and compare the ledger with Stripe's balances, id by id."""
    marketplace.stripe.calm()
    marketplace.pass_time(hours=1, minutes=10)
    lines = marketplace.lines
    check_balance(lines)
    assert sum(balances_of(lines).values()) == 0
    compared = marketplace.reconcile()
    assert compared.is_clean, str(compared)
    assert not any(compared.differences.values())
    if is_at_rest(marketplace):
        reviewed = any(each.review is not None for each in marketplace.store.all(MOVEMENTS))
        for account in (BUYERS, DISPUTES, PENDING_REVENUE, *(() if reviewed else (INCORRECT_SPLITS,))):
            assert marketplace.balance_minor(account) == 0, account


def is_at_rest(marketplace: ScriptedMarketplace) -> bool:
    """Whether no payment, movement or dispute is still to be decided."""
    store = marketplace.store
    return (
        all(sale.status.is_paid or sale.reason is not None for sale in store.all(SALES))
        and all(each.status.is_over for each in store.all(MOVEMENTS))
        and all(case.status is not CaseStatus.OPEN for case in store.all(CASES))
    )


def moved(marketplace: ScriptedMarketplace, sale: Sale) -> dict[str, tuple[str, int]]:
    """Return how each movement of a sale stands and how much it moves, by its purpose and vendor."""
    found = marketplace.movements(sale)
    return {f"{each.purpose} {each.vendor_id}".strip(): (each.status.value, each.amount.minor) for each in found}


def concurrently(marketplace: ScriptedMarketplace, *asked: Coroutine[Any, Any, object]) -> list[object]:
    """Ask for all of it at the same moment, and return what came of each: its value, or its error."""

    async def attempt(one: Coroutine[Any, Any, object]) -> object:
        try:
            return await one
        except PayflowsError as error:
            return error

    world = marketplace.world
    tasks = [world.start(attempt(one)) for one in asked]

    async def join() -> list[object]:
        return [await world.join(task) for task in tasks]

    return world.run(join())
