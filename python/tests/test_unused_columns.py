import numpy as np
import pandas as pd
import pytest
from presage_export import export
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from written import read_objective, read_version

FRAME = pd.DataFrame(
    {
        "when": pd.date_range("2020-01-01", periods=40),
        "id": [f"p{row}" for row in range(40)],
        "weight": np.arange(40.0),
        "price": np.arange(40.0) % 7,
        "size": ["S", "M", "L", "M"] * 10,
    }
)
WORDS = ("words", OneHotEncoder(), ["size"])


@pytest.mark.parametrize("numbers", [["weight", "price"], make_column_selector(dtype_include="number")])
@pytest.mark.parametrize("alone", [True, False])
def test_a_column_that_the_pipeline_drops_is_no_input(numbers, alone, tmp_path):
    transformers = [("numbers", StandardScaler(), numbers), ("nothing", "drop", ["id"])]
    columns = ColumnTransformer(transformers if alone else [*transformers, WORDS])
    model = make_pipeline(columns, LogisticRegression()).fit(FRAME, FRAME.weight > 20)
    export(model, FRAME, name="parcels", objective="HEAVY", folder=tmp_path)
    expected = ["weight", "price"] if alone else ["weight", "price", "size"]
    assert list(read_version(tmp_path, "parcels@1")[0]["features"]) == expected
    assert list(read_objective(tmp_path, "HEAVY")["inputs"]) == expected


def test_columns_that_are_counted_stay(tmp_path):
    frame = FRAME[["weight", "price", "size"]]
    columns = ColumnTransformer([("numbers", StandardScaler(), [0]), WORDS])
    model = make_pipeline(columns, LogisticRegression(max_iter=500)).fit(frame, frame.weight > 20)
    export(model, frame, name="parcels", objective="HEAVY", folder=tmp_path)
    assert list(read_version(tmp_path, "parcels@1")[0]["features"]) == ["weight", "price", "size"]
