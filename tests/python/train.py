"""Trains a model of each library and exports it: the first of the two commands that lead to a served field.

usage: python train.py FOLDER

Writes versions and objectives to FOLDER, and to FOLDER/expected.json rows with what the models themselves answer.
The pipeline is that of scikit-learn's example "Column Transformer with Mixed Types"; its data are made up here.
"""

import importlib.util
import json
import sys
from pathlib import Path

import lightgbm
import numpy as np
import pandas as pd
import xgboost
from presage_export import export
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

folder = Path(sys.argv[1])
random = np.random.default_rng(42)
rows = 600
X = pd.DataFrame(
    {
        "age": random.normal(30, 14, rows).clip(1, 80).round(1),
        "fare": random.gamma(2, 16, rows),
        "sibsp": random.integers(0, 5, rows),
        "embarked": random.choice(["S", "C", "Q"], rows),
        "sex": random.choice(["female", "male"], rows),
    }
)
y = np.where(
    (X["sex"] == "female") * 1.4 + X["fare"] / 50 - X["age"] / 40 + random.normal(0, 0.6, rows) > 0.8, "yes", "no"
)
X.loc[random.choice(rows, 90, replace=False), "age"] = np.nan
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=0)
numbers = ["age", "fare", "sibsp"]
expected = {}


def expect(objective, frame, probabilities):
    """Those of rows that the models have not seen, as clients would send them."""
    arguments = [
        {name: None if value != value else value for name, value in row.items()} for row in frame.to_dict("records")
    ]
    expected[objective] = [{"arguments": one, "probability": float(p)} for one, p in zip(arguments, probabilities)]


def preprocessor(**options):
    numeric = Pipeline([("imputer", SimpleImputer(strategy="median")), ("scaler", StandardScaler())])
    categorical = Pipeline([("encoder", OneHotEncoder(handle_unknown="ignore"))])
    return ColumnTransformer(
        [("num", numeric, ["age", "fare"]), ("cat", categorical, ["embarked", "sex"])],
        remainder="passthrough",
        **options,
    )


clf = Pipeline([("preprocessor", preprocessor()), ("classifier", GradientBoostingClassifier(random_state=0))])
clf.fit(X_train, y_train)
export(clf, X_train, name="gradient-boosting", objective="SKLEARN", folder=folder)
expect("SKLEARN", X_test, clf.predict_proba(X_test)[:, 1])

for objective, model in (
    ("XGBOOST", xgboost.XGBClassifier(n_estimators=50)),
    ("LIGHTGBM", lightgbm.LGBMClassifier(n_estimators=50, verbose=-1)),
):
    model.fit(X_train[numbers], y_train == "yes")
    export(model, X_train[numbers], name=objective.lower(), objective=objective, folder=folder)
    expect(objective, X_test[numbers], model.predict_proba(X_test[numbers])[:, 1])

mixed = Pipeline(
    [("preprocessor", preprocessor(sparse_threshold=0)), ("classifier", xgboost.XGBClassifier(n_estimators=50))]
)
mixed.fit(X_train, y_train == "yes")
export(mixed, X_train, name="xgboost-pipeline", objective="XGBOOST_PIPELINE", folder=folder)
expect("XGBOOST_PIPELINE", X_test, mixed.predict_proba(X_test)[:, 1])

if importlib.util.find_spec("torch"):
    import torch

    torch.manual_seed(0)
    columns = ["fare", "sibsp"]
    module = torch.nn.Sequential(torch.nn.Linear(2, 16), torch.nn.ReLU(), torch.nn.Linear(16, 1), torch.nn.Sigmoid())
    target = torch.tensor((y_train == "yes").astype(np.float32)).reshape(-1, 1)
    matrix = torch.tensor(X_train[columns].to_numpy(np.float32))
    optimizer = torch.optim.Adam(module.parameters(), 0.01)
    for _ in range(50):
        optimizer.zero_grad()
        torch.nn.functional.binary_cross_entropy(module(matrix), target).backward()
        optimizer.step()
    export(
        module, X_train[columns], name="torch", objective="TORCH", folder=folder, outputs={"prediction": "probability"}
    )
    with torch.no_grad():
        answers = module(torch.tensor(X_test[columns].to_numpy(np.float32))).flatten()
    expect("TORCH", X_test[columns], answers)

(folder / "expected.json").write_text(json.dumps(expected, default=lambda value: value.item()))
