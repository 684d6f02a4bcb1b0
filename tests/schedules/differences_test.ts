// Where a schedule deliberately differs from PyTorch: each test states both values.
import assert from "node:assert/strict";
import { cosine } from "#schedules/cosine.ts";
import { exponential } from "#schedules/exponential.ts";
import { multistep } from "#schedules/multistep.ts";
import { oneCycle } from "#schedules/one_cycle/formula.ts";
import { buildSchedule } from "#schedules/registry.ts";
import { sgdr } from "#schedules/sgdr/formula.ts";
import golden from "../golden/pytorch_schedules.json" with { type: "json" };

const torch = golden.differences;
const close = (a: number, b: number, tolerance = 1e-12) =>
  assert.ok(Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b)), `${a} is not ${b}`);

Deno.test("cosine stays at eta_min past T_max, where torch rises back to lr", () => {
  const lr = cosine({ lr: 0.1, T_max: 10 });
  assert.equal(lr(10), torch.cosine_past_end[10]);
  close(torch.cosine_past_end[20]!, 0.1);
  assert.deepEqual([lr(11), lr(15), lr(20)], [0, 0, 0]);
});

Deno.test("one_cycle stays at its last rate past the end, where torch rebounds (cos) or turns negative (linear)", () => {
  for (const anneal of ["cos", "linear"] as const) {
    const { lr, momentum } = oneCycle({ max_lr: 0.1, duration: 10, anneal });
    close(lr(9), torch.one_cycle_past_end[anneal].last, 1e-9);
    assert.equal(lr(10), lr(9));
    assert.equal(lr(1e6), lr(9));
    assert.equal(momentum!(10), 0.95);
  }
  close(torch.one_cycle_past_end.cos.past, 0.004951936798652624);
  assert.ok(torch.one_cycle_past_end.linear.past < 0);
});

Deno.test("one_cycle starts at its peak where pct_start·T = 1, where torch divides by zero", () => {
  assert.equal(torch.one_cycle_peak_at_zero, "ZeroDivisionError");
  const { lr, momentum } = oneCycle({ max_lr: 0.1, duration: 10, pct_start: 0.1 });
  assert.equal(lr(0), 0.1);
  assert.equal(momentum!(0), 0.85);
});

Deno.test("one_cycle with a fractional phase end misses its peak, as torch does: 0.998 of max at T = 25", () => {
  const { lr } = oneCycle({ max_lr: 1, duration: 25 });
  const peak = Math.max(...Array.from({ length: 25 }, (_, t) => lr(t)));
  assert.equal(peak.toFixed(3), "0.998");
});

Deno.test("one_cycle refuses three phases that do not fit, where torch accepts pct_start = 0.7", () => {
  assert.equal(torch.three_phase_long_start, null);
  assert.throws(
    () => oneCycle({ max_lr: 0.1, duration: 10, pct_start: 0.7, three_phase: true }),
    /RangeError.*pct_start must be <= 0\.5 with three_phase.*it is 0\.7/,
  );
});

Deno.test("sgdr with inclusive_end reaches eta_min, where torch's last rate of T = 10 is 2.4 % of the range", () => {
  close(torch.sgdr_last_of_cycle, 0.0024471741852423235);
  close(sgdr({ lr: 0.1, T_0: 10 }).lr(9), torch.sgdr_last_of_cycle);
  assert.equal(sgdr({ lr: 0.1, T_0: 10, inclusive_end: true }).lr(9), 0);
});

Deno.test("sgdr restarts exactly at its boundaries, where torch asked by epoch misses some by its logarithm", () => {
  const { boundaries, lr: theirs } = torch.sgdr_restarts_by_epoch;
  const { lr, cycles } = sgdr({ lr: 0.1, T_0: 1, T_mult: 3 });
  assert.deepEqual(boundaries.map(lr), boundaries.map(() => 0.1));
  assert.ok(boundaries.every((boundary) => cycles(boundary).isRestart));
  assert.deepEqual(theirs.filter((rate) => rate !== 0.1), [0, 0]);
});

Deno.test("sgdr takes a T_mult of 1.5, which torch refuses", () => {
  assert.equal(torch.sgdr_real_t_mult, "ValueError");
  const { cycles } = sgdr({ lr: 0.1, T_0: 10, T_mult: 1.5 });
  const restarts = Array.from({ length: 130 }, (_, t) => t).filter((t) => cycles(t).isRestart);
  // round(10·(1.5^k − 1)/0.5): 10, 25, 47.5, 81.25
  assert.deepEqual(restarts, [10, 25, 48, 81]);
});

Deno.test("a warmup may start at 0, where torch's LinearLR divides by zero", () => {
  assert.equal(torch.linear_warmup_from_zero, "ZeroDivisionError");
  const shape = { totalSteps: 10, stepsPerEpoch: 1 };
  const built = buildSchedule(
    { name: "warmup", duration: "4 steps", then: { name: "constant", lr: 0.1 } },
    shape,
  );
  assert.deepEqual([0, 1, 2, 3, 4].map(built.lr).map((rate) => rate.toFixed(3)), [
    "0.000",
    "0.025",
    "0.050",
    "0.075",
    "0.100",
  ]);
});

Deno.test("plateau counts a worse negative metric as bad, where torch's b·(1 − thr) accepts it", () => {
  assert.equal(torch.plateau_negative_metric_lr, 0.1);
  const { feedback } = buildSchedule({ name: "plateau", lr: 0.1, patience: 0, threshold: 0.1 }, {
    totalSteps: 10,
    stepsPerEpoch: 1,
  });
  let state = feedback!.init();
  for (const metric of [-1, -0.95]) state = feedback!.observe(state, { step: 1, loss: 0, metric });
  close(feedback!.at(state, 2), 0.01);
});

Deno.test("milestones out of order and a negative gamma are refused, where torch sorts and goes negative", () => {
  close(torch.multistep_out_of_order[3]!, 0.01);
  assert.throws(
    () => multistep({ lr: 0.1, milestones: [6, 3] }),
    /milestones must be in ascending order; it is \[6,3\]/,
  );
  assert.equal(torch.negative_gamma[1], -0.05);
  assert.throws(
    () => exponential({ lr: 0.1, gamma: -0.5, every: 1 }),
    /gamma must be a finite number > 0; it is -0\.5/,
  );
});
