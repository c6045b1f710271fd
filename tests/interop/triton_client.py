"""Triton's Python client against a Presage worker with the repository of tests/support/tensorRepository.ts.

    triton_client.py HTTP_ADDRESS GRPC_ADDRESS
"""

import queue
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
        self.check_all_types(answer)
        self.assertEqual(self.plain(answer.get_response())["id"], "seven")

    def check_all_types(self, answer):
        for name, values in VALUES.values():
            got = answer.as_numpy(f"out_{name}")
            if name == "string":
                # JSON has texts, all else bytes.
                got = np.vectorize(lambda text: text.decode() if isinstance(text, bytes) else text)(got)
            else:
                self.assertEqual(got.dtype, values.dtype)
            np.testing.assert_array_equal(got, values, err_msg=name)

    def test_asked_outputs_alone(self):
        inputs = [self.input(f"in_{name}", datatype, values) for datatype, (name, values) in VALUES.items()]
        wanted = [self.kind.InferRequestedOutput("out_int8")]
        answer = self.infer("all-types", inputs, outputs=wanted)
        self.assertIsNotNone(answer.as_numpy("out_int8"))
        self.assertIsNone(answer.as_numpy("out_bool"))

    def test_errors(self):
        ids = np.array([[1, 2]], np.int64)
        unknown_output = [self.kind.InferRequestedOutput("none")]
        cases = [
            ("none", [self.input("ids", "INT64", ids)], {}, "404", "NOT_FOUND"),
            ("list-sum", [self.input("other", "INT64", ids)], {}, "400", "INVALID_ARGUMENT"),
            ("list-sum", [self.input("ids", "INT32", ids.astype(np.int32))], {}, "400", "INVALID_ARGUMENT"),
            ("list-sum", [self.input("ids", "FP16", ids.astype(np.float16))], {}, "400", "INVALID_ARGUMENT"),
            ("list-sum", [self.input("ids", "INT64", ids[0])], {}, "400", "INVALID_ARGUMENT"),
            ("list-sum", [self.input("ids", "INT64", ids)], {"outputs": unknown_output}, "400", "INVALID_ARGUMENT"),
            ("list-sum", [self.input("ids", "INT64", ids)], {"sequence_id": 7}, "501", "UNIMPLEMENTED"),
            ("list-sum", [self.input("ids", "INT64", ids)], {"timeout": 1}, "503", "UNAVAILABLE"),
            ("list-sum", [self.input("ids", "INT64", ids)], {"model_version": "9"}, "404", "NOT_FOUND"),
        ]
        for model, inputs, options, *statuses in cases:
            with self.assertRaises(InferenceServerException) as raised:
                self.infer(model, inputs, **options)
            self.check_status(raised, *statuses)
            self.assertTrue(raised.exception.message())

    def check_status(self, raised, *statuses):
        self.assertIn(raised.exception.status().removeprefix("StatusCode."), statuses)

    def test_what_it_does_not_serve(self):
        for ask in (self.client.get_system_shared_memory_status, lambda: self.client.get_model_config("list-sum")):
            with self.assertRaises(InferenceServerException) as raised:
                ask()
            self.check_status(raised, "404", "501", "UNIMPLEMENTED")

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
        before = self.statistics()
        self.infer("list-sum", [self.input("ids", "INT64", np.array([[1, 2], [3, 4]], np.int64))])
        with self.assertRaises(InferenceServerException):
            self.infer("list-sum", [self.input("other", "INT64", np.array([[1]], np.int64))])
        after = self.statistics()
        grown = {name: after[name] - before[name] for name in after}
        self.assertEqual(grown, {"rows": 2, "runs": grown["runs"], "success": 1, "fail": 1})
        self.assertIn(grown["runs"], (1, 2))
        self.assertEqual(len(next(iter(self.plain(self.client.get_inference_statistics()).values()))), 3)

    def statistics(self):
        """Counts of list-sum, whichever way the transport writes names and numbers."""
        (own,) = next(iter(self.plain(self.client.get_inference_statistics("list-sum", "1")).values()))
        own = {name.replace("_", "").lower(): value for name, value in own.items()}
        counts = own["inferencestats"]
        return {
            "rows": int(own.get("inferencecount", 0)),
            "runs": int(own.get("executioncount", 0)),
            "success": int(counts.get("success", {}).get("count", 0)),
            "fail": int(counts.get("fail", {}).get("count", 0)),
        }

    def test_repository(self):
        client = self.client
        self.assertEqual(self.states(), {"all-types": "READY", "list-sum": "READY", "mixed-rows": "READY"})
        client.unload_model("mixed-rows")
        self.assertFalse(client.is_model_ready("mixed-rows"))
        self.assertTrue(client.is_model_ready("list-sum"))
        self.assertEqual(self.states()["mixed-rows"], "UNAVAILABLE")
        client.load_model("mixed-rows")
        self.assertTrue(client.is_model_ready("mixed-rows"))
        self.assertEqual(self.states()["mixed-rows"], "READY")
        with self.assertRaises(InferenceServerException) as raised:
            client.load_model("none")
        self.check_status(raised, "404", "NOT_FOUND")
        with self.assertRaises(InferenceServerException) as raised:
            client.load_model("mixed-rows", config="{}")
        self.check_status(raised, "501", "UNIMPLEMENTED")

    def states(self):
        index = self.plain(self.client.get_model_repository_index())
        index = index if isinstance(index, list) else index["models"]
        return {entry["name"]: entry["state"] for entry in index}


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

    def test_typed_contents(self):
        """Triton's client sends raw bytes alone; other clients fill the typed fields, and are answered in them."""
        pb, stub = grpc.service_pb2, self.client._client_stub
        fields = {f"{sign}INT{bits}": f"{sign.lower()}int_contents" for sign in ("", "U") for bits in (8, 16, 32)}
        inputs = []
        for datatype, (name, values) in VALUES.items():
            tensor = pb.ModelInferRequest.InferInputTensor(name=f"in_{name}", datatype=datatype, shape=[1, 2])
            row = [text.encode() for text in values[0]] if name == "string" else values[0].tolist()
            getattr(tensor.contents, fields.get(datatype, f"{datatype.lower()}_contents")).extend(row)
            inputs.append(tensor)
        answer = stub.ModelInfer(pb.ModelInferRequest(model_name="all-types", inputs=inputs))
        self.assertEqual(len(answer.raw_output_contents), 0)
        outputs = {output.name: output.contents for output in answer.outputs}
        self.assertEqual(outputs, {tensor.name.replace("in_", "out_"): tensor.contents for tensor in inputs})

    def test_deadline(self):
        ids = np.ones((512, 512), np.int64)
        with self.assertRaises(InferenceServerException) as raised:
            self.infer("list-sum", [self.input("ids", "INT64", ids)], client_timeout=0.0001)
        self.check_status(raised, "DEADLINE_EXCEEDED")

    def test_calls_that_answer_later(self):
        answers = queue.SimpleQueue()
        ids = self.input("ids", "INT64", np.array([[1, 2]], np.int64))
        self.client.async_infer("list-sum", [ids], lambda result, error: answers.put((result, error)))
        result, error = answers.get(timeout=20)
        self.assertIsNone(error)
        self.assertEqual(result.as_numpy("sum").tolist(), [3])


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
                self.check_all_types(answer)

    def test_calls_that_answer_later(self):
        ids = self.input("ids", "INT64", np.array([[1, 2]], np.int64))
        calls = [self.client.async_infer("list-sum", [ids]) for _ in range(3)]
        self.assertEqual([call.get_result().as_numpy("sum").tolist() for call in calls], [[3]] * 3)


if __name__ == "__main__":
    unittest.main()
