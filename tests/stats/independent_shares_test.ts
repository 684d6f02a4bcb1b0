import assert from "node:assert/strict";
import { independentShares } from "#stats/independent_shares.ts";

/** n!/(x!·(n − x)!)·p^x·(1 − p)^(n − x), by multiplication. */
function chance(x: number, n: number, p: number): number {
  let product = 1;
  for (let k = 1; k <= x; k++) product *= (n - x + k) / k * p;
  for (let k = 0; k < n - x; k++) product *= 1 - p;
  return product;
}

for (
  const [n, m, confidence] of [[1, 3, 0.95], [1, 8, 0.95], [2, 2, 0.95], [4, 5, 0.95], [8, 8, 0.99]] as const
) {
  Deno.test(`the interval of ${n} and ${m} runs holds the true difference with ${100 * confidence} % or more`, () => {
    const intervals = new Map<string, readonly [number, number]>();
    for (let x = 0; x <= n; x++) {
      for (let y = 0; y <= m; y++) {
        const { interval } = independentShares({ hits: x, count: n }, { hits: y, count: m }, confidence);
        intervals.set(`${x} ${y}`, interval);
      }
    }
    let least = 1;
    for (let i = 0; i <= 20; i++) {
      for (let j = 0; j <= 20; j++) {
        const [a, b] = [i / 20, j / 20];
        let held = 0;
        for (let x = 0; x <= n; x++) {
          for (let y = 0; y <= m; y++) {
            const [low, high] = intervals.get(`${x} ${y}`)!;
            if (low <= a - b + 1e-9 && high >= a - b - 1e-9) held += chance(x, n, a) * chance(y, m, b);
          }
        }
        least = Math.min(least, held);
      }
    }
    assert.ok(least >= confidence - 1e-9, `${least}`);
  });
}

Deno.test("all against none: the limits are those of binomial tails", () => {
  for (const count of [4, 8, 32]) {
    // Every run of both groups had to come out so: a^n·(1 − b)^n, largest where a = 1 − b.
    const { difference, interval: [low, high] } = independentShares({ hits: count, count }, {
      hits: 0,
      count,
    });
    assert.deepEqual([difference, high], [1, 1]);
    assert.ok(Math.abs(low - (2 * 0.025 ** (1 / (2 * count)) - 1)) < 1e-3, `${count}: ${low}`);
  }
});

Deno.test("groups exchanged turn the interval around", () => {
  const [arm, other] = [{ hits: 3, count: 12 }, { hits: 0, count: 7 }];
  const [one, turned] = [independentShares(arm, other), independentShares(other, arm)];
  assert.deepEqual(one.interval, [-turned.interval[1], -turned.interval[0]]);
});

Deno.test("counts that cannot be are refused in words", () => {
  const of = (hits: number, count: number) => independentShares({ hits, count }, { hits: 0, count: 3 });
  assert.throws(() => of(4, 3), { name: "RangeError", message: /4 in 3 runs/ });
  assert.throws(() => of(0, 0), RangeError);
  assert.throws(() => of(0, 129), { message: /1 to 128 runs/ });
  assert.throws(() => of(0.5, 3), RangeError);
  assert.throws(() => independentShares({ hits: 0, count: 1 }, { hits: 0, count: 1 }, 1), /between 0 and 1/);
});
