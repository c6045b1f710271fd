"""Which converter a model needs."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any, Callable, Iterator

import pandas as pd

from .contract import Feature, Graph
from .errors import ExportError

Way = tuple[str, Callable[[], Graph]]


def candidates(model: Any, frame: pd.DataFrame, features: list[Feature]) -> Iterator[Way]:
    """Ways of converting a model, best first, each with its name for messages. Loads the model's library alone."""
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(model, torch.nn.Module):
        return _with_extra("torch", "torch_graphs").torch_candidates(model, frame, features)
    if hasattr(model, "predict") and hasattr(model, "get_params"):
        return _with_extra("sklearn", "sklearn_graphs").sklearn_candidates(model, frame, features)
    raise ExportError(
        "model: must be a scikit-learn estimator, an estimator of XGBoost or LightGBM "
        "(such as XGBClassifier, not Booster), "
        f"or a PyTorch module, got {type(model).__module__}.{type(model).__name__}"
    )


def _with_extra(extra: str, module: str) -> Any:
    """A module of this package that needs an extra of it."""
    try:
        return import_module(f".{module}", __package__)
    except ModuleNotFoundError as error:
        raise ExportError(
            f'{error.name}: must be installed, got no such module; run pip install "presage-export[{extra}]"'
        ) from error
