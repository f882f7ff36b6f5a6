"""The incident museum: every buggy shop breaks the promise that its exhibit names, and ours keeps all of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from payflows.checkout.model import OrderStatus
from payflows.errors import NotFound
from payflows.money import Money
from payflows.payments.model import CaptureMode
from simulations.checkout.incidents import EXHIBITS, Exhibit, overview, visit
from simulations.checkout.incidents.exhibits.taking_back import FETCHED_LATER
from simulations.checkout.incidents.figure import money_astray
from simulations.checkout.incidents.scene import Scene
from simulations.checkout.incidents.visiting import breaches, tell
from simulations.checkout.scripted_shop import ADA, THREE_D_SECURE
from simulations.checkout.shop import MERCHANT
from simulations.checkout.subject import Settings, our_checkout
from simulations.checkout.user_actions import buy, end

THREADS = {
    "medusajs/medusa #13301",
    "medusajs/medusa #15623",
    "saleor/saleor #14733",
    "saleor/saleor #15246",
    "FOSSBilling/FOSSBilling #4130",
    "woocommerce/woocommerce-gateway-stripe #2724",
    "pretix/pretix #343",
}

each = pytest.mark.parametrize("exhibit", EXHIBITS.values(), ids=EXHIBITS.keys())


@each
def test_the_buggy_shop_breaks_the_promise_and_ours_keeps_all(exhibit: Exhibit) -> None:
    showing = visit(exhibit)

    assert showing.breach is not None, showing
    assert not showing.ours.breaches, showing
    assert showing.buggy.astray.minor > 0
    assert showing.ours.astray.minor == 0


@each
def test_without_its_trouble_the_buggy_shop_keeps_every_promise(exhibit: Exhibit) -> None:
    scene = Scene(Settings(exhibit.settings.policy), factory=exhibit.buggy)

    order = buy(scene)
    end(scene)

    assert order is not None
    assert order.status is OrderStatus.SHIPPED
    assert not breaches(scene)


@each
def test_an_exhibit_says_where_it_comes_from(exhibit: Exhibit) -> None:
    assert exhibit.bug.endswith(".")
    assert exhibit.liberties.endswith(".")
    assert exhibit.promise.number.startswith("I")
    assert exhibit.promise.sentence
    assert exhibit.thread.url == f"https://github.com/{exhibit.thread.repository}/issues/{exhibit.thread.number}"


def test_the_first_wing_is_complete() -> None:
    assert {str(exhibit.thread) for exhibit in EXHIBITS.values()} == THREADS
    assert len({exhibit.buggy for exhibit in EXHIBITS.values()}) == len(EXHIBITS) == len(THREADS)


def test_a_story_played_twice_is_the_same() -> None:
    first, second = ([visit(exhibit) for exhibit in EXHIBITS.values()] for _ in range(2))

    assert first == second


def test_both_stories_stand_beside_each_other() -> None:
    showing = visit(EXHIBITS["the closed browser"])
    text = str(showing)

    assert list(showing.table()["our shop"])[-1] == "ada delivered"
    assert list(showing.buggy.timeline()["standing"])[-1] == "none"
    assert "medusajs/medusa #13301" in text
    assert "every promise was kept" in text


def test_two_buyers_are_served_call_by_call() -> None:
    showing = visit(EXHIBITS["the last one, sold twice"])
    buggy, ours = showing.buggy.call_by_call(), showing.ours.call_by_call()

    assert "ada payment_processing, bob payment_processing" in set(buggy["standing"])
    assert "ada inventory_reserved, bob cancelled" in set(ours["standing"])
    assert max(ours["money"]) == "68.62 usd"


def test_the_overview_and_the_picture_show_every_exhibit() -> None:
    showings = [visit(exhibit) for exhibit in EXHIBITS.values()]
    axes = money_astray(showings).figure.axes[0]

    assert list(overview(showings).index) == list(EXHIBITS)
    assert {text.get_text() for text in axes.texts} >= set(EXHIBITS)


# Our shop, when the stories go another way.


def test_our_shop_needs_neither_the_customer_nor_the_webhook() -> None:
    exhibit = replace(EXHIBITS["the closed browser"], tell=_close_the_browser_without_a_webhook)

    telling = tell(exhibit, our_checkout)

    assert not telling.breaches
    assert telling.moments[-1].standing == "ada delivered"


def _close_the_browser_without_a_webhook(scene: Scene) -> None:
    scene.passes_the_bank(ADA, scene.buys(ADA, card=THREE_D_SECURE))
    scene.waits(minutes=120)


def test_the_refund_of_a_payment_that_is_not_the_orders_changes_nothing() -> None:
    scene = Scene(FETCHED_LATER, factory=our_checkout)
    order = scene.buys(ADA)
    assert order is not None
    run, stripe = scene.world.run, scene.stripe
    other = run(
        stripe.create_payment(
            "by phone", amount=Money(2_056, "usd"), capture=CaptureMode.AUTOMATIC, stripe_customer_id=None, key="other"
        )
    )
    run(stripe.confirm_payment(other.id, payment_method="pm_card_visa", key="other card"))

    stripe.refund_in_dashboard(other.id)
    answer = scene.ask(scene.app.checkout.payment_changed(MERCHANT, other.id))
    end(scene)

    assert isinstance(answer, NotFound)
    assert scene.order_of(ADA).status is OrderStatus.DELIVERED
    assert not breaches(scene)
