"""What can be read of a merchant in a story: what is stored, announced, mailed, and called. The verbs are elsewhere."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from payflows.app import App
from payflows.checks import instance_of
from payflows.kernel.changes import OUTBOX
from payflows.kernel.messages import BusinessEvent
from payflows.store.mailbox import InMemoryMailer
from payflows.store.memory import InMemoryStore
from payflows.subscriptions.access import Access
from payflows.subscriptions.invoice import Invoice
from payflows.subscriptions.messages import INVOICES, SUBSCRIPTIONS, EventType, MailKind
from payflows.subscriptions.model import Subscription
from payflows.subscriptions.usage import USAGE, Usage

from simulations.network.link import Call
from simulations.time.world import World

if TYPE_CHECKING:
    import pandas as pd


class ReadableMerchant:
    """A merchant whose subscriptions can be looked at: how they stand, and how they came there.

    Attributes:
        world: virtual time.
        app: what runs.
        store: what is stored.
        mailer: what was mailed.
        calls: every call of Stripe.
    """

    world: World
    app: App
    store: InMemoryStore
    mailer: InMemoryMailer
    calls: list[Call]
    _start: datetime

    def now(self, subscription: Subscription) -> Subscription:
        """The subscription as it is stored now."""
        instance_of("subscription", subscription, Subscription)
        return self.world.run(self.store.get(SUBSCRIPTIONS, subscription.id))

    def invoices(self, subscription: Subscription) -> list[Invoice]:
        """Its invoices as they are stored now, oldest first."""
        instance_of("subscription", subscription, Subscription)
        return [each for each in self.store.all(INVOICES) if each.subscription_id == subscription.id]

    def usage(self, subscription: Subscription) -> list[Usage]:
        """What of it was used, as it is stored now, oldest first."""
        instance_of("subscription", subscription, Subscription)
        return [each for each in self.store.all(USAGE) if each.subscription_id == subscription.id]

    def access(self, subscription: Subscription) -> Access:
        """What its customer may use now."""
        return self.now(subscription).access

    def path(self, subscription: Subscription) -> list[str]:
        """The statuses that it went through."""
        instance_of("subscription", subscription, Subscription)
        return [logged.after.value for logged in self.store.transitions(SUBSCRIPTIONS, subscription.id)]

    def events(self, subscription: Subscription) -> list[EventType]:
        """The business events about it, in their order."""
        instance_of("subscription", subscription, Subscription)
        messages = [item.content for item in self.store.all_items(OUTBOX)]
        events = [message for message in messages if isinstance(message, BusinessEvent)]
        return [EventType(event.type) for event in events if event.subject == subscription.id]

    def mails(self, subscription: Subscription) -> list[MailKind]:
        """The mails that its customer got about it and its invoices."""
        instance_of("subscription", subscription, Subscription)
        subjects = (subscription.id, *(invoice.id for invoice in self.invoices(subscription)))
        self.world.run(self.app.outbox.deliver())
        return [MailKind(mail.kind) for mail in self.mailer.sent.values() if mail.subject in subjects]

    def timeline(self, subscription: Subscription) -> pd.DataFrame:
        """Every status that it entered: when, and why."""
        instance_of("subscription", subscription, Subscription)
        import pandas as pd

        log = self.store.transitions(SUBSCRIPTIONS, subscription.id)
        return pd.DataFrame(
            {
                "at": f"{logged.at:%Y-%m-%d %H:%M}",
                "from": logged.before or "",
                "to": logged.after,
                "reason": logged.cause or "",
            }
            for logged in log
        )

    def calls_of(self, subscription: Subscription) -> pd.DataFrame:
        """Every call of Stripe that was made for it and its invoices: when, and how it ended."""
        import pandas as pd

        now, invoices = self.now(subscription), self.invoices(subscription)
        payments = [invoice.charge.payment_id for invoice in invoices if invoice.charge is not None]
        about = {now.id, now.stripe_id, now.setup_id, *(invoice.id for invoice in invoices), *payments}
        return pd.DataFrame(
            {
                "at": f"{self._start + timedelta(microseconds=call.started_us):%Y-%m-%d %H:%M}",
                "call": call.method,
                "outcome": call.outcome,
            }
            for call in self.calls
            if call.args[0] in about or call.kwargs.get("subscription_id") == now.id
        )
