"""The endpoint for Stripe's webhooks: each is proven, stored once and answered; the inbox works on it after."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from payflows.checks import aware, function, instance_of, whole_number
from payflows.clock import SECOND
from payflows.errors import InvalidInput, InvalidPolicy, InvalidWebhook, PortError
from payflows.kernel import log
from payflows.kernel.inbox import THREE_DAYS, Inbox, Webhook, ignored_key, subject_key
from payflows.kernel.queue_item import WebhookSubject
from payflows.kernel.retry import RetryPolicy
from payflows.stripe.webhooks.parsing import StripeEvent, read_event
from payflows.stripe.webhooks.response import IgnoredReason, ResponseCode, WebhookResponse
from payflows.stripe.webhooks.signature import EPOCH, Tolerance, WebhookSecret, check_signature

HasAccount = Callable[[str], Awaitable[bool]]
"""Whether a connected account belongs to a vendor of ours. May raise `PortError`."""

_ACCOUNT = re.compile(r"acct_[A-Za-z0-9]{1,250}")


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSettings:
    """Which webhooks are ours, and how patient we are with them.

    Attributes:
        secrets: the endpoint's, one; or two while it is rotated, in any order.
        account: the connected account whose webhooks we want; None: those of the endpoint's own account.
        age_seconds: how old a webhook may be when it comes in.
        ahead_seconds: how far Stripe's clock may be ahead of ours; as wide as the other way, for ours may be wrong.
        max_body_bytes: no larger body is read.
        retry: when one that could not be worked on, or whose subject is not known yet, is tried again.

    Raises:
        InvalidPolicy: a value outside its bounds.
    """

    secrets: tuple[WebhookSecret, ...]
    account: str | None = None
    age_seconds: int = 300
    ahead_seconds: int = 300
    max_body_bytes: int = 262_144
    retry: RetryPolicy = THREE_DAYS

    def __post_init__(self) -> None:
        if type(self.secrets) is not tuple or not all(isinstance(secret, WebhookSecret) for secret in self.secrets):
            raise InvalidPolicy(f"secrets must be a tuple of WebhookSecret, got {type(self.secrets).__name__}")
        if not 1 <= len({secret.signature(0, b"") for secret in self.secrets}) == len(self.secrets) <= 2:
            raise InvalidPolicy(f"secrets must be one, or two different ones, got {len(self.secrets)}")
        if self.account is not None and (type(self.account) is not str or not _ACCOUNT.fullmatch(self.account)):
            raise InvalidPolicy(f"account must be written like acct_1A2b, or be None, got {self.account!r}")
        instance_of("retry", self.retry, RetryPolicy)
        whole_number("age_seconds", self.age_seconds, least=1, most=3_600)
        whole_number("ahead_seconds", self.ahead_seconds, most=3_600)
        whole_number("max_body_bytes", self.max_body_bytes, least=1_024, most=4_194_304)


def read_webhook(raw_body: bytes, headers: Mapping[str, str], now: datetime, settings: WebhookSettings) -> StripeEvent:
    """Return the event that came, proven to be Stripe's; what costs least is checked first.

    Raises:
        InvalidWebhook: it is not proven, too old, or malformed; its text is a `ResponseCode`.
    """
    if len(raw_body) > settings.max_body_bytes:
        raise InvalidWebhook(ResponseCode.TOO_LARGE)
    tolerance = Tolerance(settings.age_seconds, settings.ahead_seconds)
    check_signature(raw_body, headers, now, secrets=settings.secrets, tolerance=tolerance)
    return read_event(raw_body)


class WebhookEndpoint:
    """Takes webhooks in.

    Args:
        inbox: stores them, and works on them.
        settings: which are ours.
        has_account: of an endpoint of connected accounts, whether one belongs to a vendor of ours; None: it is the
            endpoint of one account.
    """

    def __init__(self, inbox: Inbox, settings: WebhookSettings, has_account: HasAccount | None = None) -> None:
        instance_of("inbox", inbox, Inbox)
        instance_of("settings", settings, WebhookSettings)
        if has_account is not None:
            function("has_account", has_account)
        self._inbox = inbox
        self._settings = settings
        self._has_account = has_account

    async def receive(self, raw_body: bytes, headers: Mapping[str, str], now: datetime) -> WebhookResponse:
        """Prove, store and answer; the work is done after.

        Args:
            raw_body: the bytes as they came over HTTP: the signature is over them.
            headers: the request's, in any spelling of their names.
            now: the present, aware.

        Returns:
            What the sender is answered. Nothing that a sender writes is an error here.

        Raises:
            InvalidInput: the body was decoded, or the time is no aware datetime: that is the caller's mistake.
        """
        instance_of("raw_body", raw_body, bytes, error=InvalidInput)
        instance_of("headers", headers, Mapping, error=InvalidInput)
        aware("now", now, error=InvalidInput)
        try:
            event = read_webhook(raw_body, headers, now, self._settings)
        except InvalidWebhook as invalid:
            log.warning("a webhook was refused", reason=str(invalid))
            return WebhookResponse(ResponseCode(str(invalid)))
        return await self.receive_event(event, now)

    async def receive_event(self, event: StripeEvent, now: datetime) -> WebhookResponse:
        """Store and answer an event that is proven already: signatures and JSON are half of a webhook's cost."""
        try:
            ignored = self._reason_to_ignore(event) or await self._unknown_account(event)
            webhook = self._webhook_of(event, ignored, now)
            is_new = await self._inbox.take(webhook)
        except PortError:
            return WebhookResponse(ResponseCode.STORE_UNAVAILABLE)
        if not is_new:
            return WebhookResponse(ResponseCode.DUPLICATE)
        if ignored is not None:
            log.warning("a webhook is ignored", webhook=event.event_id, reason=ignored)
        return WebhookResponse(ResponseCode.STORED if ignored is None else ResponseCode.IGNORED, ignored)

    def _webhook_of(self, event: StripeEvent, ignored: IgnoredReason | None, now: datetime) -> Webhook:
        created_at = EPOCH + event.created_seconds * SECOND
        if ignored is not None or event.subject_kind is None or event.subject_id is None:
            key = ignored_key(event.event_id)
            return Webhook(key=key, owner="", at=now, type=event.type, created_at=created_at, ignored=ignored)
        subject = WebhookSubject(event.account or "", event.subject_kind, event.subject_id)
        owner = subject_key(subject)
        return Webhook(key=event.event_id, owner=owner, at=now, type=event.type, created_at=created_at, subject=subject)

    def _reason_to_ignore(self, event: StripeEvent) -> IgnoredReason | None:
        if event.livemode:
            return IgnoredReason.LIVEMODE
        is_of_another = event.account is None if self._has_account else event.account != self._settings.account
        if is_of_another:
            return IgnoredReason.OTHER_ACCOUNT
        if event.subject_kind is None:
            return IgnoredReason.UNWANTED_TYPE
        if not self._inbox.handles(event.subject_kind, is_connected=self._has_account is not None):
            return IgnoredReason.NO_BUSINESS
        return IgnoredReason.NO_SUBJECT if event.subject_id is None else None

    async def _unknown_account(self, event: StripeEvent) -> IgnoredReason | None:
        """Return why an event of a connected account is ignored: its account is no vendor's of ours."""
        if self._has_account is None or event.account is None or await self._has_account(event.account):
            return None
        return IgnoredReason.NO_VENDOR
