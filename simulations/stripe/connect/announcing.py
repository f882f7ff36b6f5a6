"""Events of connected accounts: they go to another endpoint than the platform's own, and name their account.

Source: docs.stripe.com/connect/webhooks.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection

from simulations.stripe.connect.accounts import ConnectedAccount
from simulations.stripe.core.account import Account
from simulations.stripe.core.events import Changes, EventStream, Listener

OnEvent = Callable[[Listener, Collection[str] | None, bool], None]


class ConnectedEvents:
    """What happens on connected accounts: an `EventSource` for the Connect endpoint.

    Args:
        account: the platform.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._events = EventStream()

    @property
    def on_event(self) -> OnEvent:
        """Subscribes a listener to the events of some types, or to all, with or without their objects."""
        return self._events.subscribe

    @property
    def before_answers(self) -> Callable[[Callable[[], Awaitable[None]]], None]:
        """Does something after the work of every call and before its answer is sent."""
        return self._account.calls.before_answers

    def announce(self, account: ConnectedAccount, changes: Changes) -> None:
        """Announce what has changed on a connected account."""
        if self._events.has_listeners:
            self._events.publish(account, changes, created=self._account.seconds(), account=account.id)
