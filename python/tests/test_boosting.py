import numpy as np
import pytest
from presage_export import ExportError, export
from sklearn.pipeline import Pipeline

from written import read_version

xgboost = pytest.importorskip("xgboost")
lightgbm = pytest.importorskip("lightgbm")


def numbers(frame):
    return frame[["age", "fare", "sibsp"]]


@pytest.mark.parametrize(
    "make",
    [
        lambda: xgboost.XGBClassifier(n_estimators=30),
        lambda: lightgbm.LGBMClassifier(n_estimators=30, verbose=-1),
    ],
    ids=["XGBClassifier", "LGBMClassifier"],
)
@pytest.mark.parametrize("classes", [2, 3])
def test_a_classifier(make, classes, passengers, tmp_path):
    frame = numbers(passengers)
    target = np.digitize(frame.fare, [40] if classes == 2 else [20, 50])
    model = make().fit(frame, target)
    export(model, frame, name="boosted", objective="BOOSTED", folder=tmp_path)
    manifest, golden = read_version(tmp_path, "boosted@1")
    assert manifest["features"]["age"] == {"type": "Float", "nullable": True}
    assert manifest["preprocess"]["input"] == [{"number": "age"}, {"number": "fare"}, {"number": "sibsp"}]
    expected = model.predict_proba(frame.iloc[[0]])[0].astype(float)
    answer = golden["cases"][0]["output"]
    assert answer["label"] == target[0]
    if classes == 2:
        assert answer["probability"] == pytest.approx(expected[1], abs=1e-7)
    else:
        assert answer["probabilities"] == pytest.approx(expected, abs=1e-7)
    # What was exported still answers as before.
    assert model.predict_proba(frame.iloc[[0]])[0] == pytest.approx(expected)


@pytest.mark.parametrize(
    "make",
    [
        lambda: xgboost.XGBRegressor(n_estimators=30),
        lambda: lightgbm.LGBMRegressor(n_estimators=30, verbose=-1),
    ],
    ids=["XGBRegressor", "LGBMRegressor"],
)
def test_a_regressor(make, passengers, tmp_path):
    frame = numbers(passengers)
    model = make().fit(frame, frame.fare * 3)
    export(model, frame, name="boosted", objective="BOOSTED", folder=tmp_path)
    _, golden = read_version(tmp_path, "boosted@1")
    expected = float(model.predict(frame.iloc[[0]])[0])
    assert golden["cases"][0]["output"]["prediction"] == pytest.approx(expected, rel=1e-6)


def test_a_column_of_true_and_false(passengers, tmp_path):
    frame = passengers[["fare"]].assign(child=passengers.age < 16)
    model = xgboost.XGBClassifier(n_estimators=10).fit(frame, frame.child & (frame.fare > 20))
    export(model, frame, name="boosted", objective="BOOSTED", folder=tmp_path)
    manifest, golden = read_version(tmp_path, "boosted@1")
    assert manifest["features"]["child"] == {"type": "Boolean"}
    expected = model.predict_proba(frame.iloc[[0]])[0, 1]
    assert golden["cases"][0]["output"]["probability"] == pytest.approx(float(expected), abs=1e-6)
    assert model.get_booster().feature_types == ["float", "i"]


@pytest.mark.parametrize("make", [lambda: xgboost.XGBClassifier(), lambda: lightgbm.LGBMClassifier(verbose=-1)])
def test_a_classifier_behind_a_column_transformer(make, passengers, mixed_columns, tmp_path):
    frame = passengers.drop(columns="survived")
    model = Pipeline([("columns", mixed_columns(sparse_threshold=0)), ("trees", make())])
    model.fit(frame, passengers.survived == "yes")
    export(model, frame, name="boosted", objective="BOOSTED", folder=tmp_path)
    manifest, _ = read_version(tmp_path, "boosted@1")
    assert manifest["preprocess"]["embarked"] == {"text": "embarked"}


def test_a_graph_that_answers_otherwise_is_refused_with_the_worst_row(passengers, mixed_columns, tmp_path):
    """XGBoost takes the zeros of a sparse matrix for missing, which a graph, whose tensors are dense, does not."""
    frame = passengers.drop(columns="survived")
    model = Pipeline([("columns", mixed_columns(sparse_threshold=1)), ("trees", xgboost.XGBClassifier())])
    model.fit(frame, passengers.survived == "yes")
    with pytest.raises(ExportError, match=r"\d+ of 300 rows differ, most in row \d+: the model says .*, the graph "):
        export(model, frame, name="boosted", objective="BOOSTED", folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_bare_booster_is_refused_by_name(passengers, tmp_path):
    frame = numbers(passengers)
    booster = xgboost.XGBRegressor(n_estimators=2).fit(frame, frame.fare).get_booster()
    with pytest.raises(ExportError, match=r"XGBClassifier, not Booster.*got xgboost\.core\.Booster"):
        export(booster, frame, name="boosted", objective="BOOSTED", folder=tmp_path)
