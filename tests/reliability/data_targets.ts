/** Readers of one's own data, for `targets.ts`: images and arrays. */
import { decodeImage } from "#datasets/images/decode.ts";
import { readNpy } from "#datasets/npz/npy.ts";
import { readNpz } from "#datasets/npz/npz.ts";
import type { DataFiles } from "#datasets/source.ts";
import { readText } from "#datasets/text/read.ts";
import { deflated, ihdr, jpg, png, pngOf } from "../datasets/image_files.ts";
import { GREY, PROGRESSIVE } from "../datasets/jpeg_files.ts";
import { npy, zip, type ZipEntry } from "../datasets/npz_files.ts";
import type { Target } from "./target.ts";

export function dataTargets(): Target[] {
  return [images(), photographs(), arrays(), archives(), texts()];
}

function images(): Target {
  // Eight rows of so many samples a pixel, each with another filter.
  const rows = (samples: number) =>
    deflated(
      Uint8Array.from(
        { length: 8 * (1 + 8 * samples) },
        (_, at) => at % (1 + 8 * samples) === 0 ? at % 5 : 3,
      ),
    );
  const made = (type: number, samples: number, interlace = 0) =>
    pngOf([["IHDR", ihdr(8, 8, 8, type, interlace)], ["IDAT", rows(samples)], ["IEND", new Uint8Array()]]);
  const palette = pngOf([
    ["IHDR", ihdr(8, 8, 2, 3)],
    ["PLTE", Uint8Array.from({ length: 12 }, (_, at) => 20 * at)],
    ["tRNS", Uint8Array.of(0, 128)],
    ["IDAT", deflated(Uint8Array.from({ length: 24 }, (_, at) => at % 3 === 0 ? 0 : 0b00011011))],
    ["IEND", new Uint8Array()],
  ]);
  return {
    name: "PNG images",
    share: 0.02,
    refusals: ["ImageError"],
    seeds: [png(1), png(2, 31, 17), made(0, 1), made(2, 3), made(6, 4), made(2, 3, 1), palette],
    read: (bytes) => decodeImage(bytes, "image.png"),
  };
}

function photographs(): Target {
  return {
    name: "JPEG images",
    share: 0.02,
    refusals: ["ImageError"],
    seeds: [jpg(1), jpg(2, 33, 17), PROGRESSIVE, GREY],
    read: (bytes) => decodeImage(bytes, "image.jpg"),
  };
}

const labels = Uint8Array.of(0, 1, 2, 0, 1, 2);
const GOOD = {
  x_train: npy(Uint8Array.from({ length: 96 }, (_, at) => at), [6, 4, 4]),
  y_train: npy(labels, [6]),
  x_test: npy(Float32Array.from({ length: 96 }, (_, at) => at / 96), [6, 4, 4, 1]),
  y_test: npy(BigInt64Array.from(labels, BigInt), [6, 1]),
};

function arrays(): Target {
  return {
    name: "npy arrays",
    share: 0.02,
    refusals: ["DataError"],
    seeds: Object.values(GOOD),
    read: (bytes) => readNpy(bytes, "x_train.npy"),
  };
}

function archives(): Target {
  const entries = (stored: boolean): ZipEntry[] =>
    Object.entries(GOOD).map(([name, bytes]) => ({ name: `${name}.npy`, bytes, stored }));
  return {
    name: "npz archives",
    share: 0.02,
    refusals: ["DataError"],
    seeds: [zip(entries(true)), zip(entries(false))],
    read: (bytes) => {
      const files: DataFiles = {
        read: () => Promise.resolve(bytes),
        stat: () => Promise.resolve({ size: bytes.length, isFile: true, isDirectory: false }),
        list: () => Promise.resolve([]),
      };
      return readNpz("data.npz", files);
    },
  };
}

/** A text of one's own: one file, or a folder of three with a folder in it, cut where the first line breaks lie. */
function texts(): Target {
  const utf8 = new TextEncoder();
  const line = "Kira holds moon [Kira (oak)] sea, é and 😀.\n";
  return {
    name: "texts",
    share: 0.015,
    refusals: ["DataError"],
    seeds: [
      utf8.encode(line.repeat(20)),
      utf8.encode(`\ufeff${line.repeat(8)}`),
      utf8.encode(Array.from({ length: 600 }, (_, at) => String.fromCodePoint(0x4e00 + at)).join("")),
    ],
    read: (bytes) => {
      const isFolder = bytes.length % 2 === 0;
      const [first, second] = [bytes.indexOf(0x0a), bytes.lastIndexOf(0x0a)].map((at) => at + 1) as [
        number,
        number,
      ];
      const parts: Readonly<Record<string, Uint8Array>> = isFolder
        ? {
          "text/a.txt": bytes.subarray(0, first),
          "text/b.txt": bytes.subarray(first, second),
          "text/c/d.md": bytes.subarray(second),
        }
        : { "text": bytes };
      const folders: Readonly<Record<string, readonly string[]>> = isFolder
        ? { "text": ["a.txt", "b.txt", "c"], "text/c": ["d.md"] }
        : {};
      const files: DataFiles = {
        read: (path) => Promise.resolve(parts[path]!),
        stat: (path) =>
          Promise.resolve({
            size: parts[path]?.length ?? 0,
            isFile: path in parts,
            isDirectory: path in folders,
          }),
        list: (path) => Promise.resolve(folders[path] ?? []),
      };
      const sizes = { train: null, validation: null, test: null };
      return readText({ path: "text", context: 16, ...sizes }, files);
    },
  };
}
