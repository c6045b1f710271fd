"""Triton's Python client against a Presage worker with the repository of tests/support/tensorRepository.ts.

    triton_client.py HTTP_ADDRESS GRPC_ADDRESS
"""

import sys
import unittest
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import tritonclient.grpc as grpc
import tritonclient.http as http
from tritonclient.utils import InferenceServerException

HTTP, GRPC = sys.argv.pop(1), sys.argv.pop(1)

VALUES = {
    "BOOL": ("bool", np.array([[True, False]])),
    "UINT8": ("uint8", np.array([[0, 255]], np.uint8)),
    "UINT16": ("uint16", np.array([[0, 65_535]], np.uint16)),
    "UINT32": ("uint32", np.array([[0, 2**32 - 1]], np.uint32)),
    "UINT64": ("uint64", np.array([[0, 2**64 - 1]], np.uint64)),
    "INT8": ("int8", np.array([[-128, 127]], np.int8)),
    "INT16": ("int16", np.array([[-(2**15), 2**15 - 1]], np.int16)),
    "INT32": ("int32", np.array([[-(2**31), 2**31 - 1]], np.int32)),
    "INT64": ("int64", np.array([[-(2**63), 2**63 - 1]], np.int64)),
    "FP32": ("float32", np.array([[1.5, -0.25]], np.float32)),
    "FP64": ("float64", np.array([[np.pi, 1e300]], np.float64)),
    "BYTES": ("string", np.array([["", "Zoë 日本"]], object)),
}


class Contract:
    """What both clients of Triton do; `kind` is one of their modules."""

    def tearDown(self):
        self.client.close()

    def infer(self, model, inputs, **options):
        return self.client.infer(model, inputs, **options)

    def input(self, name, datatype, values):
        tensor = self.kind.InferInput(name, list(values.shape), datatype)
        tensor.set_data_from_numpy(values)
        return tensor

    def test_health_and_metadata(self):
        client = self.client
        self.assertTrue(client.is_server_live())
        self.assertTrue(client.is_server_ready())
        self.assertTrue(client.is_model_ready("list-sum"))
        self.assertTrue(client.is_model_ready("list-sum", "1"))
        server, model = self.plain(client.get_server_metadata()), self.plain(client.get_model_metadata("list-sum"))
        self.assertEqual(server["name"], "presage")
        self.assertEqual(model["platform"], "onnx_onnxv1")
        self.assertEqual([tensor["datatype"] for tensor in model["inputs"]], ["INT64"])

    def test_every_datatype(self):
        inputs = [self.input(f"in_{name}", datatype, values) for datatype, (name, values) in VALUES.items()]
        answer = self.infer("all-types", inputs, request_id="seven")
        for name, values in VALUES.values():
            got = answer.as_numpy(f"out_{name}")
            if name == "string":
                got = np.vectorize(lambda text: text.decode())(got)
            np.testing.assert_array_equal(got, values, err_msg=name)

    def test_asked_outputs_alone(self):
        inputs = [self.input(f"in_{name}", datatype, values) for datatype, (name, values) in VALUES.items()]
        wanted = [self.kind.InferRequestedOutput("out_int8")]
        answer = self.infer("all-types", inputs, outputs=wanted)
        self.assertIsNotNone(answer.as_numpy("out_int8"))
        self.assertIsNone(answer.as_numpy("out_bool"))

    def test_errors(self):
        ids = np.array([[1, 2]], np.int64)
        cases = [
            ("none", [self.input("ids", "INT64", ids)], {}, "404", "NOT_FOUND"),
            ("list-sum", [self.input("other", "INT64", ids)], {}, "400", "INVALID_ARGUMENT"),
            ("list-sum", [self.input("ids", "INT64", ids)], {"sequence_id": 7}, "501", "UNIMPLEMENTED"),
            ("list-sum", [self.input("ids", "INT64", ids)], {"timeout": 1}, "503", "UNAVAILABLE"),
            ("list-sum", [self.input("ids", "INT64", ids)], {"model_version": "9"}, "404", "NOT_FOUND"),
        ]
        for model, inputs, options, *statuses in cases:
            with self.assertRaises(InferenceServerException) as raised:
                self.infer(model, inputs, **options)
            self.assertIn(raised.exception.status().removeprefix("StatusCode."), statuses)
            self.assertTrue(raised.exception.message())

    def test_many_at_once(self):
        def ask(width):
            with self.connect() as client:
                values = np.full((3, width), width, np.int64)
                tensor = self.kind.InferInput("ids", [3, width], "INT64")
                tensor.set_data_from_numpy(values)
                return client.infer("list-sum", [tensor]).as_numpy("sum").tolist()

        widths = [1 + n % 7 for n in range(40)]
        with ThreadPoolExecutor(8) as pool:
            self.assertEqual(list(pool.map(ask, widths)), [[width * width] * 3 for width in widths])

    def test_workflow(self):
        ids = np.array(["[1, 2, 3]", "[2]"], object)
        answer = self.infer("list-sum:workflow", [self.input("ids", "BYTES", ids)])
        self.assertEqual(answer.as_numpy("sum").dtype, np.int64)
        self.assertEqual(answer.as_numpy("sum").shape, (2,))

    def test_statistics(self):
        self.infer("list-sum", [self.input("ids", "INT64", np.array([[1, 2], [3, 4]], np.int64))])
        read = self.client.get_inference_statistics
        (stats,) = self.plain(read("list-sum", "1"))["model_stats" if self.kind is http else "modelStats"]
        stats = {key.replace("_", "").lower(): value for key, value in stats.items()}
        self.assertEqual(stats["name"], "list-sum")
        self.assertGreaterEqual(int(stats["inferencecount"]), 2)
        self.assertGreaterEqual(int(stats["executioncount"]), 1)
        self.assertLessEqual(int(stats["executioncount"]), int(stats["inferencecount"]))
        self.assertEqual(len(next(iter(self.plain(read()).values()))), 3)

    def test_repository(self):
        client = self.client
        index = self.plain(client.get_model_repository_index())
        index = index if isinstance(index, list) else index["models"]
        self.assertEqual({entry["name"] for entry in index}, {"all-types", "list-sum", "mixed-rows"})
        client.unload_model("mixed-rows")
        self.assertFalse(client.is_model_ready("mixed-rows"))
        self.assertTrue(client.is_model_ready("list-sum"))
        client.load_model("mixed-rows")
        self.assertTrue(client.is_model_ready("mixed-rows"))
        with self.assertRaises(InferenceServerException):
            client.load_model("none")
        with self.assertRaises(InferenceServerException):
            client.load_model("mixed-rows", config="{}")


