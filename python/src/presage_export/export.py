from __future__ import annotations

import re
import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Mapping, Sequence, TypeVar

import pandas as pd

from .check import check_graph, loaded
from .contract import MOST_YAML_BYTES, Feature, Graph, Output, features_of, plain_frame
from .errors import ExportError
from .files import golden_text, manifest_text, objective_text
from .graphs import candidates
from .libraries import outdated_libraries
from .objective import fitted_features, fitted_outputs, read_objective, refuse_what_does_not_serve
from .rule_file import Rule, read_rules
from .used_columns import used_columns

LONGEST_LINE = 400

Named = TypeVar("Named", Feature, Output)


@dataclass(frozen=True)
class Exported:
    """What was written."""

    key: str
    """`name@version`"""
    objective: str
    files: tuple[Path, ...]
    golden_cases: int
    largest_difference: float
    """Between the graph and the original model, over the sample frame."""
    required: tuple[str, ...] = ()
    """The inputs of a new objective that do not take null, since no row of the sample lacks them."""
    is_new_objective: bool = False
    similar: str | None = None
    """An objective that was there, whose name is nearly that of the new one."""
    rule: Rule | None = None
    """What the rule file has for the objective already."""

    def __str__(self) -> str:
        # The whole text was printed already, and `print(export(...))` must not print it again.
        return self.key

    @property
    def text(self) -> str:
        """What was written, and what comes next, for people."""
        return "\n".join(
            [
                *(f"wrote {file}" for file in self.files),
                f"{self.key} serves {self.objective}; "
                f"its graph answers as the model does within {self.largest_difference:.1g}",
                *self._objective_line(),
                *self._required_line(),
                f"{self.golden_cases} golden cases",
                "next:",
                *self._next_lines(),
            ]
        )

    def _objective_line(self) -> list[str]:
        if not self.is_new_objective:
            return []
        hint = "" if self.similar is None else f"; did you mean {self.similar}, which is there already?"
        field = f'@predict(objective: "{self.objective}")'
        return [f"{self.objective} is a new objective, for fields with {field}{hint}"]

    def _next_lines(self) -> list[str]:
        if self.rule is None:
            return [
                f"  in the rule file, under objectives:  {self.objective}: {{ default: {self.key} }}",
                "  presage start",
            ]
        salt = self.key.replace("@", "-")
        default = self.rule.default
        if default == self.key:
            return [
                f"  the rule file names {self.key} as the default of {self.objective} already",
                "  presage start",
            ]
        return [
            f"  in the rule file, under {self.objective}, beside its default, first one line and then the other:",
            f"    shadow: [{{ model: {self.key}, percent: 100, salt: {salt} }}]",
            f"    canary: {{ of: {default or 'VERSION'}, to: {self.key}, percent: 5, salt: {salt} }}",
            *([] if default else ["    where VERSION is the one that serves now"]),
        ]

    def _required_line(self) -> list[str]:
        if not self.required:
            return []
        return [f"required, since no row of the sample lacks them: {', '.join(self.required)}"]


