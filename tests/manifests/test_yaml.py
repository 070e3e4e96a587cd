from __future__ import annotations

import time
from typing import Any

import pytest

from fwaudit.manifests.text import ManifestError
from fwaudit.manifests.yaml import Node, read_yaml


def _plain(node: Node) -> Any:
    if isinstance(node.value, dict):
        return {key: _plain(value) for key, value in node.value.items()}
    return [_plain(item) for item in node.value] if isinstance(node.value, list) else node.value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: b\nc:\n  d: e # f\n", {"a": "b", "c": {"d": "e"}}),
        ("a:\n- b\n- c: d\n  e: f\n-\n  - g\n", {"a": ["b", {"c": "d", "e": "f"}, ["g"]]}),
        ("- - a\n  - b\n- c\n", [["a", "b"], "c"]),
        ("a: 'it''s'\nb: \"x\\ny: z\"\n\"c d\": e\n", {"a": "it's", "b": "x\ny: z", "c d": "e"}),
        ("a: [b, 'c, d', {e: f}, g h]\nb: {c: [d], e: }\n", {"a": ["b", "c, d", {"e": "f"}, "g h"], "b": {"c": ["d"], "e": ""}}),
        ("a: [\n  b,  # c\n  d\n]\ne: f\n", {"a": ["b", "d"], "e": "f"}),
        ("a: |\n  b\n\n  c\nd: >-\n  e\n  f\n", {"a": "  b\n\n  c", "d": "e f"}),
        ("a: b\n  c\nd: e\n", {"a": "b c", "d": "e"}),
        ("a: &x {b: c}\nd: *x\ne:\n  <<: *x\n  f: g\n", {"a": {"b": "c"}, "d": {"b": "c"}, "e": {"b": "c", "f": "g"}}),
        ("a: &x {b: c}\nd: &y {b: e, f: g}\nh:\n  <<: [*x, *y]\n", {"a": {"b": "c"}, "d": {"b": "e", "f": "g"}, "h": {"b": "c", "f": "g"}}),
        ("a: &x {b: c}\nd: {<<: [*x], e: f}\ng: {b: h, <<: *x}\n", {"a": {"b": "c"}, "d": {"b": "c", "e": "f"}, "g": {"b": "h"}}),
        ("a: &x b\nc: [*x, '*x', *nothing]\nd: {e: *x}\n", {"a": "b", "c": ["b", "*x", ""], "d": {"e": "b"}}),
        ('a: ["b \\\n  c", "d \\" e"]\n', {"a": ["b c", 'd " e']}),
        ("a: !Ref b\nc: http://d:80/e\n", {"a": "b", "c": "http://d:80/e"}),
        ("{{- if .x }}\na: {{ .y }}\n{{- end }}\n", {"a": "{{ .y }}"}),
        ("a:\nb:\n", {"a": "", "b": ""}),
        ("\ta: b\n", {"a": "b"}),
    ],
)
def test_what_manifests_write(text: str, said: object) -> None:
    """Blocks, brackets, quotes, aliases, merged keys, templates."""
    assert [_plain(document) for document in read_yaml(text)] == [said]


def test_documents_and_lines() -> None:
    """A stream holds documents; each node knows its line."""
    first, second = read_yaml("# a\n---\nb:\n  - c\n  - d\n--- \ne: f\n")
    listed = first.get("b")
    assert listed is not None
    assert [item.line for item in listed.items] == [4, 5]
    assert second.entries["e"].line == 7


@pytest.mark.parametrize(
    ("text", "line"),
    [("a: [b\n", 1), ('x: y\na: "b\n', 2), ("[" * 50_000, 1), ("- " * 50_000, 1), ("a: {" * 9_000, 1), ("a: [" * 60 + "]" * 60, 1)],
    ids=["bracket", "quote", "brackets", "dashes", "braces", "deep"],
)
def test_what_cannot_be_read(text: str, line: int) -> None:
    """What has no end or goes too deep is an error with its line."""
    with pytest.raises(ManifestError) as caught:
        read_yaml(text)
    assert caught.value.line == line


@pytest.mark.parametrize(
    "bomb",
    [
        "a: " * 100_000, "a: '" + "''" * 50_000, "x: [" + "a," * 9_000 + "]", "a:\n  b\n c\n" * 20_000,
        "? a\n" * 50_000, "k: |\n" * 50_000, "a: " + " " * 19_000 + "x", "x: [" + "a " * 8_000 + "]", "&" * 99_999, "a" * 999_999,
    ],
    ids=lambda bomb: repr(bomb[:6]),
)  # fmt: skip
def test_hostile_text_takes_no_time(bomb: str) -> None:
    """No text makes the reader slow."""
    start = time.perf_counter()
    documents = read_yaml(bomb)
    assert sum(1 for document in documents for _ in document.mappings()) < 100_000
    assert time.perf_counter() - start < 5


def test_aliases_that_multiply_are_bounded() -> None:
    """What aliases would multiply without end is an error, with the line and what to do."""
    lines = ["a0: &a0 {x: y}"] + [f"a{n}: &a{n} [" + ", ".join([f"*a{n - 1}"] * 9) + "]" for n in range(1, 30)]
    with pytest.raises(ManifestError, match="its aliases stand for more than 100,000 nodes: write out what they repeat") as caught:
        read_yaml("\n".join(lines) + "\n")
    assert caught.value.line == 6


@pytest.mark.parametrize(
    "uses",
    [
        "".join(f"u{number}: *a\n" for number in range(20_000)),
        "".join(f"u{number}:\n  <<: *a\n" for number in range(10_000)),
        "".join(f"u{number}: {{<<: [*a]}}\n" for number in range(10_000)),
        "b: [" + ", ".join(["*a"] * 3_000) + "]\n",
        "c:\n" + "  - *a\n" * 20_000,
        "---\n" * 2 + "".join("a: &a [" + "k, " * 500 + "]\nb: [*a, *a]\n---\n" for _ in range(200)),
        "".join(f"a{number}: &a{number} [*a{number - 1}, *a{number - 1}]\n" for number in range(1, 20_000)),
        "a: &a [*a,*a]\n" * 20_000,
    ],
    ids=["values", "merged keys", "merged keys in brackets", "in brackets", "items", "documents", "each of the one before", "of one name"],
)
def test_aliases_of_what_is_large_are_counted(uses: str) -> None:
    """However a large node is named often: nothing is copied, kept or visited more often than the limit."""
    large = "a: &a\n" + "".join(f"  key{number}: x\n" for number in range(1_000))
    with pytest.raises(ManifestError, match="its aliases stand for more than 100,000 nodes"):
        read_yaml(large + "a0: &a0 {}\n" + uses)


def test_aliases_as_real_files_have_them() -> None:
    """A base of twenty settings in three hundred services, and the commands of each, are read."""
    base = "x-base: &base\n" + "".join(f"  key{number}: x\n" for number in range(20)) + "x-command: &run [gunicorn, app:app]\n"
    services = "".join(f"  s{number}:\n    <<: *base\n    command: *run\n" for number in range(300))
    [document] = read_yaml(base + "services:\n" + services)
    assert document.get("services", "s299", "key19") is not None
    assert _plain(document.entries["services"].entries["s299"].entries["command"]) == ["gunicorn", "app:app"]
