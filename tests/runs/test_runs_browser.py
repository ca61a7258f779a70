"""A run with a browser while a person is asked: it stays for the answer, and goes when the run is stopped."""

from __future__ import annotations

import asyncio

from chromium import needed, started
from patience import within
from run_house import House, assistant, drawing, practice
from scripted_server import always, reply, scripted

from studio.engine.events import ToolFinished
from studio.flow.document import Edge, Node

PAGE = reply("<title>Shop</title><p>We sell pears.</p>", content_type="text/html")


async def test_a_run_that_is_stopped_while_it_asks_closes_its_browser_within_a_second(house: House) -> None:
    needed()
    async with scripted(always(PAGE)) as server:
        before = started()
        tool = Node(id="n_web", kind="web_browser", config={"approval": "always", "private_hosts": [server.host], "screenshots": False})
        script = {"ann": [{"tool": "visit_url", "arguments": {"url": server.url}}, {"tool": "scroll_down", "arguments": {}}, "Done."]}
        flow = drawing(assistant("ann"), tool, model=practice(script), turns=1)
        wired = flow.model_copy(update={"edges": (*flow.edges, Edge(id="e_web", kind="tool", source="n_web", target="n_ann"))})
        run = (await house.runs.start(wired, "Look.")).run
        answered: set[str] = set()
        for _ in range(2):  # to the call, and to what starts for it
            question = await house.asked(run)
            answered.add(question)
            await house.runs.answer(run, question, "", approved=True)
        assert await house.asked(run) not in answered
        [result] = [event for event in house.runs.events(run) if isinstance(event, ToolFinished)]
        assert "We sell pears." in result.output
        assert started() - before
        began = asyncio.get_running_loop().time()
        await house.runs.stop(run)
        assert asyncio.get_running_loop().time() - began < within(1)
        assert house.runs.get(run).status == "stopped"
        for _ in range(500):  # the system takes a moment to forget processes
            if not started() - before:
                break
            await asyncio.sleep(0.01)
        assert not started() - before
