/** Numbers of the fields that the lab reads or writes, as the definitions of the messages have them. */

/** `Event` of tensorflow/core/util/event.proto. */
export const EVENT = {
  wall_time: 1,
  step: 2,
  file_version: 3,
  summary: 5,
  session_log: 7,
  source_metadata: 10,
} as const;
/** `SessionLog` and `SourceMetadata` there. */
export const SESSION_LOG = { status: 1 } as const;
export const SOURCE_METADATA = { writer: 1 } as const;

/** `Summary`, `Summary.Value`, `SummaryMetadata` and its `PluginData` of tensorflow/core/framework/summary.proto. */
export const SUMMARY = { value: 1 } as const;
export const VALUE = { tag: 1, simple_value: 2, tensor: 8, metadata: 9 } as const;
export const METADATA = { plugin_data: 1 } as const;
export const PLUGIN_DATA = { plugin_name: 1, content: 2 } as const;

/** `TensorProto` of tensorflow/core/framework/tensor.proto, `TensorShapeProto` and its `Dim` of tensor_shape.proto. */
export const TENSOR = {
  dtype: 1,
  shape: 2,
  content: 4,
  float_val: 5,
  double_val: 6,
  int_val: 7,
  string_val: 8,
  int64_val: 10,
} as const;
export const TENSOR_SHAPE = { dim: 2 } as const;
export const DIM = { size: 1 } as const;

/** `DataType` of tensorflow/core/framework/types.proto. */
export const DATA_TYPE = { float: 1, double: 2, int32: 3, string: 7, int64: 9 } as const;
/** `SessionLog.START`. */
export const SESSION_START = 1;

/** `HParamsPluginData` of tensorboard/plugins/hparams/plugin_data.proto, and the two of its messages that runs have. */
export const HPARAMS = { session_start_info: 3, session_end_info: 4 } as const;
export const SESSION_START_INFO = { hparams: 1, group_name: 4, start_time_secs: 5 } as const;
export const SESSION_END_INFO = { status: 1, end_time_secs: 2 } as const;
/** `STATUS_SUCCESS` and `STATUS_FAILURE` of the plugin's api.proto. */
export const SESSION_STATUS = { success: 1, failure: 2 } as const;

/** An entry of a map, and `google.protobuf.Value`. */
export const MAP_ENTRY = { key: 1, value: 2 } as const;
export const JSON_VALUE = { number_value: 2, string_value: 3, bool_value: 4 } as const;
