import assert from "node:assert/strict";
import { openDevice } from "#compute/devices.ts";
import { buildSchedule } from "#schedules/registry.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import { loss as lossSchema } from "#spec/loss_schema.ts";
import { epochBatches } from "#train/batches.ts";
import { train } from "#train/loop.ts";
import type { LossSpec } from "#train/loss.ts";
import { lossWeights } from "#train/loss_weights/build.ts";
import type { TrainingCheckpoint } from "#train/trainer_state.ts";
import { maskOptions, UNET } from "../../support/masks.ts";
import { eventsOf, networkOf } from "../../support/tiny.ts";

const SHAPE = { totalSteps: 20, stepsPerEpoch: 5 };
const build = (schedule: ScheduleSpec) => buildSchedule(schedule, SHAPE);

async function run(spec: unknown, from: TrainingCheckpoint | null = null) {
  const loss: LossSpec = lossSchema.parse(spec);
  const weights = lossWeights(loss, { shape: SHAPE, origin: 0, seed: 1, build });
  using device = await openDevice("wasm");
  using learner = await device.createLearner(maskOptions({ loss }));
  const outputs = await Array.fromAsync(train(
    learner,
    {
      ...SHAPE,
      schedule: build({ name: "constant", lr: 0.05 }),
      momentum: 0.9,
      ...(weights && { lossWeights: weights }),
      divergenceLoss: Infinity,
      batches: (epoch) =>
        epochBatches({ seed: 1, count: 40, batchSize: 8, augment: ["crop", "flip"] }, epoch),
      evalEvery: 2,
      readTest: true,
      network: networkOf(UNET),
      saveEnd: true,
    },
    { now: () => 0, shouldStop: () => false, shouldSave: () => true },
    from,
  ));
  const checkpoints = outputs.flatMap((output) =>
    output.kind === "save" && "checkpoint" in output && output.name === "checkpoint" ? output : []
  );
  return { outputs, events: eventsOf(outputs), checkpoints };
}

/** The weights that step events have, by step. */
function weightsOf(events: Awaited<ReturnType<typeof run>>["events"]): number[][] {
  return events.flatMap((event) =>
    event.kind === "step" ? [event.loss_components!.map(({ weight }) => weight)] : []
  );
}

const LOSSES = {
  "weights that are schedules": {
    name: "sum",
    components: [
      { name: "dice", weight: { name: "cosine", lr: 1, T_max: "100%" } },
      { name: "focal", weight: 0.5 },
    ],
  },
  "structure to boundary": { name: "adaptive_structure_boundary" },
  "progressive hybrid": { name: "adaptive_progressive_hybrid" },
  "progressive hybrid, shuffled": { name: "adaptive_progressive_hybrid", order: "shuffled" },
  "complexity cascade": { name: "adaptive_complexity_cascade" },
  "dynamic hybrid": { name: "adaptive_dynamic_hybrid", patience: 1, threshold: 0.05, shift: 0.3 },
};

for (const [name, spec] of Object.entries(LOSSES)) {
  Deno.test(`a run broken off after any step goes on bit for bit: ${name}`, async () => {
    const whole = await run(spec);
    const weights = weightsOf(whole.events);
    assert.equal(weights.length, 20);
    assert.ok(new Set(weights.map(String)).size > 1, "the weights never moved");
    for (const save of whole.checkpoints.filter((_, index) => index % 3 === 1)) {
      const before = eventsOf(whole.outputs.slice(0, whole.outputs.indexOf(save)));
      const rest = await run(spec, structuredClone(save.checkpoint));
      assert.deepEqual([...before, ...rest.events], whole.events, `from step ${save.checkpoint.step}`);
    }
  });
}

Deno.test("shuffled weights are those of the order in time, at other steps", async () => {
  const [inTime, shuffled] = [
    weightsOf((await run(LOSSES["progressive hybrid"])).events),
    weightsOf((await run(LOSSES["progressive hybrid, shuffled"])).events),
  ];
  assert.notDeepEqual(shuffled, inTime);
  assert.deepEqual(shuffled.map(String).sort(), inTime.map(String).sort());
});
