"""Time that goes from one thing that is due to the next: what happens by itself, and what a worker has to do."""

from __future__ import annotations

from datetime import timedelta

from payflows.kernel.worker import Worker

from simulations.time.garbage import rare_collections
from simulations.time.hand_clock import HandClock

_MOST_STEPS = 10_000_000
_MICROSECOND = timedelta(microseconds=1)


class WorkingTime:
    """Lets time pass in a small world with one worker. Between two things that are due nothing is looked at.

    Args:
        clock: whose time passes.
        worker: does what becomes due; have its store call `note` whenever something is stored.
    """

    def __init__(self, clock: HandClock, worker: Worker) -> None:
        self._clock = clock
        self._worker = worker
        self._has_news = False
        self._due_us: int | None = None

    def note(self) -> None:
        """Note that something was stored, which may be due."""
        self._has_news = True

    def pass_until(self, until_us: int) -> None:
        """Let time pass until that moment, in microseconds since the start."""
        with rare_collections():
            for _ in range(_MOST_STEPS):
                if not self._step(until_us):
                    return self._clock.pass_until(until_us)
        raise AssertionError("what is due never comes to rest")

    def pass_to_next(self) -> None:
        """Let time pass until the next thing happens by itself, which must be to come."""
        next_us = self._clock.next_us
        assert next_us is not None, "something is to come"
        self.pass_until(next_us)

    def _step(self, until_us: int) -> bool:
        """Do what is due, and go on to what is due next. False: nothing more is until that moment."""
        clock = self._clock
        if self._has_news or (self._due_us is not None and self._due_us <= clock.now_us):
            self._work()
        moments = [moment for moment in (self._due_us, clock.next_us) if moment is not None and moment <= until_us]
        if moments:
            clock.pass_until(max(clock.now_us, min(moments)))
        return bool(moments)

    def _work(self) -> None:
        """Let the worker do what is due, and note when it is needed next: then, or where something is stored before."""
        due_at = self._clock.run(self._worker.run_due())
        self._due_us = None if due_at is None else self._clock.now_us + (due_at - self._clock.now()) // _MICROSECOND
        self._has_news = False  # what it has stored itself it has seen to
