"""What protocol/README.md draws and lists is what the code has (CPython only: MicroPython is not given the README)."""

from pathlib import Path

from protocol import delivery, envelope, records, visit
from protocol.canon import MAX_RECORD

README = (Path(__file__).resolve().parents[2] / "protocol" / "README.md").read_text(encoding="utf-8")


def test_the_diagram_is_the_table():
    assert "```mermaid\n" + visit.diagram() + "\n```" in README


def test_every_record_kind_is_listed():
    for kind in records.KINDS:
        assert f"| `{kind}` |" in README


def test_every_module_is_listed():
    folder = Path(records.__file__).parent
    for path in folder.glob("*.py"):
        assert path.stem == "__init__" or f"| `{path.stem}` |" in README, path.stem


def test_the_figures_are_the_constants():
    assert f"{MAX_RECORD:,} bytes" in README
    assert f"{envelope.MAX_PAIRS} pairs" in README
    assert f"window of {delivery.WINDOW}" in README
    assert f"{delivery.KEEP_DAYS} days" in README
