/**
 * The class of each pixel: that of its first largest logit.
 *
 * @param logits `[pixels, classes]`
 * @param into `[pixels]`
 */
export function predictedClasses(
  logits: Float32Array | Float64Array,
  classes: number,
  into: Uint8Array,
): Uint8Array {
  for (let pixel = 0; pixel < into.length; pixel++) {
    let best = 0;
    for (let label = 1; label < classes; label++) {
      if (logits[pixel * classes + label]! > logits[pixel * classes + best]!) best = label;
    }
    into[pixel] = best;
  }
  return into;
}
