"""Follows names of v1 through a program that is read and not run: imports, aliases, assignments, calls, attributes.

A value's class is known if it was constructed, returned by a call of v1 whose class is known (`returns`), annotated, or
assigned, returned or looped over from such a value. What is not known is not reported: no guesses by variable names.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from azud.porting import names
from azud.porting.coverage import MISSING, Verdict
from azud.porting.sources import Place, Unit
from azud.porting.values import MODULE, OBJECT, OWN, Expressions, Scope, Tell, Value, imported, own_values

ROOTS = ("azureml", "azureml_user")


@dataclass(frozen=True)
class Use:
    """A name of v1, where it stands, and what it comes to here."""

    name: str
    verdict: Verdict
    place: Place


def uses_of(unit: Unit) -> Iterator[Use]:
    """Yield every use of a name of v1 in a program, each place once.

    The program is read twice: functions use names that are assigned below them.
    """
    scope: Scope = {}
    found: dict[Use, None] = {}
    for _ in range(2):
        found.clear()
        for cell, tree in unit.parts:

            def tell(name: str, verdict: Verdict, node: ast.AST, cell: int | None = cell) -> None:
                found[Use(name, verdict, Place(unit.file, getattr(node, "lineno", 1), cell))] = None

            _Program(scope, tell).block(tree.body)
    yield from found


class _Program(ast.NodeVisitor):
    """Reads statements in order."""

    def __init__(self, scope: Scope, tell: Tell) -> None:
        self._scope = scope
        self._tell = tell
        self._expressions = Expressions(scope, tell)
        self._results: list[Value] = []

    def block(self, body: Iterable[ast.stmt]) -> None:
        """Read statements."""
        for statement in body:
            self.visit(statement)

    def visit(self, node: ast.AST) -> None:
        """Read a statement, or an expression that stands in one of which nothing more is known."""
        if isinstance(node, ast.expr):
            self._expressions.value(node)
        else:
            super().visit(node)

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            root = alias.name.partition(".")[0]
            if root in ROOTS and self._imports(alias.name, node):
                self._tell_missing(alias.name, node)
                self._scope[alias.asname or root] = Value(MODULE, alias.name if alias.asname else root)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        module = node.module or ""
        if node.level or module.partition(".")[0] not in ROOTS or not self._imports(module, node):
            return
        for alias in node.names:
            path, name = f"{module}.{alias.name}", alias.asname or alias.name
            if alias.name == "*":
                self._scope.update(
                    (each, value) for each in names.public_names(module) if (value := imported(f"{module}.{each}"))
                )
            elif names.is_module(path):
                self._tell_missing(path, node)
                self._scope[name] = Value(MODULE, path)
            else:
                self._set(name, self._expressions.name(path, node))

    def _imports(self, path: str, node: ast.stmt) -> bool:
        if names.is_module(path):
            return True
        self._tell(path, Verdict(MISSING, "it does not import: v1 has no such public module"), node)
        return False

    def _tell_missing(self, module: str, node: ast.stmt) -> None:
        """Tell of a module that imports, but is one of a family of which azud has nothing."""
        verdict = names.path_verdict(module)
        if verdict.state == MISSING:
            self._tell(module, verdict, node)

    def visit_Assign(self, node: ast.Assign) -> None:
        value = self._expressions.value(node.value)
        for target in node.targets:
            self._expressions.bind(target, value, node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        value = self._expressions.value(node.value) or self._expressions.annotated(node.annotation)
        self._expressions.bind(node.target, value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self._expressions.value(node.value)
        self._expressions.value(node.target)

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self._expressions.loop(node.target, node.iter)
        self.block([*node.body, *node.orelse])

    visit_AsyncFor = visit_For

    def visit_withitem(self, node: ast.withitem) -> None:
        value = self._expressions.value(node.context_expr)
        if node.optional_vars is not None:
            self._expressions.bind(node.optional_vars, value)

    def visit_Return(self, node: ast.Return) -> None:
        value = self._expressions.value(node.value)
        if value is not None:
            self._results.append(value)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for outside in (*node.decorator_list, *node.args.defaults, *node.args.kw_defaults):
            self._expressions.value(outside)
        inner = _Program(dict(self._scope), self._tell)
        arguments = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
        for argument in arguments:
            inner._set(argument.arg, self._expressions.annotated(argument.annotation))
        inner.block(node.body)
        self._scope.update(own_values(inner._scope))
        result = self._expressions.annotated(node.returns) or next(iter(inner._results), None)
        self._set(node.name, Value(OWN, result=result))

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        bases = [self._expressions.value(base) for base in node.bases]
        known = next((base for base in bases if base is not None and base.report is not None), None)
        scope: Scope = {name: value for name, value in self._scope.items() if not name.startswith("self.")}
        if known is not None:
            scope["self"] = Value(OBJECT, report=known.report)
        _Program(scope, lambda name, verdict, node: None).block(node.body)  # methods use what later ones set on self
        _Program(scope, self._tell).block(node.body)
        self._set(node.name, Value(OWN, result=Value(OBJECT, report=known.report) if known else None))

    def _set(self, name: str, value: Value | None) -> None:
        if value is not None:
            self._scope[name] = value
        else:
            self._scope.pop(name, None)
