"""Stories of one order in a calm world: bought, announced, repeated, and closed to other customers."""

from __future__ import annotations

import gc
import warnings

import pytest

from payflows.checkout.flow import EcommercePaymentFlow
from payflows.checkout.goods import Address
from payflows.checkout.input import order_id_of
from payflows.checkout.messages import ORDERS, EventType, MailKind
from payflows.checkout.model import TRANSITIONS, OrderStatus, Reason
from payflows.checkout.policy import CheckoutPolicy
from payflows.checkout.pricing import CartItem, PriceList
from payflows.errors import CheckoutIdReused, InvalidCart, InvalidCheckout, InvalidPolicy, InvalidState, NotFound
from payflows.money import Money
from payflows.parties import Customer
from payflows.payments.model import CaptureMode
from simulations.checkout.scripted_shop import ADA, BOB, NO_FUNDS, PRICES, THREE_D_SECURE, VISA, ScriptedShop, cart
from simulations.checkout.shop import MERCHANT

AUTOMATIC = CheckoutPolicy(capture=CaptureMode.AUTOMATIC)


def test_a_cart_is_held_paid_and_shipped(shop: ScriptedShop) -> None:
    order = shop.buy(cart("mug", 2), card=VISA)

    assert order.status is OrderStatus.SHIPPED
    assert shop.charged(order) == order.purchase.price.total == Money(2_900 + 232 + 490, "usd")
    assert shop.path(order) == [
        "pending",
        "inventory_reserved",
        "payment_processing",
        "authorised",
        "paid",
        "shipped",
    ]
    shop.settle()
    assert shop.now(order).status is OrderStatus.DELIVERED


def test_with_automatic_capture_the_money_is_taken_at_confirmation() -> None:
    shop = ScriptedShop(policy=AUTOMATIC)

    order = shop.buy()

    assert "authorised" not in shop.path(order)
    assert order.status is OrderStatus.SHIPPED
    shop.settle()


def test_every_customer_is_notified_of_what_happened(shop: ScriptedShop) -> None:
    order = shop.buy()
    shop.settle()

    assert shop.events(order) == [
        EventType.ORDER_PLACED,
        EventType.PAYMENT_AUTHORISED,
        EventType.PAYMENT_SUCCEEDED,
        EventType.ORDER_SHIPPED,
        EventType.ORDER_DELIVERED,
    ]
    assert shop.mails(order) == [MailKind.ORDER_CONFIRMED, MailKind.ORDER_SHIPPED]


@pytest.mark.parametrize(
    "later",
    [{"mug": Money(1_500, "usd")}, {"lamp": Money(5_900, "usd")}, {"mug": Money(99_999_999, "usd")}],
    ids=["dearer", "not sold any more", "dearer than any charge"],
)
def test_the_same_checkout_is_found_after_the_catalogue_has_changed(
    shop: ScriptedShop, later: dict[str, Money]
) -> None:
    seen = (CartItem("mug", 1, Money(1_450, "usd")), CartItem("mug", 1))
    placed = shop.buy(seen)
    shop.flow = EcommercePaymentFlow(
        merchant=MERCHANT,
        prices=PriceList(later, {"usd": PRICES.terms["usd"]}),
        policy=CheckoutPolicy(),
        store=shop.store,
        gateway=shop.stripe,
        inventory=shop.inventory,
        carrier=shop.carrier,
        clock=shop.world,
    )

    again = shop.buy(seen)

    assert (again.id, again.purchase.price) == (placed.id, placed.purchase.price)
    for other in (seen[:1], (CartItem("tray", 2),), ("mug",)):
        with pytest.raises(InvalidCart):
            shop.buy(other)  # type: ignore[arg-type]
    with pytest.raises(InvalidCart):
        shop.buy(seen, checkout_id="checkout-2")


