"""title-search: titles that look like what was typed, misspelt or not.

A text becomes hashed character n-grams (outside the graph, by the manifest's `ngrams` step); the graph turns their
counts into a unit vector (TF-IDF weights projected by a truncated SVD) and compares it with every title's vector.
"""

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import svds

from datasets import MOVIELENS
from encoding import bucket_counts, normalise
from onnx_graph import Graph
from release import Release

TOP = 10
DEFAULT_LIMIT = 5
LONGEST_TEXT = 1000  # characters; the longest title has 151
SIZE = 96
BUCKETS = 8192
LETTERS = "abcdefghijklmnopqrstuvwxyz"
QUERIES = 1000
EDGE_CASES = (
    "",
    "x",
    "日本",
    "8½",
    "Léon",
    "WALL·E",
    "se7en",
    "star wars",
    "schindlers list",
    "  the   MATRIX!! ",
    "amelie poulain montmartre amelie amelie",
    "Lord of the Rings: The Fellowship of the Ring, The",
)


def releases(ratings):
    catalogue = Catalogue(ratings)
    return [
        catalogue.release("1", (2, 4), 1.0, 0.98),
        catalogue.release("2", (1, 3), 0.5, 0.99),
    ]


class Catalogue:
    def __init__(self, ratings):
        named = [title_id for title_id, title in ratings.titles.items() if title["title"]]
        self.ids = ratings.popular_first(named)
        self.texts = [ratings.titles[title_id]["title"] for title_id in self.ids]
        self.test_titles, self.test_queries = self.mistyped(QUERIES, seed=1)

    def mistyped(self, count, seed):
        """Titles with random letters inserted, dropped or replaced: one if short, otherwise two."""
        generator = np.random.default_rng(seed)
        positions = generator.choice(len(self.texts), count, replace=False)
        return positions, [mistype(self.texts[position], generator) for position in positions]

    def queries(self, count, seed):
        """What people may type: a title as it is, in capitals, cut short, one word of it, or mistyped."""
        generator = np.random.default_rng(seed)
        positions, queries = self.mistyped(count, seed)
        for row, position in enumerate(positions):
            text = self.texts[position]
            forms = (text, text.upper(), text[: len(text) // 2 + 1], max(normalise(text).split(), key=len))
            queries[row] = [*forms, queries[row], queries[row]][generator.integers(6)]
        return queries

    def release(self, version, sizes, idf_power, gate):
        embedder = Embedder(self.texts, sizes, idf_power)
        spec = {"ngrams": "text", "sizes": list(sizes), "buckets": BUCKETS}
        pool = [{"text": text} for text in self.queries(800, seed=2)]
        return Release(
            name="title-search",
            version=version,
            serves="SEARCH_TITLES",
            owner="discovery",
            summary=f"Typo-tolerant title search over hashed character {sizes[0]}- to {sizes[1]}-grams",
            algorithm=f"TF-IDF (idf to the power {idf_power:g}) of character n-grams, truncated SVD to {SIZE} "
            "dimensions, cosine similarity; weights stored in half precision",
            data=MOVIELENS,
            features={
                "text": {
                    "type": "String",
                    "maxLength": LONGEST_TEXT,
                    "description": "What was typed, in any case and with any punctuation",
                },
                "limit": {"type": "Int", "range": [1, TOP], "default": DEFAULT_LIMIT},
            },
            preprocess={
                "buckets": {**spec, "yield": "buckets"},
                "counts": {**spec, "yield": "counts"},
            },
            postprocess={
                "titleIds": {"lookup": "titles", "vocabulary": "titles", "first": 1},
                "scores": {"column": "scores"},
                "embedding": {"column": "embedding"},
                "items": {
                    "records": {"title": {"entity": "Title", "of": "titleIds"}, "score": "scores"},
                    "limit": "limit",
                },
            },
            graph=search_graph(embedder),
            reference=embedder.search,
            quality={
                "evaluatedOn": "titles with one letter (two from 10 characters on) inserted, dropped or replaced",
                "rows": QUERIES,
                "metrics": self.recall_metrics(embedder, spec, gate),
            },
            pool=pool,
            published=len(pool) // 2,
            edge_cases=[{"text": text} for text in EDGE_CASES],
            vocabularies={"titles": self.ids},
            max_rows=128,  # a row takes 96 numbers in memory for each bucket of its batch's longest text
            notes=[
                "Embedder and title index are one graph: their vectors only make sense together, one immutable "
                "version cannot mix them up, and a search is one call. A changed catalogue needs a new version. The "
                f"graph yields the best {TOP} titles with their cosine similarity, all 0 if the text has no letter or "
                "digit, and the text's unit vector for other uses. Batches are kept small, since a row takes memory "
                "for the longest text of its batch."
            ],
        )

    def recall_metrics(self, embedder, spec, gate):
        found = embedder.best([bucket_counts(spec, {"text": query}) for query in self.test_queries])
        hits = found == self.test_titles[:, None]
        contained = sum(
            normalise(query) in normalise(self.texts[position])
            for position, query in zip(self.test_titles, self.test_queries)
        )
        baseline = {"name": "the title contains the text", "value": contained / QUERIES}
        return [
            {"name": "recall@10", "value": float(hits.any(1).mean()), "atLeast": gate, "baseline": baseline},
            {"name": "recall@1", "value": float(hits[:, 0].mean())},
        ]


class Embedder:
    """Weights per bucket and a unit vector per title, both rounded to the half precision they are stored in."""

    def __init__(self, texts, sizes, idf_power):
        spec = {"ngrams": "text", "sizes": sizes, "buckets": BUCKETS}
        frequencies = weighted_matrix([bucket_counts(spec, {"text": text}) for text in texts])
        document_counts = np.bincount(frequencies.indices, minlength=BUCKETS)
        idf = (np.log((1 + len(texts)) / (1 + document_counts)) + 1) ** idf_power
        weighted = frequencies.multiply(idf).tocsr()
        lengths = np.sqrt(np.asarray(weighted.multiply(weighted).sum(1)))
        _, _, directions = svds(weighted.multiply(1 / lengths).tocsr(), k=SIZE, random_state=0)
        self.projection = half(idf[:, None] * directions.T)
        self.titles = half(unit(weighted @ directions.T))

    def search(self, tensors):
        counts = tensors["counts"].astype(float)
        weights = np.where(counts > 0, 1 + np.log(np.maximum(counts, 1)), 0)
        embedding = unit(np.einsum("bl,bld->bd", weights, self.projection[tensors["buckets"]]))
        scores = embedding @ self.titles.T
        best = top(scores)
        return {"titles": best + 1, "scores": np.take_along_axis(scores, best, 1), "embedding": embedding}

    def best(self, texts):
        return top(unit(weighted_matrix(texts) @ self.projection) @ self.titles.T)


def weighted_matrix(texts):
    """Texts as (bucket, count) lists → sparse rows of 1 + ln(count)."""
    cells = [(row, bucket, 1 + np.log(count)) for row, pairs in enumerate(texts) for bucket, count in pairs]
    rows, buckets, weights = zip(*cells)
    return csr_matrix((weights, (rows, buckets)), (len(texts), BUCKETS))


def unit(vectors):
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


def half(values):
    return values.astype(np.float16).astype(float)


def top(scores):
    return np.argsort(-scores, axis=1, kind="stable")[:, :TOP]


def mistype(text, generator):
    letters = list(text)
    for _ in range(1 if len(text) <= 9 else 2):
        position = generator.integers(len(letters))
        letter = LETTERS[generator.integers(26)]
        edit = ("insert", "drop", "replace")[generator.integers(3)]
        if edit == "insert":
            letters.insert(position, letter)
        elif edit == "drop" and len(letters) > 3:
            letters.pop(position)
        else:
            letters[position] = letter
    return "".join(letters)


def search_graph(embedder):
    graph = Graph("title_search")
    buckets = graph.input("buckets", "int64", ["batch", "length"])
    counts = graph.input("counts", "float32", ["batch", "length"])
    graph.weight("projection", embedder.projection, np.float16)
    graph.weight("title_vectors", embedder.titles.T, np.float16)

    one, zero = graph.weight("one", 1), graph.weight("zero", 0)
    logarithm = graph.add("Log", graph.add("Max", counts, one, name="at_least_one"), name="logarithm")
    present = graph.add("Greater", counts, zero, name="present")
    weights = graph.add("Where", present, graph.add("Add", logarithm, one, name="damped"), zero, name="weights")

    row_axis = graph.integers("row_axis", [1])
    row = graph.add("Unsqueeze", weights, row_axis, name="weight_rows")
    vectors = graph.add("Gather", "projection", buckets, name="bucket_vectors")
    total = graph.add("Squeeze", graph.add("MatMul", row, vectors, name="total_rows"), row_axis, name="total")

    norm = graph.add("ReduceL2", total, name="norm", axes=[1], keepdims=1)
    safe_norm = graph.add("Max", norm, graph.weight("smallest_norm", 1e-12), name="safe_norm")
    embedding = graph.add("Div", total, safe_norm, name="embedding")

    similarity = graph.add("MatMul", embedding, "title_vectors", name="similarity")
    graph.add("TopK", similarity, graph.integers("top", [TOP]), name=["scores", "positions"], axis=1)
    graph.add("Add", "positions", graph.integers("first_index", [1]), name="titles")
    graph.output("titles", "int64", ["batch", TOP])
    graph.output("scores", "float32", ["batch", TOP])
    graph.output("embedding", "float32", ["batch", SIZE])
    return graph
