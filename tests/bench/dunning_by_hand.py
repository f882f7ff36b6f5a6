"""Two years of subscribers who are dunned, as one would write them in SimPy by hand: a process for each episode.

What a year by hand has already, with the same customers and banks by the same draws. That every subscriber ends as with
the real flow is asserted in `tests/test_bench_dunning.py`.
"""

from __future__ import annotations

from datetime import UTC, datetime

from payflows.subscriptions.dunning import DunningPolicy
from payflows.subscriptions.episode import LAST_STEP_AFTER
from payflows.subscriptions.messages import MailKind
from simulations.subscriptions.year.scenario import SubscriberYear
from tests.bench.year_by_hand import ASKS, FAILED, HOUR, SECOND, HandWrittenYear, Steps
from tests.bench.year_rows import Row, has_ended

ATTEMPT, NOTICE, CLOSE = range(3)


class DunnedByHand(HandWrittenYear):
    """Subscribers of a scenario, by its dunning policy.

    Args:
        scenario: the years.
        policy: how failed renewals are collected.
        seed: its chance.
    """

    def __init__(self, scenario: SubscriberYear, policy: DunningPolicy, seed: int) -> None:
        super().__init__(scenario, seed)
        self._policy = policy

    def _read_mail(self, ours: Row, mail: MailKind) -> None:
        if mail not in (FAILED, ASKS):
            super()._read_mail(ours, mail)

    def _charge(self, ours: Row, invoice: Row, *, may_ask: bool = True) -> None:
        super()._charge(ours, invoice, may_ask=may_ask)
        for reaction in ours["behaviour"].after_charge():
            self.env.process(self._react(ours, reaction))
        episode = ours.get("episode")
        if episode is not None and not owed(ours):
            episode["outcome"] = "recovered"
            ours["episode"] = None

    def _learn(self, ours: Row) -> None:
        super()._learn(ours)
        if ours["status"] == "past_due" and ours.get("episode") is None and owed(ours):
            ours["episode"] = episode = {"outcome": "running", "attempts": 0, "notices": 0}
            ours.setdefault("episodes", []).append(episode)
            self.env.process(self._dun(ours, episode, owed(ours)[0]["made"] + HOUR))

    def _end(self, ours: Row) -> None:
        super()._end(ours)
        episode = ours.get("episode")
        if episode is not None:
            episode["outcome"] = "given_up" if ours["reason"] == "unpaid" else "stopped"
            ours["episode"] = None

    def _dun(self, ours: Row, episode: Row, failed: int) -> Steps:
        for at, kind in self._agenda(failed):
            yield self.env.timeout(max(0, at - self._seconds()) * SECOND)
            if ours.get("episode") is not episode or has_ended(ours):
                return
            if kind == ATTEMPT:
                yield from self._attempt(ours, episode)
            elif kind == NOTICE:
                yield from self._calls(3)
                episode["notices"] += 1
                self._read_mail(ours, MailKind.PAYMENT_REMINDER)
            else:
                yield from self._cancel(ours, "unpaid")

    def _attempt(self, ours: Row, episode: Row) -> Steps:
        decline = owed(ours)[0]["decline"]
        if not self._policy.is_retried(decline.decline_code):
            return
        episode["attempts"] += 1
        yield from self._calls(3)
        for invoice in owed(ours):
            yield from self._pay(ours, invoice)
            if invoice["status"] != "paid":
                return

    def _agenda(self, failed: int) -> list[tuple[int, int]]:
        """When what is due, in its order."""
        policy, failed_at = self._policy, datetime.fromtimestamp(failed, UTC)
        days = [(day, ATTEMPT) for day in policy.attempts] + [(day, NOTICE) for day in policy.notices]
        due = [(int(policy.at(day, failed_at).timestamp()), kind) for day, kind in days]
        close = policy.at(policy.ends_on, failed_at) + LAST_STEP_AFTER
        return [*sorted(due), (int(close.timestamp()), CLOSE)]


def owed(ours: Row) -> list[Row]:
    """What is open, oldest first."""
    return [each for each in ours["invoices"] if each["status"] == "open" and each["failures"]]
