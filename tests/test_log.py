"""The log: what is in it, and that nothing personal and no secret ever is, whatever anyone writes into what we read."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payflows.app import App, build_app
from payflows.checkout.business import CheckoutSetup
from payflows.checkout.goods import Address
from payflows.checkout.inmemory.carrier import InMemoryCarrier
from payflows.checkout.inmemory.inventory import InMemoryInventory
from payflows.checkout.messages import EventType
from payflows.errors import CallNotSent, CallRejected, OutcomeUnknown, PayflowsError
from payflows.kernel import log
from payflows.kernel.messages import BusinessEvent
from payflows.kernel.unit_of_work import UnitOfWork
from payflows.parties import Customer
from payflows.store.mailbox import InMemoryMailer
from payflows.stripe.webhooks.endpoint import WebhookSettings
from payflows.stripe.webhooks.signature import WebhookSecret
from simulations.checkout.scripted_shop import PRICES, STOCK, VISA, cart
from simulations.network.interceptor import Intercepted, Method
from simulations.stripe.simulated import SimulatedStripe
from simulations.time.hand_clock import HandClock
from tests.webhook_posts import NOW, body_of, event, signed

OF_LOGGING = set(logging.makeLogRecord({}).__dict__) | {"message", "asctime"}
FIELDS = set(log.Fields.__annotations__) | {"error"}


class Records(logging.Handler):
    """Keeps what is logged, as any formatter may write it."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    @property
    def text(self) -> str:
        formatter = logging.Formatter("%(message)s")
        return "\n".join(formatter.format(record) + repr(record.__dict__) for record in self.records)


@contextmanager
def logged() -> Iterator[Records]:
    """Everything that is logged meanwhile, transitions too."""
    records, before = Records(), log.LOGGER.level
    log.LOGGER.addHandler(records)
    log.LOGGER.setLevel(logging.DEBUG)
    try:
        yield records
    finally:
        log.LOGGER.removeHandler(records)
        log.LOGGER.setLevel(before)


ERRORS = (
    CallNotSent,
    OutcomeUnknown,
    CallRejected,
    ConnectionResetError,
    KeyError,
)


def failing(port: object, canary: str, errors: list[type[Exception]]) -> Intercepted:
    """The port, whose first calls fail with these errors, each of which says all that it knows."""

    def wrap(name: str, method: Method) -> Method:
        async def call(*args: object, **kwargs: object) -> object:
            if errors:
                try:
                    raise ValueError(canary)
                except ValueError as cause:
                    raise errors.pop()(f"{canary}: {args} {kwargs}") from cause
            return await method(*args, **kwargs)

        return call

    return Intercepted(port, wrap)


def shop_of(canary: str, errors: list[type[Exception]]) -> tuple[App, HandClock]:
    clock = HandClock(NOW)
    app = build_app(
        gateway=failing(SimulatedStripe(clock), canary, errors),  # type: ignore[arg-type]
        checkout=CheckoutSetup(
            prices=PRICES,
            inventory=failing(InMemoryInventory(STOCK, clock=clock), canary, errors),  # type: ignore[arg-type]
            carrier=failing(InMemoryCarrier(clock=clock), canary, errors),  # type: ignore[arg-type]
        ),
        mailer=failing(InMemoryMailer(), canary, errors),  # type: ignore[arg-type]
        clock=clock,
        webhooks=WebhookSettings(secrets=(WebhookSecret("whsec_" + "a" * 20),)),
    )

    async def indiscreet(event: BusinessEvent, work: UnitOfWork) -> None:
        raise RuntimeError(f"{canary} cannot be reached about {event}")

    app.bus.subscribe(EventType.ORDER_PLACED, indiscreet, name="indiscreet")
    return app, clock


@settings(max_examples=30, deadline=None)
@given(
    canary=st.text("abcdefghijklmnopqrstuvwxyz", min_size=12, max_size=20).map("canary".__add__),
    errors=st.lists(st.sampled_from(ERRORS), max_size=6),
)
def test_nothing_personal_and_no_secret_is_ever_logged(canary: str, errors: list[type[Exception]]) -> None:
    """I31: a customer's data, what Stripe, ports and handlers say, and what comes to the endpoint."""
    app, clock = shop_of(canary, list(errors))
    secret = WebhookSecret("whsec_" + "a" * 20)
    ada = Customer(id=f"cus_{canary}", email=f"{canary}@example.com")
    home = Address(name=canary, line1=canary, city=canary, postal_code="12345", country="US")

    with logged() as records:
        with suppress(PayflowsError):
            clock.run(
                app.checkout.process_checkout(ada, canary, cart=cart(), payment_method=VISA, shipping_address=home)
            )
        for _ in range(4):
            clock.run(app.worker.run_due())
            clock.pass_time(3_600)
        assert app.webhooks is not None
        for content in (event(livemode=True, request=canary), event(type=canary), {"object": canary}, canary):
            body = body_of(content)
            clock.run(app.webhooks.receive(body, signed(body, by=secret), NOW))
            clock.run(app.webhooks.receive(body, {"Stripe-Signature": f"t=1,v1={canary}"}, NOW))

    assert {"transition", "a webhook is ignored", "a webhook was refused", "an item failed, and is tried again"} <= {
        record.getMessage().partition(":")[0] for record in records.records
    }
    assert canary not in records.text
    assert "whsec_" not in records.text
    for record in records.records:
        assert set(record.__dict__) - OF_LOGGING <= FIELDS


def test_a_record_says_the_same_in_words_and_in_fields() -> None:
    with logged() as records:
        log.warning("a port did not answer", OutcomeUnknown("reset"), call="Mailer.send")

    (record,) = records.records
    assert record.getMessage() == "a port did not answer: call Mailer.send, error OutcomeUnknown: reset"
    assert (record.name, record.levelname) == ("payflows", "WARNING")
    assert (record.__dict__["call"], record.__dict__["error"]) == ("Mailer.send", "OutcomeUnknown: reset")


def test_of_a_group_of_errors_each_is_traced() -> None:
    async def fail(what: Exception) -> None:
        raise what

    async def both() -> None:
        errors = await asyncio.gather(fail(KeyError("a")), fail(OSError("b")), return_exceptions=True)
        raise ExceptionGroup("both", [error for error in errors if isinstance(error, Exception)])

    with logged() as records:
        try:
            asyncio.run(both())
        except ExceptionGroup as group:
            log.error("both failed", group, with_traceback=True)

    lines = records.records[0].getMessage().splitlines()
    assert [line for line in lines if line in ("KeyError", "OSError", "ExceptionGroup")] == [
        "KeyError",
        "OSError",
        "ExceptionGroup",
    ]


def test_an_ignored_webhook_is_logged_once_however_often_it_comes(caplog: pytest.LogCaptureFixture) -> None:
    app, clock = shop_of("", [])
    body = body_of(event(account="acct_1Foreign"))
    assert app.webhooks is not None

    for _ in range(3):
        clock.run(app.webhooks.receive(body, signed(body, by=WebhookSecret("whsec_" + "a" * 20)), NOW))

    assert caplog.messages == ["a webhook is ignored: webhook evt_1, reason another account"]
