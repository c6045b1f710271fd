"""An objective that exists already, and what a version needs to serve it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from .contract import Feature, Graph
from .errors import ExportError


@dataclass(frozen=True)
class Objective:
    name: str
    file: Path
    inputs: dict[str, dict[str, Any]]
    outputs: dict[str, dict[str, Any]]


class _Loader(yaml.SafeLoader):
    """YAML 1.2, in which `no` and `on` are text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool" or first in "tTfF"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_objective(file: Path) -> Objective | None:
    """None if the file is not there."""
    if not file.exists():
        return None
    try:
        content = yaml.load(file.read_text(encoding="utf-8"), _Loader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ExportError(f"{file}: must be YAML, got: {' '.join(str(error).split())}") from error
    content = content if isinstance(content, dict) else {}
    found = {}
    for part in ("inputs", "outputs"):
        # Without inputs an objective has none.
        found[part] = content.get(part) or ({} if part == "inputs" else None)
        if not isinstance(found[part], dict) or not all(isinstance(one, dict) for one in found[part].values()):
            raise ExportError(f"{file}: {part}: must be a map from names to types, got {found[part]}")
    return Objective(file.stem, file, **found)


def fitted_features(features: list[Feature], objective: Objective) -> list[Feature]:
    """The features as the objective has them: a text may be missing or an id, and a whole number any number."""
    return [_fitted(feature, objective.inputs.get(feature.name, {})) for feature in features]


def fitted_outputs(graph: Graph, objective: Objective) -> Graph:
    """The outputs as the objective has them: a text may be one of its labels."""
    outputs = [
        replace(output, labels=tuple(str(label) for label in wanted.get("labels", [])))
        if output.type == "String" and (wanted := objective.outputs.get(output.name, {})).get("type") == "enum"
        else output
        for output in graph.outputs
    ]
    return replace(graph, outputs=tuple(outputs))


def refuse_what_does_not_serve(graph: Graph, objective: Objective) -> None:
    """Raises all that Presage would refuse when it loads the version, by the rules that it has."""
    problems = [_feature_problem(feature, objective) for feature in graph.features]
    problems += [_output_problem(name, wanted, graph, objective) for name, wanted in objective.outputs.items()]
    found = [problem for problem in problems if problem is not None]
    if found:
        raise ExportError(f"the model must fit {objective.file}, got\n  " + "\n  ".join(found))


def _fitted(feature: Feature, wanted: dict[str, Any]) -> Feature:
    if feature.is_text:
        kind = "ID" if wanted.get("type") == "ID" else feature.type
        return replace(feature, type=kind, nullable=feature.nullable or wanted.get("nullable") is True)
    if wanted.get("type") == "Float" and feature.type == "Int":
        return replace(feature, type="Float")
    return feature


def _feature_problem(feature: Feature, objective: Objective) -> str | None:
    name, wanted = feature.name, objective.inputs.get(feature.name)
    if wanted is None:
        listed = ", ".join(objective.inputs)
        return (
            f"feature {name}: must be an input of {objective.name} ({listed}); "
            f'inputs={{"{name}": "..."}} gives it the name that it has there'
        )
    if not _fits(wanted.get("type"), feature.type):
        return f"feature {name}: must take what the objective gives, {_printed(wanted)}, got {feature.type}"
    if wanted.get("nullable") is True and not feature.nullable:
        return (
            f"feature {name}: must take null, since it may be null in the objective; "
            "got sample rows without a missing value, which would show that the model takes one"
        )
    is_closed = feature.is_text and feature.categories is not None and "" not in feature.categories
    if wanted.get("nullable") is True and is_closed:
        # The runtime would fail for the whole batch.
        return (
            f"feature {name}: must take null, since it may be null in the objective; got an encoder that fails for all "
            f"texts but {', '.join(feature.categories)}; "
            'give it handle_unknown="ignore" or put a SimpleImputer before it'
        )
    if None not in (feature.length, wanted.get("length")) and feature.length != wanted["length"]:
        return f"feature {name}: must have length {wanted['length']}, got {feature.length}"
    return None


def _output_problem(name: str, wanted: dict[str, Any], graph: Graph, objective: Objective) -> str | None:
    given = next((output for output in graph.outputs if output.name == name), None)
    if given is None:
        listed = ", ".join(output.name for output in graph.outputs)
        return (
            f"output {name}: must be provided for {objective.name}, got {listed}; "
            f'outputs={{"...": "{name}"}} gives one the name that it has there; '
            "a model that does not predict this needs another objective"
        )
    if given.labels is not None:
        others = sorted(set(np.unique(given.expected.astype(str))) - set(given.labels))
        return f"output {name}: must be one of {', '.join(given.labels)}, got {', '.join(others)}" if others else None
    if not _fits(given.type, wanted.get("type")):
        return f"output {name}: must be {_printed(wanted)}, got {given.type}"
    return None




def _fits(given: Any, wanted: Any) -> bool:
    """Whether every value of the one type is one of the other."""
    return given == wanted or (given, wanted) in (("Int", "Float"), ("[Int!]", "[Float!]"), ("enum", "String"))


def _printed(wanted: dict[str, Any]) -> str:
    labels = wanted.get("labels")
    return " | ".join(str(label) for label in labels) if isinstance(labels, list) else str(wanted.get("type"))
