from __future__ import annotations

from typing import Any, Iterator

import numpy as np
from sklearn.base import BaseEstimator


def nested_estimators(model: Any) -> Iterator[Any]:
    """A model and every estimator within it: steps, transformers, members of ensembles."""
    seen: set[int] = set()
    waiting = [model]
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, BaseEstimator):
            yield value
            waiting.extend(vars(value).values())
        elif isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, (list, tuple)) or (isinstance(value, np.ndarray) and value.dtype == object):
            waiting.extend(value)
