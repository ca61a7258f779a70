"""Reads what the classes and functions of AutoGen's packages take, out of installed packages, into tests/data/signatures.

    python tests/formats/public_signatures.py NAME SITE-PACKAGES [PACKAGE…]

Nothing of the packages is imported: their files are read with `ast`, so that what needs further packages is there as well.
"""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent.parent / "data" / "signatures"

Taken = list[list[str | None]]
"""Parameters in their order, each with its default and its type as Python writes them; None where there is none."""


class Package:
    """The modules of installed packages, and where a name that a module imports comes from."""

    def __init__(self, site: Path, packages: list[str]) -> None:
        self.trees: dict[str, ast.Module] = {}
        self.inits: set[str] = set()
        for package in packages:
            for file in sorted((site / package).rglob("*.py")):
                parts = file.relative_to(site).with_suffix("").parts
                name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
                if parts[-1] == "__init__":
                    self.inits.add(name)
                self.trees[name] = ast.parse(file.read_text(encoding="utf-8"))

    def find(self, module: str, name: str, depth: int = 0) -> tuple[str, ast.stmt] | None:
        """The definition that a name of a module means, and the module that holds it."""
        tree = self.trees.get(module)
        if tree is None or depth > 8:
            return None
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name and node in tree.body:
                return module, node
            if isinstance(node, ast.ImportFrom):
                for each in node.names:
                    if (each.asname or each.name) == name and (source := self._source(module, node)) is not None:
                        return self.find(source, each.name, depth + 1)
        return None

    def _source(self, module: str, node: ast.ImportFrom) -> str | None:
        if not node.level:
            return node.module
        above = module.split(".") if module in self.inits else module.split(".")[:-1]
        above = above[: len(above) - node.level + 1]
        return ".".join((*above, *((node.module or "").split(".") if node.module else ())))

    def public(self) -> dict[str, tuple[str, ast.stmt]]:
        """What is offered by packages whose names begin with no underscore, by its shortest dotted name."""
        found: dict[str, tuple[str, ast.stmt]] = {}
        known: set[int] = set()
        for module in sorted(self.trees, key=lambda each: (each not in self.inits, each.count("."), each)):
            if any(part.startswith("_") for part in module.split(".")):
                continue
            for name in _offered(self.trees[module], module):
                where = self.find(module, name)
                if where is not None and not name.startswith("_") and id(where[1]) not in known:
                    known.add(id(where[1]))
                    found[f"{module}.{name}"] = where
        return found

    def takes(self, module: str, node: ast.stmt, depth: int = 0) -> Taken:
        """What a function takes, or the constructor of a class, its own or the one that it inherits."""
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            return _parameters(node)
        assert isinstance(node, ast.ClassDef)
        begin = next((each for each in node.body if isinstance(each, ast.FunctionDef) and each.name == "__init__"), None)
        if begin is not None:
            own = _parameters(begin)[1:]
            if begin.args.kwarg is None or depth > 3:
                return own
            hint = begin.args.kwarg.annotation
            unpacked = hint.slice if isinstance(hint, ast.Subscript) else None
            where = self.find(module, unpacked.id) if isinstance(unpacked, ast.Name) else None
            more = self._fields(*where) if where is not None else self._inherited(module, node, depth)
            return own + [each for each in more if each[0] not in {taken[0] for taken in own}]
        named = [ast.unparse(each) for each in (*node.decorator_list, *node.bases)]
        if any(word in name for name in named for word in ("dataclass", "BaseModel", "TypedDict", "Message", "Event", "Entry", "Params")):
            return self._fields(module, node, depth)
        return self._inherited(module, node, depth)

    def _fields(self, module: str, node: ast.stmt, depth: int = 0) -> Taken:
        """The fields of a class whose fields are what it takes, those that it inherits first."""
        if not isinstance(node, ast.ClassDef) or depth > 6:
            return []
        found: dict[str | None, list[str | None]] = {}
        for base in node.bases:
            where = self.find(module, base.id) if isinstance(base, ast.Name) else None
            if where is not None:
                found |= {each[0]: each for each in self._fields(*where, depth + 1)}
        for each in node.body:
            if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name) and not each.target.id.startswith(("_", "component_")):
                default = ast.unparse(each.value) if each.value is not None else None
                found[each.target.id] = [each.target.id, default, ast.unparse(each.annotation)]
        return list(found.values())

    def _inherited(self, module: str, node: ast.ClassDef, depth: int) -> Taken:
        for base in node.bases:
            name = base.value if isinstance(base, ast.Subscript) else base
            where = self.find(module, name.id) if isinstance(name, ast.Name) else None
            inner = self.takes(*where, depth + 1) if where is not None and isinstance(where[1], ast.ClassDef) and depth < 6 else []
            if inner:
                return inner
        return []

    def methods(self, node: ast.ClassDef) -> dict[str, Taken]:
        """The public methods that a class defines itself."""
        found: dict[str, Taken] = {}
        for each in node.body:
            if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) and not each.name.startswith("_"):
                marks = {ast.unparse(mark) for mark in each.decorator_list}
                if not marks & {"property", "overload", "staticmethod"} and not any(mark.endswith(".setter") for mark in marks):
                    found[each.name] = _parameters(each)[1:]
        return found


def _offered(tree: ast.Module, module: str) -> list[str]:
    """What a module offers: by `__all__`, by what a package imports of its own modules, and by what old contributions define."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(isinstance(each, ast.Name) and each.id == "__all__" for each in node.targets):
            return [each.value for each in ast.walk(node.value) if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    if ".contrib" in module:
        return [node.name for node in tree.body if isinstance(node, ast.ClassDef)]
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.level]
    return [each.asname or each.name for node in imports for each in node.names if each.name != "*"]


def _parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Taken:
    given = node.args
    plainly = [*given.posonlyargs, *given.args]
    none: list[ast.expr | None] = [None] * (len(plainly) - len(given.defaults))
    pairs = [*zip(plainly, [*none, *given.defaults], strict=True), *zip(given.kwonlyargs, given.kw_defaults, strict=True)]
    return [
        [each.arg, ast.unparse(default) if default is not None else None, ast.unparse(each.annotation) if each.annotation else None]
        for each, default in pairs
    ]


def written(site: Path, packages: list[str]) -> dict[str, Any]:
    """The public classes and functions of packages with what they take, and what the methods of the classes take."""
    package = Package(site, packages)
    found: dict[str, Any] = {}
    for name, where in sorted(package.public().items()):
        methods = package.methods(where[1]) if isinstance(where[1], ast.ClassDef) else {}
        found[name] = {"takes": package.takes(*where), **({"methods": methods} if methods else {})}
    return found


if __name__ == "__main__":
    DATA.mkdir(exist_ok=True)
    lines = (json.dumps(name) + ": " + json.dumps(said) for name, said in written(Path(sys.argv[2]), sys.argv[3:] or ["autogen"]).items())
    (DATA / f"{sys.argv[1]}.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
