"""Evidence against disputes: given once, before its deadline, even where calls are lost."""

from __future__ import annotations

import pytest

from payflows.errors import InvalidSale, InvalidState, NotFound
from payflows.marketplace.dispute_case import CaseStatus
from payflows.parties import Merchant
from simulations.marketplace.scripted_marketplace import PLATFORM, ScriptedMarketplace
from tests.marketplace_sales import ALONE, LOST_CALLS, disputed, sold, usd


@pytest.fixture
def marketplace(marketplace: ScriptedMarketplace) -> ScriptedMarketplace:
    """Its balance does not run short, but where a test takes it away."""
    marketplace.top_up(usd(50_000))
    return marketplace


def test_evidence_is_given_once_and_before_it_is_due(marketplace: ScriptedMarketplace) -> None:
    sale = sold(marketplace, ALONE)
    case = disputed(marketplace, sale)
    evidence = {"product_description": "A mug, sent on 5 January."}

    for _ in range(2):
        case = marketplace.world.run(marketplace.flow.submit_evidence(PLATFORM, case.id, evidence))

    assert case.is_submitted
    assert [call.method for call in marketplace.calls].count("submit_evidence") == 1
    with pytest.raises(InvalidState, match="one try"):
        marketplace.world.run(marketplace.flow.submit_evidence(PLATFORM, case.id, {"product_description": "No."}))
    marketplace.pass_time(days=10)
    assert marketplace.disputes(sale)[0].status is CaseStatus.OPEN


@LOST_CALLS
def test_evidence_whose_answer_is_lost_is_given_all_the_same(marketplace: ScriptedMarketplace, lost: str) -> None:
    sale = sold(marketplace, ALONE)
    case = disputed(marketplace, sale)
    getattr(marketplace.stripe, lost)("submit_evidence", times=5)

    marketplace.world.run(marketplace.flow.submit_evidence(PLATFORM, case.id, {"product_description": "A mug."}))
    marketplace.pass_time(hours=1)

    assert marketplace.disputes(sale)[0].is_submitted
    assert marketplace.world.run(marketplace.stripe.retrieve_dispute(case.id)).submissions == 1


def test_without_evidence_it_is_lost_at_its_deadline_though_no_notice_comes(marketplace: ScriptedMarketplace) -> None:
    sale = sold(marketplace, ALONE)
    disputed(marketplace, sale)

    marketplace.pass_time(days=11)

    assert marketplace.disputes(sale)[0].status is CaseStatus.LOST


def test_evidence_that_comes_too_late_is_refused_and_the_dispute_followed_on(marketplace: ScriptedMarketplace) -> None:
    """What the bank refuses must not stand in the way of the next look."""
    sale = sold(marketplace, ALONE)
    case = disputed(marketplace, sale)
    marketplace.stripe.close_dispute(sale.charge.stored_payment_id(), won=False)

    after = marketplace.world.run(
        marketplace.flow.submit_evidence(PLATFORM, case.id, {"product_description": "A mug."})
    )

    assert (after.status, after.is_submitted, after.review) == (CaseStatus.LOST, False, None)
    with pytest.raises(InvalidState, match="not wanted"):
        marketplace.world.run(marketplace.flow.submit_evidence(PLATFORM, case.id, {"product_description": "A mug."}))


@pytest.mark.parametrize("evidence", [{}, {"product_description": ""}, {"a": 1}, {1: "a"}, "a mug"])
def test_what_is_no_evidence_is_refused_before_a_call(marketplace: ScriptedMarketplace, evidence: object) -> None:
    sale = sold(marketplace, ALONE)
    case, calls = disputed(marketplace, sale), len(marketplace.calls)

    with pytest.raises(InvalidSale):
        marketplace.world.run(marketplace.flow.submit_evidence(PLATFORM, case.id, evidence))  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        marketplace.world.run(
            marketplace.flow.submit_evidence(Merchant(id="mer_other"), case.id, {"product_description": "A mug."})
        )

    assert (len(marketplace.calls), marketplace.disputes(sale)) == (calls, [case])
