"""Which converter a model needs."""

from __future__ import annotations

import sys
from typing import Any, Callable, Iterator

import pandas as pd

from .contract import Feature, Graph
from .errors import ExportError

Way = tuple[str, Callable[[], Graph]]


def candidates(model: Any, frame: pd.DataFrame, features: list[Feature]) -> Iterator[Way]:
    """Ways of converting a model, best first, each with its name for messages. Loads the model's library alone."""
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(model, torch.nn.Module):
        from .torch_graphs import torch_candidates

        return torch_candidates(model, frame, features)
    if hasattr(model, "predict") and hasattr(model, "get_params"):
        from .sklearn_graphs import sklearn_candidates

        return sklearn_candidates(model, frame, features)
    raise ExportError(
        "model: must be a scikit-learn estimator, an estimator of XGBoost or LightGBM "
        "(such as XGBClassifier, not Booster), "
        f"or a PyTorch module, got {type(model).__module__}.{type(model).__name__}"
    )
