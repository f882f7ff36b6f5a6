"""Vendors: who sells on the platform, each with an account at Stripe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from payflows.kernel.aggregate import Aggregate
from payflows.marketplace.connect import BusinessType, CapabilityStatus, Requirements, StripeAccount

LOOK_DAYS_WHEN_ACTIVE = 7
"""Between two looks at the account of a vendor whom we pay nothing out: Stripe gives a webhook up after three days."""


class VendorStatus(StrEnum):
    """Where a vendor stands."""

    CREATING = "creating"
    ONBOARDING = "onboarding"
    ACTIVE = "active"
    RESTRICTED = "restricted"
    CLOSED = "closed"

    @property
    def may_sell(self) -> bool:
        """Whether a share may be sent to such a vendor."""
        return self is VendorStatus.ACTIVE


_S = VendorStatus

VENDOR_TRANSITIONS: Mapping[VendorStatus, Mapping[VendorStatus, str]] = {
    _S.CREATING: {_S.ONBOARDING: "the account is made", _S.CLOSED: "Stripe refuses the account"},
    _S.ONBOARDING: {
        _S.ACTIVE: "Stripe's form is filled in",
        _S.RESTRICTED: "something is past due",
        _S.CLOSED: "rejected or closed",
    },
    _S.ACTIVE: {_S.RESTRICTED: "something is past due", _S.CLOSED: "rejected or closed"},
    _S.RESTRICTED: {_S.ACTIVE: "it was given", _S.CLOSED: "rejected or closed"},
    _S.CLOSED: {},
}
"""From, to and when."""


@dataclass(frozen=True, kw_only=True)  # without slots, so that `evolve` can copy it
class Vendor(Aggregate):
    """A vendor as stored.

    Attributes:
        status: where the vendor stands.
        merchant_id: on whose platform.
        vendor_id: the caller's own id.
        email: where Stripe and we write to.
        country: by its two letters.
        business_type: what the vendor is.
        account_id: theirs at Stripe, once it is stored.
        currency: in which their account is paid out.
        transfers: whether a share may be sent, as last seen.
        payouts_enabled: whether the balance may be paid out, as last seen.
        requirements: what Stripe wants to know, as last seen.
        key_generation: part of every idempotency key.
        asked_at: when the account was asked for; None: it was not, or it is known what came of that.
        next_payout_at: when the balance is paid out next; None: never.
        below_minimum_since: since when money waits that is too little for a payout; None: it does not.
        payout_number: how many payouts were begun.
        open_payout_id: the payout that is under way.
    """

    status: VendorStatus
    merchant_id: str
    vendor_id: str
    email: str
    country: str
    business_type: BusinessType
    account_id: str | None = None
    currency: str | None = None
    transfers: CapabilityStatus = CapabilityStatus.UNREQUESTED
    payouts_enabled: bool = False
    requirements: Requirements = Requirements()
    key_generation: int = 1
    asked_at: datetime | None = None
    next_payout_at: datetime | None = None
    below_minimum_since: datetime | None = None
    payout_number: int = 0
    open_payout_id: str | None = None

    def next_due(self) -> datetime | None:
        """Return when the account is to be made, or looked at, or the balance paid out."""
        if self.status in (VendorStatus.CREATING, VendorStatus.ONBOARDING, VendorStatus.RESTRICTED):
            return self.changed_at
        if self.status is VendorStatus.CLOSED or self.open_payout_id is not None:
            return None
        return self.next_payout_at or self.changed_at + timedelta(days=LOOK_DAYS_WHEN_ACTIVE)

    def references(self) -> tuple[str, ...]:
        """Return the account by which the vendor is found."""
        return () if self.account_id is None else (self.account_id,)

    def key(self, step: str) -> str:
        """Return the idempotency key of a step."""
        return f"{self.id}:{step}:{self.key_generation}"

    def stored_account_id(self) -> str:
        """Return the account's id, which was read back from the store."""
        assert self.account_id is not None, "there is no account yet"
        return self.account_id

    def mail_address(self) -> str:
        """Return theirs."""
        return self.email

    def __repr__(self) -> str:
        return f"Vendor(id={self.id!r}, status={self.status.value!r}, account_id={self.account_id!r})"


def status_of(account: StripeAccount) -> VendorStatus:
    """Return where a vendor stands whose account reads so."""
    if account.is_rejected:
        return VendorStatus.CLOSED
    if account.transfers is CapabilityStatus.ACTIVE:
        return VendorStatus.ACTIVE
    return VendorStatus.RESTRICTED if account.details_submitted else VendorStatus.ONBOARDING
