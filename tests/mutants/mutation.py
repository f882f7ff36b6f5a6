"""Systematic mutants of a module: each differs from its source in one place. How they are tried is in `in_session`."""

from __future__ import annotations

import ast
from collections import defaultdict
from types import CodeType
from typing import NamedTuple

from tests.mutants.edits import Edit, exchange_values, remove, replace, set_field, swap

_OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
"""With the boundary or without it; where there is none, the contrary."""

_KEPT = (ast.Assert, ast.Pass, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
"""Statements that are not deleted: without an assertion nothing is different, without a definition nothing runs."""


_IN_ORDER = {"instance_of": 3, "suppress": 0, "min": 0, "max": 0}
"""Of how many arguments of a function the order matters; what follows are alternatives."""


class Mutation(NamedTuple):
    """One mutant of a module.

    Attributes:
        line: where its source differs, in the original.
        what: the function and what is changed in it, as a list of mutants names it.
        source: the whole module, changed.
    """

    line: int
    what: str
    source: str

    @property
    def owner(self) -> str:
        """The function, or the class, in whose body it is."""
        return self.what.partition(":")[0]

    @property
    def is_of_two(self) -> bool:
        """Whether it swaps two statements, of which perhaps only the first is reached."""
        return " swapped " in self.what


_Program = tuple[object, ...]

Chosen = tuple[str, Mutation]
"""A module, and a mutant of it."""


def mutations(source: str) -> list[Mutation]:
    """Return every mutant: a statement deleted, a condition negated, an argument or a constant exchanged, or two
    neighbouring awaits swapped.

    Signatures, errors that are raised, what is logged and the prose in a module's tables are left as they are: a test
    of these would only repeat them. What compiles to the same program is no mutant.
    """
    tree = ast.parse(source)
    original = _program(ast.unparse(tree))
    found: dict[str, Mutation] = {}
    for line, what, apply in _Changes(tree).found:
        undo = apply()
        text = ast.unparse(tree)
        undo()
        if _program(text) != original:
            found.setdefault(text, Mutation(line, what, text))
    return list(found.values())


def _program(source: str) -> _Program:
    return _program_of(compile(source, "", "exec", dont_inherit=True, optimize=0))


def _program_of(code: CodeType) -> _Program:
    """Return what the interpreter runs: the same for a function that ends with `return None` and one that just ends."""
    constants = [_program_of(it) if isinstance(it, CodeType) else repr(it) for it in code.co_consts]
    names = (code.co_name, code.co_names, code.co_varnames, code.co_freevars)
    return code.co_code, code.co_exceptiontable, names, tuple(constants)


class _Change(NamedTuple):
    line: int
    what: str
    apply: Edit


class _Changes(ast.NodeVisitor):
    """Collects what can be changed in a tree, in the order of the source."""

    def __init__(self, tree: ast.Module) -> None:
        self.found: list[_Change] = []
        self._owners: list[str] = []
        self._negated: set[ast.expr] = set()
        self._members: defaultdict[str, list[str]] = defaultdict(list)
        for node in ast.walk(tree):
            if _is_member(node) and node.attr not in self._members[node.value.id]:  # type: ignore[attr-defined]
                self._members[node.value.id].append(node.attr)  # type: ignore[attr-defined]
        self.visit(tree)

    def _add(self, node: ast.AST, words: str, apply: Edit) -> None:
        owner = ".".join(self._owners) or "module"
        self.found.append(_Change(getattr(node, "lineno", 0), f"{owner}: {words}", apply))

    # Statements

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._owners.append(node.name)
        for statement in node.body:
            self.visit(statement)
        self._owners.pop()

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._owners.append(node.name)
        self._block(node.body)
        self._owners.pop()

    visit_AsyncFunctionDef = visit_FunctionDef

    def _block(self, body: list[ast.stmt]) -> None:
        """Delete each of a function's statements, and swap neighbours that both await something."""
        for place, statement in enumerate(body):
            if not isinstance(statement, _KEPT) and not _is_text(statement) and not _is_logged(statement):
                self._add(statement, f"deleted {_line(statement)}", replace(body, place, ast.Pass()))
            if place and _awaits(statement) and _awaits(body[place - 1]):
                words = f"swapped {_line(body[place - 1])} and {_line(statement)}"
                self._add(statement, words, swap(body, place - 1, place))
            self.visit(statement)

    def generic_visit(self, node: ast.AST) -> None:
        """Visit the parts of a node; of a function's statement, the blocks that it holds."""
        for _, value in ast.iter_fields(node):
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt) and self._owners:
                self._block(value)
            else:
                for part in value if isinstance(value, list) else [value]:
                    if isinstance(part, ast.AST):
                        self.visit(part)

    def visit_Expr(self, node: ast.Expr) -> None:
        if not _is_text(node) and not _is_logged(node):
            self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def _leave(self, node: ast.AST) -> None:
        """What is raised or asserted, and imports: no mutant."""

    visit_Raise = visit_Assert = visit_Import = visit_ImportFrom = _leave

    def visit_Match(self, node: ast.Match) -> None:
        for place, case in enumerate(node.cases):
            if len(node.cases) > 1:
                self._add(case.pattern, f"deleted case {ast.unparse(case.pattern)}", remove(node.cases, place))
        self.generic_visit(node)

    # Conditions

    def _negate_test(self, node: ast.If | ast.While | ast.IfExp) -> None:
        negated = ast.UnaryOp(ast.Not(), node.test)
        self._negated.add(node.test)
        self._add(node.test, f"negated {_line(node.test)}", set_field(node, "test", negated))
        self.generic_visit(node)

    visit_If = visit_While = visit_IfExp = _negate_test

    def visit_comprehension(self, node: ast.comprehension) -> None:
        for place, test in enumerate(node.ifs):
            words = f"negated {_line(test)}"
            self._add(test, words, replace(node.ifs, place, ast.UnaryOp(ast.Not(), test)))
        self.generic_visit(node)

    def visit_match_case(self, node: ast.match_case) -> None:
        if (guard := node.guard) is not None:
            negated = ast.UnaryOp(ast.Not(), guard)
            self._add(guard, f"negated {_line(guard)}", set_field(node, "guard", negated))
            self.visit(guard)
        self._block(node.body)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        self._add(node, f"and for or in {_line(node)}", set_field(node, "op", other))
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        for place, operator in enumerate(node.ops):
            other = _OPPOSITE[type(operator)]()
            if node in self._negated and not isinstance(operator, ast.Lt | ast.LtE | ast.Gt | ast.GtE):
                continue  # it would be the same again
            self._add(node, f"{type(other).__name__} in {_line(node)}", replace(node.ops, place, other))
        self.generic_visit(node)

    # Arguments and constants

    def visit_Call(self, node: ast.Call) -> None:
        ordered = _IN_ORDER.get(ast.unparse(node.func), len(node.args))
        for place in range(1, min(ordered, len(node.args))):
            words = f"arguments {place} and {place + 1} exchanged in {_line(node)}"
            self._add(node, words, swap(node.args, place - 1, place))
        for first, second in zip(node.keywords, node.keywords[1:], strict=False):
            if first.arg and second.arg:
                words = f"{first.arg} and {second.arg} exchanged in {_line(node)}"
                self._add(node, words, exchange_values(first, second))
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        other = _other_constant(node.value)
        is_prose = not self._owners and isinstance(node.value, str) and " " in node.value
        if other is not None and not is_prose:
            self._add(node, f"{other!r} for {node.value!r}", set_field(node, "value", other))

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if _is_member(node) and isinstance(node.value, ast.Name):
            members = self._members[node.value.id]
            other = members[(members.index(node.attr) + 1) % len(members)]
            if other != node.attr:
                self._add(node, f"{other} for {ast.unparse(node)}", set_field(node, "attr", other))
        self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        for place, part in enumerate(node.values):
            if isinstance(part, ast.FormattedValue):
                words = f"{ast.unparse(part.value)} left out of {_line(node)}"
                self._add(node, words, remove(node.values, place))


def _other_constant(value: object) -> object:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    return f"{value}x" if isinstance(value, str) else None


def _is_member(node: ast.AST) -> bool:
    """Whether it reads like a member of an enumeration."""
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr.isupper()


def _is_text(statement: ast.AST) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _is_logged(statement: ast.AST) -> bool:
    return isinstance(statement, ast.Expr) and ast.unparse(statement).startswith(("log.", "self._log("))


def _awaits(statement: ast.stmt) -> bool:
    return any(isinstance(node, ast.Await) for node in ast.walk(statement))


def _line(node: ast.AST) -> str:
    return ast.unparse(node).splitlines()[0][:90]
