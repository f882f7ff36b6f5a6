"""A plan is one line, and that line is the plan; what is no plan is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payflows.errors import InvalidPolicy
from simulations.search.kinds import KINDS
from simulations.search.plan import NO_FAULTS, Fault, Plan, read, written
from simulations.search.universe import MAX_CALLS

kinds = st.sampled_from([(name, seconds) for name, kind in KINDS.items() for seconds in kind.lengths_seconds])
calls = st.sets(st.integers(1, MAX_CALLS), max_size=4).map(sorted)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    return tuple(Fault(call, *draw(kinds)) for call in draw(calls))


@given(plans())
def test_what_is_written_is_read_again(plan: Plan) -> None:
    assert read(written(plan)) == plan


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_written_and_read(kind: str) -> None:
    plan = tuple(Fault(call, kind, seconds) for call, seconds in enumerate(KINDS[kind].lengths_seconds, start=1))

    assert read(written(plan)) == plan


def test_a_plan_reads_like_what_happens() -> None:
    plan = (Fault(17, "answer_lost"), Fault(25, "outage", 4_000))

    assert written(plan) == "17:answer_lost+25:outage/4000"
    assert written(NO_FAULTS) == "calm"
    assert read("calm") == NO_FAULTS


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "Calm",
        "17",
        "17:",
        ":reset",
        "0:reset",
        "-1:reset",
        "017:reset",
        "1e3:reset",
        "17:Reset",
        "17:reset/",
        "17:reset/0",
        "17:reset/-5",
        "17:reset/1.5",
        "17:reset ",
        "17:reset+",
        "17:reset++18:reset",
        "calm+17:reset",
        "\u0661\u0667:reset",
        "9999999:reset",
        "17:" + "a" * 41,
        "17:reset\n",
    ],
)
def test_what_is_not_written_like_a_plan_is_refused(text: str) -> None:
    with pytest.raises(InvalidPolicy, match="a plan is written like"):
        read(text)


@pytest.mark.parametrize("text", ["17:reset+17:reset", "18:reset+17:reset", "3:outage/1200+5:reset+4:reset"])
def test_two_faults_never_strike_one_call_and_come_in_their_order(text: str) -> None:
    with pytest.raises(InvalidPolicy, match="one call each, in rising order"):
        read(text)


@given(st.text(max_size=30))
def test_any_text_is_a_plan_or_refused(text: str) -> None:
    try:
        plan = read(text)
    except InvalidPolicy:
        return

    assert written(plan) == text
