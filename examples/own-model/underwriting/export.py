"""Fits income-estimator/1 and writes its graph, its golden cases, and the graph's size and hash into its manifest.

usage: python underwriting/export.py examples/streaming/data/payments.json

Needs numpy and onnx. The data are credit_data of the R package modeldata (MIT), as their file says.
"""

import hashlib
import json
import re
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

VERSION = Path(__file__).parent / "models/income-estimator/1"
RIDGE = 1.0
JOBS = ["fixed", "freelance", "others", "partime"]
EDGE_CASES = [
    {"seniority": 0, "age": 18, "job": None, "expenses": 35},  # no job stated: no category
    {"seniority": 3, "age": 30, "job": "astronaut", "expenses": 45.5},  # one never seen: no category either
]


def encode(row):
    """One row of the tensor `applicant`: what `preprocess` in model.yaml says, here in Python."""
    numbers = [(row["seniority"] - 8) / 8, (row["age"] - 38) / 11, (row["expenses"] - 57) / 20]
    return numbers + [float(row["job"] == job) for job in JOBS]


def tensor(rows):
    return np.array([encode(row) for row in rows])


def fit(rows):
    """Weights and bias of a ridge regression, the bias unpenalised."""
    design = np.column_stack([tensor(rows), np.ones(len(rows))])
    penalty = np.diag([RIDGE] * (design.shape[1] - 1) + [0.0])
    incomes = np.array([row["income"] for row in rows])
    *weights, bias = np.linalg.solve(design.T @ design + penalty, design.T @ incomes)
    return np.array(weights), bias


def predict(rows, weights, bias):
    """The reference, in float64."""
    return tensor(rows) @ weights + bias


def graph_bytes(weights, bias):
    """applicant [batch, 7] -> income [batch, 1], the batch dimension free."""
    graph = helper.make_graph(
        [helper.make_node("Gemm", ["applicant", "weights", "bias"], ["income"])],
        "income_estimator",
        [helper.make_tensor_value_info("applicant", TensorProto.FLOAT, ["batch", len(weights)])],
        [helper.make_tensor_value_info("income", TensorProto.FLOAT, ["batch", 1])],
        [
            numpy_helper.from_array(weights.astype(np.float32).reshape(-1, 1), "weights"),
            numpy_helper.from_array(np.float32([bias]), "bias"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString(deterministic=True)


def write_golden(rows, incomes):
    cases = [
        {"input": {name: row[name] for name in EDGE_CASES[0]}, "output": {"income": round(income, 6)}}
        for row, income in zip(rows, incomes)
    ]
    lines = ",\n".join(json.dumps(case) for case in cases)
    (VERSION / "golden.json").write_text(f'{{\n"tolerance": 0.001,\n"cases": [\n{lines}\n]}}\n')


def write_manifest(graph):
    path = VERSION / "model.yaml"
    text = re.sub(r"bytes: .*", f"bytes: {len(graph)}", path.read_text())
    path.write_text(re.sub(r"sha256: .*", f'sha256: "{hashlib.sha256(graph).hexdigest()}"', text))


def mean_error(rows, incomes):
    return np.mean(np.abs(incomes - [row["income"] for row in rows]))


def main(payments):
    known = [row for row in json.loads(Path(payments).read_text())["payments"] if row["income"] is not None]
    held_out = known[::5]
    training = [row for place, row in enumerate(known) if place % 5 != 0]
    weights, bias = fit(training)
    mean = np.mean([row["income"] for row in training])
    print(f"mean error on {len(held_out)} held-out rows: {mean_error(held_out, predict(held_out, weights, bias)):.1f}")
    print(f"the mean income would have:       {mean_error(held_out, np.full(len(held_out), mean)):.1f}")

    graph = graph_bytes(weights, bias)
    cases = [*EDGE_CASES, *held_out[:18]]
    (VERSION / "model.onnx").write_bytes(graph)
    write_golden(cases, predict(cases, weights, bias))
    write_manifest(graph)


if __name__ == "__main__":
    main(sys.argv[1])
