import assert from "node:assert/strict";
import fc from "fast-check";
import { emitSchedule } from "#export/emit.ts";
import { lintSchedule } from "#lint/lint.ts";
import { parseDuration, type RunShape } from "#lib/duration.ts";
import { inSteps } from "#schedules/in_steps.ts";
import { buildSchedule } from "#schedules/registry.ts";
import { plainValues } from "#schedules/resolve.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";

const shape: fc.Arbitrary<RunShape> = fc.record({
  totalSteps: fc.integer({ min: 100, max: 20_000 }),
  stepsPerEpoch: fc.integer({ min: 1, max: 997 }),
});
/** Shares that sum to 100, with one decimal, so that halves of steps are common. */
const shares = fc.array(fc.integer({ min: 20, max: 400 }), { minLength: 2, maxLength: 6 }).map((weights) => {
  const sum = weights.reduce((a, b) => a + b);
  const tenths = weights.map((weight) => Math.floor(1000 * weight / sum));
  tenths[0]! += 1000 - tenths.reduce((a, b) => a + b);
  return tenths.map((tenth) => `${tenth / 10}%`);
});
const steps = (text: unknown) => parseDuration(text).value;
const flat = (lr: number): ScheduleSpec => ({ name: "constant", lr });
const planAndRunDiffer = (spec: ScheduleSpec, shape: RunShape) =>
  lintSchedule(spec, shape).filter(({ code }) => code === "plan-and-run-differ");

Deno.test("consecutive shares fill a run of any length: parts, phases, a warmup and what it wraps", () => {
  fc.assert(
    fc.property(shape, shares, (shape, shares) => {
      const parts = shares.map((share, index) => ({ for: share, schedule: flat(index + 1) }));
      const sequence = inSteps({ name: "sequence", parts }, shape) as unknown as { parts: { for: string }[] };
      assert.equal(sequence.parts.reduce((sum, part) => sum + steps(part.for), 0), shape.totalSteps);
      const [warmup, ...rest] = shares;
      const nested = rest.reduceRight<ScheduleSpec>(
        (then, share) => ({ name: "warmup", duration: share, from: 0.1, then }),
        flat(1),
      );
      const wrapped: ScheduleSpec = { name: "warmup", duration: warmup, from: 0.1, then: nested };
      let total = 0;
      for (let node = inSteps(wrapped, shape); node.name === "warmup"; node = node.then as ScheduleSpec) {
        total += steps(node.duration);
      }
      assert.equal(total, shape.totalSteps);
    }),
  );
});

Deno.test("wsd of 10, 70 and 20 % ends with the run, whatever its length, and so does a cosine after a warmup", () => {
  fc.assert(
    fc.property(shape, fc.integer({ min: 1, max: 99 }), (shape, share) => {
      const wsd = { name: "wsd", lr: 1, warmup: "10%", stable: "70%", decay: "20%" };
      const cosine = {
        name: "warmup",
        duration: `${share}%`,
        from: 0.1,
        then: { name: "cosine", lr: 1, T_max: `${100 - share}%` },
      };
      for (const spec of [wsd, cosine]) {
        const { lr } = buildSchedule(spec, shape);
        assert.ok(lr(shape.totalSteps - 1) > 0 && lr(shape.totalSteps) === 0, JSON.stringify(spec));
        assert.deepEqual(planAndRunDiffer(spec, shape), []);
      }
    }),
  );
});

Deno.test("the run of the fault: 5 and 95 % of 1,010 steps are 51 and 959", () => {
  const run = { totalSteps: 1010, stepsPerEpoch: 100 };
  const spec = { name: "warmup", duration: "5%", then: { name: "linear", lr: 1, duration: "95%" } };
  const { duration, then } = plainValues(spec, run) as unknown as { duration: number; then: ScheduleSpec };
  assert.deepEqual([duration, then.duration], [51, "959 steps"]);
  assert.match(emitSchedule(spec, run, "optax"), /transition_steps=959[\s\S]*boundaries=\[51\]/);
});

Deno.test("fractional epochs are rounded together too, and milestones from where their schedule starts", () => {
  const run = { totalSteps: 50, stepsPerEpoch: 5 };
  const inner = { name: "multistep", lr: 1, milestones: ["0.5 epochs", "1 epoch"] };
  const spec = inSteps({ name: "warmup", duration: "0.5 epochs", then: inner }, run);
  // 2.5 steps end at 3; half an epoch later is step 5, an epoch later step 7.5, which rounds to 8.
  assert.equal(spec.duration, "3 steps");
  assert.deepEqual((spec.then as ScheduleSpec).milestones, ["2 steps", "5 steps"]);
});

Deno.test("a schedule in steps stays as it is", () => {
  const run = { totalSteps: 1003, stepsPerEpoch: 37 };
  const spec = {
    name: "sequence",
    parts: [{ for: "33.3%", schedule: flat(1) }, { for: "66.7%", schedule: flat(2) }],
  };
  assert.deepEqual(inSteps(inSteps(spec, run), run), inSteps(spec, run));
});