def test_the_same_checkout_id_is_the_same_purchase(shop: ScriptedShop) -> None:
    first = shop.buy(checkout_id="tab-1")

    again = shop.buy(checkout_id="tab-1")

    assert again.id == first.id
    assert shop.charged(first) == first.purchase.price.total
    assert len(list(shop.store.all(ORDERS))) == 1


def test_the_same_checkout_id_with_another_cart_is_refused(shop: ScriptedShop) -> None:
    order = shop.buy(cart("mug", 2), checkout_id="tab-1")

    with pytest.raises(CheckoutIdReused):
        shop.buy(cart("mug", 3), checkout_id="tab-1")

    assert shop.charged(order) == order.purchase.price.total


def test_two_customers_may_use_the_same_checkout_id(shop: ScriptedShop) -> None:
    hers = shop.buy(checkout_id="checkout-1", customer=ADA)
    his = shop.buy(checkout_id="checkout-1", customer=BOB)

    assert hers.id != his.id
    shop.settle()


def test_no_two_purchases_have_the_same_id() -> None:
    """Though what they are derived from reads the same, put together."""
    ann, of_web = (Customer(id=name, email="ann@example.com") for name in ("ann", "ann:web"))

    assert order_id_of(MERCHANT, ann, "web:1") != order_id_of(MERCHANT, of_web, "1")


def test_names_of_one_character_are_addresses(shop: ScriptedShop) -> None:
    order = shop.buy(address=Address(name="A", line1="1", city="Å", postal_code="0", country="NO"))

    assert order.status is OrderStatus.SHIPPED


@pytest.mark.parametrize(
    ("field", "least", "most"),
    [
        ("max_tries", 1, 10),
        ("deadline_seconds", 60, 86_400),
        ("hold_seconds", 60, 86_400),
        ("lease_seconds", 1, 300),
        ("pending_look_seconds", 60, 86_400),
        ("review_after_seconds", 3_600, 7 * 86_400),
        ("processing_review_seconds", 3_600, 90 * 86_400),
    ],
)
def test_a_policy_takes_what_lies_within_its_bounds(field: str, least: int, most: int) -> None:
    for value in (least, most):
        assert getattr(CheckoutPolicy(**{field: value}), field) == value  # type: ignore[arg-type]  # by name
    for value in (least - 1, most + 1):
        with pytest.raises(InvalidPolicy, match=f"^{field} must be a whole number from {least:,} to {most:,}"):
            CheckoutPolicy(**{field: value})  # type: ignore[arg-type]  # by name


def test_what_is_not_on_the_shelf_is_not_sold(shop: ScriptedShop) -> None:
    order = shop.buy(cart("lamp", 3))

    assert (order.status, order.reason) == (OrderStatus.CANCELLED, Reason.OUT_OF_STOCK)
    assert shop.stripe.payments_of_order(order.id) == ()
    assert shop.inventory.available("lamp") == 2


def test_the_last_lamp_is_sold_once() -> None:
    shop = ScriptedShop(stock={"lamp": 1})

    hers = shop.buy(cart("lamp", 1), customer=ADA)
    his = shop.buy(cart("lamp", 1), customer=BOB)

    assert [hers.status, his.status] == [OrderStatus.SHIPPED, OrderStatus.CANCELLED]
    shop.settle()


class TestOwnership:
    def test_no_customer_sees_or_touches_anothers_order(self, shop: ScriptedShop) -> None:
        """X2: every public method takes who acts, and checks that the order is theirs."""
        order = shop.buy(card=NO_FUNDS, customer=ADA)
        flow = shop.flow

        for touch in (
            flow.order(BOB, order.id),
            flow.advance(BOB, order.id),
            flow.cancel_order(BOB, order.id),
            flow.transitions(BOB, order.id),
            flow.pay_again(BOB, order.id, expected_try=1, payment_method=VISA),
        ):
            with pytest.raises(NotFound):
                shop.world.run(touch)
        assert shop.now(order) == order

    def test_the_merchant_sees_every_order(self, shop: ScriptedShop) -> None:
        order = shop.buy()

        assert shop.world.run(shop.flow.order(MERCHANT, order.id)) == order


