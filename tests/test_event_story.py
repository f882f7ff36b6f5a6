"""The verbs that notebooks tell stories about events with: what they do, and what the tables say of it."""

from __future__ import annotations

from string import digits

import pytest

from payflows.checkout.model import Order
from payflows.stripe.webhooks.response import ResponseCode
from simulations.checkout.points_book import PointsBook
from simulations.checkout.scripted_shop import ADA, THREE_D_SECURE, VISA
from simulations.checkout.webhook_shop import ROUGH, WebhookShop
from simulations.stripe import DeliveryKind
from simulations.time.draws import Draws

NEWS = "payment_intent.amount_capturable_updated"


@pytest.fixture
def shop() -> WebhookShop:
    """A shop whose webhooks are delivered by hand."""
    shop = WebhookShop(draws=Draws(1))
    shop.sender.hold()
    return shop


def authenticated(shop: WebhookShop) -> Order:
    """An order whose customer has been at the bank, which the shop does not know yet."""
    order = shop.buy(card=THREE_D_SECURE)
    shop.authenticate(order)
    return order


def test_a_webhook_by_hand_is_answered_and_worked_off(shop: WebhookShop) -> None:
    order = authenticated(shop)

    assert shop.webhook(NEWS) is ResponseCode.STORED

    assert shop.now(order).status == "shipped"
    assert shop.inbox_of(order)[["webhook", "status"]].to_numpy().tolist() == [[NEWS, "processed"]]


@pytest.mark.parametrize(
    ("kind", "code", "kept"),
    [
        (DeliveryKind.FORGED, ResponseCode.WRONG_SIGNATURE, []),
        (DeliveryKind.REPLAYED, ResponseCode.TOO_OLD, []),
        (DeliveryKind.FOREIGN, ResponseCode.IGNORED, ["another account"]),
        (DeliveryKind.LIVE, ResponseCode.IGNORED, ["livemode"]),
    ],
)
def test_what_is_not_stripes_news_for_us_moves_nothing(
    shop: WebhookShop, kind: DeliveryKind, code: ResponseCode, kept: list[str]
) -> None:
    order = authenticated(shop)

    assert shop.webhook(NEWS, kind) is code

    assert shop.now(order).status == "customer_action"
    assert [webhook.ignored for webhook in shop.stored_webhooks(order)] == kept


def test_an_old_webhook_after_a_new_one_and_a_duplicate_change_nothing(shop: WebhookShop) -> None:
    order = authenticated(shop)
    shop.webhook(NEWS)
    shipped = shop.now(order)

    assert shop.webhook("payment_intent.requires_action") is ResponseCode.STORED
    assert shop.webhook(NEWS, DeliveryKind.DUPLICATE) is ResponseCode.DUPLICATE

    assert shop.now(order) == shipped
    assert shop.inbox_of(order)["status"].tolist() == ["processed", "processed"]


def test_while_the_door_is_shut_stripe_fails_and_tries_again(shop: WebhookShop) -> None:
    order = authenticated(shop)
    shop.shut_door(minutes=4)

    assert shop.webhook(NEWS) is None
    shop.sender.release()
    shop.pass_time(minutes=10)

    tries = shop.tries_of(order)
    again = tries[(tries["webhook"] == NEWS) & (tries["try"] == 2)]
    assert tries["seen"].tolist()[:2] == ["unreachable", "unreachable"]
    assert again[["seen", "answer"]].to_numpy().tolist() == [["200", "stored"]]
    assert shop.now(order).status == "shipped"


def test_nonsense_at_the_door_is_noted_and_refused(shop: WebhookShop) -> None:
    for body in (b"\xff", b"[]", b"{}", b"no json"):
        assert shop.world.run(shop.receive_webhook(body, {})) == 400

    assert [came.event_id for came in shop.arrivals] == [""] * 4


def test_a_payment_that_no_order_has_stored_is_found_by_its_metadata() -> None:
    shop = WebhookShop(draws=Draws(1))
    shop.stripe.lose_answer_of("create_payment", times=2)
    order = shop.buy(card=VISA)

    shop.pass_time(hours=1, minutes=5)

    orphan = shop.inbox_of(order).iloc[-1]
    assert (orphan.webhook, orphan.status, orphan.failures) == ("payment_intent.canceled", "processed", 0)
    assert len(shop.stripe.payments_of_order(order.id)) == 2


def test_a_shut_book_is_a_dead_letter_in_the_end_and_its_points_are_replayed_once() -> None:
    shop, book = WebhookShop(draws=Draws(1)), PointsBook()
    shop.listen("payment.succeeded", book, name="points")
    book.shut()
    order = shop.buy(card=VISA)
    shop.pass_time(minutes=1)

    assert "handler points" in shop.tasks()["task"].tolist()
    shop.pass_time(hours=14)
    (dead,) = shop.deliveries_of(order).itertuples()
    assert (dead.status, dead.failures, str(dead.reason).rstrip(digits)) == ("dead", 18, "CallNotSent in add, line ")
    assert shop.points(book, ADA) == 0

    book.open()
    assert shop.replay_dead_letters() == 1
    assert shop.replay_dead_letters() == 0

    assert shop.deliveries_of(order)["status"].tolist() == ["processed"]
    assert shop.points(book, ADA) == order.purchase.price.total.minor // 100


def test_along_a_rough_road_everything_counts_once() -> None:
    shop, book = WebhookShop(road=ROUGH, draws=Draws(2), stock={"mug": 20}), PointsBook()
    shop.listen("payment.succeeded", book, name="points")
    orders = [shop.buy(card=THREE_D_SECURE, checkout_id=f"checkout-{number}") for number in range(8)]
    for order in orders:
        shop.authenticate(order)

    shop.settle()

    answers = shop.tries_by_answer()
    assert answers.to_numpy().sum() == len(shop.sender.tries)
    assert answers.loc["forged"].drop("wrong_signature").sum() == 0
    assert answers["stored"].sum() == sum(len(shop.inbox_of(order).query("status == 'processed'")) for order in orders)
    assert shop.points(book, ADA) == sum(order.purchase.price.total.minor // 100 for order in orders)
