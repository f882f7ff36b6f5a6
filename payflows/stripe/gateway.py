"""Stripe as the flows see it: the gateway on the official SDK, and its payments.

How a request travels is in `http`, how an answer is awaited in `calls`, what an object says in `mapping`, what a failed
call means in `errors`. Subscriptions and invoices are in `billing`, a marketplace's vendors in
`connect`.

Making a gateway switches two habits of the SDK off for the whole program, as it has no smaller switch: its
telemetry, which writes an id file below the home directory, and its debug log, which holds names and e-mails.
(Who sets `STRIPE_LOG=debug` asks for them: the SDK then prints them past its log.)
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from types import TracebackType
from urllib.parse import SplitResult, urlsplit

import httpx
import stripe

from payflows.checks import function, instance_of, positive
from payflows.errors import InvalidPolicy
from payflows.money import Money
from payflows.payments.model import CaptureMode, CustomerAction, Dispute, Payment, Refund
from payflows.stripe.billing import StripeBilling
from payflows.stripe.calls import MAX_ON_A_PAGE, all_of, ask, check_payment_method
from payflows.stripe.connect import StripeConnect
from payflows.stripe.errors import Asked, redact
from payflows.stripe.http import Deadline, HttpxClient, OnCall
from payflows.stripe.keys import ApiKey
from payflows.stripe.mapping import customer_action_of, dispute_of, order_id_of, payment_id_of, payment_of, refund_of

MOCK_KEY = "sk_test_payflows"
_EXPAND = ["latest_charge"]


class StripeGateway:
    """A `PaymentGateway` on Stripe's test mode or on stripe-mock.

    It repeats nothing: the flow's `RetryPolicy` does, under the same key. Use it as an async context manager,
    or `close` it in every event loop that called it.

    Args:
        key: a test key.
        base_url: https, or http on loopback; None for Stripe itself.
        http: the caller's own client, for one event loop and left open. It must keep apart a connection never
            made and an answer lost; see `HttpxClient`.
        timeout_seconds: the deadline of one call; past it the outcome is unknown.
        on_call: called after every HTTP call, for notebooks and demos.
        deadline: what ends a call; asyncio's, unless other time than asyncio's passes.

    Attributes:
        billing: subscriptions and invoices, over the same connections.
        connect: vendors' accounts, split payments, transfers and payouts, likewise.

    Raises:
        InvalidPolicy: an address or a time-out that is not allowed, or a part of another type.
    """

    def __init__(
        self,
        key: ApiKey,
        *,
        base_url: str | None = None,
        http: httpx.AsyncClient | None = None,
        timeout_seconds: float = 20,
        on_call: OnCall | None = None,
        deadline: Deadline = asyncio.timeout,
    ) -> None:
        instance_of("key", key, ApiKey)
        instance_of("base_url", base_url, str, None)
        instance_of("http", http, httpx.AsyncClient, None)
        positive("timeout_seconds", timeout_seconds, most=300)
        function("on_call", on_call, optional=True)
        function("deadline", deadline)
        address = _allowed(stripe.DEFAULT_API_BASE if base_url is None else base_url)
        _hush_the_sdk()
        self._host = address.netloc
        self._http = HttpxClient(
            http,
            timeout_seconds=timeout_seconds,
            trust_env=address.scheme == "https",  # no proxy stands between us and loopback
            on_call=on_call,
            deadline=deadline,
        )
        client = stripe.StripeClient(
            key.reveal(),
            base_addresses={"api": f"{address.scheme}://{address.netloc}"},
            http_client=self._http,
            max_network_retries=0,
        )
        self._payments = client.v1.payment_intents
        self._refunds = client.v1.refunds
        self._disputes = client.v1.disputes
        self.billing = StripeBilling(client)
        self.connect = StripeConnect(client)

    @classmethod
    def on_mock(cls, url: str, *, on_call: OnCall | None = None) -> StripeGateway:
        """A gateway on the stripe-mock at `url`."""
        return cls(ApiKey(MOCK_KEY), base_url=url, on_call=on_call)

    async def create_payment(
        self, order_id: str, *, amount: Money, capture: CaptureMode, stripe_customer_id: str | None, key: str
    ) -> Payment:
        """Make the order's payment intent, unconfirmed. Of the order Stripe learns the id and no more."""
        wanted: stripe.params.PaymentIntentCreateParams = {
            "amount": amount.minor,
            "currency": amount.currency,
            "capture_method": capture.value,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            "metadata": {"order_id": order_id},
            "expand": _EXPAND,
        }
        if stripe_customer_id is not None:
            wanted["customer"] = stripe_customer_id
        call = self._payments.create_async(wanted, {"idempotency_key": key})
        return await ask(Asked("create_payment", order_id), call, payment_of)

    async def confirm_payment(
        self, payment_id: str, *, payment_method: str, key: str, return_url: str | None = None
    ) -> Payment:
        """Try one card. Raises `PaymentDeclined` where the issuer says no."""
        check_payment_method(payment_method)
        wanted: stripe.params.PaymentIntentConfirmParams = {"payment_method": payment_method, "expand": _EXPAND}
        if return_url is not None:
            wanted["return_url"] = return_url
        call = self._payments.confirm_async(payment_id, wanted, {"idempotency_key": key})
        return await ask(Asked("confirm_payment", payment_id), call, payment_of)

    async def capture_payment(self, payment_id: str, *, key: str) -> Payment:
        """Take the whole of what was authorised."""
        call = self._payments.capture_async(payment_id, {"expand": _EXPAND}, {"idempotency_key": key})
        return await ask(Asked("capture_payment", payment_id), call, payment_of)

    async def cancel_payment(self, payment_id: str, *, key: str) -> Payment:
        """Cancel the intent. Refused once it has succeeded."""
        call = self._payments.cancel_async(payment_id, {"expand": _EXPAND}, {"idempotency_key": key})
        return await ask(Asked("cancel_payment", payment_id), call, payment_of)

    async def retrieve_payment(self, payment_id: str) -> Payment:
        """Read the payment by its stored id; trusted whatever its metadata say."""
        call = self._payments.retrieve_async(payment_id, {"expand": _EXPAND})
        return await ask(Asked("retrieve_payment", payment_id), call, payment_of)

    async def retrieve_customer_action(self, payment_id: str) -> CustomerAction | None:
        """Read what the customer's browser needs to answer the bank; None where the bank asks nothing."""
        call = self._payments.retrieve_async(payment_id)
        return await ask(Asked("retrieve_customer_action", payment_id), call, customer_action_of)

    async def search_payments(self, order_id: str) -> tuple[Payment, ...]:
        """Payments whose metadata name the order; what a search brings beside them is not believed."""
        call = self._payments.search_async(
            {
                "query": f"metadata['order_id']:'{_quoted(order_id)}'",
                "limit": MAX_ON_A_PAGE,
                "expand": [f"data.{field}" for field in _EXPAND],
            }
        )

        def ours(found: list[stripe.PaymentIntent]) -> tuple[Payment, ...]:
            return tuple(payment_of(intent) for intent in found if order_id_of(intent) == order_id)

        return await ask(Asked("search_payments", order_id), all_of(call), ours)

    async def refund_payment(self, payment_id: str, *, order_id: str, key: str) -> Refund:
        """Give back all that is left: without an amount Stripe refunds just that."""
        call = self._refunds.create_async(
            {"payment_intent": payment_id, "metadata": {"order_id": order_id}}, {"idempotency_key": key}
        )
        return await ask(Asked("refund_payment", payment_id), call, refund_of)

    async def list_refunds(self, payment_id: str, *, order_id: str) -> tuple[Refund, ...]:
        """Our refunds of the payment, newest first; those of the dashboard name no order."""
        call = self._refunds.list_async({"payment_intent": payment_id, "limit": MAX_ON_A_PAGE})

        def ours(found: list[stripe.Refund]) -> tuple[Refund, ...]:
            named = [one for one in found if (payment_id_of(one), order_id_of(one)) == (payment_id, order_id)]
            newest_first = sorted(named, key=lambda refund: refund.created, reverse=True)
            return tuple(refund_of(refund) for refund in newest_first)

        return await ask(Asked("list_refunds", payment_id), all_of(call), ours)

    async def list_disputes(self, payment_id: str) -> tuple[Dispute, ...]:
        """All disputes of the payment, newest first; what is of another one is not believed."""
        call = self._disputes.list_async({"payment_intent": payment_id, "limit": MAX_ON_A_PAGE})

        def of_the_payment(found: list[stripe.Dispute]) -> tuple[Dispute, ...]:
            named = [one for one in found if payment_id_of(one) == payment_id]
            newest_first = sorted(named, key=lambda dispute: dispute.created, reverse=True)
            return tuple(dispute_of(dispute) for dispute in newest_first)

        return await ask(Asked("list_disputes", payment_id), all_of(call), of_the_payment)

    async def close(self) -> None:
        """End the connections of the running event loop; a later call makes new ones."""
        await self._http.close_async()

    async def __aenter__(self) -> StripeGateway:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"StripeGateway({self._host})"


