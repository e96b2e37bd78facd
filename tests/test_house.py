"""What linters cannot see."""

from __future__ import annotations

import functools
import importlib
import inspect
import pkgutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import polars as pl
import pytest

import logq
from logq.compile import apply_rest, lower
from logq.frame import LogFrame
from logq.plan import STEPS, Context, Plan, Scan, Step, decode, encode

ROOT: Final = Path(logq.__file__).parent
PUBLIC: Final = [
    "FORMATS",
    "FileReport",
    "Fleet",
    "Format",
    "GroupBy",
    "HostReport",
    "Limits",
    "LogFrame",
    "Node",
    "Patience",
    "Report",
    "Result",
    "Sample",
    "Skipped",
    "Stamp",
    "absent",
    "errors",
    "from_polars",
    "register",
    "scan",
    "step",
]
METHODS: Final[dict[str, Callable[[LogFrame], LogFrame]]] = {
    "aggregate": lambda f: f.group_by("line").agg(pl.len()),
    "context": lambda f: f.context(1),
    "drop": lambda f: f.drop("raw"),
    "extract": lambda f: f.extract(r"(?P<word>\w+)"),
    "filter": lambda f: f.filter(pl.col("line") > 1),
    "having": lambda f: f.sessions("line").having(pl.col("line") > 1),
    "head": lambda f: f.head(3),
    "match_pattern": lambda f: f.match_pattern("A B+", {"B": pl.col("line") > 1}, by="raw", within="5s"),
    "redact": lambda f: f.redact(r"\d+"),
    "rename": lambda f: f.rename({"raw": "text"}),
    "repair_time": lambda f: f.repair_time(),
    "scope": lambda f: f.scope(pl.col("line") > 1),
    "select": lambda f: f.select("line", "raw"),
    "sequence": lambda f: f.sequence(logq.step("one", pl.col("line") == 1), by="raw", within="5s"),
    "session_links": lambda f: f.sessions(link=["line", "raw"]).links(),
    "session_summary": lambda f: f.sessions("line").summary(),
    "sessions": lambda f: f.sessions("line", gap="5m"),
    "sort": lambda f: f.sort("line", descending=True),
    "tail": lambda f: f.tail(3),
    "timeline": lambda f: f.sessions("line").timeline(),
    "unique": lambda f: f.unique("raw"),
    "with_columns": lambda f: f.with_columns(n=pl.col("line") + 1),
}
"""One chain method for every step; a new step without one fails below."""


def step_of(name: str) -> Step:
    """The step that the chain method for `name` adds."""
    return METHODS[name](logq.scan(b"a\nb")).plan.steps[-1]


def python(code: str) -> str:
    """What `code` prints in an interpreter of its own."""
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT.parent
    ).stdout


def modules() -> list[str]:
    """Names of all modules of the package."""
    return ["logq", *(m.name for m in pkgutil.walk_packages(logq.__path__, "logq."))]


def callables() -> dict[str, Any]:
    """What the packages and the modules of the ground floor export, and public methods of what a user holds."""
    found: dict[str, Any] = {}
    for name in modules():
        if name.count(".") > 1:
            continue
        module = importlib.import_module(name)
        for public in getattr(module, "__all__", ()):
            value = getattr(module, public)
            if inspect.isfunction(value) or isinstance(value, functools._lru_cache_wrapper):
                found[f"{value.__module__}.{public}"] = value
    for cls in (LogFrame, logq.GroupBy):
        for name, member in inspect.getmembers(cls):
            if not name.startswith("_") and (inspect.isfunction(member) or isinstance(member, property)):
                found[f"{cls.__name__}.{name}"] = member
    return found


def test_public_names_are_pinned() -> None:
    """`logq` exports these names and no others; each can be had, and `dir` lists it."""
    assert logq.__all__ == PUBLIC
    assert sorted(logq.HOMES) == PUBLIC
    for name in PUBLIC:
        assert getattr(logq, name) is not None
        assert name in dir(logq)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = logq.nothing


def test_every_step_has_a_chain_method() -> None:
    """A step of the plan can be written down as a method of a chain."""
    assert {s.__struct_config__.tag for s in STEPS} == METHODS.keys()
    for step in STEPS:
        assert type(step_of(str(step.__struct_config__.tag))) is step


