"""What a platform's intents and charges say of the vendors whose money they are. Who gets what is in `connect`."""

from __future__ import annotations

from typing import NamedTuple

from simulations.stripe.core.events import Json


class IntentSplit(NamedTuple):
    """Where an intent's money is to go.

    Attributes:
        destination: the account that gets all of it when it is captured (`transfer_data`).
        application_fee_amount: what comes back of that.
        transfer_group: joins it with its transfers.
    """

    destination: str | None = None
    application_fee_amount: int | None = None
    transfer_group: str | None = None

    def to_stripe(self) -> Json:
        """Return the fields that are set, as the API would answer them."""
        transfer_data = None if self.destination is None else {"destination": self.destination}
        return _set(self._asdict() | {"transfer_data": transfer_data, "destination": None})


class ChargeSplit(NamedTuple):
    """What a charge did to a platform's balance, and where its money went.

    Attributes:
        balance_transaction: what it did to the platform's balance.
        transfer: what of it went to a vendor.
        application_fee: what of that came back.
        transfer_group: joins it with its transfers.
    """

    balance_transaction: str | None = None
    transfer: str | None = None
    application_fee: str | None = None
    transfer_group: str | None = None

    def to_stripe(self) -> Json:
        """Return the fields that are set, as the API would answer them."""
        return _set(self._asdict())


ALL_KEPT, NOT_SETTLED = IntentSplit(), ChargeSplit()


def _set(fields: Json) -> Json:
    return {name: value for name, value in fields.items() if value is not None}
