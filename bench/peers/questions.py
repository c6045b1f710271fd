"""The bench's questions as the Python peers answer them: numpy columns, one `run` for the rows of many requests.

A question has three steps, so that peers which batch may batch the middle one: `rows` are looked up and made columns,
`run` infers, `answer` makes what GraphQL would answer.
"""

import json
from pathlib import Path

import numpy as np
import onnxruntime

GENRES = (
    "Action Adventure Animation Children Comedy Crime Documentary Drama Fantasy Film-Noir Horror IMAX "
    "Musical Mystery Romance Sci-Fi Thriller War Western"
).split(" ")


def read(path):
    return json.loads(path.read_text())


def open_graph(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


class Messages:
    """`messages(first: n, skip: s)` with the probability of abuse."""

    def __init__(self, root, version):
        self.messages = read(root / "examples/streaming/data/messages.json")["messages"]
        self.session = open_graph(root / f"examples/streaming/models/abuse-score/{version}/model.onnx")

    def rows(self, variables):
        start = variables["s"]
        page = self.messages[start : start + variables["n"]]
        features = np.array(
            [
                row["wordFrequencies"]
                + row["charFrequencies"]
                + [row["capitalRunAverage"], row["capitalRunLongest"], row["capitalRunTotal"]]
                for row in page
            ],
            dtype=np.float32,
        )
        return [row["id"] for row in page], {"features": features}

    def run(self, feeds):
        return self.session.run(["probability"], feeds)[0].reshape(-1)

    def answer(self, ids, values):
        return {
            "messages": [
                {"id": str(one), "abuse": {"probability": value}} for one, value in zip(ids, values.tolist())
            ]
        }


class Titles:
    """`titles(first: n, skip: s)` with the rating that member `m` would give."""

    def __init__(self, root, version):
        movielens = root / "examples/streaming/movielens"
        folder = movielens / f"models/rating-predictor/{version}"
        self.titles = read(movielens / "data/titles.json")["titles"]
        self.session = open_graph(folder / "model.onnx")
        self.takes_content = any(one.name == "content" for one in self.session.get_inputs())
        self.members = {str(one): place + 1 for place, one in enumerate(read(folder / "members.json"))}
        self.known = {str(one): place + 1 for place, one in enumerate(read(folder / "titles.json"))}
        self.genre_place = {name: place for place, name in enumerate(GENRES)}

    def rows(self, variables):
        start, count = variables["s"], variables["n"]
        page = self.titles[start : start + count]
        feeds = {
            "member": np.full(count, self.members.get(variables["m"], 0), dtype=np.int64),
            "title": np.array([self.known.get(str(row["id"]), 0) for row in page], dtype=np.int64),
        }
        if self.takes_content:
            feeds["content"] = self.content(page)
        return [row["id"] for row in page], feeds

    def content(self, page):
        content = np.zeros((len(page), 20), dtype=np.float32)
        for at, row in enumerate(page):
            for name in row["genres"]:
                place = self.genre_place.get(name)
                if place is not None:
                    content[at, place] = 1
            year = row["year"]
            content[at, 19] = ((1997 if year is None else year) - 1900) / 10
        return content

    def run(self, feeds):
        return self.session.run(["rating"], feeds)[0].reshape(-1)

    def answer(self, ids, values):
        return {
            "titles": [{"id": str(one), "predictedRating": value} for one, value in zip(ids, values.tolist())]
        }


def open_question(root, endpoint, version):
    return {"messages": Messages, "titles": Titles}[endpoint](Path(root), version)


def run_together(question, all_feeds):
    """One `run` for the rows of several requests; the values of each."""
    together = {name: np.concatenate([feeds[name] for feeds in all_feeds]) for name in all_feeds[0]}
    ends = np.cumsum([len(next(iter(feeds.values()))) for feeds in all_feeds])
    return np.split(question.run(together), ends[:-1])
