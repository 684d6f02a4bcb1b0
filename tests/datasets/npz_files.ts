import { crc32, deflateRawSync } from "node:zlib";

type Values = Uint8Array | Float32Array | Float64Array | BigInt64Array | Int32Array;

const DESCR = {
  Uint8Array: "|u1",
  Float32Array: "<f4",
  Float64Array: "<f8",
  BigInt64Array: "<i8",
  Int32Array: "<i4",
};

/** A `.npy` file as numpy writes it. */
export function npy(
  values: Values,
  shape: readonly number[],
  more: { descr?: string; fortran?: boolean } = {},
): Uint8Array {
  const descr = more.descr ?? DESCR[values.constructor.name as keyof typeof DESCR];
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const dict = `{'descr': '${descr}', 'fortran_order': ${
    more.fortran ? "True" : "False"
  }, 'shape': (${sizes}), }`;
  const header = dict.padEnd(Math.ceil((dict.length + 11) / 64) * 64 - 11) + "\n";
  const head = [0x93, ...new TextEncoder().encode("NUMPY"), 1, 0, header.length & 255, header.length >> 8];
  return Uint8Array.from([
    ...head,
    ...new TextEncoder().encode(header),
    ...new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  ]);
}

export interface ZipEntry {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly stored?: boolean;
  /** In place of the true ones. */
  readonly crc?: number;
  readonly size?: number;
}

/** A zip archive with a local header, the data and a directory entry each. */
export function zip(entries: readonly ZipEntry[]): Uint8Array {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const { name, bytes, stored = false, crc = crc32(bytes), size = bytes.length } of entries) {
    const data = stored ? bytes : new Uint8Array(deflateRawSync(bytes));
    const text = new TextEncoder().encode(name);
    const fields = [20, 0, stored ? 0 : 8, 0, 0].flatMap((value) => le(value, 2));
    const sizes = [...le(crc, 4), ...le(data.length, 4), ...le(size, 4), ...le(text.length, 2), 0, 0];
    const local = Uint8Array.from([...le(0x04034b50, 4), ...fields, ...sizes, ...text]);
    directory.push(
      Uint8Array.from([
        ...le(0x02014b50, 4),
        20,
        0,
        ...fields,
        ...sizes,
        ...Array(10).fill(0),
        ...le(at, 4),
        ...text,
      ]),
    );
    parts.push(local, data);
    at += local.length + data.length;
  }
  const bytes = directory.reduce((sum, each) => sum + each.length, 0);
  const count = le(entries.length, 2);
  const end = Uint8Array.from([
    ...le(0x06054b50, 4),
    0,
    0,
    0,
    0,
    ...count,
    ...count,
    ...le(bytes, 4),
    ...le(at, 4),
    0,
    0,
  ]);
  const whole = [...parts, ...directory, end];
  const into = new Uint8Array(whole.reduce((sum, part) => sum + part.length, 0));
  whole.reduce((place, part) => (into.set(part, place), place + part.length), 0);
  return into;
}

const le = (value: number, bytes: number) =>
  Array.from({ length: bytes }, (_, at) => (value >>> (8 * at)) & 255);
