/** @throws {RangeError} for what is no confidence of an interval: a share above 0 and below 1. */
export function checkConfidence(confidence: number): void {
  if (confidence > 0 && confidence < 1) return;
  throw new RangeError(`Cannot use a confidence of ${confidence}: it must lie between 0 and 1`);
}
