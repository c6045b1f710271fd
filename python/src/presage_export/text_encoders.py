"""What imputers and encoders of text do with missing ones. A graph has no null for text: it gets the empty text."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, Iterator, Sequence

import numpy as np
import pandas as pd
from sklearn.impute import SimpleImputer

from .nested_estimators import nested_estimators


def with_empty_texts(model: Any) -> Any:
    """A copy that treats the empty text as the model treats a missing one; the model itself if nothing is to change."""
    if not any(_imputes_null(one) or _knows_null(one) for one in nested_estimators(model)):
        return model
    copied = deepcopy(model)
    for one in nested_estimators(copied):
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


def known_texts(model: Any, columns_in: Sequence[str] = ()) -> dict[str, tuple[str, ...]]:
    """By column the texts of encoders that fail for others, as they do unless told otherwise.

    `columns_in` are the names of the columns that the model takes, where these are known.
    """
    found: dict[str, tuple[str, ...]] = {}
    for column, encoder, categories, steps in encoded_columns(model, columns_in):
        if getattr(encoder, "handle_unknown", None) != "error":
            continue
        filled = any(isinstance(step, SimpleImputer) and step.missing_values == "" for step in steps)
        texts = [str(category) for category in categories]
        found[column] = tuple(["", *texts] if filled and "" not in texts else texts)
    return found


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


def _knows_null(one: Any) -> bool:
    categories = getattr(one, "categories_", None)
    return isinstance(categories, list) and any(_has_null_text(texts) for texts in categories)


def _has_null_text(texts: Any) -> bool:
    """Whether among texts a null is known; numbers keep their NaN."""
    return texts.dtype == object and bool(pd.isna(texts).any()) and any(isinstance(text, str) for text in texts)