class OverGrpc(Contract, unittest.TestCase):
    kind = grpc

    def setUp(self):
        self.client = self.connect()

    @staticmethod
    def connect():
        return grpc.InferenceServerClient(GRPC)

    @staticmethod
    def plain(message):
        from google.protobuf.json_format import MessageToDict

        return MessageToDict(message)


class OverHttp(Contract, unittest.TestCase):
    kind = http

    def setUp(self):
        self.client = self.connect()

    @staticmethod
    def connect():
        return http.InferenceServerClient(HTTP)

    @staticmethod
    def plain(value):
        return value

    def test_json_and_binary_in_every_mixture(self):
        for binary_in in (True, False):
            for binary_out in (True, False):
                inputs = []
                for datatype, (name, values) in VALUES.items():
                    tensor = http.InferInput(f"in_{name}", [1, 2], datatype)
                    tensor.set_data_from_numpy(values, binary_data=binary_in)
                    inputs.append(tensor)
                wanted = [
                    http.InferRequestedOutput(f"out_{name}", binary_data=binary_out) for name, _ in VALUES.values()
                ]
                answer = self.infer("all-types", inputs, outputs=wanted)
                np.testing.assert_array_equal(answer.as_numpy("out_int64"), VALUES["INT64"][1])
                np.testing.assert_array_equal(answer.as_numpy("out_uint64"), VALUES["UINT64"][1])
                np.testing.assert_array_equal(answer.as_numpy("out_float64"), VALUES["FP64"][1])


if __name__ == "__main__":
    unittest.main()
