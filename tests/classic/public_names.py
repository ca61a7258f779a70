"""Lists the public names of an installed package for tests/data/public_names: read from its source, nothing of it is imported.

    python tests/classic/public_names.py SITE_PACKAGES PACKAGE… > tests/data/public_names/NAME-VERSION.json

Public is what a module says in `__all__`, or else the classes and functions that it defines; in a package also what it imports from within.
Modules whose name begins with an underscore are left out, and so is AG2's `autogen.beta`, which is AG2 1.x.
"""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path

LEFT_OUT = ("autogen.beta",)


def public_names(source: str, package: bool) -> list[str]:
    """The names that one module offers."""
    said: list[str] | None = None
    found: set[str] = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.ImportFrom) and node.level and package:
            found |= {each.asname or each.name for each in node.names}
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign) and isinstance(node.value, ast.List | ast.Tuple):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(each, ast.Name) and each.id == "__all__" for each in targets):
                said = [*(said or []), *(each.value for each in node.value.elts if isinstance(each, ast.Constant))]
    return sorted(name for name in (found if said is None else set(said)) if not name.startswith("_") and name != "*")


def listed(site: Path, package: str) -> dict[str, list[str]]:
    """{module: names} of a package."""
    modules: dict[str, list[str]] = {}
    for path in sorted((site / package).rglob("*.py")):
        parts = [part for part in path.relative_to(site).with_suffix("").parts if part != "__init__"]
        module = ".".join(parts)
        if any(part.startswith("_") for part in parts) or module.startswith(LEFT_OUT):
            continue
        if names := public_names(path.read_text("utf-8"), path.name == "__init__.py"):
            modules[module] = names
    return modules


if __name__ == "__main__":
    found = {}
    for name in sys.argv[2:]:
        found |= listed(Path(sys.argv[1]), name)
    sys.stdout.write(json.dumps(found, indent=0, sort_keys=True) + "\n")
