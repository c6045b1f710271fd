"""What a version's folder says, read by code that shares nothing with the export."""

import hashlib
import json
from pathlib import Path

import yaml


def read_version(folder: Path, key: str) -> tuple[dict, dict]:
    """The manifest and the golden cases of `name@version`, once the graph is the one that the manifest names."""
    directory = folder / "models" / key.replace("@", "/")
    manifest = yaml.safe_load((directory / "model.yaml").read_text())
    graph = (directory / manifest["graph"]["file"]).read_bytes()
    assert manifest["graph"]["bytes"] == len(graph)
    assert manifest["graph"]["sha256"] == hashlib.sha256(graph).hexdigest()
    golden = json.loads((directory / manifest["golden"]).read_text())
    return manifest, golden


def read_objective(folder: Path, name: str) -> dict:
    return yaml.safe_load((folder / "objectives" / f"{name}.yaml").read_text())
