"""The tools of a drawn MCP server: shown what will be started, a person says yes, and ticks those that agents may call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

import reflex as rx

from studio.api.services import services
from studio.library.server_tools import address_of, look, what_starts
from studio.texts import text
from studio.ui.editor.asking import changes
from studio.ui.editor.state import EditorState
from studio.ui.shared.controls import button, labelled
from studio.ui.shared.notices import done, told
from studio.ui.words import t

MOST_SHOWN = 300
"""Characters of what a tool says of itself."""


class ServerToolRow(TypedDict):
    name: str
    does: str
    allowed: bool


class ServerPromptRow(TypedDict):
    name: str
    title: str
    wants: str
    """What it must be given, in words; "" for one that needs nothing."""


class ServerToolsState(rx.State):
    """What is known of one node's server. `step` is asked, looking, failed or found; empty before anything was asked."""

    node: str = ""
    step: str = ""
    starts: str = ""
    trouble: str = ""
    remedy: str = ""
    tools: list[ServerToolRow] = []
    prompts: list[ServerPromptRow] = []
    prompt: str = ""
    """The prompt that agents are told; "" for none."""
    signed_in: str = ""
    """The address at which the owner is signed in; "" where nobody is."""

    _flow: str = ""

    @rx.event
    @told
    def ask(self, flow: str, node: str) -> Any:
        """Shows what looking would start; nothing is started yet."""
        self.node, self.tools, self.prompts = node, [], []
        self.starts = what_starts(_config(flow, node))
        self.step = "asked" if self.starts else "failed"
        self.trouble, self.remedy = text("servers.incomplete"), text("servers.incomplete.remedy")
        address = address_of(_config(flow, node))
        self.signed_in = address if address and services().sign_ins.kept(address) is not None else ""

    @rx.event
    @told
    def sign_out(self) -> Any:
        """Forgets how the owner signed in: the next run asks again."""
        address, self.signed_in = self.signed_in, ""
        services().sign_ins.forget(address)
        return done(text("ui.server_tools.signed_out", where=address))

    @rx.event
    def leave(self) -> None:
        self.step = ""

    @rx.event
    def agree(self, flow: str) -> Any:
        """The person said yes to exactly what is shown."""
        self._flow, self.step = flow, "looking"
        return ServerToolsState.look

    @rx.event(background=True)
    async def look(self) -> None:
        """Starts what was agreed to, asks what it offers, and ends it."""
        async with self:
            flow, node, agreed = self._flow, self.node, self.starts
        config = _config(flow, node)
        found = await look(config, agreed, services().accounts, sign_ins=services().sign_ins)
        allowed = config.get("allow") or [name for name, _ in found.tools]
        async with self:
            if self.node != node:
                return
            self.step = "found" if found.ok else "failed"
            self.trouble, self.remedy = found.text, found.remedy
            self.prompts = [_prompt(*each) for each in found.prompts]
            self.prompt = str(config.get("prompt") or "")
            self.tools = [{"name": name, "does": does[:MOST_SHOWN], "allowed": name in allowed} for name, does in found.tools]

    @rx.event
    def tick(self, name: str, allowed: bool) -> None:
        """Shows that a tool is allowed, or not any more."""
        self.tools = [{**row, "allowed": allowed} if row["name"] == name else row for row in self.tools]

    @rx.event
    def choose(self, name: str) -> None:
        """Shows which of its prompts the server's agents are told, or none."""
        self.prompt = name


def _prompt(name: str, does: str, needed: tuple[str, ...]) -> ServerPromptRow:
    wants = text("ui.server_tools.wants", names=", ".join(needed)) if needed else ""
    return {"name": name, "title": f"{name}: {does}"[:MOST_SHOWN] if does else name, "wants": wants}


def _config(flow: str, node: str) -> Mapping[str, Any]:
    found = services().flows.get(flow).document.node(node)
    return found.config if found is not None else {}


