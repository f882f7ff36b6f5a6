"""What all objects of billing have in common: the ids of their events, and an answer that is kept until they change."""

from __future__ import annotations

from simulations.stripe.core.events import Json


class BillingObject:
    """An object under whose id its events are numbered.

    Attributes:
        id: Stripe's id.
        event_count: how many events of it there were, for the next one's id.
    """

    id: str
    event_count: int = 0

    def changed(self) -> None:
        """Forget the answer that was made before the change; where none is kept, do nothing."""

    def next_event_id(self) -> str:
        """Return the id of its next event."""
        self.event_count += 1
        return f"evt_{self.id.partition('_')[2][:22]}{self.event_count - 1:02d}"

    def part_id(self, prefix: str, number: int) -> str:
        """Return the id of a part of it."""
        return f"{prefix}_{self.id.partition('_')[2][:22]}{number:02d}"


def page_of(url: str, data: list[Json]) -> Json:
    """Return a list inside an object, all of it on one page."""
    return {"object": "list", "data": data, "has_more": False, "url": url}
