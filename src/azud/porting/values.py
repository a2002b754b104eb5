"""What the expressions of a program come to, as far as v1's names lead."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, replace

from azud.porting import names
from azud.porting.coverage import MISSING, Report, Verdict
from azud.porting.returns import SUBMITTED

MODULE, CLASS, OBJECT, MANY, MAPPING, ITEMS, MEMBER, OWN = range(8)

Tell = Callable[[str, Verdict, ast.AST], None]

_KEEP_ALL = ("list", "sorted", "tuple", "set", "reversed", "iter")
_TAKE_ONE = ("next", "min", "max")


@dataclass(frozen=True)
class Value:
    """What is known of a value.

    Args:
        kind: MODULE; CLASS, a function of v1 too; OBJECT of a class; MANY objects; MAPPING to objects, or its ITEMS;
            MEMBER of a class, to be called; OWN function or class of the program, which gives `result`.
        path: Of a module.
        report: Of the class.
        member: Name of the member.
    """

    kind: int
    path: str = ""
    report: Report | None = None
    member: str | None = None
    result: Value | None = None


Scope = MutableMapping[str, Value]


def typed(text: str) -> Value | None:
    """Return the value that `returns` writes as a text."""
    kind = {"[": MANY, "{": MAPPING}.get(text[:1], OBJECT)
    report = names.report_named(text.strip("[]{}")) if text else None
    return Value(kind, report=report) if report else None


def one_of(value: Value | None) -> Value | None:
    """Return what a loop over a value gives."""
    return replace(value, kind=OBJECT) if value is not None and value.kind == MANY else None


def imported(path: str) -> Value | None:
    """Return what a program gets that imports a name, or None if nothing is known of it."""
    report = names.report_of(path)
    return Value(CLASS, report=report) if report else None


class Expressions:
    """Evaluates expressions in a scope, and tells of every use of a name of v1 that it meets."""

    def __init__(self, scope: Scope, tell: Tell) -> None:
        """Keep what names mean, and whom to tell."""
        self.scope = scope
        self.tell = tell

    def value(self, node: ast.expr | None) -> Value | None:
        """Return what is known of an expression's value; every part of it is looked at once."""
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        if method is not None:
            found: Value | None = method(node)
            return found
        if node is not None:
            self._parts(node)
        return None

    def annotated(self, node: ast.expr | None) -> Value | None:
        """Return a value of the type that an annotation names."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                node = ast.parse(node.value, mode="eval").body
            except SyntaxError:
                return None
        if isinstance(node, ast.Subscript):
            return self._of_generic(node)
        if isinstance(node, ast.BinOp):
            return self.annotated(node.left) or self.annotated(node.right)
        found = Expressions(self.scope, _nobody).value(node)
        return replace(found, kind=OBJECT) if found is not None and found.kind == CLASS else None

    def name(self, path: str, node: ast.AST) -> Value | None:
        """Tell of an imported name, and return what it is."""
        report = names.report_of(path)
        self.tell(report.path if report else path, names.path_verdict(path), node)
        return imported(path)

    def _of_generic(self, node: ast.Subscript) -> Value | None:
        container = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        found = self.annotated(parts[-1])
        if found is None or container in ("Optional", "Union"):
            return found or (self.annotated(parts[0]) if container == "Union" else None)
        return replace(found, kind=MAPPING if container.lower() == "dict" else MANY)

    def _parts(self, node: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.value(child)
            elif isinstance(child, (ast.keyword, ast.comprehension)):
                self._parts(child)

    def _name(self, node: ast.Name) -> Value | None:
        return self.scope.get(node.id)

    def _attribute(self, node: ast.Attribute) -> Value | None:
        known = self.scope.get(dotted(node) or "")
        if known is not None:
            return known
        base = self.value(node.value)
        if base is None or node.attr.startswith("__"):
            return None
        if base.kind == MODULE:
            path = f"{base.path}.{node.attr}"
            return Value(MODULE, path) if names.is_module(path) else self.name(path, node)
        if base.kind == MAPPING:
            return self._of_mapping(base, node.attr)
        return self._member(base, node) if base.kind in (CLASS, OBJECT) else None

    def _of_mapping(self, base: Value, attribute: str) -> Value | None:
        if attribute in ("get", "pop"):
            return Value(OWN, result=replace(base, kind=OBJECT))
        kind = {"values": MANY, "items": ITEMS}.get(attribute)
        return None if kind is None else Value(OWN, result=replace(base, kind=kind))

    def _member(self, base: Value, node: ast.Attribute) -> Value | None:
        report = base.report
        if report is None:
            return None
        nested = names.report_named(f"{report.name}.{node.attr}") if base.kind == CLASS else None
        if nested is not None:
            return Value(CLASS, report=nested)
        name, verdict = names.member_of(report, node.attr)
        self.tell(name, names.plain(verdict), node)
        owner = names.report_named(name.rpartition(".")[0]) or report
        if names.is_attribute(owner, node.attr):
            return typed(names.type_of(owner, node.attr))
        return Value(MEMBER, report=owner, member=node.attr)

    def _call(self, node: ast.Call) -> Value | None:
        called = self.value(node.func)
        arguments = [self.value(argument) for argument in node.args]
        for keyword in node.keywords:
            self.value(keyword.value)
        if called is None:
            return self._builtin(node, arguments)
        if called.kind == OWN:
            return called.result
        if called.kind not in (CLASS, MEMBER) or called.report is None:
            return None
        self._parameters(called.report, called.member, node)
        if called.kind == CLASS:
            self.tell(called.report.path, names.plain(called.report.verdict), node)
            return typed(names.type_of(called.report, None)) or Value(OBJECT, report=called.report)
        if (called.report.name, called.member) == ("Experiment", "submit"):
            what = next((value.report.name for value in arguments if value and value.report), "")
            return typed(SUBMITTED.get(what, "Run"))
        return typed(names.type_of(called.report, called.member))

    def _builtin(self, node: ast.Call, arguments: list[Value | None]) -> Value | None:
        function = getattr(node.func, "id", "")
        first = arguments[0] if arguments else None
        if function in _TAKE_ONE:
            return one_of(first)
        return first if function in _KEEP_ALL and first is not None and first.kind == MANY else None

    def _parameters(self, report: Report, member: str | None, node: ast.Call) -> None:
        """Tell of the parameters given in a call that are missing here."""
        verdict = report.verdict if member is None else names.member_of(report, member)[1]
        if verdict.state == MISSING or not verdict.without:
            return
        order = names.parameters_of(report, member)
        given = [word.arg for word in node.keywords if word.arg]
        if not any(isinstance(argument, ast.Starred) for argument in node.args):
            given += order[: len(node.args)]
        called = report.name if member is None else f"{report.name}.{member}"
        for parameter in verdict.without:
            if parameter in given:
                self.tell(f"{called}({parameter}=)", Verdict(MISSING, "leave the parameter out"), node)

    def _subscript(self, node: ast.Subscript) -> Value | None:
        base = self.value(node.value)
        self.value(node.slice)
        return replace(base, kind=OBJECT) if base is not None and base.kind in (MANY, MAPPING) else None

    def _await(self, node: ast.Await) -> Value | None:
        return self.value(node.value)

    def _namedexpr(self, node: ast.NamedExpr) -> Value | None:
        found = self.value(node.value)
        self.bind(node.target, found)
        return found

    def _ifexp(self, node: ast.IfExp) -> Value | None:
        self.value(node.test)
        return _first([self.value(node.body), self.value(node.orelse)])

    def _boolop(self, node: ast.BoolOp) -> Value | None:
        return _first([self.value(part) for part in node.values])

    def _list(self, node: ast.List | ast.Tuple) -> Value | None:
        found = _first([self.value(part) for part in node.elts])
        return replace(found, kind=MANY) if found is not None and found.kind == OBJECT else None

    _tuple = _list

    def _listcomp(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> Value | None:
        self._loops(node.generators)
        found = self.value(node.elt)
        return replace(found, kind=MANY) if found is not None and found.kind == OBJECT else None

    _setcomp = _generatorexp = _listcomp

    def _dictcomp(self, node: ast.DictComp) -> Value | None:
        self._loops(node.generators)
        self.value(node.key)
        found = self.value(node.value)
        return replace(found, kind=MAPPING) if found is not None and found.kind == OBJECT else None

    def _loops(self, generators: Iterable[ast.comprehension]) -> None:
        for generator in generators:
            self.loop(generator.target, generator.iter)
            for condition in generator.ifs:
                self.value(condition)

    def loop(self, target: ast.expr, over: ast.expr) -> None:
        """Bind the variables of a loop."""
        found = self.value(over)
        if found is not None and found.kind == ITEMS and isinstance(target, ast.Tuple) and len(target.elts) == 2:
            self.bind(target.elts[0], None)
            self.bind(target.elts[1], replace(found, kind=OBJECT))
        else:
            self.bind(target, one_of(found))

    def bind(self, target: ast.expr, value: Value | None, source: ast.expr | None = None) -> None:
        """Give a target of an assignment its value; `source` is the expression, for targets in a tuple."""
        if isinstance(target, (ast.Tuple, ast.List)):
            several = source.elts if isinstance(source, (ast.Tuple, ast.List)) else []
            for index, part in enumerate(target.elts):
                known = Expressions(self.scope, _nobody).value(several[index]) if index < len(several) else None
                self.bind(part, known)
            return
        name = dotted(target)
        if isinstance(target, ast.Attribute) and self.value(target.value) is not None:
            self.value(target)  # an attribute of an object of v1 is set
        elif name is None:
            self._parts(target)
        elif value is not None:
            self.scope[name] = value
        else:
            self.scope.pop(name, None)


def dotted(node: ast.expr) -> str | None:
    """Return `a.b.c` for an expression that is no more than that."""
    if isinstance(node, ast.Name):
        return node.id
    base = dotted(node.value) if isinstance(node, ast.Attribute) else None
    return f"{base}.{node.attr}" if base and isinstance(node, ast.Attribute) else None


def _first(values: Iterable[Value | None]) -> Value | None:
    return next((value for value in values if value is not None), None)


def _nobody(name: str, verdict: Verdict, node: ast.AST) -> None:
    """Tell nobody."""


def own_values(scope: Mapping[str, Value]) -> dict[str, Value]:
    """Return what methods of a class have set on `self`."""
    return {name: value for name, value in scope.items() if name.startswith("self.")}
