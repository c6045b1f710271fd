"""The libraries that the package needs, as its own metadata names them."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, requires, version


def outdated_libraries(requirements: list[str] | None = None) -> list[str]:
    """A line for each installed library that is older than needed. pip checks only those that it was asked for."""
    lines = []
    for requirement in _own_requirements() if requirements is None else requirements:
        match = re.match(r"([\w.-]+)\s*>=\s*([\d.]+)", requirement)
        if match is None:
            continue
        name, lowest = match.groups()
        try:
            installed = version(name)
        except PackageNotFoundError:
            continue
        if _numbers(installed) < _numbers(lowest):
            lines.append(f"{name}: must be {lowest} or newer, got {installed}")
    return lines


def _own_requirements() -> list[str]:
    try:
        return requires("presage-export") or []
    except PackageNotFoundError:  # used from its sources
        return []


def _numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", text)[:3]]
