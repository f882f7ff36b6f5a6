"""Shows an exhibit: its story in the buggy shop and in ours, beside each other. What the story is, it says itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from payflows.checkout.messages import ORDERS, MailKind
from payflows.checkout.model import OrderStatus
from payflows.money import Money

from simulations.checkout.incidents.exhibit import Exhibit
from simulations.checkout.incidents.scene import Scene
from simulations.checkout.subject import Factory, our_checkout
from simulations.checkout.user_actions import end
from simulations.checkout.verdict import judge
from simulations.incidents.showing import Showing, Telling
from simulations.search.breach import Breach, InvariantBroken

_FULFILLED = (OrderStatus.SHIPPED, OrderStatus.DELIVERED)


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
