"""One account, three businesses: each webhook is one business's, and what comes of it does not depend on the order."""

from __future__ import annotations

from collections import Counter
from itertools import permutations
from typing import Any

import pytest

from payflows.checkout.business import checkout_business
from payflows.checkout.messages import ORDERS
from payflows.errors import NotFound
from payflows.kernel.aggregate import Kind
from payflows.kernel.business import Business
from payflows.kernel.inbox import INBOX
from payflows.kernel.queue_item import ItemStatus, WebhookSubject
from payflows.marketplace.business import marketplace_business
from payflows.marketplace.ledger import LEDGER, balances_of
from payflows.marketplace.messages import SALES
from payflows.subscriptions.business import subscription_business
from payflows.subscriptions.messages import INVOICES, SUBSCRIPTIONS
from simulations.checkout import stories as of_checkout
from simulations.checkout.testbed import CHECKOUT
from simulations.marketplace import selling as of_marketplace
from simulations.marketplace.checkers.state import KINDS
from simulations.one_account.settings import Settings
from simulations.one_account.stories import STORIES
from simulations.one_account.system import OneAccount, Ports, our_businesses
from simulations.one_account.testbed import ONE_ACCOUNT, StoryOfThree
from simulations.search.app_system import ReadableStore
from simulations.search.plan import read
from simulations.search.search import one_more, run, tally_of
from simulations.search.universe import Universe
from simulations.stripe.webhooks.conditions import DAYS_LATE, DeliveryConditions
from simulations.subscriptions import signing_up as of_subscriptions
from tests.on_stores import OnAStore, assert_ends_alike
from tests.plugins.on_demand import often
from tests.searches import assert_no_fault_breaks_a_promise, listed

BADLY = {
    "days late": DeliveryConditions(delay=DAYS_LATE),
    "each twice, days late": DeliveryConditions(delay=DAYS_LATE, duplicated_share=1),
    "a third lost, and then repeated": DeliveryConditions(lost_share=0.3, answer_lost_share=0.3),
}
SEARCHED = "bought_from_each"
"""All kinds of fault at all calls of the others take some minutes."""


class StoryOnAStore(OnAStore, StoryOfThree):
    """A story of an account that is kept in a store of ours."""

    kinds = (ORDERS, SUBSCRIPTIONS, INVOICES, *KINDS)


def after(story: str, settings: Settings = Settings()) -> OneAccount:  # noqa: B008 - a frozen value
    account = OneAccount(Universe(), settings)
    STORIES[story].tell(account)
    account.settle()
    return account


@pytest.mark.parametrize("story", STORIES)
def test_a_story_ends_as_each_of_its_three_does_alone(story: str, store: ReadableStore) -> None:
    assert_ends_alike(lambda on: StoryOnAStore(on, STORIES[story]), store)


@pytest.mark.parametrize(
    "line",
    [
        "dispute_lost_by_webhook 12:outage/700+13:outage/90000",
        "dispute_lost_by_webhook 12:outage/700+13:outage/650000",
        "disputed_at_each 10:crash_after+11:outage/90000+27:responses_dropped/700",
        "disputed_at_each 10:crash_after+11:outage/650000+27:responses_dropped/700",
    ],
)
def test_what_webhooks_bring_days_late_or_never_is_not_held_against_a_business(line: str) -> None:
    """Our endpoint is away: Stripe tries again ever more rarely, and gives up after three days. What storms found."""
    story, plan = line.split(" ")

    assert not run(ONE_ACCOUNT if story in STORIES else CHECKOUT, story, read(plan)).breaches


@pytest.mark.parametrize("order", list(permutations(("goods", "subscription", "vendor"))), ids="-".join)
def test_it_does_not_matter_of_which_business_is_bought_first(order: tuple[str, ...]) -> None:
    account = OneAccount(Universe())
    buy = {
        "goods": lambda: of_checkout.paid(account.checkout),
        "subscription": lambda: of_subscriptions.subscribed(account.subscriptions),
        "vendor": lambda: of_marketplace.sold(account.marketplace),
    }
    for business in order:
        buy[business]()
    account.settle()

    assert account.breaches() == []
    assert account.standing() == ("delivered", "active", "available")


@pytest.mark.parametrize("story", STORIES)
def test_each_webhook_is_known_to_one_business_or_ignored_for_a_reason(story: str) -> None:
    account = after(story)
    businesses = unstruck(account)

    processed = Counter[str]()
    for item in tuple(account.store.all_items(INBOX)):
        subject = item.content
        assert isinstance(subject, WebhookSubject)
        knowing = [name for name, business in businesses.items() if knows(account, business, subject)]
        if item.status is ItemStatus.PROCESSED:
            assert len(knowing) == 1, f"{item.key} is known to {knowing}"
            processed[knowing[0]] += 1
        else:
            assert (item.status, knowing) == (ItemStatus.IGNORED, []), item
            assert item.last_error
    assert set(processed) == set(businesses)


def unstruck(account: OneAccount) -> dict[str, Business]:
    """Return the three businesses once more, on ports that are not intercepted."""
    stripe, shop = account.stripe, account.checkout
    ports = Ports(
        gateway=stripe,
        billing=stripe,
        connect=stripe,
        inventory=shop.inventory,
        carrier=shop.carrier,
        mailer=account.mailer,
        store=account.store,
        clock=account.clock,
    )
    app = our_businesses(ports, account.settings)
    return {
        "checkout": checkout_business(app.checkout, app.merchant),
        "subscriptions": subscription_business(app.subscriptions, app.merchant),
        "marketplace": marketplace_business(app.marketplace, app.merchant),
    }


def knows(account: OneAccount, business: Business, subject: WebhookSubject) -> bool:
    handle = business.on_subject.get(subject.kind)
    if handle is None:
        return False

    async def converge() -> None:
        await handle(subject.id)

    try:
        account.clock.run(converge())
    except NotFound:
        return False
    return True


@pytest.mark.parametrize("conditions", BADLY.values(), ids=BADLY)
@pytest.mark.parametrize("story", STORIES)
def test_what_comes_of_it_does_not_depend_on_how_webhooks_travel(story: str, conditions: DeliveryConditions) -> None:
    """I25."""
    account = after(story, Settings(conditions=conditions))

    assert account.breaches() == []
    assert books_of(account) == books_of(after(story))


def books_of(account: OneAccount) -> object:
    kinds: tuple[Kind[Any], ...] = (ORDERS, SUBSCRIPTIONS, INVOICES, SALES)
    rows = [(each.id, each.status) for kind in kinds for each in account.store.all(kind)]
    sources = Counter[str]()
    for movement in account.stripe.movements:
        sources[movement.source_id] += movement.signed_minor
    return rows, balances_of(account.store.all_entries(LEDGER)), sources


@pytest.mark.parametrize("story", [story for story in STORIES if story != SEARCHED])
def test_no_fault_of_any_call_breaks_a_promise(story: str) -> None:
    """Each call is struck by one kind of fault, another one from call to call; by all kinds below."""
    calm = run(ONE_ACCOUNT, story)
    plans = {plan[0].call: plan for number, plan in enumerate(one_more(ONE_ACCOUNT, calm)) if number % 5}

    tally = tally_of(run(ONE_ACCOUNT, story, plan) for plan in plans.values())

    assert not tally.broken, listed(tally)
    assert tally.universes == len(plans) == len(calm.sites) > 190


@pytest.mark.parametrize("story", often(STORIES, [SEARCHED]))
def test_no_single_fault_breaks_a_promise(story: str) -> None:
    assert_no_fault_breaks_a_promise(ONE_ACCOUNT, story, more_than=2_000)
