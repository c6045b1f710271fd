"""What one model version consists of, in the words of its manifest, and how its folder is written."""

import hashlib
import json
from dataclasses import dataclass, field

import numpy as np

from encoding import decode, encode
from manifest import manifest_text
from onnx_graph import Graph

GOLDEN_CASES = 40
TOLERANCE = 1e-5


@dataclass
class Release:
    name: str
    version: str
    serves: str  # the objective
    owner: str
    summary: str
    algorithm: str
    data: dict  # where the training data come from: an entry of datasets.py
    features: dict  # name → {type, nullable, ...}; "note" becomes a comment
    preprocess: dict  # graph input → step, or list of column steps
    postprocess: dict  # output → step
    graph: Graph
    reference: object  # the trainer's own prediction: tensors → tensors, in float64
    quality: dict
    pool: list  # held-out rows of features; the first `published` of them may appear among the golden cases
    published: int
    max_rows: int = 1024
    warm_up: tuple = (1, 32)
    edge_cases: list = field(default_factory=list)  # rows that must be among the golden cases
    vocabularies: dict = field(default_factory=dict)
    notes: list = field(default_factory=list)  # what a reader of the manifest should know

    @property
    def label(self):
        return f"{self.name}@{self.version}"

    def cases(self):
        rows = self.golden_rows()
        tensors = self.reference(encode(self.preprocess, self.vocabularies, rows))
        outputs = decode(self.postprocess, self.vocabularies, tensors)
        return [{"input": row, "output": output} for row, output in zip(rows, outputs)]

    def golden_rows(self):
        """The edge cases, then held-out rows drawn from the published part of the pool."""
        generator = np.random.default_rng([7, *self.name.encode()])
        drawn = generator.permutation(self.published)[: GOLDEN_CASES - len(self.edge_cases)]
        return [*self.edge_cases, *(self.pool[position] for position in drawn)]

    def missed_gates(self):
        return [
            metric["name"]
            for metric in self.quality["metrics"]
            if metric["value"] < metric.get("atLeast", -np.inf) or metric["value"] > metric.get("atMost", np.inf)
        ]


def write_release(release, root, schema, tools):
    """Writes models/<name>/<version>/ below `root`. The manifest comes last: a version counts once it is there."""
    folder = root / "models" / release.name / release.version
    folder.mkdir(parents=True, exist_ok=True)
    content = graph_bytes(release)
    (folder / "model.onnx").write_bytes(content)
    hashes = {}
    for name, ids in release.vocabularies.items():
        text = json.dumps(ids, separators=(",", ":"))
        (folder / f"{name}.json").write_text(text)
        hashes[name] = sha256(text.encode())
    write_rows(folder / "golden.json", {"tolerance": TOLERANCE}, "cases", release.cases())
    graph = {"file": "model.onnx", "bytes": len(content), "sha256": sha256(content)}
    (folder / "model.yaml").write_text(manifest_text(release, graph, hashes, schema, tools))


def graph_bytes(release):
    """The serialized graph. Its metadata are part of the published bytes, old name of the licence page included."""
    licence = release.data.get("licenceInGraph", release.data["licence"])
    properties = {"name": release.name, "version": release.version, "licence": licence}
    return release.graph.model(properties).SerializeToString(deterministic=True)


def write_rows(path, header, key, rows):
    """A JSON object whose last member is a list with one row per line."""
    lines = [compact(row) for row in rows]
    head = "".join(f"{compact(name)}: {compact(value)},\n" for name, value in header.items())
    path.write_text(f"{{\n{head}{compact(key)}: [\n" + ",\n".join(lines) + "\n]}\n")


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "), allow_nan=False)


def sha256(content):
    return hashlib.sha256(content).hexdigest()
