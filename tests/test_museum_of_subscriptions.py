"""The museum's wing of subscriptions: each buggy variant breaks the promise of its exhibit, and ours keeps all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulations.incidents.showing import overview
from simulations.subscriptions.catalogue import ADA
from simulations.subscriptions.incidents import EXHIBITS, Exhibit, visit
from simulations.subscriptions.incidents.scene import Scene
from simulations.subscriptions.naive import naive_subscriptions
from simulations.subscriptions.promises import PROMISES
from simulations.subscriptions.system import Factory
from simulations.subscriptions.user_actions import end

THREADS = {"langfuse/langfuse #17388", "laravel/cashier-stripe #1604", "better-auth/better-auth #4539"}

each = pytest.mark.parametrize("exhibit", EXHIBITS.values(), ids=EXHIBITS.keys())


@each
def test_the_buggy_variant_breaks_the_promise_and_ours_keeps_all(exhibit: Exhibit) -> None:
    showing = visit(exhibit)

    assert showing.breach is not None, showing
    assert not showing.ours.breaches, showing
    assert showing.ours.astray.minor == 0


@pytest.mark.parametrize(
    "factory", [naive_subscriptions, *(exhibit.buggy for exhibit in EXHIBITS.values())], ids=["naive", *EXHIBITS]
)
def test_without_its_trouble_each_keeps_every_promise(factory: Factory) -> None:
    scene = Scene(factory)

    scene.subscribes(ADA)
    said = scene.snapshot()
    scene.waits(days=3)
    scene.webhook(said)
    scene.cancels(ADA)
    end(scene)

    assert scene.moments[-1].standing == "ada cancelled"
    assert len(scene.stripe.movements) == 1
    assert scene.broken() == []


def test_without_their_bug_naive_subscriptions_keep_the_exhibits_promises() -> None:
    for exhibit in EXHIBITS.values():
        showing = visit(replace(exhibit, buggy=naive_subscriptions))

        assert showing.breach is None, showing


@each
def test_an_exhibit_says_where_it_comes_from(exhibit: Exhibit) -> None:
    assert exhibit.bug.endswith(".")
    assert exhibit.liberties.endswith(".")
    assert exhibit.promise.number in PROMISES
    assert exhibit.thread.url == f"https://github.com/{exhibit.thread.repository}/issues/{exhibit.thread.number}"


def test_the_wing_is_complete_and_its_overview_shows_it() -> None:
    showings = [visit(exhibit) for exhibit in EXHIBITS.values()]

    assert {str(exhibit.thread) for exhibit in EXHIBITS.values()} == THREADS
    assert list(overview(showings).index) == list(EXHIBITS)
    assert showings == [visit(exhibit) for exhibit in EXHIBITS.values()]
