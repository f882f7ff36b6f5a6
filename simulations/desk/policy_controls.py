"""Controls of one dunning policy: a policy to begin with, sliders for its schedule, and the exact days."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import ipywidgets as widgets
from payflows.errors import InvalidPolicy
from payflows.subscriptions.dunning import (
    LAST_DAY,
    LAST_NOTICE_DAY,
    MAX_ATTEMPTS,
    MAX_NOTICES,
    MIN_DAYS_BETWEEN_NOTICES,
    SHIPPED,
    DunningPolicy,
)

from simulations.desk.days import read_days, spread_days, written
from simulations.desk.fields import WIDE, slider

NAMES = {policy.name.replace("_", " "): policy for policy in SHIPPED}
FIRST_NOTICE = 0
_ACCESS = (
    "<small>Access is part of the policy that you take away. The figures are the same whenever it ends: nothing "
    "published says what that does to recovery.</small>"
)


class PolicyControls:
    """What a person sets of one policy.

    Sliders write the exact days, which may be changed by hand; the policy is made of these.

    Args:
        name: "A" or "B".
        start: the policy that is shown first.
        on_change: called after each change.

    Attributes:
        box: the widgets.
    """

    def __init__(self, name: str, start: DunningPolicy, on_change: Callable[[], None]) -> None:
        self.name = name
        self._on_change = on_change
        self._is_quiet = False
        self._mistake: InvalidPolicy | None = None
        label = next(label for label, policy in NAMES.items() if policy == start)
        self.preset = widgets.Dropdown(options=list(NAMES), value=label, description="begin with", **WIDE)
        self.retries = slider("retries", 0, 0, MAX_ATTEMPTS)
        self.first_retry = slider("first retry, day", 1, 1, LAST_DAY)
        self.last_retry = slider("last retry, day", 1, 1, LAST_DAY)
        self.retry_days = widgets.Text(description="retries on days", continuous_update=False, **WIDE)
        self.notices = slider("notices", 0, 0, MAX_NOTICES)
        self.last_notice = slider("last notice, day", 0, 0, LAST_NOTICE_DAY)
        self.notice_days = widgets.Text(description="notices on days", continuous_update=False, **WIDE)
        self.grace = slider("access, days", 0, 0, LAST_DAY)
        self.end = slider("end, day", 0, 0, LAST_DAY)
        self.strip = widgets.HTML()
        self._show(start)
        self._listen()
        self.box = widgets.VBox([widgets.HTML(f"<h3>{name}</h3>"), *self._shown(), widgets.HTML(_ACCESS), self.strip])

    def policy(self) -> DunningPolicy:
        """Return the policy that is set. Raises `InvalidPolicy`: it cannot be, with a sentence that says why."""
        if self._mistake is not None:
            raise self._mistake
        attempts, notices = read_days(self.retry_days.value), read_days(self.notice_days.value)
        last_day = max((self.end.value, *attempts, *notices))
        access_days = min(self.grace.value, last_day)
        return DunningPolicy(
            name=self.name, attempts=attempts, notices=notices, last_day=last_day, access_days=access_days
        )

    def _shown(self) -> list[widgets.Widget]:
        retries = [self.retries, self.first_retry, self.last_retry, self.retry_days]
        return [self.preset, *retries, self.notices, self.last_notice, self.notice_days, self.grace, self.end]

    def _listen(self) -> None:
        self.preset.observe(lambda _: self._quietly(self._take_preset), "value")
        for each in (self.retries, self.first_retry, self.last_retry):
            each.observe(lambda _: self._quietly(self._spread_retries), "value")
        for each in (self.notices, self.last_notice):
            each.observe(lambda _: self._quietly(self._spread_notices), "value")
        for each in (self.retry_days, self.notice_days, self.grace, self.end):
            each.observe(lambda _: self._quietly(lambda: None), "value")

    def _quietly(self, follow: Callable[[], None]) -> None:
        """Let other controls follow one that a person has changed, and report the change once."""
        if self._is_quiet:
            return
        self._is_quiet, self._mistake = True, None
        try:
            follow()
            self._draw_strip()
        except InvalidPolicy as error:
            self._mistake = InvalidPolicy(f"{self.name}: {error}")
            self.strip.value = ""
        finally:
            self._is_quiet = False
        self._on_change()

    def _take_preset(self) -> None:
        self._show(NAMES[self.preset.value])

    def _spread_retries(self) -> None:
        self.retry_days.value = written(spread_days(self.retries.value, self.first_retry.value, self.last_retry.value))
        self.end.value = max((self.end.value, *read_days(self.retry_days.value)))

    def _spread_notices(self) -> None:
        count, last = self.notices.value, self.last_notice.value
        self.notice_days.value = written(spread_days(count, FIRST_NOTICE, last, least_gap=MIN_DAYS_BETWEEN_NOTICES))
        self.end.value = max((self.end.value, *read_days(self.notice_days.value)))

    def _show(self, policy: DunningPolicy) -> None:
        """Set all controls to a policy."""
        self.retries.value, self.notices.value = len(policy.attempts), len(policy.notices)
        if policy.attempts:
            self.first_retry.value, self.last_retry.value = policy.attempts[0], policy.attempts[-1]
        if policy.notices:
            self.last_notice.value = policy.notices[-1]
        self.retry_days.value, self.notice_days.value = written(policy.attempts), written(policy.notices)
        self.end.value = policy.ends_on
        self.grace.value = policy.ends_on if policy.access_days is None else policy.access_days
        self._draw_strip()

    def _draw_strip(self) -> None:
        _, *lines = str(self.policy()).splitlines()
        legend = "A retry, N notice, B both, X end"
        self.strip.value = f'<pre style="line-height:1.2">{escape(chr(10).join(lines))}</pre><small>{legend}</small>'
