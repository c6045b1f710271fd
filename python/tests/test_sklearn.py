import sys

import numpy as np
import onnx
import onnxruntime
import pandas as pd
import pytest
from presage_export import ExportError, export
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.cross_decomposition import PLSRegression
from sklearn.datasets import load_diabetes, load_iris
from sklearn.ensemble import ExtraTreesRegressor, GradientBoostingClassifier, RandomForestRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import KBinsDiscretizer, OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeRegressor

from written import read_objective, read_version

IRIS = ["sepal_length", "sepal_width", "petal_length", "petal_width"]


def test_a_pipeline_of_mixed_columns_keeps_one_input_a_column(passengers, mixed_columns, tmp_path, capsys):
    frame = passengers.drop(columns="survived")
    model = Pipeline([("columns", mixed_columns()), ("trees", GradientBoostingClassifier(random_state=0))])
    model.fit(frame, passengers.survived)
    exported = export(model, frame, name="titanic", objective="SURVIVAL", folder=tmp_path)
    manifest, golden = read_version(tmp_path, "titanic@1")
    assert manifest["features"] == {
        "age": {"type": "Float", "nullable": True},
        "fare": {"type": "Float"},
        "sibsp": {"type": "Int"},
        "sex": {"type": "String"},
        "embarked": {"type": "String"},
    }
    assert manifest["preprocess"]["sex"] == {"text": "sex"}
    assert manifest["postprocess"] == {
        "label": {"column": "label"},
        "probability": {"column": "probabilities", "item": 1},
    }
    objective = read_objective(tmp_path, "SURVIVAL")
    assert objective["inputs"] == manifest["features"]
    assert objective["outputs"]["probability"] == {"type": "Float", "description": "Probability of yes"}
    assert len(golden["cases"]) == exported.golden_cases
    assert exported.golden_cases in (20, 21)
    for case in golden["cases"]:
        row = frame[frame.fare == case["input"]["fare"]]
        assert case["output"] == {
            "label": model.predict(row)[0],
            "probability": pytest.approx(model.predict_proba(row)[0, 1], abs=1e-12),
        }
    assert any(case["input"]["age"] is None for case in golden["cases"])
    assert exported.largest_difference <= 1e-5
    assert "\n# unit: context.member\n" in (tmp_path / "objectives/SURVIVAL.yaml").read_text()
    printed = capsys.readouterr().out
    assert "SURVIVAL: { default: titanic@1 }" in printed
    assert "\nrequired, since no row of the sample lacks them: fare, sibsp, sex, embarked\n" in printed
    print(exported)
    assert capsys.readouterr().out == "titanic@1\n"
    export(model, frame, name="titanic", objective="SURVIVAL", folder=tmp_path)
    printed = capsys.readouterr().out
    assert "required" not in printed
    assert "new objective" not in printed
    assert "canary: { of: VERSION, to: titanic@2, percent: 5, salt: titanic-2 }\n" in printed
    assert "\n    where VERSION is the one that serves now\n" in printed
    assert "default: titanic@2" not in printed


def test_a_canary_is_of_the_version_that_the_rule_file_has(passengers, tmp_path, capsys):
    frame = passengers[["fare"]]
    model = LogisticRegression().fit(frame, passengers.survived)

    def printed(name: str = "titanic", objective: str = "SURVIVAL") -> str:
        capsys.readouterr()
        export(model, frame, name=name, objective=objective, folder=tmp_path / "models-of-a-team")
        return capsys.readouterr().out

    (tmp_path / "presage.yaml").write_text("rules: { file: routing.yaml }\n")
    (tmp_path / "routing.yaml").write_text("objectives: { FARE: { default: fare@1 } }\n")
    assert "SURVIVAL: { default: titanic@1 }" in printed()
    (tmp_path / "routing.yaml").write_text("objectives: { SURVIVAL: { default: titanic@1 } }\n")
    printed()
    text = printed()
    assert "canary: { of: titanic@1, to: titanic@3, percent: 5, salt: titanic-3 }\n" in text
    assert "VERSION" not in text
    text = printed("ferry")
    assert "canary: { of: titanic@1, to: ferry@1, percent: 5, salt: ferry-1 }\n" in text
    assert "{ default: ferry@1 }" not in text
    (tmp_path / "routing.yaml").write_text("objectives: { SURVIVAL: { default: titanic@4 } }\n")
    text = printed()
    assert "the rule file names titanic@4 as the default of SURVIVAL already\n" in text
    assert "canary: {" not in text
    (tmp_path / "routing.yaml").write_text("objectives: { SURVIVAL: { default: { experiment: boats } } }\n")
    assert "canary: { of: VERSION, to: ferry@2" in printed("ferry")


