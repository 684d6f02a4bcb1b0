import assert from "node:assert/strict";
import { buildSchedule } from "#schedules/registry.ts";
import { requires } from "../support/requires.ts";
import { runTorch } from "../support/torch.ts";
import golden from "../golden/pytorch_schedules.json" with { type: "json" };

const TOLERANCE = 1e-9;

/** |a − b| relative to the larger one; differences below rounding of the schedule's peak count as none. */
function relativeDifference(a: number, b: number, peak: number): number {
  const difference = Math.abs(a - b);
  return difference <= 1e-15 * peak ? 0 : difference / Math.max(Math.abs(a), Math.abs(b));
}

function largestDifference(ours: readonly number[], theirs: readonly number[]): number {
  const peak = Math.max(...theirs.map(Math.abs));
  return Math.max(...ours.map((value, t) => relativeDifference(value, theirs[t]!, peak)));
}

Deno.test("the golden file covers at least 60 configurations and says what made it", () => {
  assert.ok(golden.configurations.length >= 60, `only ${golden.configurations.length}`);
  assert.ok(golden.configurations.filter(({ momentum }) => momentum !== null).length >= 15);
  assert.match(golden.torch, /^\d+\.\d+/);
  assert.match(golden.date, /^\d{4}-\d\d-\d\d$/);
});

for (const { label, spec, total_steps, steps_per_epoch, lr, momentum } of golden.configurations) {
  Deno.test(`rates of PyTorch: ${label}`, () => {
    const built = buildSchedule(spec, { totalSteps: total_steps, stepsPerEpoch: steps_per_epoch });
    const worst = largestDifference(lr.map((_, t) => built.lr(t)), lr);
    assert.ok(worst <= TOLERANCE, `rates differ by ${worst}`);
    if (momentum === null) return;
    const { momentum: ours } = built;
    assert.ok(ours !== null, "momentum is not moved");
    const worstMomentum = largestDifference(momentum.map((_, t) => ours(t)), momentum);
    assert.ok(worstMomentum <= TOLERANCE, `momenta differ by ${worstMomentum}`);
  });
}

for (const { label, spec, metrics, lr } of golden.plateaus) {
  Deno.test(`rates of PyTorch's ReduceLROnPlateau: ${label}`, () => {
    const { feedback } = buildSchedule(spec, { totalSteps: 1000, stepsPerEpoch: 10 });
    assert.ok(feedback !== null);
    let state = feedback.init();
    const ours = metrics.map((metric, evaluation) => {
      const step = (evaluation + 1) * 10;
      state = feedback.observe(state, { step, loss: 0, metric: metric ?? NaN });
      // What a checkpoint does to the state must not change it.
      state = JSON.parse(JSON.stringify(state));
      return feedback.at(state, step);
    });
    assert.ok(largestDifference(ours, lr) <= TOLERANCE, `${ours} against ${lr}`);
  });
}

Deno.test(
  "the installed PyTorch still gives the golden values",
  await requires("python3-torch"),
  async () => {
    const fresh = JSON.parse(await runTorch("pytorch_schedules.py")) as typeof golden;
    assert.deepEqual(
      fresh.configurations.map(({ label }) => label),
      golden.configurations.map(({ label }) => label),
    );
    fresh.configurations.forEach(({ label, lr }, index) => {
      const worst = largestDifference(lr, golden.configurations[index]!.lr);
      assert.ok(worst <= TOLERANCE, `${label} differs by ${worst}`);
    });
  },
);
