import { encode as encodePng, type ImageData } from "fast-png";
import jpeg from "jpeg-js";
import { crc32, deflateSync } from "node:zlib";

/** A picture that is another for every seed: a gradient with a square. */
export function picture(seed: number, width = 8, height = 8): Uint8Array {
  return Uint8Array.from({ length: width * height * 3 }, (_, at) => {
    const [pixel, channel] = [Math.floor(at / 3), at % 3];
    return (seed * 37 + (pixel % width) * 11 * (channel + 1) + Math.floor(pixel / width) * 7) % 256;
  });
}

export const png = (seed: number, width = 8, height = 8, more: Partial<ImageData> = {}): Uint8Array =>
  encodePng({ width, height, channels: 3, data: picture(seed, width, height), ...more });

export function jpg(seed: number, width = 8, height = 8): Uint8Array {
  const rgb = picture(seed, width, height);
  const rgba = Uint8Array.from(
    { length: width * height * 4 },
    (_, at) => at % 4 === 3 ? 255 : rgb[3 * Math.floor(at / 4) + at % 4]!,
  );
  return new Uint8Array(jpeg.encode({ width, height, data: rgba }, 95).data);
}

/** A PNG of these chunks, each with a right CRC. */
export function pngOf(chunks: readonly (readonly [name: string, data: Uint8Array])[]): Uint8Array {
  const parts = [Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)];
  for (const [name, data] of chunks) {
    const body = new Uint8Array(4 + data.length);
    body.set(new TextEncoder().encode(name));
    body.set(data, 4);
    const frame = new DataView(new ArrayBuffer(8));
    frame.setUint32(0, data.length);
    frame.setUint32(4, crc32(body));
    parts.push(new Uint8Array(frame.buffer, 0, 4), body, new Uint8Array(frame.buffer, 4, 4));
  }
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** The data of an IHDR chunk. */
export function ihdr(width: number, height: number, depth = 8, type = 2, interlace = 0): Uint8Array {
  const view = new DataView(new ArrayBuffer(13));
  view.setUint32(0, width);
  view.setUint32(4, height);
  [depth, type, 0, 0, interlace].forEach((value, at) => view.setUint8(8 + at, value));
  return new Uint8Array(view.buffer);
}

export const deflated = (bytes: Uint8Array): Uint8Array => new Uint8Array(deflateSync(bytes));

/** Writes files below a folder that is removed behind the test. */
export async function inFolder(
  files: Readonly<Record<string, Uint8Array>>,
  body: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, bytes] of Object.entries(files)) {
      await Deno.mkdir(`${folder}/${name}`.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeFile(`${folder}/${name}`, bytes);
    }
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Two classes of `count` images each, PNG and JPEG in turn. */
export function twoClasses(count: number, prefix = ""): Record<string, Uint8Array> {
  return Object.fromEntries(
    ["cat", "dog"].flatMap((name, label) =>
      Array.from({ length: count }, (_, index) => {
        const seed = 100 * label + index + 1;
        return index % 2 === 0
          ? [`${prefix}${name}/${index}.png`, png(seed)] as const
          : [`${prefix}${name}/${index}.jpg`, jpg(seed)] as const;
      })
    ),
  );
}
