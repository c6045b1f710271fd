"""What the rule file of a project says, as far as what comes next depends on it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True)
class Rule:
    """The rule that an objective has already."""

    default: str | None
    """The version that answers by default; None if it is not known, or an experiment answers."""


def read_rules(root: Path) -> dict[str, Rule] | None:
    """The rules by objective; None without a rule file that can be read."""
    # The root may be a folder within the project.
    folders = [root.resolve(), *root.resolve().parents]
    project = next((folder for folder in folders if (folder / "presage.yaml").exists()), root)
    place = _entries(_content(project / "presage.yaml")).get("rules", "rules.yaml")
    place = _entries(place).get("file", "rules.yaml") if isinstance(place, dict) else str(place)
    rules = _content(project / place)
    if not isinstance(rules, dict):
        return None
    return {name: Rule(_text(_entries(rule).get("default"))) for name, rule in _entries(rules.get("objectives")).items()}


def _content(file: Path) -> Any:
    """None if it is not there or is not YAML, since the export goes without."""
    try:
        return yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return None


def _entries(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
