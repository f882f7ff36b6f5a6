"""The `shop` fixture: a whole shop in virtual time, with the verbs that a story about an order needs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from payflows.actors import Customer
from payflows.checkout.model import Order, OrderStatus
from payflows.checkout.policy import CheckoutPolicy
from payflows.checkout.pricing import CartItem, CurrencyTerms, PriceList
from payflows.events.model import EventType, MailKind
from payflows.goods import Address
from payflows.money import Money, Rate
from simulations.checkers import check_shop
from simulations.shop import HOME, MERCHANT, Shop

PRICES = PriceList(
    {"mug": Money(1_450, "usd"), "lamp": Money(5_900, "usd"), "tray": Money(3_000, "eur")},
    {
        "usd": CurrencyTerms(tax=Rate(800), shipping=Money(490, "usd")),
        "eur": CurrencyTerms(tax=Rate(2_000), shipping=Money(390, "eur")),
    },
)
STOCK = {"mug": 10, "lamp": 2, "tray": 5}

ADA = Customer(id="ada", email="ada@example.com")
BOB = Customer(id="bob", email="bob@example.com")

VISA = "pm_card_visa"
NO_FUNDS = "pm_card_visa_chargeDeclinedInsufficientFunds"
THREE_D_SECURE = "pm_card_threeDSecure2Required"
BANK_DEBIT = "pm_usBankAccount_success"
FAILING_DEBIT = "pm_usBankAccount_insufficientFunds"


def cart(product_id: str = "mug", quantity: int = 2) -> tuple[CartItem, ...]:
    return (CartItem(product_id, quantity),)


class StoryShop(Shop):
    """A shop whose customers are told of in tests. When a story ends, every invariant is checked."""

    def buy(
        self,
        items: tuple[CartItem, ...] | None = None,
        *,
        card: str = VISA,
        checkout_id: str = "checkout-1",
        customer: Customer = ADA,
        address: Address = HOME,
    ) -> Order:
        return self.world.run(
            self.flow.process_checkout(
                customer, checkout_id, cart=items or cart(), payment_method=card, shipping_address=address
            )
        )

    def pay_again(self, order: Order, *, card: str = VISA, seen_try: int | None = None) -> Order:
        tried = seen_try if seen_try is not None else order.attempt.number
        return self.world.run(self.flow.pay_again(ADA, order.id, seen_try=tried, payment_method=card))

    def cancel(self, order: Order) -> Order:
        return self.world.run(self.flow.cancel_order(ADA, order.id))

    def refund(self, order: Order) -> Order:
        return self.world.run(self.flow.refund_order(MERCHANT, order.id))

    def come_back(self, order: Order) -> Order:
        return self.world.run(self.flow.advance(ADA, order.id))

    def notice(self, order: Order) -> Order:
        assert order.payment_id is not None
        return self.world.run(self.flow.payment_changed(MERCHANT, order.payment_id))

    def now(self, order: Order) -> Order:
        return self.world.run(self.store.order(order.id))

    def pass_time(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0, days: float = 0) -> None:
        self.world.run_for(seconds + 60 * minutes + 3_600 * hours + 86_400 * days)

    def path(self, order: Order) -> list[str]:
        """The statuses that the order went through."""
        return [logged.after.value for logged in self.world.run(self.store.transitions(order.id))]

    def charged(self, order: Order) -> Money:
        """What Stripe holds for the order."""
        return self.stripe.net_for(order.id)

    def events(self, order: Order) -> list[EventType]:
        messages = [entry.message for entry in self.store.outbox()]
        return [message.type for message in messages if not hasattr(message, "kind") and message.order_id == order.id]

    def mails(self, order: Order) -> list[MailKind]:
        self.world.run(self.app.outbox.deliver())
        return [mail.kind for mail in self.mailer.about(order.id)]

    def settle(self) -> None:
        """Let time pass until nothing moves by itself any more, then check the invariants."""
        for _ in range(40 * 24):
            if not self.unsettled():
                break
            self.pass_time(hours=1)
        self.pass_time(minutes=10)
        check_shop(self)


MakeShop = Callable[..., StoryShop]


@pytest.fixture
def open_shop() -> MakeShop:
    """Opens shops: `open_shop(policy=..., pickup_seconds=...)`, with the arguments of `simulations.shop.Shop`."""

    def opened(**settings: object) -> StoryShop:
        return StoryShop(**{"prices": PRICES, "stock": STOCK, **settings})  # type: ignore[arg-type]

    return opened


@pytest.fixture
def shop(open_shop: MakeShop) -> StoryShop:
    """A shop with everything as it comes: authorise first, parcels fetched at once."""
    return open_shop(policy=CheckoutPolicy())


ENDED = (OrderStatus.CANCELLED, OrderStatus.PAYMENT_FAILED)
