import assert from "node:assert/strict";
import { emitSchedule } from "#export/emit.ts";
import { outcomeOf } from "#export/rates.ts";
import { buildSchedule } from "#schedules/registry.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import golden from "../golden/zoo_schedules.json" with { type: "json" };

const SHAPE = { totalSteps: 100, stepsPerEpoch: 10 };

Deno.test("the golden file names the library and version of every rate", () => {
  assert.ok(golden.configurations.length >= 45, `only ${golden.configurations.length}`);
  assert.ok(golden.sources.length >= 10);
  assert.match(golden.date, /^\d{4}-\d\d-\d\d$/);
});

for (const { source, label, spec, lr, tolerance } of golden.configurations) {
  Deno.test(`rates of ${source}: ${label}`, () => {
    const built = buildSchedule(spec as ScheduleSpec, SHAPE);
    const peak = Math.max(...lr);
    lr.forEach((theirs, t) => {
      const ours = built.lr(t);
      const allowed = tolerance * Math.max(ours, theirs) + 1e-15 * peak;
      assert.ok(Math.abs(ours - theirs) <= allowed, `step ${t}: ${ours} here, ${theirs} there`);
    });
  });
}

for (const { label, spec, metrics, lr } of golden.greedy) {
  Deno.test(`rates of transformers: ${label}`, () => {
    const feedback = buildSchedule(spec as ScheduleSpec, SHAPE).feedback!;
    let state = feedback.init();
    metrics.forEach((metric, evaluation) => {
      state = JSON.parse(
        JSON.stringify(feedback.observe(state, { step: evaluation, loss: metric, metric })),
      );
      const ours = feedback.at(state, evaluation);
      assert.ok(Math.abs(ours - lr[evaluation]!) <= 1e-12, `evaluation ${evaluation}: ${ours} against ${lr}`);
    });
    // The call that is emitted, read from its text, gives them too.
    const code = emitSchedule(spec as ScheduleSpec, SHAPE, "transformers");
    const text = /scheduler = (get_greedy_schedule\(.+\))/.exec(code)![1]!;
    const found = outcomeOf({ library: "transformers", text, base: 0.1 }, SHAPE);
    assert.ok(found.kind === "plateau");
    found.rates(metrics, 0.1).forEach((rate, evaluation) =>
      assert.ok(Math.abs(rate - lr[evaluation]!) <= 1e-12, `evaluation ${evaluation}: ${rate}\n${code}`)
    );
  });
}
