from __future__ import annotations

from typing import Any


def used_columns(model: Any) -> set[str] | None:
    """The columns that a ColumnTransformer at the front takes by name; None if it could be any."""
    while getattr(model, "steps", None):
        model = model.steps[0][1]
    if not hasattr(model, "transformers_"):
        return None
    used: set[str] = set()
    for _, transformer, columns in model.transformers_:
        if isinstance(transformer, str) and transformer == "drop":
            continue
        names = [columns] if isinstance(columns, str) else columns
        # Places, masks and slices count the columns of the whole frame, so all of them have to stay.
        if isinstance(names, slice) or not all(isinstance(name, str) for name in names):
            return None
        used.update(names)
    return used or None
