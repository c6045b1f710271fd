"""The tensors that a graph is given for rows of a frame."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .contract import Feature, Input


def feeds_of(inputs: tuple[Input, ...], frame: pd.DataFrame) -> dict[str, np.ndarray]:
    return {one.tensor: tensor_of(one, frame) for one in inputs}


def tensor_of(one: Input, frame: pd.DataFrame) -> np.ndarray:
    """`[rows, columns]`; a missing number is NaN, a missing text is empty, as the written steps have it."""
    return np.concatenate([_columns(feature, one.dtype, frame) for feature in one.features], axis=1)


def _columns(feature: Feature, dtype: type, frame: pd.DataFrame) -> np.ndarray:
    values = frame[feature.column]
    if feature.is_text:
        return values.astype(object).where(values.notna(), "").to_numpy(dtype=object).reshape(-1, 1)
    if feature.length is not None:
        return np.stack([np.asarray(value, dtype=dtype) for value in values])
    return values.to_numpy(dtype=dtype, na_value=np.nan if feature.nullable else values.iloc[0]).reshape(-1, 1)
