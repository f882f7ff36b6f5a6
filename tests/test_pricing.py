"""What a cart costs: the parts sum to the total, lines are merged, and only what is in the catalogue is sold."""

from __future__ import annotations

import pickle
from collections.abc import Callable

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from payflows.checkout.goods import Quantity
from payflows.checkout.pricing import CartItem, CartLimits, CurrencyTerms, Line, PriceList, goods_of
from payflows.errors import InvalidCart, InvalidCheckout, InvalidInput, InvalidMoney, InvalidPolicy, PayflowsError
from payflows.money import LARGEST_MINOR, Money, Rate

PROPERTY = settings(max_examples=100, deadline=None, derandomize=True, database=None)

USD = CurrencyTerms(tax=Rate(825), shipping=Money(490, "usd"), free_shipping_from=Money(5_000, "usd"))
JPY = CurrencyTerms(tax=Rate(1_000), shipping=Money(700, "jpy"))
CATALOGUE = {
    "mug": Money(1_450, "usd"),
    "pin": Money(30, "usd"),
    "poster": Money(2_400, "usd"),
    "fan": Money(1_234, "jpy"),
}
PRICES = PriceList(CATALOGUE, {"usd": USD, "jpy": JPY}, CartLimits(lines=4, quantity=10))


def test_lines_tax_and_shipping_make_the_total() -> None:
    price = PRICES.price([CartItem("mug", 2), CartItem("poster", 1, seen_price=Money(2_400, "usd"))])

    assert price.lines == (
        Line("mug", 2, Money(1_450, "usd"), Money(2_900, "usd")),
        Line("poster", 1, Money(2_400, "usd"), Money(2_400, "usd")),
    )
    assert price.subtotal == Money(5_300, "usd")
    assert price.tax == Money(437, "usd")  # 437.25
    assert price.shipping == Money(0, "usd")
    assert price.total == Money(5_737, "usd")
    assert price.goods == (Quantity("mug", 2), Quantity("poster", 1))


def test_terms_that_are_none_are_named_by_their_currency() -> None:
    with pytest.raises(InvalidPolicy, match=r"^the terms for usd must be a CurrencyTerms, got dict"):
        PriceList({"pen": Money(110, "usd")}, {"usd": {}})  # type: ignore[dict-item]  # that is the mistake


def test_each_currency_has_its_own_terms() -> None:
    price = PRICES.price([CartItem("fan", 5)])

    assert price.subtotal == Money(6_170, "jpy")
    assert price.tax == Money(617, "jpy")
    assert price.shipping == Money(700, "jpy")
    assert price.total == Money(7_487, "jpy")


def test_tax_is_rounded_once_per_order_half_up() -> None:
    terms = CurrencyTerms(tax=Rate(500), shipping=Money(0, "usd"))
    prices = PriceList({"pen": Money(110, "usd"), "cap": Money(130, "usd")}, {"usd": terms})

    assert prices.price([CartItem("pen", 1)]).tax == Money(6, "usd")  # 5.5
    assert prices.price([CartItem("cap", 1)]).tax == Money(7, "usd")  # 6.5
    assert prices.price([CartItem("pen", 1), CartItem("cap", 1)]).tax == Money(12, "usd")  # not 6 + 7


@pytest.mark.parametrize(
    ("goods", "shipping", "tax", "total"),
    [
        (Money(145_500, "isk"), Money(99_000, "isk"), Rate(2_400), Money(279_400, "isk")),  # 349.20 krónur of tax
        (Money(18_600, "kwd"), Money(1_500, "kwd"), Rate(500), Money(21_030, "kwd")),  # 0.930 dinars
        (Money(18_610, "kwd"), Money(0, "kwd"), Rate(500), Money(19_540, "kwd")),  # 0.9305 dinars
    ],
    ids=lambda each: str(each),
)
def test_tax_is_rounded_to_what_stripe_takes(goods: Money, shipping: Money, tax: Rate, total: Money) -> None:
    prices = PriceList({"hat": goods}, {goods.currency: CurrencyTerms(tax=tax, shipping=shipping)})

    assert prices.price([CartItem("hat", 1)]).total == total


def test_a_price_that_stripe_would_refuse_is_refused_in_the_catalogue() -> None:
    terms = {"isk": CurrencyTerms(tax=Rate(0), shipping=Money(0, "isk"))}

    with pytest.raises(InvalidPolicy, match=r"hat costs 14\.55 isk, and Stripe takes amounts divisible by 1\.00 isk"):
        PriceList({"hat": Money(1_455, "isk")}, terms)
    with pytest.raises(InvalidPolicy, match="shipping costs"):
        PriceList({"hat": Money(1_400, "isk")}, {"isk": CurrencyTerms(tax=Rate(0), shipping=Money(50, "isk"))})


