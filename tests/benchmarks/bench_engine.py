"""The engine beside its peers: AutoGen 0.7 and 0.2, AG2 0.14 and 1.x, and the floors that all stand on, in one run over one model server.

Run: PYTHONPATH=. python tests/benchmarks/bench_engine.py [work …] [--only engine …] [--repeat N] [--cache DIR]
Prints seconds (the median), in brackets the ratio to the bare openai loop of the same run, and whether ours is within its bound.
Peers are installed into environments of their own below the cache folder, once. All of it takes half an hour, most of it the peers'.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import venv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import platformdirs

ROOT = Path(__file__).parents[2]
PEERS = Path(__file__).parent / "engine_peers"

SLOW_MODEL = 0.3
"""Seconds that the slow model takes for an answer."""

LONGEST = 900.0
"""Seconds that one engine may take for one work."""


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine, the script that drives it, and what has to be installed for it (nothing: it is in this environment)."""

    name: str
    script: str
    requirements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be done, and the most that ours may take: a part of what the bare openai loop takes, or a number of `unit`."""

    name: str
    title: str
    part: float | None = None
    most: float | None = None
    key: str = "seconds"
    unit: str = "s"
    times: float = 1.0
    delay: float = 0.0
    repeat: bool = True


ENGINES = (
    Engine("openai", "openai_loop.py"),
    Engine("autogen-0.7", "autogen_07.py", ("autogen-agentchat==0.7.5", "autogen-ext[openai]==0.7.5")),
    Engine("autogen-0.2", "classic.py", ("autogen-agentchat==0.2.40",)),
    Engine("ag2-0.14", "classic.py", ("ag2[openai]>=0.14,<0.15",)),
    Engine("ag2-1", "ag2_1.py", ("ag2[openai]>=1,<2",)),
    Engine("aiohttp", "aiohttp_loop.py"),
    Engine("ours", "convene.py"),
)

WORKS = (
    Work("turns_100", "two agents, 100 turns", part=0.10),
    Work("turns_1000", "one chat of 1,000 turns", part=0.04, repeat=False),
    Work("round_robin", "five agents round robin, 200 turns", part=0.10),
    Work("chosen", "model-chosen speaker, 100 turns", part=0.15),
    Work("at_once", "100 conversations × 20 turns at once", part=0.12),
    Work("slow", "the same, the model takes 300 ms", most=6.6, delay=SLOW_MODEL, repeat=False),
    Work("alone", "engine alone, a turn", most=0.2, unit="ms", times=1000),
    Work("alone_first", "… the first 100 of 1,000 turns", unit="ms", times=1000, key="first"),
    Work("alone_last", "… the last 100 of 1,000 turns", unit="ms", times=1000, key="last"),
    Work("import", "import of its names", most=0.3),
    Work("import_memory", "memory after it", most=45, unit="MB", key="megabytes"),
    Work("idle", "a conversation that waits for a person", most=50, unit="kB", key="kilobytes"),
)

SAME_RUN = {"alone_first": "alone", "alone_last": "alone", "import_memory": "import"}
"""Works that are measured together with another."""

NOT_FOR = {
    "openai": {"alone", "idle"},
    "aiohttp": {"alone", "idle"},
    "autogen-0.7": {"idle"},
    "autogen-0.2": {"idle"},
    "ag2-0.14": {"idle"},
    "ag2-1": {"chosen", "idle"},
}
"""What an engine cannot do, or what is asked of ours only."""


def environment_of(engine: Engine, cache: Path) -> Path:
    """The Python of an engine, installed where it is not yet. Raises CalledProcessError."""
    if not engine.requirements:
        return Path(sys.executable)
    folder = cache / engine.name
    python = folder / "bin" / "python"
    done = folder / "requirements.json"
    if done.exists() and json.loads(done.read_text()) == list(engine.requirements):
        return python
    print(f"Installing {engine.name} …", file=sys.stderr)
    shutil.rmtree(folder, ignore_errors=True)
    if uv := shutil.which("uv"):
        subprocess.run([uv, "venv", "-q", "-p", sys.executable, folder], check=True, timeout=120)
        subprocess.run([uv, "pip", "install", "-q", "--compile-bytecode", "-p", python, *engine.requirements], check=True, timeout=600)
    else:
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *engine.requirements], check=True, timeout=600)
    done.write_text(json.dumps(engine.requirements))
    return python


@contextmanager
def model_server(delay: float) -> Iterator[str]:
    """The base URL of a model server in a process of its own."""
    with subprocess.Popen([sys.executable, PEERS / "model_server.py", str(delay)], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def measured(engine: Engine, python: Path, work: str, base_url: str, cache: Path) -> dict[str, float] | None:
    """What an engine's script says about one work; None when it could not do it, which is told."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI_", "PYTHON"))}
    environment |= {"OPENAI_API_KEY": "k", "PYTHONPYCACHEPREFIX": str(cache / "bytecode"), "PYTHONWARNINGS": "ignore"}
    if not engine.requirements:
        environment["PYTHONPATH"] = str(ROOT)
    command = [python, PEERS / engine.script, work, base_url]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST, env=environment, cwd=cache)
        answer: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
        return answer
    except subprocess.TimeoutExpired:
        print(f"{engine.name} took more than {LONGEST:.0f} s for {work}.", file=sys.stderr)
    except (IndexError, ValueError):
        print(f"{engine.name} could not do {work}: {(done.stderr.strip().splitlines() or ['it said nothing'])[-1]}", file=sys.stderr)
    return None


