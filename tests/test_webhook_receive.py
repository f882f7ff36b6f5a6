"""Webhooks come in: the malformed are refused by one word, the unwanted kept as ignored, the rest stored once."""

from __future__ import annotations

import logging
from typing import get_args

import pytest
import stripe

from payflows.errors import CallNotSent, OutcomeUnknown
from payflows.kernel.changes import Change
from payflows.kernel.inbox import INBOX, Inbox, Webhook
from payflows.kernel.queue_item import ItemStatus, WebhookSubject
from payflows.store.memory import InMemoryStore
from payflows.stripe.webhooks.endpoint import WebhookEndpoint, WebhookSettings
from payflows.stripe.webhooks.event_types import OBJECT_OF, SUBJECT_PLACES
from payflows.stripe.webhooks.response import ACCEPTED, IgnoredReason, ResponseCode
from simulations.time.world import World
from tests.malformed_webhooks import GOOD, MALFORMED, Malformed, nested, spliced
from tests.stripe_json import Json, charge
from tests.webhook_posts import (
    ABOUT,
    CANARIES,
    CREATED,
    NOW,
    SECRET,
    SECRET_TEXT,
    SETTINGS,
    SUBJECTS,
    body_of,
    endpoint_of,
    event,
    nothing_to_do,
    payment_intent,
    receive,
    seconds_from_now,
    signed,
    stored,
)

SUBJECT = WebhookSubject("", "payment", payment_intent()["id"])
STRIPES_TYPES = get_args(get_args(stripe.params.WebhookEndpointCreateParams.__annotations__["enabled_events"])[0])


def the_one_in(table: InMemoryStore) -> Webhook:
    (entry,) = stored(table)
    return entry


# What is refused


@pytest.mark.parametrize("row", MALFORMED, ids=str)
def test_a_malformed_webhook_is_refused_by_one_word_and_leaves_nothing(row: Malformed) -> None:
    """B1: nothing that cannot be proven or read gets as far as the store."""
    table = InMemoryStore()

    answer = receive(row.raw_body, row.headers, store=table)

    assert answer.code is row.code
    assert answer.status == 400
    assert stored(table) == []


def test_every_reason_to_refuse_is_in_the_table() -> None:
    assert len(MALFORMED) >= 60
    assert {row.code for row in MALFORMED} == set(ResponseCode) - ACCEPTED - {ResponseCode.STORE_UNAVAILABLE}


def test_every_answer_has_a_status_and_is_a_plain_word() -> None:
    assert all(code.replace("_", "").replace("utf8", "").isalpha() and code.islower() for code in ResponseCode)


def test_the_signature_is_checked_before_the_body_is_read() -> None:
    """A stranger learns nothing of how we read, and cannot make us read."""
    for row in MALFORMED:
        if row.code is not ResponseCode.TOO_LARGE:
            assert receive(row.raw_body, {}).code is ResponseCode.NO_SIGNATURE


@pytest.mark.parametrize("raw_body", [nested(64), GOOD.ljust(262_144), b"\n" + GOOD + b"\r\n"])
def test_what_is_just_within_the_limits_is_taken(raw_body: bytes) -> None:
    assert receive(raw_body).code is ResponseCode.STORED


def test_brackets_in_a_text_are_not_levels() -> None:
    assert receive(spliced("manual", "[{" * 100)).code is ResponseCode.STORED


# What is taken


@pytest.mark.parametrize("event_type", sorted(set(OBJECT_OF) - {"account.application.deauthorized"}))
def test_every_type_that_we_want_is_stored_with_its_subject(event_type: str) -> None:
    table = InMemoryStore()
    about, subject = ABOUT[OBJECT_OF[event_type]], SUBJECTS.get(OBJECT_OF[event_type], SUBJECT)

    answer = receive(body_of(event(event_type, about)), store=table)

    assert (answer.status, answer.code) == (200, ResponseCode.STORED)
    webhook = the_one_in(table)
    assert (webhook.type, webhook.subject, webhook.at) == (event_type, subject, NOW)
    assert webhook.created_at.timestamp() == CREATED
    (item,) = table.all_items(INBOX)
    assert (item.content, item.status, item.due_at) == (subject, ItemStatus.PENDING, NOW)


