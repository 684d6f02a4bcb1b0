/** A curve from `start` (progress 0) to `end` (progress 1). */
export type Between = (start: number, end: number, progress: number) => number;

/** Half a cosine from `start` (progress 0) to `end` (progress 1); both ends are exact. */
export const cosineBetween: Between = (start, end, progress) => {
  if (progress === 0) return start; // end + (start − end) may be off by a bit
  return end + (start - end) * (1 + Math.cos(Math.PI * progress)) / 2;
};

/** A straight line from `start` (progress 0) to `end` (progress 1). */
export const lineBetween: Between = (start, end, progress) => start + (end - start) * progress;
