"""Who asks: ids and addresses that can be used, and nothing personal where it may be printed."""

from __future__ import annotations

import logging
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace

import pytest

from payflows.checkout.goods import Address
from payflows.checkout.input import check_address
from payflows.errors import InvalidCheckout, InvalidInput
from payflows.parties import Customer, Merchant, check_id
from simulations.checkout.scripted_shop import ScriptedShop
from simulations.checkout.shop import MERCHANT

EMAIL = "ada.canary@example.com"
ADA = Customer(id="ada", email=EMAIL, stripe_customer_id="cus_NffrFeUfNV2Hib")
HOME = Address(name="Ada Canary", line1="1 Canary Row", city="Springfield", postal_code="12345", country="US")


@pytest.mark.parametrize("show", [repr, str, ascii, "{}".format, lambda customer: repr([customer])], ids=range(5))
def test_a_customer_is_shown_without_the_address(show: Callable[[object], str]) -> None:
    shown = show(ADA)

    assert "ada" in shown
    assert "canary" not in shown
    assert "@" not in shown


def test_a_customer_is_logged_without_the_address(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        logging.getLogger("payflows").info("placed by %s", ADA)

    assert caplog.messages == ["placed by Customer(id='ada')"]


def test_an_address_is_shown_by_its_country_only() -> None:
    assert repr(HOME) == str(HOME) == "Address(country='US')"


@pytest.mark.parametrize(
    "email", ["ada@example.com", "ada+mugs@mail.example.co.uk", "ädä@exämple.com", f"{243 * 'a'}@example.com"]
)
def test_an_email_that_looks_like_one_is_taken(email: str) -> None:
    assert Customer(id="ada", email=email).email == email


@pytest.mark.parametrize(
    "email",
    [
        f"{EMAIL}\r\nBcc: eve@example.com",
        f"{EMAIL} ",
        f"<{EMAIL}>\n",
        f"{EMAIL},{EMAIL}",
        EMAIL.replace("@", ""),
        EMAIL.replace(".com", "").replace("ada.", ""),
        f"\x07{EMAIL}",
        f"{EMAIL}{300 * 'm'}",
    ],
    ids=["CRLF", "space", "newline", "two", "no at", "no dot", "bell", "long"],
)
def test_a_refused_email_is_not_repeated(email: str) -> None:
    with pytest.raises(InvalidCheckout) as refusal:
        Customer(id="ada", email=email)

    assert "canary" not in str(refusal.value)


@pytest.mark.parametrize("stripe_id", ["4242424242424242", "cus_4242424242424242", "cus_x4242424242424242"])
def test_a_card_number_is_no_stripe_customer_and_is_not_repeated(stripe_id: str) -> None:
    with pytest.raises(InvalidCheckout) as refusal:
        Customer(id="ada", email=EMAIL, stripe_customer_id=stripe_id)

    assert "4242" not in str(refusal.value)


def test_a_guest_has_no_stripe_customer() -> None:
    assert Customer(id="ada", email=EMAIL).stripe_customer_id is None


@pytest.mark.parametrize("value", ["a", 255 * "a", "checkout 2", "Straße", "中"])
def test_an_id_is_any_printable_text_of_up_to_255_characters(value: str) -> None:
    check_id("an id", value)
    assert Merchant(id=value).id == value


@pytest.mark.parametrize("value", ["", 256 * "a", "a\nb", "a\x00", "\u2028", "\ud800", None, 7, b"a"], ids=ascii)
def test_any_other_id_is_refused_by_its_name(value: object) -> None:
    with pytest.raises(InvalidCheckout, match="a parcel id is text of 1 to 255 printable characters"):
        check_id("a parcel id", value)  # type: ignore[arg-type]


@pytest.mark.parametrize("field", ["name", "line1", "city", "postal_code"])
def test_an_address_has_fields_of_1_to_200_characters(field: str) -> None:
    home = Address(name="Ada", line1="1 Example Street", city="Springfield", postal_code="00000", country="US")

    for length in (1, 200):
        check_address(replace(home, **{field: length * "中"}))
    for length in (0, 201):
        with pytest.raises(InvalidCheckout, match="texts of 1 to 200 printable characters"):
            check_address(replace(home, **{field: length * "中"}))


def test_what_is_wrong_with_an_id_names_the_id(shop: ScriptedShop) -> None:
    with pytest.raises(InvalidInput, match="a checkout id is text"):
        shop.buy(checkout_id="")
    with pytest.raises(InvalidInput, match="the customer of a checkout must be a Customer"):
        shop.buy(customer=MERCHANT)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="a payment id is text"):
        shop.world.run(shop.flow.payment_changed(MERCHANT, ""))


def test_actors_are_values() -> None:
    assert pickle.loads(pickle.dumps(ADA)) == ADA
    with pytest.raises(FrozenInstanceError):
        ADA.email = "eve@example.com"  # type: ignore[misc]
