import assert from "node:assert/strict";
import fc from "fast-check";
import { type Duration, parseDuration, printDuration } from "#lib/duration.ts";
import { buildSchedule, checkSchedule } from "#schedules/registry.ts";
import { describeSchedule } from "#schedules/describe.ts";
import { CATALOGUE } from "#schedules/entries.ts";
import type { BuiltSchedule, CyclePosition, RunShape, ScheduleSpec } from "#schedules/schedule.ts";
import { parse } from "yaml";
import { printSchedule } from "#schedules/print.ts";
import { shapes, specOf, specs } from "./arbitrary.ts";

const RUNS = 150;

/** The schedule, or `null` where its parameters contradict each other in this run. */
function built(spec: ScheduleSpec, shape: RunShape): BuiltSchedule | null {
  try {
    return buildSchedule(spec, shape);
  } catch (error) {
    assert.ok(error instanceof RangeError, String(error));
    return null;
  }
}

/** Whether a factor above 1 stands anywhere in it. */
function grows(value: unknown, key = ""): boolean {
  if (typeof value === "number") return key === "gamma" && value > 1;
  return typeof value === "object" && value !== null &&
    Object.entries(value).some(([key, inner]) => grows(inner, key));
}

const steps = fc.oneof(fc.nat(500), fc.integer({ min: 500, max: 10_000_000 }));

for (const name of CATALOGUE.names.filter((name) => name !== "custom")) {
  Deno.test(`${name}: finite and never negative for every t, also past the end; the same bits for the same t`, () => {
    let tried = 0;
    fc.assert(
      fc.property(
        specOf(name),
        shapes,
        fc.array(steps, { minLength: 1, maxLength: 20 }),
        (spec, shape, ts) => {
          const first = built(spec, shape);
          const second = built(JSON.parse(JSON.stringify(spec)), shape);
          assert.equal(first === null, second === null);
          if (first === null || second === null) return;
          tried++;
          for (const t of ts) {
            const rate = first.lr(t);
            // A rate that grows by a factor leaves the numbers after millions of steps.
            assert.ok(rate >= 0 && (Number.isFinite(rate) || grows(spec)), `${rate} at ${t}`);
            const momentum: number = first.momentum?.(t) ?? 0;
            assert.ok(momentum >= 0 && momentum < 1, `momentum ${momentum} at ${t}`);
          }
          // Asked again in another order, and of another build: no counter can be inside.
          for (const t of ts.toReversed()) assert.ok(Object.is(first.lr(t), second.lr(t)));
        },
      ),
      { numRuns: RUNS },
    );
    assert.ok(tried > RUNS / 5, `only ${tried} of ${RUNS} random specs could be built`);
  });
}

Deno.test("cycles: positions follow each other, restarts come after last steps, nested or not", () => {
  let seen = 0;
  fc.assert(
    fc.property(specs(2), shapes, (spec, shape) => {
      const cycles = built(spec, shape)?.cycles;
      if (!cycles) return;
      seen++;
      let before: CyclePosition = cycles(0);
      assert.equal(before.isRestart, false);
      assert.equal(before.position, 0);
      for (let t = 1; t < 300; t++) {
        const now: CyclePosition = cycles(t);
        const isNext = now.cycle > before.cycle;
        assert.ok(now.cycle >= before.cycle && now.length >= 1);
        assert.equal(now.isRestart, isNext, `t = ${t}: ${JSON.stringify([before, now])}`);
        // A cycle without a successor of its own may have ended before its container starts again.
        if (isNext) {
          assert.ok(
            before.isLast || before.position >= before.length,
            `t = ${t}: ${JSON.stringify([before, now])}`,
          );
        }
        before = now;
      }
    }),
    { numRuns: 600 },
  );
  assert.ok(seen > 50, `only ${seen}`);
});

Deno.test("a sequence has each part's own rate from its boundary on", () => {
  fc.assert(
    fc.property(
      specs(1),
      specs(1),
      fc.integer({ min: 1, max: 200 }),
      shapes,
      fc.nat(300),
      (a, b, length, shape, t) => {
        const parts = [{ for: `${length} steps`, schedule: a }, { for: "1 step", schedule: b }];
        const [whole, first, second] = [{ name: "sequence", parts }, a, b].map((spec) => built(spec, shape));
        if (!whole || !first || !second) return;
        assert.equal(whole.lr(t), t < length ? first.lr(t) : second.lr(t - length));
        assert.equal(whole.lr(length), second.lr(0));
      },
    ),
    { numRuns: RUNS },
  );
});

