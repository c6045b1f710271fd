"""SimpleImputer on float64, for which ONNX Runtime has no operator: the same by two that it has."""

from __future__ import annotations

from typing import Any

import numpy as np
import skl2onnx
from onnx import TensorProto
from skl2onnx.common.data_types import DoubleTensorType
from skl2onnx.operator_converters.common import concatenate_variables
from skl2onnx.operator_converters.imputer_op import convert_sklearn_imputer
from skl2onnx.shape_calculators.imputer import calculate_sklearn_imputer_output_shapes
from sklearn.impute import SimpleImputer


def register_double_imputer() -> None:
    skl2onnx.update_registered_converter(
        SimpleImputer, "PresageSimpleImputer", calculate_sklearn_imputer_output_shapes, _convert
    )


def _convert(scope: Any, operator: Any, container: Any) -> None:
    imputer = operator.raw_operator
    is_double = all(isinstance(one.type, DoubleTensorType) for one in operator.inputs)
    fills = np.asarray(imputer.statistics_)
    if not is_double or imputer.add_indicator or fills.dtype.kind != "f" or np.isnan(fills).any():
        convert_sklearn_imputer(scope, operator, container)
        return
    values = concatenate_variables(scope, operator.inputs, container)
    fill, is_missing = scope.get_unique_variable_name("fill"), scope.get_unique_variable_name("missing")
    container.add_initializer(fill, TensorProto.DOUBLE, [1, len(fills)], fills.tolist())
    if np.isnan(imputer.missing_values):
        container.add_node("IsNaN", [values], [is_missing], op_version=13, name=scope.get_unique_operator_name("IsNaN"))
    else:
        missing = scope.get_unique_variable_name("missing_value")
        container.add_initializer(missing, TensorProto.DOUBLE, [1], [float(imputer.missing_values)])
        container.add_node(
            "Equal", [values, missing], [is_missing], op_version=13, name=scope.get_unique_operator_name("Equal")
        )
    container.add_node(
        "Where",
        [is_missing, fill, values],
        [operator.outputs[0].full_name],
        op_version=16,
        name=scope.get_unique_operator_name("Where"),
    )