def test_every_type_that_we_want_is_one_of_stripes() -> None:
    """B9: a misspelt name would wait for ever for an event that never comes."""
    assert set(OBJECT_OF) <= set(STRIPES_TYPES)
    assert set(OBJECT_OF.values()) == set(SUBJECT_PLACES) == set(ABOUT)


@pytest.mark.parametrize("event_type", sorted(set(STRIPES_TYPES) - set(OBJECT_OF) - {"*"}))
def test_all_else_that_stripe_can_send_is_ignored(event_type: str) -> None:
    """Some of it is about objects without an id, such as a balance: no reason to have Stripe send it for three days."""
    table = InMemoryStore()

    answer = receive(body_of(event(event_type, {"object": "balance"})), store=table)

    assert (answer.status, answer.code) == (200, ResponseCode.IGNORED)
    assert the_one_in(table).ignored is IgnoredReason.UNWANTED_TYPE


UNWANTED = [
    pytest.param(event(livemode=True), IgnoredReason.LIVEMODE, id="real-money"),
    pytest.param(event(account="acct_1Foreign"), IgnoredReason.OTHER_ACCOUNT, id="a-connected-account"),
    pytest.param(event("customer.updated", {"id": "cus_1"}), IgnoredReason.UNWANTED_TYPE, id="a-type-of-others"),
    pytest.param(event("coupon.deleted", {"id": "25 % off!"}), IgnoredReason.UNWANTED_TYPE, id="an-id-made-by-hand"),
    pytest.param(event("charge.refunded", charge(payment_intent=None)), IgnoredReason.NO_SUBJECT, id="an-old-charge"),
    pytest.param(event("refund.failed", {"id": "re_1", "object": "refund"}), IgnoredReason.NO_SUBJECT, id="no-payment"),
]


@pytest.mark.parametrize(("content", "reason"), UNWANTED)
def test_what_stripe_signed_but_is_not_for_us_is_kept_as_ignored(content: Json, reason: IgnoredReason) -> None:
    """B1: livemode and a foreign account change nothing, though the signature is right."""
    table = InMemoryStore()

    answer = receive(body_of(content), store=table)

    assert (answer.status, answer.code, answer.text) == (200, ResponseCode.IGNORED, f"ignored: {reason}")
    assert the_one_in(table).ignored == reason
    assert not list(table.all_items(INBOX))


@pytest.mark.parametrize("kind", ["subscription", "invoice"])
def test_what_no_business_of_ours_is_about_is_ignored_and_never_tried(kind: str) -> None:
    """A shop without subscriptions, whose account has some: three days of tries would find no one who knows them."""
    table = InMemoryStore()
    inbox = Inbox(store=table, clock=World(NOW), handlers={"payment": [nothing_to_do], "invoice": []})
    raw_body = body_of(event(next(name for name, known in OBJECT_OF.items() if known == kind), ABOUT[kind]))

    answer = World().run(WebhookEndpoint(inbox, SETTINGS).receive(raw_body, signed(raw_body), NOW))

    assert (answer.status, answer.text) == (200, "ignored: no business of ours is about it")
    assert the_one_in(table).ignored is IgnoredReason.NO_BUSINESS
    assert not list(table.all_items(INBOX))


@pytest.mark.parametrize("version", ["2020-08-27", "2026-11-26.endive", "2031-01-01.acacia", "", None, 7])
def test_in_which_api_version_it_is_written_makes_no_difference(version: object) -> None:
    """Only the object's id is taken; the endpoint's version is set at Stripe, and may be changed there."""
    table = InMemoryStore()

    assert receive(body_of(event(api_version=version)), store=table).code is ResponseCode.STORED
    assert the_one_in(table).subject == SUBJECT


@pytest.mark.parametrize(("account", "code"), [("acct_1Ours", ResponseCode.STORED), (None, ResponseCode.IGNORED)])
def test_of_connected_accounts_only_ours_is_stored(account: str | None, code: ResponseCode) -> None:
    ours = WebhookSettings(secrets=(SECRET,), account="acct_1Ours")

    assert receive(body_of(event(account=account)), settings=ours).code is code


