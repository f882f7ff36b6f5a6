"""The sequence diagram of one order: what the records say, in its order, and the same picture each time."""

from __future__ import annotations

import pytest
from matplotlib.text import Text

from payflows.checkout.model import Order
from simulations.checkout.figures.sequence_diagram import (
    CUSTOMER,
    INBOX,
    ORDER,
    STRIPE,
    Step,
    sequence_diagram,
    steps_of,
)
from simulations.checkout.points_book import PointsBook
from simulations.checkout.scripted_shop import THREE_D_SECURE, VISA
from simulations.checkout.webhook_shop import WebhookShop
from simulations.stripe import DeliveryKind
from simulations.time.draws import Draws

NEWS = "payment_intent.amount_capturable_updated"
Story = tuple[WebhookShop, Order]


@pytest.fixture(scope="module")
def story() -> Story:
    """One order through everything that the diagram has a sign for."""
    shop, book = WebhookShop(draws=Draws(1)), PointsBook()
    shop.listen("payment.succeeded", book, name="points")
    book.shut()
    shop.sender.hold()
    order = shop.buy(card=THREE_D_SECURE)
    shop.authenticate(order)
    for kind in (DeliveryKind.FORGED, DeliveryKind.GENUINE, DeliveryKind.DUPLICATE, DeliveryKind.FOREIGN):
        shop.webhook(NEWS, kind)
    shop.shut_door(minutes=4)
    shop.sender.release()
    shop.pass_time(hours=14)
    book.open()
    shop.replay_dead_letters()
    shop.pass_time(days=2)
    return shop, order


@pytest.fixture(scope="module")
def steps(story: Story) -> list[Step]:
    return steps_of(*story)


def test_the_orders_statuses_are_those_of_its_log(story: Story, steps: list[Step]) -> None:
    shop, order = story

    statuses = [step.text.replace(" ", "_") for step in steps if step.start == step.end == ORDER]

    assert statuses == shop.path(order)


def test_every_webhook_shows_what_became_of_it(steps: list[Step]) -> None:
    webhooks = [step for step in steps if step.end == INBOX]
    signs = [(step.start, step.text, step.note, step.arrives, step.goes_on) for step in webhooks]

    assert signs == [
        (None, "forged: amount_capturable_updated", "wrong signature", False, False),
        (STRIPE, "amount_capturable_updated", "stored", True, True),
        (STRIPE, "duplicate: amount_capturable_updated", "known already", True, False),
        (STRIPE, "foreign: amount_capturable_updated", "ignored", True, False),
        (STRIPE, "5 webhooks", "unreachable", False, False),
        *signs[5:],
    ]
    assert {sign[2] for sign in signs[5:]} == {"stored", "ignored"}


def test_what_caused_something_stands_above_it(steps: list[Step]) -> None:
    news = next(number for number, step in enumerate(steps) if step.goes_on)

    assert [step.at_us for step in steps] == sorted(step.at_us for step in steps)
    assert (steps[0].start, steps[0].end) == (CUSTOMER, ORDER)
    assert [step.text for step in steps[news + 1 : news + 3]] == ["read", "authorised"]


def test_a_handler_fails_becomes_a_dead_letter_and_works(steps: list[Step]) -> None:
    shown = [(step.text, step.note) for step in steps if step.end == "points"]

    assert shown == [("payment.succeeded", "fails 19 times"), ("dead letter", ""), ("payment.succeeded", "works")]


def test_a_call_without_an_answer_says_so() -> None:
    shop = WebhookShop(draws=Draws(1))
    shop.stripe.lose_answer_of("confirm_payment")

    order = shop.buy(card=VISA)

    assert "confirm: OutcomeUnknown" in [step.text for step in steps_of(shop, order)]


def test_the_title_says_what_was_found(story: Story) -> None:
    shop, order = story

    title = next(
        text for text in sequence_diagram(shop, order).figure.findobj(Text) if "webhooks came" in text.get_text()
    )

    news = len(shop.inbox_of(order).query("status == 'processed'"))
    came = len(shop.tries_of(order))
    assert title.get_text().startswith(f"{came} webhooks came, {news} of them were new")
    assert title.get_text().endswith("the money was taken once")


def test_nothing_is_cut_off_and_no_words_lie_on_others(story: Story) -> None:
    figure = sequence_diagram(story[0], story[1]).figure
    figure.draw_without_rendering()
    words = [text for text in figure.findobj(Text) if text.get_text()]
    boxes = [text.get_window_extent() for text in words]

    for number, box in enumerate(boxes):
        assert figure.bbox.x0 <= box.x0 < box.x1 <= figure.bbox.x1, words[number]
        assert not [words[other] for other in range(number) if box.overlaps(boxes[other])], words[number]


def test_the_same_story_is_the_same_picture(story: Story) -> None:
    shop, order = story

    png = sequence_diagram(shop, order)._repr_png_()

    assert png.startswith(b"\x89PNG")
    assert png == sequence_diagram(shop, order)._repr_png_()
