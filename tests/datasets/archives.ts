import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
// @ts-types="npm:@types/tar-stream@3.1.4"
import { type Headers as TarHeader, pack } from "tar-stream";
import { CIFAR10, CIFAR10_CLASSES, CIFAR10_FOLDER } from "#datasets/cifar10.ts";
import { recordBytes } from "#datasets/cifar_records.ts";

const RECORD_BYTES = recordBytes(CIFAR10);

/** An entry of a made-up archive; a size without a body writes that many zeros. */
export interface TarEntry extends Partial<TarHeader> {
  readonly name: string;
  readonly body?: Uint8Array;
}

/** A gzip-compressed tar of exactly these entries. */
export async function archive(entries: readonly TarEntry[]): Promise<Uint8Array> {
  const tar = pack();
  for (const { body, ...header } of entries) tar.entry(header, Buffer.from(body ?? new Uint8Array()));
  tar.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of tar) chunks.push(chunk);
  return new Uint8Array(gzipSync(Buffer.concat(chunks)));
}

/** Records of these labels, each of one colour that tells its place. */
export function batch(labels: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(labels.length * RECORD_BYTES);
  labels.forEach((label, record) => {
    bytes.fill(record + 1, record * RECORD_BYTES, (record + 1) * RECORD_BYTES);
    bytes[record * RECORD_BYTES] = label;
  });
  return bytes;
}

/** The entries of a small archive with nothing wrong. */
export function goodEntries(): TarEntry[] {
  return [
    { name: `${CIFAR10_FOLDER}/`, type: "directory" },
    entry("batches.meta.txt", new TextEncoder().encode(`${CIFAR10_CLASSES.join("\n")}\n\n`)),
    entry("data_batch_1.bin", batch([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])),
    entry("test_batch.bin", batch([9, 8, 7])),
  ];
}

export function entry(name: string, body: Uint8Array): TarEntry {
  return { name: `${CIFAR10_FOLDER}/${name}`, body };
}
