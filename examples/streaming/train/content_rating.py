"""rating-predictor 4: how a member would rate a title, judged by its genres and year too.

    rating = weights[member] · traits(genres, year)  +  member_factors[member] · title_factors[title]

The traits are a constant, the genres and the decades past a few years. Their weights are fitted first, without regard
to which title it is, so that they alone predict a title that is not in the vocabulary: its factors are all 0.
What they leave unexplained goes through version 2's own steps, biases and 16 factors. The biases become two more
factors: the member's is 1 where the title's is its bias, and the title's is 1 where the member's is theirs.
"""

from copy import copy
from functools import partial
from itertools import cycle

import numpy as np

from encoding import encode
from onnx_graph import Graph
from rating_predictor import HIGHEST, LOWEST, ROUNDS, RatingTable, groups, solve

FACTORS = 16
TRAIT_RIDGE = 20
KNOTS = 1900, 1940, 1960, 1980, 2000  # the rating bends with the year at these
FOLDS = 5
AWKWARD = (  # changes to every fourth row of the pool
    {"memberId": -1},
    {"titleId": 999_999_999},
    {"year": None},
    {"genres": []},
    {"genres": ["Telenovela", "Drama"]},
    {"titleId": 0, "genres": None, "year": None},
)


def releases(ratings):
    table = ContentTable(ratings)
    parameters = table.fit()
    score = partial(predict, parameters)
    mean = table.train[2].mean()
    global_mean = table.rmse(lambda member, title, content: np.full(len(member), mean))
    unknown, unknown_to_biases = table.unknown_title_rmse()
    return [
        table.release(
            version="4",
            summary=f"Genres, year and {FACTORS} latent factors",
            algorithm="Ridge regression of each member's ratings on genres and year (bends at "
            + ", ".join(map(str, KNOTS[1:]))
            + f"), then biases and matrix factorisation, {FACTORS} factors, {ROUNDS} rounds of least squares",
            graph=content_graph(parameters, table.content.shape[1]),
            reference=lambda tensors: {"rating": score(tensors["member"], tensors["title"], tensors["content"])},
            metrics=[
                {
                    "name": "RMSE",
                    "value": table.rmse(score),
                    "atMost": 0.853,
                    "baseline": {"name": "global mean", "value": global_mean},
                },
                {
                    "name": "RMSE, each title left out of training",
                    "value": unknown,
                    "atMost": 0.92,
                    "baseline": {"name": "version 3", "value": unknown_to_biases},
                },
            ],
        )
    ]


