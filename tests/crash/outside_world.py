"""The outside world of a checkout that is killed: what survives it, the processes that it starts, and the verdict."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from payflows.store.sql import SqlStore, directly
from simulations.checkout.checkers import webhooks
from simulations.checkout.expected import SOLD, TAKEN_BACK
from simulations.checkout.verdict import JudgedCheckout
from simulations.search.breach import Breach
from simulations.search.universe import Universe
from tests.crash.child import PAID, Answer, OpenStore, Request, Sale, live, sql_store

PROCESSES = get_context("forkserver")
"""Children are forked from a process that has no threads; what they need it has imported once, for all of them."""
PROCESSES.set_forkserver_preload(["pytest", "tests.crash.child"])

RESTARTED_AFTER_SECONDS = 5


class OutsideWorld(JudgedCheckout):
    """Stripe, goods, mails and time, in this process; the checkout runs in another one.

    Args:
        path: the checkout's file.
        sale: what customer and merchant do.
        open_store: opens it in the processes that run the checkout.

    Attributes:
        points: where a process that came to its end could have died, in their order.
    """

    def __init__(self, path: Path, sale: Sale = PAID, *, open_store: OpenStore = sql_store) -> None:
        super().__init__(Universe())
        self._path = path
        self._sale = sale
        self._open_store = open_store
        self.points: list[str] = []

    def sell(self, *, dies_at: int | None = None) -> list[Breach]:
        """Make the sale.

        Args:
            dies_at: the number of the point at which the first process is killed; then another one is started.

        Returns:
            Every promise that is broken in the end.
        """
        if dies_at is not None:
            self._run_process(dies_at)
            self.universe.postpone_calm(RESTARTED_AFTER_SECONDS)
            self.pass_time(RESTARTED_AFTER_SECONDS)
        self._run_process()
        ends = TAKEN_BACK if self._sale.is_refunded else SOLD
        self.store = SqlStore(self._path, run=directly)
        try:
            return [*self.breaches(), *webhooks.breaches(self), *ends.missed(self)]
        finally:
            self.store.close()

    def _run_process(self, dies_at: int | None = None) -> None:
        """Run a process, which does what is not done yet, until it has come to its end or was killed."""
        ours, theirs = PROCESSES.Pipe()
        process = PROCESSES.Process(target=live, args=(self._path, theirs, dies_at, self._open_store, self._sale))
        process.start()
        theirs.close()
        self._serve(ours)
        process.join()
        assert process.exitcode == (0 if dies_at is None else -signal.SIGKILL), "it ends as it was meant to"

    def _serve(self, pipe: Connection) -> None:
        """Answer the calls of a process until it is gone."""
        with pipe:
            while True:
                try:
                    request = pipe.recv()
                except EOFError:
                    return
                pipe.send(self._answer(request))

    def _answer(self, request: Request) -> Answer:
        called = getattr(self._ports()[request.port], request.method)(*request.args, **request.kwargs)
        try:
            return Answer(self.clock.run(called) if hasattr(called, "send") else called)
        except Exception as error:
            return Answer(error=error)

    def _ports(self) -> Mapping[str, Any]:
        connections = {name: connection.object for name, connection in self.connections().items()}
        return connections | {"clock": self.clock, "customer": self.answers, "parent": self.points}
