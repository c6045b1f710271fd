import { runtimeSentence } from '../../../workers/runtime/runtimeSentence'

test.each([
  [
    '/onnxruntime_src/onnxruntime/core/graph/model_load_utils.h:46 void onnxruntime::model_load_utils::ValidateOpsetForDomain(const std::unordered_map<std::__cxx11::basic_string<char>, int>&, const onnxruntime::logging::Logger&, bool, const std::string&, int) ONNX Runtime only *guarantees* support for models stamped with official released onnx opset versions. Opset 99 is under development and support for this is limited. The operator schemas and or other functionality may change before next ONNX release and in this case ONNX Runtime will not guarantee backward compatibility. Current official support for domain ai.onnx is till opset 26.\n',
    'must have an opset up to 26, got opset 99; export it again with a lower one',
  ],
  [
    'Opset 9 is under development and support for this is limited. Current official support for domain ai.onnx.ml is till opset 5.',
    'must have an opset of ai.onnx.ml up to 5, got opset 9; export it again with a lower one',
  ],
  [
    '/onnxruntime_src/onnxruntime/core/graph/model.cc:202 onnxruntime::Model::Model(onnx::ModelProto&&, const onnxruntime::PathString&, const onnxruntime::ModelOptions&) Unsupported model IR version: 99, max supported IR version: 13\n',
    'must have an IR version up to 13, got 99',
  ],
  [
    "Could not find an implementation for Imputer(1) node with name 'Imputer'",
    "Could not find an implementation for Imputer(1) node with name 'Imputer': many operators are for float32 alone; export number columns as float32",
  ],
  [
    "Non-zero status code returned while running Gather node. Name:'g' Status Message: /src/core/gather.cc:12 virtual onnxruntime::common::Status onnxruntime::Gather::Compute(std::function<void (int)>) const [with T = int] indices element out of data bounds, idx=9 (of 3)",
    "Non-zero status code returned while running Gather node. Name:'g' Status Message: indices element out of data bounds, idx=9 (of 3)",
  ],
  [
    'graph.cc:4388 InjectExternalInitializers External initializer: w offset: 1024 is out of bounds',
    'External initializer: w offset: 1024 is out of bounds',
  ],
  [
    'Validation failed. Error: it escapes. utils.cc:461 ValidatePath It does not exist: "/x.data"',
    'Validation failed. Error: it escapes. It does not exist: "/x.data"',
  ],
  [
    'Type Error: Type parameter (T) of Optype (Concat) bound to different types (tensor(float) and tensor(double) in node (Concat1).',
    'Type Error: Type parameter (T) of Optype (Concat) bound to different types (tensor(float) and tensor(double) in node (Concat1): many operators are for float32 alone; export number columns as float32',
  ],
  [
    'Exception during initialization: ::<lambda()> Failed to construct locale with name:en_US.UTF-8',
    'Exception during initialization: Failed to construct locale with name:en_US.UTF-8: the machine must have this locale',
  ],
  [
    'Unsupported data type: 16',
    'must have no input or output of type bfloat16, even one that nothing reads; cast it, or leave the output out',
  ],
  [
    'Unsupported data type: 99',
    'must have no input or output of type 99, even one that nothing reads; cast it, or leave the output out',
  ],
  [
    "A float32 tensor's data must be type of function Float32Array() { [native code] }",
    'ONNX Runtime cannot compute in a context of node:vm, as tests of Jest and Vitest have (vmThreads, vmForks); threads compute the same',
  ],
  ['Got: 25 Expected: 26 (both)', 'Got: 25 Expected: 26 (both)'],
])('%#: what the runtime says comes without places in its source', (message, sentence) => {
  expect(runtimeSentence(message)).toBe(sentence)
})
