import { DATA_TYPE, TENSOR } from "./fields.ts";
import { BYTES, FIXED32, VARINT, type Wire } from "./wire.ts";

const { float: FLOAT, double: DOUBLE, int32: INT32, int64: INT64 } = DATA_TYPE;
const NUMERIC: readonly number[] = [FLOAT, DOUBLE, INT32, INT64];
/** `float_val`, `double_val`, `int_val`, `int64_val`: packed or one by one. */
const NUMBERS: readonly number[] = [TENSOR.float_val, TENSOR.double_val, TENSOR.int_val, TENSOR.int64_val];

/** The number of a `TensorProto` with a single one; `null` for other types, and for none or several. */
export function scalarOfTensor(wire: Wire, end: number): number | null {
  let type = 0;
  const found: number[] = [];
  let [content, contentEnd] = [-1, -1];
  while (wire.next(end)) {
    if (wire.field === TENSOR.dtype && wire.type === VARINT) type = wire.varint(end);
    else if (wire.field === TENSOR.content && wire.type === BYTES) {
      contentEnd = wire.span(end);
      [content, wire.position] = [wire.position, contentEnd];
    } else if (NUMBERS.includes(wire.field)) numbers(wire, end, wire.field, found);
    else wire.skip(end);
    if (found.length > 1) return null;
  }
  if (found.length === 1) return NUMERIC.includes(type) ? found[0]! : null;
  return content < 0 ? null : contentOf(wire, content, contentEnd, type);
}

/** Values of a repeated field until there are two, by which it is known to be no scalar. */
function numbers(wire: Wire, end: number, field: number, found: number[]): void {
  const one = (limit: number) =>
    field === TENSOR.float_val
      ? wire.float(limit)
      : field === TENSOR.double_val
      ? wire.double(limit)
      : wire.varint(limit);
  if (wire.type !== BYTES) {
    if (field === TENSOR.float_val && wire.type !== FIXED32) wire.skip(end);
    else found.push(one(end));
    return;
  }
  const to = wire.span(end);
  while (wire.position < to && found.length < 2) found.push(one(to));
  wire.position = to;
}

/** The raw bytes of one number, little-endian. */
function contentOf(wire: Wire, from: number, to: number, type: number): number | null {
  const view = new DataView(wire.bytes.buffer, wire.bytes.byteOffset + from, to - from);
  const length = to - from;
  if (type === FLOAT && length === 4) return view.getFloat32(0, true);
  if (type === DOUBLE && length === 8) return view.getFloat64(0, true);
  if (type === INT32 && length === 4) return view.getInt32(0, true);
  if (type === INT64 && length === 8) return Number(view.getBigInt64(0, true));
  return null;
}
