/** The losses of `train/loss.ts` with their gradients, and the exponential and logarithm that it needs, without tables. */

const LN2: f64 = 0.6931471805599453;

/** eˣ of two x ≤ 0 to 2 units in the last place: x = k ln 2 + r with |r| ≤ ln 2 / 2, eʳ by its series. 0 below −700. */
function exponentials(x: v128): v128 {
  const k = f64x2.nearest(f64x2.div(x, f64x2.splat(LN2)));
  // ln 2 in two parts, so that r keeps its low bits.
  const high = f64x2.sub(x, f64x2.mul(k, f64x2.splat(0.693147180369123816490)));
  const r = f64x2.sub(high, f64x2.mul(k, f64x2.splat(1.90821492927058770002e-10)));
  // Σ rⁿ / n! up to n = 14, without a division.
  let sum = f64x2.splat(1.1470745597729725e-11);
  sum = f64x2.add(f64x2.mul(sum, r), f64x2.splat(1.6059043836821613e-10));
  sum = f64x2.add(f64x2.mul(sum, r), f64x2.splat(2.08767569878681e-09));
  sum = f64x2.add(f64x2.mul(sum, r), f64x2.splat(2.505210838544172e-08));
  sum = f64x2.add(f64x2.mul(sum, r), f64x2.splat(2.755731922398589e-07));
  sum = f64x2.add(f64x2.mul(sum, r), f64x2.splat(2.7557319223985893e-06));
  sum = f64x2.add(f64x2.mul(sum, r), f64x2.splat(2.48015873015873e-05));
  sum = f64x2.add(f64x2.mul(sum, r), f64x2.splat(0.0001984126984126984));
  sum = f64x2.add(f64x2.mul(sum, r), f64x2.splat(0.001388888888888889));
  sum = f64x2.add(f64x2.mul(sum, r), f64x2.splat(0.008333333333333333));
  sum = f64x2.add(f64x2.mul(sum, r), f64x2.splat(0.041666666666666664));
  sum = f64x2.add(f64x2.mul(sum, r), f64x2.splat(0.16666666666666666));
  sum = f64x2.add(f64x2.mul(sum, r), f64x2.splat(0.5));
  sum = f64x2.add(f64x2.mul(sum, r), f64x2.splat(1));
  sum = f64x2.add(f64x2.mul(sum, r), f64x2.splat(1));
  // k + 1023 in the lowest bits of 2⁵² + k + 1023, shifted to where the exponent is.
  const power = i64x2.shl(f64x2.add(k, f64x2.splat(4503599627370496 + 1023)), 52);
  const value = v128.and(f64x2.mul(sum, power), f64x2.ge(x, f64x2.splat(-700)));
  return v128.bitselect(x, value, f64x2.ne(x, x));
}

function exponential(x: f64): f64 {
  return f64x2.extract_lane(exponentials(f64x2.splat(x)), 0);
}

// @ts-ignore: decorator
@inline
function pair(first: f64, second: f64): v128 {
  return f64x2.replace_lane(f64x2.splat(first), 1, second);
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
    for (let c = 0; c < classes; c += 2) {
      const value = <f64> load<f32>(row + (<usize> c << 2));
      // A row of an odd number ends with a pair of the same number twice.
      const paired = c + 1 < classes;
      const next = paired ? <f64> load<f32>(row + (<usize> c << 2), 4) : value;
      const powers = exponentials(pair(value - <f64> largest, next - <f64> largest));
      const power = f64x2.extract_lane(powers, 0);
      total += power;
      if (c != label) others += power;
      sum += value;
      if (!paired) break;
      const second = f64x2.extract_lane(powers, 1);
      total += second;
      if (c + 1 != label) others += second;
      sum += next;
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
    for (let c = 0; c < classes; c += 2) {
      const paired = c + 1 < classes, at = <usize> c << 2;
      const value = <f64> load<f32>(row + at) - <f64> largest;
      const next = paired ? <f64> load<f32>(row + at, 4) - <f64> largest : value;
      const powers = exponentials(pair(value, next));
      const target = (c == label ? 1 - smoothing : 0) + spread;
      store<f32>(to + at, <f32> ((f64x2.extract_lane(powers, 0) / total - target) * slope * scale));
      if (!paired) break;
      const other = (c + 1 == label ? 1 - smoothing : 0) + spread;
      store<f32>(to + at, <f32> ((f64x2.extract_lane(powers, 1) / total - other) * slope * scale), 4);
    }
  }
  return loss;
}
