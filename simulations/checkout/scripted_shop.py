"""A shop for stories about single orders: the verbs that notebooks and tests tell them with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from payflows.checkout.goods import Address
from payflows.checkout.messages import ORDERS, EventType, MailKind
from payflows.checkout.model import Order
from payflows.checkout.pricing import CartItem, CurrencyTerms, PriceList
from payflows.checks import instance_of, not_negative
from payflows.kernel.changes import OUTBOX
from payflows.kernel.messages import BusinessEvent
from payflows.money import Money, Rate
from payflows.parties import Customer

from simulations.checkout.checkers.final_state import check_shop
from simulations.checkout.shop import HOME, MERCHANT, Shop
from simulations.time.world import MICROSECONDS

if TYPE_CHECKING:
    import pandas as pd

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
CAROL = Customer(id="carol", email="carol@example.com", stripe_customer_id="cus_carol")
HOMES = {
    customer.id: replace(HOME, name=f"{customer.id.title()} Example", line1=f"{number} Example Street")
    for number, customer in enumerate((ADA, BOB, CAROL), start=1)
}
"""Where each of them lives; Ada's is `HOME`."""

VISA = "pm_card_visa"
NO_FUNDS = "pm_card_visa_chargeDeclinedInsufficientFunds"
THREE_D_SECURE = "pm_card_threeDSecure2Required"
BANK_DEBIT = "pm_usBankAccount_success"
FAILING_DEBIT = "pm_usBankAccount_insufficientFunds"


def cart(product_id: str = "mug", quantity: int = 2) -> tuple[CartItem, ...]:
    """A cart of one product."""
    return (CartItem(product_id, quantity),)


class ScriptedShop(Shop):
    """A shop in which one thing happens after another: each verb lets virtual time pass until it is answered.

    Args:
        prices: the catalogue; mugs and lamps in dollars, trays in euros.
        stock: what is on the shelf.
        settings: as for `Shop`.
    """

    def __init__(self, *, prices: PriceList = PRICES, stock: Mapping[str, int] = STOCK, **settings: Any) -> None:
        super().__init__(prices=prices, stock=stock, **settings)

    def buy(
        self,
        items: tuple[CartItem, ...] | None = None,
        *,
        card: str = VISA,
        checkout_id: str = "checkout-1",
        customer: Customer = ADA,
        address: Address = HOME,
        return_url: str | None = None,
    ) -> Order:
        """Press "buy"."""
        return self.world.run(
            self.flow.process_checkout(
                customer,
                checkout_id,
                cart=cart() if items is None else items,
                payment_method=card,
                shipping_address=address,
                return_url=return_url,
            )
        )

    def pay_again(self, order: Order, *, card: str = VISA, expected_try: int | None = None) -> Order:
        """Try another card, having seen the order as it is given here."""
        instance_of("order", order, Order)
        tried = expected_try if expected_try is not None else order.attempt.number
        return self.world.run(
            self.flow.pay_again(order.purchase.customer, order.id, expected_try=tried, payment_method=card)
        )

    def cancel(self, order: Order) -> Order:
        """The customer cancels."""
        instance_of("order", order, Order)
        return self.world.run(self.flow.cancel_order(order.purchase.customer, order.id))

    def refund(self, order: Order) -> Order:
        """The merchant gives the money back."""
        instance_of("order", order, Order)
        return self.world.run(self.flow.refund_order(MERCHANT, order.id))

    def settle_refund(self, order: Order) -> Order:
        """The merchant has given the money back another way."""
        instance_of("order", order, Order)
        self.settled_elsewhere.add(order.id)
        return self.world.run(self.flow.settle_refund(MERCHANT, order.id))

    def come_back(self, order: Order) -> Order:
        """The customer returns from the bank's page."""
        instance_of("order", order, Order)
        return self.world.run(self.flow.advance(order.purchase.customer, order.id))

    def notice(self, order: Order) -> Order:
        """Stripe's notice about the order's payment comes."""
        instance_of("order", order, Order)
        assert order.payment_id is not None
        return self.world.run(self.flow.payment_changed(MERCHANT, order.payment_id))

    def now(self, order: Order) -> Order:
        """The order as it is stored now."""
        instance_of("order", order, Order)
        return self.world.run(self.store.get(ORDERS, order.id))

    def pass_time(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0, days: float = 0) -> None:
        """Let so much virtual time pass."""
        for name, time in (("seconds", seconds), ("minutes", minutes), ("hours", hours), ("days", days)):
            not_negative(name, time)
        self.world.run_for(seconds + 60 * minutes + 3_600 * hours + 86_400 * days)

    def path(self, order: Order) -> list[str]:
        """The statuses that the order went through."""
        instance_of("order", order, Order)
        return [logged.after.value for logged in self.store.transitions(ORDERS, order.id)]

    def charged(self, order: Order) -> Money:
        """What Stripe holds for the order."""
        instance_of("order", order, Order)
        return self.stripe.net_for(order.id)

    def events(self, order: Order) -> list[EventType]:
        """The business events about the order, in their order."""
        instance_of("order", order, Order)
        messages = [item.content for item in self.store.all_items(OUTBOX)]
        events = [message for message in messages if isinstance(message, BusinessEvent)]
        return [EventType(event.type) for event in events if event.subject == order.id]

    def mails(self, order: Order) -> list[MailKind]:
        """The mails that its customer got."""
        instance_of("order", order, Order)
        self.world.run(self.app.outbox.deliver())
        return [MailKind(mail.kind) for mail in self.mailer.about(order.id)]

    def settle(self) -> None:
        """Let time pass until nothing moves by itself any more, then check the invariants."""
        for _ in range(40 * 24):
            if not self.unsettled():
                break
            self.pass_time(hours=1)
        self.pass_time(minutes=10)
        check_shop(self)

    def timeline(self, order: Order) -> pd.DataFrame:
        """Every status that the order entered: when, and why."""
        instance_of("order", order, Order)
        import pandas as pd

        log = self.store.transitions(ORDERS, order.id)
        return pd.DataFrame(
            {
                "at": f"{logged.at:%H:%M:%S}",
                "from": logged.before or "",
                "to": logged.after,
                "reason": logged.cause or "",
            }
            for logged in log
        )

    def calls_of(self, order: Order) -> pd.DataFrame:
        """Every call that was made for the order: when, to whom, and how it ended."""
        instance_of("order", order, Order)
        import pandas as pd

        return pd.DataFrame(
            {"second": call.started_us // MICROSECONDS, "port": call.port, "call": call.method, "outcome": call.outcome}
            for call in self.calls
            if call.args[0] in (order.id, order.payment_id)
        )