def test_a_new_objective_is_told_with_the_one_that_may_have_been_meant(passengers, mixed_columns, tmp_path, capsys):
    frame = passengers.drop(columns="survived")
    model = Pipeline([("columns", mixed_columns()), ("model", LogisticRegression())]).fit(frame, passengers.survived)
    export(model, frame, name="titanic", objective="SURVIVAL", folder=tmp_path)
    assert '\nSURVIVAL is a new objective, for fields with @predict(objective: "SURVIVAL")\n' in capsys.readouterr().out
    export(model, frame, name="titanic", objective="SURVIVALS", folder=tmp_path)
    printed = capsys.readouterr().out
    assert '@predict(objective: "SURVIVALS"); did you mean SURVIVAL, which' in printed
    assert "SURVIVALS: { default: titanic@2 }" in printed


def test_a_missing_extra_is_named(passengers, tmp_path, monkeypatch):
    frame = passengers[["fare"]]
    model = LogisticRegression().fit(frame, passengers.survived)
    monkeypatch.delitem(sys.modules, "presage_export.sklearn_graphs", raising=False)
    monkeypatch.setitem(sys.modules, "skl2onnx", None)
    with pytest.raises(ExportError, match=r'skl2onnx: must be installed, .* pip install "presage-export\[sklearn\]"'):
        export(model, frame, name="titanic", objective="SURVIVAL", folder=tmp_path)


def test_columns_of_numbers_become_one_matrix_and_names_that_graphql_takes(tmp_path):
    iris = load_iris(as_frame=True)
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(iris.data, iris.target)
    export(model, iris.data, name="iris", objective="SPECIES", folder=tmp_path)
    manifest, golden = read_version(tmp_path, "iris@1")
    assert manifest["preprocess"] == {
        "input": [
            {"number": "sepal_length_cm"},
            {"number": "sepal_width_cm"},
            {"number": "petal_length_cm"},
            {"number": "petal_width_cm"},
        ]
    }
    expected = model.predict_proba(iris.data.iloc[[0]])[0]
    assert golden["cases"][0]["output"] == {"label": 0, "probabilities": pytest.approx(expected, abs=1e-12)}


def test_columns_of_a_transformer_may_have_names_that_onnx_does_not_take(passengers, mixed_columns, tmp_path):
    names = {"age": "age (years)", "fare": "2nd fare", "sex": "s/e/x"}
    columns = mixed_columns()
    transformers = [(key, step, [names.get(one, one) for one in chosen]) for key, step, chosen in columns.transformers]
    renamed = passengers.drop(columns="survived").rename(columns=names)
    model = Pipeline([("columns", columns.set_params(transformers=transformers)), ("model", LogisticRegression())])
    model.fit(renamed, passengers.survived)
    export(model, renamed, name="titanic", objective="SURVIVAL", folder=tmp_path)
    manifest, golden = read_version(tmp_path, "titanic@1")
    graph = onnx.load(tmp_path / "models/titanic/1/model.onnx").graph
    assert list(manifest["preprocess"]) == [given.name for given in graph.input]
    assert list(manifest["preprocess"].values()) == [
        {"number": "age_years"},
        {"number": "x2nd_fare"},
        {"number": "sibsp"},
        {"text": "s_e_x"},
        {"text": "embarked"},
    ]
    expected = model.predict_proba(renamed.iloc[[0]])[0, 1]
    assert golden["cases"][0]["output"]["probability"] == pytest.approx(expected, abs=1e-12)


