"""title-recommender: what a member will like next, from what they liked so far.

Three versions with one signature: 1 popularity, 2 PureSVD, 3 EASE reduced to low rank. Each scores every title of
the vocabulary from the set of liked titles; already liked titles are removed before the best 50 are taken.
"""

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import svds

from datasets import LIKED, MOVIELENS
from onnx_graph import Graph
from release import Release

TOP = 50
RANK = 64
RIDGE = 200.0  # EASE regularisation
FEWEST_LIKES = 5  # a title enters the vocabulary from here on
REMOVED = -1e9  # score of a title that must not be recommended
DEFAULT_LIMIT = 10


def releases(ratings):
    data = Interactions(ratings)
    popularity = data.liked.sum(0) / len(data.members)

    def most_popular(liked):
        return np.tile(popularity, (len(liked), 1))

    baseline = {"name": "popularity", "value": data.ndcg(most_popular)}
    svd, ease = pure_svd(data.liked), low_rank_ease(data.liked)
    return [
        data.release(
            version="1",
            summary="Most liked titles, the same for everyone",
            algorithm="Share of members who liked the title",
            gate=0.06,
            graph=popularity_graph(popularity),
            score=most_popular,
            baseline=baseline,
        ),
        data.release(
            version="2",
            summary="PureSVD collaborative filtering",
            algorithm=f"Truncated SVD of the member x title matrix, rank {RANK}",
            gate=0.095,
            graph=factor_graph(*svd),
            score=product(*svd),
            baseline=baseline,
        ),
        data.release(
            version="3",
            summary="EASE collaborative filtering",
            algorithm=f"EASE (ridge {RIDGE:g}) truncated by SVD to rank {RANK}",
            gate=0.105,
            graph=factor_graph(*ease),
            score=product(*ease),
            baseline=baseline,
        ),
    ]


class Interactions:
    """Likes as a member x title matrix, split into the past (known) and the future (to be predicted)."""

    def __init__(self, ratings):
        future = ratings.future_likes()
        past = (ratings.value >= LIKED) & ~future
        titles, counts = np.unique(ratings.title[past], return_counts=True)
        frequent = counts >= FEWEST_LIKES
        by_likes = np.lexsort((titles[frequent], -counts[frequent]))
        self.titles = titles[frequent][by_likes]
        self.members = np.unique(ratings.member)
        self.ratings = ratings
        self.liked = self.matrix(past)
        self.next = self.matrix(future)
        self.histories = self.ordered(past)

    def matrix(self, rows):
        rows = rows & np.isin(self.ratings.title, self.titles)
        column = {title: position for position, title in enumerate(self.titles)}
        positions = [column[title] for title in self.ratings.title[rows]]
        members = np.searchsorted(self.members, self.ratings.member[rows])
        shape = len(self.members), len(self.titles)
        return csr_matrix((np.ones(len(positions)), (members, positions)), shape).toarray()

    def ordered(self, rows):
        """Per member: the liked titles of the vocabulary, oldest first."""
        rows = np.flatnonzero(rows & np.isin(self.ratings.title, self.titles))
        rows = rows[np.lexsort((self.ratings.title[rows], self.ratings.timestamp[rows]))]
        histories = {member: [] for member in self.members.tolist()}
        for member, title in zip(self.ratings.member[rows].tolist(), self.ratings.title[rows].tolist()):
            histories[member].append(title)
        return histories

    def ndcg(self, score, depth=10):
        """Mean NDCG over the members who have a future."""
        best = rank(np.where(self.liked > 0, REMOVED, score(self.liked)), depth)
        gain = 1 / np.log2(np.arange(depth) + 2)
        ideal = np.concatenate([[0], gain.cumsum()])[np.minimum(self.next.sum(1), depth).astype(int)]
        reached = (np.take_along_axis(self.next, best, 1) * gain).sum(1)
        return float((reached[ideal > 0] / ideal[ideal > 0]).mean())

    def release(self, version, summary, algorithm, gate, graph, score, baseline):
        pool = [{"history": history} for history in self.histories.values() if history]
        pool = [pool[position] for position in np.random.default_rng(11).permutation(len(pool))]
        longest, first = max(pool, key=lambda row: len(row["history"])), self.titles.tolist()
        return Release(
            name="title-recommender",
            version=version,
            serves="RECOMMEND_TITLES",
            owner="personalization",
            summary=summary,
            algorithm=algorithm,
            data=MOVIELENS,
            features={
                "history": {
                    "type": "[ID!]",
                    "input": "likedTitleIds",
                    "description": "Titles that the member rated 4 or more; order and repeats do not matter, "
                    "unknown ids are ignored, an empty list yields the most popular titles",
                },
                "excludeTitleIds": {"type": "[ID!]", "default": [], "note": "only read after the graph, as is limit"},
                "limit": {"type": "Int", "range": [1, TOP], "default": DEFAULT_LIMIT},
            },
            preprocess={
                "history": {"indexList": "history", "vocabulary": "titles", "first": 1, "unknown": 0},
                "history_mask": {"mask": "history"},
            },
            postprocess={
                "titleIds": {"lookup": "titles", "vocabulary": "titles", "first": 1},
                "scores": {"column": "scores"},
                "items": {
                    "records": {"title": {"entity": "Title", "of": "titleIds"}, "score": "scores"},
                    "exclude": {"title": "excludeTitleIds"},
                    "limit": "limit",
                },
            },
            graph=graph,
            reference=lambda tensors: recommend(tensors, score, len(self.titles)),
            quality={
                "evaluatedOn": "the latest 20% of each member's likes, members with at least 5 likes, "
                "titles of the vocabulary only",
                "rows": int(self.next.any(1).sum()),
                "metrics": [
                    {"name": "NDCG@10", "value": self.ndcg(score), "atLeast": gate, "baseline": baseline},
                ],
            },
            pool=pool,
            published=len(pool) // 2,
            edge_cases=[
                {"history": []},
                {"history": [first[0]]},
                {"history": [-1, first[1], 999_999_999]},
                {"history": [first[2], first[2], first[3]]},
                longest,
            ],
            vocabularies={"titles": self.titles.tolist()},
            max_rows=128,  # a row takes some 35 KB in memory, in four steps of a number a title; more at a time are no faster
            notes=[
                f"The graph yields the best {TOP} titles, none of the history; scores compare within one version "
                "only. The vocabulary is ordered by popularity, so that ties fall to the more popular title. A score "
                f"of -1e9 marks a title of the history: it shows only when fewer than {TOP} others are left."
            ],
        )


