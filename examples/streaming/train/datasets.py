"""The three real data sets, read from unpacked Debian packages, with their origin, licence and splits."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rdata import frame_columns, read_lazy_object, read_rda

LIKED = 4  # ratings from here on count as "liked"

MOVIELENS = {
    "name": "MovieLens ml-latest-small, October 2016",
    "package": "r-cran-dslabs",
    "packageVersion": "0.8.0-1",
    "licence": "MovieLens terms of use: non-commercial, see LICENSE.md",
    "licenceInGraph": "MovieLens terms of use: non-commercial, see LICENSE-MovieLens.md",
    "citation": "F. Maxwell Harper and Joseph A. Konstan. 2015. The MovieLens Datasets: History and Context. "
    "ACM Transactions on Interactive Intelligent Systems 5, 4, Article 19. https://doi.org/10.1145/2827872",
}
CREDIT = {
    "name": "credit_data (credit scoring course data of L. A. Belanche Muñoz, via G. Sanchez)",
    "package": "r-cran-modeldata",
    "packageVersion": "1.4.0-1",
    "licence": "MIT (as part of the R package modeldata); the original publication states no licence",
    "citation": "M. Kuhn, modeldata: Data Sets Useful for Modeling Examples, R package 1.4.0; "
    "origin https://github.com/gastonstat/CreditScoring",
}
SPAMBASE = {
    "name": "Spambase (UCI), as shipped by the R package kernlab",
    "package": "r-cran-kernlab",
    "packageVersion": "0.9-33-1",
    "licence": "CC BY 4.0 (UCI Machine Learning Repository)",
    "citation": "M. Hopkins, E. Reeber, G. Forman, J. Suermondt. 1999. Spambase. UCI Machine Learning Repository. "
    "https://doi.org/10.24432/C53G6X",
}
SYNTHETIC = {
    "name": "seeded random weights",
    "package": None,
    "licence": "same as the code that builds it",
}


@dataclass
class Ratings:
    """Parallel arrays, one entry per rating; `titles` maps title id → {id, title, year, genres}."""

    member: np.ndarray
    title: np.ndarray
    value: np.ndarray
    timestamp: np.ndarray
    titles: dict

    def test_rows(self):
        """A tenth of all ratings, drawn at random: what rating-predictor is measured on."""
        rows = np.random.default_rng(42).permutation(len(self.value))
        mask = np.zeros(len(rows), bool)
        mask[rows[:10_000]] = True
        return mask

    def future_likes(self):
        """The latest fifth of each member's likes: what title-recommender is measured on."""
        mask = np.zeros(len(self.value), bool)
        for member in np.unique(self.member):
            likes = np.flatnonzero((self.member == member) & (self.value >= LIKED))
            likes = likes[np.lexsort((self.title[likes], self.timestamp[likes]))]
            held_out = round(0.2 * len(likes)) if len(likes) >= 5 else 0
            mask[likes[len(likes) - held_out :]] = True
        return mask

    def popular_first(self, title_ids):
        """Title ids by falling number of ratings, then by id."""
        counts = Counter(self.title.tolist())
        return sorted(title_ids, key=lambda title: (-counts[title], title))


def load_ratings(root):
    columns = frame_columns(read_lazy_object(library(root) / "dslabs/data/Rdata", "movielens"))
    titles = {}
    for title_id, title, year, genres in zip(*(columns[key] for key in ("movieId", "title", "year", "genres"))):
        known_genres = [] if genres == "(no genres listed)" else genres.split("|")
        titles[title_id] = {"id": title_id, "title": title, "year": year, "genres": known_genres}
    arrays = (np.array(columns[key]) for key in ("userId", "movieId", "rating", "timestamp"))
    return Ratings(*arrays, titles)


def load_applicants(root):
    """Distinct credit applicants as logical rows, and 1 for those who did not pay."""
    columns = frame_columns(read_lazy_object(library(root) / "modeldata/data/Rdata", "credit_data"))
    status = columns.pop("Status")
    rows = [dict(zip(map(str.lower, columns), values)) for values in zip(*columns.values())]
    return distinct(rows, np.array([value == "bad" for value in status], int))


def load_messages(root):
    """Distinct messages as rows of 57 named numbers, and 1 for spam."""
    columns = frame_columns(read_rda(library(root) / "kernlab/data/spam.rda")["spam"])
    kind = columns.pop("type")
    rows = [dict(zip(columns, values)) for values in zip(*columns.values())]
    return distinct(rows, np.array([value == "spam" for value in kind], int))


def library(root):
    return Path(root) / "usr/lib/R/site-library"


def distinct(rows, labels):
    """Drops repeated rows, so that no held-out row was also trained on."""
    first = {}
    for position, row in enumerate(rows):
        first.setdefault(tuple(row.values()), position)
    kept = list(first.values())
    return [rows[position] for position in kept], labels[kept]


def split(count, held_out=0.2, seed=0):
    """Positions of the training part and of the held-out part, both shuffled."""
    order = np.random.default_rng(seed).permutation(count)
    cut = count - round(held_out * count)
    return order[:cut], order[cut:]


if __name__ == "__main__":  # prints the packages to download
    print(*(f"{data['package']}={data['packageVersion']}" for data in (MOVIELENS, CREDIT, SPAMBASE)))
