"""Policies and parts of a shop that are set to what they cannot be."""

from __future__ import annotations

from payflows.checkout.inmemory.carrier import InMemoryCarrier
from payflows.checkout.inmemory.inventory import InMemoryInventory
from payflows.checkout.policy import CheckoutPolicy
from payflows.errors import InvalidPolicy
from payflows.kernel.retry import RetryPolicy
from payflows.kernel.runner import AsyncioRunner
from tests.bad_input.rows import rows, set_to

HALF = 0.5

SETTINGS = rows(
    "settings",
    InvalidPolicy,
    {
        "shelf with negative stock": lambda shop: InMemoryInventory({"mug": -1}, clock=shop.world),
        "shelf with half a mug": lambda shop: InMemoryInventory({"mug": HALF}, clock=shop.world),  # type: ignore[dict-item]
        "carrier with negative pickup": lambda shop: InMemoryCarrier(clock=shop.world, pickup_seconds=-1),
        "carrier with half a second": lambda shop: InMemoryCarrier(clock=shop.world, transit_seconds=HALF),  # type: ignore[arg-type]
        "capture by another name": set_to(CheckoutPolicy, capture="manual"),
        "no cards to try": set_to(CheckoutPolicy, max_tries=0),
        "eleven cards to try": set_to(CheckoutPolicy, max_tries=11),
        "tries bool": set_to(CheckoutPolicy, max_tries=True),
        "deadline of a second": set_to(CheckoutPolicy, deadline_seconds=1),
        "hold without end": set_to(CheckoutPolicy, hold_seconds=86_401),
        "lease of no time": set_to(CheckoutPolicy, lease_seconds=0),
        "no look at pending payments": set_to(CheckoutPolicy, pending_look_seconds=0),
        "review without delay": set_to(CheckoutPolicy, review_after_seconds=0),
        "no tries": set_to(RetryPolicy, inline_tries=0),
        "waits longer than a day": set_to(RetryPolicy, max_delay_seconds=86_401),
        "waits longer than the promise": lambda _: CheckoutPolicy(retry=RetryPolicy(max_delay_seconds=301)),
        "orders given up for lost answers": lambda _: CheckoutPolicy(retry=RetryPolicy(max_retries=9)),
        "last wait before the first": set_to(RetryPolicy, max_retries=-1),
        "waits that shrink": set_to(RetryPolicy, first_delay_seconds=20, max_delay_seconds=5),
        "factor half": set_to(RetryPolicy, factor=HALF),
        "runner without workers": set_to(AsyncioRunner, max_concurrent=0),
    },
)
