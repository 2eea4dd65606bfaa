"""The house's measures: short functions, short files, imports at the top, one clock, nothing left for later."""

import ast
import re
import statistics
from collections.abc import Iterator
from pathlib import Path

from app.core.settings import ROOT

FUNCTION_MOST, FUNCTION_P90 = 50, 25
FILE_MOST, FLOW_MOST, JOB_MOST = 200, 150, 10
EXEMPT: frozenset[str] = frozenset()  # stays empty: a file that is too long is two files

CODE = sorted(path for folder in ("app", "workers") for path in (ROOT / folder).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
WRITTEN = [
    *CODE,
    *TESTS,
    *(ROOT / "bench").rglob("*.py"),
    *(ROOT / "docs").rglob("*.md"),
    *(ROOT / "scripts_library").rglob("*.md"),
    *(ROOT / "app/web").rglob("*.html"),
    *(ROOT / name for name in ("Makefile", "Dockerfile", "docker-compose.yml", "README.md", ".ci/run")),
]
Function = ast.FunctionDef | ast.AsyncFunctionDef


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def lines(path: Path) -> int:
    return sum(1 for line in path.read_text(encoding="utf-8").splitlines() if line.strip())


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Every function's name and its non-blank lines, its docstring included."""
    text = path.read_text(encoding="utf-8").splitlines()
    for node in ast.walk(tree(path)):
        if isinstance(node, Function):
            assert node.end_lineno is not None
            body = text[node.lineno - 1 : node.end_lineno]
            yield f"{name(path)}:{node.lineno} {node.name}", sum(1 for line in body if line.strip())


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_no_function_is_longer_than_fifty_lines() -> None:
    long = [(where, size) for path in [*CODE, *TESTS] for where, size in functions(path) if size > FUNCTION_MOST]
    assert long == []


def test_nine_functions_in_ten_fit_on_half_a_screen() -> None:
    sizes = [size for path in CODE for _, size in functions(path)]
    assert statistics.quantiles(sizes, n=10)[-1] <= FUNCTION_P90


def test_no_file_is_longer_than_two_hundred_lines() -> None:
    long = {name(path): lines(path) for path in [*CODE, *TESTS] if lines(path) > FILE_MOST}
    assert set(long) <= EXEMPT, long


def test_no_file_is_excused() -> None:
    assert frozenset() == EXEMPT


def test_every_flow_fits_into_one_hundred_and_fifty_lines() -> None:
    long = {path.name: lines(path) for path in (ROOT / "app/flows").glob("*.py") if lines(path) > FLOW_MOST}
    assert long == {}


def test_jobs_are_thin() -> None:
    long = [(where, size) for where, size in functions(ROOT / "workers/jobs.py") if size > JOB_MOST]
    assert long == []


def test_no_import_hides_in_a_function() -> None:
    hidden = [
        f"{name(path)}:{inner.lineno}"
        for path in [*CODE, *TESTS]
        for node in ast.walk(tree(path))
        if isinstance(node, Function)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert hidden == []


def test_only_the_clock_reads_the_wall() -> None:
    """The simulator stands for platforms, which have clocks of their own."""
    wall = re.compile(r"\bdatetime\.(now|utcnow|today)\(|\btime\.time\(|\bdate\.today\(")
    readers = [
        name(path)
        for path in CODE
        if wall.search(path.read_text(encoding="utf-8")) and not name(path).startswith("app/simulator/")
    ]
    assert readers == ["app/core/clock.py"]


def test_every_file_opens_by_saying_what_it_is_for() -> None:
    """Empty package files need not."""
    written = [path for path in CODE if path.read_text(encoding="utf-8").strip()]
    assert [name(path) for path in written if not ast.get_docstring(tree(path))] == []


def test_nothing_is_left_for_later() -> None:
    word = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")
    left = [
        f"{name(path)}:{number}"
        for path in WRITTEN
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if word.search(line)
    ]
    assert left == []


def test_no_name_says_nothing() -> None:
    empty = re.compile(r"(^|_)(helper|util|utils|manager|misc|common)s?($|_)")
    assert [name(path) for path in CODE if empty.search(path.stem)] == []


def test_no_test_is_switched_off() -> None:
    marks = re.compile(r"pytest\.(mark\.)?(sk" + r"ip|xf" + r"ail)")
    assert [name(path) for path in TESTS if marks.search(path.read_text(encoding="utf-8"))] == []
