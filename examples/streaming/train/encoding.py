"""A manifest's preprocess and postprocess steps in plain Python: logical features → tensors → logical outputs.

Independent of the product's own TypeScript, so that golden cases made with it test the product. Only the steps that
these models use are here, and only outputs that come straight from the graph: labels and records are made of them.
"""

import re
import unicodedata
from collections import Counter

import numpy as np


def encode(preprocess, vocabularies, rows):
    """Tensor name → array, for a batch of rows. Numbers stay float64: the runtime's float32 comes last."""
    return {
        name: side_by_side(steps, rows) if isinstance(steps, list) else whole_tensor(steps, vocabularies, rows)
        for name, steps in preprocess.items()
    }


def decode(postprocess, vocabularies, tensors):
    """One record of outputs per row of the batch; not-a-number becomes None, numbers keep ten decimals."""
    columns = {}
    for name, step in postprocess.items():
        if "lookup" in step:
            ids = np.array([*[0] * step["first"], *vocabularies[step["vocabulary"]]])
            columns[name] = ids[tensors[step["lookup"]]].tolist()
        elif "column" in step:
            columns[name] = [rounded(row) for row in tensors[step["column"]].tolist()]
    return [dict(zip(columns, row)) for row in zip(*columns.values())]


def rounded(value):
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return None if value != value else round(value, 10)


def side_by_side(steps, rows):
    return np.array([[number for step in steps for number in numbers(step, row)] for row in rows], float)


def numbers(step, row):
    """What one column step makes of one row."""
    if "oneHot" in step:
        return [float(row[step["oneHot"]] == category) for category in step["categories"]]
    if "multiHot" in step:
        return [float(category in (row[step["multiHot"]] or [])) for category in step["categories"]]
    if "vector" in step:
        return row[step["vector"]]
    value = row[step["number"]]
    if value is None:
        value = step.get("fill", np.nan)
    return [(value - step.get("offset", 0)) / step.get("scale", 1)]


def whole_tensor(step, vocabularies, rows):
    if "index" in step:
        index = indexes(step, vocabularies)
        return np.array([index.get(row[step["index"]], step["unknown"]) for row in rows], np.int64)
    if "indexList" in step:
        index = indexes(step, vocabularies)
        lists = [row[step["indexList"]] for row in rows]
        return padded([[index.get(value, step["unknown"]) for value in values] for values in lists], np.int64)
    if "mask" in step:
        return padded([[1] * len(row[step["mask"]]) for row in rows], np.float32)
    pairs = [bucket_counts(step, row) for row in rows]
    if step["yield"] == "buckets":
        return padded([[bucket for bucket, _ in row] for row in pairs], np.int64)
    return padded([[count for _, count in row] for row in pairs], np.float32)


def indexes(step, vocabularies):
    return {value: index for index, value in enumerate(vocabularies[step["vocabulary"]], step["first"])}


def padded(rows, dtype):
    """Rows of different length as one matrix, filled up with zeros; at least one column wide."""
    matrix = np.zeros((len(rows), max([1, *map(len, rows)])), dtype)
    for target, row in zip(matrix, rows):
        target[: len(row)] = row
    return matrix


def bucket_counts(step, row):
    """(bucket, occurrences) of a text's n-grams, by rising bucket."""
    grams = ngrams(row[step["ngrams"]], *step["sizes"])
    return sorted(Counter(fnv1a(gram) % step["buckets"] for gram in grams).items())


def normalise(text):
    """Lower-case ASCII words parted by single spaces; accents and apostrophes vanish, all else parts words."""
    letters = re.sub("[\u0300-\u036f'\u2019]", "", unicodedata.normalize("NFKD", text))
    return re.sub("[^0-9A-Za-z]+", " ", letters).strip().lower()


def ngrams(text, shortest, longest):
    """Every substring of those sizes, repeats included, of each word framed by one space on either side."""
    grams = []
    for word in normalise(text).split():
        framed = f" {word} "
        for size in range(shortest, longest + 1):
            grams += [framed[start : start + size] for start in range(len(framed) - size + 1)]
    return grams


def fnv1a(text):
    """The 32-bit FNV-1a hash of the text's UTF-8 bytes."""
    value = 0x811C9DC5
    for byte in text.encode("utf-8"):
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value
