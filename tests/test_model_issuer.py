"""The issuer: causes in their shares, codes that say little, and when a card would pay."""

from __future__ import annotations

from collections import Counter
from math import exp, floor, log, sqrt

import pytest

from simulations.models import (
    NEVER,
    Cause,
    Code,
    DunningParameters,
    Schedule,
    case_of,
    cases_of,
    central_parameters,
    chance,
    follow_all,
    issuer,
    tables_of,
)
from simulations.models.chance import HORIZON_HOURS, hours_until_over, is_over, uniform
from tests.model_schedules import FOUR_IN_21_DAYS
from tests.model_tables import CENTRAL, IDLE, only, over_from

MIX_OF_2024 = central_parameters().with_mix_of_2024()


OWN_CODES: dict[Cause, tuple[float, set[Code]]] = {
    Cause.NSF: (0.5, {Code.INSUFFICIENT_FUNDS}),
    Cause.ISSUER_RISK: (0.5, {Code.TRY_AGAIN_LATER}),
    Cause.TRANSIENT: (0.5, {Code.PROCESSING_ERROR}),
    Cause.STALE_CARD: (0.5, {Code.EXPIRED_CARD}),
    Cause.DEAD_CARD: (0.25, {Code.LOST_CARD, Code.STOLEN_CARD}),
    Cause.AUTH_REQUIRED: (0.25, {Code.AUTHENTICATION_REQUIRED}),
    Cause.PROCESSOR_REFUSAL: (0.0, {Code.HIGHEST_RISK_LEVEL}),
}
"""By cause, the share of its declines that say nothing, and what the others say."""


@pytest.mark.parametrize("cause", Cause)
def test_half_of_the_soft_codes_say_nothing_and_a_quarter_of_the_hard(cause: Cause) -> None:
    opaque, own = OWN_CODES[cause]
    expected = {Code.GENERIC_DECLINE: opaque, **dict.fromkeys(own, (1 - opaque) / len(own))}

    codes = Counter(issuer.code_of(CENTRAL, case_of(2, subscriber, 0), cause) for subscriber in range(4_000))

    assert set(codes) == {code for code, share in expected.items() if share}
    assert all(abs(codes[code] / 4_000 - share) < 4 * sqrt(0.25 / 4_000) for code, share in expected.items())


@pytest.mark.parametrize("parameters", [central_parameters(), MIX_OF_2024])
def test_causes_come_in_the_shares_of_the_mix(parameters: DunningParameters) -> None:
    tables, cases = tables_of(parameters), [case_of(2, subscriber, 0) for subscriber in range(10_000)]

    causes = [issuer.cause_of(tables, case) for case in cases]
    codes = [issuer.code_of(tables, case, cause) for case, cause in zip(cases, causes, strict=True)]

    bound = 4 * sqrt(0.25 / len(cases))
    shares = [causes.count(cause) / len(cases) for cause in Cause]
    assert shares == pytest.approx(list(parameters.mix), abs=bound)
    generic = sum(share * opaque for share, opaque in zip(parameters.mix, tables.opaque, strict=True))
    assert codes.count(Code.GENERIC_DECLINE) / len(cases) == pytest.approx(generic, abs=bound)


def test_waits_are_those_of_the_formulas() -> None:
    parameters = central_parameters()
    for subscriber in range(3_000):
        drawn = uniform(case_of(5, subscriber, 0), chance.CURE_TIME, 0)
        slow = 1 + floor(-24 * parameters.risk_slow_days * log(1 - drawn))
        transient = 1 + floor(24 * 0.6 * (drawn / (1 - drawn)) ** 0.72)
        for curve, hours in ((CENTRAL.risk_slow_curve, slow), (CENTRAL.transient_curve, transient)):
            assert hours_until_over(curve, drawn) == (hours if hours <= HORIZON_HOURS else NEVER)
            assert not is_over(curve, drawn, hours - 1)
            assert is_over(curve, drawn, hours) is (hours <= HORIZON_HOURS)


def test_money_comes_on_paydays_and_is_gone_before_the_next() -> None:
    weekly = IDLE._replace(
        causes=only(Cause.NSF),
        pay_periods=(1.0, 1.0, 1.0, 1.0),
        nsf_chronic=0.0,
        nsf_cycle_ok=1.0,
        funds_curve=over_from(30),
    )
    for subscriber in range(50):
        case = case_of(1, subscriber, 0)
        hours = [hour for hour in range(720) if issuer.approves(weekly, case, Cause.NSF, hour)]
        paydays = [hour for hour in hours if hour - 1 not in hours]
        assert 1 <= paydays[0] <= 168
        assert hours == [hour for payday in paydays for hour in range(payday, min(payday + 30, 720))]
        assert paydays == list(range(paydays[0], 720, 168))


def test_recovery_of_exponential_cures_is_geometric() -> None:
    """Retries once a day find a share of what is left that is the same every day."""
    mean_days, cases = 4.0, 100_000
    curve = tuple(1 - exp(-hours / (24 * mean_days)) for hours in range(HORIZON_HOURS + 1))
    tables = IDLE._replace(causes=only(Cause.ISSUER_RISK), risk_cure=1.0, risk_fast_share=1.0, risk_fast_curve=curve)
    schedule = Schedule.from_days(range(1, 12), close=11)

    endings = follow_all(tables, cases_of(20_260_101, cases), schedule)

    for day in range(1, 12):
        share = (1 - exp(-1 / mean_days)) * exp(-(day - 1) / mean_days)
        found = (endings.is_recovered & (endings.hour == 24 * day)).mean()
        assert abs(found - share) < 4 * sqrt(share * (1 - share) / cases)


def test_the_processors_refusals_are_hard_and_visible() -> None:
    tables = tables_of(MIX_OF_2024)._replace(causes=only(Cause.PROCESSOR_REFUSAL))

    codes = {issuer.code_of(tables, case_of(1, subscriber, 0), Cause.PROCESSOR_REFUSAL) for subscriber in range(200)}

    assert codes == {Code.HIGHEST_RISK_LEVEL}
    assert not follow_all(tables, cases_of(1, 1_000), FOUR_IN_21_DAYS).attempts.any()