@pytest.mark.parametrize("name", METHODS)
def test_every_step_travels(name: str) -> None:
    """A plan with the step reads back equal."""
    plan = Plan(source=Scan(sources=("a.log",))).then(step_of(name))  # type: ignore[arg-type]
    assert decode(encode(plan)) == plan


@pytest.mark.parametrize("name", METHODS)
def test_every_step_is_lowered(name: str) -> None:
    """A step has a translation of its own; a context, which needs the whole universe, has one on the stream."""
    step = step_of(name)
    if isinstance(step, Context):
        names = {f"__logq_{n}": pl.Int64() for n in ("set", "file", "number")}
        frame = apply_rest([step], pl.LazyFrame(schema={"raw": pl.String(), **names}))
        assert "context_group" in frame.collect_schema()
        return
    assert lower.dispatch(type(step)) is not lower.dispatch(object)


@pytest.mark.parametrize("name", METHODS)
def test_every_step_describes_itself(name: str) -> None:
    """`explain` shows one line a step, and what it names."""
    frame = METHODS[name](logq.scan(b"a\nb", format="plain"))
    line = frame.plan.steps[-1].describe()
    assert "\n" not in line
    assert line in frame.explain()


def test_a_step_without_a_lowering_is_named() -> None:
    """What the compiler cannot translate is an error that says so, not a silent nothing."""

    class Strange(Step, frozen=True, tag="strange"):
        pass

    with pytest.raises(TypeError, match="Strange has no lowering"):
        lower(Strange(), pl.LazyFrame())
    with pytest.raises(NotImplementedError):
        Strange().describe()
    with pytest.raises(NotImplementedError):
        Strange().required(None)


@pytest.mark.parametrize("name", callables())
def test_every_public_callable_shows_how_it_runs(name: str) -> None:
    """A docstring with an example, which the doctests run."""
    text = inspect.getdoc(callables()[name])
    assert text
    assert ">>>" in text, f"{name} has no example"


def test_import_is_lazy() -> None:
    """`import logq` loads none of what a question needs, so that it costs nothing."""
    loaded = python(
        "import sys, logq; print(*[m for m in ('polars', 'msgspec', 'pyarrow', 'fsspec', 'asyncssh') if m in sys.modules])"
    )
    assert loaded.split() == []


def test_lower_floors_need_polars_and_msgspec_alone() -> None:
    """Reading and compiling start where pyarrow, fsspec and asyncssh are not installed."""
    code = (
        "import sys\n"
        "for name in ('pyarrow', 'fsspec', 'asyncssh', 'hypothesis', 'pytest'):\n"
        "    sys.modules[name] = None\n"
        "import logq.plan, logq.read, logq.compile, logq.optimise\n"
        "print('fine')"
    )
    assert python(code) == "fine\n"


def test_no_python_function_runs_per_row() -> None:
    """Nowhere in the library is a value handed to Python one at a time."""
    slow = ("map_elements", "iter_rows", "rows_by_key")
    found = [f"{p.name}: {word}" for p in ROOT.rglob("*.py") for word in slow if word in p.read_text(encoding="utf-8")]
    assert found == []


def test_files_are_small() -> None:
    """A file can be read in one sitting; but for the agent that is piped to hosts, which is one source by its nature."""
    long = {p.name: n for p in ROOT.rglob("*.py") if (n := len(p.read_text(encoding="utf-8").splitlines())) > 350}
    assert long.keys() == {"agent.py"}
    assert (ROOT / "run" / "bare" / "agent.py").read_text(encoding="utf-8").count("\n") < 700


def test_the_package_says_it_is_typed() -> None:
    """Type checkers use the annotations of an installed logq."""
    assert (ROOT / "py.typed").exists()


def test_the_version_is_that_of_the_project() -> None:
    """`__version__` and the project file agree."""
    import tomllib

    project = tomllib.loads((ROOT.parent / "pyproject.toml").read_text(encoding="utf-8"))
    assert logq.__version__ == project["project"]["version"]


def test_the_quickstart_prints_its_answer() -> None:
    """README's first command ends in an answer that stands in the logs beside it."""
    script = ROOT.parent / "notebooks" / "quickstart.py"
    printed = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=True, cwd=ROOT.parent
    ).stdout
    log = (script.parent / "data" / "access.log").read_text(encoding="utf-8").splitlines()
    failed = sum('" 500 ' in line for line in log)
    assert f"Of {len(log)} requests {failed} failed" in printed
