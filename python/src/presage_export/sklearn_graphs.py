"""scikit-learn, and the estimators of XGBoost and LightGBM that follow its interface, alone or in a pipeline."""

from __future__ import annotations

import sys
from copy import deepcopy
from dataclasses import replace
from functools import partial
from typing import Any, Iterator

import numpy as np
import pandas as pd
import skl2onnx
from skl2onnx.common.data_types import (
    BooleanTensorType,
    DoubleTensorType,
    FloatTensorType,
    Int64TensorType,
    StringTensorType,
)
from skl2onnx.sklapi import CastTransformer
from sklearn.base import is_classifier
from sklearn.pipeline import Pipeline

from .contract import HIGHEST_INT, INT_RANGE, Feature, Graph, Input, Output, by_row
from .double_imputer import register_double_imputer
from .errors import ExportError
from .feeds import tensor_of
from .graphs import Way
from .nested_estimators import nested_estimators
from .one_hot_fractions import leave_fractions_unknown
from .refusals import refuse_number_categories, refuse_what_cannot_convert
from .text_encoders import as_graphs_take_texts, known_categories

# What ONNX Runtime 1.18 and Presage read.
OPSET = {"": 18, "ai.onnx.ml": 3}

TENSOR_TYPES = {
    np.float32: FloatTensorType,
    np.float64: DoubleTensorType,
    np.int64: Int64TensorType,
    np.bool_: BooleanTensorType,
    object: StringTensorType,
}


def sklearn_candidates(model: Any, frame: pd.DataFrame, features: list[Feature]) -> Iterator[Way]:
    """Float64 computes what comes before the trees as the model does: else a value that meets a threshold takes the
    other branch. Not every operator of the runtime has it. Those of XGBoost take float32, to which it casts by itself.
    """
    refuse_what_cannot_convert(model)
    _register_converters()
    answers = _answers(model, frame)
    model = as_graphs_take_texts(model)
    known = known_categories(model, frame, [feature.column for feature in features])
    features = [replace(feature, categories=known.get(feature.column)) for feature in features]
    ways = [("float64", np.float64, model), ("float32", np.float32, model)]
    if isinstance(model, Pipeline):
        cast = Pipeline([*model.steps[:-1], ("presage_cast", CastTransformer(dtype=np.float32)), model.steps[-1]])
        ways.insert(1, ("float64, float32 in the last step", np.float64, cast))
    for way, dtype, converted in ways:
        yield way, partial(_convert, converted, frame, _inputs(model, features, dtype), answers)
    # Some converters, as of SimpleImputer, take columns of one type only.
    for way, dtype, converted in ways:
        inputs = tuple(
            one if one.dtype is object else replace(one, dtype=dtype) for one in _inputs(model, features, dtype)
        )
        if inputs != _inputs(model, features, dtype):
            yield f"{way}, whole numbers and booleans too", partial(_convert, converted, frame, inputs, answers)


def _register_converters() -> None:
    """Teaches skl2onnx the estimators of other libraries, of those that are loaded."""
    register_double_imputer()
    from skl2onnx.common.shape_calculator import (
        calculate_linear_classifier_output_shapes,
        calculate_linear_regressor_output_shapes,
    )

    classifier_options = {"nocl": [True, False], "zipmap": [True, False, "columns"], "raw_scores": [True, False]}
    if "xgboost" in sys.modules:
        import xgboost
        from onnxmltools.convert.xgboost.operator_converters.XGBoost import convert_xgboost

        skl2onnx.update_registered_converter(
            xgboost.XGBClassifier, "XGBoostXGBClassifier", calculate_linear_classifier_output_shapes, convert_xgboost,
            options=classifier_options,
        )  # fmt: skip
        skl2onnx.update_registered_converter(
            xgboost.XGBRegressor, "XGBoostXGBRegressor", calculate_linear_regressor_output_shapes, convert_xgboost
        )
    if "lightgbm" in sys.modules:
        import lightgbm
        from onnxmltools.convert.lightgbm.operator_converters.LightGbm import convert_lightgbm

        skl2onnx.update_registered_converter(
            lightgbm.LGBMClassifier, "LightGbmLGBMClassifier", calculate_linear_classifier_output_shapes,
            convert_lightgbm, options=classifier_options,
        )  # fmt: skip
        skl2onnx.update_registered_converter(
            lightgbm.LGBMRegressor, "LightGbmLGBMRegressor", calculate_linear_regressor_output_shapes, convert_lightgbm,
            options={"split": None},
        )  # fmt: skip


def _inputs(model: Any, features: list[Feature], dtype: type) -> tuple[Input, ...]:
    """One matrix for what takes numbers alone; else one input a column, by which a ColumnTransformer chooses."""
    if not _selects_columns(model) and not any(feature.is_text for feature in features):
        return (Input("input", tuple(features), dtype),)
    return tuple(Input(feature.column, (feature,), _dtype(feature, dtype)) for feature in features)


def _selects_columns(model: Any) -> bool:
    from sklearn.compose import ColumnTransformer

    steps = [step for _, step in getattr(model, "steps", [])]
    return isinstance(model, ColumnTransformer) or any(_selects_columns(step) for step in steps)


