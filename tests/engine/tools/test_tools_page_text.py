"""Web pages as text: what reads well stays, what surrounds it goes, and no page makes reading slow."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.engine.tools.page_text import page_text

HERE = "https://example.com/news/today?x=1"


def text(source: str) -> str:
    return page_text(source, HERE).text


def test_the_title_is_read_and_not_repeated() -> None:
    page = page_text("<head><title> A &amp;\n B </title></head><p>x", HERE)
    assert (page.title, page.text) == ("A & B", "x")


def test_headings_paragraphs_and_breaks() -> None:
    assert text("<h1>One <em>two</em></h1><p>a<br>b<p>c</p>d<div>e</div>") == "# One two\n\na\nb\n\nc\n\nd\n\ne"


def test_lists_are_indented_and_numbered() -> None:
    source = "<ul><li>a<li>b<ul><li>c</ul><li>d</ul><ol><li><p>x</p></li><li>y</li></ol>"
    assert text(source) == "- a\n- b\n  - c\n- d\n1. x\n2. y"


def test_tables_have_a_head() -> None:
    source = "<table><tr><th>n<th>v<tr><td>1<td><p>a|b</p></table><p>after"
    assert text(source) == "| n | v |\n| --- | --- |\n| 1 | a\\|b |\n\nafter"


def test_code_and_quotes_stay_what_they_are() -> None:
    source = "<blockquote><p>said</p></blockquote><pre><code>if a &lt; b:\n    c</code></pre><p>use <code>x</code>"
    assert text(source) == "> said\n\n```\nif a < b:\n    c\n```\n\nuse `x`"


@pytest.mark.parametrize(
    ("link", "written"),
    [
        ("/a?b=1&amp;c=2", "[t](https://example.com/a?b=1&c=2)"),
        ("next", "[t](https://example.com/news/next)"),
        ("//other.org/x", "[t](https://other.org/x)"),
        ("http://a.b/", "[t](http://a.b/)"),
        ("javascript:alert(1)", "t"),
        ("JaVaScRiPt:alert(1)", "t"),
        ("data:text/html,x", "t"),
        ("file:///etc/passwd", "t"),
        ("#part", "t"),
        ("", "t"),
        ("http://[", "t"),
        (f"/{'x' * 600}", "t"),
        ("/a)b", "t"),
    ],
)
def test_links_are_absolute_and_of_the_web(link: str, written: str) -> None:
    assert text(f'<p><a href="{link}">t</a>') == written


def test_links_start_from_the_base_that_a_page_names() -> None:
    assert text('<base href="https://cdn.example/x/"><a href="y">t</a>') == "[t](https://cdn.example/x/y)"


def test_a_link_around_blocks_is_in_each_of_them() -> None:
    assert text('<a href="/h"><h2>Head</h2><p>para</p></a>') == "## [Head](https://example.com/h)\n\n[para](https://example.com/h)"


def test_menus_scripts_and_forms_are_left_out() -> None:
    source = """<nav>menu</nav><script>if (a < b) {document.write("<p>written</p>")}</script><style>p{}</style><template><p>t</template>
    <noscript>n</noscript><svg><text>s</text></svg><select><option>o</select><aside>around</aside><!-- <p>said --><p>kept</p><footer>f</footer>"""
    assert text(source) == "kept"


def test_the_main_part_is_enough_when_it_is_long() -> None:
    long = "word " * 60
    assert text(f"<div>around</div><main><p>{long}</p></main><div>below</div>") == long.strip()
    assert text(f"<div>around</div><article><p>{long}</p></article>") == long.strip()
    assert "around" in text("<div>around</div><main>short</main>")


def test_what_is_no_tag_is_text() -> None:
    assert text("<p>1 < 2 and 3 <4 <é> </ x>b") == "1 < 2 and 3 <4 <é> b"
    assert text("<p don't>a</p><p>b</p>") == "a\n\nb"
    assert text("a<") == "a<"
    assert text("plain & simple &copy; &#8364;") == "plain & simple © €"


HOSTILE = {
    "brackets": "<" * 3_000_000,
    "open tags": "<a " * 1_000_000,
    "odd quotes": '<a ">' * 600_001,
    "quotes": '<a "' * 700_000,
    "comments": "<!--" * 700_000,
    "scripts": "<script>" * 300_000,
    "script ends": "<script></" * 300_000,
    "deep": "<div>" * 600_000,
    "lists": "<ul><li>" * 300_000,
    "quotations": "<blockquote>a" * 200_000,
    "attributes": f"<a {'x=1 ' * 700_000}>",
    "open attributes": f"<a {'x= ' * 20_000}href" * 20,
    "spaces": "<p>" + " \n" * 1_400_000 + "a",
    "entities": "&#x" * 900_000,
    "tables": "<table><tr><td>a" * 100_000,
    "links": "<a href=/x>a" * 200_000,
    "code": "<pre>a" * 300_000,
    "main parts": "<main>a" * 300_000,
    "declarations": "<!a>" * 700_000,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_no_page_makes_reading_slow(kind: str) -> None:
    began = time.process_time()
    page = page_text(HOSTILE[kind], HERE)
    assert time.process_time() - began < 6
    assert len(page.text) < 6_000_000


@given(st.text(alphabet=st.sampled_from(list("<>/\"'=&;! \nabp-?lihrefmantd1#")), max_size=300))
def test_every_text_is_a_page(source: str) -> None:
    page = page_text(source, HERE)
    assert "javascript:" not in page.text
    assert page.text == page.text.strip("\n")
