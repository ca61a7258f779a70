"""How fast a run is seen: from the click on Run to the first message, a run of 300 messages, and opening that run again.

Run: PYTHONPATH=. python tests/benchmarks/bench_run.py. Times are taken by the browser's own clock, from the event of the click to the
element in the page; models answer at once, so that what is measured is the studio.
"""

from __future__ import annotations

import statistics
from typing import Any

from serving import Figure, Visitor, browser, model_server, percentile, report, studio, talk

CLICKS = 15
MESSAGES = 300
PATIENCE = 60_000

LONG_TASKS = "window.longTasks = []; new PerformanceObserver((list) => longTasks.push(...list.getEntries())).observe({ type: 'longtask' });"

SINCE_CLICK = """
(selector) => {
  const before = document.querySelector("[data-testid=transcript]")?.dataset.run ?? "";
  window.seen = new Promise((resolve) => {
    let began = 0;
    document.addEventListener("click", (event) => (began = event.timeStamp), { capture: true, once: true });
    new MutationObserver((_, observer) => {
      const transcript = document.querySelector("[data-testid=transcript]");
      if (!began || !transcript || transcript.dataset.run === before || !transcript.querySelector(selector)) return;
      observer.disconnect();
      resolve({ began, took: performance.now() - began });
    }).observe(document.body, { subtree: true, childList: true, attributes: true });
  });
}
"""

ALL_THERE = """
window.arrived = new Promise((resolve) => {
  new MutationObserver((_, observer) => {
    if (document.querySelectorAll("[data-testid=transcript] [data-testid=message]").length < EXPECTED) return;
    observer.disconnect();
    resolve(performance.now());
  }).observe(document, { subtree: true, childList: true });
});
"""

CLICKED = "document.addEventListener('click', (event) => (window.clicked = event.timeStamp), { capture: true, once: true });"


def click_to_message(visitor: Visitor, times: int = CLICKS) -> list[float]:
    """Milliseconds from the click on Run to the first agent's message, of `times` runs in one open editor."""
    taken = []
    visitor.show_conversation()
    for _ in range(times):
        visitor.find("task-input").fill("Say something")
        visitor.page.evaluate(SINCE_CLICK, "[data-testid=message][data-source=ann]:not([data-earlier])")
        visitor.find("run-button").click()
        taken.append(visitor.page.evaluate("seen")["took"])
        visitor.ends()
        visitor.find("new-session").click()
    return taken


def long_run(visitor: Visitor) -> tuple[float, float, str]:
    """Seconds from the click to the end of the run, seconds of long tasks meanwhile, and the run's id."""
    visitor.show_conversation()
    visitor.find("task-input").fill("Talk for a while")
    visitor.page.evaluate(SINCE_CLICK, "[data-testid=run-finished]")
    visitor.find("run-button").click()
    seen = visitor.page.evaluate("seen")
    visitor.page.wait_for_timeout(500)
    blocked = visitor.page.evaluate(
        "(began) => longTasks.filter((each) => each.startTime >= began).reduce((sum, each) => sum + each.duration, 0)", seen["began"]
    )
    shown = visitor.messages.count()
    assert shown == MESSAGES + 1, f"{shown} messages are shown, not the task and {MESSAGES}"
    run = visitor.find("transcript").get_attribute("data-run")
    return seen["took"] / 1000, blocked / 1000, str(run)


def reopened(visitor: Visitor, run: str, times: int = 3) -> tuple[float, float]:
    """Seconds until all messages of a run are in the page: after loading its address anew, and after a click in the list of runs."""
    there = ALL_THERE.replace("EXPECTED", str(MESSAGES + 1))
    loads, clicks = [], []
    for _ in range(times):
        page: Any = visitor.context.new_page()
        page.add_init_script(there)
        page.goto(f"{visitor.studio.origin}/run/{run}")
        loads.append(page.evaluate("arrived") / 1000)
        page.close()
        page = visitor.context.new_page()
        page.goto(f"{visitor.studio.origin}/runs")
        link = page.locator(f"a[href*='/run/{run}']").first
        link.wait_for()
        page.wait_for_timeout(300)
        page.evaluate(f"() => {{ {there} {CLICKED} }}")
        link.click()
        clicks.append((page.evaluate("arrived") - page.evaluate("clicked")) / 1000)
        page.close()
    return statistics.median(loads), statistics.median(clicks)


def main() -> None:
    with model_server() as base_url, studio(OPENAI_API_KEY="sk-bench", OPENAI_BASE_URL=base_url) as served, browser() as chromium:
        visitor = Visitor(chromium, served)
        visitor.context.set_default_timeout(PATIENCE)
        visitor.context.add_init_script(LONG_TASKS)
        visitor.enter()
        visitor.import_flow(talk(1))
        practice = click_to_message(visitor)
        visitor.home()
        visitor.import_flow(talk(1, model={"kind": "openai", "config": {"model": "test-model"}}))
        over_http = click_to_message(visitor)
        visitor.home()
        visitor.import_flow(talk(MESSAGES))
        seconds, blocked, run = long_run(visitor)
        load, click = reopened(visitor, run)
        visitor.leave()
    report(
        [
            Figure("click on Run to the first message", statistics.median(practice), 75, 152, "ms", spread(practice)),
            Figure("the same, model over HTTP", statistics.median(over_http), 75, 152, "ms", spread(over_http)),
            Figure(f"run of {MESSAGES} messages", seconds, 3, 30.7, "s"),
            Figure("main thread blocked meanwhile", blocked, 1, 10.7, "s"),
            Figure("opening that run again, by a click", click, 0.5, 2.7, "s"),
            Figure("the same, by loading its address", load, 0.5, 2.7, "s"),
        ]
    )


def spread(values: list[float]) -> str:
    return f"first {values[0]:.0f}, least {min(values):.0f}, p95 {percentile(values, 0.95):.0f}"


if __name__ == "__main__":
    main()
