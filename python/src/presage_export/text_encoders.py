"""What imputers and encoders do with missing and unknown values. A graph has no null for text: it gets the empty text."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, Iterator, Sequence

import numpy as np
import pandas as pd
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder

from .nested_estimators import nested_estimators


def as_graphs_take_texts(model: Any) -> Any:
    """A copy that treats the empty text as the model treats a missing one, and whose encoders ignore what they do not
    know if that is what they do by another name; the model itself if nothing is to change."""
    if not any(_imputes_null(one) or _knows_null(one) or _ignores_unknown(one) for one in nested_estimators(model)):
        return model
    copied = deepcopy(model)
    for one in nested_estimators(copied):
        if _ignores_unknown(one):
            one.handle_unknown = "ignore"
        if _imputes_null(one):
            one.missing_values = ""
        if _knows_null(one):
            one.categories_ = [
                np.array(["" if pd.isna(text) else text for text in texts], dtype=object)
                if _has_null_text(texts)
                else texts
                for texts in one.categories_
            ]
    return copied


def known_categories(model: Any, frame: pd.DataFrame, columns_in: Sequence[str] = ()) -> dict[str, tuple[Any, ...]]:
    """By column the texts or numbers of encoders that fail for others, or whose graphs do, as unless told otherwise.

    `columns_in` are the names of the columns that the model takes, where these are known.
    """
    found: dict[str, tuple[Any, ...]] = {}
    for column, encoder, categories, steps in encoded_columns(model, columns_in):
        # The graph has no category for unknown texts, where the encoder takes them for infrequent ones.
        failing = ("error", "infrequent_if_exist", "warn") if isinstance(encoder, OneHotEncoder) else ("error",)
        if getattr(encoder, "handle_unknown", None) not in failing:
            continue
        imputers = [step for step in steps if isinstance(step, SimpleImputer)]
        if column in frame and pd.api.types.is_numeric_dtype(frame[column].dtype):
            known = [*(step.missing_values for step in imputers), *categories]
            numbers = {one for one in known if not isinstance(one, str) and not pd.isna(one)}
            # Other steps before it make other numbers of them.
            if all(step in imputers for step in steps[: steps.index(encoder)]):
                found |= _exact_numbers(column, frame, numbers)
            continue
        filled = any(step.missing_values == "" for step in imputers)
        texts = [str(category) for category in categories]
        found[column] = tuple(["", *texts] if filled and "" not in texts else texts)
    return found


def _exact_numbers(column: str, frame: pd.DataFrame, numbers: set[Any]) -> dict[str, tuple[Any, ...]]:
    """Those of a column, if requests can have them exactly, and the sample has no others."""
    values = frame[column]
    is_exact = values.dtype == np.float64 or all(number == int(number) for number in numbers)
    if pd.api.types.is_bool_dtype(values.dtype) or not is_exact or not set(values.dropna()) <= numbers:
        return {}
    return {column: tuple(int(one) if one == int(one) else float(one) for one in sorted(numbers))}


def encoded_columns(model: Any, columns_in: Sequence[str] = ()) -> Iterator[tuple[str, Any, Any, list[Any]]]:
    """Each column that an encoder at the front or in a ColumnTransformer takes, with the encoder, its categories, and the
    steps around it."""
    for column, categories in zip(columns_in, getattr(model, "categories_", ())):
        yield column, model, categories, [model]
    for place, (_, step) in enumerate(getattr(model, "steps", [])):
        yield from encoded_columns(step, columns_in if place == 0 else ())
    for _, transformer, columns in getattr(model, "transformers_", []):
        steps = [step for _, step in getattr(transformer, "steps", [])] or [transformer]
        for encoder in steps:
            for column, categories in zip(_each(columns, columns_in), getattr(encoder, "categories_", ())):
                if not isinstance(column, str):
                    # The place of one; masks are not followed.
                    if isinstance(column, (bool, np.bool_)) or column >= len(columns_in):
                        continue
                    column = columns_in[column]
                yield column, encoder, categories, steps


def _each(columns: Any, columns_in: Sequence[str]) -> Sequence[Any]:
    if isinstance(columns, str):
        return [columns]
    if not isinstance(columns, slice):
        return columns
    # Slices of names, whose end is one of them, are not followed.
    return [] if isinstance(columns.start, str) or isinstance(columns.stop, str) else columns_in[columns]


def _imputes_null(one: Any) -> bool:
    if not isinstance(one, SimpleImputer) or isinstance(one.missing_values, str) or not hasattr(one, "statistics_"):
        return False
    return all(isinstance(fill, str) for fill in one.statistics_)


def _ignores_unknown(one: Any) -> bool:
    """Whether unknown ones were to be infrequent ones, of which there are none."""
    if not isinstance(one, OneHotEncoder) or one.handle_unknown not in ("infrequent_if_exist", "warn"):
        return False
    return not any(texts is not None for texts in getattr(one, "infrequent_categories_", []))


def _knows_null(one: Any) -> bool:
    categories = getattr(one, "categories_", None)
    return isinstance(categories, list) and any(_has_null_text(texts) for texts in categories)


def _has_null_text(texts: Any) -> bool:
    """Whether among texts a null is known; numbers keep their NaN."""
    return texts.dtype == object and bool(pd.isna(texts).any()) and any(isinstance(text, str) for text in texts)
