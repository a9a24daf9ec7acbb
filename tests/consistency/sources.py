"""The repository's own files, listed and parsed for the tests beside this one. Reads only; contains no rule."""

import ast
import subprocess
from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent.parent
PRODUCT = ("protocol", "kiosk", "server", "provisioning")
PACKAGES = (*PRODUCT, "tests")
FIRMWARE = "kiosk/hardware/firmware/"


@cache
def files() -> tuple[Path, ...]:
    """Every file that git tracks, or would if added now; without git, every file outside hidden folders."""
    if (REPOSITORY / ".git").exists():
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=REPOSITORY,
            check=True,
            capture_output=True,
        ).stdout.decode()
        found = [REPOSITORY / name for name in listed.split("\0") if name]
    else:
        found = [
            path
            for path in REPOSITORY.rglob("*")
            if not {".venv", "node_modules", "artefacts", "__pycache__"} & set(path.relative_to(REPOSITORY).parts)
        ]
    return tuple(sorted(path for path in found if path.is_file()))


def modules(*packages: str) -> list[Path]:
    """The Python files of these top-level packages; of all packages when none is named."""
    wanted = packages or PACKAGES
    return [path for path in files() if path.suffix == ".py" and name(path).split("/")[0] in wanted]


def name(path: Path) -> str:
    """The file's path inside the repository, as a test's id and in its messages."""
    return path.relative_to(REPOSITORY).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    """The module, parsed."""
    return ast.parse(path.read_text("utf-8"), filename=name(path))


@cache
def imported(path: Path) -> set[str]:
    """Full names of all modules a file imports anywhere in it; `from a import b` gives both `a` and `a.b`."""
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found