def server_tools(node: rx.Var[str]) -> rx.Component:
    """The part of the inspector below an MCP server's form."""
    state = ServerToolsState
    return rx.el.section(
        rx.el.h2(t("ui.server_tools.title")),
        rx.cond(
            state.node != node,
            beginning(node),
            rx.match(
                state.step,
                ("asked", question()),
                ("looking", rx.el.p(t("ui.server_tools.looking"), class_name="muted small-text", role="status")),
                ("failed", rx.fragment(failed(), beginning(node))),
                ("found", found()),
                beginning(node),
            ),
        ),
        rx.cond((state.node == node) & (state.step != "") & (state.signed_in != ""), signed_in(), rx.fragment()),
        class_name="inspector-part",
        data_testid="server-tools",
    )


def beginning(node: rx.Var[str]) -> rx.Component:
    return button(t("ui.server_tools.see"), look="small", test="server-tools-see", on_click=ServerToolsState.ask(EditorState.flow, node))


def signed_in() -> rx.Component:
    return rx.el.div(
        rx.el.p(t("ui.server_tools.signed_in"), class_name="grow muted small-text"),
        button(t("ui.server_tools.sign_out"), look="small", test="sign-out", on_click=ServerToolsState.sign_out),
        class_name="row",
    )


def question() -> rx.Component:
    return rx.fragment(
        rx.el.pre(ServerToolsState.starts, class_name="small-text", style={"white_space": "pre-wrap", "overflow_wrap": "anywhere"}),
        rx.el.div(
            button(
                t("ui.server_tools.agree"),
                look="small",
                test="server-tools-agree",
                on_click=ServerToolsState.agree(EditorState.flow),
            ),
            button(t("ui.server_tools.leave"), look="small quiet", on_click=ServerToolsState.leave),
            class_name="row",
        ),
    )


def failed() -> rx.Component:
    return rx.el.div(
        rx.el.p(ServerToolsState.trouble, class_name="strong"),
        rx.el.p(ServerToolsState.remedy),
        class_name="small-text",
        role="status",
    )


def found() -> rx.Component:
    return rx.fragment(
        rx.el.ul(rx.foreach(ServerToolsState.tools, tool_line), data_testid="server-tools-list"),
        rx.cond(ServerToolsState.prompts.length() > 0, prompts(), rx.fragment()),
    )


def prompts() -> rx.Component:
    """Which of the server's prompts its agents are told."""
    state = ServerToolsState
    return rx.fragment(
        labelled(
            t("ui.server_tools.prompt"),
            rx.el.select(
                rx.el.option(t("ui.server_tools.no_prompt"), value=""),
                rx.foreach(state.prompts, lambda row: rx.el.option(row["title"], value=row["name"])),
                value=state.prompt,
                on_change=[changes({"type": "field", "owner": state.node, "field": "prompt"}, chosen="value"), state.choose],
                disabled=EditorState.readonly,
                class_name="input select",
                data_testid="server-tools-prompt",
            ),
        ),
        rx.foreach(
            state.prompts,
            lambda row: rx.cond(
                (row["name"] == state.prompt) & (row["wants"] != ""), rx.el.p(row["wants"], class_name="muted small-text"), rx.fragment()
            ),
        ),
    )


def named(row: rx.Var[ServerToolRow]) -> rx.Var[str]:
    return row["name"].to(str)


def tool_line(row: rx.Var[ServerToolRow]) -> rx.Component:
    state, name = ServerToolsState, row["name"].to(str)
    return rx.el.li(
        rx.el.label(
            rx.el.input(
                type="checkbox",
                checked=row["allowed"].to(bool),
                disabled=EditorState.readonly,
                on_change=[
                    changes({"type": "allow", "id": state.node, "tool": name, "of": state.tools.foreach(named)}, chosen="allowed"),
                    lambda allowed: state.tick(name, allowed),
                ],
            ),
            rx.el.span(name, class_name="strong"),
            class_name="row",
        ),
        rx.el.p(row["does"], class_name="muted small-text"),
        key=name,
    )
