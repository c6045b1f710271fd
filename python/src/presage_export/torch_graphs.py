"""PyTorch modules that take one matrix of numbers."""

from __future__ import annotations

import io
import logging
import warnings
from functools import partial
from typing import Any, Iterator

import numpy as np
import onnx
import pandas as pd
import torch

from .contract import Feature, Graph, Input, Output, by_row
from .errors import ExportError
from .feeds import tensor_of
from .graphs import Way

OPSET = 18

# Those of them that Presage reads from a graph.
TYPES = (torch.float32, torch.float64, torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64)


def torch_candidates(module: Any, frame: pd.DataFrame, features: list[Feature]) -> Iterator[Way]:
    """The exporter that torch has now, then the one it had before."""
    for feature in features:
        if feature.is_text:
            raise ExportError(
                f"sample_frame: {feature.column}: must hold numbers, which is all a module takes, got text"
            )
    inputs = (Input("input", tuple(features), np.float32),)
    were_training = [(part, part.training) for part in module.modules()]
    module.eval()
    try:
        matrix = torch.from_numpy(tensor_of(inputs[0], frame))
        answers = _answers(module, matrix)
        for way, write in (("torch.export", _export_program), ("TorchScript", _export_script)):
            yield way, partial(_convert, write, module, matrix, inputs, answers)
    finally:
        module.train(were_training[0][1])
        # Parts of it may be frozen in evaluation mode.
        for part, was_training in were_training:
            part.training = was_training


def _answers(module: Any, matrix: torch.Tensor) -> list[np.ndarray]:
    with torch.no_grad():
        try:
            answer = module(matrix)
        except Exception as error:
            raise ExportError(f"sample_frame: must hold rows as the module takes them, got: {error}") from error
    tensors = list(answer) if isinstance(answer, (tuple, list)) else [answer]
    for tensor in tensors:
        if not isinstance(tensor, torch.Tensor) or tensor.ndim not in (1, 2) or len(tensor) != len(matrix):
            raise ExportError("model: must answer with tensors of one row for each row that it is given")
        if tensor.dtype not in TYPES:
            raise ExportError(f"model: must answer with numbers such as torch.float32, got {tensor.dtype}")
    return [by_row(tensor.numpy()) for tensor in tensors]


def _convert(
    write: Any, module: Any, matrix: torch.Tensor, inputs: tuple[Input, ...], answers: list[np.ndarray]
) -> Graph:
    names = ["prediction"] if len(answers) == 1 else [f"prediction_{place}" for place in range(len(answers))]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)
        try:
            model = write(module, matrix, names)
        finally:
            logging.disable(logging.NOTSET)
    outputs = tuple(
        Output(name, name, _value_type(answer), "What the module answers", answer)
        for name, answer in zip(names, answers)
    )
    return Graph(_without_traces(model), f"torch {torch.__version__}", inputs, outputs)


def _without_traces(model: bytes) -> bytes:
    """The exporters write where in which file of this machine each node came from."""
    parsed = onnx.load_from_string(model)
    for node in parsed.graph.node:
        node.ClearField("metadata_props")
        node.ClearField("doc_string")
    return parsed.SerializeToString()


def _export_program(module: Any, matrix: torch.Tensor, names: list[str]) -> bytes:
    program = torch.onnx.export(
        module, (matrix,), dynamo=True, verbose=False, opset_version=OPSET, input_names=["input"], output_names=names,
        dynamic_shapes=({0: torch.export.Dim("batch")},),
    )  # fmt: skip
    return program.model_proto.SerializeToString()


def _export_script(module: Any, matrix: torch.Tensor, names: list[str]) -> bytes:
    target = io.BytesIO()
    torch.onnx.export(
        module, (matrix,), target, opset_version=17, input_names=["input"], output_names=names,
        dynamic_axes={name: {0: "batch"} for name in ("input", *names)}, **_script_only(),
    )  # fmt: skip
    return target.getvalue()


def _script_only() -> dict[str, bool]:
    """torch 2.1 to 2.4 know no other exporter, and no such option."""
    version = tuple(int(part) for part in torch.__version__.split(".")[:2])
    return {"dynamo": False} if version >= (2, 5) else {}


def _value_type(answer: np.ndarray) -> str:
    scalar = "Boolean" if answer.dtype.kind == "b" else "Float" if answer.dtype.kind == "f" else "Int"
    return scalar if answer.ndim == 1 else f"[{scalar}!]"
