"""Tests run side by side: one that allows only so many seconds is marked `alone`, or the others would make it fail."""

import ast
from collections.abc import Iterator
from pathlib import Path

from app.core.settings import ROOT

TESTS = sorted((ROOT / "tests").rglob("test_*.py"))
WATCHES = {"monotonic", "perf_counter", "time"}


def reads_a_watch(node: ast.AST) -> bool:
    calls = [one.func for one in ast.walk(node) if isinstance(one, ast.Call)]
    return any(isinstance(func, ast.Attribute) and func.attr in WATCHES for func in calls)


def limits(node: ast.AST) -> Iterator[int]:
    """The lines on which something is asserted to have taken less than a number of seconds."""
    for one in ast.walk(node):
        match one:
            case ast.Assert(test=ast.Compare(left=ast.BinOp(op=ast.Sub()) as took, ops=[ast.Lt() | ast.LtE()])):
                if reads_a_watch(took):
                    yield one.lineno


def marked(node: ast.AST) -> bool:
    return any(isinstance(one, ast.Attribute) and one.attr == "alone" for one in ast.walk(node))


def unmarked(module: ast.Module) -> list[int]:
    if any(isinstance(one, ast.Assign) and marked(one) for one in module.body):
        return []
    return [line for one in module.body if not marked(one) for line in limits(one)]


def hurried(path: Path) -> list[int]:
    return unmarked(ast.parse(path.read_text(encoding="utf-8")))


def test_what_may_take_only_so_long_runs_alone() -> None:
    found = {str(path.relative_to(ROOT)): lines for path in TESTS if (lines := hurried(path))}
    assert found == {}


def test_a_limit_without_the_mark_is_seen() -> None:
    body = "def test_it():\n    began = time.monotonic()\n    assert time.monotonic() - began < 1\n"
    assert unmarked(ast.parse(body)) == [3]
    assert unmarked(ast.parse("@pytest.mark.alone\n" + body)) == []
    assert unmarked(ast.parse("pytestmark = pytest.mark.alone\n" + body)) == []
    assert unmarked(ast.parse(body.replace("<", ">="))) == []
