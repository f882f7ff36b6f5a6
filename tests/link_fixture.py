"""A till at the end of a link: a port of our own behind the proxy, in virtual time, for tests of the link."""

from __future__ import annotations

from simulations.network.link import Call, FaultSchedule, Latency, over_network
from simulations.time.draws import Draws
from simulations.time.world import World

LATENCY = Latency(((0, 100), (50, 200), (90, 1_000), (100, 5_000)))


class CountingPort:
    """The port at the end of the link: counts what reaches it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.done: list[str] = []
        self.answer: Exception | None = None

    async def charge(self, order_id: str, *, amount: int = 1) -> str:
        self.done.append(order_id)
        if self.answer is not None:
            raise self.answer
        return f"{order_id} charged {amount}"

    async def refund(self, order_id: str) -> str:
        return f"{order_id} refunded"

    async def slow_charge(self, order_id: str) -> str:
        await self._world.sleep(5)
        return await self.charge(order_id)


class LinkFixture:
    """A till behind a proxy, and the trace of its calls."""

    def __init__(self, *, latency: Latency | None = None, weather: FaultSchedule | None = None, seed: int = 1) -> None:
        self.world = World()
        self.till = CountingPort(self.world)
        self.calls: list[Call] = []
        self.port = over_network(
            self.till,
            "till",
            self.world,
            latency=latency,
            draws=Draws(seed),
            calls=self.calls,
            weather=weather,
        )

    def charge(self, order_id: str = "ord_1", *, amount: int = 1) -> str:
        return self.world.run(self.port.charge(order_id, amount=amount))
