import { DataError } from "../source.ts";

/** A numpy array of plain numbers in C order, little-endian. */
export interface NpyArray {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Row-major; whole numbers of 64 bits as doubles, which are exact as far as pixels and labels go. */
  readonly values: Uint8Array | Float32Array | Float64Array;
}

const widen = (values: BigInt64Array | BigUint64Array) => Float64Array.from(values, Number);

/** By numpy's name, bytes a number and how they are read. */
const DTYPES = {
  "|u1": { bytes: 1, read: (buffer: ArrayBuffer) => new Uint8Array(buffer) },
  "|i1": { bytes: 1, read: (buffer: ArrayBuffer) => Float64Array.from(new Int8Array(buffer)) },
  "<u2": { bytes: 2, read: (buffer: ArrayBuffer) => Float64Array.from(new Uint16Array(buffer)) },
  "<i2": { bytes: 2, read: (buffer: ArrayBuffer) => Float64Array.from(new Int16Array(buffer)) },
  "<u4": { bytes: 4, read: (buffer: ArrayBuffer) => Float64Array.from(new Uint32Array(buffer)) },
  "<i4": { bytes: 4, read: (buffer: ArrayBuffer) => Float64Array.from(new Int32Array(buffer)) },
  "<u8": { bytes: 8, read: (buffer: ArrayBuffer) => widen(new BigUint64Array(buffer)) },
  "<i8": { bytes: 8, read: (buffer: ArrayBuffer) => widen(new BigInt64Array(buffer)) },
  "<f4": { bytes: 4, read: (buffer: ArrayBuffer) => new Float32Array(buffer) },
  "<f8": { bytes: 8, read: (buffer: ArrayBuffer) => new Float64Array(buffer) },
} as const;
export type Dtype = keyof typeof DTYPES;

const MAGIC = "\x93NUMPY";
/** numpy writes its keys in this order, as Python prints a dict. */
const HEADER =
  /^\{\s*'descr':\s*'([^']{1,20})'\s*,\s*'fortran_order':\s*(True|False)\s*,\s*'shape':\s*\(([\d\s,]*)\)\s*,?\s*\}\s*$/;
const MOST_HEADER = 10_000;
const MOST_DIMENSIONS = 8;

/**
 * Reads a `.npy` file (format 1 to 3). Python objects, which could run code elsewhere, are never read.
 *
 * @param where its name in messages.
 * @throws {DataError} for another format, another type or order of numbers, or a length that is not what its header says.
 */
export function readNpy(bytes: Uint8Array, where: string): NpyArray {
  const refuse = (problem: string) => new DataError(`Cannot use ${where}: ${problem}`);
  const [major] = [bytes[6] ?? 0];
  const wide = major >= 2;
  const start = wide ? 12 : 10;
  if (
    String.fromCharCode(...bytes.subarray(0, 6)) !== MAGIC || bytes.length < start || major < 1 || major > 3
  ) {
    throw refuse("it is no .npy array");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = wide ? view.getUint32(8, true) : view.getUint16(8, true);
  if (length > MOST_HEADER || start + length > bytes.length) {
    throw refuse("its header is cut off or too long");
  }
  const header = String.fromCharCode(...bytes.subarray(start, start + length));
  const [, descr, fortran, sizes] = HEADER.exec(header) ?? [];
  if (descr === undefined) {
    throw refuse(`its header is ${JSON.stringify(header.trim().slice(0, 200))}, no plain array's`);
  }
  if (fortran === "True") throw refuse("it is in Fortran order; save np.ascontiguousarray of it");
  const dtype = Object.keys(DTYPES).find((name): name is Dtype => name === descr);
  if (dtype === undefined) throw refuse(`its numbers are ${describe(descr)}; ${ALLOWED}`);
  const shape = sizes!.split(",").map((size) => size.trim()).filter((size) => size !== "").map(Number);
  if (shape.length > MOST_DIMENSIONS) throw refuse(`it has ${shape.length} dimensions`);
  const count = shape.reduce((product, size) => product * size, 1);
  const body = bytes.subarray(start + length);
  if (body.length !== count * DTYPES[dtype].bytes) {
    const expected = `${shape.join(" × ")} numbers of ${DTYPES[dtype].bytes} bytes`;
    throw refuse(`its header says ${expected}, and ${body.length} bytes follow`);
  }
  // A copy of its own begins where every type may.
  return { dtype, shape, values: DTYPES[dtype].read(new Uint8Array(body).buffer) };
}

const ALLOWED = "allowed are uint8, and int8 to int64, uint16 to uint64, float32 and float64, little-endian";

const describe = (descr: string) =>
  descr.includes("O") ? "Python objects, which are never loaded" : JSON.stringify(descr);
