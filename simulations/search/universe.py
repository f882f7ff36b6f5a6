"""One universe: a system under test, and a plan of what goes wrong with its calls. Time is moved by hand.

Every call through a port has a number, recovery's calls included, so that a plan can name it. A universe is
single-file: one thing happens after another, and waiting moves the clock. Which system it is, a testbed decides.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable
from functools import partial
from http import HTTPStatus
from typing import Any, NamedTuple, TypeVar

from payflows.clock import SECOND
from payflows.errors import PayflowsError
from payflows.kernel.ports import Nature

from simulations.network.effects import Answer, Make
from simulations.network.interceptor import Intercepted, Method
from simulations.search.breach import Breach
from simulations.search.ongoing import OngoingFaults
from simulations.search.plan import NO_FAULTS, Fault, Plan
from simulations.search.ports import Port, Site, struck
from simulations.search.process import Crash, Process, cancel, forever, name_of
from simulations.search.strikes import Call, Strike
from simulations.search.system import Connection, System
from simulations.search.transports import PORT_CALLS, Transport
from simulations.time.hand_clock import HandClock, OwnClock

T = TypeVar("T")

MAX_CALLS = 20_000
"""A universe that needs more will never come to rest."""

Monitor = Callable[[Iterable[Breach], int], object]
"""Takes the promises that are broken after a call that moved something, and the call's number."""


class CallRecord(NamedTuple):
    """A call that has been made.

    Attributes:
        number: its number.
        asked: what the process was doing that made it.
        answered: the error that it was answered with, over HTTP also a status from 400; empty where it went well, and
            where the process was gone.
        is_crash: the process ended at this call.
    """

    number: int
    asked: str
    answered: str = ""
    is_crash: bool = False


Recorder = Callable[["Universe", CallRecord], None]
"""Writes down a call, and how the system stands after it."""

Injector = Callable[[int, Site], Fault | None]
"""The fault to inject into the coming call, by its number and where it goes; one that cannot strike there does not."""

Send = Callable[[Site, Make], Answer]
"""Sends a call on its way."""


class Livelock(AssertionError):
    """A universe that does not come to rest."""


