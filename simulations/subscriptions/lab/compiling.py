"""Compiles the kernel, and the model functions that it calls, as they are written, by Numba; needed for speed alone."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from types import FunctionType, ModuleType
from typing import Any

from simulations.models import chance, customer, issuer, renewals
from simulations.subscriptions.lab import calendar, columns, dunned, kernel, sums
from simulations.time import draws

_MODULES = (draws, chance, issuer, customer, renewals, calendar, dunned, kernel, sums)
"""Callees before their callers."""
_OF_BITS = {
    "mix": "uint64(uint64)",
    "case_of": "uint64(uint64, uint64, uint64)",
    "uniform": "float64(uint64, uint64, uint64)",
}
"""Functions of unsigned 64-bit integers, which take any whole numbers."""

_OPTIONS: Mapping[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy"}

Compiled = Callable[..., Any]

_ONE_THREAD = Lock()
"""Numba knows one folder for what is compiled, whichever thread asks."""


def has_compiler() -> bool:
    """Return whether Numba is installed."""
    return find_spec("numba") is not None


def compiled(name: str) -> Compiled:
    """Return a function of the kernel, compiled when it is first called, or on a run before.

    A function is looked up among its module's globals, so each is made anew with the compiled ones there.
    """
    with _ONE_THREAD:
        return _compiled()[name]


@cache
def _compiled() -> dict[str, Compiled]:
    import numba

    njit: Any = numba.njit  # its stubs know no signature that is a list of one
    done: dict[str, Compiled] = {}
    with _cached_by_source(numba):
        for module in _MODULES:
            known = {**vars(module), **done}
            for name, function in vars(module).items():
                if isinstance(function, FunctionType) and function.__module__ == module.__name__:
                    anew = FunctionType(function.__code__, known, name, function.__defaults__)
                    anew.__module__ = module.__name__
                    signature = [_OF_BITS[name]] if name in _OF_BITS else []
                    known[name] = done[name] = njit(*signature, **_OPTIONS)(anew)
    return done


@contextmanager
def _cached_by_source(numba: ModuleType) -> Iterator[None]:
    """Keep what is compiled under a hash of all sources: Numba looks at one file, and not at those that it calls."""
    folder = Path(os.environ.get("NUMBA_CACHE_DIR") or _user_cache() / "numba")
    sources = b"".join(Path(str(module.__file__)).read_bytes() for module in (*_MODULES, columns))
    before, numba.config.CACHE_DIR = numba.config.CACHE_DIR, str(folder / blake2b(sources, digest_size=8).hexdigest())
    try:
        yield
    finally:
        numba.config.CACHE_DIR = before


def _user_cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "payflows"
