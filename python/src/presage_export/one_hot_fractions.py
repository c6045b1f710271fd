"""OneHotEncoder on numbers: the converter cuts off their fractions, so that an unknown 1.5 would be the category 1."""

from __future__ import annotations

from typing import Any

from onnx import TensorProto, helper


def leave_fractions_unknown(onnx_model: Any) -> None:
    graph = onnx_model.graph
    encoders = {
        node.input[0]: node for node in graph.node if node.op_type == "OneHotEncoder" and _numbers(node) is not None
    }
    nodes = []
    for node in graph.node:
        encoder = encoders.get(node.output[0])
        if encoder is not None and node.op_type == "Cast":
            nodes += _unknown_for_fractions(graph, node, max(_numbers(encoder)) + 1)
        nodes.append(node)
    del graph.node[:]
    graph.node.extend(nodes)


def _numbers(encoder: Any) -> list[int] | None:
    return next((list(one.ints) for one in encoder.attribute if one.name == "cats_int64s"), None)


def _unknown_for_fractions(graph: Any, cast: Any, unknown: int) -> list[Any]:
    """The nodes before the cast, which then takes `unknown` for what is not whole."""
    # Whole numbers of requests are exact in float64.
    number, whole, is_whole, known = (f"{cast.output[0]}_{part}" for part in ("number", "whole", "is_whole", "known"))
    graph.initializer.append(helper.make_tensor(f"{known}_else", TensorProto.DOUBLE, [], [float(unknown)]))
    given = cast.input[0]
    cast.input[0] = known
    return [
        helper.make_node("Cast", [given], [number], to=TensorProto.DOUBLE),
        helper.make_node("Floor", [number], [whole]),
        helper.make_node("Equal", [number, whole], [is_whole]),
        helper.make_node("Where", [is_whole, number, f"{known}_else"], [known]),
    ]
