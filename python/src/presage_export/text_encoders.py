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
    for column, encoder, categories, imputers in encoded_columns(model, columns_in):
        # The graph has no category for unknown texts, where the encoder takes them for infrequent ones.
        failing = ("error", "infrequent_if_exist", "warn") if isinstance(encoder, OneHotEncoder) else ("error",)
        if getattr(encoder, "handle_unknown", None) not in failing:
            continue
        if column in frame and pd.api.types.is_numeric_dtype(frame[column].dtype):
            known = [*(one.missing_values for one in imputers), *categories]
            numbers = {one for one in known if not isinstance(one, str) and not pd.isna(one)}
            known = _exact_numbers(frame[column], numbers)
        else:
            filled = any(one.missing_values == "" for one in imputers)
            texts = [str(category) for category in categories]
            known = ["", *texts] if filled and "" not in texts else texts
        if known:
            # Another encoder may take the column too, and fails for what it does not know.
            before = set(found.get(column, known))
            found[column] = tuple(one for one in known if one in before)
    return found


def _exact_numbers(values: pd.Series, numbers: set[Any]) -> list[int | float]:
    """Those of a column, if requests can have them exactly, and the sample has no others; else none."""
    is_exact = values.dtype == np.float64 or all(number == int(number) for number in numbers)
    if pd.api.types.is_bool_dtype(values.dtype) or not is_exact or not set(values.dropna()) <= numbers:
        return []
    return [int(one) if one == int(one) else float(one) for one in sorted(numbers)]


def encoded_columns(
    model: Any, columns_in: Sequence[str] = (), imputers: tuple[SimpleImputer, ...] = ()
) -> Iterator[tuple[str, Any, Any, tuple[SimpleImputer, ...]]]:
    """Each column that an encoder takes as the model does, or imputed, with the encoder, its categories, and the imputers
    before it. Other steps make other columns of them, which are not followed."""
    for column, categories in zip(columns_in, getattr(model, "categories_", ())):
        yield column, model, categories, imputers
    for _, transformer, columns in getattr(model, "transformers_", []):
        yield from encoded_columns(transformer, _named(columns, columns_in), imputers)
    # Those of a FeatureUnion, which all take the same columns.
    for _, transformer in getattr(model, "transformer_list", []):
        yield from encoded_columns(transformer, columns_in, imputers)
    for _, step in getattr(model, "steps", []):
        yield from encoded_columns(step, columns_in, imputers)
        if isinstance(step, SimpleImputer) and not pd.isna(step.statistics_).any():
            imputers = (*imputers, step)
        elif step not in ("passthrough", None):
            return


def _named(columns: Any, columns_in: Sequence[str]) -> Sequence[str]:
    """The names of columns that may be places; none of a mask, which is not followed."""
    names = []
    for one in _each(columns, columns_in):
        if isinstance(one, str):
            names.append(one)
        elif isinstance(one, (bool, np.bool_)) or one not in range(-len(columns_in), len(columns_in)):
            return []
        else:
            names.append(columns_in[one])
    return names


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
