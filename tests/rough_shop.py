"""A shop in which one call of Stripe, shelf or carrier goes wrong, and the ways in which it may."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress

from payflows.app import build_app
from payflows.checkout.model import Order
from payflows.errors import CallNotStarted, CallRefused, OutcomeUnknown, PayflowsError
from simulations.shop import HOME, MERCHANT
from simulations.story import ADA, PRICES, StoryShop, cart
from simulations.stripe.disturbances import Disturbance, Fault

Ask = Callable[[], Awaitable[object]]
Strike = Callable[["RoughShop", str, Ask], Awaitable[object]]
"""What becomes of a call: the shop, the method's name, and the call itself, which may be made or not."""


async def refuse(shop: RoughShop, method: str, ask: Ask) -> object:
    raise CallNotStarted(f"{method}: connection refused")


async def turn_away(shop: RoughShop, method: str, ask: Ask) -> object:
    raise CallRefused(f"{method}: 401, the key has been changed")


async def lose_request(shop: RoughShop, method: str, ask: Ask) -> object:
    await shop.world.sleep(20)
    raise OutcomeUnknown(f"{method}: no answer")


async def lose_answer(shop: RoughShop, method: str, ask: Ask) -> object:
    with suppress(PayflowsError):  # whatever it was
        await ask()
    return await lose_request(shop, method, ask)


async def crash(shop: RoughShop, method: str, ask: Ask) -> object:
    """It is done, and whoever asked for it is never heard of again."""
    with suppress(PayflowsError):
        await ask()
    return await shop.world.sleep(1e9)


async def break_stripe(shop: RoughShop, method: str, ask: Ask) -> object:
    shop.stripe.disturb(Disturbance(fault=Fault.SERVER_ERROR_STORED, call=method))
    return await ask()


async def break_stripe_after_effect(shop: RoughShop, method: str, ask: Ask) -> object:
    shop.stripe.disturb(Disturbance(fault=Fault.SERVER_ERROR_AFTER_EFFECT_STORED, call=method))
    return await ask()


ON_THE_ROAD: tuple[Strike, ...] = (refuse, lose_request, lose_answer, crash)
AT_STRIPE: tuple[Strike, ...] = (break_stripe, break_stripe_after_effect)


class RoughShop(StoryShop):
    """A shop in which one call is struck, by its number from 1; 0 for none."""

    def __init__(self, struck: int = 0, strike: Strike = refuse) -> None:
        super().__init__(transit_seconds=600)
        self.struck, self.strike = struck, strike
        self.asked: list[str] = []
        self.app = build_app(
            prices=PRICES,
            gateway=RoughRoad(self, self.stripe),  # type: ignore[arg-type]  # it has every method, by its nature
            inventory=RoughRoad(self, self.inventory),  # type: ignore[arg-type]
            carrier=RoughRoad(self, self.carrier),  # type: ignore[arg-type]
            merchant=MERCHANT,
            store=self.store,
            mailer=self.mailer,
            clock=self.world,
        )
        self.flow = self.app.checkout

    @property
    def the_order(self) -> Order:
        """The only one."""
        [order] = self.store.orders()
        return order

    def try_cards(self, cards: tuple[str, ...]) -> Order:
        """Press "buy", come back after a while, and try the next card."""
        self.world.start(
            self.flow.process_checkout(ADA, "checkout-1", cart=cart(), payment_method=cards[0], shipping_address=HOME)
        )
        self.pass_time(minutes=5)
        for tries, card in enumerate(cards[1:], start=1):
            self.world.start(self.flow.pay_again(ADA, self.the_order.id, seen_try=tries, payment_method=card))
            self.pass_time(minutes=5)
        return self.the_order


class RoughRoad:
    """The road to a port, on which the call is struck whose number has come."""

    def __init__(self, shop: RoughShop, port: object) -> None:
        self._shop = shop
        self._port = port

    def __getattr__(self, method: str) -> Callable[..., Awaitable[object]]:
        async def call(*args: object, **kwargs: object) -> object:
            shop, make = self._shop, getattr(self._port, method)
            shop.asked.append(method)
            if len(shop.asked) == shop.struck:
                return await shop.strike(shop, method, lambda: make(*args, **kwargs))
            return await make(*args, **kwargs)

        return call