Deno.test("a linear warmup joins without a jump: no step of the ramp is larger than its slope", () => {
  fc.assert(
    fc.property(
      specs(1),
      fc.integer({ min: 1, max: 200 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.boolean(),
      shapes,
      (then, length, from, skip_zero, shape) => {
        const ramp = built({ name: "warmup", duration: `${length} steps`, from, skip_zero, then }, shape);
        const inner = built(then, shape);
        if (!ramp || !inner) return;
        const slope = Math.abs(inner.lr(0) - from) / length;
        for (let t = 0; t < length; t++) {
          const jump = Math.abs(ramp.lr(t + 1) - ramp.lr(t));
          assert.ok(jump <= slope * (1 + 1e-9) + 1e-12, `${jump} at ${t}, slope ${slope}`);
        }
        assert.equal(ramp.lr(length), inner.lr(0));
      },
    ),
    { numRuns: RUNS },
  );
});

Deno.test("update: epoch is the same function at the start of each epoch", () => {
  fc.assert(
    fc.property(specs(1), shapes, fc.nat(2000), (spec, shape, t) => {
      const [byStep, byEpoch] = ["step", "epoch"].map((update) => built({ ...spec, update }, shape));
      if (!byStep || !byEpoch) return;
      assert.equal(byEpoch.lr(t), byStep.lr(t - t % shape.stepsPerEpoch));
    }),
    { numRuns: RUNS },
  );
});

Deno.test("random specs pass the check, and are described in one line", () => {
  fc.assert(
    fc.property(specs(2), (spec) => {
      assert.deepEqual(checkSchedule(spec), []);
      const line = describeSchedule(spec);
      assert.ok(line.length > 3 && !/[\n{}\[\]]|undefined|NaN|null/.test(line), line);
    }),
    { numRuns: RUNS },
  );
});

Deno.test("printed as YAML and parsed again, a spec is the same spec, and durations print as they were", () => {
  fc.assert(
    fc.property(specs(2), (spec) => {
      assert.deepEqual(parse(printSchedule(spec)), JSON.parse(JSON.stringify(spec)));
      assert.ok(!printSchedule(spec).includes("\n"));
    }),
    { numRuns: 2 * RUNS },
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        // What numbers, dates, booleans and marks of YAML are written with.
        fc.string({
          unit: fc.constantFrom(..."0123456789.eE+-_:,#&*!|>%@~ 'xoinfaTNULuls/[]{}?"),
          maxLength: 6,
        }),
        fc.constantFrom("yes", "1e3", "0x10", ".5", "-", "a: b", "#", "", " x", "2001-01-01"),
      ),
      (module) => {
        assert.deepEqual(parse(printSchedule({ name: "custom", module })), { name: "custom", module });
      },
    ),
    { numRuns: 2000 },
  );
  fc.assert(
    fc.property(
      fc.record({
        value: fc.double({ min: 0, noNaN: true, max: 1e9 }),
        unit: fc.constantFrom("epochs", "steps", "percent"),
      }),
      (duration) => {
        assert.deepEqual(parseDuration(printDuration(duration as Duration)), { ...duration });
      },
    ),
  );
});

Deno.test("every entry says all that its docs need, and its sample builds", () => {
  const shape = { totalSteps: 100, stepsPerEpoch: 10 };
  for (const entry of Object.values(CATALOGUE.entries)) {
    for (const word of [entry.summary, entry.formula, entry.first, entry.last, entry.source, entry.label]) {
      assert.ok(word.length > 0);
    }
    const context = { custom: () => ({ schedule: () => 0.1 }) };
    assert.deepEqual(checkSchedule(entry.sample, shape, context), []);
  }
});

// No figure of speed, which a busy machine would spoil: one that walks through its past at every step takes hours.
Deno.test("no schedule walks through its past: a million steps of each come to an end", () => {
  const shape = { totalSteps: 1_000_000, stepsPerEpoch: 10_000 };
  for (const { name, sample } of Object.values(CATALOGUE.entries)) {
    const { lr } = buildSchedule(sample, shape, { custom: () => ({ schedule: () => 0.1 }) });
    const started = performance.now();
    for (let t = 0; t < 1_000_000; t++) {
      const rate = lr(t);
      if (t % 1000 > 0) continue;
      assert.ok(Number.isFinite(rate));
      assert.ok(performance.now() - started < 60_000, `${name} is at step ${t} after a minute`);
    }
  }
});
