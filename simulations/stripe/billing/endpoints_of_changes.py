"""The HTTP endpoints of plan changes and their previews. What they do is in `api`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from payflows.subscriptions.billing import Items, ItemsChange

from simulations.stripe.billing.changing import Proration
from simulations.stripe.billing.endpoints import find_subscription, shown_subscription
from simulations.stripe.core.errors import InvalidRequest
from simulations.stripe.core.events import Json
from simulations.stripe.http.endpoints import EXPAND, Endpoint, Params, only, timestamp_of, whole_number_of
from simulations.stripe.simulated import SimulatedStripe

_ITEM = ("items[0][id]", "items[0][price]", "items[0][quantity]")
_METERED = ("items[1][id]", "items[1][price]", "items[1][deleted]")
_PREVIEWED, _PREVIEWED_METERED = (
    tuple("subscription_details[items]" + name.removeprefix("items") for name in names) for names in (_ITEM, _METERED)
)
_PREVIEWED_BEHAVIOUR = "subscription_details[proration_behavior]"
_PREVIEWED_DATE = "subscription_details[proration_date]"
_PAYMENT_BEHAVIOURS = ("allow_incomplete", "pending_if_incomplete")


def _change_items(stripe: SimulatedStripe, stripe_subscription_id: str, params: Params) -> Json:
    payment_behaviour = _one_of(params, "payment_behavior", _PAYMENT_BEHAVIOURS)
    stripe.billing.api.update_items(
        stripe_subscription_id,
        _change_in(params, _ITEM, _METERED),
        Proration(_one_of(params, "proration_behavior", [Proration.CREATE_PRORATIONS, *Proration])),
        timestamp_of(params, "proration_date") if "proration_date" in params else None,
        waits_for_payment=payment_behaviour == "pending_if_incomplete",
    )
    return shown_subscription(find_subscription(stripe, stripe_subscription_id), params)


def _preview(stripe: SimulatedStripe, _: str, params: Params) -> Json:
    only(params, _PREVIEWED_BEHAVIOUR, Proration.ALWAYS_INVOICE)
    change, at = _change_in(params, _PREVIEWED, _PREVIEWED_METERED), timestamp_of(params, _PREVIEWED_DATE)
    return stripe.billing.api.preview_invoice(params["subscription"], change, at).to_stripe()


def _change_in(params: Params, licensed: tuple[str, ...], metered: tuple[str, ...]) -> ItemsChange:
    item, price, quantity = licensed
    metered_item, metered_price, deleted = metered
    only(params, deleted, "true")
    if metered_item in params and (deleted in params) is (metered_price in params):
        raise InvalidRequest(f"Of {metered_item} the simulated Stripe takes either {metered_price} or {deleted}.")
    to = Items(params[price], whole_number_of(params, quantity, "1"), params.get(metered_price))
    return ItemsChange(params[item], params.get(metered_item), to)


def _one_of(params: Params, name: str, known: Sequence[str]) -> str:
    """Return the value of a parameter; the first that is known where there is none."""
    value = params.get(name, known[0])
    if value not in known:
        raise InvalidRequest(f"Invalid {name}: must be one of {', '.join(known)}", None, name)
    return value


ENDPOINTS: Mapping[str, Endpoint] = {
    "change_items": Endpoint(
        "POST",
        "/v1/subscriptions/{subscription_exposed_id}",
        _change_items,
        find_subscription,
        _ITEM[:2],
        (_ITEM[2], *_METERED, "proration_behavior", "proration_date", "payment_behavior", EXPAND),
        when=_ITEM[0],
    ),
    "preview_change": Endpoint(
        "POST",
        "/v1/invoices/create_preview",
        _preview,
        needs=("subscription", *_PREVIEWED[:2], _PREVIEWED_BEHAVIOUR, _PREVIEWED_DATE),
        may=(_PREVIEWED[2], *_PREVIEWED_METERED),
    ),
}
"""By the call of the gateway that makes the request."""
