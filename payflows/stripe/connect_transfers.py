"""Vendors' shares on the official SDK: transfers, what is taken back of them, and the platform's fees."""

from __future__ import annotations

import stripe

from payflows.marketplace.connect import ApplicationFee, ApplicationFeeRefund, Transfer, TransferReversal
from payflows.money import Money
from payflows.stripe.calls import MAX_ON_A_PAGE, all_of, ask
from payflows.stripe.connect_mapping import ORDER, PURPOSE, fee_of, fee_refund_of, reversal_of, transfer_of
from payflows.stripe.errors import Asked


class StripeTransfers:
    """The part of a `MarketplaceGateway` that moves money between the platform and its vendors.

    Args:
        client: the gateway's, with its connections and its key.
    """

    def __init__(self, client: stripe.StripeClient) -> None:
        self._transfers = client.v1.transfers
        self._reversals = client.v1.transfers.reversals
        self._fees = client.v1.application_fees
        self._fee_refunds = client.v1.application_fees.refunds

    async def create_transfer(
        self,
        order_id: str,
        *,
        purpose: str,
        account_id: str,
        amount: Money,
        charge_id: str | None,
        transfer_group: str,
        key: str,
    ) -> Transfer:
        """Send a vendor a share."""
        wanted: stripe.params.TransferCreateParams = {
            "amount": amount.minor,
            "currency": amount.currency,
            "destination": account_id,
            "transfer_group": transfer_group,
            "metadata": {ORDER: order_id, PURPOSE: purpose},
        }
        if charge_id is not None:
            wanted["source_transaction"] = charge_id
        call = self._transfers.create_async(wanted, {"idempotency_key": key})
        return await ask(Asked("create_transfer", order_id), call, transfer_of)

    async def retrieve_transfer(self, transfer_id: str) -> Transfer:
        """Read a transfer."""
        call = self._transfers.retrieve_async(transfer_id)
        return await ask(Asked("retrieve_transfer", transfer_id), call, transfer_of)

    async def list_transfers(self, transfer_group: str) -> tuple[Transfer, ...]:
        """All transfers of a group; what is of another one is not believed."""
        call = self._transfers.list_async({"transfer_group": transfer_group, "limit": MAX_ON_A_PAGE})

        def of_the_group(found: list[stripe.Transfer]) -> tuple[Transfer, ...]:
            return tuple(transfer_of(one) for one in found if one.transfer_group == transfer_group)

        return await ask(Asked("list_transfers", transfer_group), all_of(call), of_the_group)

    async def reverse_transfer(self, transfer_id: str, *, purpose: str, amount: Money, key: str) -> TransferReversal:
        """Take a part of a transfer back."""
        call = self._reversals.create_async(
            transfer_id, {"amount": amount.minor, "metadata": {PURPOSE: purpose}}, {"idempotency_key": key}
        )
        return await ask(Asked("reverse_transfer", transfer_id), call, reversal_of)

    async def list_reversals(self, transfer_id: str) -> tuple[TransferReversal, ...]:
        """All reversals of a transfer; what is of another one is not believed."""
        call = self._reversals.list_async(transfer_id, {"limit": MAX_ON_A_PAGE})

        def of_the_transfer(found: list[stripe.TransferReversal]) -> tuple[TransferReversal, ...]:
            read = (reversal_of(one) for one in found)
            return tuple(reversal for reversal in read if reversal.transfer_id == transfer_id)

        return await ask(Asked("list_reversals", transfer_id), all_of(call), of_the_transfer)

    async def retrieve_application_fee(self, fee_id: str) -> ApplicationFee:
        """Read a fee."""
        return await ask(Asked("retrieve_application_fee", fee_id), self._fees.retrieve_async(fee_id), fee_of)

    async def refund_application_fee(
        self, fee_id: str, *, purpose: str, amount: Money, key: str
    ) -> ApplicationFeeRefund:
        """Give a part of a fee back."""
        call = self._fee_refunds.create_async(
            fee_id, {"amount": amount.minor, "metadata": {PURPOSE: purpose}}, {"idempotency_key": key}
        )
        return await ask(Asked("refund_application_fee", fee_id), call, fee_refund_of)

    async def list_application_fee_refunds(self, fee_id: str) -> tuple[ApplicationFeeRefund, ...]:
        """All refunds of a fee; what is of another one is not believed."""
        call = self._fee_refunds.list_async(fee_id, {"limit": MAX_ON_A_PAGE})

        def of_the_fee(found: list[stripe.ApplicationFeeRefund]) -> tuple[ApplicationFeeRefund, ...]:
            read = (fee_refund_of(one) for one in found)
            return tuple(refund for refund in read if refund.fee_id == fee_id)

        return await ask(Asked("list_application_fee_refunds", fee_id), all_of(call), of_the_fee)