def test_a_regressor_predicts_and_its_large_numbers_are_compared_as_such(tmp_path):
    diabetes = load_diabetes(as_frame=True)
    model = RandomForestRegressor(20, random_state=0).fit(diabetes.data, diabetes.target * 1000)
    export(model, diabetes.data, name="progression", objective="PROGRESSION", folder=tmp_path)
    manifest, golden = read_version(tmp_path, "progression@1")
    assert manifest["postprocess"] == {"prediction": {"column": "variable"}}
    assert golden["tolerance"] == pytest.approx(10)
    assert golden["cases"][0]["output"]["prediction"] == pytest.approx(model.predict(diabetes.data.iloc[[0]])[0])


@pytest.mark.parametrize("targets", [1, 2])
def test_a_target_of_one_column_is_a_number_and_of_several_a_list(targets, tmp_path):
    frame = pd.DataFrame({"x": np.arange(8.0)})
    model = LinearRegression().fit(frame, np.stack([frame.x * factor for factor in range(1, targets + 1)], axis=1))
    export(model, frame, name="line", objective="LINE", folder=tmp_path)
    _, golden = read_version(tmp_path, "line@1")
    prediction = golden["cases"][3]["output"]["prediction"]
    assert prediction == pytest.approx(3 if targets == 1 else [3, 6])
    assert read_objective(tmp_path, "LINE")["outputs"]["prediction"]["type"] == (
        "Float" if targets == 1 else "[Float!]"
    )


def test_a_classifier_without_probabilities_has_a_label(tmp_path):
    iris = load_iris(as_frame=True)
    names = pd.Series(iris.target_names[iris.target])
    model = LinearSVC().fit(iris.data, names)
    export(model, iris.data, name="iris", objective="SPECIES", folder=tmp_path)
    manifest, golden = read_version(tmp_path, "iris@1")
    assert list(manifest["postprocess"]) == ["label"]
    assert golden["cases"][0]["output"] == {"label": "setosa"}


def test_outputs_take_the_names_that_an_objective_has_and_it_stays_as_it_is(tmp_path):
    iris = load_iris(as_frame=True)
    model = LogisticRegression(max_iter=1000).fit(iris.data, iris.target > 0)
    (tmp_path / "objectives").mkdir()
    inputs = "\n".join(f"  {name}_cm: {{ type: Float }}" for name in IRIS)
    objective = f"objective: RISK\ninputs:\n{inputs}\noutputs:\n  risk: {{ type: Float }}\n"
    (tmp_path / "objectives" / "RISK.yaml").write_text(objective)
    for _ in range(2):
        export(model, iris.data, name="iris", objective="RISK", folder=tmp_path, outputs={"probability": "risk"})
    manifest, _ = read_version(tmp_path, "iris@2")
    assert list(manifest["postprocess"]) == ["label", "risk"]
    assert (tmp_path / "objectives" / "RISK.yaml").read_text() == objective
    assert sorted(path.name for path in (tmp_path / "models" / "iris").iterdir()) == ["1", "2"]


def test_an_encoder_that_fails_for_unknown_texts_says_which_it_knows(tmp_path):
    frame = pd.DataFrame({"size": ["S", "M", "L", "true"] * 10, "weight": np.arange(40.0)})
    columns = ColumnTransformer([("words", OneHotEncoder(), ["size"])], remainder="passthrough")
    model = make_pipeline(columns, LogisticRegression()).fit(frame, frame.weight > 20)
    export(model, frame, name="parcels", objective="HEAVY", folder=tmp_path)
    manifest, _ = read_version(tmp_path, "parcels@1")
    assert manifest["preprocess"]["size"] == {"text": "size", "categories": ["L", "M", "S", "true"]}


@pytest.mark.parametrize("encoder", [OneHotEncoder(), OrdinalEncoder()])
def test_an_encoder_that_fails_for_unknown_numbers_says_which_it_knows(encoder, tmp_path):
    frame = pd.DataFrame({"rooms": [2, 3, 5, 7] * 10, "floor": [1.0, 2.0, np.nan, -1.0] * 10, "area": np.arange(40.0)})
    strategy, fill = ("most_frequent", []) if isinstance(encoder, OneHotEncoder) else ("mean", [2 / 3])
    imputed = make_pipeline(SimpleImputer(strategy=strategy), clone(encoder))
    columns = ColumnTransformer([("a", encoder, ["rooms"]), ("b", imputed, ["floor"])], remainder="passthrough")
    model = make_pipeline(columns, LinearRegression()).fit(frame, frame.area)
    export(model, frame, name="flats", objective="RENT", folder=tmp_path)
    assert read_version(tmp_path, "flats@1")[0]["preprocess"] == {
        "rooms": {"number": "rooms", "categories": [2, 3, 5, 7]},
        "floor": {"number": "floor", "categories": [-1, *fill, 1, 2]},
        "area": {"number": "area"},
    }


