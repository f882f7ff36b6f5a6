"""A mailbox in memory that honours keys: the same mail twice is one mail."""

from __future__ import annotations

from collections.abc import Collection

from payflows.kernel.messages import Mail


class InMemoryMailer:
    """Keeps what it was asked to send."""

    def __init__(self) -> None:
        self.sent: dict[str, Mail] = {}

    async def send(self, mail: Mail, *, to: str) -> None:
        """Send it once per `mail.key`."""
        assert to, "a mail needs somebody to go to"
        self.sent.setdefault(mail.key, mail)

    def about(self, order_id: str) -> tuple[Mail, ...]:
        """The mails about one order, oldest first."""
        return tuple(mail for mail in self.sent.values() if mail.order_id == order_id)

    def archive(self, order_ids: Collection[str], into: InMemoryMailer) -> None:
        """Give another mailbox all mails about these orders."""
        for key in [key for key, mail in self.sent.items() if mail.order_id in order_ids]:
            into.sent[key] = self.sent.pop(key)