def pure_svd(liked):
    _, _, right = svds(csr_matrix(liked), k=RANK, random_state=0)
    return right.T, right


def low_rank_ease(liked):
    """Closed-form item weights with a zero diagonal, then their best rank-`RANK` approximation."""
    gram = liked.T @ liked
    precision = np.linalg.inv(gram + RIDGE * np.eye(len(gram)))
    weights = -precision / np.diag(precision)
    np.fill_diagonal(weights, 0)
    left, strength, right = svds(weights, k=RANK, random_state=0)
    return left * strength, right


def product(left, right):
    return lambda liked: liked @ left @ right


def recommend(tensors, score, title_count):
    present = np.zeros((len(tensors["history"]), title_count + 1))
    np.put_along_axis(present, tensors["history"], 1, 1)
    liked = present[:, 1:]
    scores = np.where(liked > 0, REMOVED, score(liked))
    best = rank(scores, TOP)
    return {"titles": best + 1, "scores": np.take_along_axis(scores, best, 1)}


def rank(scores, depth):
    return np.argsort(-scores, axis=1, kind="stable")[:, :depth]


def popularity_graph(popularity):
    graph = Graph("title_recommender_popularity")
    seen, _ = add_seen(graph, len(popularity) + 1)
    graph.weight("popularity", [[0, *popularity]])
    return add_top(graph, seen, "popularity")


def factor_graph(left, right):
    graph = Graph("title_recommender_factors")
    seen, liked = add_seen(graph, len(left) + 1)
    graph.weight("left", np.vstack([np.zeros(left.shape[1]), left]))
    graph.weight("right", np.hstack([np.zeros((len(right), 1)), right]))
    taste = graph.add("MatMul", liked, "left", name="taste")
    return add_top(graph, seen, graph.add("MatMul", taste, "right", name="affinity"))


def add_seen(graph, width):
    """Marks the history's titles in a [batch, width] matrix; column 0 (unknown) always counts as seen."""
    history = graph.input("history", "int64", ["batch", "length"])
    mask = graph.input("history_mask", "float32", ["batch", "length"])
    graph.weight("only_unknown", np.eye(1, width))
    batch = graph.add("Shape", history, name="batch_size", start=0, end=1)
    shape = graph.add("Concat", batch, graph.integers("width", [width]), name="shape", axis=0)
    blank = graph.add("Expand", "only_unknown", shape, name="blank")
    counts = graph.add("ScatterElements", blank, history, mask, name="counts", axis=1, reduction="add")
    seen = graph.add("Greater", counts, graph.weight("zero", 0), name="seen")
    return seen, graph.add("Cast", seen, name="liked", to=1)


def add_top(graph, seen, scores):
    allowed = graph.add("Where", seen, graph.weight("removed", REMOVED), scores, name="allowed")
    graph.add("TopK", allowed, graph.integers("top", [TOP]), name=["scores", "titles"], axis=1)
    graph.output("titles", "int64", ["batch", TOP])
    graph.output("scores", "float32", ["batch", TOP])
    return graph
