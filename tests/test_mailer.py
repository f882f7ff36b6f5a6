"""The mailbox in memory: it honours keys."""

from __future__ import annotations

from payflows.checkout.messages import MailKind
from payflows.kernel.messages import Mail
from payflows.store.mailbox import InMemoryMailer
from simulations.time.world import START, World

CONFIRMED = Mail("ord_1:5:mail:order_confirmed", MailKind.ORDER_CONFIRMED, "ord_1", START, "order")
SHIPPED = Mail("ord_1:6:mail:order_shipped", MailKind.ORDER_SHIPPED, "ord_1", START, "order", "TRK-ord_1")
OF_ANOTHER_ORDER = Mail("ord_2:5:mail:order_confirmed", MailKind.ORDER_CONFIRMED, "ord_2", START, "order")


def sent(*mails: Mail) -> InMemoryMailer:
    mailer, world = InMemoryMailer(), World()
    for mail in mails:
        world.run(mailer.send(mail, to="ada@example.com"))
    return mailer


def test_the_same_mail_twice_is_one_mail() -> None:
    mailer = sent(CONFIRMED, CONFIRMED)

    assert mailer.sent == {CONFIRMED.key: CONFIRMED}
    assert mailer.recipients.keys() == mailer.sent.keys()


def test_what_was_sent_first_under_a_key_stands() -> None:
    other_text = Mail(CONFIRMED.key, MailKind.ORDER_CANCELLED, "ord_1", START, "order")

    assert sent(CONFIRMED, other_text).about("ord_1") == (CONFIRMED,)


def test_an_orders_mails_are_found_oldest_first() -> None:
    mailer = sent(CONFIRMED, OF_ANOTHER_ORDER, SHIPPED)

    assert mailer.about("ord_1") == (CONFIRMED, SHIPPED)
    assert mailer.about("ord_2") == (OF_ANOTHER_ORDER,)
    assert mailer.about("ord_3") == ()
