"""The tool behind `make mutants`: it changes one place at a time, replaces a module, and says what finds it."""

from __future__ import annotations

import os
import sys
import time
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from tests.mutants.forks import Job, Lost, in_forks
from tests.mutants.in_place import functions_of, replace, replaceable
from tests.mutants.in_session import mark_of
from tests.mutants.mutation import Mutation, mutations
from tests.mutants.systematic import MODULES, Trial, equal_mutants, spread
from tests.mutants.trace import Trace
from tests.mutants.trial import SURVIVES, Replaced, naming_tests, path_of, using_tests

SHIPPING = '''
def shipping(order, carrier):
    """Ship what is paid."""
    if order.paid >= 10 and not order.cancelled:
        carrier.book(order.id, order.address)
        return f"parcel of {order.id}"
    raise ValueError(f"{order.id} is not paid")
'''

STEPS = """
async def steps(store, shelf):
    await store.keep("order")
    await shelf.hold("mug")
"""


def changes_of(source: str) -> list[str]:
    return [mutant.what for mutant in mutations(source)]


def test_every_statement_condition_and_argument_is_changed() -> None:
    assert changes_of(SHIPPING) == [
        "shipping: deleted if order.paid >= 10 and (not order.cancelled):",
        "shipping: negated order.paid >= 10 and (not order.cancelled)",
        "shipping: and for or in order.paid >= 10 and (not order.cancelled)",
        "shipping: Gt in order.paid >= 10",
        "shipping: 11 for 10",
        "shipping: deleted carrier.book(order.id, order.address)",
        "shipping: arguments 1 and 2 exchanged in carrier.book(order.id, order.address)",
        "shipping: deleted return f'parcel of {order.id}'",
        "shipping: order.id left out of f'parcel of {order.id}'",
        "shipping: deleted raise ValueError(f'{order.id} is not paid')",
    ]


def test_alternatives_are_not_exchanged() -> None:
    changes = changes_of('instance_of("policy", policy, Policy, None)')

    assert [what for what in changes if "exchanged" in what] == [
        "module: arguments 1 and 2 exchanged in instance_of('policy', policy, Policy, None)",
        "module: arguments 2 and 3 exchanged in instance_of('policy', policy, Policy, None)",
    ]


def test_prose_in_a_table_is_left_as_it_is() -> None:
    assert changes_of('WHY = {"paid": "all of it has come"}') == ["module: 'paidx' for 'paid'"]


def test_neighbouring_awaits_are_swapped() -> None:
    swapped = next(mutant for mutant in mutations(STEPS) if "swapped" in mutant.what)

    assert swapped.source.index("shelf.hold") < swapped.source.index("store.keep")


def test_every_mutant_is_another_program() -> None:
    sources = [mutant.source for mutant in mutations(SHIPPING)]

    assert len({*sources, SHIPPING}) == len(sources) + 1
    for source in sources:
        compile(source, "shipping", "exec")


def test_a_mutant_stands_in_for_its_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mutated_shop.py").write_text("def is_paid(paid):\n    return paid >= 10\n")
    monkeypatch.syspath_prepend(tmp_path)
    mutant = next(mutant for mutant in mutations((tmp_path / "mutated_shop.py").read_text()) if "11" in mutant.what)
    finder = Replaced("mutated_shop", mutant.source)
    monkeypatch.setattr(sys, "meta_path", [finder, *sys.meta_path])

    is_paid = import_module("mutated_shop").is_paid

    assert (is_paid(10), is_paid(11)) == (False, True)


