"""Against an objective that is there already, with the rules of `models/manifest/servesObjective.ts`."""

import os
import subprocess
import sys

import pandas as pd
import pytest
from presage_export import ExportError, export
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from written import read_version

FRAME = pd.DataFrame({"age": [20, 30, 40, 50] * 10, "sex": ["f", "m", "m", "f"] * 10})
COLUMNS = ColumnTransformer([("sex", OneHotEncoder(handle_unknown="ignore"), ["sex"])], remainder="passthrough")
MODEL = make_pipeline(COLUMNS, LogisticRegression(max_iter=1000)).fit(FRAME, ["no", "yes", "yes", "no"] * 10)

AGE = "age: { type: Int }"
SEX = "sex: { type: String }"
PROBABILITY = "probability: { type: Float }"


def exported(folder, asked, given, model=MODEL, **options):
    (folder / "objectives").mkdir(exist_ok=True)
    lines = ["objective: RISK", "inputs:"] + [f"  {line}" for line in asked]
    lines += ["outputs:"] + [f"  {line}" for line in given]
    (folder / "objectives" / "RISK.yaml").write_text("\n".join(lines))
    export(model, FRAME, name="risk", objective="RISK", folder=folder, **options)
    return read_version(folder, "risk@1")[0]


@pytest.mark.parametrize(
    ("inputs", "outputs", "message"),
    [
        ([AGE], [PROBABILITY], r'feature sex: must be an input of RISK \(age\); inputs=\{"sex": '),
        ([AGE, "sex: { type: Int }"], [PROBABILITY], "sex: must take what the objective gives, Int, got String"),
        (["age: { type: Int, nullable: true }", SEX], [PROBABILITY], "feature age: must take null"),
        ([AGE, SEX], ["risk: { type: Float }"], "output risk: must be provided for RISK, got label, probability; .* another objective"),
        ([AGE, SEX], ["probability: { type: Int }"], "output probability: must be Int, got Float"),
        ([AGE, SEX], ["label: { type: enum, labels: [good, yes] }"], "label: must be one of good, yes, got no"),
        ([AGE, SEX], ["label: { type: [ }"], "RISK.yaml: must be YAML, got"),
        ([AGE, SEX], [], "RISK.yaml: outputs: must be a map from names to types, got None"),
    ],
)  # fmt: skip
def test_what_presage_would_refuse_is_refused_and_nothing_is_written(inputs, outputs, message, tmp_path):
    with pytest.raises(ExportError, match=message):
        exported(tmp_path, inputs, outputs)
    assert not (tmp_path / "models").exists()


def test_the_objective_says_what_may_be_null_and_which_numbers_come(tmp_path):
    manifest = exported(
        tmp_path,
        ["age: { type: Float }", "sex: { type: String, nullable: true }", "more: { type: Int }"],
        [PROBABILITY, "label: { type: enum, labels: [no, yes, maybe] }"],
    )
    assert manifest["features"] == {"age": {"type": "Float"}, "sex": {"type": "String", "nullable": True}}
    assert manifest["preprocess"]["sex"] == {"text": "sex", "fill": ""}
    assert manifest["postprocess"]["label"] == {"column": "label", "labels": ["no", "yes", "maybe"]}


def test_inputs_take_the_names_that_the_objective_has(tmp_path):
    manifest = exported(tmp_path, ["years: { type: Int }", SEX], [PROBABILITY], inputs={"age": "years"})
    assert manifest["features"]["years"] == {"type": "Int"}
    assert manifest["preprocess"]["age"] == {"number": "years"}


def test_an_id_may_be_text_of_the_model(tmp_path):
    manifest = exported(tmp_path, [AGE, "sex: { type: ID, nullable: true }"], [PROBABILITY])
    assert manifest["features"]["sex"] == {"type": "ID", "nullable": True}
    assert manifest["preprocess"]["sex"] == {"text": "sex", "fill": ""}


def test_an_encoder_that_fails_for_missing_text_does_not_serve_an_input_that_may_be_null(tmp_path):
    columns = ColumnTransformer([("sex", OneHotEncoder(), ["sex"])], remainder="passthrough")
    model = make_pipeline(columns, LogisticRegression(max_iter=1000)).fit(FRAME, FRAME.sex == "m")
    exported(tmp_path, [AGE, SEX], [PROBABILITY], model=model)
    with pytest.raises(ExportError, match='feature sex: must take null.*fails for all texts but f, m; give it handle_'):
        exported(tmp_path, [AGE, "sex: { type: String, nullable: true }"], [PROBABILITY], model=model)


def test_an_objective_is_utf_8_whatever_the_encoding_of_the_machine(tmp_path):
    script = tmp_path / "train.py"
    text = """
import sys
import pandas as pd
from presage_export import export
from sklearn.linear_model import LogisticRegression

frame = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0]})
model = LogisticRegression().fit(frame, ["klein", "klein", "größer", "größer"])
export(model, frame, name="m", objective="SIZE", folder=sys.argv[1])
"""
    script.write_text(text, encoding="utf-8")
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONPATH": ":".join(sys.path)}
    subprocess.run([sys.executable, script, tmp_path], check=True, env={**os.environ, **ascii_only})
    objective = (tmp_path / "objectives/SIZE.yaml").read_text(encoding="utf-8")
    assert "The likeliest class: größer, klein" in objective
