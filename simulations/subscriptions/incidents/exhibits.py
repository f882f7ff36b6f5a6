"""The exhibits about subscriptions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from payflows.app import App
from payflows.subscriptions.billing import StripeSubscription
from payflows.subscriptions.model import Subscription

from simulations.incidents.exhibit import AnyExhibit, Promise, Thread
from simulations.subscriptions.catalogue import ADA
from simulations.subscriptions.incidents.scene import Scene
from simulations.subscriptions.naive import SILENT_SUBSCRIPTIONS, NaiveMerchant, NaiveSubscriptions
from simulations.subscriptions.system import Factory, Ports, Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit(AnyExhibit):
    """A bug about subscriptions.

    Attributes:
        tell: what people do, and what goes wrong; the same for both.
        buggy: builds naive subscriptions with exactly this flaw.
    """

    tell: Callable[[Scene], None]
    buggy: Factory


class BelievesWebhooks(NaiveSubscriptions):
    """Stores what a webhook says, and not what is so."""

    async def take_webhook(self, said: StripeSubscription) -> Subscription:
        """Write down the snapshot in the webhook."""
        return await self.follow(await self.ports.store.find(SILENT_SUBSCRIPTIONS, said.id), said)


class _Unclaimed(Subscription):
    def claims(self) -> tuple[str, ...]:
        """Return nothing: a customer may have any number."""
        return ()


class SubscribesAtEachPress(NaiveSubscriptions):
    """Makes a subscription with each press of the button."""

    row = _Unclaimed


class _Trialless(Subscription):
    def claims(self) -> tuple[str, ...]:
        """Return that its customer has a live one, and forget what they have had."""
        return tuple(claim for claim in super().claims() if claim.startswith("live:"))


class ForgetsTrials(NaiveSubscriptions):
    """Looks at what a customer has, and not at what they have had."""

    row = _Trialless


def _built(kind: type[NaiveSubscriptions]) -> Factory:
    def build(ports: Ports, settings: Settings) -> App:
        return cast(App, NaiveMerchant(kind(ports, settings)))

    return build


def _hear_of_it_late(scene: Scene) -> None:
    scene.subscribes(ADA)
    said = scene.snapshot()
    scene.waits(days=5)
    scene.cancels(ADA)
    scene.waits(days=1)
    scene.webhook(said)


def _press_twice(scene: Scene) -> None:
    scene.subscribes(ADA)
    scene.subscribes(ADA)


def _try_twice(scene: Scene) -> None:
    scene.subscribes(ADA, card=None, trial_days=14)
    scene.waits(days=13)
    scene.cancels(ADA)
    scene.subscribes(ADA, card=None, trial_days=14)


EXHIBITS = (
    Exhibit(
        name="the plan that came back",
        bug="A webhook's own snapshot is stored: an old one, which says active, revives a cancelled plan.",
        thread=Thread("langfuse/langfuse", 17388),
        liberties="The thread foresees this from the code; its days, and how late the webhook is, are ours.",
        promise=Promise("I15", "the books agree with Stripe, even if webhooks are late"),
        tell=_hear_of_it_late,
        buggy=_built(BelievesWebhooks),
    ),
    Exhibit(
        name="subscribed twice",
        bug="A customer who meant one subscription has two equal ones, and is billed for both.",
        thread=Thread("laravel/cashier-stripe", 1604),
        liberties="What sends the second request, its description leaves open; here the button is pressed twice.",
        promise=Promise("I21", "a customer has one live subscription of a product"),
        tell=_press_twice,
        buggy=_built(SubscribesAtEachPress),
    ),
    Exhibit(
        name="free for ever",
        bug="Who cancels during a trial and subscribes again gets another one.",
        thread=Thread("better-auth/better-auth", 4539),
        liberties="The thread's trial has 7 days and is sold on Stripe's page; the 14, and their last day, are ours.",
        promise=Promise("S26", "a customer has one trial of a product, ever"),
        tell=_try_twice,
        buggy=_built(ForgetsTrials),
    ),
)
