"""Sign-ups: one live subscription per customer and product, and one trial, whoever else signs up concurrently."""

from __future__ import annotations

from payflows.errors import AlreadyExists, AlreadySubscribed, NotFound, SignupIdReused, TrialUsed
from payflows.kernel.repository import Repository
from payflows.kernel.store import Store
from payflows.parties import Merchant
from payflows.subscriptions.input import subscription_id_of
from payflows.subscriptions.messages import SUBSCRIPTIONS
from payflows.subscriptions.model import Subscription, SubscriptionStatus
from payflows.subscriptions.signup import SignUp


class SignUps:
    """Stores what customers sign up for.

    Args:
        merchant: who sells.
        store: knows who has what.
        subscriptions: writes them.
    """

    def __init__(self, merchant: Merchant, store: Store, subscriptions: Repository[Subscription]) -> None:
        self._merchant = merchant
        self._store = store
        self._subscriptions = subscriptions

    async def add(self, wanted: SignUp) -> Subscription:
        """Store a sign-up before Stripe is asked, or return the one that has this id already.

        Raises:
            SignupIdReused: the id stands for another plan, number of seats or trial.
            AlreadySubscribed: the customer has a live subscription of the product, paid or not.
            TrialUsed: the customer has had a trial of the product.
        """
        new = Subscription(
            id=subscription_id_of(self._merchant, wanted.customer, wanted.signup_id),
            signup=wanted,
            status=SubscriptionStatus.CREATING,
            changed_at=wanted.signed_up_at,
        )
        try:
            subscription = await self._subscriptions.add(new)
        except AlreadyExists:
            subscription = await self._known(new)
        if not subscription.signup.requests_the_same_as(wanted):
            raise SignupIdReused(f"sign-up {wanted.signup_id!r} was for another plan, number of seats or trial")
        return subscription

    async def _known(self, new: Subscription) -> Subscription:
        """Return the same sign-up, where it has the claims itself: its row was stored and the answer lost."""
        try:
            return await self._subscriptions.get(new.id)
        except NotFound:
            pass
        product = new.signup.product
        for other in await self._of_customer(new):
            if other.signup.product == product and not other.status.is_ended:
                raise AlreadySubscribed(f"{new.signup.customer.id!r} has a subscription of {product!r}: {other.id}")
        raise TrialUsed(f"{new.signup.customer.id!r} has had a trial of {product!r}")

    async def _of_customer(self, new: Subscription) -> list[Subscription]:
        found: list[Subscription] = []
        after = None
        while page := await self._store.find_all(SUBSCRIPTIONS, new.groups()[0], after=after):
            found += page
            after = page[-1].id
        return found
