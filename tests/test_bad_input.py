"""Everything wrong that may come in, as one table: refused by a typed error, with nothing written, called or held.

The rows lie in `tests/bad_input/`, entry by entry: money, checkout, orders (whose they are), bus, settings of policies
and simulations. Beside them stand the signatures of public constructors and methods, each of whose parameters is given
values of every wrong type.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Coroutine
from functools import partial

import pytest

import payflows
from payflows.checkout.messages import ORDERS
from payflows.checkout.model import OrderStatus
from payflows.checkout.pricing import CurrencyTerms, PriceList
from payflows.errors import InvalidInput, NotFound, PayflowsError
from payflows.kernel.changes import OUTBOX
from payflows.money import Money, Rate
from simulations.checkout.shop import MERCHANT, Shop
from tests.bad_input import CARD, CHECKOUT, SIGNATURES, TABLE, Bad
from tests.bad_input.asking import checkout
from tests.bad_input.signatures import VALUES, Signature

PRICES = PriceList(
    {
        "mug": Money(1_450, "usd"),
        "pin": Money(30, "usd"),
        "yacht": Money(1_500_000, "usd"),
        "fan": Money(1_234, "jpy"),
    },
    {
        "usd": CurrencyTerms(tax=Rate(0), shipping=Money(0, "usd")),
        "jpy": CurrencyTerms(tax=Rate(0), shipping=Money(0, "jpy")),
    },
)


@pytest.fixture
def shop() -> Shop:
    """A shop without any customers yet."""
    stock = {"mug": 500, "pin": 500, "yacht": 500, "fan": 500}
    return Shop(prices=PRICES, stock=stock, poll_seconds=None)


@pytest.fixture
def busy_shop(shop: Shop) -> Shop:
    """The same with one order, Ada's "checkout-1", sold and shipped."""
    attempt(Bad("checkout", "Ada's first", checkout(checkout_id="checkout-1"), PayflowsError), shop)
    return shop


def attempt(row: Bad, shop: Shop) -> None:
    """What the row tries: a call, and where it is a coroutine, its run in virtual time."""
    work = row.call(shop)
    if isinstance(work, Coroutine):
        shop.world.run(work)


def assert_refused(row: Bad, shop: Shop) -> None:
    with pytest.raises(row.error) as refusal:
        attempt(row, shop)

    message = str(refusal.value)
    assert type(refusal.value) is row.error
    assert message
    assert CARD not in re.sub(r"\D", "", message), "a card number was repeated"


def refusal_of(row: Bad, shop: Shop) -> Exception | None:
    try:
        attempt(row, shop)
    except Exception as error:
        return error
    return None


def names(parameter: str, sentence: str) -> bool:
    """Whether a sentence says what must be otherwise: `PARAMETER must be ...`, or in plain words what it is."""
    what, must_be, _ = sentence.partition(" must be ")
    return " " in what or not must_be or what.endswith(parameter)


def all_there_is(shop: Shop) -> object:
    """Everything that a call can leave behind, as one value."""
    return (
        list(shop.store.all(ORDERS)),
        [list(shop.store.all_items(queue)) for queue in shop.world.run(shop.store.queues(""))],
        [shop.store.transitions(ORDERS, order.id) for order in shop.store.all(ORDERS)],
        list(shop.calls),
        shop.inventory.holds(),
        list(shop.inventory.movements),
        shop.carrier.shipments(),
        list(shop.stripe.movements),
        dict(shop.mailer.sent),
        shop.world.now_us,
    )


@pytest.mark.parametrize("row", TABLE, ids=str)
def test_it_is_refused_and_changes_nothing(row: Bad, busy_shop: Shop) -> None:
    before = all_there_is(busy_shop)

    assert_refused(row, busy_shop)

    assert all_there_is(busy_shop) == before


def test_an_unknown_payment_is_read_once_and_changes_nothing(busy_shop: Shop) -> None:
    """Its metadata may name an order that has not stored it yet."""
    unknown = Bad("orders", "unknown payment", lambda shop: shop.flow.payment_changed(MERCHANT, "pi_unknown"), NotFound)
    before = all_there_is(busy_shop)

    assert_refused(unknown, busy_shop)

    assert busy_shop.calls.pop().method == "retrieve_payment"
    assert all_there_is(busy_shop) == before


@pytest.mark.parametrize("signature", SIGNATURES, ids=str)
def test_wrong_types_are_refused_with_a_sentence(signature: Signature, busy_shop: Shop) -> None:
    """The error says which parameter of which type is wrong, and nothing is changed."""
    before, tried = all_there_is(busy_shop), 0

    for parameter in signature.parameters(busy_shop):
        for name in signature.wrong_for(parameter):
            call = partial(signature.call, parameter=parameter, value=VALUES[name])
            row = Bad("types", f"{signature}, {parameter} {name}", call, InvalidInput)
            error = refusal_of(row, busy_shop)
            assert isinstance(error, InvalidInput), f"{row}: {error!r}"
            assert " " in str(error)
            assert names(parameter, str(error)), f"{row}: {error}"
            tried += 1

    assert tried
    assert all_there_is(busy_shop) == before


def test_whatever_users_make_is_tried_with_wrong_types() -> None:
    """But for plain values, which are checked by whoever takes them, and names of what there is."""
    made = {name for name in payflows.__all__ if name[0].isupper() and inspect.isclass(getattr(payflows, name))}
    plain = {"Address", "App", "BusinessEvent", "CartItem", "Order", "Subscription", "UnitOfWork"}
    plain |= {"CartPart", "CategoryTerms", "FeeTier", "Sale", "Vendor"}
    errors = {"PayflowsError"}
    names = {"CaptureMode", "ChangeTiming", "EventType", "Interval", "OpenInvoices", "OrderStatus", "PauseMeans"}
    names |= {"BusinessType", "LastStep", "SaleStatus", "StripeFeeBorneBy", "SubscriptionStatus", "UnusedTime"}
    names |= {"VendorStatus"}

    assert made - plain - errors - names <= {str(signature) for signature in SIGNATURES}


@pytest.mark.parametrize("row", CHECKOUT, ids=str)
def test_a_refused_checkout_leaves_no_trace(row: Bad, shop: Shop) -> None:
    assert_refused(row, shop)

    assert shop.calls == []
    assert list(shop.store.all(ORDERS)) == []
    assert shop.inventory.holds() == {}
    assert list(shop.store.all_items(OUTBOX)) == []


def test_what_is_put_right_is_sold(busy_shop: Shop) -> None:
    right = Bad("checkout", "nothing is wrong with it", checkout(), PayflowsError)

    attempt(right, busy_shop)

    first, second = busy_shop.store.all(ORDERS)
    assert (first.status, second.status) == (OrderStatus.SHIPPED, OrderStatus.SHIPPED)
    assert busy_shop.stripe.captured_for(second.id) == Money(2_900, "usd")
