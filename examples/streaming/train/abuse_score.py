"""abuse-score: the probability that a message is spam, from 57 word, character and capital-letter counts.

Version 1 is a logistic regression on logarithms, taken inside the graph; version 2 is boosted trees.
"""

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.preprocessing import StandardScaler

from classifiers import as_float32, auc_metrics, linear_graph, logistic_regression, measure, sigmoid
from classifiers import tree_graph, tree_reference
from datasets import SPAMBASE, split
from encoding import encode
from release import Release

PUBLISHED = 300  # held-out messages that appear in data/messages.json
LOG_OFFSET = 0.1  # keeps the logarithm of a zero frequency finite
CAPITALS = {
    "capitalAve": "capitalRunAverage",
    "capitalLong": "capitalRunLongest",
    "capitalTotal": "capitalRunTotal",
}
LABELS = {"labels": ["HAM", "SPAM"], "from": [0.5]}


class Messages:
    """Rows of 57 named numbers as features: two vectors and three single numbers."""

    def __init__(self, rows, labels):
        names = list(rows[0])
        self.words, self.characters = names[:48], names[48:54]
        self.rows, self.labels = [self.as_features(row) for row in rows], labels
        self.train, self.held_out = split(len(rows))
        self.features = {
            "wordFrequencies": {"type": "[Float!]", "length": len(self.words)},
            "charFrequencies": {"type": "[Float!]", "length": len(self.characters)},
            **{name: {"type": "Float"} for name in CAPITALS.values()},
        }
        steps = [{"vector" if "length" in spec else "number": name} for name, spec in self.features.items()]
        self.preprocess = {"features": steps}
        self.matrix = as_float32(encode(self.preprocess, {}, self.rows)["features"])

    def as_features(self, row):
        return {
            "wordFrequencies": [row[name] for name in self.words],
            "charFrequencies": [row[name] for name in self.characters],
            **{name: row[column] for column, name in CAPITALS.items()},
        }

    def labelled(self):
        for position in self.held_out:
            yield {"input": self.rows[position], "label": int(self.labels[position])}

    def pool(self):
        return [self.rows[position] for position in self.held_out]

    def release(self, name, version, summary, algorithm, graph, reference, quality, **more):
        return Release(
            name=name,
            version=version,
            serves="ABUSE_SCORE",
            owner="trust",
            summary=summary,
            algorithm=algorithm,
            features=self.features,
            preprocess=self.preprocess,
            postprocess={"probability": {"column": "probability"}, "label": {"label": "probability", **LABELS}},
            graph=graph,
            reference=reference,
            quality=quality,
            pool=self.pool(),
            published=PUBLISHED,
            **more,
        )


def releases(messages):
    trees = HistGradientBoostingClassifier(max_iter=150, learning_rate=0.06, max_leaf_nodes=15, random_state=0)
    return [linear_release(messages), tree_release(messages, trees)]


def linear_release(messages):
    logarithms = np.log(messages.matrix + LOG_OFFSET)
    scaler = StandardScaler().fit(logarithms[messages.train])
    model, single, folds = measure(
        logistic_regression(0.1), scaler.transform(logarithms), messages.labels, messages.train, messages.held_out
    )
    weights = model.coef_[0] / scaler.scale_
    bias = model.intercept_[0] - scaler.mean_ @ weights

    def reference(tensors):
        return {"probability": sigmoid(np.log(as_float32(tensors["features"]) + LOG_OFFSET) @ weights + bias)}

    return measured_release(
        messages,
        "1",
        "Logistic regression",
        f"L2-regularised logistic regression on standardised log(x + {LOG_OFFSET}), all inside the graph",
        linear_graph("abuse_score_linear", len(weights), weights, bias, add_logarithm),
        reference,
        auc_metrics(single, 0.98, folds, 0.98),
    )


def tree_release(messages, model):
    model, single, folds = measure(model, messages.matrix, messages.labels, messages.train, messages.held_out)
    return measured_release(
        messages,
        "2",
        "Boosted trees, 150 of 15 leaves",
        "HistGradientBoostingClassifier(max_iter=150, learning_rate=0.06, max_leaf_nodes=15)",
        tree_graph("abuse_score_trees", messages.matrix.shape[1], model),
        tree_reference(model),
        auc_metrics(single, 0.985, folds, 0.983),
    )


def measured_release(messages, version, summary, algorithm, graph, reference, metrics):
    quality = {
        "evaluatedOn": "20% of the distinct messages, drawn at random, not used in training",
        "rows": len(messages.held_out),
        "metrics": metrics,
    }
    return messages.release(
        "abuse-score",
        version,
        summary,
        algorithm,
        graph,
        reference,
        quality,
        data=SPAMBASE,
        notes=['Learned from the mail of one company in the 1990s, where "george" and "650" meant "no spam".'],
    )


def add_logarithm(graph, features):
    shifted = graph.add("Add", features, graph.weight("log_offset", LOG_OFFSET), name="shifted")
    return graph.add("Log", shifted, name="logarithms")
