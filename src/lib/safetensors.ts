import { isObject, parseUnique } from "./json.ts";

/** Values of a tensor; the kind of array is its dtype. */
export type TensorData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

export interface SafeTensor {
  /** `[]` for a single value. */
  readonly shape: readonly number[];
  /** In C order. */
  readonly data: TensorData;
}

/** A file that is not what the format allows; the message says where. */
export class SafetensorsError extends Error {
  override readonly name = "SafetensorsError";
}

/** The dtypes that the lab knows; the format's others (BOOL, F16, BF16, I64 …) are refused by name. */
const ARRAYS = new Map<unknown, new (buffer: ArrayBufferLike) => TensorData>(Object.entries({
  F32: Float32Array,
  F64: Float64Array,
  I8: Int8Array,
  U8: Uint8Array,
  I16: Int16Array,
  U16: Uint16Array,
  I32: Int32Array,
  U32: Uint32Array,
}));

/** Most bytes of a header, as in the reference implementation. */
const MAX_HEADER = 100_000_000;
const METADATA = "__metadata__";

/**
 * Tensors and texts as one safetensors file (https://huggingface.co/docs/safetensors): 8 bytes with the length of the
 * header (little endian), the header as JSON padded with spaces to a multiple of 8 bytes, then the values of each
 * tensor without a gap. Wide values come first, so that all lie aligned; tensors of one width keep their order. The
 * same tensors and metadata give the same bytes.
 *
 * @throws {SafetensorsError} for a name that the format cannot hold, or a shape that does not fit its values.
 */
export function writeSafetensors(
  tensors: Readonly<Record<string, SafeTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const sorted = Object.entries(tensors).sort(([, a], [, b]) =>
    b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT
  );
  for (const name of [...Object.keys(tensors), ...Object.keys(metadata)]) checkName(name);
  for (const text of Object.values(metadata)) checkText(text);
  const entries: [string, unknown][] = Object.keys(metadata).length > 0 ? [[METADATA, metadata]] : [];
  let end = 0;
  for (const [name, { shape, data }] of sorted) {
    if (elements(name, shape) !== data.length) {
      fail(`tensor ${quote(name)} of shape [${shape}] has ${data.length} values`);
    }
    const start = end;
    end += data.byteLength;
    entries.push([name, { dtype: dtypeOf(data), shape, data_offsets: [start, end] }]);
  }
  // Only ASCII is written, so that a character is a byte.
  const json = JSON.stringify(Object.fromEntries(entries)).replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  const header = json.padEnd(Math.ceil(json.length / 8) * 8);
  if (header.length > MAX_HEADER) fail(`a header of ${header.length} bytes is longer than ${MAX_HEADER}`);
  const file = new Uint8Array(8 + header.length + end);
  new DataView(file.buffer).setUint32(0, header.length, true);
  for (let i = 0; i < header.length; i++) file[8 + i] = header.charCodeAt(i);
  let at = 8 + header.length;
  for (const [, { data }] of sorted) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}

/**
 * The tensors and texts of a safetensors file, each tensor in memory of its own. The file is not trusted: the tensors
 * must fill it exactly, without overlap, and no key may come twice.
 *
 * @throws {SafetensorsError} for anything else, and for dtypes that the lab does not know.
 */
export function readSafetensors(
  bytes: Uint8Array,
): { tensors: Record<string, SafeTensor>; metadata: Record<string, string> } {
  const { header, start } = readHeader(bytes);
  const { [METADATA]: metadata = {}, ...entries } = header;
  if (!isObject(metadata)) fail(`${METADATA} is not an object`);
  for (const [key, text] of Object.entries(metadata)) {
    checkName(key);
    if (typeof text !== "string") fail(`${METADATA} ${quote(key)} is not a text`);
  }
  const located = Object.entries(entries).map(([name, entry]) => locate(name, entry));
  located.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let end = 0;
  for (const tensor of located) {
    if (tensor.begin !== end) {
      const what = tensor.begin < end ? "overlaps another" : "leaves a gap before it";
      fail(`tensor ${quote(tensor.name)} at byte ${tensor.begin} ${what}: expected ${end}`);
    }
    end = tensor.end;
  }
  if (start + end !== bytes.length) {
    fail(`the header speaks of ${start + end} bytes, the file has ${bytes.length}`);
  }
  const tensors = located.map(({ name, shape, make, begin, end }) =>
    [name, { shape, data: make(bytes.slice(start + begin, start + end).buffer) }] as const
  );
  return { tensors: Object.fromEntries(tensors), metadata: metadata as Record<string, string> };
}

