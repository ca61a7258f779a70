"""MCP servers and calls that people look at closely: tools chosen from a list, arguments changed before the yes."""

from __future__ import annotations

import sys
from pathlib import Path

from e2e_flows import assistant, node, team
from mcp_oauth_server import guarded_server
from model_server import Call, ModelServer
from patience import within
from playwright.sync_api import expect
from visitor import Visitor

PROGRAM = str(Path(__file__).parents[1] / "engine" / "tools" / "mcp_test_server.py")
SERVER = {"kind": "stdio", "command": sys.executable, "args": [PROGRAM, "stdio"]}


def test_the_tools_of_a_server_are_ticked_after_a_yes_to_its_command(visitor: Visitor) -> None:
    flow = team("Shop", assistant("ann", "You sell."))
    flow["nodes"].append(node("n_shop", "mcp", "shop", 700, 600, parent=None, transport=SERVER))
    visitor.import_flow(flow)
    visitor.choose("shop")
    visitor.find("server-tools-see").click()
    expect(visitor.find("server-tools")).to_contain_text(PROGRAM)
    expect(visitor.find("server-tools-list")).to_have_count(0)
    visitor.find("server-tools-agree").click()
    listed = visitor.find("server-tools-list")
    expect(listed).to_contain_text("Add two numbers.", timeout=1_000 * within(30))
    listed.get_by_label("crash").click()
    expect(listed.get_by_label("crash")).not_to_be_checked()
    expect(visitor.field("allow")).to_contain_text("add")
    expect(visitor.field("allow")).not_to_contain_text("crash")
    visitor.find("server-tools-prompt").select_option("greeting")
    expect(visitor.find("server-tools")).to_contain_text("It must be given name")
    visitor.page.locator(".inspector summary").first.click()
    expect(visitor.field("prompt")).to_have_value("greeting")


def test_the_arguments_of_a_call_are_changed_before_the_yes(visitor: Visitor, model: ModelServer) -> None:
    model.script({"You pay": [Call("pay", {"amount": 900}), "DONE"]})
    flow = team("Paying", assistant("ann", "You pay."))
    source = "def pay(amount: int) -> str:\n    return f'paid {amount}'\n"
    flow["nodes"].append(
        node("n_pay", "python_tool", "pay", 700, 600, parent=None, source=source, approval="always", executor={"kind": "local"})
    )
    flow["edges"].append({"id": "e_pay", "kind": "tool", "source": "n_pay", "target": "n_ann"})
    visitor.import_flow(flow)
    visitor.run("Pay.")
    expect(visitor.question).to_contain_text('"amount": 900')
    visitor.find("answer-edit").click()
    visitor.find("answer-input").fill("[9]")
    expect(visitor.find("answer-send")).to_be_disabled()
    visitor.find("answer-input").fill('{"amount": 9}')
    visitor.find("answer-send").click()
    visitor.find("answer-approve").click()  # that it may run on this machine
    visitor.ends("done")
    call = visitor.find("tool-call")
    call.locator("summary").click()
    expect(call).to_contain_text("paid 9")


def test_a_server_that_wants_people_to_sign_in_is_signed_in_at_in_another_window(visitor: Visitor, model: ModelServer) -> None:
    model.script({"You keep": [Call("open_vault", {}), "DONE"]})
    with guarded_server() as server:
        flow = team("Vault", assistant("ann", "You keep."))
        flow["nodes"].append(
            node("n_vault", "mcp", "vault", 700, 600, parent=None, transport={"kind": "streamable_http", "url": server.url})
        )
        flow["edges"].append({"id": "e_vault", "kind": "tool", "source": "n_vault", "target": "n_ann"})
        visitor.import_flow(flow)
        visitor.run("Open it.")
        visitor.find("answer-approve").click()  # that the server may be used
        expect(visitor.question).to_contain_text("This server wants you to sign in before ann can use its tools.")
        expect(visitor.question).to_contain_text(server.url)
        with visitor.expecting(f"foreign request: {server.origin}"):
            with visitor.page.context.expect_page() as opened:
                visitor.find("sign-in").click()
            expect(opened.value.locator("body")).to_contain_text(f"You are signed in at {server.url}")
        visitor.ends("done")
        call = visitor.find("tool-call")
        call.locator("summary").click()
        expect(call).to_contain_text("gold")

        visitor.choose("vault")
        visitor.find("tab-inspector").click()
        visitor.find("server-tools-see").click()
        visitor.find("sign-out").click()
        expect(visitor.find("sign-out")).to_have_count(0)
        visitor.run("Open it once more.")
        visitor.find("answer-approve").click()
        expect(visitor.question).to_contain_text("This server wants you to sign in")
