"""What customers do with one merchant's three businesses: a story of each, one after the other, on one account.

Webhooks and timers of the first are still under way while the next begins.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from simulations.checkout import stories as of_checkout
from simulations.marketplace import stories as of_marketplace
from simulations.marketplace.story import Story as MarketplaceStory
from simulations.one_account.system import OneAccount
from simulations.search.breach import Breach
from simulations.subscriptions import stories as of_subscriptions
from simulations.subscriptions.story import Story as SubscriptionStory


class Story(NamedTuple):
    """A story of each business, each of them with the usual settings but that webhooks come.

    Attributes:
        checkout: what is done in the shop.
        subscriptions: what is done about a subscription.
        marketplace: what is bought from a vendor.
    """

    checkout: of_checkout.Story
    subscriptions: SubscriptionStory
    marketplace: MarketplaceStory

    def tell(self, account: OneAccount) -> None:
        """Let people act, at each business in turn."""
        self.checkout.tell(account.checkout)
        self.subscriptions.tell(account.subscriptions)
        self.marketplace.tell(account.marketplace)

    @property
    def ends(self) -> Story:
        """How it ends where nothing goes wrong: as each of the three does alone."""
        return self

    def missed(self, account: OneAccount) -> Iterator[Breach]:
        """A breach where one of them did not end so."""
        yield from self.checkout.ends.missed(account.checkout)
        yield from self.subscriptions.ends.missed(account.subscriptions)
        yield from self.marketplace.ends.missed(account.marketplace)


def _story(checkout: str, subscriptions: str, marketplace: str) -> Story:
    return Story(
        of_checkout.STORIES[checkout], of_subscriptions.STORIES[subscriptions], of_marketplace.STORIES[marketplace]
    )


STORIES: Mapping[str, Story] = {
    "bought_from_each": _story("paid", "subscribed", "sold"),
    "declined_at_each": _story("declined_then_another_card", "first_declined", "sold_on_a_second_card"),
    "refunded_by_each": _story("refunded", "cancelled_now_and_refunded", "sale_refunded"),
    "disputed_at_each": _story("dispute_lost_by_webhook", "renewal_disputed", "sale_disputed_and_won"),
}
"""Every story, by its name."""
