"""Each promise about answers and messages is broken by hand, and the judge says so."""

from __future__ import annotations

import pytest

from payflows.checkout.messages import ORDERS, EventType, MailKind
from payflows.checkout.model import OrderStatus
from payflows.kernel.changes import OUTBOX, Enqueue, outgoing
from payflows.kernel.evolve import evolve
from payflows.kernel.messages import Mail
from payflows.kernel.queue_item import WebhookSubject
from payflows.payments.model import Decline
from payflows.store.queue_table import QueueTable
from simulations.checkout.checkers.webhooks import announced
from simulations.checkout.verdict import judge
from tests.corrupted_universe import (
    broken,
    calm,
    event_key,
    kept_in_memory,
    leave_to_a_person,
    lose,
    order_of,
    payment_of,
    put,
    say,
)
from tests.sample_orders import with_charge

LOOKED_AT_ELSEWHERE = (EventType.PAYMENT_DECLINED, EventType.ORDER_NEEDS_REVIEW)
"""One decline too many is a false word (I16); one call for a person too many is seen where nothing went wrong."""

NO_FUNDS = Decline("card_declined", "insufficient_funds")


class TestAnswers:
    """I16: what a customer was answered was true, and stays so."""

    def test_a_parcel_promised_to_a_customer_who_gets_none(self) -> None:
        universe = calm("three_cards_declined")

        universe.answers.append(evolve(order_of(universe), status=OrderStatus.PAID))

        assert broken(universe) == {"I16"}

    @pytest.mark.parametrize("answered", [OrderStatus.CANCELLED, OrderStatus.PAYMENT_FAILED])
    def test_an_order_that_was_called_off_and_comes_all_the_same(self, answered: OrderStatus) -> None:
        universe = calm("paid")

        universe.answers.append(evolve(order_of(universe), status=answered))

        assert broken(universe) == {"I16"}

    def test_an_answer_that_is_still_open_is_no_false_word(self) -> None:
        universe = calm("paid")

        universe.answers.append(evolve(order_of(universe), status=OrderStatus.PAYMENT_PROCESSING))

        judge(universe, may_need_a_person=False)

    def test_an_order_that_is_not_stored(self) -> None:
        universe = calm("paid")

        universe.answers.append(evolve(order_of(universe), id="another"))

        assert broken(universe) == {"I16"}

    def test_a_false_word_is_a_persons_to_put_right_where_one_is_needed(self) -> None:
        universe = calm("paid")
        order = order_of(universe)

        leave_to_a_person(universe)
        universe.answers.append(evolve(order, status=OrderStatus.CANCELLED))

        judge(universe, may_need_a_person=True)
        assert broken(universe) == {"I14", "I16"}

    def test_what_was_answered_to_a_cancellation_is_checked_too(self) -> None:
        universe = calm("cancelled")

        assert [order.status for order in universe.answers] == [OrderStatus.PAID, OrderStatus.CANCELLED]

    def test_a_wish_to_cancel_that_is_forgotten(self) -> None:
        universe = calm("paid")

        universe.answers.append(evolve(order_of(universe), status=OrderStatus.PAYMENT_PROCESSING, cancel_asked=True))

        assert broken(universe) == {"I16"}

    def test_one_that_came_too_late_is_not(self) -> None:
        universe = calm("paid")

        universe.answers.append(evolve(order_of(universe), status=OrderStatus.PAYMENT_PROCESSING, cancel_asked=True))
        put(universe, evolve(order_of(universe), cancel_asked=True))

        judge(universe, may_need_a_person=False)

    def test_money_that_was_to_go_back_and_stays(self) -> None:
        universe = calm("paid")

        universe.answers.append(with_charge(order_of(universe), refund_asked=True))

        assert broken(universe) == {"I16"}

    def test_money_that_cannot_go_back_is_a_persons_affair(self) -> None:
        universe = calm("paid")

        universe.answers.append(with_charge(order_of(universe), refund_asked=True))
        leave_to_a_person(universe)

        judge(universe, may_need_a_person=True)


