"""The inspector: the form of the chosen node with its wires and problems, or the flow's own form with what is still to do."""

from __future__ import annotations

import reflex as rx

from components.field_form import FieldForm, FieldRow
from studio.ui.editor.asking import changes
from studio.ui.editor.changing import change_button
from studio.ui.editor.forms import KindChoice, TurnRow, WireRow
from studio.ui.editor.problem_list import problem_item, repair_all
from studio.ui.editor.problems import ProblemRow
from studio.ui.editor.server_tools import server_tools
from studio.ui.editor.state import EditorState
from studio.ui.shared.controls import dot, icon, icon_button
from studio.ui.words import counted, t

FORM = EditorState.form
NOBODY: rx.Var[list[str]] = rx.Var.create([])


def inspector() -> rx.Component:
    return rx.el.div(
        rx.cond(
            FORM["id"] != "",
            node_inspector(),
            rx.cond(EditorState.selected.length() > 1, many_chosen(), flow_inspector()),
        ),
        class_name="inspector",
        data_testid="inspector",
        data_node=FORM["id"].to(str),
        role="tabpanel",
        aria_label=t("ui.side.inspector"),
    )


def node_inspector() -> rx.Component:
    node = FORM["id"].to(str)
    return rx.fragment(
        rx.el.div(
            rx.cond(
                FORM["kinds"].to(list[KindChoice]).length() > 1,
                rx.el.select(
                    rx.foreach(FORM["kinds"].to(list[KindChoice]), lambda kind: rx.el.option(kind["title"], value=kind["value"])),
                    value=FORM["kind"].to(str),
                    on_change=changes({"type": "rekind", "id": node}, chosen="kind"),
                    disabled=EditorState.readonly,
                    class_name="input select kind-select",
                    aria_label=t("ui.inspector.kind"),
                    data_testid="field-kind",
                ),
                rx.el.span(FORM["title"], class_name="strong"),
            ),
            rx.el.span(class_name="grow"),
            rx.cond(
                EditorState.readonly,
                rx.fragment(),
                rx.fragment(
                    rx.cond(
                        FORM["wire"].to(bool),
                        rx.fragment(),
                        icon_button(
                            "copy",
                            t("ui.inspector.duplicate"),
                            size=15,
                            test="duplicate",
                            on_click=changes({"type": "copy", "id": node}),
                        ),
                    ),
                    icon_button(
                        "trash-2",
                        t("ui.inspector.delete"),
                        look="quiet danger",
                        size=15,
                        test="delete",
                        on_click=changes(
                            {
                                "type": "remove",
                                "nodes": rx.cond(FORM["wire"].to(bool), NOBODY, rx.Var.create([node])),
                                "edges": rx.cond(FORM["wire"].to(bool), rx.Var.create([node]), NOBODY),
                            }
                        ),
                    ),
                ),
            ),
            class_name="row inspector-head",
        ),
        rx.cond(FORM["wire"].to(bool), rx.el.p(FORM["name"].to(str), class_name="strong", data_testid="wire-ends"), rx.fragment()),
        rx.el.p(FORM["summary"], class_name="muted small-text"),
        rx.cond(
            FORM["problems"].to(list[ProblemRow]).length() > 0,
            rx.el.ul(rx.foreach(FORM["problems"].to(list[ProblemRow]), problem_item), class_name="problem-list boxed"),
            rx.fragment(),
        ),
        rx.el.fieldset(
            FieldForm.create(
                flow=EditorState.flow,
                owner=node,
                label=FORM["title"].to(str),
                fields=FORM["fields"].to(list[FieldRow]),
                accounts=EditorState.accounts,
                agents=FORM["agents"].to(list[str]),
            ),
            disabled=EditorState.readonly,
        ),
        rx.cond((FORM["kind"] == "mcp") & ~EditorState.readonly, server_tools(node), rx.fragment()),
        place(node),
        turns(),
        wires(),
    )


def place(node: rx.Var[str]) -> rx.Component:
    """In which team a node lies: the way into a team and out of it without a mouse."""
    parents = FORM["parents"].to(list[KindChoice])
    return rx.cond(
        parents.length() > 0,
        rx.el.section(
            rx.el.h2(t("ui.inspector.lies_in")),
            rx.el.select(
                rx.foreach(parents, lambda team: rx.el.option(team["title"], value=team["value"])),
                value=FORM["parent"].to(str),
                on_change=changes({"type": "lay", "id": node}, chosen="team"),
                disabled=EditorState.readonly,
                class_name="input select",
                aria_label=t("ui.inspector.lies_in"),
                data_testid="field-parent",
            ),
            class_name="inspector-part",
        ),
        rx.fragment(),
    )