class Universe:
    """A world apart, in which a plan comes true.

    Args:
        plan: what goes wrong.
        transport: how the program reaches Stripe.
        monitor: takes what is broken whenever something may have moved; None: safety is not checked.
        recorder: writes down every call; None: no record is kept.
        injector: asked at every call for a fault beside the plan's; None: there are no others.
        clock: whose time passes; None: a new one.

    Attributes:
        system: the system under test, once it has begun.
        sites: where every call went, in the order of their numbers from 1.
        fired: the faults that have struck.
        process: the process that runs.
        asked: what a process is doing.
        ongoing: the faults that last for a while, by port.
        calm_from: when the latest fault, ongoing or not, is over.
        own_clock: the program's.
        send: sends a call on its way, through all interceptors.
    """

    system: System
    process: Process

    def __init__(
        self,
        plan: Plan = NO_FAULTS,
        *,
        transport: Transport = PORT_CALLS,
        monitor: Monitor | None = None,
        recorder: Recorder | None = None,
        injector: Injector | None = None,
        clock: HandClock | None = None,
    ) -> None:
        self.clock, self.transport = clock or HandClock(), transport
        self.own_clock = OwnClock(self.clock)
        self.sites: list[Site] = []
        self.fired: list[Fault] = []
        self.asked = ""
        self.asks = 0
        self.ongoing = OngoingFaults(self.clock)
        self.calm_from = self.clock.now()
        self.send: Send = self._send
        self._monitor, self._recorder, self._injector = monitor, recorder, injector
        self._plan = {fault.call: fault for fault in plan}
        self._next_fault_at = self._fault_after(0)
        self._gone: list[object] = []
        self._links: list[Intercepted] = []
        self._processes: list[Process] = []

    # Its system and its processes.

    def begin(self, system: System) -> None:
        """Start the system's first process."""
        self.system = system
        self.process = self.another_process()

    def ask(self, work: Coroutine[Any, Any, T], name: str = "") -> T | PayflowsError | Crash:
        """Drive a call of the program to its end: its answer, its error, or a crash, after which a new process runs."""
        process, before = self.process, self.asked
        self.asked = name or name_of(work)
        self.asks += 1
        try:
            crash = work.send(None)
            if crash is Crash.OF_THE_TASK:
                return cancel(work)
        except StopIteration as ended:
            answer: T = ended.value
            return answer
        except PayflowsError as error:
            return error.with_traceback(None)  # as a value: the frames that it came through refer to it, in circles
        finally:
            self.asked = before
            self.asks -= 1
        assert crash is Crash.OF_THE_PROCESS, "a program waits for nothing else"
        self.restart(work, process)
        return crash

    def restart(self, work: object, process: Process) -> Process:
        """A process has crashed at some work: start another one in its place, on what the store holds."""
        self._gone.append(work)  # it is never woken; kept, so that not even its `finally` runs
        process.is_over = True
        another = self.another_process()
        if process is self.process:
            self.process = another
        return another

    def another_process(self) -> Process:
        """Start a process that runs the program on the same ports."""
        process = Process()
        self._processes.append(process)
        connections = self.system.connections().items()
        process.app = self.system.start({name: self.link(process, connection) for name, connection in connections})
        return process

    def link(self, process: Process, connection: Connection) -> Intercepted:
        """A port as one process calls it."""
        link = Intercepted(connection.object, partial(self._intercepted, process, connection.port))
        self._links.append(link)
        return link

    def forget_crashed(self, *, but: int) -> None:
        """Let go of processes that crashed long ago, but for the latest few."""
        del self._gone[:-but]
        self._links.clear()
        self._processes = [self.process]

    def close(self) -> None:
        """Let go of all that refers to this universe, so that it is freed without the garbage collector."""
        self.system.close()
        self.clock.forget()
        self._gone.clear()
        while self._links:
            self._links.pop().disconnect()
        while self._processes:
            del self._processes.pop().app
        del self.process, self.system, self.send

    # For the kinds of fault.

    def begin_ongoing(self, port: str, strike: Strike, fault: Fault) -> None:
        """Have every call of a port struck, for as long as the fault lasts."""
        self.ongoing.begin(port, strike, fault)
        self.postpone_calm(fault.seconds)

    def postpone_calm(self, seconds: float) -> None:
        """Count the trouble as over only this much later."""
        self.calm_from = max(self.calm_from, self.clock.now() + seconds * SECOND)

    def strike(self, fault: Fault) -> None:
        """Add a fault of a coming call: a plan may grow while it comes true."""
        self._plan[fault.call] = fault
        self._next_fault_at = min(self._next_fault_at, fault.call)

    async def crash(self) -> object:
        """End the process that called: it never gets an answer."""
        if self._recorder is not None:
            self._recorder(self, CallRecord(self.fired[-1].call, self.asked, is_crash=True))
        return await forever()

    # The way of a call.

    def intercept(self, interceptor: Callable[[Send], Send]) -> None:
        """Put one more interceptor before all others."""
        self.send = interceptor(self.send)

    def fault_at(self, number: int) -> Fault | None:
        """The planned fault of a call; None where there is none."""
        return self._plan.get(number)

    def _intercepted(self, process: Process, port: Port, method: str, make: Method) -> Method:
        """A method of a port for one process's life: polls pass, every other call is numbered and may be struck."""
        site = port.site(method)
        if site.nature.nature is Nature.POLL:
            return make  # a fault there would only mean that it is asked again
        made = self._monitored(make) if self._monitor is not None and site.nature.nature is Nature.EFFECT else make

        def call(*args: object, **kwargs: object) -> Answer:
            if process.is_over:
                return forever()
            return self.send(site, partial(made, *args, **kwargs))

        return call

    def _monitored(self, make: Method) -> Method:
        """The call, after which safety is checked whatever its answer is, and whether or not it arrives."""
        monitor = self._monitor
        assert monitor is not None, "safety is checked"

        async def made(*args: object, **kwargs: object) -> object:
            try:
                return await make(*args, **kwargs)
            finally:
                monitor(self.system.safety(), len(self.sites))

        return made

    def _send(self, site: Site, make: Make) -> Answer:
        """Number a call, and have it struck by what is ongoing, planned or injected."""
        if self.ongoing.ports:
            site, make = self.under_ongoing(site, make)
        self.sites.append(site)
        if self._injector is not None and (fault := self._injector(len(self.sites), site)) is not None:
            self.strike(fault)
        coming = make() if len(self.sites) < self._next_fault_at else self._struck(Call(site, make))
        return coming if self._recorder is None else self._recorded(coming, len(self.sites), self.asked)

    async def _recorded(self, coming: Answer, number: int, asked: str) -> object:
        assert self._recorder is not None, "a record is kept"
        try:
            answer = await coming
        except Exception as error:
            self._recorder(self, CallRecord(number, asked, type(error).__name__))
            raise
        self._recorder(self, CallRecord(number, asked, _refusal(answer)))
        return answer

    def under_ongoing(self, site: Site, make: Make) -> tuple[Site, Make]:
        """The call as it is struck by what is ongoing at its port, if anything is."""
        ongoing = self.ongoing.at(site.port)
        if ongoing is None:
            return site, make
        strike, fault = ongoing
        return struck(site), partial(strike, self, fault, Call(site, make))

    def _struck(self, call: Call) -> Answer:
        number = len(self.sites)
        if number > MAX_CALLS:
            raise Livelock(f"{number} calls, and no end")
        fault, self._next_fault_at = self._plan[number], self._fault_after(number)
        kind = self.transport.kinds[fault.kind]
        if not kind.strikes(call.site):
            return call.make()
        self.fired.append(fault)
        self.postpone_calm(0)
        return kind.strike(self, fault, call)

    def _fault_after(self, number: int) -> int:
        return min((call for call in self._plan if call > number), default=MAX_CALLS + 1)


def _refusal(answer: object) -> str:
    """The status of an HTTP answer that says no; empty for every other answer."""
    status = getattr(answer, "status_code", 0)
    return f"HTTP {status}" if status >= HTTPStatus.BAD_REQUEST else ""
