"""Compares an ONNX graph with the model that it was made of."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pandas as pd

from .contract import Graph, Output
from .errors import ExportError
from .feeds import feeds_of


def loaded(graph: Graph) -> onnxruntime.InferenceSession:
    """Raises an error of the runtime for a graph that it does not run."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(graph.model, options, providers=["CPUExecutionProvider"])


def check_graph(graph: Graph, session: onnxruntime.InferenceSession, frame: pd.DataFrame, tolerance: float) -> float:
    """Runs the frame through the graph, at once and its first row alone, and compares with the model's answers.

    Numbers may differ by `tolerance` times the larger of 1 and the number itself. Answers the largest difference found,
    in these terms. Raises an ExportError that says how many rows differ, and by how much.
    """
    tensors = list({output.tensor for output in graph.outputs})
    largest = 0.0
    for rows in (slice(None), slice(0, 1)):
        answers = dict(zip(tensors, session.run(tensors, feeds_of(graph.inputs, frame.iloc[rows]))))
        for output in graph.outputs:
            largest = max(largest, _difference(output, answers[output.tensor], output.expected[rows], tolerance))
    return largest


def _difference(output: Output, answer: np.ndarray, expected: np.ndarray, tolerance: float) -> float:
    got = answer[:, output.item] if output.item is not None else answer
    # Some graphs have the rows in another dimension, or one below the other the values of a row.
    if len(got) != len(expected) or got.size != expected.size:
        raise ExportError(
            f"output {output.name}: must have the shape {list(expected.shape)} as the model's answer, "
            f"got {list(got.shape)}"
        )
    got = got.reshape(expected.shape)
    if output.type in ("String", "Boolean"):
        # A label that is text or true for the model may be anything that reads the same in the graph.
        apart = (got.astype(str) != expected.astype(str)).astype(float)
    else:
        expected = expected.astype(np.float64)
        apart = np.abs(got.astype(np.float64) - expected) / np.maximum(1, np.abs(expected))
        apart[np.isnan(got.astype(np.float64)) & np.isnan(expected)] = 0
        apart = np.nan_to_num(apart, nan=np.inf)
    by_row = apart.reshape(len(apart), -1).max(axis=1)
    differing = np.flatnonzero(by_row > tolerance)
    if len(differing) > 0:
        worst = int(by_row.argmax())
        raise ExportError(
            f"output {output.name}: the ONNX graph must answer as the model does within {tolerance:g}; "
            f"{len(differing)} of {len(by_row)} rows differ, most in row {worst}: "
            f"the model says {expected[worst]}, the graph {got[worst]}"
        )
    return float(by_row.max())