def _quoted(text: str) -> str:
    """As it stands between quotes in Stripe's search language."""
    return text.replace("\\", "\\\\").replace("'", "\\'")


def _allowed(base_url: str) -> SplitResult:
    """The address that may learn the key. A refusal repeats neither user name nor path, which may be secret."""
    try:
        address = urlsplit(base_url)
        bare = address.path in ("", "/") and not (address.query or address.fragment or "@" in address.netloc)
        private = address.scheme == "https" or _is_plain_loopback(address)
        if bare and private and address.hostname and address.port != 0:
            return address
        seen = f"{address.scheme}://{address.hostname}"
    except ValueError:  # such as a port that is no number
        seen = "no address at all"
    raise InvalidPolicy(f"base_url must be https://host, or http:// on loopback, without more; got {seen}")


def _is_plain_loopback(address: SplitResult) -> bool:
    host = address.hostname or ""
    return address.scheme == "http" and (host == "localhost" or ipaddress.ip_address(host).is_loopback)


def _hush_the_sdk() -> None:
    stripe.enable_telemetry = False
    logging.getLogger("stripe").addFilter(_without_bodies)  # adding it twice adds it once


def _without_bodies(record: logging.LogRecord) -> bool:
    record.msg = redact(str(record.msg))
    return record.levelno > logging.DEBUG
