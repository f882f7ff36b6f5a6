"""Webhooks of one renewal that is dunned in any order, each twice: a sample here, all by `make events-all`."""

from __future__ import annotations

import pytest

from simulations.search.confluence import study, the_one_end
from simulations.search.event_orders import sample
from simulations.subscriptions.invoice_event_orders import EndState, end_of

REPLAY = "payflows webhooks renewal"


@pytest.fixture(scope="module")
def end() -> EndState:
    return end_of("1122334455")


def test_a_sample_of_all_orders_ends_alike(end: EndState) -> None:
    ends = study(("5544332211", "4433221155", *sample(60, seed=1)), end_of, replay=REPLAY)

    assert the_one_end(ends, replay=REPLAY) == end
    assert ends[end].orders == 62


def test_in_the_end_everything_has_happened_once(end: EndState) -> None:
    assert end.subscription == ("active", "paid")
    assert end.charges == (2, 3)
    assert len(end.episodes) == 1
    assert end.episodes[0].startswith("recovered [(3, 'declined', ")
    assert [text.split()[0] for text in end.business_events].count("subscription.dunning_started") == 1
    assert [mail.split()[0] for mail in end.mails].count("subscription_payment_reminder") == 3
    assert {times for _, times in end.effects} == {1}
    assert dict(end.webhooks)["processed"] >= 1
    assert dict(end.webhooks)["pending"] == 0
