"""What is held, brought and mailed is what was bought, and for whoever bought it (I12, I16, I27); and keys (I3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from payflows.checkout.goods import HoldStatus, Quantity
from payflows.checkout.messages import ORDERS
from payflows.checkout.model import Order, Reason

from simulations.search.breach import Breach

if TYPE_CHECKING:
    from simulations.checkout.shop import Shop


def breaches(shop: Shop) -> Iterator[Breach]:
    """Yield a breach for each thing that is not as an order has it.

    Args:
        shop: at rest.
    """
    holds, shipments = shop.inventory.holds(), shop.carrier.shipments()
    orders = {order.id: order for order in shop.store.all(ORDERS)}
    for order in orders.values():
        hold, held = holds.get(order.id), shop.inventory.goods_of(order.id)
        is_spent_unheld = hold is None or (hold.status is HoldStatus.RELEASED and not held)
        if not is_spent_unheld and not _is_all_of(held, order):
            yield Breach("I12", order.id, f"{_written(held)} are held for {order.id}, which is {_bought(order)}")
        yield from _parcel(shop, order)
        shipment = shipments.get(order.id)
        if order.status.is_fulfilled and shipment is not None and order.tracking_number != shipment.tracking_number:
            text = f"{order.id} is tracked by {order.tracking_number}, and its parcel by {shipment.tracking_number}"
            yield Breach("I12", order.id, text)
    for key, mail in shop.mailer.sent.items():
        recipient = shop.mailer.recipients.get(key)
        if mail.subject in orders and recipient != orders[mail.subject].mail_address():
            yield Breach("I27", key, f"the mail {key} went to {recipient}, who did not buy {mail.subject}")
    for key in sorted(shop.stripe.misused_keys):
        yield Breach("I3", key, f"the key {key} was used for a second, other call")


def _parcel(shop: Shop, order: Order) -> Iterator[Breach]:
    address, parcel = order.purchase.address, shop.carrier.parcels.get(order.id)
    if order.reason is Reason.NOT_SHIPPABLE and shop.carrier.serves(address):
        yield Breach("I16", order.id, f"{order.id} is given up as not shippable, and the carrier has refused nothing")
    if parcel is None:
        return
    if not _is_all_of(parcel.goods, order):
        yield Breach("I12", order.id, f"{_written(parcel.goods)} are in the parcel of {order.id}: {_bought(order)}")
    if parcel.address != address:
        yield Breach("I12", order.id, f"the parcel of {order.id} goes to another address than its customer gave")


def _is_all_of(goods: tuple[Quantity, ...], order: Order) -> bool:
    return goods == order.purchase.price.goods or sorted(goods) == sorted(order.purchase.price.goods)


def _bought(order: Order) -> str:
    return _written(order.purchase.price.goods)


def _written(goods: tuple[Quantity, ...]) -> str:
    return " and ".join(f"{quantity} {product_id}" for product_id, quantity in goods) or "no goods"
