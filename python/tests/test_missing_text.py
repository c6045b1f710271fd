import numpy as np
import pandas as pd
import pytest
from presage_export import ExportError, export
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

from written import read_version


def parcels(null, dtype=object):
    random = np.random.default_rng(1)
    size = random.choice(["S", "M", "L"], 200).astype(object)
    heavy = (size == "L") | (random.random(200) < 0.2)
    size[random.choice(200, 40, replace=False)] = null
    return pd.DataFrame({"price": random.normal(size=200), "size": pd.Series(size, dtype=dtype)}), heavy


def fitted(words, frame, heavy):
    columns = ColumnTransformer([("numbers", "passthrough", ["price"]), ("words", words, ["size"])])
    return make_pipeline(columns, LogisticRegression()).fit(frame, heavy)


# Before pandas 3 "str" makes the text "nan" of a missing one.
@pytest.mark.parametrize("dtype", ["object", "category", *(["str"] if pd.__version__ >= "3" else [])])
@pytest.mark.parametrize("handle_unknown", ["ignore", "error"])
@pytest.mark.parametrize(
    "imputer",
    [
        SimpleImputer(strategy="most_frequent"),
        SimpleImputer(strategy="constant", fill_value="none"),
        None,
    ],
    ids=["most_frequent", "constant", "encoder alone"],
)
def test_a_missing_text_is_null_and_answers_as_in_python(imputer, handle_unknown, dtype, tmp_path):
    frame, heavy = parcels(np.nan, dtype)
    encoder = OneHotEncoder(handle_unknown=handle_unknown)
    model = fitted(make_pipeline(imputer, encoder) if imputer else encoder, frame, heavy)
    export(model, frame, name="parcels", objective="HEAVY", folder=tmp_path)
    manifest, golden = read_version(tmp_path, "parcels@1")
    assert manifest["features"]["size"] == {"type": "String", "nullable": True}
    assert manifest["preprocess"]["size"]["fill"] == ""
    assert ("categories" in manifest["preprocess"]["size"]) == (handle_unknown == "error")
    assert "" in manifest["preprocess"]["size"].get("categories", [""])
    cases = [case for case in golden["cases"] if case["input"]["size"] is None]
    assert cases
    for case in cases:
        row = frame[frame.price == case["input"]["price"]]
        assert case["output"]["probability"] == pytest.approx(model.predict_proba(row)[0, 1], abs=1e-9)
    # The model itself is as it was.
    if imputer:
        assert pd.isna(model[0].named_transformers_["words"][0].missing_values)


def test_an_empty_text_in_the_sample_makes_the_feature_nullable(tmp_path):
    frame, heavy = parcels("")
    words = make_pipeline(SimpleImputer(missing_values="", strategy="most_frequent"), OneHotEncoder())
    export(fitted(words, frame, heavy), frame, name="parcels", objective="HEAVY", folder=tmp_path)
    manifest, _ = read_version(tmp_path, "parcels@1")
    assert manifest["features"]["size"] == {"type": "String", "nullable": True}
    assert manifest["preprocess"]["size"] == {"text": "size", "fill": "", "categories": ["", "L", "M", "S"]}


def test_a_missing_text_that_no_graph_can_have_is_refused_with_what_to_write(tmp_path):
    frame, heavy = parcels(np.nan)
    frame.loc[frame["size"].isna().to_numpy().nonzero()[0][:5], "size"] = ""
    model = fitted(OrdinalEncoder(encoded_missing_value=9), frame, heavy)
    with pytest.raises(ExportError) as caught:
        export(model, frame, name="parcels", objective="HEAVY", folder=tmp_path)
    assert_first(caught, "text is missing in size")
    assert 'X[c] = X[c].fillna("")' in str(caught.value) and 'SimpleImputer(missing_values="")' in str(caught.value)


def test_none_which_imputers_leave_as_it_is_is_said_before_what_it_leads_to(tmp_path):
    frame, heavy = parcels(None)
    assert frame["size"].isin([None]).any()
    model = fitted(make_pipeline(SimpleImputer(strategy="constant", fill_value="none"), OneHotEncoder()), frame, heavy)
    with pytest.raises(ExportError) as caught:
        export(model, frame, name="parcels", objective="HEAVY", folder=tmp_path)
    assert_first(caught, "text is missing in size")
    assert "Unknown Category" in str(caught.value)


def test_missing_text_is_no_reason_where_the_model_does_not_convert(tmp_path):
    frame, heavy = parcels(np.nan)
    model = fitted(OneHotEncoder(), frame, heavy)
    model.steps[-1] = ("boosting", HistGradientBoostingClassifier().fit(model[0].transform(frame), heavy))
    with pytest.raises(ExportError) as caught:
        export(model, frame, name="parcels", objective="HEAVY", folder=tmp_path)
    assert "got HistGradientBoostingClassifier" in str(caught.value)
    assert "text is missing" not in str(caught.value)


def assert_first(caught, problem):
    assert str(caught.value).splitlines()[1].strip().startswith(problem)
