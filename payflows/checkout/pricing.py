"""What a cart costs: prices from the catalogue, tax and shipping by a policy per currency. Nothing is sold here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from payflows.checkout.goods import Quantity
from payflows.checks import instance_of, sequence, whole_number
from payflows.errors import InvalidCart, InvalidPolicy
from payflows.money import CURRENCIES, Money, Rate
from payflows.parties import check_id

_MOST_LINES = 1_000


@dataclass(frozen=True, slots=True)
class CartItem:
    """A number of pieces of one product, as the customer asks for them.

    Attributes:
        product_id: which, by the catalogue.
        quantity: how many.
        seen_price: what the customer was shown for one; refused where the catalogue says otherwise.
    """

    product_id: str
    quantity: int
    seen_price: Money | None = None


@dataclass(frozen=True, slots=True)
class CartLimits:
    """How large a cart may be.

    Attributes:
        lines: different products.
        quantity: of one product.
    """

    lines: int = 50
    quantity: int = 100

    def __post_init__(self) -> None:
        whole_number("lines", self.lines, least=1, most=_MOST_LINES)
        whole_number("quantity", self.quantity, least=1, most=100_000)


@dataclass(frozen=True, slots=True)
class CurrencyTerms:
    """Tax and shipping in one currency.

    Attributes:
        tax: on the goods, rounded half up per order, to an amount that Stripe takes in this currency.
        shipping: per parcel, untaxed.
        free_shipping_from: goods of this worth ship free; None for never.
    """

    tax: Rate
    shipping: Money
    free_shipping_from: Money | None = None

    def __post_init__(self) -> None:
        instance_of("tax", self.tax, Rate)
        instance_of("shipping", self.shipping, Money)
        instance_of("free_shipping_from", self.free_shipping_from, Money, None)
        if self.free_shipping_from is not None and self.free_shipping_from.currency != self.shipping.currency:
            raise InvalidPolicy("free_shipping_from must be in the currency of shipping")


class Line(NamedTuple):
    """One product of an order, at the catalogue's price."""

    product_id: str
    quantity: int
    unit_price: Money
    total: Money


class Price(NamedTuple):
    """What an order costs; the parts sum to the total exactly.

    Attributes:
        lines: one per product, in the order in which they came.
        goods: the products and how many of each.
        subtotal: all lines.
        tax: on the subtotal.
        shipping: per parcel.
        total: what is charged.
    """

    lines: tuple[Line, ...]
    goods: tuple[Quantity, ...]
    subtotal: Money
    tax: Money
    shipping: Money
    total: Money


@dataclass(frozen=True, slots=True)
class PriceList:
    """The catalogue and the terms of sale.

    Attributes:
        catalogue: price of one, by product id.
        terms: tax and shipping, by currency.
        limits: how large a cart may be.

    Raises:
        InvalidPolicy: an empty catalogue, a product priced at nothing or in a currency without terms, terms kept under
            another currency than their own, or a price or shipping with a fraction that Stripe refuses.
    """

    catalogue: Mapping[str, Money]
    terms: Mapping[str, CurrencyTerms]
    limits: CartLimits = field(default_factory=CartLimits)

    def __post_init__(self) -> None:
        instance_of("catalogue", self.catalogue, Mapping)
        instance_of("terms", self.terms, Mapping)
        instance_of("limits", self.limits, CartLimits)
        if not self.catalogue:
            raise InvalidPolicy("a catalogue needs at least one product")
        for currency, terms in self.terms.items():
            instance_of(f"the terms for {currency}", terms, CurrencyTerms)
            if terms.shipping.currency != currency:
                raise InvalidPolicy(f"the terms for {currency} ship in {terms.shipping.currency}")
            _check_step("shipping", terms.shipping)
        for product_id, price in self.catalogue.items():
            check_id("a product id", product_id)
            instance_of(f"the price of {product_id}", price, Money)
            if price.minor == 0 or price.currency not in self.terms:
                raise InvalidPolicy(f"{product_id} needs a price above 0 in a currency that has terms, got {price}")
            _check_step(product_id, price)

    def price(self, cart: Sequence[CartItem]) -> Price:
        """What the cart costs; lines of one product are merged.

        Raises:
            InvalidCart: no item, too many, an unknown product, a quantity out of bounds, a price other than the
                catalogue's, or more than one currency.
            InvalidMoney: a total that Stripe would not charge.
        """
        lines = tuple(
            Line(product_id, quantity, self.catalogue[product_id], self.catalogue[product_id] * quantity)
            for product_id, quantity in self._merged(cart).items()
        )
        currencies = {line.total.currency for line in lines}
        if len(currencies) > 1:
            raise InvalidCart(f"a cart has one currency, got {', '.join(sorted(currencies))}")
        subtotal = lines[0].total
        for line in lines[1:]:
            subtotal += line.total
        terms = self.terms[subtotal.currency]
        tax = terms.tax.of(subtotal)
        free_from = terms.free_shipping_from
        shipping = terms.shipping if free_from is None or subtotal < free_from else Money(0, subtotal.currency)
        goods = tuple(Quantity(line.product_id, line.quantity) for line in lines)
        return Price(lines, goods, subtotal, tax, shipping, (subtotal + tax + shipping).chargeable())

    def _merged(self, cart: Sequence[CartItem]) -> dict[str, int]:
        sequence("a cart", cart, error=InvalidCart)
        if not cart:
            raise InvalidCart("a cart has at least one item")
        # Counted before the items are looked at: a huge cart must cost nothing.
        if len(cart) > self.limits.lines:
            raise InvalidCart(f"a cart has at most {self.limits.lines} items, got {len(cart):,}")
        quantities: dict[str, int] = {}
        for item in cart:
            self._check_item(item)
            quantities[item.product_id] = quantities.get(item.product_id, 0) + item.quantity
        for product_id, quantity in quantities.items():
            if quantity > self.limits.quantity:
                raise InvalidCart(
                    f"at most {self.limits.quantity} of {product_id} are sold in one order, got {quantity:,}"
                )
        return quantities

    def _check_item(self, item: CartItem) -> None:
        # What came is not repeated: it may be a card number.
        if not isinstance(item, CartItem):
            raise InvalidCart(f"a cart is made of CartItem, got {type(item).__name__}")
        if not isinstance(item.product_id, str) or item.product_id not in self.catalogue:
            raise InvalidCart("a product that is not in the catalogue cannot be bought")
        if type(item.quantity) is not int or item.quantity < 1:
            raise InvalidCart(f"a quantity is a whole number from 1; what came for {item.product_id} is not")
        price = self.catalogue[item.product_id]
        if item.seen_price is not None and item.seen_price != price:
            raise InvalidCart(f"{item.product_id} costs {price}, not {item.seen_price}")


def goods_of(cart: Sequence[CartItem]) -> tuple[Quantity, ...]:
    """Return what a cart asks for, sold or not; nothing where it is none."""
    quantities: dict[str, int] = {}
    for item in cart if isinstance(cart, list | tuple) and len(cart) <= _MOST_LINES else ():
        if not isinstance(item, CartItem) or type(item.product_id) is not str or type(item.quantity) is not int:
            return ()
        quantities[item.product_id] = quantities.get(item.product_id, 0) + item.quantity
    return tuple(Quantity(product_id, quantity) for product_id, quantity in quantities.items())


def _check_step(what: str, amount: Money) -> None:
    step = Money(CURRENCIES[amount.currency].step_minor, amount.currency)
    if amount.minor % step.minor:
        raise InvalidPolicy(f"{what} costs {amount}, and Stripe takes amounts divisible by {step}")
