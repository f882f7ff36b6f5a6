"""What a command of `payflows` is. Each is a module beside this one, imported only when it is asked for."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import NamedTuple


class Command(NamedTuple):
    """A command.

    Attributes:
        declare: says which arguments it takes.
        do: does it. Returns the exit code.
    """

    declare: Callable[[argparse.ArgumentParser], None]
    do: Callable[[argparse.Namespace], int]