function readHeader(bytes: Uint8Array): { header: Record<string, unknown>; start: number } {
  if (bytes.length < 8) fail(`${bytes.length} bytes are too few for a header's length`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  if (length > MAX_HEADER) fail(`a header of ${length} bytes is longer than ${MAX_HEADER}`);
  const start = 8 + length;
  if (start > bytes.length) fail(`a header of ${length} bytes is longer than the file`);
  if (bytes[8] !== 0x7b) fail("the header does not begin with {");
  let header: unknown;
  try {
    header = parseUnique(decoded(bytes.subarray(8, start)));
  } catch (error) {
    fail(`the header cannot be read: ${(error as Error).message}`);
  }
  if (!isObject(header)) fail("the header is not an object");
  return { header, start };
}

/** @throws {SyntaxError} for bytes that are not UTF-8. */
function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new SyntaxError("the bytes are not UTF-8");
  }
}

interface Located {
  readonly name: string;
  readonly shape: readonly number[];
  readonly make: (buffer: ArrayBuffer) => TensorData;
  readonly begin: number;
  readonly end: number;
}

function locate(name: string, entry: unknown): Located {
  checkName(name);
  const where = `tensor ${quote(name)}`;
  if (!isObject(entry)) fail(`${where} is not an object`);
  const { dtype, shape, data_offsets: offsets, ...rest } = entry;
  const unknown = Object.keys(rest)[0];
  if (unknown !== undefined) fail(`${where} has the unknown key ${quote(unknown)}`);
  const Data = ARRAYS.get(dtype);
  if (!Data) fail(`${where} has dtype ${quote(dtype)}; the lab knows ${[...ARRAYS.keys()].join(", ")}`);
  if (!isCounts(shape)) fail(`${where} has shape ${quote(shape)}, which is no list of whole numbers ≥ 0`);
  if (!isCounts(offsets) || offsets.length !== 2) {
    fail(`${where} has data_offsets ${quote(offsets)}, which are not two whole numbers ≥ 0`);
  }
  const [begin, end] = offsets as [number, number];
  const size = elements(name, shape) * Data.prototype.BYTES_PER_ELEMENT;
  if (end - begin !== size) {
    fail(`${where} of ${dtype} [${shape}] takes ${size} bytes, its data_offsets give ${end - begin}`);
  }
  return { name, shape, make: (buffer) => new Data(buffer), begin, end };
}

/** Number of values of a shape. */
function elements(name: string, shape: readonly number[]): number {
  if (!isCounts(shape)) fail(`tensor ${quote(name)} has shape [${shape}], which are not whole numbers ≥ 0`);
  // The product of the others bounds each partial product, also where one size is 0.
  const product = shape.reduce((total, size) => total * Math.max(size, 1), 1);
  if (product > Number.MAX_SAFE_INTEGER / 8) fail(`tensor ${quote(name)} of shape [${shape}] is too large`);
  return shape.includes(0) ? 0 : product;
}

function dtypeOf(data: TensorData): string {
  for (const [dtype, Data] of ARRAYS) if (data instanceof Data) return dtype as string;
  return fail(`there is no dtype for ${(data as object).constructor.name}`);
}

function checkName(name: string): void {
  if (name === "__proto__" || name === METADATA) fail(`${quote(name)} cannot be a name`);
  checkText(name);
}

function checkText(text: string): void {
  if (!text.isWellFormed()) fail(`the text ${quote(text)} holds half a character`);
}

function isCounts(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? "undefined";
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function fail(message: string): never {
  throw new SafetensorsError(`Safetensors: ${message}`);
}
