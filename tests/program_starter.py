"""Begins Python programs as copies of this process, which has imported the packages that its arguments name. Linux and macOS alone.

Standard input: orders as JSON lines, {argv, source, folder, environment, input, output, errors}: what a program reads and says are files.
Standard output: for each order the number of the process, and when that has ended its exit code, each on a line.
"""

import gc
import importlib
import json
import os
import sys
import types
from typing import Any


def next_program() -> dict[str, Any] | None:
    """The order that this process, a copy, has to carry out; None in the first process once there are no more."""
    for line in iter(sys.stdin.readline, ""):
        order: dict[str, Any] = json.loads(line)
        sys.stdout.flush()
        number = os.fork()
        if number == 0:
            return order
        print(number, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(number, 0)[1]), flush=True)
    return None


def become(order: dict[str, Any]) -> types.ModuleType:
    """Stand where a fresh interpreter would stand before the first line of the program; returns its `__main__`."""
    os.setsid()
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    write = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    for number, (name, how) in enumerate((("input", os.O_RDONLY), ("output", write), ("errors", write))):
        opened = os.open(order[name], how, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  the other one holds what it has read of the orders
    sys.argv = order["argv"]
    sys.path[0] = os.path.dirname(os.path.abspath(sys.argv[0])) if sys.argv[0] != "-c" else ""
    main = types.ModuleType("__main__")
    main.__dict__.update(__builtins__=__builtins__, __file__=sys.argv[0])
    sys.modules["__main__"] = main
    return main


if __name__ == "__main__":
    for name in sys.argv[1:]:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    ordered = next_program()
    if ordered is not None:
        exec(compile(ordered["source"], ordered["argv"][0], "exec", dont_inherit=True), become(ordered).__dict__)
