"""All stories of a marketplace. Each stands with what happens in it, in the module of its theme.

A story is what people do in a universe: faults are none of its business. After each comes a calm of some days in which
everything settles (`end`).
"""

from __future__ import annotations

from collections.abc import Mapping

from simulations.marketplace import disputing, paying_out, refunding, selling
from simulations.marketplace.story import Story

STORIES: Mapping[str, Story] = {**selling.STORIES, **refunding.STORIES, **disputing.STORIES, **paying_out.STORIES}
"""By name."""
