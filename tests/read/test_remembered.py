"""What a sample told is remembered, and is what it would tell again."""

from __future__ import annotations

import gc
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from sys import getrefcount

import pytest

import logq as lq
from logq.formats import BUILT_IN, FORMATS, Format, register
from logq.plan import Scan
from logq.read import FileRef, Resolved, resolve, resolve_file
from logq.read.remembered import Remembered

JSON = b'{"n":1,"msg":"up"}\n'
SCAN = Scan(sources=("a",))


def of(data: bytes, scan: Scan = SCAN) -> Resolved:
    """Resolve bytes."""
    return resolve_file(FileRef("a", buffer=data), scan)


def asked(**how: object) -> Scan:
    """A scan with options."""
    return Scan(sources=("a",), **how)  # type: ignore[arg-type]


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Samples that are looked at; none is known, and two are remembered."""
    seen: list[bytes] = []
    real = resolve._resolved_by

    def counted(file: FileRef, head: bytes, encoding: str, scan: Scan) -> Resolved:
        seen.append(head)
        return real(file, head, encoding, scan)

    monkeypatch.setattr(resolve, "_resolved_by", counted)
    monkeypatch.setattr(resolve, "REMEMBERED", Remembered(2))
    return seen


def test_a_sample_is_looked_at_once(looks: list[bytes], tmp_path: Path) -> None:
    """Under whatever name it is met again; what is read is the file that was asked for."""
    first = of(JSON)
    (tmp_path / "b").write_bytes(JSON)
    second = resolve_file(FileRef(str(tmp_path / "b")), SCAN)
    assert looks == [JSON]
    assert second == replace(first, file=FileRef(str(tmp_path / "b")))


def test_the_ways_to_read_it_are_told_apart(looks: list[bytes]) -> None:
    """Format, encoding, what makes an entry, nested fields: each changes what a sample tells."""
    scans = [
        SCAN,
        *(asked(**how) for how in ({"formats": ("json",)}, {"nested": "struct"}, {"multiline": True})),
    ]
    assert len({id(of(JSON, scan)) for scan in scans}) == len(looks) == len(scans)
    assert of(b'{"a":{"b":1}}\n').fields.keys() - of(b'{"a":{"b":1}}\n', asked(nested="struct")).fields.keys()


def test_what_was_asked_first_is_forgotten_first(looks: list[bytes]) -> None:
    """No more are kept than there is room for."""
    one, two, three = (JSON.replace(b"1", b"%d" % n) for n in range(3))
    for data in (one, two, three, three, two, one):
        of(data)
    assert looks == [one, two, three, one]


def test_another_format_may_claim_a_known_sample(looks: list[bytes]) -> None:
    """What was found among other formats does not count."""
    log = b"shop> open\nshop> shut\n"
    assert of(log).format.name == "plain"
    try:
        register(Format(name="shop", title="Shop", kind="regex", patterns=(r"^shop> (?P<message>.*)$",)))
        assert of(log).format.name == "shop"
    finally:
        FORMATS.restore(BUILT_IN)
    assert of(log).format.name == "plain"
    assert looks == [log] * 3


def test_a_format_that_is_registered_meanwhile_makes_it_forget() -> None:
    """What was found is given, and not kept."""
    memory = Remembered()
    file = FileRef("a", buffer=JSON)

    def meanwhile() -> Resolved:
        found = of(JSON)
        register(Format(name="shop", title="Shop", kind="plain"))
        return found

    try:
        assert memory.resolved(file, JSON, (), meanwhile).file is file
        assert len(memory) == 0
    finally:
        FORMATS.restore(BUILT_IN)


def test_samples_that_may_change_or_say_nothing_are_looked_at_again(looks: list[bytes]) -> None:
    """A file without a byte, and one of which all is asked."""
    for data, scan in ((b"", SCAN), (JSON, asked(infer="file"))):
        assert of(data, scan) == of(data, scan)
    assert looks == [b"", b"", JSON, JSON]


def test_bytes_in_memory_are_not_kept() -> None:
    """A scan of bytes leaves nothing behind that holds them."""
    data = b'{"kept":1}\n' * 3
    before = getrefcount(data)
    of(data)
    gc.collect()
    assert getrefcount(data) == before


def test_many_threads_are_told_the_same(looks: list[bytes]) -> None:
    """However many look it up at once."""
    with ThreadPoolExecutor(8) as threads:
        found = [*threads.map(lambda _: of(JSON), range(50))]
    assert all(one == found[0] for one in found)
    assert {*looks} == {JSON}


def test_heads_of_many_files_make_one_dataset(tmp_path: Path) -> None:
    """Files keep their order, and each its own format."""
    logs = [b'{"n":%d}\n', b"level=info n=%d\n", b"plain %d\n"]
    for number in range(30):
        (tmp_path / f"{number:02}.log").write_bytes(logs[number % 3] % number * 3)
    frame = lq.scan(str(tmp_path / "*.log")).select("format", "n").collect()
    assert frame["format"].to_list() == [
        name for _ in range(10) for name in ("json", "logfmt", "plain") for _ in range(3)
    ]
    assert frame["n"].drop_nulls().to_list() == [n for n in range(30) if n % 3 < 2 for _ in range(3)]
