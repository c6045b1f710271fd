import numpy as np
import pandas as pd
import pytest
from presage_export import ExportError, export
from sklearn.compose import ColumnTransformer
from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis
from sklearn.ensemble import (
    BaggingRegressor,
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier


@pytest.fixture
def holes():
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"a": random.normal(size=200), "b": random.normal(size=200)})
    target = (frame.a + frame.b > 0).astype(int)
    frame.loc[:40, "a"] = np.nan
    return frame, target


def refusal(model, frame, folder):
    with pytest.raises(ExportError) as caught:
        export(model, frame, name="refused", objective="REFUSED", folder=folder)
    assert list(folder.iterdir()) == []
    return str(caught.value)


@pytest.mark.parametrize("make", [RandomForestClassifier, RandomForestRegressor, DecisionTreeClassifier])
@pytest.mark.parametrize("wrap", [lambda model: model, lambda model: make_pipeline(StandardScaler(), model)])
def test_trees_that_split_off_missing_values_are_refused_rather_than_converted_for_ever(make, wrap, holes, tmp_path):
    frame, target = holes
    message = refusal(wrap(make(random_state=0)).fit(frame, target), frame, tmp_path)
    assert "infinite" in message and "NaN" in message and "SimpleImputer" in message


@pytest.mark.parametrize("make", [ExtraTreesClassifier, ExtraTreesRegressor])
def test_random_trees_that_take_missing_values_another_way_than_their_graph_are_refused_with_what_to_do(
    make, holes, tmp_path
):
    frame, target = holes
    message = refusal(make(random_state=0).fit(frame, target), frame, tmp_path)
    assert "rows differ" in message
    assert "numbers are missing in a," in message and "put a SimpleImputer before the trees" in message
    imputed = make_pipeline(SimpleImputer(), make(random_state=0)).fit(frame, target)
    export(imputed, frame, name="imputed", objective="IMPUTED", folder=tmp_path)


def test_a_graph_that_answers_without_a_row_for_each_row_is_refused(tmp_path):
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"a": random.normal(size=60), "b": random.normal(size=60)})
    # Their converters give the labels as one row, and the values of all targets below each other.
    model = QuadraticDiscriminantAnalysis().fit(frame, frame.a > 0)
    assert "must have the shape [60] as the model's answer, got [1, 60]" in refusal(model, frame, tmp_path)
    model = BaggingRegressor(random_state=0).fit(frame, frame * 2)
    assert "must have the shape [60, 2] as the model's answer, got [120, 1]" in refusal(model, frame, tmp_path)


def test_an_estimator_without_a_converter_is_named_in_a_few_words(holes, tmp_path):
    frame, target = holes
    message = refusal(HistGradientBoostingClassifier().fit(frame, target), frame, tmp_path)
    assert "got HistGradientBoostingClassifier" in message
    assert len(message) < 400


@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1.0, 2.0, np.nan, 2.0], "missing values (NaN) too; put a SimpleImputer before the encoder"),
        ([True, False, None, False], "missing values (NaN) too; put a SimpleImputer before the encoder"),
        ([0.5, 1.0, 0.5, 2.0], '0.5; fit with X["kind"] = X["kind"].astype(str), or with another encoder'),
    ],
)
def test_a_column_of_numbers_that_cannot_be_one_hot_encoded_is_named(values, message, alone, tmp_path):
    kind = pd.Series(values * 20, dtype="boolean" if values[0] is True else float)
    frame = pd.DataFrame({"flag": [True, False, False, True] * 20, "kind": kind})
    encoder = OneHotEncoder()
    columns = encoder if alone else ColumnTransformer([("words", encoder, ["flag", "kind"])])
    model = make_pipeline(columns, LogisticRegression()).fit(frame, frame.flag)
    expected = f"sample_frame: kind: must have text or whole numbers to be one-hot encoded, got {message}"
    assert expected in refusal(model, frame, tmp_path)
    # The converter's own words are not there.
    assert "datatype" not in refusal(model, frame, tmp_path) and "Error:" not in refusal(model, frame, tmp_path)
    whole = frame.assign(kind=[1, 2, 1, 3] * 20)
    export(model.fit(whole, frame.flag), whole, name="whole", objective="WHOLE", folder=tmp_path)


def test_what_a_converter_says_is_one_line_of_moderate_length(holes, tmp_path):
    class Unknown(DecisionTreeClassifier):
        """Has no converter, of which skl2onnx writes several paragraphs."""

    frame, target = holes
    frame = frame.fillna(0)
    message = refusal(Unknown().fit(frame, target), frame, tmp_path)
    assert all(len(line) < 600 for line in message.splitlines())
    assert len(message.splitlines()) <= 4


def test_native_categories_of_boosted_trees_are_refused_with_what_to_do(holes, tmp_path):
    xgboost = pytest.importorskip("xgboost")
    lightgbm = pytest.importorskip("lightgbm")
    frame, target = holes
    frame["size"] = pd.Categorical(np.where(frame.b > 0, "L", "S"))
    for model in (xgboost.XGBClassifier(enable_categorical=True, n_estimators=3), lightgbm.LGBMClassifier(verbose=-1)):
        message = refusal(model.fit(frame, target), frame, tmp_path)
        assert f"got {type(model).__name__} with native categories (size)" in message
        assert "OneHotEncoder or OrdinalEncoder" in message
    # Without such a column the option alone does no harm.
    numbers = frame[["a", "b"]]
    model = xgboost.XGBClassifier(enable_categorical=True, n_estimators=3).fit(numbers, target)
    export(model, numbers, name="boosted", objective="BOOSTED", folder=tmp_path)