def export(
    model: Any,
    sample_frame: pd.DataFrame,
    *,
    name: str,
    objective: str,
    folder: str | Path = ".",
    version: str | None = None,
    inputs: Mapping[str, str] | None = None,
    outputs: Mapping[str, str] | None = None,
    description: str | None = None,
    tolerance: float = 1e-5,
) -> Exported:
    """Writes `folder/models/<name>/<version>/` (graph, manifest, golden cases), and the objective if it is not there.

    `model` is a fitted scikit-learn estimator or pipeline, an XGBoost or LightGBM estimator of their scikit-learn
    interface, a search over one of them, or a PyTorch module. `sample_frame` holds rows as the model takes them: its
    columns become the features, its missing values tell which may be null, and the golden cases are what the original
    model answers for some of its rows.

    `version` is the next number unless given. `inputs` and `outputs` rename features and outputs to what the objective
    calls them, such as `{"probability": "risk"}`. `description` is that of a new objective. `tolerance` is how much the
    graph may differ from the model, relative to numbers above 1.

    Prints and returns what was written. Raises an ExportError, with nothing written, if the model cannot be converted,
    if its graph answers otherwise than the model, if an objective that is there asks for something else, or if the
    version exists.
    """
    _require(
        re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name), "name: must be text of letters, digits, -, _ and .", name
    )
    _require(
        re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", objective),
        "objective: must be a name of letters, digits and _",
        objective,
    )
    # A search, as by GridSearchCV, answers by the best model that it found.
    model = getattr(model, "best_estimator_", model)
    root = Path(folder)
    newest = _newest_version(root / "models" / name)
    version = str((newest or 0) + 1 if version is None else version)
    _require(
        re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", version),
        "version: must be text of letters, digits, -, _ and .",
        version,
    )
    directory = root / "models" / name / version
    _require(not directory.exists(), f"{directory}: must not be there yet", "a folder")
    sample_frame = plain_frame(sample_frame)
    served = read_objective(root / "objectives" / f"{objective}.yaml")
    similar = next(iter(get_close_matches(objective, _objectives(root), n=1, cutoff=0.8)), None)
    features = _renamed("inputs", "features", features_of(sample_frame, used_columns(model)), inputs or {})
    features = features if served is None else fitted_features(features, served)
    graph, largest = _first_fit(model, sample_frame, features, tolerance)
    graph = replace(graph, outputs=tuple(_renamed("outputs", "outputs", graph.outputs, outputs or {})))
    if served is not None:
        graph = fitted_outputs(graph, served)
        refuse_what_does_not_serve(graph, served)
    golden, cases = golden_text(graph, sample_frame, tolerance)
    contents = {
        "model.onnx": graph.model,
        "golden.json": golden.encode(),
        "model.yaml": manifest_text(name, version, objective, graph).encode(),
    }
    contract = objective_text(objective, description or f"What the model {name} predicts", graph)
    longest = max(len(contents["model.yaml"]), 0 if served else len(contract.encode()))
    _require(
        longest <= MOST_YAML_BYTES,
        f"model: must be described in {MOST_YAML_BYTES} bytes of YAML",
        f"{longest}{_why_long(graph)}",
    )
    files = _write(root, directory, contents, objective, contract)
    # Lists never take null.
    features = [] if served is not None else [feature for feature in graph.features if feature.length is None]
    required = [feature.name for feature in features if not feature.nullable]
    exported = Exported(
        f"{name}@{version}",
        objective,
        files,
        cases,
        largest,
        tuple(required),
        is_new_objective=served is None,
        similar=similar,
        rule=_rule(root, objective, has_versions=served is not None and newest is not None),
    )
    print(exported.text)
    return exported


def _why_long(graph: Graph) -> str:
    column, count = max(((one.column, len(one.categories or ())) for one in graph.features), key=lambda one: one[1])
    if count < len(graph.features):
        return f" for {len(graph.features)} features"
    return (
        f", since the encoder of {column} fails for all but {count} values; "
        'give it handle_unknown="ignore" (OneHotEncoder) or "use_encoded_value" (OrdinalEncoder)'
    )


def _rule(root: Path, objective: str, *, has_versions: bool) -> Rule | None:
    rules = read_rules(root)
    if rules is None:
        return Rule(default=None) if has_versions else None
    return rules.get(objective)


