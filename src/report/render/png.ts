import { encode } from "fast-png";
import { channels } from "../charts/palette.ts";
import type { Picture } from "../model.ts";

/** A picture as the address of a PNG that holds it; numbers of colours become a palette. */
export function pngAddress({ width, height, pixels, colors }: Picture): string {
  const bytes = encode({
    width,
    height,
    data: pixels,
    depth: 8,
    ...(typeof colors === "number" ? { channels: colors } : { channels: 1, palette: colors.map(channels) }),
  });
  return `data:image/png;base64,${bytes.toBase64()}`;
}