def test_an_encoder_behind_an_imputer_of_the_whole_frame_says_which_numbers_it_knows(tmp_path):
    frame = pd.DataFrame({"rooms": [2, 3, 5, 7] * 10, "floor": [0, 1] * 20})
    model = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(), LinearRegression())
    export(model.fit(frame, frame.rooms * 2), frame, name="flats", objective="RENT", folder=tmp_path)
    assert read_version(tmp_path, "flats@1")[0]["preprocess"]["input"] == [
        {"number": "rooms", "categories": [2, 3, 5, 7]},
        {"number": "floor", "categories": [0, 1]},
    ]


@pytest.mark.parametrize(
    "steps",
    [
        [OneHotEncoder(), OneHotEncoder(categories=[["L", "M", "S", "XS"]])],
        [make_pipeline(OrdinalEncoder(), OneHotEncoder())],
        [FeatureUnion([("one", OneHotEncoder()), ("other", OneHotEncoder(handle_unknown="ignore"))])],
        [make_pipeline(ColumnTransformer([("inner", OneHotEncoder(), ["size"])]), StandardScaler(with_mean=False))],
    ],
    ids=["two of one column", "behind another one", "in a union", "in a transformer within a transformer"],
)
def test_the_known_texts_are_those_that_no_encoder_of_the_column_fails_for(steps, tmp_path):
    frame = pd.DataFrame({"size": ["S", "M", "L"] * 10, "weight": np.arange(30.0)})
    columns = ColumnTransformer([(str(place), step, ["size"]) for place, step in enumerate(steps)])
    model = make_pipeline(columns, LinearRegression()).fit(frame, frame.weight)
    export(model, frame, name="parcels", objective="PRICE", folder=tmp_path)
    manifest, _ = read_version(tmp_path, "parcels@1")
    assert manifest["preprocess"] == {"size": {"text": "size", "categories": ["L", "M", "S"]}}


@pytest.mark.parametrize("search", [GridSearchCV, RandomizedSearchCV])
def test_a_search_is_exported_as_the_best_model_that_it_found(search, tmp_path):
    frame = pd.DataFrame({"size": ["S", "M", "L"] * 10, "weight": np.arange(30.0), "unused": 1.0})
    columns = ColumnTransformer([("words", OneHotEncoder(), ["size"]), ("numbers", StandardScaler(), ["weight"])])
    model = search(make_pipeline(columns, LogisticRegression()), {"logisticregression__C": [0.1] * 10}, cv=2)
    export(model.fit(frame, frame.weight % 2), frame, name="parcels", objective="ODD", folder=tmp_path)
    assert read_version(tmp_path, "parcels@1")[0]["preprocess"] == {
        "size": {"text": "size", "categories": ["L", "M", "S"]},
        "weight": {"number": "weight"},
    }


def test_an_encoder_ignores_unknown_fractions_as_other_unknown_numbers(tmp_path):
    frame = pd.DataFrame({"rooms": [1.0, 2.0, np.nan, 4.0] * 10, "area": np.arange(40.0)})
    encoder = make_pipeline(SimpleImputer(strategy="median"), OneHotEncoder(handle_unknown="ignore"))
    columns = ColumnTransformer([("rooms", encoder, ["rooms"])], remainder="passthrough")
    model = make_pipeline(columns, LinearRegression()).fit(frame, frame.area + 9 * frame.rooms.fillna(3))
    export(model, frame, name="flats", objective="RENT", folder=tmp_path)
    session = onnxruntime.InferenceSession(tmp_path / "models/flats/1/model.onnx")
    rows = pd.DataFrame({"rooms": [1.0, 1.5, -0.5, 4.0001, 5.0, np.nan, 4.0, 1e30], "area": 1.0})
    answer = session.run(None, {name: rows[[name]].to_numpy() for name in rows})[0].ravel()
    assert answer == pytest.approx(model.predict(rows))