def _first_fit(model: Any, frame: pd.DataFrame, features: list, tolerance: float) -> tuple[Graph, float]:
    """The first way of converting the model whose graph loads and answers as the model does."""
    failures: list[tuple[str, str]] = []
    was_asked = False
    for way, make in candidates(model, frame, features):
        try:
            graph = make()
            session = loaded(graph)
            was_asked = True
            return graph, check_graph(graph, session, frame, tolerance)
        except ExportError as error:
            failures.append((way, _line(str(error))))
        except Exception as error:  # the converters and the runtime raise errors of all kinds
            failures.append((way, _line(f"{type(error).__name__}: {error}")))
    ways_by_problem: dict[str, list[str]] = {}
    for way, problem in failures:
        ways_by_problem.setdefault(problem, []).append(way)
    # What rows lack says more than what it leads to, but explains nothing where no graph was asked for an answer.
    problems = _holes(model, frame, features) if was_asked else []
    problems += [f"\n  {'; '.join(ways)}: {problem}" for problem, ways in ways_by_problem.items()]
    problems += [f"\n  {line}" for line in outdated_libraries()]
    raise ExportError("the model must convert to ONNX and answer the same there, got" + "".join(problems))


def _holes(model: Any, frame: pd.DataFrame, features: list) -> list[str]:
    """Which missing values of the sample graphs take another way than models do."""
    problems = []
    missing = [feature.column for feature in features if feature.is_text and frame[feature.column].isna().any()]
    if missing:
        problems.append(
            f"\n  text is missing in {', '.join(missing)}, which a graph can only have as empty text; fit with "
            f'X[c] = X[c].fillna("") for these columns, and with SimpleImputer(missing_values="") if values are imputed'
        )
    holes = [feature.column for feature in features if not feature.is_text and frame[feature.column].isna().any()]
    if holes and _has_trees(model):
        problems.append(
            f"\n  numbers are missing in {', '.join(holes)}, which a graph does not send down scikit-learn's trees as the "
            "model does; if no step imputes them, put a SimpleImputer before the trees and fit again"
        )
    return problems


def _has_trees(model: Any) -> bool:
    if "sklearn" not in sys.modules:
        return False
    from .nested_estimators import nested_estimators

    return any(hasattr(estimator, "tree_") for estimator in nested_estimators(model))


def _line(message: str) -> str:
    """Converters print whole graphs in their messages."""
    line = " ".join(message.split())
    return line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}..."


def _renamed(option: str, kind: str, named: Sequence[Named], names: Mapping[str, str]) -> list[Named]:
    known = [one.name for one in named]
    for name, given in names.items():
        _require(name in known, f"{option}: must name {kind} of the model ({', '.join(known)})", name)
        _require(
            re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", given),
            f"{option}: must give {kind} names of letters, digits and _",
            given,
        )
    renamed = [replace(one, name=names.get(one.name, one.name)) for one in named]
    for name, count in Counter(one.name for one in renamed).items():
        _require(count == 1, f"{option}: must give {kind} distinct names", f"{name} {count} times")
    return renamed


def _newest_version(folder: Path) -> int | None:
    taken = [int(path.name) for path in folder.iterdir() if path.name.isdigit()] if folder.is_dir() else []
    return max(taken, default=None)


def _objectives(root: Path) -> list[str]:
    return sorted(path.stem for path in (root / "objectives").glob("*.yaml"))


def _write(
    root: Path, directory: Path, contents: Mapping[str, bytes], objective: str, contract: str
) -> tuple[Path, ...]:
    """All or nothing: a running process never sees half a version."""
    written = [directory / file for file in contents]
    (root / "models").mkdir(parents=True, exist_ok=True)
    stage = Path(tempfile.mkdtemp(prefix=".new-", dir=root / "models"))
    try:
        (stage / "version").mkdir()
        for file, content in contents.items():
            (stage / "version" / file).write_bytes(content)
        path = root / "objectives" / f"{objective}.yaml"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(contract.encode())
            written.append(path)
        directory.parent.mkdir(parents=True, exist_ok=True)
        (stage / "version").rename(directory)
    finally:
        shutil.rmtree(stage)
    return tuple(written)


def _require(holds: Any, expectation: str, got: str) -> None:
    if not holds:
        raise ExportError(f"{expectation}, got {got}")
