"""Vendors' accounts as Stripe keeps them. What may happen to one is in `onboarding`.

Source: Stripe API reference, "The Account object", "The Capability object";
docs.stripe.com/connect/account-capabilities.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from payflows.marketplace.connect import BusinessType, CapabilityStatus, Requirements, StripeAccount

from simulations.stripe.connect.payouts import Payout
from simulations.stripe.core.balance import BalanceBook
from simulations.stripe.core.events import Json

TRANSFERS, CARD_PAYMENTS = "transfers", "card_payments"
CAPABILITIES = (TRANSFERS, CARD_PAYMENTS)

FIRST_REQUIREMENTS = ("business_profile.url", "external_account", "representative.first_name", "tos_acceptance.date")
"""What Stripe wants to know of a new account."""

_COUNTRIES_OF = {
    "eur": "AT BE BG CY DE EE ES FI FR GR HR IE IT LT LU LV MT NL PT SI SK",
    **{"aed": "AE", "aud": "AU", "brl": "BR", "cad": "CA", "chf": "CH LI", "czk": "CZ", "dkk": "DK", "gbp": "GB GI"},
    **{"hkd": "HK", "huf": "HU", "jpy": "JP", "mxn": "MX", "myr": "MY", "nok": "NO", "nzd": "NZ", "pln": "PL"},
    **{"ron": "RO", "sek": "SE", "sgd": "SG", "thb": "TH", "tnd": "TN", "usd": "US"},
}
CURRENCY_OF = {country: currency for currency, countries in _COUNTRIES_OF.items() for country in countries.split()}
"""In which currency an account is paid out, by its country: the one that is used there."""


@dataclass(slots=True, eq=False)
class ConnectedAccount:
    """An express account: Stripe asks for what it must know, and the platform bears its losses.

    Attributes:
        currently_due: what Stripe wants to know by the deadline.
        past_due: what it wanted to know before.
        disabled_reason: why it is restricted.
        has_bank: payouts may go somewhere; after one that failed that is to be mended.
        bank_refuses: the bank sends every payout back.
        schedule: `manual`, or `daily`.
        debits_bank: what it owes may be taken from its owner's bank (`debit_negative_balances`).
        is_closed: it is gone, and every call about it is refused.
        owes_since: since when its balance is below 0, in Unix seconds, by currency.
        balance: its entries.
        payouts: oldest first.
    """

    id: str
    metadata: dict[str, str]
    email: str
    country: str
    business_type: BusinessType
    created: int
    currently_due: tuple[str, ...] = FIRST_REQUIREMENTS
    past_due: tuple[str, ...] = FIRST_REQUIREMENTS
    current_deadline: int | None = None
    disabled_reason: str | None = "requirements.past_due"
    details_submitted: bool = False
    capabilities: dict[str, CapabilityStatus] = field(
        default_factory=lambda: dict.fromkeys(CAPABILITIES, CapabilityStatus.INACTIVE)
    )
    has_bank: bool = False
    bank_refuses: bool = False
    schedule: str = "manual"
    debits_bank: bool = False
    is_closed: bool = False
    owes_since: dict[str, int] = field(default_factory=dict)
    balance: BalanceBook = field(default_factory=BalanceBook)
    payouts: list[Payout] = field(default_factory=list)
    event_count: int = 0

    @property
    def currency(self) -> str:
        """In which it is paid out."""
        return CURRENCY_OF[self.country]

    @property
    def charges_enabled(self) -> bool:
        """Whether it may take payments itself."""
        return self.capabilities[CARD_PAYMENTS] is CapabilityStatus.ACTIVE

    @property
    def takes_transfers(self) -> bool:
        """Whether it may be sent money."""
        return self.capabilities[TRANSFERS] is CapabilityStatus.ACTIVE

    @property
    def payouts_enabled(self) -> bool:
        """Whether it may be paid out."""
        return self.has_bank and self.details_submitted and self.disabled_reason is None

    def changed(self) -> None:
        """Nothing is derived from it."""

    def next_event_id(self) -> str:
        """Return the id of its next event."""
        self.event_count += 1
        return f"evt_{self.id.replace('_', '')}{self.event_count - 1:04d}"

    def as_account(self) -> StripeAccount:
        """Return the account as the port answers it."""
        deadline = None if self.current_deadline is None else datetime.fromtimestamp(self.current_deadline, UTC)
        return StripeAccount(
            id=self.id,
            vendor_id=self.metadata.get("vendor_id"),
            country=self.country,
            currency=self.currency,
            details_submitted=self.details_submitted,
            charges_enabled=self.charges_enabled,
            payouts_enabled=self.payouts_enabled,
            transfers=self.capabilities[TRANSFERS],
            card_payments=self.capabilities[CARD_PAYMENTS],
            requirements=Requirements(self.currently_due, self.past_due, deadline, self.disabled_reason),
            created_at=datetime.fromtimestamp(self.created, UTC),
        )

    def to_stripe(self) -> Json:
        """Return the object as the API would answer it."""
        schedule: Json = {"delay_days": 2, "interval": self.schedule}
        return {
            "id": self.id,
            "object": "account",
            "business_type": self.business_type.value,
            "capabilities": {name: status.value for name, status in self.capabilities.items()},
            "charges_enabled": self.charges_enabled,
            "controller": {
                "type": "application",
                "fees": {"payer": "application_express"},
                "is_controller": True,
                "losses": {"payments": "application"},
                "requirement_collection": "stripe",
                "stripe_dashboard": {"type": "express"},
            },
            "country": self.country,
            "created": self.created,
            "default_currency": self.currency,
            "details_submitted": self.details_submitted,
            "email": self.email,
            "metadata": dict(self.metadata),
            "payouts_enabled": self.payouts_enabled,
            "requirements": self._requirements(),
            "settings": {
                "branding": dict.fromkeys(("icon", "logo", "primary_color", "secondary_color")),
                "card_payments": {},
                "dashboard": {},
                "payments": {},
                "payouts": {"debit_negative_balances": self.debits_bank, "schedule": schedule},
            },
            "type": "express",
        }

    def _requirements(self) -> Json:
        return {
            "alternatives": [],
            "current_deadline": self.current_deadline,
            "currently_due": list(self.currently_due),
            "disabled_reason": self.disabled_reason,
            "errors": [],
            "eventually_due": list(self.currently_due),
            "past_due": list(self.past_due),
            "pending_verification": [],
        }


@dataclass(frozen=True, slots=True)
class Capability:
    """One capability of an account, for its events."""

    account: ConnectedAccount
    name: str

    @property
    def id(self) -> str:
        """Stripe names it, and gives it no number."""
        return self.name

    def to_stripe(self) -> Json:
        """Return the object as the API would answer it."""
        return {
            "id": self.name,
            "object": "capability",
            "account": self.account.id,
            "requested": True,
            "requested_at": self.account.created,
            "status": self.account.capabilities[self.name].value,
        }
