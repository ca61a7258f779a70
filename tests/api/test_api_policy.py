"""The content policy: the built pages' own scripts run, nothing else does."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from studio.api.policy import PagePolicy, inline_hashes


def test_each_inline_script_is_hashed_as_the_browser_does() -> None:
    code = "\nlet ü = 1 < 2\n"
    page = f'<script src="/a.js"></script><script>{code}</script><script type="module" async="">import "/b.js"</script>'
    expected = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    hashes = list(inline_hashes(page))
    assert hashes[0] == f"'sha256-{expected}'"
    assert len(hashes) == 2


def test_pages_that_share_a_script_name_it_once(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<script>a</script><script>b</script>")
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "index.html").write_text("<script>a</script><script>c</script>")
    assert len(PagePolicy.of_build(tmp_path).scripts) == 3


def test_what_is_no_page_may_do_nothing() -> None:
    assert PagePolicy().for_data().startswith("default-src 'none'")
