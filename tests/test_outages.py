"""What the road does to calls in an outage: a lost request did nothing, a lost answer did it all."""

from __future__ import annotations

import pytest

from payflows.errors import CallNotSent, InvalidPolicy, OutcomeUnknown, PaymentDeclined
from simulations.network.effects import CLIENT_TIMEOUT_SECONDS
from simulations.network.link import Call, FaultSchedule, Outage, Strike, minute_of_day
from simulations.time.draws import Draws
from tests.link_fixture import LATENCY, LinkFixture

TIMEOUT_US = CLIENT_TIMEOUT_SECONDS * 1_000_000
MINUTE = 60
HOUR = 3_600


def always(strike: Strike) -> FaultSchedule:
    return lambda method, entity, number, now_us: strike


# Strikes.


def test_a_refused_connection_costs_no_time_and_does_nothing() -> None:
    link = LinkFixture(latency=LATENCY, weather=always(Strike.CONNECTION_REFUSED))

    with pytest.raises(CallNotSent, match=r"till\.charge: connection refused"):
        link.charge()

    assert (link.till.done, link.world.now_us) == ([], 0)
    assert link.calls[0].outcome == "CallNotSent"


def test_a_lost_request_does_nothing_and_costs_the_time_out() -> None:
    link = LinkFixture(weather=always(Strike.REQUEST_LOST))

    with pytest.raises(OutcomeUnknown, match=r"till\.charge: no answer within 20 s"):
        link.charge()

    assert (link.till.done, link.world.now_us) == ([], TIMEOUT_US)
    assert link.calls == [Call(0, TIMEOUT_US, "till", "charge", ("ord_1",), {"amount": 1}, "OutcomeUnknown")]


def test_a_lost_answer_is_of_a_call_that_was_done() -> None:
    link = LinkFixture(weather=always(Strike.ANSWER_LOST))

    with pytest.raises(OutcomeUnknown, match="no answer within 20 s"):
        link.charge()

    assert (link.till.done, link.world.now_us) == (["ord_1"], TIMEOUT_US)


def test_a_lost_answer_may_have_been_a_decline_that_stays_unknown() -> None:
    link = LinkFixture(weather=always(Strike.ANSWER_LOST))
    link.till.answer = PaymentDeclined("card_declined")

    with pytest.raises(OutcomeUnknown):
        link.charge()

    assert link.till.done == ["ord_1"]


def test_the_weather_is_asked_with_what_it_needs_to_know() -> None:
    asked: list[tuple[str, str, int, int]] = []

    def fair(method: str, entity: str, number: int, now_us: int) -> None:
        asked.append((method, entity, number, now_us))

    link = LinkFixture(weather=fair)
    for order_id in ("ord_1", "ord_2", "ord_1"):
        link.charge(order_id)
        link.world.run_for(1)

    assert asked == [("charge", "ord_1", 0, 0), ("charge", "ord_2", 0, 1_000_000), ("charge", "ord_1", 1, 2_000_000)]


# Outages.


def test_an_outage_strikes_from_its_first_moment_to_just_before_its_end() -> None:
    weather = Outage(start="14:00", minutes=20).weather(Draws(1))
    begins, ends = 14 * HOUR * 1_000_000, (14 * HOUR + 20 * MINUTE) * 1_000_000

    struck = [weather("charge", "ord_1", 0, moment) is not None for moment in (begins - 1, begins, ends - 1, ends)]

    assert struck == [False, True, True, False]


@pytest.mark.parametrize(
    ("share", "strikes"),
    [(0.0, {Strike.REQUEST_LOST}), (1.0, {Strike.ANSWER_LOST}), (0.5, {Strike.REQUEST_LOST, Strike.ANSWER_LOST})],
)
def test_of_the_calls_in_an_outage_a_share_arrives_and_only_their_answers_are_lost(
    share: float, strikes: set[Strike]
) -> None:
    weather = Outage(start="00:00", minutes=1, answers_lost_share=share).weather(Draws(1))

    seen = [weather("charge", f"ord_{number}", 0, 0) for number in range(1_000)]

    assert set(seen) == strikes
    assert abs(seen.count(Strike.ANSWER_LOST) - 1_000 * share) < 4 * (1_000 * 0.25) ** 0.5


def test_each_try_in_an_outage_is_lost_in_its_own_way_the_same_in_every_run() -> None:
    def strikes() -> list[Strike | None]:
        weather = Outage(start="00:00", minutes=1).weather(Draws(1))
        return [weather("charge", "ord_1", number, 0) for number in range(20)]

    assert strikes() == strikes()
    assert len(set(strikes())) == 2


def test_calls_get_through_again_once_the_outage_is_over() -> None:
    link = LinkFixture(weather=Outage(start="00:00", minutes=1, answers_lost_share=0).weather(Draws(1)))

    outcomes = []
    for _ in range(5):
        try:
            outcomes.append(link.charge())
        except OutcomeUnknown:
            outcomes.append("unknown")

    assert outcomes == 3 * ["unknown"] + 2 * ["ord_1 charged 1"]
    assert link.world.now_us == 3 * TIMEOUT_US


@pytest.mark.parametrize(
    ("text", "minute"), [("00:00", 0), ("00:01", 1), ("09:30", 570), ("14:00", 840), ("23:59", 1_439)]
)
def test_a_time_of_day_is_a_number_of_minutes_after_midnight(text: str, minute: int) -> None:
    assert minute_of_day(text) == minute
    assert Outage(start=text, minutes=1).start_us == minute * 60_000_000
    assert Outage(start=text, minutes=1).end_us == (minute + 1) * 60_000_000


@pytest.mark.parametrize("text", ["24:00", "7:00", "12:60", "1200", "12:00 ", " 12:00", "12:00:00", "noon", "", None])
def test_what_is_no_time_of_day_is_refused(text: object) -> None:
    with pytest.raises(InvalidPolicy, match='a time of day is written as "14:00"'):
        minute_of_day(text)  # type: ignore[arg-type]
