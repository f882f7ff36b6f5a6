"""Shows an exhibit: its story in the buggy shop and in ours, beside each other. What the story is, it says itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from payflows.checkout.messages import ORDERS, MailKind
from payflows.checkout.model import OrderStatus
from payflows.money import Money

from simulations.checkout.incidents.exhibit import Exhibit
from simulations.checkout.incidents.scene import Moment, Scene
from simulations.checkout.subject import Factory, our_checkout
from simulations.checkout.user_actions import end
from simulations.checkout.verdict import judge
from simulations.search.breach import Breach, InvariantBroken, in_words

if TYPE_CHECKING:
    import pandas as pd

_FULFILLED = (OrderStatus.SHIPPED, OrderStatus.DELIVERED)


class Telling(NamedTuple):
    """An exhibit's story in one shop.

    Attributes:
        moments: what happened.
        calls: the calls that changed how things stand.
        breaches: the promises that the shop broke; none where it kept them all.
        astray: money that Stripe holds and no fulfilled order accounts for, and what the books miscount of refunds.
    """

    moments: tuple[Moment, ...]
    calls: tuple[Moment, ...]
    breaches: tuple[Breach, ...]
    astray: Money

    def timeline(self) -> pd.DataFrame:
        """A row for each thing that happened: when, what, and how orders and money stood after it."""
        import pandas as pd

        return pd.DataFrame(self.moments)

    def call_by_call(self) -> pd.DataFrame:
        """A row for each call that changed how orders or money stand: the timeline, only finer."""
        import pandas as pd

        return pd.DataFrame(self.calls)


class Showing(NamedTuple):
    """An exhibit, shown.

    Attributes:
        exhibit: which.
        buggy: its story in the buggy shop.
        ours: the same story in ours.
    """

    exhibit: Exhibit
    buggy: Telling
    ours: Telling

    @property
    def breach(self) -> Breach | None:
        """The exhibit's promise as the buggy shop broke it; None where it did not."""
        number = self.exhibit.promise.number
        return next((breach for breach in self.buggy.breaches if breach.promise == number), None)

    def table(self) -> pd.DataFrame:
        """Both stories beside each other."""
        import pandas as pd

        both = zip(self.buggy.moments, self.ours.moments, strict=True)
        rows = (
            {
                "at": theirs.at,
                "what happens": theirs.what,
                "buggy shop": theirs.orders,
                "its money": theirs.money,
                "our shop": ours.orders,
                "our money": ours.money,
            }
            for theirs, ours in both
        )
        return pd.DataFrame(rows).set_index("at")

    def verdict(self) -> str:
        """Which promises were broken, in two lines."""
        ours = in_words(self.ours.breaches) or "every promise was kept"
        return f"buggy shop: {self.breach}\nour shop:   {ours}"

    def _repr_html_(self) -> str:
        return self.table().to_html() + "".join(f"<p>{escape(line)}</p>" for line in self.verdict().splitlines())

    def __repr__(self) -> str:
        return f"{self.table().reset_index().to_string(index=False)}\n\n{self.verdict()}"

    def __str__(self) -> str:
        exhibit = self.exhibit
        head = f"{exhibit.name} ({exhibit.thread})\n{exhibit.bug}\n{exhibit.liberties}"
        return f"{head}\n\n{self!r}"


def visit(exhibit: Exhibit) -> Showing:
    """Show an exhibit: the buggy shop first, then ours."""
    return Showing(exhibit, tell(exhibit, exhibit.buggy), tell(exhibit, our_checkout))


def tell(exhibit: Exhibit, factory: Factory) -> Telling:
    """Tell the exhibit's story in one shop, and look at all promises on the way and when all is calm."""
    scene = Scene(exhibit.settings, factory=factory)
    exhibit.tell(scene)
    end(scene)
    scene.note("all is calm")
    return Telling(tuple(scene.moments), tuple(scene.calls), tuple(breaches(scene)), _astray(scene))


def breaches(scene: Scene) -> list[Breach]:
    """A breach for each promise that was broken, on the way or at the end."""
    found = list(scene.seen)
    checks: tuple[Callable[[], None], ...] = (lambda: judge(scene, may_need_a_person=False), lambda: _books(scene))
    for check in checks:
        try:
            check()
        except InvariantBroken as broken:
            found.extend(breach for breach in broken.breaches if breach not in found)
    return found


def overview(showings: Iterable[Showing]) -> pd.DataFrame:
    """A row for each exhibit: the thread, the promise that breaks, and the money that went astray in both shops."""
    import pandas as pd

    rows = (
        {
            "exhibit": showing.exhibit.name,
            "thread": str(showing.exhibit.thread),
            "breaks": showing.exhibit.promise.number,
            "astray in the buggy shop": str(showing.buggy.astray),
            "in ours": str(showing.ours.astray),
            "ours kept": "every promise" if not showing.ours.breaches else in_words(showing.ours.breaches),
        }
        for showing in showings
    )
    return pd.DataFrame(rows).set_index("exhibit")


def _books(scene: Scene) -> None:
    """Check I15, I27: no more is recorded as returned than Stripe gave back, and customers are notified of it once."""
    found = [
        Breach("I15", order_id, f"{order_id}: {minor} too much is down as returned")
        for order_id, minor in _miscounted(scene)
    ]
    for order in scene.store.all(ORDERS):
        mails = Counter(mail.kind for mail in scene.mailer.about(order.id))[MailKind.MONEY_RETURNED]
        if mails > 1:
            found.append(
                Breach("I27", order.id, f"the customer of {order.id} was mailed {mails} times that the money is back")
            )
    if found:
        raise InvariantBroken(found)


def _miscounted(scene: Scene) -> Iterator[tuple[str, int]]:
    for order in scene.store.all(ORDERS):
        returned = sum(payment.returned.minor for payment in scene.stripe.payments_of_order(order.id))
        if order.charge.refunded_minor > returned:
            yield order.id, order.charge.refunded_minor - returned


def _astray(scene: Scene) -> Money:
    held = sum(movement.signed_minor for movement in scene.stripe.movements)
    fulfilled = (order for order in scene.store.all(ORDERS) if order.status in _FULFILLED and not order.refunded)
    earned = sum(order.purchase.price.total.minor for order in fulfilled)
    return Money(abs(held - earned) + sum(minor for _, minor in _miscounted(scene)), "usd")
