import json

import numpy as np
import pandas as pd
import pytest
from presage_export import ExportError, export
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder
from sklearn.tree import DecisionTreeClassifier

FRAME = pd.DataFrame({"x": [1.0, 2.0, 3.0], "y": [2.0, 1.0, 0.0]})
MODEL = LinearRegression().fit(FRAME, [1, 2, 3])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "a b"}, "name: must be text of letters, digits, -, _ and ., got a b"),
        ({"objective": "A-B"}, "objective: must be a name of letters, digits and _, got A-B"),
        ({"version": "a b"}, "version: must be text of letters, digits, -, _ and ., got a b"),
        ({"version": "../1"}, "version: must be text of letters, digits, -, _ and ., got ../1"),
        ({"sample_frame": FRAME.to_numpy()}, "sample_frame: must be a pandas DataFrame"),
        ({"sample_frame": FRAME[:0]}, "sample_frame: must have at least one row"),
        ({"sample_frame": FRAME.assign(target=1)}, "must hold rows as the model takes them, got: The feature names"),
        ({"sample_frame": FRAME.rename(columns={"x": "y (1)", "y": "y_1"})}, r'got "y \(1\)" and "y_1", which would be called y_1'),
        ({"sample_frame": pd.DataFrame({"when": [pd.Timestamp("2020-01-01")]})}, "when: must hold numbers"),
        ({"sample_frame": pd.DataFrame({"n": pd.Series([1, 2], dtype=object)})}, "n: must have a dtype .*got int in a col"),
        ({"sample_frame": FRAME.assign(x=1e39)}, r"x: must hold finite numbers within float32, got 1e\+39"),
        ({"sample_frame": FRAME.assign(x=-np.inf)}, "x: must hold finite numbers within float32, got -inf"),
        ({"sample_frame": FRAME.assign(x=-(2**53))}, r"x: must hold whole numbers from .* to 2\^53 - 1, got -9007199254"),
        ({"sample_frame": FRAME.assign(x=np.uint64(2**64 - 1))}, "x: must hold whole numbers from .*, got 18446744073709551"),
        ({"sample_frame": pd.DataFrame({"v": [[1, 2], [3, np.nan]]})}, "v: must hold lists of finite numbers .*, got nan"),
        ({"sample_frame": pd.DataFrame({"v": [[1, 2], None]})}, "v: must hold a list of numbers in each row, got None"),
        ({"sample_frame": pd.DataFrame({"v": [["a", "b"]]})}, r"v: must hold a list of numbers in each row, got \['a', 'b'\]"),
        ({"sample_frame": FRAME.set_axis([["a", "a"], ["x", "y"]], axis=1)}, "names of one level, got a MultiIndex of 2"),
        ({"sample_frame": FRAME.set_axis(["x", "x"], axis=1)}, 'got "x" and "x", which would be called x'),
        ({"model": DecisionTreeClassifier().fit(FRAME, [0, 1, 2**53])}, "have classes that .*, got 9007199254740992"),
        ({"model": RandomForestClassifier(2).fit(FRAME, ["a", "a", "a"])}, "must have two classes or more, got a alone"),
        ({"model": MultiOutputClassifier(LogisticRegression()).fit(FRAME, [[0], [1], [1]])}, "must predict one label a row"),
        ({"model": np.mean}, "model: must be a scikit-learn estimator.*got numpy"),
        ({"outputs": {"score": "risk"}}, r"outputs: must name outputs of the model \(prediction\), got score"),
        ({"inputs": {"x": "x y"}}, "inputs: must give features names of letters, digits and _, got x y"),
        ({"outputs": {"prediction": "1st"}}, "outputs: must give outputs names of letters, digits and _, got 1st"),
        ({"inputs": {"x": "y"}}, "inputs: must give features distinct names, got y 2 times"),
        ({"inputs": {"x": "z", "y": "z"}}, "inputs: must give features distinct names, got z 2 times"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named_and_nothing_is_written(changes, message, tmp_path):
    arguments = {"model": MODEL, "sample_frame": FRAME, "name": "line", "objective": "LINE", **changes}
    with pytest.raises(ExportError, match=message):
        export(**arguments, folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_two_outputs_of_one_name_are_refused(tmp_path):
    classifier = LogisticRegression().fit(FRAME, ["a", "b", "c"])
    with pytest.raises(ExportError, match="outputs: must give outputs distinct names, got probabilities 2 times"):
        export(classifier, FRAME, name="c", objective="C", folder=tmp_path, outputs={"label": "probabilities"})
    assert list(tmp_path.iterdir()) == []


def test_features_may_swap_their_names(tmp_path):
    export(MODEL, FRAME, name="line", objective="LINE", folder=tmp_path, inputs={"x": "y", "y": "x"})


def test_a_version_may_be_given_as_a_number(tmp_path):
    assert export(MODEL, FRAME, name="line", objective="LINE", folder=tmp_path, version=7).key == "line@7"


def test_a_version_is_never_overwritten(tmp_path):
    export(MODEL, FRAME, name="line", objective="LINE", folder=tmp_path, version="7")
    with pytest.raises(ExportError, match="models/line/7: must not be there yet"):
        export(MODEL, FRAME, name="line", objective="LINE", folder=tmp_path, version="7")


@pytest.mark.parametrize(
    ("frame", "steps", "why"),
    [
        (pd.DataFrame({"id": np.arange(30_000) + 10**6}), [OrdinalEncoder()], ", since the encoder of id .* 30000 values"),
        (pd.DataFrame(np.eye(2, 1500)).add_prefix("pixel_" * 12), [], " for 1500 features"),
    ],
)  # fmt: skip
def test_what_takes_more_text_than_presage_reads_is_refused(frame, steps, why, tmp_path):
    model = make_pipeline(*steps, LinearRegression()).fit(frame, np.arange(len(frame)))
    with pytest.raises(ExportError, match=f"must be described in 262144 bytes of YAML, got [0-9]+{why}"):
        export(model, frame, name="long", objective="LONG", folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_golden_cases_are_as_many_as_presage_reads(tmp_path):
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(20, 1500))).add_prefix("pixel_of_the_image_")
    written = export(LinearRegression().fit(frame, frame.iloc[:, 0]), frame, name="wide", objective="WIDE", folder=tmp_path)
    golden = (tmp_path / "models/wide/1/golden.json").read_bytes()
    assert len(golden) <= 2**20
    assert written.golden_cases == len(json.loads(golden)["cases"]) == 10