def test_a_webhook_that_comes_again_is_stored_once() -> None:
    """B2: Stripe delivers at least once."""
    table = InMemoryStore()

    answers = [receive(GOOD, signed(GOOD, at=at), store=table, now=at) for at in map(seconds_from_now, (0, 0, 3_600))]

    assert [answer.code for answer in answers] == [ResponseCode.STORED, *[ResponseCode.DUPLICATE] * 2]
    assert {answer.status for answer in answers} == {200}
    assert the_one_in(table).at == NOW


def test_an_event_id_is_spent_whatever_else_the_second_one_says() -> None:
    table = InMemoryStore()
    receive(GOOD, store=table)

    second = receive(body_of(event("payment_intent.canceled", payment_intent(id="pi_other"))), store=table)

    assert second.code is ResponseCode.DUPLICATE
    assert the_one_in(table).subject == SUBJECT


class DownStore(InMemoryStore):
    """A store that is out of reach."""

    def __init__(self, trouble: Exception) -> None:
        super().__init__()
        self.trouble = trouble

    async def change(self, *changes: Change) -> None:
        raise self.trouble


@pytest.mark.parametrize("trouble", [CallNotSent("no connection"), OutcomeUnknown("no answer")])
def test_stripe_is_asked_to_send_again_while_the_store_is_down(trouble: Exception) -> None:
    """B4: 200 is said only of what is durable here."""
    answer = receive(GOOD, store=DownStore(trouble))

    assert (answer.status, answer.code) == (503, ResponseCode.STORE_UNAVAILABLE)


class MumblingStore(InMemoryStore):
    """A store that stores, and whose first answer is lost."""

    mumbled = False

    async def change(self, *changes: Change) -> None:
        await super().change(*changes)
        if not self.mumbled:
            self.mumbled = True
            raise OutcomeUnknown("no answer")


def test_what_is_sent_again_after_a_lost_answer_of_the_store_is_known() -> None:
    """B2."""
    store = MumblingStore()

    assert receive(GOOD, store=store).status == 503
    assert receive(GOOD, store=store).code is ResponseCode.DUPLICATE


def test_the_answer_does_not_wait_for_the_work() -> None:
    """B6: Stripe would give up on a slow handler, and send again."""
    world, worked_off = World(), []

    async def an_hours_work(payment_id: str) -> None:
        await world.sleep(3_600)
        worked_off.append(payment_id)

    endpoint = endpoint_of(InMemoryStore(), an_hours_work)

    answer = world.run(endpoint.receive(GOOD, signed(GOOD), NOW))

    assert answer.code is ResponseCode.STORED
    assert (world.now_us, worked_off) == (0, [])


# What is kept


@pytest.mark.parametrize("about", ABOUT.values(), ids=ABOUT)
def test_nothing_of_a_person_a_card_or_an_amount_is_kept_or_shown(
    about: Json, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """B12, B13: no address to write to can be taken from an entry that has none."""
    caplog.set_level(logging.DEBUG)
    table = InMemoryStore()
    (event_type, *_) = [name for name, known in OBJECT_OF.items() if known == about["object"]]
    raw_body = body_of(event(event_type, about))
    assert [canary for canary in CANARIES if canary in raw_body.decode()]

    answer = receive(raw_body, store=table)

    shown = "\n".join([repr(answer), repr(stored(table)), caplog.text, *capsys.readouterr()])
    assert answer.status == 200
    assert not [canary for canary in CANARIES if canary in shown]


def test_a_refusal_repeats_nothing_either(caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> None:
    caplog.set_level(logging.DEBUG)

    answers = [receive(row.raw_body, row.headers) for row in MALFORMED]

    shown = "\n".join([repr(answers), caplog.text, *capsys.readouterr()])
    assert not [canary for canary in (*CANARIES, SECRET_TEXT) if canary in shown]


def test_one_inbox_answers_all_rows_one_after_another() -> None:
    """No refusal leaves it in a state from which it answers otherwise."""
    world, endpoint = World(), endpoint_of(InMemoryStore(), nothing_to_do)

    codes = [world.run(endpoint.receive(row.raw_body, row.headers, NOW)).code for row in MALFORMED]

    assert codes == [row.code for row in MALFORMED]
    assert world.run(endpoint.receive(GOOD, signed(GOOD), NOW)).code is ResponseCode.STORED
