"""A mailbox in memory that honours keys: the same mail twice is one mail."""

from __future__ import annotations

from payflows.kernel.messages import Mail


class InMemoryMailer:
    """Keeps what it was asked to send.

    Attributes:
        sent: the mails, by key.
        recipients: the address that each went to, by key.
    """

    def __init__(self) -> None:
        self.sent: dict[str, Mail] = {}
        self.recipients: dict[str, str] = {}

    async def send(self, mail: Mail, *, to: str) -> None:
        assert to, "a mail needs an address"
        self.sent.setdefault(mail.key, mail)
        self.recipients.setdefault(mail.key, to)

    def about(self, subject: str) -> tuple[Mail, ...]:
        """Return the mails about one aggregate, oldest first."""
        return tuple(mail for mail in self.sent.values() if mail.subject == subject)
