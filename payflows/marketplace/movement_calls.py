"""The calls of movements: how each is made under its key, and how it is found again by its purpose."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple

from payflows.kernel.calls import Calls
from payflows.marketplace.connect import ApplicationFeeRefund, SplitRefund, Transfer, TransferReversal
from payflows.marketplace.gateway import MarketplaceGateway
from payflows.marketplace.movement import Movement, MovementType
from payflows.marketplace.sale import Sale

Made = Transfer | TransferReversal | SplitRefund | ApplicationFeeRefund
"""What Stripe has made of a movement."""


class MovementCall(NamedTuple):
    """How a movement is made.

    Attributes:
        make: calls Stripe under the movement's key.
        find: lists what may have been made of it.
    """

    make: Callable[[], Coroutine[Any, Any, Made]]
    find: Callable[[], Coroutine[Any, Any, tuple[Made, ...]]]


class MovementCalls:
    """Makes movements at Stripe.

    Args:
        connect: Stripe Connect.
        calls: how it is called.
    """

    def __init__(self, connect: MarketplaceGateway, calls: Calls) -> None:
        self._connect = connect
        self._calls = calls

    def of(self, movement: Movement, sale: Sale) -> MovementCall:
        """Return how a movement is made, and found again."""
        match movement.type:
            case MovementType.SHARE | MovementType.SHARE_AGAIN | MovementType.DEBT_RETURN:
                return self._transfer(movement, sale)
            case MovementType.REFUND:
                return self._refund(movement, sale)
            case MovementType.REVERSAL:
                return self._reversal(movement, sale)
        return self._fee_return(movement)

    async def found(self, call: MovementCall, purpose: str, account_id: str) -> Made | None:
        """Return what was made for a purpose; None: nothing."""
        for made in await self._calls.call(call.find):
            is_of_vendor = not isinstance(made, Transfer) or made.account_id == account_id
            if made.purpose == purpose and is_of_vendor:
                return made
        return None

    def _transfer(self, movement: Movement, sale: Sale) -> MovementCall:
        connect = self._connect
        return MovementCall(
            lambda: connect.create_transfer(
                movement.sale_id,
                purpose=movement.purpose,
                account_id=movement.account_id,
                amount=movement.amount,
                charge_id=movement.source_id,
                transfer_group=movement.sale_id,
                key=movement.key,
            ),
            lambda: connect.list_transfers(movement.sale_id),
        )

    def _refund(self, movement: Movement, sale: Sale) -> MovementCall:
        connect, charge_id = self._connect, sale.charge_id
        assert charge_id is not None, "it was paid"
        return MovementCall(
            lambda: connect.refund_part(
                movement.stored_source_id(),
                order_id=movement.sale_id,
                purpose=movement.purpose,
                amount=movement.amount,
                reverse_transfer=False,
                refund_application_fee=False,
                key=movement.key,
            ),
            lambda: connect.list_split_refunds(charge_id),
        )

    def _reversal(self, movement: Movement, sale: Sale) -> MovementCall:
        connect = self._connect
        transfer_id = movement.source_id or sale.part_of(movement.vendor_id).transfers[0].id
        assert transfer_id is not None, "the share was sent"
        return MovementCall(
            lambda: connect.reverse_transfer(
                transfer_id, purpose=movement.purpose, amount=movement.amount, key=movement.key
            ),
            lambda: connect.list_reversals(transfer_id),
        )

    def _fee_return(self, movement: Movement) -> MovementCall:
        connect, fee_id = self._connect, movement.stored_source_id()
        return MovementCall(
            lambda: connect.refund_application_fee(
                fee_id, purpose=movement.purpose, amount=movement.amount, key=movement.key
            ),
            lambda: connect.list_application_fee_refunds(fee_id),
        )
