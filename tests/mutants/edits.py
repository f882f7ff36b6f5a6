"""Edits of a syntax tree: each is made when it is called, and returns what takes it back."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

Undo = Callable[[], object]
Edit = Callable[[], Undo]


def set_field(node: ast.AST, field: str, new: object) -> Edit:
    """Give a node's field another value."""

    def edit() -> Undo:
        old = getattr(node, field)
        setattr(node, field, new)
        return lambda: setattr(node, field, old)

    return edit


def replace(among: list[Any], place: int, new: ast.AST) -> Edit:
    """Put something else in a place of a list."""

    def edit() -> Undo:
        old, among[place] = among[place], new
        return lambda: among.__setitem__(place, old)

    return edit


def remove(among: list[Any], place: int) -> Edit:
    """Take what is in a place out of a list."""

    def edit() -> Undo:
        old = among.pop(place)
        return lambda: among.insert(place, old)

    return edit


def swap(among: list[Any], first: int, second: int) -> Edit:
    """Exchange what is in two places of a list."""

    def edit() -> Undo:
        among[first], among[second] = among[second], among[first]
        return edit

    return edit


def exchange_values(first: ast.keyword, second: ast.keyword) -> Edit:
    """Exchange the values of two keyword arguments."""

    def edit() -> Undo:
        first.value, second.value = second.value, first.value
        return edit

    return edit
