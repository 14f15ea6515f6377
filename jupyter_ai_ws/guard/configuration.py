"""Where the path list comes from: this package, other packages, the operator."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from traitlets import Dict

from ..bounded import warn_once
from .paths import DEFAULT_PATHS, why_not_guarded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from logging import Logger

    from traitlets.config import Application

__all__ = ["GuardedPaths", "merged_paths", "paths_of_packages"]

CLASS: Final = "AiWsApp"
TRAIT: Final = "guarded_paths"


class GuardedPaths(Dict):
    """Name by path; wrong entries are left out, and the rest of the configuration stays."""

    def validate(self, obj: Application, value: Any) -> dict[str, str | None]:
        """Return the entries that can be used."""
        return _usable(value, type(obj).__name__, partial(warn_once, obj))


def paths_of_packages(directories: Iterable[str], log: Logger) -> dict[str, str | None]:
    """Read what packages have dropped into `jupyter_server_config.d`.

    jupyter_server itself takes nothing but the list of extensions from there.

    Args:
        directories: The configuration path, most important first.
        log: Where it is said which file is left out.
    """
    merged: dict[str, str | None] = {}
    for directory in reversed(list(directories)):
        for file in sorted(Path(directory, "jupyter_server_config.d").glob("*.json")):
            merged.update(_usable(_read(file, log), file.name, log.warning))
    return merged


def merged_paths(
    packages: Mapping[str, str | None], configured: Mapping[str, str | None]
) -> dict[str, str]:
    """Merge the lists; a later one wins, and `None` takes a path off the list.

    Args:
        packages: What other packages bring.
        configured: What the operator wants.
    """
    merged: dict[str, str | None] = {**DEFAULT_PATHS, **packages, **configured}
    return {path: name for path, name in merged.items() if name is not None}


def _read(file: Path, log: Logger) -> Any:
    try:
        content = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        log.warning("%s cannot be read; what it says of %s is left out.", file.name, CLASS)
        return {}
    section = content.get(CLASS) if isinstance(content, dict) else None
    return section.get(TRAIT, {}) if isinstance(section, dict) else {}


def _usable(value: Any, source: str, warn: Callable[..., None]) -> dict[str, str | None]:
    if not isinstance(value, dict):
        warn("%s of %s is left out: it is no table of names by path.", TRAIT, source)
        return {}
    problems = {path: _problem(path, name) for path, name in value.items()}
    for path, problem in problems.items():
        if problem:
            warn("Path %r of %s is not guarded: %s.", path, source, problem)
    return {path: name for path, name in value.items() if not problems[path]}


def _problem(path: object, name: object) -> str | None:
    if not isinstance(path, str):
        return "it is no text"
    if name is not None and not (isinstance(name, str) and name):
        return "its name is neither text nor null"
    return why_not_guarded(path)
