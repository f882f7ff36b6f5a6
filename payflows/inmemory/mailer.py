"""A mailbox in memory that honours keys: the same mail twice is one mail."""

from __future__ import annotations

from payflows.events.model import Mail


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
