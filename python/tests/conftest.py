import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

NUMBERS = ["age", "fare", "sibsp"]
WORDS = ["sex", "embarked"]


@pytest.fixture
def passengers() -> pd.DataFrame:
    """Mixed columns, some ages missing, and the answer in `survived`."""
    random = np.random.default_rng(7)
    rows = 300
    frame = pd.DataFrame(
        {
            "age": random.integers(1, 80, rows).astype(float),
            "fare": random.gamma(2, 20, rows),
            "sibsp": random.integers(0, 4, rows),
            "sex": random.choice(["male", "female"], rows),
            "embarked": random.choice(["S", "C", "Q"], rows),
        }
    )
    score = (frame.sex == "female") * 1.5 + frame.fare / 60 - frame.age / 50 + random.normal(0, 0.5, rows)
    frame.loc[random.choice(rows, 20, replace=False), "age"] = np.nan
    return frame.assign(survived=np.where(score > 0.7, "yes", "no"))


@pytest.fixture
def mixed_columns():
    """As scikit-learn's example "Column Transformer with Mixed Types" has it."""

    def make(**options) -> ColumnTransformer:
        numbers = Pipeline([("imputer", SimpleImputer(strategy="median")), ("scaler", StandardScaler())])
        words = OneHotEncoder(handle_unknown="ignore")
        return ColumnTransformer([("num", numbers, NUMBERS), ("cat", words, WORDS)], **options)

    return make
