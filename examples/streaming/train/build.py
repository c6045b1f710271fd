"""Trains every model of the example, writes repository roots and example data, and checks the quality gates.

usage: build.py <unpacked data packages> <folder>

The folder is laid out like the repository, so that its parts can be compared with it or copied over it.
"""

import platform
import sys
from pathlib import Path

import numpy as np
import onnx
import scipy
import sklearn

import abuse_score
import awkward_models
import content_rating
import payment_risk
import rating_predictor
import title_recommender
import title_search
from datasets import CREDIT, MOVIELENS, SPAMBASE, load_applicants, load_messages, load_ratings
from release import write_release, write_rows

SERVICE = "examples/streaming"
MOVIELENS_ROOT = "examples/streaming/movielens"  # apart, since it is non-commercial
AWKWARD_ROOT = "tests/fixtures/awkward"

TOOLS = (
    f"Python {platform.python_version()}, numpy {np.__version__}, scipy {scipy.__version__}, "
    f"scikit-learn {sklearn.__version__}, onnx {onnx.__version__}"
)


class Trainer:
    """All data sets in the form the models are trained on, and all trained releases."""

    def __init__(self, data):
        self.ratings = load_ratings(data)
        self.applicants = payment_risk.Applicants(*load_applicants(data))
        self.messages = abuse_score.Messages(*load_messages(data))

    def releases(self):
        """(repository root, release) of every version, trained one after the other."""
        for train in (title_recommender, rating_predictor, content_rating, title_search):
            yield from ((MOVIELENS_ROOT, release) for release in train.releases(self.ratings))
        yield from ((SERVICE, release) for release in payment_risk.releases(self.applicants))
        yield from ((SERVICE, release) for release in abuse_score.releases(self.messages))
        awkward = awkward_models.releases(self.applicants, self.messages)
        yield from ((AWKWARD_ROOT, release) for release in awkward)


def main(data, folder):
    trainer = Trainer(data)
    missed = []
    for root, release in trainer.releases():
        write_release(release, Path(folder) / root, schema_path(root), TOOLS)
        print(f"{release.label:22}", quality_line(release), flush=True)
        missed += [f"{release.label} {name}" for name in release.missed_gates()]
    write_example_data(trainer, Path(folder))
    if missed:
        sys.exit("gates missed: " + ", ".join(missed))


def schema_path(root):
    """From models/<name>/<version>/ in that repository root to the schema that editors use."""
    depth = len(Path(root).parts) + 3
    return "../" * depth + "schemas/model.schema.json"


def quality_line(release):
    parts = []
    for metric in release.quality["metrics"]:
        gate = f" (>= {metric['atLeast']})" if "atLeast" in metric else ""
        gate += f" (<= {metric['atMost']})" if "atMost" in metric else ""
        parts.append(f"{metric['name']} {metric['value']:.4f}{gate}")
    return "; ".join(parts) or "no metric"


def write_example_data(trainer, folder):
    ratings = trainer.ratings
    titles = [ratings.titles[title] for title in ratings.popular_first(ratings.titles)]
    write_data(folder / MOVIELENS_ROOT, "titles", MOVIELENS, titles)
    write_data(folder / MOVIELENS_ROOT, "members", MOVIELENS, members(ratings))
    applicants = list(trainer.applicants.labelled())[: payment_risk.PUBLISHED]
    payments = [{"id": row, **case["input"], "bad": bool(case["label"])} for row, case in enumerate(applicants, 1)]
    write_data(folder / SERVICE, "payments", CREDIT, payments)
    scored = list(trainer.messages.labelled())[: abuse_score.PUBLISHED]
    messages = [{"id": row, **case["input"], "spam": bool(case["label"])} for row, case in enumerate(scored, 1)]
    write_data(folder / SERVICE, "messages", SPAMBASE, messages)


def write_data(root, name, source, rows):
    (root / "data").mkdir(parents=True, exist_ok=True)
    header = {"source": source["name"], "licence": source["licence"], "citation": source["citation"]}
    write_rows(root / "data" / f"{name}.json", header, name, rows)


def members(ratings):
    """Every member's ratings of the recommender's titles, oldest first, without the likes it is measured on."""
    known = np.isin(ratings.title, title_recommender.Interactions(ratings).titles) & ~ratings.future_likes()
    for member in np.unique(ratings.member).tolist():
        rows = np.flatnonzero(known & (ratings.member == member))
        rows = rows[np.lexsort((ratings.title[rows], ratings.timestamp[rows]))]
        columns = (ratings.title[rows], ratings.value[rows], ratings.timestamp[rows])
        history = [
            {"titleId": title, "rating": value, "timestamp": timestamp}
            for title, value, timestamp in zip(*(column.tolist() for column in columns))
        ]
        yield {"id": member, "history": history}


if __name__ == "__main__":
    main(*sys.argv[1:])
