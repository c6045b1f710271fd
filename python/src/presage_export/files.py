"""The files of a version, and of its objective."""

from __future__ import annotations

import hashlib
import json
import math
import re
from typing import Any

import numpy as np
import pandas as pd

from .contract import MOST_GOLDEN_BYTES, Feature, Graph, Input, Output

MOST_CASES = 20

# What some reader of YAML takes for something else than text.
YAML_WORDS = ("true", "false", "null", "yes", "no", "on", "off", "y", "n")


def manifest_text(name: str, version: str, objective: str, graph: Graph) -> str:
    sha256 = hashlib.sha256(graph.model).hexdigest()
    lines = [
        f"name: {_flow(name)}",
        f"version: {json.dumps(version)}",
        f"serves: [{objective}]",
        f"description: {json.dumps(f'Written by presage-export with {graph.producer}')}",
        f'graph: {{ file: model.onnx, bytes: {len(graph.model)}, sha256: "{sha256}" }}',
        "",
        "features:",
        *(_entry(feature.name, _value_type(feature)) for feature in graph.features),
        "",
        "preprocess:",
        *(line for one in graph.inputs for line in _steps(one)),
        "",
        "postprocess:",
        *(_entry(output.name, _output_step(output)) for output in graph.outputs),
        "",
        "golden: golden.json",
    ]
    return "\n".join(lines) + "\n"


def objective_text(name: str, description: str, graph: Graph) -> str:
    lines = [
        f"objective: {name}",
        f"description: {json.dumps(description)}",
        "# Whose id canaries, experiments and shadows draw by; they need one.",
        "# unit: context.member",
        "",
        "inputs:",
        *(_entry(feature.name, _value_type(feature)) for feature in graph.features),
        "",
        "outputs:",
        *(_entry(output.name, {"type": output.type, "description": output.description}) for output in graph.outputs),
    ]
    return "\n".join(lines) + "\n"


def golden_text(graph: Graph, frame: pd.DataFrame, tolerance: float) -> tuple[str, int]:
    """Rows from all over the frame with the answers of the original model, a case a line; and how many there are: fewer
    where Presage would not read them all."""
    rows = _case_rows(graph, frame)
    text = _golden_text(graph, frame, rows, tolerance)
    while len(text.encode()) > MOST_GOLDEN_BYTES and len(rows) > 1:
        rows = rows[::2]
        text = _golden_text(graph, frame, rows, tolerance)
    return text, len(rows)


def _golden_text(graph: Graph, frame: pd.DataFrame, rows: list[int], tolerance: float) -> str:
    cases = [
        {
            "input": {feature.name: _cell(feature, frame[feature.column].iloc[row]) for feature in graph.features},
            "output": {output.name: _answer(output.expected[row], output.type) for output in graph.outputs},
        }
        for row in rows
    ]
    numbers = [np.abs(output.expected[rows]) for output in graph.outputs if output.expected.dtype.kind == "f"]
    highest = max([1.0, *(float(number.max(initial=0, where=np.isfinite(number))) for number in numbers)])
    scale = 10 ** math.ceil(math.log10(highest))
    body = ",\n".join(json.dumps(case, ensure_ascii=False, allow_nan=False) for case in cases)
    return f'{{\n"tolerance": {float(f"{tolerance * scale:.6g}")!r},\n"cases": [\n{body}\n]\n}}\n'


def _case_rows(graph: Graph, frame: pd.DataFrame) -> list[int]:
    """Rows from all over the frame, and of each column that may be missing one where it is."""
    count = min(MOST_CASES, len(frame))
    spread = {place * len(frame) // count for place in range(count)}
    missing = {int(frame[feature.column].isna().argmax()) for feature in graph.features if feature.nullable}
    return sorted(spread | missing)


def _value_type(feature: Feature) -> dict[str, Any]:
    value_type: dict[str, Any] = {"type": feature.type}
    if feature.length is not None:
        value_type["length"] = feature.length
    if feature.nullable:
        value_type["nullable"] = True
    return value_type


def _steps(one: Input) -> list[str]:
    steps = [_step(feature) for feature in one.features]
    if len(steps) == 1:
        return [_entry(one.tensor, steps[0])]
    return [f"  {_flow(one.tensor)}:", *(f"    - {_flow(step)}" for step in steps)]


def _step(feature: Feature) -> dict[str, Any]:
    categories = {} if feature.categories is None else {"categories": list(feature.categories)}
    if feature.is_text:
        return {"text": feature.name, **({"fill": ""} if feature.nullable else {}), **categories}
    if feature.length is not None:
        return {"vector": feature.name, "length": feature.length}
    return {"number": feature.name, **categories}


def _output_step(output: Output) -> dict[str, Any]:
    step: dict[str, Any] = {"column": output.tensor}
    if output.item is not None:
        step["item"] = output.item
    if output.labels is not None:
        step["labels"] = list(output.labels)
    return step


def _cell(feature: Feature, value: Any) -> Any:
    if feature.length is not None:
        return [float(item) for item in value]
    if pd.isna(value):
        return None
    if feature.is_text:
        return str(value)
    return bool(value) if feature.type == "Boolean" else int(value) if feature.type == "Int" else float(value)


def _answer(value: Any, value_type: str) -> Any:
    if isinstance(value, np.ndarray):
        return [_answer(item, value_type.strip("[]!")) for item in value]
    if value_type == "String":
        return str(value)
    if value_type == "Boolean":
        return bool(value)
    if value_type == "Int":
        return int(value)
    # Null stands for what is no number.
    return float(value) if np.isfinite(value) else None


def _entry(key: str, value: dict[str, Any]) -> str:
    return f"  {_flow(key)}: {_flow(value)}"


def _flow(value: Any) -> str:
    """YAML in one line. What is not plainly a word is quoted as JSON, which YAML takes."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_flow(key)}: {_flow(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", value):
        return value if value.lower() not in YAML_WORDS else json.dumps(value)
    return json.dumps(value, ensure_ascii=False)