def test_numbers_are_not_limited_where_a_step_before_the_encoder_makes_others_of_them(tmp_path):
    frame = pd.DataFrame({"rooms": [0, 1, 2, 0] * 10, "area": np.arange(40.0)})
    binned = make_pipeline(KBinsDiscretizer(3, encode="ordinal", strategy="uniform"), OneHotEncoder())
    columns = ColumnTransformer([("bins", binned, ["rooms"])], remainder="passthrough")
    model = make_pipeline(columns, LinearRegression()).fit(frame, frame.area)
    export(model, frame, name="flats", objective="RENT", folder=tmp_path)
    assert read_version(tmp_path, "flats@1")[0]["preprocess"]["rooms"] == {"number": "rooms"}


@pytest.mark.parametrize("frequency", [{}, {"min_frequency": 5}])
def test_an_encoder_ignores_unknown_texts_where_none_is_infrequent(frequency, tmp_path):
    frame = pd.DataFrame({"size": ["S", "M"] * 20, "weight": np.arange(40.0)})
    encoder = OneHotEncoder(handle_unknown="infrequent_if_exist", **frequency)
    columns = ColumnTransformer([("words", encoder, ["size"])], remainder="passthrough")
    model = make_pipeline(columns, LinearRegression()).fit(frame, frame.weight * 2 + (frame["size"] == "S"))
    export(model, frame, name="parcels", objective="PRICE", folder=tmp_path)
    manifest, _ = read_version(tmp_path, "parcels@1")
    assert manifest["preprocess"]["size"] == {"text": "size"}
    session = onnxruntime.InferenceSession(tmp_path / "models/parcels/1/model.onnx")
    feeds = {"size": np.array([["XL"]], dtype=object), "weight": np.array([[3.0]])}
    expected = model.predict(pd.DataFrame({"size": ["XL"], "weight": [3.0]}))
    assert session.run(None, feeds)[0].ravel() == pytest.approx(expected)
    assert encoder.handle_unknown == "infrequent_if_exist"


def test_an_encoder_with_infrequent_texts_says_which_it_knows(tmp_path):
    frame = pd.DataFrame({"size": ["S", "M"] * 19 + ["L", "XL"], "colour": ["red", "blue"] * 20})
    model = make_pipeline(
        OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=5), LinearRegression()
    ).fit(frame, np.arange(40.0))
    export(model, frame, name="parcels", objective="PRICE", folder=tmp_path)
    manifest, _ = read_version(tmp_path, "parcels@1")
    assert manifest["preprocess"]["size"] == {"text": "size", "categories": ["L", "M", "S", "XL"]}


@pytest.mark.parametrize(
    "columns",
    [OneHotEncoder(), ColumnTransformer([("words", OneHotEncoder(), slice(0, 2))])],
    ids=["of the whole frame", "of a slice"],
)
def test_so_does_one(columns, passengers, tmp_path):
    frame = passengers[["sex", "embarked"]]
    model = make_pipeline(columns, LogisticRegression()).fit(frame, passengers.survived)
    export(model, frame, name="words", objective="WORDS", folder=tmp_path)
    assert read_version(tmp_path, "words@1")[0]["preprocess"] == {
        "sex": {"text": "sex", "categories": ["female", "male"]},
        "embarked": {"text": "embarked", "categories": ["C", "Q", "S"]},
    }


@pytest.mark.parametrize("trees", [RandomForestRegressor(3), ExtraTreesRegressor(3), DecisionTreeRegressor()])
@pytest.mark.parametrize("steps", [[], [StandardScaler()]])
def test_the_graph_of_trees_that_predict_several_values_declares_them(trees, steps, tmp_path):
    frame, _ = load_diabetes(return_X_y=True, as_frame=True)
    model = make_pipeline(*steps, trees).fit(frame, frame[["age", "bmi", "bp"]])
    export(model if steps else trees, frame, name="trees", objective="TREES", folder=tmp_path)
    graph = onnx.load(tmp_path / "models/trees/1/model.onnx").graph
    assert graph.output[0].type.tensor_type.shape.dim[1].dim_value == 3
    assert read_objective(tmp_path, "TREES")["outputs"]["prediction"]["type"] == "[Float!]"


