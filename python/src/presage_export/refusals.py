"""Models that no converter takes, refused by name before one tries."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from .errors import ExportError
from .nested_estimators import nested_estimators


def refuse_what_cannot_convert(model: Any) -> None:
    for estimator in nested_estimators(model):
        name = type(estimator).__name__
        if hasattr(estimator, "tree_") and np.isinf(estimator.tree_.threshold).any():
            # skl2onnx would look for the float next to it for ever.
            raise ExportError(
                f"model: the trees must have finite thresholds, got infinite ones in a {name}, as training data with "
                "missing values (NaN) give; put a SimpleImputer before it and fit again"
            )
        categories = _native_categories(estimator)
        if categories:
            raise ExportError(
                f"model: columns must be encoded by a step of the pipeline, such as OneHotEncoder or OrdinalEncoder, "
                f"got {name} with native categories{categories}, which no converter takes"
            )


def _native_categories(estimator: Any) -> str:
    """Which columns a boosted model treats as categories; no text if none."""
    xgboost, lightgbm = sys.modules.get("xgboost"), sys.modules.get("lightgbm")
    if xgboost is not None and isinstance(estimator, xgboost.XGBModel) and estimator.__sklearn_is_fitted__():
        booster = estimator.get_booster()
        types = booster.feature_types or []
        names = booster.feature_names or [str(place) for place in range(len(types))]
        found = [name for name, value_type in zip(names, types) if value_type == "c"]
        return f" ({', '.join(found)})" if found else ""
    if lightgbm is not None and isinstance(estimator, lightgbm.LGBMModel) and estimator.__sklearn_is_fitted__():
        columns = estimator.booster_.params.get("categorical_column") or []
        if estimator.booster_.pandas_categorical or columns:
            names = estimator.booster_.feature_name()
            found = [names[column] for column in columns if isinstance(column, int)]
            return f" ({', '.join(found)})" if found else " (of a pandas column)"
    return ""
