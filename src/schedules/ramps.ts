import { cosineBetween, lineBetween } from "./curves.ts";

type RampShape = "linear" | "exponential" | "cosine" | "log" | "1-sqrt";

/** The rate at `progress` along a ramp of so many steps. */
export const RAMPS: Readonly<
  Record<RampShape, (from: number, to: number, progress: number, steps: number) => number>
> = {
  linear: lineBetween,
  cosine: cosineBetween,
  exponential: (from, to, progress) => from ** (1 - progress) * to ** progress,
  log: (from, to, progress, steps) => lineBetween(from, to, Math.log1p(progress * steps) / Math.log1p(steps)),
  "1-sqrt": (from, to, progress) => lineBetween(from, to, 1 - Math.sqrt(1 - progress)),
};
