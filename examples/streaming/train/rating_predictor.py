"""rating-predictor: how a member would rate a title.

Three versions with one signature: 1 biases only, 2 and 3 biases plus matrix factorisation with 16 and 32 factors,
fitted by alternating least squares. Index 0 is the unknown member or title: no bias, no factors. Version 4, which
also looks at genres and year, is in content_rating.py.
"""

import numpy as np

from datasets import MOVIELENS
from onnx_graph import Graph
from release import Release

LOWEST, HIGHEST = 0.5, 5.0
ROUNDS = 8
MEMBER_SHRINKAGE, TITLE_SHRINKAGE = 5, 3  # pseudo-ratings pulling a bias towards 0
RIDGE, RIDGE_PER_RATING = 10, 0.02


def releases(ratings):
    table = RatingTable(ratings)
    mean, member_bias, title_bias = table.biases()
    baseline = {"name": "global mean", "value": table.rmse(lambda member, title: np.full(len(member), mean))}
    versions = []
    for version, factors, gate in (("1", 0, 0.895), ("2", 16, 0.88), ("3", 32, 0.874)):
        parameters = mean, member_bias, title_bias, *table.factors(factors, mean, member_bias, title_bias)
        versions.append(factor_release(table, version, factors, gate, parameters, baseline))
    return versions


def factor_release(table, version, factors, gate, parameters, baseline):
    def score(member, title):
        return predict(parameters, member, title)

    return table.release(
        version=version,
        summary=f"Biases and {factors} latent factors" if factors else "Member and title biases only",
        algorithm=(
            f"Biases and matrix factorisation, {factors} factors, {ROUNDS} rounds of least squares"
            if factors
            else "Shrunken member and title biases around the global mean"
        ),
        graph=rating_graph(parameters),
        reference=lambda tensors: {"rating": score(tensors["member"], tensors["title"])},
        metrics=[{"name": "RMSE", "value": table.rmse(score), "atMost": gate, "baseline": baseline}],
    )


class RatingTable:
    """Ratings by vocabulary index: members and titles are numbered from 1, in the order of their lists."""

    def __init__(self, ratings):
        test = ratings.test_rows()
        self.members = np.unique(ratings.member).tolist()
        self.titles = ratings.popular_first(np.unique(ratings.title[~test]).tolist())
        title_index = {title: index for index, title in enumerate(self.titles, 1)}
        self.ratings = ratings
        self.test = test
        self.member = np.searchsorted(self.members, ratings.member) + 1
        self.title = np.array([title_index.get(title, 0) for title in ratings.title.tolist()])
        self.shape = len(self.members) + 1, len(self.titles) + 1
        self.train = self.member[~test], self.title[~test], ratings.value[~test]

    def biases(self):
        member, title, value = self.train
        mean = value.mean()
        member_bias, title_bias = np.zeros(self.shape[0]), np.zeros(self.shape[1])
        member_count = np.bincount(member, minlength=self.shape[0])
        title_count = np.bincount(title, minlength=self.shape[1])
        for _ in range(15):
            rest = value - mean - member_bias[member]
            title_bias = np.bincount(title, rest, self.shape[1]) / (TITLE_SHRINKAGE + title_count)
            rest = value - mean - title_bias[title]
            member_bias = np.bincount(member, rest, self.shape[0]) / (MEMBER_SHRINKAGE + member_count)
        return mean, member_bias, title_bias

    def factors(self, count, mean, member_bias, title_bias):
        """Alternating least squares on what the biases leave unexplained."""
        member, title, value = self.train
        rest = value - mean - member_bias[member] - title_bias[title]
        generator = np.random.default_rng(0)
        member_factors, title_factors = (generator.normal(0, 0.1, (size, count)) for size in self.shape)
        by_member, by_title = groups(member, self.shape[0]), groups(title, self.shape[1])
        for _ in range(ROUNDS if count else 0):
            solve(member_factors, by_member, title_factors, title, rest)
            solve(title_factors, by_title, member_factors, member, rest)
        member_factors[0] = title_factors[0] = 0
        return member_factors, title_factors

    def rmse(self, predict):
        predicted = predict(self.member[self.test], self.title[self.test])
        return float(np.sqrt(np.mean((self.ratings.value[self.test] - predicted) ** 2)))

    def labelled(self):
        columns = (self.ratings.member[self.test], self.ratings.title[self.test], self.ratings.value[self.test])
        for member, title, value in zip(*(column.tolist() for column in columns)):
            yield {"input": {"memberId": member, "titleId": title}, "label": value}

    def features(self):
        return {
            "memberId": {"type": "ID", "description": "An unknown member has no bias of their own"},
            "titleId": {"type": "ID", "description": "An unknown title has no bias of its own"},
        }

    def preprocess(self):
        return {
            "member": {"index": "memberId", "vocabulary": "members", "first": 1, "unknown": 0},
            "title": {"index": "titleId", "vocabulary": "titles", "first": 1, "unknown": 0},
        }

    def pool(self):
        rows = [row["input"] for row in self.labelled()]
        return [rows[position] for position in np.random.default_rng(12).permutation(len(rows))]

    def edge_cases(self):
        return [
            {"memberId": -1, "titleId": self.titles[0]},
            {"memberId": self.members[0], "titleId": 999_999_999},
            {"memberId": 0, "titleId": 0},
        ]

    def notes(self):
        return []

    def release(self, version, summary, algorithm, graph, reference, metrics):
        return Release(
            name="rating-predictor",
            version=version,
            serves="PREDICT_RATING",
            max_rows=2048,  # two aliases of 1,000 titles are one call
            owner="personalization",
            summary=summary,
            algorithm=algorithm,
            data=MOVIELENS,
            features=self.features(),
            preprocess=self.preprocess(),
            postprocess={"rating": {"column": "rating"}},
            graph=graph,
            reference=reference,
            quality={
                "evaluatedOn": "ratings drawn at random, not used in training",
                "rows": int(self.test.sum()),
                "metrics": metrics,
            },
            pool=self.pool(),
            published=1000,
            edge_cases=self.edge_cases(),
            vocabularies={"members": self.members, "titles": self.titles},
            notes=self.notes(),
        )


