"""Stories in which a card, the shop, the carrier or Stripe says no, and the limit of tries is reached."""

from __future__ import annotations

from simulations.checkout.scripted_shop import BANK_DEBIT, CAROL, NO_FUNDS, VISA, cart
from simulations.checkout.system import CheckoutSystem
from simulations.checkout.user_actions import buy, cancel, pay_again, until_asked
from simulations.search.waiting import hours_pass


def one_card_declined(shop: CheckoutSystem) -> None:
    """A shop that takes no second card, and a first one that does not work."""
    buy(shop, NO_FUNDS)


def three_cards_declined(shop: CheckoutSystem) -> None:
    """Nothing works but a fourth card, which comes too late."""
    buy(shop, NO_FUNDS)
    for card in (NO_FUNDS, NO_FUNDS, VISA):
        until_asked(shop)
        pay_again(shop, card)


def out_of_stock(shop: CheckoutSystem) -> None:
    """More than there is."""
    buy(shop, items=cart("lamp", 5))


def not_served(shop: CheckoutSystem) -> None:
    """Paid, and the carrier does not bring parcels there."""
    buy(shop)


def creation_refused(shop: CheckoutSystem) -> None:
    """The customer was deleted at Stripe, which makes no payment for them."""
    shop.stripe.delete_customer("cus_carol")
    buy(shop, customer=CAROL)


def customer_deleted(shop: CheckoutSystem) -> None:
    """The customer is deleted at Stripe once their payment is made: where it was not, no other one can be."""
    buy(shop, customer=CAROL)
    shop.stripe.delete_customer("cus_carol")


def cancelled_in_processing(shop: CheckoutSystem) -> None:
    """Cancelled on the next day, while the money is under way for days: Stripe refuses to cancel the payment."""
    buy(shop, BANK_DEBIT)
    hours_pass(shop, 24)
    cancel(shop)