def turns() -> rx.Component:
    """The order in which the members of a round speak, or a model of models asks."""
    rows = FORM["turns"].to(list[TurnRow])
    return rx.cond(
        rows.length() > 1,
        rx.el.section(
            rx.el.h2(rx.cond(FORM["asks_models"].to(bool), t("ui.inspector.asked"), t("ui.inspector.turns"))),
            rx.el.ol(rx.foreach(rows, turn_line), class_name="turns"),
            class_name="inspector-part",
            data_testid="turns",
        ),
        rx.fragment(),
    )


def turn_line(row: rx.Var[TurnRow]) -> rx.Component:
    def mover(name: str, picture: str) -> rx.Component:
        return icon_button(
            picture,
            rx.cond(
                FORM["asks_models"].to(bool),
                t(f"ui.inspector.asked_{name}", name=row["name"]),
                t(f"ui.inspector.turn_{name}", name=row["name"]),
            ),
            look="quiet small",
            size=13,
            disabled=EditorState.readonly | ~row[name].to(dict).contains("type"),
            on_click=changes(row[name]),
        )

    return rx.el.li(
        rx.el.span(row["place"], class_name="muted turn-place"),
        rx.cond(FORM["asks_models"].to(bool), rx.fragment(), dot(row["color"].to(str))),
        rx.el.button(
            row["name"],
            type="button",
            class_name="wire-name clip",
            on_click=EditorState.go_to(rx.Var.create([row["node"]]).to(list[str])),
        ),
        rx.el.span(class_name="grow"),
        mover("earlier", "arrow-up"),
        mover("later", "arrow-down"),
        class_name="row wire",
        key=row["node"],
    )


def wires() -> rx.Component:
    rows = FORM["wires"].to(list[WireRow])
    return rx.cond(
        rows.length() > 0,
        rx.el.section(rx.el.h2(t("ui.inspector.wires")), rx.el.ul(rx.foreach(rows, wire_line)), class_name="inspector-part"),
        rx.fragment(),
    )


def wire_line(wire: rx.Var[WireRow]) -> rx.Component:
    return rx.el.li(
        rx.el.span(wire["words"], class_name="muted small-text wire-words"),
        rx.el.button(
            wire["name"],
            type="button",
            class_name="wire-name clip",
            on_click=EditorState.go_to(rx.Var.create([wire["node"]]).to(list[str])),
        ),
        rx.el.span(class_name="grow"),
        rx.cond(
            EditorState.readonly,
            rx.fragment(),
            icon_button(
                "x",
                t("ui.inspector.unwire", name=wire["name"]),
                look="quiet small",
                size=13,
                on_click=changes({"type": "remove", "nodes": NOBODY, "edges": [wire["edge"].to(str)]}),
            ),
        ),
        class_name="row wire",
    )


def many_chosen() -> rx.Component:
    return rx.el.div(
        rx.el.p(counted("ui.inspector.many", EditorState.selected.length()), class_name="strong"),
        rx.el.p(t("ui.inspector.many_hint"), class_name="muted small-text"),
        class_name="stack",
    )


def flow_inspector() -> rx.Component:
    """Nothing is chosen: what the flow is, and what it still lacks before it can run."""
    return rx.fragment(
        rx.el.fieldset(
            FieldForm.create(
                flow=EditorState.flow,
                owner="",
                label=t("ui.inspector.flow"),
                fields=EditorState.flow_form,
                accounts=EditorState.accounts,
                agents=rx.Var.create([]).to(list[str]),
            ),
            disabled=EditorState.readonly,
        ),
        rx.cond(EditorState.readonly, rx.fragment(), rx.fragment(change_button(), checklist())),
    )


def checklist() -> rx.Component:
    return rx.el.section(
        rx.el.div(rx.el.h2(t("ui.checklist.title")), repair_all(), class_name="problem-head"),
        rx.cond(
            EditorState.problems.length() > 0,
            rx.el.ul(rx.foreach(EditorState.problems, problem_item), class_name="problem-list boxed"),
            rx.el.p(icon("check", 15), t("ui.checklist.ready"), class_name="row ready"),
        ),
        class_name="inspector-part",
        data_testid="checklist",
    )
