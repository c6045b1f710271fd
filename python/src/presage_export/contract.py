"""What a version takes and yields: the parts that its files are made of."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd

from .errors import ExportError

# What Presage takes: whole numbers that JSON holds exactly, and the highest number that rounds to a finite float32.
HIGHEST_INT = 2**53 - 1
HIGHEST_FLOAT = 2.0**128 - 2.0**103 - 2.0**75

# The longest files that it reads.
MOST_YAML_BYTES = 256 * 1024
MOST_GOLDEN_BYTES = 2**20

INT_RANGE = "from -(2^53 - 1) to 2^53 - 1"


@dataclass(frozen=True)
class Feature:
    """One column of the sample frame."""

    name: str
    column: str
    type: str
    nullable: bool = False
    length: int | None = None
    categories: tuple[str | float, ...] | None = None
    """The texts or numbers that the model takes, if it fails for others."""

    @property
    def is_text(self) -> bool:
        return self.type in ("String", "ID")


@dataclass(frozen=True)
class Input:
    """One input of the graph, and the features that fill its columns in their order."""

    tensor: str
    features: tuple[Feature, ...]
    dtype: type


@dataclass(frozen=True)
class Output:
    """One output of the version, and what the original model answers for the sample frame, row by row."""

    name: str
    tensor: str
    type: str
    description: str
    expected: np.ndarray
    item: int | None = None
    labels: tuple[str, ...] | None = None
    """The texts that an enum of the objective has."""


def by_row(answer: np.ndarray) -> np.ndarray:
    """`[rows, 1]` is one value a row to Presage, as `[rows]` is."""
    return answer[:, 0] if answer.ndim == 2 and answer.shape[1] == 1 else answer


@dataclass(frozen=True)
class Graph:
    """An ONNX graph with its contract."""

    model: bytes
    producer: str
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]

    @property
    def features(self) -> list[Feature]:
        return [feature for one in self.inputs for feature in one.features]


def plain_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """The same rows, with text as the names of the columns, and categories that are numbers as these numbers."""
    if not isinstance(frame, pd.DataFrame):
        raise ExportError(
            f"sample_frame: must be a pandas DataFrame, whose columns are the features, got {type(frame).__name__}"
        )
    if len(frame) == 0:
        raise ExportError("sample_frame: must have at least one row, got none")
    if frame.columns.nlevels > 1:
        raise ExportError(
            f"sample_frame: columns must have names of one level, got a MultiIndex of {frame.columns.nlevels}; "
            'join them, such as by frame.columns = ["_".join(map(str, column)) for column in frame.columns], and fit again'
        )
    return frame.rename(columns=str).apply(_plain)


def features_of(frame: pd.DataFrame, used: set[str] | None = None) -> list[Feature]:
    """The features that a frame's columns are, or those of them that are used. With missing values they take null."""
    columns = [column for column in frame.columns if used is None or column in used]
    names = [field_name(column) for column in columns]
    for name in [name for name, count in Counter(names).items() if count > 1]:
        same = [json.dumps(column, ensure_ascii=False) for column in columns if field_name(column) == name]
        raise ExportError(
            f"sample_frame: columns must have different names, got {' and '.join(same)}, which would be called {name}"
        )
    return [_feature(column, frame[column]) for column in columns]


def field_name(text: str) -> str:
    """A name that GraphQL takes: `petal length (cm)` is `petal_length_cm`."""
    name = re.sub(r"[^A-Za-z0-9]+", "_", text).strip("_")
    return name if re.match(r"[A-Za-z]", name) else f"x{name}"


def _plain(values: pd.Series) -> pd.Series:
    is_plain = not isinstance(values.dtype, pd.CategoricalDtype)
    if is_plain or not pd.api.types.is_numeric_dtype(values.cat.categories.dtype):
        return values
    return values.astype(object).infer_objects()


def _feature(column: str, values: pd.Series) -> Feature:
    name = field_name(column)
    nullable = bool(values.isna().any())
    if pd.api.types.is_bool_dtype(values.dtype):
        return Feature(name, column, "Boolean", nullable)
    if pd.api.types.is_integer_dtype(values.dtype):
        _require_within(column, values.dropna(), int, HIGHEST_INT, f"whole numbers {INT_RANGE}")
        return Feature(name, column, "Int", nullable)
    if pd.api.types.is_float_dtype(values.dtype):
        _require_within(column, values.dropna(), float, HIGHEST_FLOAT, "finite numbers within float32")
        return Feature(name, column, "Float", nullable)
    first = values.dropna().iloc[0] if values.notna().any() else ""
    if isinstance(first, (list, tuple, np.ndarray)):
        lists = [_numbers(column, value) for value in values]
        lengths = {len(numbers) for numbers in lists}
        if len(lengths) > 1:
            raise ExportError(f"sample_frame: {column}: must hold lists of one length, got {sorted(lengths)}")
        _require_within(column, np.concatenate(lists), float, HIGHEST_FLOAT, "lists of finite numbers within float32")
        return Feature(name, column, "[Float!]", length=len(first))
    if isinstance(first, str):
        # The graph takes the empty text for a missing one.
        return Feature(name, column, "String", nullable or bool((values == "").any()))
    if isinstance(first, (bool, int, float, np.bool_, np.number)):
        raise ExportError(
            f"sample_frame: {column}: must have a dtype of numbers or booleans, got {type(first).__name__} in a column "
            f'of {values.dtype}; fit with X["{column}"] = X["{column}"].astype(float)'
        )
    raise ExportError(
        f"sample_frame: {column}: must hold numbers, booleans, text or lists of numbers, got {type(first).__name__}"
    )


def _numbers(column: str, value: object) -> np.ndarray:
    """A list of the frame."""
    try:
        numbers = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        numbers = None
    if numbers is None or numbers.ndim != 1:
        raise ExportError(f"sample_frame: {column}: must hold a list of numbers in each row, got {value}")
    return numbers


def _require_within(column: str, values: pd.Series | np.ndarray, kind: type, highest: float, expectation: str) -> None:
    """Raises for what Presage would refuse in a request, and so in a golden case."""
    for value in [kind(values.min()), kind(values.max())] if len(values) > 0 else []:
        # Written so that NaN in a list is refused.
        if not abs(value) <= highest:
            raise ExportError(f"sample_frame: {column}: must hold {expectation}, got {value}")