def _dtype(feature: Feature, dtype: type) -> type:
    if feature.is_text:
        return object
    if feature.type == "Int" and not feature.nullable:
        return np.int64
    return np.bool_ if feature.type == "Boolean" and not feature.nullable else dtype


def _convert(model: Any, frame: pd.DataFrame, inputs: tuple[Input, ...], answers: list[dict[str, Any]]) -> Graph:
    types = [(one.tensor, TENSOR_TYPES[one.dtype]([None, tensor_of(one, frame[:1]).shape[1]])) for one in inputs]
    nameless = _nameless(model)
    # By default a Pipeline gives its last step an option that not every classifier without probabilities has.
    options = {id(nameless): {"zipmap": False}} if hasattr(model, "predict_proba") else _no_options(nameless)
    try:
        onnx_model = skl2onnx.to_onnx(nameless, initial_types=types, options=options, target_opset=OPSET)
    except Exception as error:
        for name in {type(one).__name__ for one in nested_estimators(model)}:
            if name.startswith("HistGradientBoosting"):
                raise ExportError(
                    f"model: must be made of estimators that skl2onnx converts, got {name}, which this release of it "
                    "does not; use GradientBoosting, XGBoost or LightGBM"
                ) from error
        refuse_number_categories(model, [feature.column for one in inputs for feature in one.features])
        raise
    leave_fractions_unknown(onnx_model)
    _declare_widths(onnx_model, answers)
    tensors = [output.name for output in onnx_model.graph.output]
    # The converter writes other names for columns such as "weight (kg)", in the order in which it was given them.
    inputs = tuple(replace(one, tensor=given.name) for one, given in zip(inputs, onnx_model.graph.input, strict=True))
    return Graph(
        model=onnx_model.SerializeToString(),
        producer=f"skl2onnx {skl2onnx.__version__}",
        inputs=inputs,
        outputs=tuple(Output(tensor=tensors[answer["place"]], **answer["output"]) for answer in answers),
    )


def _no_options(model: Any) -> dict[int, dict[str, Any]]:
    """For the last step of a pipeline, and of pipelines within it."""
    if not getattr(model, "steps", None):
        return {}
    last = model.steps[-1][1]
    return {id(last): {}, **_no_options(last)}


def _declare_widths(onnx_model: Any, answers: list[dict[str, Any]]) -> None:
    """The converter declares one column for trees that predict several values a row, and their graph yields all. For
    others that predict one it declares any number."""
    for answer in answers:
        dims = onnx_model.graph.output[answer["place"]].type.tensor_type.shape.dim
        expected = answer["output"]["expected"]
        if answer["output"]["item"] is None and len(dims) == 2:
            dims[1].dim_value = expected.shape[1] if expected.ndim == 2 else 1


def _answers(model: Any, frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The version's outputs, what the model itself answers, and the place of the graph's output that each reads."""
    rows = frame if hasattr(model, "feature_names_in_") or _selects_columns(model) else frame.to_numpy()
    try:
        predicted = by_row(np.asarray(model.predict(rows)))
        probabilities = model.predict_proba(rows) if hasattr(model, "predict_proba") else None
    except Exception as error:
        raise ExportError(f"sample_frame: must hold rows as the model takes them, got: {error}") from error
    if not is_classifier(model):
        value_type = "Float" if predicted.ndim == 1 else "[Float!]"
        return [_answer(0, "prediction", value_type, "What the model predicts", predicted.astype(np.float64))]
    classes = list(model.classes_)
    # An ensemble of classifiers, even if it is of one, has a list of classes for each.
    if predicted.ndim != 1 or np.ndim(classes[0]) > 0:
        raise ExportError("model: must predict one label a row, got several")
    if len(classes) < 2:
        # Its probabilities would be no list to Presage, and the runtime ends the process for some trees.
        raise ExportError(f"model: must have two classes or more, got {classes[0]} alone")
    for label in classes:
        if isinstance(label, (int, np.integer)) and abs(int(label)) > HIGHEST_INT:
            raise ExportError(f"model: must have classes that are text or whole numbers {INT_RANGE}, got {label}")
    listed = ", ".join(str(label) for label in classes)
    label_type = "String" if predicted.dtype.kind in "OUST" else "Int"
    answers = [_answer(0, "label", label_type, f"The likeliest class: {listed}", predicted)]
    if probabilities is None:
        return answers
    if len(classes) == 2:
        description = f"Probability of {classes[1]}"
        return [*answers, _answer(1, "probability", "Float", description, probabilities[:, 1], item=1)]
    description = f"Probabilities of the classes {listed}, in this order"
    return [*answers, _answer(1, "probabilities", "[Float!]", description, probabilities)]


def _answer(
    place: int, name: str, value_type: str, description: str, expected: np.ndarray, item: int | None = None
) -> dict[str, Any]:
    output = {"name": name, "type": value_type, "description": description, "expected": expected, "item": item}
    return {"place": place, "output": output}


def _nameless(model: Any) -> Any:
    """XGBoost's converter takes no names of columns but its own, and no splits of columns known to hold true and false."""
    xgboost = sys.modules.get("xgboost")
    if xgboost is None or not isinstance(model, xgboost.XGBModel) or model.get_booster().feature_names is None:
        return model
    copied = deepcopy(model)
    copied.get_booster().feature_names = None
    copied.get_booster().feature_types = None
    return copied