def test_a_customers_orders_are_found_together(shop: ScriptedShop) -> None:
    shop.buy(customer=BOB)
    hers = [shop.buy(customer=ADA, checkout_id=name) for name in ("one", "two")]

    found = shop.world.run(shop.store.find_all(ORDERS, "customer:ada"))

    assert {order.id for order in found} == {order.id for order in hers}


def test_how_an_order_got_where_it_is_can_be_read(shop: ScriptedShop) -> None:
    """By its customer and by the merchant; of that order alone."""
    shop.buy(customer=BOB, card=NO_FUNDS)
    order = shop.buy(customer=ADA)

    log = shop.world.run(shop.flow.transitions(ADA, order.id))

    assert [row.after.value for row in log] == shop.path(order)
    assert {row.subject for row in log} == {order.id}
    assert shop.world.run(shop.flow.transitions(MERCHANT, order.id)) == log


def test_the_table_names_every_status_and_final_ones_lead_nowhere() -> None:
    assert set(TRANSITIONS) == set(OrderStatus)
    assert {status for status in OrderStatus if status.is_final} == {
        OrderStatus.DELIVERED,
        OrderStatus.PAYMENT_FAILED,
        OrderStatus.CANCELLED,
    }


def test_a_shop_that_is_never_opened_leaves_nothing_unawaited() -> None:
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        ScriptedShop()
        gc.collect()

    assert warned == []


def test_each_customer_of_a_shop_acts_on_their_own_order(shop: ScriptedShop) -> None:
    order = shop.buy(customer=BOB, card=THREE_D_SECURE)

    assert shop.come_back(order).status is OrderStatus.CUSTOMER_ACTION
    assert shop.cancel(order).cancel_asked


class TestThreeDSecureInABrowser:
    def test_the_browser_is_given_what_stripe_js_needs_while_the_bank_waits(self, shop: ScriptedShop) -> None:
        order = shop.buy(card=THREE_D_SECURE)

        action = shop.world.run(shop.flow.customer_action(ADA, order.id))

        assert action.client_secret.startswith(f"{order.payment_id}_secret_")
        assert action.next_action["type"] == "use_stripe_sdk"

    def test_with_a_return_url_the_bank_asks_on_its_page_and_sends_the_customer_back(self, shop: ScriptedShop) -> None:
        page = "https://shop.example/paid"
        declined = shop.buy(card=NO_FUNDS)
        again = shop.flow.pay_again(ADA, declined.id, expected_try=1, payment_method=THREE_D_SECURE, return_url=page)

        order = shop.world.run(again)

        action = shop.world.run(shop.flow.customer_action(ADA, order.id))
        assert action.next_action["type"] == "redirect_to_url"
        assert dict(action.next_action["redirect_to_url"])["return_url"] == page  # type: ignore[call-overload]

    @pytest.mark.parametrize("card", [VISA, NO_FUNDS])
    def test_where_no_bank_asks_it_says_so(self, shop: ScriptedShop, card: str) -> None:
        order = shop.buy(card=card)

        with pytest.raises(InvalidState, match="no bank asks anything"):
            shop.world.run(shop.flow.customer_action(ADA, order.id))

    def test_it_is_for_its_own_customer_alone(self, shop: ScriptedShop) -> None:
        order = shop.buy(card=THREE_D_SECURE)

        with pytest.raises(NotFound):
            shop.world.run(shop.flow.customer_action(BOB, order.id))

    @pytest.mark.parametrize("url", ["shop.example", "http://shop.example", "javascript:alert(1)", "https://", 7])
    def test_a_return_url_is_one_that_a_browser_may_come_back_to(self, shop: ScriptedShop, url: str) -> None:
        with pytest.raises(InvalidCheckout, match="return_url"):
            shop.buy(return_url=url)

        assert list(shop.store.all(ORDERS)) == []