SHOP = """
LEAST = 10

def is_paid(paid):
    if paid < 0:
        return False
    return paid >= LEAST

def ship(paid):
    return "sent" if is_paid(paid) else "kept"
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    (tmp_path / "shop_to_change.py").write_text(SHOP)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "shop_to_change", raising=False)
    return import_module("shop_to_change")


def mutant_of_shop(what: str) -> Mutation:
    return next(mutant for mutant in mutations(SHOP) if mutant.what == what)


def test_a_function_is_changed_where_it_is(shop: ModuleType) -> None:
    mutant = mutant_of_shop("is_paid: Gt in paid >= LEAST")
    code = replaceable(functions_of(str(shop.__file__)), mutant.owner, mutant.source, str(shop.__file__))

    assert code is not None
    assert shop.ship(10) == "sent"
    replace(code)
    assert shop.ship(10) == "kept"


def test_a_constant_of_a_module_cannot_be_changed_where_it_is(shop: ModuleType) -> None:
    mutant = mutant_of_shop("module: 11 for 10")

    assert replaceable(functions_of(str(shop.__file__)), mutant.owner, mutant.source, str(shop.__file__)) is None


def test_a_trace_sees_which_lines_of_a_file_run(shop: ModuleType) -> None:
    path = str(shop.__file__)
    trace = Trace([path])

    with trace.on():
        shop.is_paid(3)
        os.getcwd()

    assert trace.marks == {(path, "is_paid"), (path, 5), (path, 7)}


@pytest.mark.parametrize(
    ("what", "mark"),
    [
        ("is_paid: deleted return False", 6),
        ("is_paid: deleted return paid >= LEAST", 7),
        ("ship: 'keptx' for 'kept'", 10),
    ],
)
def test_a_mutant_is_tried_by_what_runs_its_line(shop: ModuleType, what: str, mark: int) -> None:
    mutant, path = mutant_of_shop(what), str(shop.__file__)
    code = replaceable(functions_of(path), mutant.owner, mutant.source, path)

    assert code is not None
    assert mark_of(mutant, path, code) == (path, mark)


def test_two_swapped_lines_are_tried_by_what_runs_their_function(shop: ModuleType) -> None:
    path = str(shop.__file__)
    code = replaceable(functions_of(path), "is_paid", SHOP, path)

    assert code is not None
    assert mark_of(Mutation(7, "is_paid: swapped a and b", ""), path, code) == (path, "is_paid")


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")  # where xdist runs it
def test_work_in_a_fork_is_answered_or_ended() -> None:
    """Nothing that it changes is changed here."""
    changed: list[int] = []
    jobs = [
        Job("answers", lambda: [*changed, changed.append(1), len(changed)][-1], 60),
        Job("dies", lambda: os._exit(3), 60),
        Job("sleeps", lambda: time.sleep(60), 0.1),
    ]

    answers = dict(in_forks(jobs, workers=2))

    assert answers == {
        "answers": 1,
        "dies": Lost("it did not end, or its process died"),
        "sleeps": Lost("not ended after 0 seconds"),
    }
    assert not changed


def test_its_modules_exist_and_have_tests() -> None:
    assert "payflows.payments.collection" in MODULES
    for module in MODULES:
        assert path_of(module).is_file()
        assert using_tests(module)
    assert "test_collection.py" in {file.name for file in naming_tests("payflows.payments.collection")}
    assert "test_checkout.py" in {file.name for file in using_tests("payflows.payments.collection")}


def test_a_few_are_spread_over_all() -> None:
    few = spread(["payflows.kernel.outbox", "payflows.kernel.handler_queue"], at_most=5)

    assert len(few) <= 5
    assert {module for module, _ in few} == {"payflows.kernel.outbox", "payflows.kernel.handler_queue"}


def test_what_survives_says_so() -> None:
    mutant = Mutation(7, "classify: deleted return", "")

    assert Trial("payflows.payments.collection", mutant, SURVIVES).survives
    assert not Trial("payflows.payments.collection", mutant, "paid calm: lost money").survives


def test_every_equal_mutant_is_one_and_has_a_reason() -> None:
    """A line whose code was changed since is to be looked at again."""
    equal = equal_mutants()

    named = {name.partition(" ")[0] for name in equal}
    there_are = {f"{module} {mutant.what}" for module in named for mutant in mutations(path_of(module).read_text())}
    assert set(equal) <= there_are
    assert all(equal.values())
