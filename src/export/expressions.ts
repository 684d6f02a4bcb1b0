import { py } from "./framework.ts";
import type { Style } from "./style.ts";

/** `offset + slope * progress`, with the sign of the slope where it belongs. */
export function linearIn(offset: number, slope: number, progress: string): string {
  if (offset === 0) return `${py(slope)} * ${progress}`;
  return slope < 0
    ? `${py(offset)} - ${py(-slope)} * ${progress}`
    : `${py(offset)} + ${py(slope)} * ${progress}`;
}

/** Half a cosine from `start` (progress 0) to `end` (progress 1). */
export function halfCosine(start: number, end: number, progress: string, { call }: Style): string {
  return linearIn(end, start - end, `(1 + ${call("cos", `math.pi * ${progress}`)}) / 2`);
}
