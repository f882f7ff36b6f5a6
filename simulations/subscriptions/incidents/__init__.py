"""The museum's wing of subscriptions: public bugs, replayed by naive subscriptions that have them and by ours."""

from __future__ import annotations

from collections.abc import Mapping

from payflows.money import Money

from simulations.incidents.showing import Showing, Telling, overview
from simulations.subscriptions.incidents.exhibits import EXHIBITS as _ALL
from simulations.subscriptions.incidents.exhibits import Exhibit
from simulations.subscriptions.incidents.scene import Scene
from simulations.subscriptions.system import Factory, our_subscriptions
from simulations.subscriptions.user_actions import end

EXHIBITS: Mapping[str, Exhibit] = {exhibit.name: exhibit for exhibit in _ALL}
"""Every exhibit, by its name."""

__all__ = ["EXHIBITS", "Exhibit", "overview", "tell", "visit"]


def visit(exhibit: Exhibit) -> Showing:
    """Show an exhibit: the buggy variant first, then ours."""
    return Showing(exhibit, tell(exhibit, exhibit.buggy), tell(exhibit, our_subscriptions))


def tell(exhibit: Exhibit, factory: Factory) -> Telling:
    """Tell the exhibit's story once, and look at all promises when all is calm."""
    scene = Scene(factory)
    exhibit.tell(scene)
    end(scene)
    scene.note("all is calm")
    return Telling(tuple(scene.moments), (), tuple(scene.broken()), _billed_twice(scene))


def _billed_twice(scene: Scene) -> Money:
    """What Stripe holds beyond one payment: in no story here is another one owed."""
    payments = [movement.signed_minor for movement in scene.stripe.movements]
    return Money(sum(payments[1:]), "usd")