@pytest.mark.parametrize(("quantity", "shipping"), [(9, 490), (10, 0)])
def test_goods_of_the_stated_worth_ship_free(quantity: int, shipping: int) -> None:
    terms = CurrencyTerms(tax=Rate(0), shipping=Money(490, "usd"), free_shipping_from=Money(1_000, "usd"))
    prices = PriceList({"pen": Money(100, "usd")}, {"usd": terms})

    assert prices.price([CartItem("pen", quantity)]).shipping == Money(shipping, "usd")


def test_without_free_shipping_every_parcel_is_paid_for() -> None:
    terms = CurrencyTerms(tax=Rate(0), shipping=Money(490, "usd"))
    prices = PriceList({"yacht": Money(90_000_000, "usd")}, {"usd": terms})

    assert prices.price([CartItem("yacht", 1)]).shipping == Money(490, "usd")


def test_lines_of_one_product_are_merged_where_it_came_first() -> None:
    price = PRICES.price([CartItem("mug", 1), CartItem("pin", 1), CartItem("mug", 2)])

    assert price.goods == (Quantity("mug", 3), Quantity("pin", 1))
    assert price == PRICES.price([CartItem("mug", 3), CartItem("pin", 1)])


# Limits.


def test_a_cart_may_be_as_large_as_its_limits_say() -> None:
    assert PRICES.price([CartItem("mug", 10), CartItem("poster", 10)]).subtotal == Money(38_500, "usd")
    assert PRICES.price(4 * [CartItem("mug", 2)]).goods == (Quantity("mug", 8),)


@pytest.mark.parametrize(
    ("cart", "message"),
    [
        ([CartItem("mug", 11)], "at most 10 of mug are sold in one order, got 11"),
        ([CartItem("mug", 6), CartItem("mug", 5)], "at most 10 of mug are sold in one order, got 11"),
        (5 * [CartItem("mug", 1)], "at most 4 items, got 5"),
        ([CartItem("mug", 1), CartItem("fan", 1)], "one currency, got jpy, usd"),
        ([CartItem("mug", 1, seen_price=Money(1_449, "usd"))], r"mug costs 14\.50 usd, not 14\.49 usd"),
        ([CartItem("mug", 1, seen_price=Money(1_450, "eur"))], r"mug costs 14\.50 usd, not 14\.50 eur"),
    ],
    ids=["quantity", "merged quantity", "items", "currencies", "seen price", "seen currency"],
)
def test_a_cart_beyond_them_is_refused_with_what_is_allowed_and_what_came(cart: list[CartItem], message: str) -> None:
    with pytest.raises(InvalidCart, match=message):
        PRICES.price(cart)


def test_a_huge_cart_is_counted_before_it_is_looked_at() -> None:
    with pytest.raises(InvalidCart, match="at most 4 items, got 1,000,000"):
        PRICES.price([None] * 1_000_000)  # type: ignore[list-item]


def test_a_total_that_stripe_would_not_charge_is_refused() -> None:
    free = CurrencyTerms(tax=Rate(0), shipping=Money(0, "usd"))
    prices = PriceList({"pin": Money(30, "usd"), "yacht": Money(LARGEST_MINOR, "usd")}, {"usd": free})

    with pytest.raises(InvalidMoney, match=r"smallest charge is 0\.50 usd, got 0\.30 usd"):
        prices.price([CartItem("pin", 1)])
    with pytest.raises(InvalidMoney, match=r"largest charge is 999,999\.99 usd, got 1,000,000\.29 usd"):
        prices.price([CartItem("yacht", 1), CartItem("pin", 1)])
    assert prices.price([CartItem("yacht", 1)]).total == Money(LARGEST_MINOR, "usd")


# Terms of sale.