def medians(runs: Sequence[dict[str, float]]) -> dict[str, float]:
    return {key: statistics.median(run[key] for run in runs) for key in runs[0]} if runs else {}


def compare(work: Work, engines: Sequence[Engine], pythons: dict[str, Path], repeat: int, cache: Path) -> dict[str, dict[str, float]]:
    """{engine: what was measured}; the engines take turns, so that what else the machine does meets them all."""
    runs: dict[str, list[dict[str, float]]] = {engine.name: [] for engine in engines}
    with model_server(work.delay) as base_url:
        for _ in range(repeat if work.repeat else 1):
            for engine in engines:
                if work.name not in NOT_FOR.get(engine.name, ()):
                    answer = measured(engine, pythons[engine.name], work.name, base_url, cache)
                    if answer is not None:
                        runs[engine.name].append(answer)
    return {name: medians(each) for name, each in runs.items()}


def line(work: Work, found: dict[str, dict[str, float]], engines: Sequence[Engine]) -> str:
    """One line of the table."""
    floor = found.get("openai", {}).get(work.key)
    cells = []
    for engine in engines:
        value = found[engine.name].get(work.key)
        if value is None:
            cells.append("–")
            continue
        shown = f"{value * work.times:.3g}"
        cells.append(f"{shown} ({value / floor:.2f})" if floor and engine.name != "openai" else shown)
    verdict = ""
    ours = found.get("ours", {}).get(work.key)
    if ours is not None and work.part is not None and floor:
        verdict = f"{ours / floor:.3f} of {work.part:.2f} × openai: {'reached' if ours <= work.part * floor else 'NOT REACHED'}"
    elif ours is not None and work.most is not None:
        ours *= work.times
        verdict = f"{ours:.3g} of {work.most:g} {work.unit}: {'reached' if ours <= work.most else 'NOT REACHED'}"
    return f"{f'{work.title} ({work.unit})':46}" + "".join(f"{cell:>15}" for cell in cells) + f"   {verdict}"


def main() -> None:
    names = [work.name for work in WORKS if work.name not in SAME_RUN]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", nargs="*", help=f"all unless some are named: {', '.join(names)}")
    parser.add_argument("--only", nargs="+", metavar="ENGINE", choices=[engine.name for engine in ENGINES])
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--cache", type=Path, default=Path(platformdirs.user_cache_dir("convene-benchmarks")))
    wanted = parser.parse_args()
    if unknown := set(wanted.work) - set(names):
        parser.error(f"there is no work {', '.join(unknown)}; there are {', '.join(names)}")
    engines = [engine for engine in ENGINES if not wanted.only or engine.name in wanted.only]
    wanted.cache.mkdir(parents=True, exist_ok=True)
    pythons = {engine.name: environment_of(engine, wanted.cache) for engine in engines}
    print(f"{'':46}" + "".join(f"{engine.name:>15}" for engine in engines) + "   ours")
    found: dict[str, dict[str, dict[str, float]]] = {}
    for work in WORKS:
        measured_as = SAME_RUN.get(work.name, work.name)
        if wanted.work and measured_as not in wanted.work:
            continue
        if measured_as == work.name:
            found[work.name] = compare(work, engines, pythons, max(1, wanted.repeat), wanted.cache)
        print(line(work, found[measured_as], engines), flush=True)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    print(f"load of the machine: {load:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
