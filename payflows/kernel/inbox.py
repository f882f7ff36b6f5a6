"""The way in for Stripe's webhooks: proven, stored once and answered at once; worked off after, by reading the payment.

Nothing that a webhook says is believed but which payment to look at. So one that is stale, repeated or out of its order
changes nothing, and none is needed to be the last one in.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from payflows.checks import whole_number
from payflows.clock import SECOND
from payflows.errors import (
    InvalidPolicy,
    InvalidState,
    InvalidWebhook,
    NotFound,
    PortError,
    VersionConflict,
)
from payflows.kernel.error_text import safe_error_text
from payflows.kernel.inbox_entry import Answer, IgnoredReason, ResponseCode, WebhookEntry, WebhookStatus
from payflows.kernel.retry import RetryPolicy
from payflows.kernel.store import WebhookStore
from payflows.stripe.webhooks.event_types import STRIPE_EVENT_TYPES
from payflows.stripe.webhooks.parsing import StripeEvent, read_event
from payflows.stripe.webhooks.signature import EPOCH, Tolerance, WebhookSecret, check_signature

OnPayment = Callable[[str], Awaitable[object]]
"""Looks at a payment, by its id, and lets what belongs to it go on."""

THREE_DAYS = RetryPolicy(first_delay_seconds=20, factor=2, max_delay_seconds=3_600, max_retries=79)
"""Hourly after the first one and a half hours, for as long as Stripe itself would go on sending."""

_ACCOUNT = re.compile(r"acct_[A-Za-z0-9]{1,250}")
_API_VERSION = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:\.[a-z]{1,40})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSettings:
    """Which webhooks are ours, and how patient we are with them.

    Attributes:
        secrets: the endpoint's, one; or two while it is changed, in any order.
        api_version: the one that our endpoint is set to, such as "2026-10-28.endive".
        account: the connected account whose webhooks we want; None: those of the endpoint's own account.
        age_seconds: how old a webhook may be when it comes in.
        ahead_seconds: how far Stripe's clock may be ahead of ours.
        max_body_bytes: no larger body is read.
        retry: when one that could not be worked off, or whose payment is not known yet, is tried again.

    Raises:
        InvalidPolicy: a value outside its bounds.
    """

    secrets: tuple[WebhookSecret, ...]
    api_version: str
    account: str | None = None
    age_seconds: int = 300
    ahead_seconds: int = 60
    max_body_bytes: int = 262_144
    retry: RetryPolicy = THREE_DAYS

    def __post_init__(self) -> None:
        if type(self.secrets) is not tuple or not all(isinstance(secret, WebhookSecret) for secret in self.secrets):
            raise InvalidPolicy(f"secrets must be a tuple of WebhookSecret, got {type(self.secrets).__name__}")
        if not 1 <= len({secret.signature(0, b"") for secret in self.secrets}) == len(self.secrets) <= 2:
            raise InvalidPolicy(f"secrets must be one, or two different ones, got {len(self.secrets)}")
        if type(self.api_version) is not str or not _API_VERSION.fullmatch(self.api_version):
            raise InvalidPolicy(f"api_version must be written like 2026-10-28.endive, got {self.api_version!r}")
        if self.account is not None and (type(self.account) is not str or not _ACCOUNT.fullmatch(self.account)):
            raise InvalidPolicy(f"account must be written like acct_1A2b, or be None, got {self.account!r}")
        if not isinstance(self.retry, RetryPolicy):
            raise InvalidPolicy(f"retry must be a RetryPolicy, got {self.retry!r}")
        whole_number("age_seconds", self.age_seconds, least=1, most=3_600)
        whole_number("ahead_seconds", self.ahead_seconds, most=3_600)
        whole_number("max_body_bytes", self.max_body_bytes, least=1_024, most=4_194_304)


def read_webhook(raw_body: bytes, headers: Mapping[str, str], now: datetime, settings: WebhookSettings) -> StripeEvent:
    """The event that came, proven to be Stripe's; what costs least is checked first.

    Raises:
        InvalidWebhook: it is not proven, too old, or malformed; its text is an `ResponseCode`.
    """
    if len(raw_body) > settings.max_body_bytes:
        raise InvalidWebhook(ResponseCode.TOO_LARGE)
    tolerance = Tolerance(settings.age_seconds, settings.ahead_seconds)
    check_signature(raw_body, headers, now, secrets=settings.secrets, tolerance=tolerance)
    return read_event(raw_body)


class Inbox:
    """Takes webhooks in, each once, and works them off one by one.

    Args:
        store: where they are durable before Stripe is told so.
        settings: which are ours.
        on_payment: looks at the payment of one; may be called again for the same, at any time, in any order. It
            raises `NotFound` where the payment is nobody's, or not yet.
    """

    name = "inbox"

    def __init__(self, *, store: WebhookStore, settings: WebhookSettings, on_payment: OnPayment) -> None:
        self._store = store
        self._settings = settings
        self._on_payment = on_payment

    # Taking in

    async def receive(self, raw_body: bytes, headers: Mapping[str, str], now: datetime) -> Answer:
        """Prove, store and answer; the work is done after.

        Args:
            raw_body: the bytes as they came over the wire: the signature is over them.
            headers: the request's, in any spelling of their names.
            now: the present, aware.

        Returns:
            What to tell the sender. Nothing that a sender writes is an error here.
        """
        try:
            event = read_webhook(raw_body, headers, now, self._settings)
        except InvalidWebhook as refusal:
            return Answer(ResponseCode(str(refusal)))
        return await self.receive_event(event, now)

    async def receive_event(self, event: StripeEvent, now: datetime) -> Answer:
        """Store and answer an event that is proven already.

        Args:
            event: as `read_webhook` returns it.
            now: the present, aware.
        """
        entry = self._entry_of(event, now)
        try:
            is_new = await self._store.add_webhook(entry)
        except PortError:
            return Answer(ResponseCode.STORE_UNAVAILABLE)
        if not is_new:
            return Answer(ResponseCode.DUPLICATE)
        return Answer(ResponseCode.IGNORED if entry.status is WebhookStatus.IGNORED else ResponseCode.STORED)

    def _entry_of(self, event: StripeEvent, now: datetime) -> WebhookEntry:
        reason = self._reason_to_ignore(event)
        return WebhookEntry(
            event_id=event.event_id,
            type=event.type,
            object_id=event.object_id,
            payment_id=event.payment_id,
            created_at=EPOCH + event.created_seconds * SECOND,
            received_at=now,
            status=WebhookStatus.IGNORED if reason else WebhookStatus.PENDING,
            due_at=None if reason else now,
            reason=reason,
        )

    def _reason_to_ignore(self, event: StripeEvent) -> IgnoredReason | None:
        if event.livemode:
            return IgnoredReason.LIVEMODE
        if event.account != self._settings.account:
            return IgnoredReason.OTHER_ACCOUNT
        if event.api_version != self._settings.api_version:
            return IgnoredReason.OTHER_API_VERSION
        if event.type not in STRIPE_EVENT_TYPES:
            return IgnoredReason.UNWANTED_TYPE
        return IgnoredReason.NO_PAYMENT if event.payment_id is None else None

    # Working off

    async def due_at(self) -> datetime | None:
        """When the next webhook is to be worked off; None: all are."""
        entry = await self._store.next_webhook()
        return entry.due_at if entry else None

    async def run_once(self, now: datetime) -> bool:
        """Work off the one that is due the longest. False: none is.

        It may be worked off twice, by two workers or around a crash: that does no harm, and only one of them stores
        what came of it. A crash, a cancelled task and a store in trouble leave it as it was, and due.
        """
        entry = await self._store.next_webhook()
        if entry is None or entry.due_at is None or entry.due_at > now:
            return False
        worked_off = await self._work_off(entry, now)
        try:
            await self._store.save_webhook(entry, worked_off)
        except VersionConflict:
            pass  # another worker was quicker; what it stored stands
        return True

    async def _work_off(self, entry: WebhookEntry, now: datetime) -> WebhookEntry:
        assert entry.payment_id is not None, "one that names no payment is never due"
        try:
            await self._on_payment(entry.payment_id)
        except NotFound:
            if self._settings.retry.gives_up_after(entry.waits):
                return entry.moved(WebhookStatus.IGNORED, waits=entry.waits, reason=IgnoredReason.UNKNOWN_OBJECT)
            return self._put_off(entry, now, WebhookStatus.UNMATCHED, IgnoredReason.UNKNOWN_OBJECT)
        except Exception as error:
            if self._settings.retry.gives_up_after(entry.waits):
                return entry.moved(WebhookStatus.DEAD, waits=entry.waits, reason=safe_error_text(error))
            return self._put_off(entry, now, WebhookStatus.WAITING, safe_error_text(error))
        return entry.moved(WebhookStatus.DONE, waits=entry.waits)

    def _put_off(self, entry: WebhookEntry, now: datetime, status: WebhookStatus, reason: str) -> WebhookEntry:
        due_at = now + self._settings.retry.delay_seconds(entry.waits) * SECOND
        return entry.moved(status, due_at=due_at, waits=entry.waits + 1, reason=reason)

    # Dead letters

    async def dead(self) -> tuple[WebhookEntry, ...]:
        """The webhooks that were given up, oldest first; each says what went wrong last."""
        return await self._store.webhooks(WebhookStatus.DEAD)

    async def entry(self, event_id: str) -> WebhookEntry:
        """One webhook, by its event id. Raises `NotFound`."""
        return await self._store.webhook(event_id)

    async def replay(self, event_id: str, now: datetime) -> WebhookEntry:
        """Have a dead one worked off again, with all its patience.

        Raises:
            NotFound: no such event came in.
            InvalidState: it is not dead.
            VersionConflict: somebody else replayed it in this moment.
        """
        entry = await self._store.webhook(event_id)
        if entry.status is not WebhookStatus.DEAD:
            raise InvalidState(f"only a dead webhook is replayed, and this one is {entry.status}")
        replayed = entry.moved(WebhookStatus.PENDING, due_at=now)
        await self._store.save_webhook(entry, replayed)
        return replayed

    async def replay_all(self, now: datetime) -> int:
        """Have all dead ones worked off again. Returns how many."""
        replayed = 0
        for entry in await self.dead():
            try:
                await self.replay(entry.event_id, now)
            except (InvalidState, VersionConflict):
                continue  # somebody else replayed it
            replayed += 1
        return replayed
