import assert from "node:assert/strict";
import fc from "fast-check";
import { durationToSteps, parseDuration, printDuration } from "#lib/duration.ts";
import { shortestFloat32 } from "#lib/float32.ts";
import { nearest } from "#lib/nearest.ts";
import { permutation, random, restoreRandom } from "#lib/prng.ts";

Deno.test("durations: every unit is read, rounded and printed back", () => {
  const shape = { totalSteps: 1000, stepsPerEpoch: 40 };
  for (
    const [text, steps] of [["30 epochs", 1200], ["1 epoch", 40], ["0.5 epochs", 20], ["500 steps", 500], [
      "500 updates",
      500,
    ], [
      "10%",
      100,
    ], ["33.333 %", 333]] as const
  ) {
    const duration = parseDuration(text);
    assert.equal(durationToSteps(duration, shape), steps, text);
    assert.deepEqual(parseDuration(printDuration(duration)), duration);
  }
});

Deno.test("durations: a bare number and an unknown unit are refused with the units that exist", () => {
  for (const wrong of [30, "30", "30 days", "", "epochs", null, undefined, {}]) {
    assert.throws(() => parseDuration(wrong), {
      name: "SyntaxError",
      message: /`30 epochs`, `500 steps` or `10%`/,
    });
  }
  assert.throws(() => parseDuration("-3 epochs"), { name: "RangeError", message: /from 0 to 1e12/ });
  assert.throws(
    () => durationToSteps(parseDuration("1.5 steps"), { totalSteps: 9, stepsPerEpoch: 3 }),
    RangeError,
  );
});

Deno.test("random numbers: known first words, so that no change of machine or code moves a run", () => {
  const source = random(1, "weights");
  assert.deepEqual(Array.from({ length: 4 }, () => Math.floor(source.uniform() * 2 ** 32)), FIRST_WORDS);
});

Deno.test("random numbers: streams of different purposes differ, and a stream goes on from its state", () => {
  const draws = (...seed: (number | string)[]) => {
    const source = random(...seed);
    return Array.from({ length: 8 }, () => source.uniform());
  };
  const streams = [draws(1), draws(2), draws(1, 1), draws(11), draws("1"), draws(1, "a"), draws("a", 1)];
  assert.equal(new Set(streams.map((stream) => stream.join())).size, streams.length);

  const source = random(7);
  for (let i = 0; i < 11; i++) source.normal();
  const copy = restoreRandom(structuredClone(source.state()));
  for (let i = 0; i < 20; i++) assert.equal(copy.normal(), source.normal());
});

Deno.test("random numbers: moments of 200,000 draws lie within five standard errors", () => {
  const source = random(3, "moments");
  const n = 200_000;
  let uniform = 0, normal = 0, square = 0;
  for (let i = 0; i < n; i++) {
    uniform += source.uniform();
    const z = source.normal();
    normal += z;
    square += z * z;
  }
  assert.ok(Math.abs(uniform / n - 0.5) < 5 * Math.sqrt(1 / 12 / n));
  assert.ok(Math.abs(normal / n) < 5 / Math.sqrt(n));
  assert.ok(Math.abs(square / n - 1) < 5 * Math.sqrt(2 / n));
});

Deno.test("a permutation holds every number once", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 300 }), fc.integer(), (count, seed) => {
    const order = permutation(count, random(seed));
    assert.deepEqual([...order].sort((a, b) => a - b), Array.from({ length: count }, (_, index) => index));
  }));
});

Deno.test("shortestFloat32 is the same 32-bit float, and short where it can be", () => {
  assert.equal(shortestFloat32(Math.fround(0.05)), 0.05);
  assert.equal(shortestFloat32(Math.fround(0.1 / 3)), 0.033333335);
  fc.assert(fc.property(fc.float({ noNaN: true }), (value) => {
    assert.equal(Math.fround(shortestFloat32(value)), value);
  }));
});

Deno.test("nearest offers what was meant, and nothing where nothing is near", () => {
  const names = ["constant", "step", "multistep", "cosine", "one_cycle"];
  assert.equal(nearest("cosinus", names), "cosine");
  assert.equal(nearest("mutlistep", names), "multistep");
  assert.equal(nearest("Constant", names), "constant");
  assert.equal(nearest("transformer", names), null);
  assert.equal(nearest("x", names), null);
});

const FIRST_WORDS = [941302860, 1165266772, 795130889, 2164181977];
