"""An app takes the webhooks that its businesses are about; those of what else the account sells are ignored."""

from __future__ import annotations

import pytest

from payflows.app import App, build_app
from payflows.checkout.business import CheckoutSetup
from payflows.checkout.inmemory.carrier import InMemoryCarrier
from payflows.checkout.inmemory.inventory import InMemoryInventory
from payflows.store.memory import InMemoryStore
from payflows.stripe.webhooks.endpoint import WebhookSettings
from payflows.stripe.webhooks.event_types import OBJECT_OF
from payflows.stripe.webhooks.response import IgnoredReason, ResponseCode
from payflows.subscriptions.business import SubscriptionSetup
from simulations.checkout.scripted_shop import PRICES, STOCK
from simulations.stripe.simulated import SimulatedStripe
from simulations.subscriptions.catalogue import PLANS
from simulations.time.hand_clock import HandClock
from tests.webhook_posts import ABOUT, NOW, SECRET, SETTINGS, body_of, event, receive, signed

OBJECTS = ["payment_intent", "charge", "subscription", "invoice"]


def app_of(clock: HandClock, *, sells: bool, subscribes: bool) -> App:
    """A merchant with these businesses."""
    stripe = SimulatedStripe(clock)
    goods = CheckoutSetup(
        prices=PRICES, inventory=InMemoryInventory(STOCK, clock=clock), carrier=InMemoryCarrier(clock=clock)
    )
    return build_app(
        gateway=stripe,
        checkout=goods if sells else None,
        subscriptions=SubscriptionSetup(plans=PLANS, billing=stripe) if subscribes else None,
        webhooks=SETTINGS,
        store=InMemoryStore(),
        clock=clock,
    )


@pytest.mark.parametrize(
    ("sells", "subscribes", "ignored"),
    [(True, False, ["subscription", "invoice"]), (False, True, []), (True, True, [])],
    ids=["a-shop", "subscriptions", "both"],
)
def test_only_what_a_business_is_about_is_taken(sells: bool, subscribes: bool, ignored: list[str]) -> None:
    clock = HandClock(NOW)
    app, said = app_of(clock, sells=sells, subscribes=subscribes), {}
    assert app.webhooks is not None

    for number, kind in enumerate(OBJECTS):
        type_of_event = next(name for name, known in OBJECT_OF.items() if known == kind)
        raw_body = body_of(event(type_of_event, ABOUT[kind], id=f"evt_{number}"))
        said[kind] = clock.run(app.webhooks.receive(raw_body, signed(raw_body), NOW)).ignored

    assert said == {kind: IgnoredReason.NO_BUSINESS if kind in ignored else None for kind in OBJECTS}


def test_one_that_was_ignored_is_worked_on_when_it_is_sent_again_after_the_cause_was_mended() -> None:
    """Stripe's dashboard can send it again."""
    table = InMemoryStore()
    ours = WebhookSettings(secrets=(SECRET,), account="acct_1")
    body = body_of(event(account="acct_1"))

    wrongly_set = [receive(body, store=table).code for _ in range(2)]
    mended = [receive(body, store=table, settings=ours).code for _ in range(2)]

    assert wrongly_set == [ResponseCode.IGNORED, ResponseCode.DUPLICATE]
    assert mended == [ResponseCode.STORED, ResponseCode.DUPLICATE]
