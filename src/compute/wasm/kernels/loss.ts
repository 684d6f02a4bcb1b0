/** The losses of `train/loss.ts` with their gradients, and the exponential and logarithm that it needs, without tables. */

const LN2: f64 = 0.6931471805599453;

/** eˣ for x ≤ 0 to 2 units in the last place: x = k ln 2 + r with |r| ≤ ln 2 / 2, eʳ by its series. */
function exponential(x: f64): f64 {
  if (!(x >= -700)) return x != x ? x : 0;
  const k = nearest<f64>(x / LN2);
  // ln 2 in two parts, so that r keeps its low bits.
  const r = x - k * 0.693147180369123816490 - k * 1.90821492927058770002e-10;
  let term: f64 = 1, sum: f64 = 1;
  for (let n = 1; n <= 14; n++) {
    term *= r / <f64> n;
    sum += term;
  }
  return sum * reinterpret<f64>((<i64> k + 1023) << 52);
}

/** ln x for normal x > 0: x = m · 2ᵏ with m in [√½, √2), ln m = 2 artanh((m − 1) / (m + 1)) by its series. */
function logarithm(x: f64): f64 {
  if (!(x < Infinity)) return x;
  const bits = reinterpret<u64>(x);
  let k = <i32> (bits >> 52) - 1023;
  let m = reinterpret<f64>((bits & 0x000fffffffffffff) | 0x3ff0000000000000);
  if (m > 1.4142135623730951) {
    m *= 0.5;
    k++;
  }
  const s = (m - 1) / (m + 1), square = s * s;
  let power = s, sum: f64 = 0;
  for (let n = 1; n <= 23; n += 2) {
    sum += power / <f64> n;
    power *= square;
  }
  return 2 * sum + <f64> k * LN2;
}

/**
 * Returns the sum (not the mean) of the loss, in nats, of `batch` rows of [classes] logits, in float64: cross-entropy
 * with labels smoothed by `smoothing`, or, where `gamma` is above 0, focal loss (`smoothing` is then 0).
 * `gradient` (0 for none) is its gradient · scale. `correct` (0 for none), an i32, += rows whose first largest logit is
 * the label. A logit of NaN makes the sum NaN. `labels` are i32; the caller keeps them in range.
 */
export function softmaxLoss(
  logits: usize,
  labels: usize,
  gradient: usize,
  correct: usize,
  batch: i32,
  classes: i32,
  scale: f64,
  smoothing: f64,
  gamma: f64,
): f64 {
  let loss: f64 = 0;
  const spread = smoothing / <f64> classes;
  for (let item = 0; item < batch; item++) {
    const row = logits + (<usize> (item * classes) << 2);
    const label = load<i32>(labels + (<usize> item << 2));
    let first = 0;
    let largest = load<f32>(row);
    for (let c = 1; c < classes; c++) {
      const value = load<f32>(row + (<usize> c << 2));
      if (value > largest) {
        largest = value;
        first = c;
      }
    }
    let total: f64 = 0, others: f64 = 0, sum: f64 = 0;
    for (let c = 0; c < classes; c++) {
      const value = <f64> load<f32>(row + (<usize> c << 2));
      const power = exponential(value - <f64> largest);
      total += power;
      if (c != label) others += power;
      sum += value;
    }
    let meant = <f64> load<f32>(row + (<usize> label << 2));
    if (smoothing > 0) meant = (1 - smoothing) * meant + spread * sum;
    let value = logarithm(total) + <f64> largest - meant;
    let slope: f64 = 1;
    if (gamma > 0) {
      // 1 - p as a sum of its own keeps its digits where p is nearly 1; where p is 1 all is 0.
      const rest = others / total;
      const weight = rest == 0 ? 0 : exponential(gamma * logarithm(rest));
      slope = rest == 0 ? 0 : weight * (1 + gamma * (1 - rest) * value / rest);
      value *= weight;
    }
    loss += value;
    if (correct && first == label) store<i32>(correct, load<i32>(correct) + 1);
    if (!gradient) continue;
    const to = gradient + (<usize> (item * classes) << 2);
    for (let c = 0; c < classes; c++) {
      const share = exponential(<f64> load<f32>(row + (<usize> c << 2)) - <f64> largest) / total;
      const target = (c == label ? 1 - smoothing : 0) + spread;
      store<f32>(to + (<usize> c << 2), <f32> ((share - target) * slope * scale));
    }
  }
  return loss;
}
