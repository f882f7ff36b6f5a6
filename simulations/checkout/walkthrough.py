"""One checkout on stripe-mock, step by step: the same shop and the same order, at one static world after another.

stripe-mock keeps no state: what an intent is depends on the world it was started with. So each step names its world,
and what a step shows is that Stripe accepts what we send, and what our store makes of the answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from payflows.app import App, build_app
from payflows.checkout.business import CheckoutSetup
from payflows.checkout.inmemory.carrier import InMemoryCarrier
from payflows.checkout.inmemory.inventory import InMemoryInventory
from payflows.checkout.messages import ORDERS
from payflows.checkout.model import Order
from payflows.checkout.policy import CheckoutPolicy
from payflows.checkout.pricing import CartItem, CurrencyTerms, PriceList
from payflows.clock import WallClock
from payflows.kernel.retry import RetryPolicy
from payflows.money import Money, Rate
from payflows.parties import Customer, Merchant
from payflows.store.memory import InMemoryStore
from payflows.stripe.gateway import StripeGateway
from payflows.stripe.http import HttpCall
from payflows.testing.stripe_mock.mock import stripe_mock

from simulations.checkout.shop import HOME
from simulations.drawing.http_calls import http_calls

if TYPE_CHECKING:
    import pandas as pd

ADA = Customer(id="ada", email="ada@example.com", stripe_customer_id="cus_ada")
PRICES = PriceList(
    {"mug": Money(1_450, "usd"), "poster": Money(2_400, "usd")},
    {"usd": CurrencyTerms(tax=Rate(800), shipping=Money(490, "usd"))},
)
_REFLECTED = ("status", "amount", "amount_received", "capture_method", "currency", "customer")


class Walkthrough:
    """A shop whose one order visits stripe-mock's worlds.

    Attributes:
        calls: every HTTP call made, with the world it was made in.
    """

    def __init__(self) -> None:
        self.calls: list[tuple[str, HttpCall]] = []
        self._clock = WallClock()
        self._store = InMemoryStore()
        self._inventory = InMemoryInventory({"mug": 10, "poster": 10}, clock=self._clock)
        self._carrier = InMemoryCarrier(clock=self._clock)
        self._order: Order | None = None

    async def buy(self, product_id: str, quantity: int, *, payment_method: str, world: str = "default") -> Order:
        """Place the order in one of stripe-mock's worlds, and let it go as far as it can there."""
        cart = [CartItem(product_id, quantity)]
        total = PRICES.price(cart).total
        with stripe_mock(world, amount_minor=total.minor, currency=total.currency) as mock:
            async with self._gateway(mock.url, world) as gateway:
                self._order = await self._app(gateway).checkout.process_checkout(
                    ADA,
                    "checkout-1",
                    cart=cart,
                    payment_method=payment_method,
                    shipping_address=HOME,
                )
        return self._order

    async def go_on(self, world: str) -> Order:
        """Look at the order again in another world, in which its payment has got further."""
        assert self._order is not None, "buy something first"
        total = self._order.purchase.price.total
        with stripe_mock(world, amount_minor=total.minor, currency=total.currency) as mock:
            async with self._gateway(mock.url, world) as gateway:
                self._order = await self._app(gateway).checkout.advance(ADA, self._order.id)
        return self._order

    def sent(self, world: str) -> pd.DataFrame:
        """What was sent in a world, call by call, and what stripe-mock reflected of it; ids are left out."""
        assert self._order is not None, "buy something first"
        calls = [call for called_in, call in self.calls if called_in == world]
        names = {self._order.payment_id or "-": ":id"}
        return http_calls(calls, owner_id=self._order.id, names=names, reflected=_REFLECTED)

    async def timeline(self) -> pd.DataFrame:
        """What our store says: every status that the order has entered, with its reason."""
        import pandas as pd

        assert self._order is not None, "buy something first"
        log = await self._store.log(ORDERS, self._order.id)
        rows = [(row.version, row.before or "", row.after.value, row.cause or "") for row in log]
        return pd.DataFrame(rows, columns=["version", "from", "to", "reason"])

    def _gateway(self, url: str, world: str) -> StripeGateway:
        return StripeGateway.on_mock(url, on_call=lambda call: self.calls.append((world, call)))

    def _app(self, gateway: StripeGateway) -> App:
        # One immediate try: in a static world the second would read the same.
        policy = CheckoutPolicy(retry=RetryPolicy(inline_tries=1))
        return build_app(
            gateway=gateway,
            checkout=CheckoutSetup(prices=PRICES, inventory=self._inventory, carrier=self._carrier, policy=policy),
            merchant=Merchant(id="mer_payflows"),
            store=self._store,
            clock=self._clock,
        )
