"""Goods, addresses, recipients and keys are broken by hand, and the judge says that they are not those of the order."""

from __future__ import annotations

from contextlib import suppress

import pytest

from payflows.checkout.goods import Address, Quantity
from payflows.checkout.messages import ORDERS
from payflows.checkout.model import Order, Reason
from payflows.errors import CallRejected
from payflows.kernel.evolve import evolve
from simulations.checkout.scripted_shop import BOB, HOMES
from simulations.checkout.user_actions import end
from simulations.checkout.verdict import JudgedCheckout, judge
from tests.corrupted_universe import begun, broken, calm, order_of, payment_of, put


def of_bob(universe: JudgedCheckout) -> Order:
    """The second customer's order."""
    return next(order for order in universe.store.all(ORDERS) if order.purchase.customer == BOB)


class TestGoods:
    """I12: all that was bought is held and brought, and nothing else."""

    @pytest.mark.parametrize("left", [slice(0, 0), slice(0, 1), slice(1, 2)])
    def test_goods_that_are_not_held(self, left: slice) -> None:
        universe = calm("two_customers")
        order = of_bob(universe)

        universe.inventory._goods[order.id] = order.purchase.price.goods[left]

        assert broken(universe) == {"I12"}

    @pytest.mark.parametrize("goods", [(), (Quantity("mug", 3),), (Quantity("mug", 1), Quantity("lamp", 3))])
    def test_goods_that_are_not_in_the_parcel(self, goods: tuple[Quantity, ...]) -> None:
        universe = calm("two_customers")
        parcels, order = universe.carrier.parcels, of_bob(universe)

        parcels[order.id] = parcels[order.id]._replace(goods=goods)

        assert broken(universe) == {"I12"}

    def test_in_which_order_they_are_does_not_matter(self) -> None:
        universe = calm("two_customers")
        parcels, order = universe.carrier.parcels, of_bob(universe)

        parcels[order.id] = parcels[order.id]._replace(goods=parcels[order.id].goods[::-1])

        judge(universe, may_need_a_person=False)


class TestWhereTheyGo:
    @pytest.mark.parametrize("address", [HOMES["ada"], HOMES["carol"]])
    def test_a_parcel_for_somewhere_else(self, address: Address) -> None:
        universe = calm("two_customers")
        parcels, order = universe.carrier.parcels, of_bob(universe)

        parcels[order.id] = parcels[order.id]._replace(address=address)

        assert broken(universe) == {"I12"}

    @pytest.mark.parametrize("number", [None, "the number of another"])
    def test_a_number_by_which_another_parcel_is_tracked(self, number: str | None) -> None:
        universe = calm("two_customers")

        put(universe, evolve(of_bob(universe), tracking_number=number))

        assert broken(universe) == {"I12"}

    def test_a_mail_to_another_customer(self) -> None:
        universe = calm("two_customers")
        sent = universe.mailer.sent.values()

        universe.mailer.recipients[next(mail.key for mail in sent if mail.subject == of_bob(universe).id)] = "ada@..."

        assert broken(universe) == {"I27"}

    def test_an_order_that_no_carrier_has_refused(self) -> None:
        universe = calm("not_served")

        universe.carrier._refuses = frozenset()

        assert broken(universe) == {"I16"}
        assert order_of(universe).reason is Reason.NOT_SHIPPABLE


class TestKeys:
    """I3: a key stands for one call."""

    def test_one_that_comes_for_another_call(self) -> None:
        universe = begun("paid")
        order = order_of(universe)

        with suppress(CallRejected):
            key = order.charge.key("capture")
            universe.world.run(universe.stripe.cancel_payment(payment_of(universe), key=key))
        end(universe)

        assert broken(universe) == {"I3"}


class TestTheLimitOfTries:
    def test_a_customer_who_is_asked_for_a_card_that_is_not_taken(self) -> None:
        universe = calm("three_cards_declined")
        asked = [answer for answer in universe.answers if answer.status == "customer_action"]
        assert [answer.attempt.number for answer in asked] == [1, 2]

        universe.answers.append(evolve(asked[-1], charge=order_of(universe).charge))

        assert broken(universe) == {"I16"}
