"""The road to a port: how long answers take, and what is written down. What outages do has a separate file."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payflows.errors import CallRejected, InvalidPolicy, OutcomeUnknown, PaymentDeclined
from simulations.network.link import Call, Latency
from tests.link_fixture import LATENCY, LinkFixture

# Latency.


def test_a_latency_table_rises_from_the_first_percentile_to_the_last() -> None:
    table = LATENCY.table_us()

    assert len(table) == 1_024
    assert list(table) == sorted(table)
    assert {type(entry) for entry in table} == {int}
    assert table[0] == 100_000
    assert 4_900_000 < table[-1] < 5_000_000


@pytest.mark.parametrize(("share", "milliseconds"), [(0.25, 150), (0.5, 200), (0.7, 600), (0.9, 1_000), (0.95, 3_000)])
def test_between_percentiles_it_is_interpolated(share: float, milliseconds: int) -> None:
    table = LATENCY.table_us()

    step = table[int(share * 1_024) + 1] - table[int(share * 1_024)]
    assert abs(table[int(share * 1_024)] - milliseconds * 1_000) <= max(step, 1)


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(st.lists(st.integers(0, 60_000), min_size=2, max_size=8).map(sorted), st.data())
def test_a_table_never_leaves_its_percentiles(times: list[int], data: st.DataObject) -> None:
    inner = st.lists(st.integers(1, 99), min_size=len(times) - 2, max_size=len(times) - 2, unique=True)
    percents = [0, *sorted(data.draw(inner)), 100]

    table = Latency(tuple(zip(percents, times, strict=True))).table_us()

    assert times[0] * 1_000 == table[0]
    assert list(table) == sorted(table)
    assert table[-1] <= times[-1] * 1_000
    for percent, milliseconds in zip(percents, times, strict=True):
        assert all(entry <= milliseconds * 1_000 for entry in table[: percent * 1_024 // 100])


def test_drawn_latencies_follow_their_percentiles() -> None:
    link = LinkFixture(latency=LATENCY)

    for number in range(2_000):
        link.charge(f"ord_{number}")

    times = [call.ended_us - call.started_us for call in link.calls]
    for percent, milliseconds in LATENCY.percentiles:
        quicker = sum(time < milliseconds * 1_000 for time in times)
        assert abs(quicker - 20 * percent) <= 4 * (2_000 * percent / 100 * (1 - percent / 100)) ** 0.5


def test_a_repeated_call_draws_another_latency_the_same_in_every_run() -> None:
    def times() -> list[int]:
        link = LinkFixture(latency=LATENCY)
        for _ in range(5):
            link.charge("ord_1")
        return [call.ended_us - call.started_us for call in link.calls]

    assert len(set(times())) > 1
    assert times() == times()


def test_another_orders_calls_change_no_latency() -> None:
    alone, crowded = LinkFixture(latency=LATENCY), LinkFixture(latency=LATENCY)
    for number in range(5):
        alone.charge("ord_1")
        crowded.charge(f"other_{number}")
        crowded.charge("ord_1")

    def of_first(link: LinkFixture) -> list[int]:
        return [call.ended_us - call.started_us for call in link.calls if call.args == ("ord_1",)]

    assert of_first(alone) == of_first(crowded)


def test_each_method_has_its_own_latencies() -> None:
    link = LinkFixture(latency=LATENCY)

    for number in range(10):
        link.charge(f"ord_{number}")
        link.world.run(link.port.refund(f"ord_{number}"))

    times = [call.ended_us - call.started_us for call in link.calls]
    assert times[::2] != times[1::2]


def test_without_a_latency_no_time_passes() -> None:
    link = LinkFixture()

    assert link.charge("ord_1", amount=3) == "ord_1 charged 3"
    assert link.world.now_us == 0


@pytest.mark.parametrize(
    "percentiles",
    [
        (),
        ((0, 1),),
        ((0, 1), (99, 5)),
        ((1, 1), (100, 5)),
        ((0, 1), (60, 2), (50, 3), (100, 5)),
        ((0, 1), (50, 2), (50, 3), (100, 5)),
        ((0, -1), (100, 5)),
        ((0, 6), (100, 5)),
    ],
    ids=str,
)
def test_percentiles_that_cannot_be_are_refused(percentiles: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(InvalidPolicy, match=r"percentiles rise from 0 to 100|latencies .* rise|whole number from 0"):
        Latency(percentiles)


# The trace.


def test_each_call_is_written_down_as_it_was_seen() -> None:
    link = LinkFixture(latency=Latency(((0, 250), (100, 250))))
    link.world.run_for(10)

    link.charge("ord_1", amount=3)

    assert link.calls == [Call(10_000_000, 10_250_000, "till", "charge", ("ord_1",), {"amount": 3}, "ok")]


@pytest.mark.parametrize(
    "error", [PaymentDeclined("card_declined"), CallRejected("no such payment"), OutcomeUnknown("500")]
)
def test_an_answer_that_is_an_error_passes_and_is_written_down(error: Exception) -> None:
    link = LinkFixture()
    link.till.answer = error

    with pytest.raises(type(error)) as raised:
        link.charge()

    assert raised.value is error
    assert [call.outcome for call in link.calls] == [type(error).__name__]


def test_a_mistake_in_the_code_is_not_written_down_as_ok() -> None:
    link = LinkFixture()
    link.till.answer = ZeroDivisionError("a mistake")

    with pytest.raises(ZeroDivisionError):
        link.charge()

    assert [call.outcome for call in link.calls] == ["ZeroDivisionError"]


def test_calls_are_written_down_in_the_order_in_which_they_end() -> None:
    link = LinkFixture()
    link.world.start(link.port.slow_charge("ord_1"))
    link.world.start(link.port.charge("ord_2"))

    link.world.run_for(10)

    assert [(call.args[0], call.ended_us) for call in link.calls] == [("ord_2", 0), ("ord_1", 5_000_000)]