def groups(index, size):
    """Row positions by index value."""
    order = np.argsort(index, kind="stable")
    return np.split(order, np.searchsorted(index[order], np.arange(1, size)))


def solve(target, rows_of, other, other_index, rest, ridge=RIDGE):
    """Ridge regression of `rest` on the other side's factors, one small system per row of `target`."""
    identity = np.eye(target.shape[1])
    for position, rows in enumerate(rows_of):
        known = other[other_index[rows]]
        penalty = ridge + RIDGE_PER_RATING * len(rows)
        target[position] = np.linalg.solve(known.T @ known + penalty * identity, known.T @ rest[rows])


def predict(parameters, member, title):
    mean, member_bias, title_bias, member_factors, title_factors = parameters
    taste = (member_factors[member] * title_factors[title]).sum(1)
    return np.clip(mean + member_bias[member] + title_bias[title] + taste, LOWEST, HIGHEST)


def rating_graph(parameters):
    mean, member_bias, title_bias, member_factors, title_factors = parameters
    graph = Graph("rating_predictor")
    member = graph.input("member", "int64", ["batch"])
    title = graph.input("title", "int64", ["batch"])
    graph.weight("member_biases", mean + member_bias)
    graph.weight("title_biases", title_bias)
    member_part = graph.add("Gather", "member_biases", member, name="member_bias")
    title_part = graph.add("Gather", "title_biases", title, name="title_bias")
    rating = graph.add("Add", member_part, title_part, name="bias")
    if member_factors.size:
        graph.weight("member_factors", member_factors)
        graph.weight("title_factors", title_factors)
        tastes = graph.add("Gather", "member_factors", member, name="tastes")
        traits = graph.add("Gather", "title_factors", title, name="traits")
        products = graph.add("Mul", tastes, traits, name="products")
        taste = graph.add("ReduceSum", products, graph.integers("factor_axis", [1]), name="taste", keepdims=0)
        rating = graph.add("Add", rating, taste, name="unclipped")
    graph.add("Clip", rating, graph.weight("lowest", LOWEST), graph.weight("highest", HIGHEST), name="rating")
    graph.output("rating", "float32", ["batch"])
    return graph
