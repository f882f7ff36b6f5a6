"""All stories of subscriptions. Each stands with what happens in it, in the module of its theme.

A story is a list of steps that people take, no matter what has happened before: faults are none of its business. After
each comes a calm of some days in which everything settles (`end`).
"""

from __future__ import annotations

from collections.abc import Mapping

from simulations.subscriptions import cancelling, changing, dunning, renewing, signing_up, using
from simulations.subscriptions.story import Story

STORIES: Mapping[str, Story] = {
    **signing_up.STORIES,
    **renewing.STORIES,
    **cancelling.STORIES,
    **changing.STORIES,
    **using.STORIES,
    **dunning.STORIES,
}
"""Every story, by its name."""
