"""payment-risk: the probability that a credit applicant will not pay.

Version 1 is a logistic regression on standardised numbers, 2 and 3 are boosted trees on plain numbers with
missing values as NaN. Scaling, filling and one-hot coding happen before the graph, in the manifest's `preprocess`.
"""

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from classifiers import as_float32, auc_metrics, linear_graph, logistic_regression, measure, sigmoid
from classifiers import tree_graph, tree_reference
from datasets import CREDIT, split
from encoding import encode
from release import Release

PUBLISHED = 300  # held-out applicants that appear in data/payments.json

TYPES = {
    "seniority": "Int",
    "home": "String",
    "time": "Int",
    "age": "Int",
    "marital": "String",
    "records": "String",
    "job": "String",
    "expenses": "Float",
    "income": "Float",
    "assets": "Float",
    "debt": "Float",
    "amount": "Float",
    "price": "Float",
}
DECISIONS = {"labels": ["APPROVE", "REVIEW", "DECLINE"], "from": [0.3, 0.6]}
PURPOSE = (
    "The risk that a credit applicant will not pay, not fraud. Currency, country and years of the data are unknown: an "
    "example, not for decisions about people. Ranges beside the features are what the data hold, not limits."
)


class Applicants:
    """Rows, labels, split and the features they have."""

    def __init__(self, rows, labels):
        self.rows, self.labels = rows, labels
        self.train, self.held_out = split(len(rows))
        self.features = {name: self.feature(name) for name in rows[0]}

    def known(self, name):
        return [row[name] for row in self.rows if row[name] is not None]

    def feature(self, name):
        known = self.known(name)
        feature = {"type": TYPES[name], **({"nullable": True} if len(known) < len(self.rows) else {})}
        if feature["type"] == "String":
            return feature
        return {**feature, "note": f"{min(known):,} to {max(known):,} in the data"}

    def preprocess(self, number_step):
        steps = [
            (
                {"oneHot": name, "categories": sorted(set(self.known(name))), "unknown": "zero"}
                if feature["type"] == "String"
                else number_step(name)
            )
            for name, feature in self.features.items()
        ]
        return {"features": steps}

    def encode(self, preprocess):
        return encode(preprocess, {}, self.rows)["features"]

    def plain_number(self, name):
        return {"number": name}

    def standardised_number(self, name):
        """(value - offset) / scale, fitted on the training rows; a missing value counts as the median."""
        given = [self.rows[row][name] for row in self.train]
        fill = float(np.median([value for value in given if value is not None]))
        values = np.array([fill if value is None else value for value in given])
        offset, scale = round(float(values.mean()), 6), round(float(values.std()), 6)
        return {"number": name, "fill": fill, "offset": offset, "scale": scale}

    def labelled(self):
        for position in self.held_out:
            yield {"input": self.rows[position], "label": int(self.labels[position])}

    def pool(self):
        return [self.rows[position] for position in self.held_out]

    def release(self, name, version, summary, algorithm, preprocess, graph, reference, metrics, notes, **more):
        return Release(
            name=name,
            version=version,
            serves="PAYMENT_RISK",
            owner="payments",
            summary=summary,
            algorithm=algorithm,
            data=CREDIT,
            features=self.features,
            preprocess=preprocess,
            postprocess={
                "probability": {"column": "probability"},
                "decision": {"label": "probability", **DECISIONS},
            },
            graph=graph,
            reference=reference,
            quality={
                "evaluatedOn": "20% of the applicants, drawn at random, not used in training",
                "rows": len(self.held_out),
                "metrics": metrics,
            },
            notes=[PURPOSE, *notes],
            pool=self.pool(),
            published=PUBLISHED,
            **more,
        )


def releases(applicants):
    small = HistGradientBoostingClassifier(max_iter=150, learning_rate=0.06, max_leaf_nodes=15, random_state=0)
    large = HistGradientBoostingClassifier(
        max_iter=800, learning_rate=0.02, max_leaf_nodes=8, max_features=0.3, l2_regularization=1, random_state=0
    )
    return [
        linear_release(applicants),
        tree_release(applicants, "2", "Boosted trees, 150 of 15 leaves", (0.858, 0.838), small),
        tree_release(applicants, "3", "Boosted trees, 800 of 8 leaves", (0.865, 0.842), large),
    ]


def linear_release(applicants):
    preprocess = applicants.preprocess(applicants.standardised_number)
    features = applicants.encode(preprocess)
    model, single, folds = measure(
        logistic_regression(1.0), features, applicants.labels, applicants.train, applicants.held_out
    )
    weights, bias = model.coef_[0], model.intercept_[0]
    return applicants.release(
        "payment-risk",
        "1",
        "Logistic regression",
        "L2-regularised logistic regression on standardised numbers and one-hot categories",
        preprocess,
        linear_graph("payment_risk_linear", features.shape[1], weights, bias),
        lambda tensors: {"probability": sigmoid(tensors["features"] @ weights + bias)},
        auc_metrics(single, 0.84, folds, 0.825),
        ["A missing number counts as the median of the training rows; then all are brought to mean 0, deviation 1."],
        edge_cases=edge_cases(applicants),
    )


def tree_release(applicants, version, summary, gates, model):
    preprocess = applicants.preprocess(applicants.plain_number)
    features = as_float32(applicants.encode(preprocess))
    model, single, folds = measure(model, features, applicants.labels, applicants.train, applicants.held_out)
    parameters = {key: getattr(model, key) for key in ("max_iter", "learning_rate", "max_leaf_nodes", "max_features")}
    return applicants.release(
        "payment-risk",
        version,
        summary,
        "HistGradientBoostingClassifier(" + ", ".join(f"{key}={value}" for key, value in parameters.items()) + ")",
        preprocess,
        tree_graph("payment_risk_trees", features.shape[1], model),
        tree_reference(model),
        auc_metrics(single, gates[0], folds, gates[1]),
        ["A missing number goes to the graph as NaN: its trees have learnt a way for it."],
        edge_cases=edge_cases(applicants),
    )


def edge_cases(applicants):
    """Published applicants changed by hand: every nullable value missing, and a category never seen."""
    first, second = applicants.pool()[:2]
    nullable = [name for name, feature in applicants.features.items() if feature.get("nullable")]
    return [{**first, **dict.fromkeys(nullable)}, {**second, "job": "astronaut"}]
