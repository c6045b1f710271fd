"""Two models that misbehave on purpose, for tests of fallback, canary, shadow and time limits.

broken-nan has the signature of payment-risk 2 and answers NaN when a number is missing.
slow-mlp has the signature of abuse-score and takes tens of milliseconds per call; its weights are random.
"""

import numpy as np

from classifiers import add_probability, as_float32, linear_graph, logistic_regression, sigmoid
from datasets import SYNTHETIC
from onnx_graph import Graph

WIDTH = 512
STEPS = 2000
STEP_SIZE = 0.01


def releases(applicants, messages):
    return [broken_release(applicants), slow_release(messages)]


def broken_release(applicants):
    """Logistic regression on complete applicants, applied to incomplete ones as well."""
    preprocess = applicants.preprocess(applicants.plain_number)
    features = applicants.encode(preprocess)
    complete = [row for row in applicants.train if not np.isnan(features[row]).any()]
    offset, scale = features[complete].mean(0), features[complete].std(0)
    model = logistic_regression(1.0).fit((features[complete] - offset) / scale, applicants.labels[complete])
    weights = model.coef_[0] / scale
    bias = model.intercept_[0] - offset @ weights
    return applicants.release(
        "broken-nan",
        "1",
        "Broken on purpose: answers NaN when a number of the applicant is missing",
        f"Logistic regression fitted on {len(complete)} complete training rows; missing values are not treated",
        preprocess,
        linear_graph("broken_nan", len(weights), weights, bias),
        lambda tensors: {"probability": sigmoid(tensors["features"] @ weights + bias)},
        [],
        [
            "Same features and outputs as payment-risk 2, so that it can stand behind the same objective as a bad "
            "candidate. In its golden cases null stands for NaN, which a caller gets as BAD_OUTPUT."
        ],
        edge_cases=missing_numbers(applicants),
    )


def missing_numbers(applicants):
    row = applicants.pool()[0]
    return [{**row, name: None} for name in ("income", "assets", "debt")]


def slow_release(messages):
    generator = np.random.default_rng(0)
    width = messages.matrix.shape[1]
    entry = generator.normal(0, 1 / np.sqrt(width), (width, WIDTH)).astype(np.float32).astype(float)
    square = generator.normal(0, 1, (WIDTH, WIDTH))
    turn = square - square.T  # antisymmetric: steps turn the state and neither blow up nor die out
    turn = (turn / np.linalg.norm(turn, 2)).astype(np.float32).astype(float)
    leave = generator.normal(0, 1 / np.sqrt(WIDTH), (WIDTH, 1)).astype(np.float32).astype(float)

    def reference(tensors):
        state = np.tanh(as_float32(tensors["features"]) @ entry)
        for _ in range(STEPS):
            state = state + STEP_SIZE * np.tanh(state @ turn)
        return {"probability": sigmoid(state @ leave)[:, 0]}

    return messages.release(
        "slow-mlp",
        "1",
        f"Slow on purpose: a meaningless score after {STEPS} layers that share one weight matrix",
        f"Residual network of width {WIDTH}, one layer repeated {STEPS} times; seeded random weights, not trained",
        slow_graph(width, entry, turn, leave),
        reference,
        {"evaluatedOn": "nothing: the score has no meaning", "metrics": []},
        data=SYNTHETIC,
        max_rows=8,  # a call of 8 rows already takes about 100 ms
        warm_up=(1,),
        notes=[
            "Same features and outputs as abuse-score, so that it can stand behind the same objective as a bad "
            "candidate. On one core a call takes 30 ms for 1 or 2 rows, 47 ms for 4 and 320 ms for 32, so batches are "
            "kept small."
        ],
    )


def slow_graph(width, entry, turn, leave):
    graph = Graph("slow_mlp")
    features = graph.input("features", "float32", ["batch", width])
    graph.weight("entry", entry)
    graph.weight("turn", turn)
    graph.weight("leave", leave)
    start = graph.add("Tanh", graph.add("MatMul", features, "entry", name="entered"), name="start")
    steps, always = graph.integers("steps", STEPS), graph.weight("always", True, bool)
    state = graph.add("Loop", steps, always, start, name="state", body=layer().body())
    return add_probability(graph, graph.add("MatMul", state, "leave", name="logit"))


def layer():
    """One Loop step: state + STEP_SIZE * tanh(state · turn)."""
    body = Graph("layer")
    body.input("step", "int64", [])
    body.input("go_on", "bool", [])
    body.input("before", "float32", ["batch", WIDTH])
    body.add("Identity", "go_on", name="still_go_on")
    turned = body.add("Tanh", body.add("MatMul", "before", "turn", name="product"), name="turned")
    small = body.add("Mul", turned, body.weight("step_size", STEP_SIZE), name="small")
    body.add("Add", "before", small, name="after")
    body.output("still_go_on", "bool", [])
    body.output("after", "float32", ["batch", WIDTH])
    return body
