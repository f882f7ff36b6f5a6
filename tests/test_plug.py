"""A program whose plug is pulled: nothing of it goes on, and nobody else is touched."""

from __future__ import annotations

from simulations.time.process import Plug
from simulations.time.world import World


class Diary:
    """Two steps an hour apart."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.written: list[str] = []

    async def write(self, name: str) -> None:
        self.written.append(f"{name} begins")
        await self._world.sleep(3_600)
        self.written.append(f"{name} ends")


def test_with_the_plug_in_all_work_is_done_to_its_end() -> None:
    world = World()
    plug, diary = Plug(world), Diary(world)

    world.run(plug.run_all([diary.write("one"), diary.write("two")]))

    assert diary.written == ["one begins", "two begins", "one ends", "two ends"]


def test_once_it_is_pulled_nothing_that_waits_goes_on() -> None:
    world = World()
    plug, diary = Plug(world), Diary(world)
    plug.start(diary.write("one"))
    world.start(diary.write("somebody else"))
    world.run_for(60)

    plug.pull()
    plug.start(diary.write("too late"))
    world.run_for(7_200)

    assert diary.written == ["one begins", "somebody else begins", "somebody else ends"]


def test_who_pulls_it_goes_no_further_either() -> None:
    world = World()
    plug, diary = Plug(world), Diary(world)

    async def crash() -> None:
        plug.pull()
        await world.sleep(0)
        diary.written.append("after the crash")

    plug.start(crash())
    world.run_for(60)

    assert diary.written == []
    assert not plug.is_in


def test_a_crash_beside_work_that_waits_for_other_work() -> None:
    world = World()
    plug, diary = Plug(world), Diary(world)
    plug.start(plug.run_all([diary.write("one")]))
    world.run_for(60)

    plug.pull()
    world.run_for(7_200)

    assert diary.written == ["one begins"]
