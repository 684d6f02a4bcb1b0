import assert from "node:assert/strict";
import { compact, counted, fixed, interval, plain, ranges, signed, significant } from "#lib/numbers.ts";
import { median } from "#lib/median.ts";

Deno.test("numbers: significant digits without an exponent, thousands separated, a true minus", () => {
  const cases: [number, number, string][] = [
    [0, 2, "0"],
    [-0.00314, 2, "−0.0031"],
    [1234, 2, "1,200"],
    [3e-7, 2, "0.0000003"],
    [-12345.6, 3, "−12,300"],
  ];
  assert.deepEqual(
    cases.map(([value, digits]) => significant(value, digits)),
    cases.map(([, , text]) => text),
  );
  assert.equal(plain(-12500.25), "−12,500.25");
});

Deno.test("numbers: compact ones keep all digits of a whole number, and take an exponent where it is shorter", () => {
  const cases: [number, string][] = [
    [0.05, "0.05"],
    [12_500, "12,500"],
    [1234.4, "1,234"],
    [3e-7, "3e-7"],
    [-2.5e12, "−2.5e12"],
    [NaN, "–"],
  ];
  assert.deepEqual(cases.map(([value]) => compact(value)), cases.map(([, text]) => text));
});

Deno.test("numbers: what rounds to zero has no sign", () => {
  assert.deepEqual([fixed(-0.04, 1), signed(0.04, 1), signed(-0.04, 1)], ["0.0", "0.0", "0.0"]);
  assert.deepEqual([fixed(-3.14, 1), signed(3.14, 1), signed(null, 1)], ["−3.1", "+3.1", "–"]);
  assert.equal(interval([-0.0004, 0.021], 1, 100), "[0.0, 2.1]");
});

Deno.test("numbers: counts and lists of whole numbers", () => {
  assert.deepEqual([counted(1, "seed"), counted(1200, "seed")], ["1 seed", "1,200 seeds"]);
  assert.deepEqual([ranges([1, 2, 3, 4, 8]), ranges([1, 2, 8]), ranges([])], ["1 to 4, 8", "1, 2, 8", ""]);
});

Deno.test("median: any order, odd and even counts; none of nothing", () => {
  assert.deepEqual([median([3, 1, 2]), median(new Set([4, 1, 2, 3])), median([7])], [2, 2.5, 7]);
  assert.throws(() => median([]), RangeError);
});
