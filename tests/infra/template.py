"""The templates of infra/ as pycep's trees.

In a tree, a name that the template refers to and a string look the same.
"""

import functools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pycep import BicepParser

type Tree = dict[str, Any]

INFRA = Path(__file__).parents[2] / "infra"
FILES = tuple(sorted(path.name for path in INFRA.glob("*.bicep")))


def source(file: str) -> str:
    return (INFRA / file).read_text(encoding="utf-8")


@functools.cache
def tree(file: str) -> Tree:
    """Parse a template; nobody changes what comes out."""
    parsed: Any = BicepParser().parse(text=source(file))
    return dict(parsed)


def body(element: Tree) -> Tree:
    """Return what stands in a resource or module, without its condition or loop."""
    config: Tree = element["config"]
    while "config" in config:
        config = config["config"]
    return config


def condition(element: Tree) -> Any:
    """Return what a resource or module is made for, or None where it always is."""
    return element["config"].get("condition")


def resource(file: str, name: str) -> Tree:
    """Return what stands in the resource of that symbolic name."""
    return body(tree(file)["resources"][name])


def resources() -> Iterator[tuple[str, str, Tree]]:
    """Yield file, symbolic name and resource of all of them."""
    for file in FILES:
        for name, element in tree(file).get("resources", {}).items():
            yield file, name, element


def of_type(kind: str) -> list[tuple[str, Tree]]:
    """Return file and body of every resource of a type that the templates make."""
    return [(file, body(one)) for file, _, one in resources() if one["type"] == kind and not one["existing"]]


def variable(file: str, name: str) -> Any:
    return tree(file)["variables"][name]["value"]


def parameter(name: str, file: str = "main.bicep") -> Tree:
    """Return a parameter's default (None: it must be given) and bounds."""
    declared = tree(file)["parameters"][name]
    return {"default": declared["default"]} | {one["type"]: one["argument"] for one in declared["decorators"]}


def dotted(expression: Any) -> str:
    """Return ``a.b.c`` for an accessor; pycep nests it to the right."""
    if isinstance(expression, str):
        return expression
    operator = expression["operator"]
    assert operator["type"] == "property_accessor"
    return f"{dotted(operator['operands']['operand_1'])}.{dotted(operator['operands']['operand_2'])}"


def choice(expression: Any) -> tuple[Any, Any, Any]:
    """Return the parts of ``condition ? one : other``."""
    operator = expression["operator"]
    assert operator["type"] == "conditional"
    operands = operator["operands"]
    return operands["condition"], operands["true_value"], operands["false_value"]


def longest(text: str, **lengths: int) -> int:
    """Return the greatest length of an interpolated string."""
    return len(re.sub(r"\$\{(\w+)\}", lambda part: "x" * lengths[part[1]], text))
