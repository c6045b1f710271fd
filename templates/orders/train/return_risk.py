"""Fits return-risk/1 on made-up orders. Writes its graph, golden cases, `bytes` and `sha256`, and the displayed orders.

usage: python train/return_risk.py        needs numpy and onnx
"""

import hashlib
import json
import re
from pathlib import Path

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper

PROJECT = Path(__file__).parents[1]
VERSION = PROJECT / "models/return-risk/1"
ITEMS = {"SHOES": "Running shoes", "CLOTHES": "Rain jacket", "BOOKS": "Cookbook"}
CATEGORIES = list(ITEMS)


def make_up(count, random):
    """Orders, and whether each came back: more likely for shoes in several sizes than for books."""
    orders = []
    for number in range(1, count + 1):
        category = CATEGORIES[random.integers(3)]
        orders.append({
            "id": str(number),
            "item": ITEMS[category],
            "category": category,
            "price": round(float(random.gamma(4, 5 if category == "BOOKS" else 18)), 2),
            "sizes": 1 if category == "BOOKS" else int(random.integers(1, 4)),
            "earlierReturns": None if random.random() < 0.2 else round(float(random.beta(1, 3)), 2),
        })
    truth = tensor(orders) @ [0.2, 0.0, -2.0, 0.3, 1.1, 2.0] - 1.6
    return orders, random.random(count) < 1 / (1 + np.exp(-truth))


def tensor(orders):
    """The rows of the tensor `order`, as `preprocess` in model.yaml makes them."""
    return np.array([
        [float(order["category"] == one) for one in CATEGORIES]
        + [(order["price"] - 60) / 40, order["sizes"] - 1, 0.25 if order["earlierReturns"] is None else order["earlierReturns"]]
        for order in orders
    ])


def fit(rows, returned, steps=4000, rate=0.5, penalty=1e-3):
    """Weights and bias of a logistic regression, by gradient descent."""
    weights, bias = np.zeros(rows.shape[1]), 0.0
    for _ in range(steps):
        error = 1 / (1 + np.exp(-(rows @ weights + bias))) - returned
        weights -= rate * (rows.T @ error / len(rows) + penalty * weights)
        bias -= rate * error.mean()
    return weights, bias


def graph_of(weights, bias):
    """order [batch, 6] -> probability [batch, 1]; the size of the batch is free."""
    graph = helper.make_graph(
        [
            helper.make_node("Gemm", ["order", "weights", "bias"], ["logit"]),
            helper.make_node("Sigmoid", ["logit"], ["probability"]),
        ],
        "return_risk",
        [helper.make_tensor_value_info("order", TensorProto.FLOAT, ["batch", len(weights)])],
        [helper.make_tensor_value_info("probability", TensorProto.FLOAT, ["batch", 1])],
        [
            numpy_helper.from_array(weights.astype(np.float32).reshape(-1, 1), "weights"),
            numpy_helper.from_array(np.float32([bias]), "bias"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    checker.check_model(model, full_check=True)
    return model.SerializeToString(deterministic=True)


def main():
    orders, returned = make_up(400, np.random.default_rng(7))
    weights, bias = fit(tensor(orders), returned)
    graph = graph_of(weights, bias)
    (VERSION / "model.onnx").write_bytes(graph)

    shown = orders[:12]
    probabilities = 1 / (1 + np.exp(-(tensor(shown) @ weights + bias)))
    features = ["category", "price", "sizes", "earlierReturns"]
    cases = [
        json.dumps({"input": {name: order[name] for name in features}, "output": {"probability": round(float(p), 6)}})
        for order, p in zip(shown, probabilities)
    ]
    (VERSION / "golden.json").write_text('{\n"tolerance": 0.00001,\n"cases": [\n' + ",\n".join(cases) + "\n]}\n")
    lines = ",\n".join("  " + json.dumps(order) for order in shown)
    (PROJECT / "data/orders.json").write_text(f"[\n{lines}\n]\n")

    manifest = VERSION / "model.yaml"
    text = re.sub(r"bytes: .*", f"bytes: {len(graph)}", manifest.read_text())
    manifest.write_text(re.sub(r"sha256: .*", f'sha256: "{hashlib.sha256(graph).hexdigest()}"', text))


if __name__ == "__main__":
    main()
