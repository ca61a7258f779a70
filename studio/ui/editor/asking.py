"""Controls that change the flow: what they ask for goes the way of every change of the tab, so that no reload loses it."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex.utils.imports import ImportVar
from reflex.vars import FunctionStringVar, FunctionVar, VarData

from studio.ui.editor.state import EditorState

UNSENT = "$/public/studio/shell/unsent.js"
ORDERS = "$/public/studio/shell/orders.js"


def changes(change: Any, *, chosen: str = "") -> FunctionVar:
    """A handler that sends a change: a dict whose values may be vars, or a var that holds one.

    `chosen` names the key that gets what the control was set to.
    """
    made = rx.Var.create(change)
    sent = f"(value) => sendChange({EditorState.flow!s}, {{...{made!s}, {chosen}: value}})"
    return _handler(sent if chosen else f"() => sendChange({EditorState.flow!s}, {made!s})", made, send="sendChange", by=UNSENT)


def ordered() -> FunctionVar:
    """A handler of commands that makes the changes among them; what only looks back has none."""
    flow = rx.cond(EditorState.readonly, "", EditorState.flow)
    return _handler(f"(command) => order({flow!s}, command)", flow, order="order", by=ORDERS)


def _handler(body: str, *parts: rx.Var[Any], by: str, **used: str) -> FunctionVar:
    imports = {by: [ImportVar(name, alias=None if name == alias else alias) for name, alias in used.items()]}
    found = [part._get_all_var_data() for part in (EditorState.flow, *parts)]
    return FunctionStringVar.create(f"({body})", _var_data=VarData.merge(VarData(imports=imports), *found))
