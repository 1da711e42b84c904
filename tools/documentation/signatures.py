"""Write signatures as their author wrote them: short names of types, and the true defaults.

What a documentation tool reads out of a docstring is no default: by the rules of numpydoc the first
of ``{0, 1, 2, 3}`` may be taken for one. Here types come from the source, defaults from Python.
"""

import ast
import dataclasses
import inspect
import textwrap
from collections.abc import Callable, Iterator
from typing import Any, Final

_SHORT: Final = 160  # characters of a default that a reader still reads


def signature(thing: Callable[..., Any]) -> str:
    """Write the parameters of a function or class, in parentheses, and what it returns."""
    if inspect.isclass(thing):
        made = _fields(thing) if dataclasses.is_dataclass(thing) else None
        return made or _of_function(thing.__init__).split(" -> ")[0]
    return _of_function(thing)


def _of_function(function: Callable[..., Any]) -> str:
    function = inspect.unwrap(function)
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    except (OSError, TypeError):  # made by Python itself
        return "()"
    assert isinstance(tree, ast.FunctionDef)
    parameters = inspect.signature(function).parameters
    written = {each.arg: each for each in _arguments(tree.args)}
    given = [
        _parameter(parameter, written[name].annotation)
        for name, parameter in parameters.items()
        if name not in ("self", "cls")
    ]
    kinds = [each.kind for name, each in parameters.items() if name not in ("self", "cls")]
    if inspect.Parameter.VAR_POSITIONAL not in kinds and inspect.Parameter.KEYWORD_ONLY in kinds:
        given.insert(kinds.index(inspect.Parameter.KEYWORD_ONLY), "*")
    positional = kinds.count(inspect.Parameter.POSITIONAL_ONLY)
    if positional:
        given.insert(positional, "/")
    returns = f" -> {_type(tree.returns)}" if tree.returns else ""
    return f"({', '.join(given)}){returns}"


def _type(node: ast.expr) -> str:
    """Write a type without the quotes that keep Python from reading it early."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return ast.unparse(node)


def _arguments(arguments: ast.arguments) -> Iterator[ast.arg]:
    yield from (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    yield from filter(None, (arguments.vararg, arguments.kwarg))


def _parameter(parameter: inspect.Parameter, annotation: ast.expr | None) -> str:
    stars = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
    text = next((sign for kind, sign in stars.items() if kind == parameter.kind), "")
    text += parameter.name
    if annotation is not None:
        text += f": {_type(annotation)}"
    if parameter.default is not inspect.Parameter.empty:
        text += f"{' = ' if annotation is not None else '='}{default_of(parameter.default)}"
    return text


def default_of(value: object) -> str:
    """Write a default as Python would, or as ``...`` where nobody could read it.

    Examples
    --------
    >>> default_of(2), default_of("1m"), default_of(9_999), default_of(object())
    ('2', "'1m'", '9999', '...')
    """
    text = str(getattr(value, "__name__", "<")) if callable(value) else repr(value)
    return text if len(text) <= _SHORT and "<" not in text else "..."


def _fields(thing: type) -> str:
    """Write the fields of a dataclass that one can hand in."""
    written: dict[str, str] = {}
    for each in reversed(thing.__mro__[:-1]):
        if "__annotations__" not in vars(each):
            continue
        tree = ast.parse(textwrap.dedent(inspect.getsource(each))).body[0]
        assert isinstance(tree, ast.ClassDef)
        for line in tree.body:
            if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
                written[line.target.id] = _type(line.annotation)
    given = []
    for field in dataclasses.fields(thing):
        if not field.init:
            continue
        text = f"{field.name}: {written[field.name]}"
        if field.default is not dataclasses.MISSING:
            text += f" = {default_of(field.default)}"
        elif field.default_factory is not dataclasses.MISSING:
            text += f" = {default_of(field.default_factory)}()"
        given.append(text)
    return f"({', '.join(given)})"
