"""A soak's webhooks come never_ending, twice or not at all, and its handlers fail: each event has its effect once."""

from __future__ import annotations

from http import HTTPStatus

import pytest

from payflows.kernel.messages import BusinessEvent
from payflows.kernel.queue_item import HandlerRecord
from payflows.kernel.unit_of_work import UnitOfWork
from payflows.stripe.webhooks.parsing import StripeEvent
from simulations.checkout.soak.handlers import UnreliableHandlers, record_of
from simulations.checkout.soak.soak import BAD_CONDITIONS, DAYS_LATE_TOO, Soak, conditions_of, settings_of
from simulations.checkout.soak.universe import LongUniverse
from simulations.checkout.subject import Factory
from simulations.search.breach import InvariantBroken
from simulations.stripe import DeliveryKind, TryEnding, ValueHandover, WebhookSender
from simulations.time.draws import Draws

DAYS = 6


@pytest.fixture(scope="module")
def shop() -> Soak:
    """A shop of six days, whose webhooks come up to three days late."""
    shop = Soak(3)
    live(shop)
    return shop


def live(shop: Soak) -> None:
    for day in range(DAYS):
        shop.live(day)


def test_the_conditions_were_bad(shop: Soak) -> None:
    tries = shop.tries

    assert min(tries[TryEnding.LOST], tries[TryEnding.ANSWER_LOST], tries[DeliveryKind.DUPLICATE]) > 20
    assert tries[DeliveryKind.GENUINE] > tries[DeliveryKind.DUPLICATE]


def test_handlers_failed_and_dead_letters_were_replayed(shop: Soak) -> None:
    assert shop.universe.handlers.failures > 100
    assert shop.dead_deliveries > 0


def test_every_third_shop_has_very_late_webhooks() -> None:
    assert [conditions_of(seed) for seed in (1, 2, 3)] == [BAD_CONDITIONS, BAD_CONDITIONS, DAYS_LATE_TOO]


# That it would find something


class HastyHandlers(UnreliableHandlers):
    """They write by themselves, and not together with the delivery."""

    def __init__(self, draws: Draws, universe: LongUniverse) -> None:
        super().__init__(draws)
        self._universe = universe

    async def do(self, event: BusinessEvent, work: UnitOfWork) -> None:
        name, records = record_of(event.key), self._universe.store._records
        record = await work.record(name)
        records[name] = HandlerRecord(name, {"times": int(record.fields.get("times") or 0) + 1}, record.version + 1)


class HastyUniverse(LongUniverse):
    def _handlers(self) -> UnreliableHandlers:
        return HastyHandlers(self._draws, self)


class CarelessUniverse(LongUniverse):
    """It answers 200, and forgets to store what it was sent."""

    def _listen(self) -> WebhookSender:
        async def endpoint(event: StripeEvent) -> int:
            return HTTPStatus.OK

        handover = ValueHandover(endpoint)
        return WebhookSender(self.stripe, self.clock, handover, draws=self._draws, conditions=self._conditions)


class MutantSoak(Soak):
    def __init__(self, seed: int, universe: type[LongUniverse]) -> None:
        self._type = universe
        super().__init__(seed)

    def _universe(self, seed: int, draws: Draws, factory: Factory) -> LongUniverse:
        return self._type(draws, settings_of(seed), conditions=conditions_of(seed), factory=factory)


@pytest.mark.parametrize(
    ("universe", "promise"),
    [
        (HastyUniverse, "I24 .* had its effect [234] times"),
        (CarelessUniverse, "I24 the webhook evt_.* was answered 2xx and is not stored"),
    ],
)
def test_what_goes_wrong_with_an_event_is_found(universe: type[LongUniverse], promise: str) -> None:
    shop = MutantSoak(2, universe)

    with pytest.raises(InvariantBroken, match=promise):
        live(shop)
