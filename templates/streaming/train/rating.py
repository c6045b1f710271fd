"""Fits both versions of `rating` on made-up ratings. Writes their graphs, golden cases, `bytes` and `sha256`.

usage: python train/rating.py        needs numpy and onnx
"""

import hashlib
import json
import re
from pathlib import Path

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper

PROJECT = Path(__file__).parents[1]
GENRES = ["Adventure", "Comedy", "Drama", "Horror", "Romance", "SciFi"]


def make_up(titles, count, random):
    """Titles with a rating each: later films and comedies are rated higher."""
    liked = np.array([0.1, 0.5, 0.3, -0.2, 0.1, 0.2])
    rated = []
    for title in random.choice(titles, count):
        mean = 3.3 + columns(title, with_year=False) @ liked + 0.3 * (title["year"] - 1925) / 10
        rated.append((title, float(np.clip(np.round(2 * random.normal(mean, 0.6)) / 2, 0.5, 5))))
    return rated


def columns(title, with_year):
    """A row of the tensor `title`, as `preprocess` in model.yaml makes it."""
    row = [float(genre in title["genres"]) for genre in GENRES]
    return np.array(row + [(title["year"] - 1925) / 10] if with_year else row)


def fit(rows, ratings, penalty=1.0):
    """Weights and bias of a ridge regression, the bias unpenalised."""
    design = np.column_stack([rows, np.ones(len(rows))])
    penalties = np.diag([penalty] * rows.shape[1] + [0.0])
    *weights, bias = np.linalg.solve(design.T @ design + penalties, design.T @ ratings)
    return np.array(weights), bias


def graph_of(weights, bias):
    """title [batch, n] -> rating [batch, 1], within 0.5 and 5; the size of the batch is free."""
    graph = helper.make_graph(
        [
            helper.make_node("Gemm", ["title", "weights", "bias"], ["stars"]),
            helper.make_node("Clip", ["stars", "least", "most"], ["rating"]),
        ],
        "rating",
        [helper.make_tensor_value_info("title", TensorProto.FLOAT, ["batch", len(weights)])],
        [helper.make_tensor_value_info("rating", TensorProto.FLOAT, ["batch", 1])],
        [
            numpy_helper.from_array(weights.astype(np.float32).reshape(-1, 1), "weights"),
            numpy_helper.from_array(np.float32([bias]), "bias"),
            numpy_helper.from_array(np.float32(0.5), "least"),
            numpy_helper.from_array(np.float32(5), "most"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    checker.check_model(model, full_check=True)
    return model.SerializeToString(deterministic=True)


def write(version, titles, rated, with_year):
    rows = np.array([columns(title, with_year) for title, _ in rated])
    weights, bias = fit(rows, np.array([rating for _, rating in rated]))
    graph = graph_of(weights, bias)
    folder = PROJECT / "models/rating" / version
    (folder / "model.onnx").write_bytes(graph)

    features = ["genres", "year"] if with_year else ["genres"]
    cases = []
    for title in titles:
        rating = float(np.clip(columns(title, with_year) @ weights + bias, 0.5, 5))
        case = {"input": {name: title[name] for name in features}, "output": {"rating": round(rating, 5)}}
        cases.append(json.dumps(case))
    (folder / "golden.json").write_text('{\n"tolerance": 0.0001,\n"cases": [\n' + ",\n".join(cases) + "\n]}\n")

    manifest = folder / "model.yaml"
    text = re.sub(r"bytes: .*", f"bytes: {len(graph)}", manifest.read_text())
    manifest.write_text(re.sub(r"sha256: .*", f'sha256: "{hashlib.sha256(graph).hexdigest()}"', text))


def main():
    titles = json.loads((PROJECT / "data/titles.json").read_text())
    rated = make_up(titles, 600, np.random.default_rng(7))
    write("1", titles, rated, with_year=False)
    write("2", titles, rated, with_year=True)


if __name__ == "__main__":
    main()
