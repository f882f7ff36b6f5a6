"""One universe: a checkout, all that it depends on, and a plan of what goes wrong. Time is moved by hand.

Every call through a port has a number, recovery's calls included, so that a plan can name it. A universe is
single-file: one thing happens after another, and waiting moves the clock.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import Any, NamedTuple, TypeVar

from payflows.checkout.inmemory.carrier import InMemoryCarrier
from payflows.checkout.inmemory.inventory import InMemoryInventory
from payflows.checkout.messages import ORDERS
from payflows.checkout.model import Order
from payflows.clock import SECOND
from payflows.errors import PayflowsError
from payflows.store.mailbox import InMemoryMailer
from payflows.store.memory import InMemoryStore

from simulations.checkout.protocols import Searchable
from simulations.checkout.subject import IMPATIENT, Factory, Ports, Settings, our_checkout
from simulations.checkout.webhooks import listen
from simulations.search.interceptor import Crash, Interceptor, Process, never
from simulations.search.kinds import BEYOND_THE_DEADLINE, KINDS, Answer, Call, Kind, Site, Strike, kinds_at, troubled
from simulations.search.ongoing import Troubles
from simulations.search.plan import Fault, Plan
from simulations.stripe.clock import HandClock
from simulations.stripe.payments import SimulatedStripe

T = TypeVar("T")

ONE_LOOK = timedelta(seconds=IMPATIENT.retry.max_delay_seconds)
"""So often at least the worker looks at what it waits for in vain."""

MOST_CALLS = 20_000
"""A universe that needs more will never come to rest."""

Watch = Callable[["Universe"], None]
"""Looks at a universe."""


class CallRecord(NamedTuple):
    """A call that has been made.

    Attributes:
        number: its number.
        asked: what the process was at, that made it.
        answered: the error that it was answered with, over HTTP also a status from 400; empty where it went well, and
            where the process was gone.
    """

    number: int
    asked: str
    answered: str = ""


Recorder = Callable[["Universe", CallRecord], None]
"""Writes down a call, and how a universe stands after it."""


Aim = Callable[[int, Site], Fault | None]
"""Which fault is to strike the call that comes, by its number and where it goes; one that cannot strike it does not."""


class Livelock(AssertionError):
    """A universe that does not come to rest."""


class Universe:
    """A checkout in a world of its own, in which a plan comes true.

    Args:
        plan: what goes wrong.
        settings: how it differs from the usual one.
        factory: builds the checkout.
        watch: looks at the truth whenever money or goods may have moved; None: nobody does.
        recorder: writes down every call, and how things stand after it; None: nobody does.
        aim: asked at every call what strikes it, beside the plan; None: nothing does.

    Attributes:
        sites: where every call went, in the order of their numbers from 1.
        fired: the faults that have struck.
        heard: the orders that customers were answered with, as they were then.
        life: the process that runs.
        asked: what a process is at, by the name of the coroutine.
        troubles: what lasts "for a while", at which port.
        kinds: what may strike in it.
        kinds_at: what of it a search tries at a site.
        calm_from: when what struck last, for a while or once, is over.
    """

    kinds: Mapping[str, Kind] = KINDS
    kinds_at = staticmethod(kinds_at)

    def __init__(
        self,
        plan: Plan,
        settings: Settings = Settings(),  # noqa: B008 - a frozen value
        *,
        factory: Factory = our_checkout,
        watch: Watch | None = None,
        recorder: Recorder | None = None,
        aim: Aim | None = None,
    ) -> None:
        self.clock = self.world = self._clock()
        self.settings = settings
        self.stripe = self._account()
        self.store = self._new_store()
        self.mailer = self._new_mailer()
        self.inventory = InMemoryInventory(dict(settings.stock), clock=self.clock)
        self.carrier = InMemoryCarrier(clock=self.clock, pickup_seconds=settings.pickup_seconds)
        self.sites: list[Site] = []
        self.fired: list[Fault] = []
        self.heard: list[Order] = []
        self.watch = watch
        self.recorder = recorder
        self._aim = aim
        self.troubles = Troubles(self.clock)
        self.calm_from = self.clock.now()
        self._plan = {fault.call: fault for fault in plan}
        self._next_fault_at = self._fault_after(0)
        self._factory = factory
        self._gone: list[object] = []
        self.asked = ""
        self.life = self.another_process()
        self.sender = listen(self) if settings.listens else None

    @property
    def order(self) -> Order | None:
        """The first order as stored; None where there is none."""
        return next(self.store.all(ORDERS), None)

    @property
    def app(self) -> Searchable:
        """The checkout that runs."""
        return self.life.app

    def ask(self, work: Coroutine[Any, Any, T]) -> T | PayflowsError | Crash:
        """Drive a call of the checkout to its end: its answer, its error, or a crash, then a new process runs."""
        life, before = self.life, self.asked
        self.asked = work.__qualname__  # type: ignore[attr-defined]  # a coroutine has one
        try:
            crash = work.send(None)
        except StopIteration as ended:
            answer: T = ended.value
            return answer
        except PayflowsError as error:
            return error
        finally:
            self.asked = before
        assert crash is Crash.OF_THE_PROCESS, "whoever is asked waits for nothing else"
        self.restart(work, life)
        return crash

    def restart(self, work: object, life: Process) -> Process:
        """A process has crashed at some work; the one that is started in its place, on what the store holds."""
        self._gone.append(work)  # nobody will wake it; kept, so that not even its `finally` runs
        life.is_over = True
        another = self.another_process()
        if life is self.life:
            self.life = another
        return another

    def another_process(self) -> Process:
        """A process that runs the checkout on the same ports."""
        life = Process(self)
        life.app = self._factory(Ports(**self._roads(life), clock=self.clock), self.settings)  # type: ignore[arg-type]
        return life

    def close(self) -> None:
        """It is lived through. Its processes hold it, and it them: let go, all of it is freed at once."""
        self._gone.clear()
        self.sender = None
        del self.life

    def pass_time(self, seconds: float) -> None:
        """Nobody does anything."""
        self.clock.pass_time(seconds)

    def next_change_at(self) -> datetime:
        """Before this moment nothing will be different from what it is now.

        In a trouble of days the same call fails the same way hundreds of times: once the hold has aged and the order's
        time is up, the worker looks again only shortly before its end.
        """
        now = self.clock.now()
        if now < self.troubles.since + BEYOND_THE_DEADLINE * SECOND:
            return now
        return max(now, min(self.troubles.until - ONE_LOOK, now + self.settings.away_seconds * SECOND))

    # For the kinds of fault.

    def trouble(self, port: str, strike: Strike, fault: Fault) -> None:
        """Have every call of a port struck for a while."""
        self.troubles.begin(port, strike, fault)
        self.lasts(fault.seconds)

    def lasts(self, seconds: float) -> None:
        """What strikes now is over only so much later."""
        self.calm_from = max(self.calm_from, self.clock.now() + seconds * SECOND)

    def strike(self, fault: Fault) -> None:
        """Have the coming call of that number struck: a plan may grow while it comes true."""
        self._plan[fault.call] = fault
        self._next_fault_at = min(self._next_fault_at, fault.call)

    async def crash(self) -> object:
        """The process that called is gone: it hears nothing any more."""
        if self.recorder is not None:
            self.recorder(self, CallRecord(self.fired[-1].call, self.asked))
        return await never()

    # The road.

    def _new_store(self) -> InMemoryStore:
        return InMemoryStore()

    def _new_mailer(self) -> InMemoryMailer:
        return InMemoryMailer()

    def _clock(self) -> HandClock:
        return HandClock()

    def _account(self) -> SimulatedStripe:
        return SimulatedStripe(self.clock)

    def _roads(self, life: Process) -> dict[str, object]:
        return {name: Interceptor(life, name, port) for name, port in self._behind().items()}

    def _behind(self) -> dict[str, object]:
        return {
            "gateway": self.stripe,
            "inventory": self.inventory,
            "carrier": self.carrier,
            "mailer": self.mailer,
            "store": self.store,
        }

    def sent(self, site: Site, make: Callable[[], Answer]) -> Answer:
        """What comes of a call, whatever happens to it on the way."""
        if self.troubles.ports:
            site, make = self._through_trouble(site, make)
        self.sites.append(site)
        if self._aim is not None and (fault := self._aim(len(self.sites), site)) is not None:
            self.strike(fault)
        coming = make() if len(self.sites) < self._next_fault_at else self._struck(Call(site, make))
        return coming if self.recorder is None else self._written_down(coming, len(self.sites), self.asked)

    async def _written_down(self, coming: Answer, number: int, asked: str) -> object:
        assert self.recorder is not None, "somebody writes"
        try:
            answer = await coming
        except Exception as error:
            self.recorder(self, CallRecord(number, asked, type(error).__name__))
            raise
        self.recorder(self, CallRecord(number, asked, _refusal(answer)))
        return answer

    def _through_trouble(self, site: Site, make: Callable[[], Answer]) -> tuple[Site, Callable[[], Answer]]:
        """The call as it is struck by what lasts at its port, if anything does."""
        trouble = self.troubles.at(site.port)
        if trouble is None:
            return site, make
        strike, lasting = trouble
        return troubled(site), partial(strike, self, lasting, Call(site, make))

    def _struck(self, call: Call) -> Answer:
        number = len(self.sites)
        if number > MOST_CALLS:
            raise Livelock(f"{number} calls, and no end")
        fault, self._next_fault_at = self._plan[number], self._fault_after(number)
        kind = self.kinds[fault.kind]
        if not kind.strikes(call.site.port, call.site.method):
            return call.make()
        self.fired.append(fault)
        self.lasts(0)
        return kind.strike(self, fault, call)

    def _fault_after(self, number: int) -> int:
        return min((call for call in self._plan if call > number), default=MOST_CALLS + 1)


def _refusal(answer: object) -> str:
    """The status of an HTTP answer that says no; empty for every other answer."""
    status = getattr(answer, "status_code", 0)
    return f"HTTP {status}" if status >= HTTPStatus.BAD_REQUEST else ""