class TestDeclines:
    """I16: whoever hears of a decline hears of this try's own."""

    def test_an_older_trys_that_is_answered_again(self) -> None:
        universe = calm("three_cards_declined")
        order = order_of(universe)

        another = order.attempt.next("pm_card_visa").declined(NO_FUNDS, order.attempt.charge_id)
        universe.answers.append(evolve(with_charge(order, attempt=another), status=OrderStatus.CUSTOMER_ACTION))
        assert len({answer.attempt.number for answer in universe.answers}) == 4

        assert broken(universe) == {"I16"}

    def test_one_that_goes_out_by_the_outbox_alone(self) -> None:
        universe = calm("three_cards_declined")

        universe.stripe.intent(payment_of(universe)).failures.pop()
        universe.answers.clear()

        assert broken(universe) == {"I16"}

    def test_of_a_try_that_was_charged(self) -> None:
        universe = calm("declined_then_another_card")
        first, *_ = universe.answers
        assert first.attempt.decline == NO_FUNDS

        tried = first.attempt._replace(number=order_of(universe).attempt.number)
        universe.answers[:] = [with_charge(first, attempt=tried)]

        assert broken(universe) == {"I16"}


class TestTheOutbox:
    """I24, I27: all goes out that the log of the order calls for, and nothing else."""

    def test_an_event_that_was_never_put_in(self) -> None:
        universe = calm("paid")

        lose(universe, event_key(universe, EventType.ORDER_SHIPPED))

        assert broken(universe) == {"I24"}

    def test_an_event_that_is_still_there(self) -> None:
        universe = calm("paid")
        sent = lose(universe, event_key(universe, EventType.ORDER_SHIPPED))

        assert not isinstance(sent.content, WebhookSubject)
        universe.world.run(universe.store.change(Enqueue(outgoing(sent.content))))

        assert broken(universe) == {"I24"}

    @pytest.mark.parametrize("kind", [MailKind.ORDER_CONFIRMED, MailKind.MONEY_RETURNED])
    def test_a_mail_that_was_not_sent(self, kind: MailKind) -> None:
        universe = calm("refunded")

        key = next(mail.key for mail in universe.mailer.sent.values() if mail.kind is kind)
        del universe.mailer.sent[key]

        assert broken(universe) == {"I27"}

    @pytest.mark.parametrize("kind", MailKind)
    def test_a_mail_too_many(self, kind: MailKind) -> None:
        universe = calm("refunded")

        universe.mailer.sent["another"] = Mail(
            "another", kind, order_of(universe).id, universe.clock.now(), ORDERS.name
        )

        assert broken(universe) == {"I27"}

    def test_a_checkout_that_uses_no_outbox_tells_in_its_own_way(self) -> None:
        universe = calm("paid")

        kept_in_memory(universe)._queues[OUTBOX] = QueueTable()
        universe.mailer.sent.clear()

        judge(universe, may_need_a_person=False)


class TestWhatNoStatusCallsFor:
    """I24: events about an order's money, declines and reviews are true, and none is missing."""

    TELLING = (
        ("failing_bank_debit", EventType.PAYMENT_PROCESSING),
        ("declined_then_another_card", EventType.PAYMENT_DECLINED),
        ("refunded", EventType.PAYMENT_REFUNDED),
        ("refund_comes_back", EventType.PAYMENT_REFUND_FAILED),
        ("refund_comes_back", EventType.ORDER_NEEDS_REVIEW),
        ("disputed", EventType.PAYMENT_DISPUTED),
    )

    @pytest.mark.parametrize(("story", "type"), TELLING)
    def test_an_event_that_was_not_published(self, story: str, type: EventType) -> None:
        universe = calm(story)

        lose(universe, event_key(universe, type))

        assert "I24" in broken(universe)

    @pytest.mark.parametrize(("story", "type"), [row for row in TELLING if row[1] not in LOOKED_AT_ELSEWHERE])
    def test_an_event_that_was_published_once_more(self, story: str, type: EventType) -> None:
        universe = calm(story)

        say(universe, type)

        assert "I24" in broken(universe)

    @pytest.mark.parametrize("type", [type for _, type in TELLING if type not in LOOKED_AT_ELSEWHERE])
    def test_what_never_was(self, type: EventType) -> None:
        universe = calm("paid")

        say(universe, type)

        assert broken(universe) == {"I24"}


class TestHandlers:
    """I24, in universes that listen."""

    @pytest.mark.parametrize("times", [0, 2])
    def test_an_effect_that_did_not_come_once(self, times: int) -> None:
        universe = calm("notified_by_webhook")
        event = next(announced(universe))
        record = universe.world.run(universe.store.record(f"counted {event.key}"))

        kept_in_memory(universe)._records[record.name] = record._replace(fields={"times": times})

        assert broken(universe) == {"I24"}

    def test_a_webhook_that_is_left_over(self) -> None:
        universe = calm("notified_by_webhook")

        universe.stripe.refund_in_dashboard(payment_of(universe))
        universe.pass_time(60)

        assert broken(universe) == {"I15", "I24"}  # it has come, and neither the inbox nor the order has seen to it