class ContentTable(RatingTable):
    """Ratings with the content of their titles, one row per title of the catalogue, vocabulary or not."""

    def __init__(self, ratings):
        super().__init__(ratings)
        catalogue = list(ratings.titles.values())
        row_of = {title["id"]: row for row, title in enumerate(catalogue)}
        self.genres = sorted({genre for title in catalogue for genre in title["genres"]})
        self.years = [title["year"] for title in catalogue if title["year"] is not None]
        self.content_row = np.array([row_of[title] for title in ratings.title.tolist()])
        self.content = encode({"content": self.content_steps()}, {}, catalogue)["content"]

    def fit(self):
        member, title, value = self.train
        weights = self.trait_weights(~self.test)
        rest = copy(self)
        rest.train = member, title, value - explained(weights, member, self.content[self.content_row[~self.test]])
        mean, member_bias, title_bias = rest.biases()
        member_factors, title_factors = rest.factors(FACTORS, mean, member_bias, title_bias)
        member_factors = np.column_stack([member_factors, np.ones(self.shape[0]), mean + member_bias])
        title_factors = np.column_stack([title_factors, title_bias, np.ones(self.shape[1])])
        title_factors[0] = 0
        return weights, member_factors, title_factors

    def trait_weights(self, chosen):
        """Every member's weights of the traits, from the chosen ratings; they are pulled towards what all share."""
        member, row, value = self.member[chosen], self.content_row[chosen], self.ratings.value[chosen]
        known = traits(self.content)
        shared, own = np.zeros((1, known.shape[1])), np.zeros((self.shape[0], known.shape[1]))
        mean = value.mean()
        solve(shared, [np.arange(len(row))], known, row, value - mean, TRAIT_RIDGE)
        shared[0, 0] += mean
        solve(own, groups(member, self.shape[0]), known, row, value - known[row] @ shared[0], TRAIT_RIDGE)
        return shared + own

    def unknown_title_rmse(self):
        """On the held-out ratings, predicted without any rating of their title: by the traits, and as in version 3."""
        fold = np.random.default_rng(0).integers(FOLDS, size=len(self.content))[self.content_row]
        by_traits, by_biases = np.zeros((2, len(fold)))
        for left_out in range(FOLDS):
            train, asked = ~self.test & (fold != left_out), self.test & (fold == left_out)
            member = self.member[asked]
            by_traits[asked] = explained(self.trait_weights(train), member, self.content[self.content_row[asked]])
            others = copy(self)
            others.train = self.member[train], self.title[train], self.ratings.value[train]
            mean, member_bias, _ = others.biases()
            by_biases[asked] = mean + member_bias[member]
        return [
            self.rmse(lambda *_: np.clip(predicted[self.test], LOWEST, HIGHEST)) for predicted in (by_traits, by_biases)
        ]

    def rmse(self, predict):
        content = self.content[self.content_row[self.test]]
        return super().rmse(lambda member, title: predict(member, title, content))

    def features(self):
        return {
            "memberId": {"type": "ID", "description": "An unknown member has the taste that all members share"},
            "titleId": {"type": "ID", "description": "An unknown title is judged by genres and year alone"},
            "genres": {
                "type": "[String!]",
                "nullable": True,
                "description": "Order and repeats do not matter, unknown ones are ignored",
            },
            "year": {"type": "Int", "nullable": True, "note": f"{min(self.years)} to {max(self.years)} in the data"},
        }

    def preprocess(self):
        return {**super().preprocess(), "content": self.content_steps()}

    def content_steps(self):
        return [
            {"multiHot": "genres", "categories": self.genres, "unknown": "zero"},
            {"number": "year", "fill": float(np.median(self.years)), "offset": KNOTS[0], "scale": 10},
        ]

    def notes(self):
        return [
            "Asks for genres and year, which versions 1 to 3 do not: one objective stands above both. The graph trusts "
            "the genres and the year that it is given, known title or not. A missing year counts as the median of the "
            "catalogue."
        ]

    def labelled(self):
        for row in super().labelled():
            title = self.ratings.titles[row["input"]["titleId"]]
            yield {"input": {**row["input"], "genres": title["genres"], "year": title["year"]}, "label": row["label"]}

    def pool(self):
        rows = super().pool()
        for position, change in zip(range(0, len(rows), 4), cycle(AWKWARD)):
            rows[position] = {**rows[position], **change}
        return rows

    def edge_cases(self):
        title = self.ratings.titles[self.titles[0]]
        plain = {"memberId": self.members[0], "titleId": title["id"], "genres": title["genres"], "year": title["year"]}
        unknown = {**plain, "titleId": 999_999_999}
        return [
            {**plain, "memberId": -1},
            {**plain, "genres": []},
            {**plain, "genres": None},
            {**plain, "genres": ["War", "Telenovela", "War"]},
            {**plain, "year": None},
            unknown,
            {**unknown, "genres": ["Documentary"], "year": self.years[0]},
            {**unknown, "genres": self.genres, "year": 1890},
            {**unknown, "genres": ["Telenovela"], "year": 2030},
            {**unknown, "genres": [], "year": None},
            {"memberId": 0, "titleId": 0, "genres": [], "year": None},
        ]


def traits(content):
    matrix, offsets = trait_layer(content.shape[1])
    return np.maximum(content @ matrix + offsets, 0)


def trait_layer(width):
    """traits = max(content · matrix + offsets, 0): a constant 1, the genres, the decades past each knot."""
    genres, decades = width - 1, np.subtract(KNOTS, KNOTS[0]) / 10
    matrix = np.zeros((width, 1 + genres + len(KNOTS)))
    matrix[:genres, 1 : 1 + genres] = np.eye(genres)
    matrix[genres, 1 + genres :] = 1
    return matrix, np.concatenate([[1], np.zeros(genres), -decades])


def explained(weights, member, content):
    return (weights[member] * traits(content)).sum(1)


def predict(parameters, member, title, content):
    weights, member_factors, title_factors = parameters
    taste = (member_factors[member] * title_factors[title]).sum(1)
    return np.clip(explained(weights, member, content) + taste, LOWEST, HIGHEST)


def content_graph(parameters, width):
    graph = Graph("rating_predictor")
    member = graph.input("member", "int64", ["batch"])
    title = graph.input("title", "int64", ["batch"])
    content = graph.input("content", "float32", ["batch", width])
    for name, values in zip(("weights", "member_factors", "title_factors"), parameters):
        graph.weight(name, values)
    matrix, offsets = trait_layer(width)
    stretched = graph.add(
        "Gemm", content, graph.weight("trait_matrix", matrix), graph.weight("trait_offsets", offsets), name="stretched"
    )
    known = graph.add("Relu", stretched, name="traits")
    judged = dot(graph, graph.add("Gather", "weights", member, name="member_weights"), known, "judged")
    tastes = graph.add("Gather", "member_factors", member, name="tastes")
    taste = dot(graph, tastes, graph.add("Gather", "title_factors", title, name="appeals"), "taste")
    rating = graph.add("Add", judged, taste, name="unclipped")
    graph.add("Clip", rating, graph.weight("lowest", LOWEST), graph.weight("highest", HIGHEST), name="rating")
    graph.output("rating", "float32", ["batch"])
    return graph


def dot(graph, left, right, name):
    products = graph.add("Mul", left, right, name=f"{name}_products")
    return graph.add("ReduceSum", products, graph.integers(f"{name}_axis", [1]), name=name, keepdims=0)
