"""Bugs in idempotency keys: a gateway that asks Stripe under other keys than the flow's."""

from __future__ import annotations

import re
from typing import Any

from simulations.checkout.subject import Ports
from tests.mutants.shop import Around, Make


class OtherKeys(Around):
    """A gateway that asks under other keys."""

    def __getattr__(self, call: str) -> Make:
        made = super().__getattr__(call)

        async def asked(*args: object, **kwargs: Any) -> object:
            if "key" in kwargs:
                kwargs["key"] = self.rekeyed(kwargs["key"])
            return await made(*args, **kwargs)

        return asked

    def rekeyed(self, key: str) -> str:
        return key


class OneKey(OtherKeys):
    def rekeyed(self, key: str) -> str:
        return key.partition(":")[0]


class OneKeyPerKindOfCall(OtherKeys):
    def rekeyed(self, key: str) -> str:
        return re.sub(r"-\d+", "", key)


class OneKeyPerStep(OtherKeys):
    def rekeyed(self, key: str) -> str:
        return key.rpartition(":")[0]


class CountedKeys(OtherKeys):
    def __init__(self, port: object) -> None:
        super().__init__(port)
        self._calls = 0

    def rekeyed(self, key: str) -> str:
        self._calls += 1
        return f"{key.partition(':')[0]}:{self._calls}"


class NamesNoOrder(OtherKeys):
    def rekeyed(self, key: str) -> str:
        return key.partition(":")[2]


class OneKeyForBothEnds(OtherKeys):
    """Capture and cancel end an authorisation, and have one key."""

    def rekeyed(self, key: str) -> str:
        return re.sub(":(capture|cancel):", ":end:", key)


def names_no_order(ports: Ports) -> Ports:
    return ports._replace(gateway=NamesNoOrder.around(ports.gateway))


def one_key_for_both_ends(ports: Ports) -> Ports:
    return ports._replace(gateway=OneKeyForBothEnds.around(ports.gateway))


def one_key(ports: Ports) -> Ports:
    return ports._replace(gateway=OneKey.around(ports.gateway))


def one_key_per_kind_of_call(ports: Ports) -> Ports:
    return ports._replace(gateway=OneKeyPerKindOfCall.around(ports.gateway))


def one_key_per_step(ports: Ports) -> Ports:
    return ports._replace(gateway=OneKeyPerStep.around(ports.gateway))


def counted_keys(ports: Ports) -> Ports:
    return ports._replace(gateway=CountedKeys.around(ports.gateway))
