"""The chat page of a served flow in a real Chromium: a conversation, questions, hostile words, reloads, and what it looks like."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from patience import within
from playwright.sync_api import Page, expect
from served_flows import TOKEN, Served, agent, asking, coding, drawing, endless, opened, pair, practice, served
from served_process import serving
from studio_command import free_port

from studio.texts import text

HOSTILE = (
    "**Bold** `code` <img src=x onerror='window.bad=1'> <script>window.bad=1</script> [x](javascript:window.bad=1) "
    "[y](https://evil.example/?q) ![z](https://evil.example/pixel.png)\n\n```html\n<b>not bold</b>\n```\n\n- one\n- two\n\n"
    "The sums:\n| Who | Sum |\n|:---|---:|\n| <b>x</b> | `1\\|2` |\n| y | *3* | and more |\n\nno | table\nhere"
)
REFUSED = "the server responded with a status of 4"
"""What Chromium says by itself of a request that the service refused; the page tells it in words."""

Chat = Callable[..., tuple[Served, Page]]


@pytest.fixture
def chat(browser: Any, tmp_path: Path) -> Iterator[Chat]:
    """Opens the chat page of a drawing. At the end the browser may not have complained, nor asked for anything elsewhere."""
    complaints: list[str] = []
    with ExitStack() as open_things:

        def begin(document: Any, fragment: str = f"#{TOKEN}", **options: Any) -> tuple[Served, Page]:
            door = open_things.enter_context(served(tmp_path / "data", document))
            context = browser.new_context(**options)
            open_things.callback(context.close)
            page = context.new_page()
            page.on("console", lambda said: complaints.append(said.text) if said.type == "error" and REFUSED not in said.text else None)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("request", lambda request: None if request.url.startswith(door.url) else complaints.append(request.url))
            page.goto(f"{door.url}/{fragment}")
            return door, page

        yield begin
    assert complaints == []


def say(page: Page, task: str) -> None:
    page.locator("#task").fill(task)
    page.locator("#task").press("Enter")


def ends(page: Page, status: str = "done", count: int = 1) -> None:
    expect(page.locator(".end")).to_have_count(count, timeout=1_000 * within(20))
    expect(page.locator(".end").last).to_have_attribute("data-status", status)


def test_a_guest_talks_to_the_team_and_goes_on_in_the_same_conversation(chat: Chat) -> None:
    door, page = chat(pair())
    expect(page.locator("#name")).to_have_text("The team")
    expect(page.locator("#about")).to_have_text("They count.")
    assert TOKEN not in page.url
    page.get_by_role("button", name="Count.").click()
    page.locator("#task").press("Enter")
    ends(page)
    expect(page.locator("article .said")).to_have_text(["Count.", "one of ann", "two of bob"])
    say(page, "Go on.")
    ends(page, count=2)
    expect(page.locator("article .said").last).to_have_text("four")
    assert len({run.session for run in door.services.runs.list()}) == 1
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator("article")).to_have_count(0)
    expect(page.locator("#welcome")).to_be_visible()


def test_a_reload_shows_the_conversation_again_and_its_open_question(chat: Chat) -> None:
    _, page = chat(asking())
    say(page, "Begin.")
    expect(page.locator(".question")).to_be_visible()
    page.reload()
    expect(page.locator("article .said")).to_have_text(["Begin.", "What now?"])
    page.locator(".question textarea").fill("Go home.")
    page.locator(".question").get_by_role("button", name="Send").click()
    ends(page)
    expect(page.locator("article .said")).to_have_text(["Begin.", "What now?", "Go home.", "Fine."])
    expect(page.locator(".question")).to_have_count(0)


@pytest.mark.parametrize(
    ("config", "press", "heard"),
    [
        ({"form": "choice", "choices": ["left", "right"]}, "right", "right"),
        ({"form": "approve"}, "Approve", ""),
        ({"form": "form", "fields": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}, "Send", "Oslo"),
    ],
)
def test_questions_of_other_forms_are_answered_by_their_controls(chat: Chat, config: dict[str, Any], press: str, heard: str) -> None:
    _, page = chat(asking(**config))
    say(page, "Begin.")
    question = page.locator(".question")
    expect(question).to_be_visible()
    if config["form"] == "form":
        question.get_by_role("button", name=press).click()
        expect(question.get_by_role("alert")).not_to_be_empty()
        question.get_by_label("city").fill(heard)
    question.get_by_role("button", name=press).click()
    ends(page)
    expect(page.locator("#talk")).to_contain_text(heard)
    expect(page.locator("article .said").last).to_have_text("Fine.")


def test_what_the_owner_must_decide_has_no_control(chat: Chat) -> None:
    _, page = chat(coding())
    say(page, "Compute.")
    expect(page.locator(".question")).to_contain_text("owner")
    expect(page.locator(".question button, .question input, .question textarea")).to_have_count(0)
    page.get_by_role("button", name="Stop").click()
    ends(page, "stopped")


def test_hostile_words_are_shown_and_nothing_of_them_runs(chat: Chat) -> None:
    _, page = chat(drawing(agent("ann"), model=practice({"ann": [HOSTILE]}), turns=1, name="<b>Team</b>"))
    say(page, "<img src=x onerror='window.bad=1'>")
    ends(page)
    said = page.locator("article .said").last
    expect(said.locator("strong")).to_have_text("Bold")
    expect(said.locator("pre code")).to_have_text("<b>not bold</b>")
    expect(said.locator("li")).to_have_text(["one", "two"])
    expect(said.get_by_role("columnheader")).to_have_text(["Who", "Sum"])
    expect(said.get_by_role("cell")).to_have_text(["<b>x</b>", "1|2", "y", "3"])
    expect(said.locator("p").last).to_have_text("no | tablehere")
    expect(page.locator("#talk img, #talk script, #talk b, #name b")).to_have_count(0)
    assert [link.get_attribute("href") for link in said.locator("a").all()] == ["https://evil.example/?q", "https://evil.example/pixel.png"]
    assert said.locator("a").first.get_attribute("rel") == "noopener noreferrer nofollow"
    assert page.evaluate("window.bad") is None


def test_words_that_are_made_to_be_slow_are_shown_at_once(chat: Chat) -> None:
    _, page = chat(pair())
    for bait in ("`a``", "[a](", "**a*", "*a", "[", "`", "https://", "> ", "# ", "1. a\n", "```\n", "|", "a|b\n-|-\n"):
        took = page.evaluate(
            """async (text) => {
              const { rendered } = await import(new URL("words.js", document.baseURI));
              const begun = performance.now();
              rendered(text);
              return performance.now() - begun;
            }""",
            bait * (90_000 // len(bait)),
        )
        assert took < 5_000, f"{bait!r} took {took:.0f} ms"


def test_a_question_is_answered_in_the_page_that_saw_the_service_die_and_come_back(browser: Any, tmp_path: Path) -> None:
    services = opened(tmp_path / "data")
    services.flows.create(asking())
    services.database.close()
    port = str(free_port())
    context = browser.new_context()
    try:
        page = context.new_page()
        with serving(tmp_path / "data", "The team", "--port", port) as (process, _):
            page.goto(f"http://127.0.0.1:{port}/#{TOKEN}")
            say(page, "Begin.")
            expect(page.locator(".question")).to_be_visible(timeout=1_000 * within(20))
            process.kill()
            process.wait(20)
            page.locator(".question textarea").fill("Anybody?")
            page.locator(".question").get_by_role("button", name="Send").click()
            expect(page.locator(".question .problem")).to_have_text(text("guest.chat.unreachable"))
        with serving(tmp_path / "data", "The team", "--port", port):
            page.locator(".question textarea").fill("Go home.")
            page.locator(".question").get_by_role("button", name="Send").click()
            ends(page)
            expect(page.locator("article .said")).to_have_text(["Begin.", "What now?", "Go home.", "Fine."])
    finally:
        context.close()


def test_words_appear_while_they_are_spoken_and_a_run_can_be_stopped(chat: Chat) -> None:
    _, page = chat(endless())
    say(page, "Speak.")
    expect(page.locator(".speaking .said")).to_contain_text("word word")
    page.get_by_role("button", name="Stop").click()
    ends(page, "stopped")
    expect(page.locator(".speaking")).to_have_count(0)
    expect(page.get_by_role("button", name="Send")).to_be_visible()


def test_a_failure_is_told_once(chat: Chat) -> None:
    model = practice({}).model_copy(update={"kind": "openai", "config": {"account": "nobodys", "model": "none"}})
    _, page = chat(drawing(agent("ann"), model=model, turns=1))
    say(page, "Begin.")
    ends(page, "failed")
    assert page.locator("#talk").inner_text().count(text("guest.unfinished")) == 1


def test_without_the_token_the_page_asks_for_it(chat: Chat) -> None:
    _, page = chat(pair(), fragment="#100%")
    expect(page.locator("#door-note")).to_have_text(text("guest.chat.wrong"))
    page.evaluate("sessionStorage.clear()")
    page.goto(page.url)
    expect(page.locator("#door-note")).to_be_empty()
    expect(page.locator("#composer")).to_be_hidden()
    box = page.get_by_role("button", name="Open").bounding_box()
    assert box is not None
    assert box["height"] < 44, "its word is broken"
    page.get_by_label("token").fill("wrong")
    page.get_by_role("button", name="Open").click()
    expect(page.locator("#door-note")).to_have_text(text("guest.chat.wrong"))
    page.get_by_label("token").fill(TOKEN)
    page.get_by_role("button", name="Open").click()
    expect(page.locator("#name")).to_have_text("The team")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1200])
def test_nothing_is_cut_off_and_all_text_can_be_read(chat: Chat, scheme: str, width: int) -> None:
    _, page = chat(asking(), color_scheme=scheme, viewport={"width": width, "height": 800})
    say(page, "A long word: " + "x" * 300)
    expect(page.locator(".question")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(CONTRASTS) == []


CONTRASTS = """() => {
  const channels = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = (color) => channels(color).slice(0, 3).map((value) => value / 255)
    .map((value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)).reduce((sum, value, at) => sum + value * [0.2126, 0.7152, 0.0722][at], 0);
  const ground = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const color = getComputedStyle(each).backgroundColor;
      if ((channels(color)[3] ?? 1) > 0.5) return color;
    }
    return "rgb(255, 255, 255)";
  };
  const weak = [];
  for (const element of document.querySelectorAll("header *, main *, form *")) {
    if (!element.checkVisibility() || element.disabled || ![...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())) continue;
    const [one, other] = [light(getComputedStyle(element).color), light(ground(element))].sort((a, b) => b - a);
    if ((one + 0.05) / (other + 0.05) < 4.5) weak.push(element.textContent.slice(0, 40));
  }
  return weak;
}"""
