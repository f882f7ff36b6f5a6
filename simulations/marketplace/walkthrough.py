"""A marketplace's calls on stripe-mock: what a story asks of the simulated Stripe, asked of Stripe's own validator.

stripe-mock keeps no state, so a story happens on the simulated Stripe, and each of its calls is made once more, through
the official SDK, on the mock: it says whether Stripe would accept the request.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from payflows.checks import instance_of
from payflows.errors import CallRejected, UnreadableAnswer
from payflows.marketplace.messages import MOVEMENTS, PAYOUTS, SALES, VENDORS
from payflows.stripe.gateway import StripeGateway
from payflows.stripe.http import HttpCall
from payflows.testing.stripe_mock.mock import stripe_mock

from simulations.drawing.http_calls import http_calls
from simulations.marketplace.scripted_marketplace import ScriptedMarketplace
from simulations.network.link import Call

if TYPE_CHECKING:
    import pandas as pd

_REFLECTED = ("object", "status", "amount", "currency")


class Walkthrough:
    """A marketplace of which each call is repeated on stripe-mock.

    Args:
        marketplace: with which things happen.

    Attributes:
        calls: every HTTP call made on stripe-mock.
    """

    def __init__(self, marketplace: ScriptedMarketplace) -> None:
        instance_of("marketplace", marketplace, ScriptedMarketplace)
        self.calls: list[HttpCall] = []
        self._marketplace = marketplace
        self._seen = 0
        self._kinds: set[str] = set()

    async def sent(self) -> pd.DataFrame:
        """Repeat what was called since the last time, each sort of call once, and show what was sent.

        Ids are shown by what they stand for: those of Stripe's objects say nothing.
        """
        begun = len(self.calls)
        calls, self._seen = self._marketplace.calls[self._seen :], len(self._marketplace.calls)
        with stripe_mock("default") as mock:
            async with StripeGateway.on_mock(mock.url, on_call=self.calls.append) as gateway:
                for call in self._distinct(calls):
                    await _repeat(call, gateway)
        return http_calls(self.calls[begun:], owner_id="", names=self._names(), reflected=_REFLECTED)

    def _distinct(self, calls: Sequence[Call]) -> Iterator[Call]:
        for call in calls:
            names = [f"{name}={value}" for name, value in call.kwargs.items() if name != "key"]
            kind = f"{call.method} {call.args} {names}"
            if kind not in self._kinds:
                self._kinds.add(kind)
                yield call

    def _names(self) -> dict[str, str]:
        """What is shown for an id; the longer ids first, for some begin with others."""
        store = self._marketplace.store
        names: dict[str, str] = {}
        for vendor in store.all(VENDORS):
            names |= {vendor.id: f":{vendor.vendor_id}", vendor.account_id or "": f":account of {vendor.vendor_id}"}
        for number, sale in enumerate(store.all(SALES), 1):
            names |= {
                sale.id: f":sale {number}",
                sale.charge.payment_id or "": f":payment {number}",
                sale.charge_id or "": f":charge {number}",
                sale.application_fee_id or "": f":fee {number}",
            }
            for part in sale.parts:
                names |= {transfer.id or "": f":transfer to {part.vendor_id}" for transfer in part.transfers}
        names |= {payout.stripe_payout_id or "": f":payout to {payout.vendor_id}" for payout in store.all(PAYOUTS)}
        names |= {each.stripe_id or "": f":{each.type}" for each in store.all(MOVEMENTS) if each.stripe_id not in names}
        names |= {case.id: ":dispute" for sale in store.all(SALES) for case in self._marketplace.disputes(sale)}
        return {id: names[id] for id in sorted(names, key=len, reverse=True) if id}


async def _repeat(call: Call, gateway: StripeGateway) -> None:
    """Make a call on stripe-mock. What it answers is about other objects, and of no account here."""
    side = gateway.connect if hasattr(gateway.connect, call.method) else gateway
    try:
        await getattr(side, call.method)(*call.args, **call.kwargs)
    except (CallRejected, UnreadableAnswer):
        return  # the status of the HTTP call says which
