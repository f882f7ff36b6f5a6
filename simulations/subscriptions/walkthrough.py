"""One subscription on stripe-mock, step by step: the same merchant and subscription, at one static world after another.

stripe-mock keeps no state: what a subscription is depends on the world it was started with. So each step names its
world, and shows that Stripe accepts what we send, and what our store makes of the answer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from payflows.app import build_app
from payflows.kernel.retry import RetryPolicy
from payflows.parties import Customer
from payflows.store.memory import InMemoryStore
from payflows.stripe.gateway import StripeGateway
from payflows.stripe.http import HttpCall
from payflows.subscriptions.business import SubscriptionSetup
from payflows.subscriptions.flow import SaaSSubscriptionFlow
from payflows.subscriptions.messages import INVOICES, SUBSCRIPTIONS
from payflows.subscriptions.model import Subscription
from payflows.subscriptions.plan_requests import PlanPreview
from payflows.subscriptions.plans import Plan, PlanCatalogue
from payflows.subscriptions.policy import ChangeTiming, PausePolicy, SubscriptionPolicy
from payflows.testing.stripe_mock.mock import stripe_mock

from simulations.drawing.http_calls import http_calls
from simulations.subscriptions.catalogue import BASIC, CALLS, MERCHANT, PRO, VISA
from simulations.time.hand_clock import HandClock

if TYPE_CHECKING:
    import pandas as pd

Step = Callable[[SaaSSubscriptionFlow], Awaitable[Subscription]]

# stripe-mock's own customer and price, which it names in every subscription that is read.
ADA = Customer(id="ada", email="ada@example.com", stripe_customer_id="cus_QXg1o8vcGmoR32")
PRICE_ID = "price_1PgafmB7WZ01zgkW6dKueIc5"
DAY = datetime(2026, 11, 2, tzinfo=UTC)
"""On which all of it happens: a day of the period that stripe-mock's worlds tell of."""

_REFLECTED = ("status", "customer", "cancel_at_period_end", "billing_reason", "amount_due", "amount_paid", "amount")


class Walkthrough:
    """A merchant whose one subscription visits stripe-mock's worlds.

    Args:
        is_metered: its plan bills calls of an API besides.
        pause: what a pause is.

    Attributes:
        calls: every HTTP call made, with the world it was made in.
    """

    def __init__(self, *, is_metered: bool = False, pause: PausePolicy = PausePolicy()) -> None:  # noqa: B008 - frozen
        self.calls: list[tuple[str, HttpCall]] = []
        self._plan = replace(PRO, price_id=PRICE_ID, metered=CALLS if is_metered else None)
        # One immediate try: in a static world the second would read the same.
        self._policy = SubscriptionPolicy(retry=RetryPolicy(inline_tries=1), pause=pause)
        self._clock = HandClock(DAY)
        self._store = InMemoryStore()
        self._subscription: Subscription | None = None

    async def subscribe(self, world: str, *, trial_days: int = 0) -> Subscription:
        """Sign up in one of stripe-mock's worlds."""
        return await self._in(
            world,
            lambda flow: flow.create_subscription(
                ADA, "signup-1", plan_id=PRO.id, payment_method=VISA, trial_days=trial_days
            ),
        )

    async def begin(self) -> Subscription:
        """Sign up, and go on where the subscription is active."""
        await self.subscribe("subscription_incomplete")
        return await self.go_on("subscription_active")

    async def go_on(self, world: str) -> Subscription:
        """Look at the subscription again in another world, in which it has got further."""
        return await self._in(world, lambda flow: flow.advance(ADA, self._id))

    async def update_card(self, world: str, card: str) -> Subscription:
        """Give another card."""
        updates = self._known.card_updates
        return await self._in(
            world, lambda flow: flow.update_card(ADA, self._id, expected_update=updates, payment_method=card)
        )

    async def preview(self, world: str, plan: Plan) -> PlanPreview:
        """Look at what another plan costs."""
        shown: list[PlanPreview] = []

        async def look(flow: SaaSSubscriptionFlow) -> Subscription:
            shown.append(await flow.preview_plan_change(ADA, self._id, plan_id=plan.id, timing=ChangeTiming.NOW))
            return self._known

        await self._in(world, look)
        return shown[0]

    async def change_plan(self, world: str, confirmed: PlanPreview) -> Subscription:
        """Confirm another plan."""
        return await self._in(world, lambda flow: flow.change_plan(ADA, self._id, confirmed=confirmed))

    async def pause(self, world: str) -> Subscription:
        """Pause."""
        return await self._in(world, lambda flow: flow.pause_subscription(ADA, self._id))

    async def use(self, world: str, usage_id: str, quantity: int) -> Subscription:
        """Record what was used."""

        async def track(flow: SaaSSubscriptionFlow) -> Subscription:
            await flow.track_usage(MERCHANT, self._id, usage_id, metric=CALLS.metric, quantity=quantity)
            return self._known

        return await self._in(world, track)

    async def cancel(self, world: str) -> Subscription:
        """Cancel now."""
        return await self._in(world, lambda flow: flow.cancel_subscription(ADA, self._id))

    def sent(self, world: str) -> pd.DataFrame:
        """What was sent in a world, call by call, and what stripe-mock reflected of it; ids are left out."""
        known = self._known
        invoices = list(self._store.all(INVOICES))
        payments = [each.charge.payment_id for each in invoices if each.charge is not None]
        names = {
            **{id: ":payment" for id in payments if id is not None},
            **{invoice.id: ":invoice" for invoice in invoices},
            **{
                id: name
                for id, name in ((known.stripe_id, ":subscription"), (known.setup_id, ":setup"))
                if id is not None
            },
            PRICE_ID: PRO.price_id,
        }
        calls = [call for called_in, call in self.calls if called_in == world]
        return http_calls(calls, owner_id=known.id, names=names, reflected=_REFLECTED)

    def timeline(self) -> pd.DataFrame:
        """What our store says: every status that the subscription has entered."""
        import pandas as pd

        log = self._store.transitions(SUBSCRIPTIONS, self._id)
        rows = [(row.version, row.before or "", row.after.value, row.cause or "") for row in log]
        return pd.DataFrame(rows, columns=["version", "from", "to", "reason"])

    @property
    def _known(self) -> Subscription:
        assert self._subscription is not None, "subscribe first"
        return self._subscription

    @property
    def _id(self) -> str:
        return self._known.id

    async def _in(self, world: str, step: Step) -> Subscription:
        price = PRO.amount
        with stripe_mock(world, amount_minor=price.minor, currency=price.currency) as mock:
            async with StripeGateway.on_mock(
                mock.url, on_call=lambda call: self.calls.append((world, call))
            ) as gateway:
                plans = PlanCatalogue((self._plan, BASIC))
                setup = SubscriptionSetup(plans=plans, billing=gateway.billing, policy=self._policy)
                app = build_app(
                    gateway=gateway, subscriptions=setup, merchant=MERCHANT, store=self._store, clock=self._clock
                )
                self._subscription = await step(app.subscriptions)
        return self._subscription
