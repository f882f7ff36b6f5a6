"""What may happen to vendors' accounts: made, asked, restricted, rejected, closed.

Sources: docs.stripe.com/connect/handling-api-verification, docs.stripe.com/connect/account-capabilities;
API reference, "The Account object" (`requirements`), "Create an account link".
"""

from __future__ import annotations

from functools import partial

from payflows.marketplace.connect import BusinessType, CapabilityStatus

from simulations.stripe.connect.accounts import CAPABILITIES, CURRENCY_OF, Capability, ConnectedAccount
from simulations.stripe.connect.announcing import ConnectedEvents
from simulations.stripe.connect.book import ConnectBook
from simulations.stripe.core.account import Account
from simulations.stripe.core.errors import InvalidRequest
from simulations.stripe.core.events import StripeObject
from simulations.stripe.core.ids import derived_id

_PAST_DUE = "requirements.past_due"


class Onboarding:
    """Moves accounts from restricted to enabled, and back.

    Args:
        account: the platform.
        book: where they are kept.
        events: announces what changes.
    """

    def __init__(self, account: Account, book: ConnectBook, events: ConnectedEvents) -> None:
        self._account = account
        self._book = book
        self._events = events

    def create(self, vendor_id: str, email: str, country: str, business_type: BusinessType) -> ConnectedAccount:
        """Make an account, which can do nothing until its owner has said who they are."""
        if country not in CURRENCY_OF:
            raise InvalidRequest(f"Country '{country}' is unknown. Try using a 2-character alphanumeric country code.")
        account_id = derived_id("acct", vendor_id, self._book.accounts_of_vendor(vendor_id))
        metadata, created = {"vendor_id": vendor_id}, self._account.seconds()
        account = ConnectedAccount(account_id, metadata, email, country, business_type, created)
        self._book.add_account(account)
        return account

    def submit(self, account: ConnectedAccount) -> None:
        """Say all that Stripe wants to know: what is due is met."""
        account.details_submitted = account.has_bank = True
        account.bank_refuses = False
        account.currently_due = account.past_due = ()
        account.current_deadline = None
        if account.disabled_reason == _PAST_DUE:
            account.disabled_reason = None
            self._set_all(account, CapabilityStatus.ACTIVE)
        self._updated(account)

    def require(self, account: ConnectedAccount, fields: tuple[str, ...], deadline: int) -> None:
        """Want to know something by a deadline; unmet then, it is past due."""
        account.currently_due = (*account.currently_due, *fields)
        account.current_deadline = deadline
        self._updated(account)
        self._account.at(deadline, partial(self._miss, account, fields))

    def _miss(self, account: ConnectedAccount, fields: tuple[str, ...]) -> None:
        missed = tuple(field for field in fields if field in account.currently_due)
        if not missed or account.is_closed:
            return
        account.past_due = (*account.past_due, *missed)
        account.disabled_reason = account.disabled_reason or _PAST_DUE
        self._set_all(account, CapabilityStatus.INACTIVE)
        self._updated(account)

    def set_capability(self, account: ConnectedAccount, name: str, status: CapabilityStatus) -> None:
        """Switch one capability, and no other."""
        self._set(account, name, status)
        self._updated(account)

    def reject(self, account: ConnectedAccount, reason: str) -> None:
        """Restrict it for good."""
        account.disabled_reason = f"rejected.{reason}"
        self._set_all(account, CapabilityStatus.INACTIVE)
        self._updated(account)

    def close(self, account: ConnectedAccount) -> None:
        """Take it away from the platform: from now on every call about it is refused."""
        account.is_closed = True
        self._events.announce(account, {"account.application.deauthorized": Deauthorised()})

    def _set_all(self, account: ConnectedAccount, status: CapabilityStatus) -> None:
        for name in CAPABILITIES:
            self._set(account, name, status)

    def _set(self, account: ConnectedAccount, name: str, status: CapabilityStatus) -> None:
        if account.capabilities[name] is not status:
            account.capabilities[name] = status
            self._events.announce(account, {"capability.updated": Capability(account, name)})

    def _updated(self, account: ConnectedAccount) -> None:
        changes: dict[str, StripeObject] = {"account.updated": account}
        self._events.announce(account, changes)


class Deauthorised:
    """The platform as an application of Stripe's, for the event that an account has left it."""

    id = "ca_simulated"

    def to_stripe(self) -> dict[str, object]:
        """Return the object as the API would answer it."""
        return {"id": self.id, "object": "application", "name": "payflows"}