def test_the_graph_of_a_regression_that_predicts_one_value_declares_one(tmp_path):
    frame, target = load_diabetes(return_X_y=True, as_frame=True)
    export(PLSRegression().fit(frame, target), frame, name="pls", objective="PLS", folder=tmp_path)
    graph = onnx.load(tmp_path / "models/pls/1/model.onnx").graph
    assert graph.output[0].type.tensor_type.shape.dim[1].dim_value == 1
    assert read_objective(tmp_path, "PLS")["outputs"]["prediction"]["type"] == "Float"


def test_columns_may_have_numbers_as_names(tmp_path):
    random = np.random.default_rng(1)
    frame = pd.DataFrame({1: random.choice(["u", "v"], 40), 0: random.choice(["w", "z"], 40), 2: random.random(40)})
    columns = ColumnTransformer([("words", OneHotEncoder(), [1, 0]), ("numbers", StandardScaler(), [2])])
    model = make_pipeline(columns, LogisticRegression()).fit(frame, frame[2] > 0.5)
    export(model, frame, name="places", objective="PLACES", folder=tmp_path)
    manifest, golden = read_version(tmp_path, "places@1")
    assert manifest["features"] == {"x1": {"type": "String"}, "x0": {"type": "String"}, "x2": {"type": "Float"}}
    assert list(manifest["preprocess"].values()) == [
        {"text": "x1", "categories": ["u", "v"]},
        {"text": "x0", "categories": ["w", "z"]},
        {"number": "x2"},
    ]
    assert golden["cases"][0]["input"] == {f"x{column}": frame[column][0] for column in frame}
    numbers = load_diabetes().data
    line = LinearRegression().fit(numbers, numbers[:, 0])
    export(line, pd.DataFrame(numbers), name="n", objective="N", folder=tmp_path)
    assert list(read_version(tmp_path, "n@1")[0]["features"]) == [f"x{place}" for place in range(10)]


@pytest.mark.parametrize(
    "steps", [[StandardScaler(), LinearSVC()], [StandardScaler(), make_pipeline(StandardScaler(), LinearSVC())]]
)
def test_a_pipeline_may_end_with_a_classifier_without_probabilities(steps, tmp_path):
    frame, target = load_iris(return_X_y=True, as_frame=True)
    export(make_pipeline(*steps).fit(frame, target), frame, name="svc", objective="SVC", folder=tmp_path)
    assert list(read_version(tmp_path, "svc@1")[0]["postprocess"]) == ["label"]


def test_categories_that_are_numbers_are_numbers(tmp_path):
    frame = pd.DataFrame({"k": pd.Categorical([1, 2, 3] * 10), "x": np.arange(30.0)})
    columns = ColumnTransformer([("k", OneHotEncoder(), ["k"])], remainder="passthrough")
    model = make_pipeline(columns, LinearRegression()).fit(frame, frame.x)
    export(model, frame, name="codes", objective="CODES", folder=tmp_path)
    manifest, golden = read_version(tmp_path, "codes@1")
    assert manifest["features"]["k"] == {"type": "Int"}
    assert golden["cases"][1]["input"]["k"] == 2


@pytest.mark.parametrize("columns", [["nights", "rate"], ["rate", "nights"], ["breakfast", "rate"]])
def test_an_imputer_over_columns_of_several_types_takes_them_in_any_order(columns, tmp_path):
    random = np.random.default_rng(0)
    rows = 200
    frame = pd.DataFrame(
        {
            "nights": random.integers(1, 10, rows),
            "rate": np.where(random.random(rows) < 0.1, np.nan, random.gamma(4, 30, rows)),
            "breakfast": random.random(rows) < 0.5,
        }
    )[columns]
    imputer = ColumnTransformer([("numbers", SimpleImputer(strategy="median"), columns)])
    model = make_pipeline(imputer, LogisticRegression()).fit(frame, random.integers(0, 2, rows))
    export(model, frame, name="stay", objective="STAY", folder=tmp_path)
    features = read_version(tmp_path, "stay@1")[0]["features"]
    types = {"nights": "Int", "rate": "Float", "breakfast": "Boolean"}
    assert {name: feature["type"] for name, feature in features.items()} == {name: types[name] for name in columns}
