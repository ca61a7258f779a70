"""What the first page shows and does: flows, templates, recent runs, local model servers."""

from __future__ import annotations

from typing import Any, TypedDict

import reflex as rx

from components.sketch import SketchData
from studio.api.services import services
from studio.flow.document import FlowDocument
from studio.library.drawing import usual_models
from studio.library.templates import template, templates
from studio.texts import counted, text
from studio.ui.shared.notices import NoticeState, done, told
from studio.ui.shared.runs import RunRow, run_row
from studio.ui.shared.servers import FoundServer, local_servers
from studio.ui.shared.sketches import sketch
from studio.ui.shared.times import iso

PICTURED = 24
"""So many flows are shown with a picture; the rest of a long list with their names."""
RECENT = 6


class FlowCard(TypedDict):
    id: str
    name: str
    description: str
    agents: int
    runs: int
    updated: str
    last_status: str
    last_status_text: str
    sketch: SketchData


class TemplateCard(TypedDict):
    id: str
    title: str
    description: str
    agents: int
    sketch: SketchData


class DeletedRow(TypedDict):
    id: str
    name: str
    deleted: str


class HomeState(rx.State):
    """The lists are read anew whenever the page is opened."""

    flows: list[FlowCard] = []
    gallery: list[TemplateCard] = []
    recent: list[RunRow] = []
    servers: list[FoundServer] = []
    accounts: list[str] = []
    default_models: dict[str, str] = {}
    loaded: bool = False
    looked_around: bool = False
    welcome: bool = False
    deleted: list[DeletedRow] = []
    deleted_open: bool = False
    renaming: str = ""
    renaming_name: str = ""
    search: str = ""

    @rx.var
    def found(self) -> list[FlowCard]:
        """The flows whose name or description has what was searched for."""
        wanted = self.search.strip().casefold()
        return [flow for flow in self.flows if wanted in f"{flow['name']} {flow['description']}".casefold()] if wanted else self.flows

    @rx.event
    @told
    async def open(self) -> Any:
        """Reads everything; looking for local servers goes on in the background."""
        await self._read()
        return HomeState.look_around

    @rx.event
    @told
    async def catch_up(self) -> None:
        """Shows what other tabs changed meanwhile."""
        if self.loaded:
            await self._read()

    async def _read(self) -> None:
        house = services()
        runs = house.runs.list(limit=200)
        last: dict[str, str] = {}
        for run in runs:
            if run.flow_id:
                last.setdefault(run.flow_id, run.status)
        self.flows = [_flow_card(summary, last.get(summary.id, ""), at < PICTURED) for at, summary in enumerate(house.flows.list())]
        self.deleted = [{"id": flow.id, "name": flow.name, "deleted": iso(flow.deleted)} for flow in house.flows.deleted()]
        self.deleted_open = self.deleted_open and bool(self.deleted)
        self.gallery = [_template_card(each.id, each.title, each.description, each.document) for each in templates()]
        self.recent = [run_row(run) for run in runs[:RECENT]]
        self.default_models = usual_models(house.accounts.list())
        self.accounts = list(self.default_models)
        self.welcome = not house.preferences.get("welcome.closed", False)
        self.loaded = True

    @rx.event(background=True)
    async def look_around(self) -> None:
        found = await local_servers()
        async with self:
            self.servers = found
            self.looked_around = True

    @rx.event
    def set_search(self, value: str) -> None:
        self.search = value

    @rx.event
    @told
    def new_flow(self) -> Any:
        return rx.redirect(f"/flow/{services().flows.create(FlowDocument(name=text('flow.untitled')))}")

    @rx.event
    @told
    def use_template(self, template_id: str) -> Any:
        if (chosen := template(template_id)) is None:
            return NoticeState.tell("error", text("ui.templates.gone"), "")
        return rx.redirect(f"/flow/{services().flows.create(chosen.document)}")

    @rx.event
    def ask_rename(self, flow_id: str, name: str) -> None:
        self.renaming, self.renaming_name = flow_id, name

    @rx.event
    @told
    async def rename(self, flow_id: str, form: dict[str, Any]) -> Any:
        self.renaming = ""
        services().flows.edit(flow_id, {"type": "describe", "name": str(form.get("name") or "").strip() or text("flow.untitled")})
        await self._read()

    @rx.event
    @told
    async def duplicate(self, flow_id: str) -> Any:
        services().flows.duplicate(flow_id)
        await self._read()
        return done(text("ui.flow.duplicated"))

    @rx.event
    def keep(self) -> None:
        """Closes the dialog that asks for a name."""
        self.renaming = ""

    @rx.event
    @told
    async def delete(self, flow_id: str, name: str) -> Any:
        """Deletes a flow at once: it can be brought back from the message, and later from the list of deleted flows."""
        services().flows.delete(flow_id)
        await self._read()
        return done(text("ui.flow.deleted", name=name), undo=flow_id)

    @rx.event
    @told
    async def bring_back(self, flow_id: str) -> None:
        services().flows.bring_back(flow_id)
        await self._read()

    @rx.event
    @told
    async def forget(self, flow_id: str) -> None:
        """Removes a deleted flow for good."""
        services().flows.forget(flow_id)
        await self._read()

    @rx.event
    def show_deleted(self) -> None:
        self.deleted_open = True

    @rx.event
    def hide_deleted(self) -> None:
        self.deleted_open = False

    @rx.event
    @told
    async def imported(self, flow_id: str, flows: int, runs: int) -> Any:
        """One flow is opened with its report; several, and their runs, are shown here."""
        if flows == 1 and not runs:
            return rx.redirect(f"/flow/{flow_id}")
        await self._read()
        brought = [counted(key, count) for key, count in (("ui.import.flows", flows), ("ui.import.runs", runs)) if count]
        return done(text("ui.import.several", what=", ".join(brought)))

    @rx.event
    @told
    async def use_server(self, name: str, base_url: str, model: str) -> Any:
        """Makes a found local server a model account. Local servers want no key."""
        services().accounts.save(name, provider="openai", base_url=base_url, default_model=model)
        await self._read()
        return done(text("ui.accounts.added", name=name))

    @rx.event
    @told
    def close_welcome(self) -> None:
        self.welcome = False
        services().preferences.set("welcome.closed", True)


def _flow_card(summary: Any, status: str, pictured: bool) -> FlowCard:
    nothing: SketchData = {"view": "0 0 1 1", "boxes": [], "lines": []}
    return {
        "id": summary.id,
        "name": summary.name,
        "description": summary.description,
        "agents": summary.agents,
        "runs": summary.runs,
        "updated": iso(summary.updated),
        "last_status": status,
        "last_status_text": text(f"ui.status.{status}") if status else "",
        "sketch": sketch(services().flows.get(summary.id).document) if pictured else nothing,
    }


def _template_card(template_id: str, title: str, description: str, document: FlowDocument) -> TemplateCard:
    picture = sketch(document)
    return {
        "id": template_id,
        "title": title,
        "description": description,
        "agents": sum(1 for box in picture["boxes"] if box["look"] == "agent"),
        "sketch": picture,
    }
