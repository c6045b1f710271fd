"""Models that no converter takes, refused by name before one tries."""

from __future__ import annotations

import sys
from typing import Any, Sequence

import numpy as np
import pandas as pd
from sklearn.preprocessing import OneHotEncoder

from .errors import ExportError
from .nested_estimators import nested_estimators
from .text_encoders import encoded_columns


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


def refuse_number_categories(model: Any, columns_in: Sequence[str]) -> None:
    """Categories that are numbers but not whole ones, for which ONNX has no one-hot encoding."""
    for column, encoder, categories, _ in encoded_columns(model, columns_in):
        if not isinstance(encoder, OneHotEncoder) or any(isinstance(category, str) for category in categories):
            continue
        start = f"sample_frame: {column}: must have text or whole numbers to be one-hot encoded, got"
        if pd.isna(categories).any():
            raise ExportError(f"{start} missing values (NaN) too; put a SimpleImputer before the encoder and fit again")
        fractions = [category for category in categories if category != int(category)]
        if fractions:
            raise ExportError(
                f'{start} {fractions[0]}; fit with X["{column}"] = X["{column}"].astype(str), or with another encoder'
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
