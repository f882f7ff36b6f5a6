"""Every mutant: what it is, and which defect of the audit it stands for. What kills it is in `killers.py`."""

from __future__ import annotations

from collections.abc import Mapping

from tests.mutants.mutant import Mutant
from tests.mutants.table_of_goods import OF_GOODS
from tests.mutants.table_of_money import OF_MONEY

MUTANTS: Mapping[str, Mutant] = {**OF_MONEY, **OF_GOODS}