@pytest.mark.parametrize(
    ("error", "make"),
    [
        (InvalidPolicy, lambda: PriceList({}, {"usd": USD})),
        (InvalidPolicy, lambda: PriceList({"gift": Money(0, "usd")}, {"usd": USD})),
        (InvalidPolicy, lambda: PriceList({"fan": Money(1_234, "jpy")}, {"usd": USD})),
        (InvalidPolicy, lambda: PriceList(CATALOGUE, {"usd": USD, "jpy": USD})),
        (InvalidCheckout, lambda: PriceList({"": Money(100, "usd")}, {"usd": USD})),
        (InvalidCheckout, lambda: PriceList({"a\nb": Money(100, "usd")}, {"usd": USD})),
        (InvalidPolicy, lambda: CurrencyTerms(Rate(0), Money(1, "usd"), free_shipping_from=Money(1, "eur"))),
        (InvalidPolicy, lambda: CartLimits(lines=0)),
        (InvalidPolicy, lambda: CartLimits(quantity=True)),
        (InvalidPolicy, lambda: CartLimits(quantity=100_001)),
    ],
    ids=[
        "empty catalogue",
        "product for nothing",
        "currency without terms",
        "terms under another currency",
        "product without id",
        "product id of two lines",
        "free shipping in another currency",
        "no lines",
        "bool limit",
        "boundless limit",
    ],
)
def test_terms_that_cannot_be_are_refused(error: type[PayflowsError], make: Callable[[], object]) -> None:
    with pytest.raises(error):
        make()


# Any cart.

names = st.sampled_from(["mug", "pin", "poster", "lamp", "chair"])
carts = st.lists(st.builds(CartItem, names, st.integers(1, 20)), min_size=1, max_size=12)
catalogues = st.fixed_dictionaries(
    {name: st.integers(1, 50_000).map(lambda minor: Money(minor, "usd")) for name in ("mug", "pin", "poster")}
    | {name: st.integers(50, 50_000).map(lambda minor: Money(minor, "usd")) for name in ("lamp", "chair")}
)
terms_of_sale = st.builds(
    CurrencyTerms,
    st.builds(Rate, st.integers(0, 10_000)),
    st.builds(Money, st.integers(0, 2_000), st.just("usd")),
    st.none() | st.builds(Money, st.integers(0, 100_000), st.just("usd")),
)


@PROPERTY
@given(catalogues, terms_of_sale, carts)
def test_the_parts_of_any_price_sum_to_its_total(
    catalogue: dict[str, Money], terms: CurrencyTerms, cart: list[CartItem]
) -> None:
    prices = PriceList(catalogue, {"usd": terms}, CartLimits(quantity=240))
    worth = sum(catalogue[item.product_id].minor * item.quantity for item in cart)
    assume(worth >= 50)

    price = prices.price(cart)

    assert price.subtotal.minor == sum(line.total.minor for line in price.lines) == worth
    assert price.total.minor == price.subtotal.minor + price.tax.minor + price.shipping.minor
    assert -10_000 < 2 * (price.tax.minor * 10_000 - worth * terms.tax.bps) <= 10_000
    ships_free = terms.free_shipping_from is not None and worth >= terms.free_shipping_from.minor
    assert price.shipping == (Money(0, "usd") if ships_free else terms.shipping)
    assert all(line.total == line.unit_price * line.quantity for line in price.lines)


@PROPERTY
@given(carts)
def test_any_cart_is_sold_in_full_once_per_product(cart: list[CartItem]) -> None:
    catalogue = dict.fromkeys(("mug", "pin", "poster", "lamp", "chair"), Money(100, "usd"))
    prices = PriceList(catalogue, {"usd": USD}, CartLimits(quantity=240))

    goods = prices.price(cart).goods

    assert len(goods) == len(dict(goods))
    for product_id, quantity in goods:
        assert quantity == sum(item.quantity for item in cart if item.product_id == product_id)
    assert prices.price(cart) == prices.price([CartItem(*line) for line in goods])


def test_a_price_can_be_pickled() -> None:
    price = PRICES.price([CartItem("mug", 2)])

    assert pickle.loads(pickle.dumps(price)) == price


def test_a_cart_of_one_line_and_one_piece_is_the_smallest_limit() -> None:
    prices = PriceList(CATALOGUE, {"usd": USD, "jpy": JPY}, CartLimits(lines=1, quantity=1))

    assert prices.price([CartItem("mug", 1)]).goods == (Quantity("mug", 1),)


@pytest.mark.parametrize(
    ("catalogue", "sentence"),
    [({"": USD.shipping}, "a product id is text of 1 to 255"), ({"mug": 1_450}, "the price of mug must be")],
    ids=["no id", "no price"],
)
def test_a_catalogue_that_is_wrong_names_the_product(catalogue: dict[str, Money], sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        PriceList(catalogue, {"usd": USD})


def test_the_goods_of_a_cart_as_long_as_any_may_be_are_known() -> None:
    """Of a longer one they are not looked at: it was never sold."""
    longest = [CartItem(f"part {number}", 1) for number in range(1_000)]

    assert len(goods_of(longest)) == 1_000
    assert goods_of([*longest, CartItem("one more", 1)]) == ()
