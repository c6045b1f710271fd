import numpy as np
import pandas as pd
import pytest
from presage_export import ExportError, export

from written import read_objective, read_version

torch = pytest.importorskip("torch", reason="PyTorch is not installed")


@pytest.fixture
def numbers(passengers):
    return passengers[["fare", "sibsp"]]


def answers(module, rows):
    module.eval()
    with torch.no_grad():
        return module(torch.from_numpy(rows.to_numpy(np.float32))).numpy()


def test_a_module_is_exported_as_it_answers_and_stays_in_training(numbers, tmp_path):
    module = torch.nn.Sequential(
        torch.nn.Linear(2, 8), torch.nn.BatchNorm1d(8), torch.nn.Dropout(0.5), torch.nn.ReLU(), torch.nn.Linear(8, 1),
        torch.nn.Sigmoid(),
    )  # fmt: skip
    export(module, numbers, name="net", objective="NET", folder=tmp_path, outputs={"prediction": "probability"})
    assert module.training
    manifest, golden = read_version(tmp_path, "net@1")
    assert manifest["features"] == {"fare": {"type": "Float"}, "sibsp": {"type": "Int"}}
    assert manifest["preprocess"] == {"input": [{"number": "fare"}, {"number": "sibsp"}]}
    assert read_objective(tmp_path, "NET")["outputs"]["probability"]["type"] == "Float"
    expected = answers(module, numbers.iloc[[0]])[0, 0]
    assert golden["cases"][0]["output"]["probability"] == pytest.approx(float(expected), abs=1e-6)


def test_a_part_that_is_frozen_in_evaluation_mode_stays_so(numbers, tmp_path):
    module = torch.nn.Sequential(torch.nn.BatchNorm1d(2), torch.nn.Linear(2, 1))
    module[0].eval()
    export(module, numbers, name="net", objective="NET", folder=tmp_path)
    assert [part.training for part in module.modules()] == [True, False, True]


def test_a_row_without_an_answer_leaves_the_tolerance_of_the_others(passengers, tmp_path):
    module = torch.nn.Linear(1, 1)
    torch.nn.init.constant_(module.weight, 1000)
    export(module, passengers[["age"]], name="net", objective="NET", folder=tmp_path)
    _, golden = read_version(tmp_path, "net@1")
    answers = [case["output"]["prediction"] for case in golden["cases"]]
    assert None in answers
    assert golden["tolerance"] == pytest.approx(1e-5 * 10 ** np.ceil(np.log10(max(filter(None, answers)))))


def test_a_column_of_vectors_is_one_list_and_several_answers_are_several_outputs(tmp_path):
    class Both(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = torch.nn.Linear(4, 3)

        def forward(self, matrix):
            scores = self.layer(matrix)
            return scores, scores.argmax(1)

    vectors = np.random.default_rng(0).normal(size=(30, 4))
    export(Both(), pd.DataFrame({"embedding": list(vectors)}), name="net", objective="NET", folder=tmp_path)
    manifest, _ = read_version(tmp_path, "net@1")
    assert manifest["features"] == {"embedding": {"type": "[Float!]", "length": 4}}
    assert manifest["preprocess"] == {"input": {"vector": "embedding", "length": 4}}
    outputs = read_objective(tmp_path, "NET")["outputs"]
    assert [output["type"] for output in outputs.values()] == ["[Float!]", "Int"]


def test_text_is_refused(passengers, tmp_path):
    with pytest.raises(ExportError, match="sample_frame: sex: must hold numbers"):
        export(torch.nn.Linear(1, 1), passengers[["sex"]], name="net", objective="NET", folder=tmp_path)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.complex64])
def test_an_answer_of_a_type_that_presage_does_not_read_is_refused(dtype, numbers, tmp_path):
    class Short(torch.nn.Module):
        def forward(self, matrix):
            return matrix.to(dtype)

    with pytest.raises(ExportError, match=f"model: must answer with numbers such as torch.float32, got {dtype}"):
        export(Short(), numbers, name="net", objective="NET", folder=tmp_path)
