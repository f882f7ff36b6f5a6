"""A mutant made in place: the code of functions that are imported already is exchanged."""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from types import CodeType, FunctionType

Functions = Mapping[str, Sequence[FunctionType]]
"""By their qualified names."""

Code = tuple[FunctionType, CodeType]
"""A function, and other code for it."""


def functions_of(path: str) -> Functions:
    """Return the functions of a file that are imported; it finds none after `gc.freeze`."""
    found: defaultdict[str, list[FunctionType]] = defaultdict(list)
    for thing in gc.get_objects():
        if isinstance(thing, FunctionType) and thing.__code__.co_filename == path:
            found[thing.__code__.co_qualname].append(thing)
    return found


def replaceable(functions: Functions, name: str, source: str, path: str) -> Code | None:
    """Return the function of this name and the code that another source has for it; None where they do not
    correspond: what is changed is then no function's body."""
    there = functions.get(name, [])
    codes = [code for code in codes_in(compile(source, path, "exec", dont_inherit=True)) if code.co_qualname == name]
    if len(there) != 1 or len(codes) != 1 or there[0].__code__.co_freevars != codes[0].co_freevars:
        return None
    return there[0], codes[0]


def replace(code: Code) -> None:
    """Let a function run this code from now on."""
    function, other = code
    function.__code__ = other


def codes_in(code: CodeType) -> Iterator[CodeType]:
    """Give the code of all that is defined in a module, a class or a function, as deep as it goes."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from codes_in(constant)
