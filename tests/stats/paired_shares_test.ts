import assert from "node:assert/strict";
import { pairedShares } from "#stats/paired_shares.ts";
import { LONG } from "../support/long.ts";

const at = (arm: number, against: number, seeds: number, confidence?: number) =>
  pairedShares({ arm, against, seeds }, confidence);

/** n!/(x!·y!·(n − x − y)!)·p^x·q^y·(1 − p − q)^(n − x − y), by multiplication. */
function chance(x: number, y: number, n: number, p: number, q: number): number {
  let product = 1;
  let left = n;
  for (const [count, share] of [[x, p], [y, q], [n - x - y, Math.max(0, 1 - p - q)]] as const) {
    for (let k = 1; k <= count; k++) product *= (left-- / k) * share;
  }
  return product;
}

for (const [n, confidence] of [[4, 0.95], [8, 0.95], [8, 0.99], [16, 0.95]] as const) {
  Deno.test(`the interval of ${n} pairs holds the true difference with ${100 * confidence} % or more, whatever it is`, () => {
    const intervals = new Map<string, readonly [number, number]>();
    for (let x = 0; x <= n; x++) {
      for (let y = 0; x + y <= n; y++) intervals.set(`${x} ${y}`, at(x, y, n, confidence).interval);
    }
    const parts = LONG || n < 16 ? 12 : 6;
    const shares = Array.from({ length: parts + 1 }, (_, index) => index / parts);
    let least = 1;
    for (const a of shares) {
      for (const b of shares) {
        // From independent arms to those whose failures fall together as far as they can.
        const together = Math.min(a, b);
        for (const both of [a * b, (a * b + together) / 2, together]) {
          const [p, q] = [a - both, b - both];
          let held = 0;
          for (let x = 0; x <= n; x++) {
            for (let y = 0; x + y <= n; y++) {
              const [low, high] = intervals.get(`${x} ${y}`)!;
              if (low <= a - b + 1e-9 && high >= a - b - 1e-9) held += chance(x, y, n, p, q);
            }
          }
          least = Math.min(least, held);
        }
      }
    }
    assert.ok(least >= confidence - 1e-9, `${least}`);
  });
}

Deno.test("at the ends the limits are those of binomial tails", () => {
  // No failure in n pairs: of all pairs of shares that leave this outcome 2.5 %, the farthest apart is (0, 1 − 0.025^(1/n)).
  for (const n of [8, 16, 64]) {
    const [low, high] = at(0, 0, n).interval;
    assert.ok(Math.abs(high - (1 - 0.025 ** (1 / n))) < 1e-3, `${n}: ${high}`);
    assert.equal(low, -high);
  }
  // All against none: every run of both arms had to come out so, (1 − a)^n·b^n, largest where a = 1 − b.
  for (const n of [4, 8]) {
    const [low, high] = at(n, 0, n).interval;
    assert.ok(Math.abs(low - (2 * 0.025 ** (1 / (2 * n)) - 1)) < 1e-3, `${n}: ${low}`);
    assert.equal(high, 1);
  }
});

Deno.test("arms exchanged turn the interval around, and more failures raise it", () => {
  for (const [arm, against, seeds] of [[3, 0, 12], [0, 1, 5], [4, 2, 20]] as const) {
    const [one, other] = [at(arm, against, seeds), at(against, arm, seeds)];
    assert.deepEqual(one.interval, [-other.interval[1], -other.interval[0]]);
    assert.equal(one.difference, -other.difference);
    const more = at(arm + 1, against, seeds).interval;
    assert.ok(more[0] >= one.interval[0] && more[1] >= one.interval[1]);
    const wider = at(arm, against, seeds, 0.99).interval;
    assert.ok(wider[0] <= one.interval[0] && wider[1] >= one.interval[1]);
  }
});

Deno.test("counts that cannot be are refused in words", () => {
  assert.throws(() => at(5, 4, 8), { name: "RangeError", message: /5 and 4 of 8 pairs/ });
  assert.throws(() => at(0, 0, 0), RangeError);
  assert.throws(() => at(0, 0, 1000), { message: /1 to 128 pairs/ });
  assert.throws(() => at(0.5, 0, 8), { message: /counts are whole/ });
  assert.throws(() => at(1, 0, 8, 1), { message: /between 0 and 1/ });
});
