import assert from "node:assert/strict";
import { judgedBy } from "#compute/judged.ts";
import type { Model } from "#compute/model.ts";
import { checkpointOf, startingState } from "#app/storage/checkpoints.ts";
import { openDevice } from "#compute/devices.ts";
import { initialWeights } from "#compute/parameters.ts";
import { buildSchedule } from "#schedules/registry.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import { epochBatches } from "#train/batches.ts";
import { startingAt } from "#train/horizon.ts";
import { groupRates } from "#train/groups.ts";
import type { HessianPlan } from "#train/hessian.ts";
import type { LearnerState } from "#train/learner.ts";
import { train } from "#train/loop.ts";
import type { TrainPlan } from "#train/plan.ts";
import type { OptimizerSpec } from "#train/optimizer.ts";
import type { Artifact, TrainingCheckpoint } from "#train/trainer_state.ts";
import { eventsOf, networkOf, TINY_NORM_MODEL, tinyData } from "../support/tiny.ts";

const SGD: OptimizerSpec = { name: "sgd", momentum: 0.9, nesterov: false, weight_decay: 0, clip_norm: null };
const ADAM: OptimizerSpec = {
  name: "adam",
  betas: [0.9, 0.999],
  eps: 1e-8,
  weight_decay: 0,
  clip_norm: null,
};
const SCHEDULE_FREE: OptimizerSpec = {
  name: "schedule_free_adamw",
  betas: [0.9, 0.999],
  eps: 1e-8,
  r: 0,
  weight_lr_power: 2,
  weight_decay: 0,
  clip_norm: null,
};
const PRODIGY: OptimizerSpec = {
  name: "prodigy",
  betas: [0.9, 0.999],
  eps: 1e-8,
  d0: 1e-3,
  d_coef: 1,
  use_bias_correction: false,
  safeguard_warmup: false,
  weight_decay: 0,
  clip_norm: null,
};
const MUON: OptimizerSpec = {
  name: "muon",
  momentum: 0.95,
  nesterov: true,
  adamw_lr_ratio: 0.1,
  betas: [0.9, 0.95],
  eps: 1e-10,
  weight_decay: 0,
  clip_norm: null,
};
const SHAPE = { totalSteps: 30, stepsPerEpoch: 7 };
const SGDR: ScheduleSpec = { name: "sgdr", lr: 0.1, T_0: "10 steps", T_mult: 1, eta_min: 0.01 };

/** Dropout between batch norm and the pool, and before the last layer. */
const DROPOUT_MODEL: Model = {
  ...TINY_NORM_MODEL,
  name: "tiny-dropout",
  layers: TINY_NORM_MODEL.layers.flatMap((layer, index) =>
    index < 3 ? layer : [{ kind: "dropout", name: `drop${index}`, rate: 0.25 }, layer]
  ),
};

interface Changes {
  readonly model?: Model;
  readonly optimizer?: OptimizerSpec;
  readonly schedule?: ScheduleSpec;
  readonly plan?: Partial<TrainPlan>;
  readonly from?: TrainingCheckpoint | null;
  readonly stopAfter?: number;
  readonly saveAt?: readonly number[];
  readonly load?: LearnerState;
}

/** Trains the tiny task on the wasm device; everything that the loop put out, and the state at the end. */
async function run(changes: Changes = {}) {
  const { optimizer = SGD, schedule = SGDR, plan = {}, from = null, stopAfter = Infinity, saveAt = [] } =
    changes;
  const { model = TINY_NORM_MODEL } = changes;
  const judged = judgedBy(optimizer, model);
  using device = await openDevice("wasm");
  using learner = await device.createLearner({
    model,
    optimizer,
    data: tinyData(),
    batchSize: 8,
    averages: plan.averages?.map(({ name }) => name) ?? [],
    gradientNorms: true,
    dropoutSeed: 1,
    initial: initialWeights(model, 1),
  });
  if (changes.load) await learner.load(changes.load);
  let stops = 0;
  const batches = { seed: 1, count: 50, batchSize: 8, augment: ["crop", "flip"] as const };
  const outputs = await Array.fromAsync(train(learner, {
    ...SHAPE,
    schedule: buildSchedule(schedule, SHAPE),
    momentum: 0.9,
    batches: (epoch) => epochBatches(batches, epoch),
    evalEvery: 6,
    readTest: true,
    network: networkOf(model),
    ...(judged && { judged }),
    statistics: () => epochBatches(batches, 0),
    ...plan,
  }, {
    now: () => 0,
    shouldStop: () => ++stops > stopAfter,
    shouldSave: (step) => saveAt.includes(step + 1),
  }, from));
  const kept = (name: string) =>
    outputs.flatMap((output) => output.kind === "save" && output.name === name ? output : []);
  return { events: eventsOf(outputs), outputs, kept, state: await learner.save() };
}

function trainingCheckpointOf([output]: readonly Artifact[]): TrainingCheckpoint {
  assert.ok(output?.kind === "save" && "checkpoint" in output, "nothing to go on from was kept");
  return output.checkpoint;
}

/** Plain copies: what a checkpoint file holds. */
const copy = (checkpoint: TrainingCheckpoint): TrainingCheckpoint => structuredClone(checkpoint);

const AVERAGES = [
  { kind: "ema", name: "ema", decay: 0.9, from: 5, every: 1 },
  { kind: "swa", name: "swa", from: 12, every: 3 },
  { kind: "cycle", name: "cycle", from: 0.5, every: 2 },
] as const;

const EVERYTHING: Partial<TrainPlan> = {
  averages: AVERAGES,
  snapshots: { limit: 5 },
  predictions: true,
  forensics: { seed: 1 },
  resetAtRestart: true,
  gradientNorms: true,
};

/** Measurements that fall on restarts, evaluations and neither, on other images than any step's. */
function hessianOf(optimizer: OptimizerSpec, model: Model): HessianPlan {
  const [batch] = epochBatches({ seed: 3, count: 50, batchSize: 20, augment: [] }, 0);
  const { trainable } = networkOf(model);
  return { steps: 30, every: 5, batch: batch!, products: 4, seed: 1, optimizer, trainable };
}

const FEEDBACK: ScheduleSpec = { name: "plateau", lr: 0.1, factor: 0.5, patience: 0, threshold: 0.05 };

for (
  const [name, schedule, optimizer, model] of [
    ["sgdr", SGDR, SGD, TINY_NORM_MODEL],
    ["sgdr and Adam", SGDR, ADAM, TINY_NORM_MODEL],
    ["sgdr and schedule-free AdamW", SGDR, SCHEDULE_FREE, TINY_NORM_MODEL],
    ["sgdr and Prodigy", SGDR, PRODIGY, TINY_NORM_MODEL],
    ["sgdr and Muon", SGDR, MUON, TINY_NORM_MODEL],
    ["plateau", FEEDBACK, SGD, TINY_NORM_MODEL],
    ["plateau with dropout", FEEDBACK, SGD, DROPOUT_MODEL],
  ] as const
) {
  Deno.test(`a run broken off anywhere goes on bit for bit: ${name}`, async () => {
    const plan = { ...EVERYTHING, hessian: hessianOf(optimizer, model), saveEnd: true };
    // The last one comes after the last step, before what is made of the weights then.
    const saveAt = [1, 6, 7, 8, 10, 11, 16, 20, 29, 30];
    const whole = await run({ model, schedule, optimizer, plan, saveAt });
    const checkpoints = whole.kept("checkpoint");
    assert.equal(checkpoints.length, saveAt.length);
    for (const checkpoint of checkpoints) {
      const from = copy(trainingCheckpointOf([checkpoint]));
      const rest = await run({ model, schedule, optimizer, plan, from });
      const told = eventsOf(whole.outputs.slice(0, whole.outputs.indexOf(checkpoint)));
      assert.deepEqual([...told, ...rest.events], whole.events, `from step ${from.step}`);
      assert.deepEqual(trainingCheckpointOf(rest.kept("end")), trainingCheckpointOf(whole.kept("end")));
      assert.deepEqual(rest.kept("predictions"), whole.kept("predictions"));
    }
  });
}

Deno.test("measuring the Hessian changes no bit of a run", async () => {
  const all = [0, 5, 10, 15, 20, 25];
  for (
    const [optimizer, model, steps, limit] of [
      [SGD, TINY_NORM_MODEL, all, 3.8 / 0.1],
      [SGD, DROPOUT_MODEL, all, 3.8 / 0.1],
      // Where its averages were set to zero, at restarts, there is nothing to divide by.
      [ADAM, TINY_NORM_MODEL, [1, 5, 15, 25], 38 / 0.1],
    ] as const
  ) {
    const plain = await run({ model, optimizer, plan: { ...EVERYTHING, saveEnd: true } });
    const plan = { ...EVERYTHING, hessian: hessianOf(optimizer, model), saveEnd: true };
    const measured = await run({ model, optimizer, plan });
    const found = measured.events.filter((event) => event.kind === "hessian");
    assert.deepEqual(measured.events.filter(({ kind }) => kind !== "hessian"), plain.events);
    assert.deepEqual(measured.state, plain.state);
    assert.deepEqual(trainingCheckpointOf(measured.kept("end")), trainingCheckpointOf(plain.kept("end")));
    assert.deepEqual(found.map(({ step }) => step), steps);
    // At the rate of the step that comes next: at a restart the cycle's highest.
    const rates = measured.events.flatMap((event) => event.kind === "step" ? event.lr : []);
    for (const event of found) {
      const wanted = limit * 0.1 / rates[event.step]!;
      assert.ok(Math.abs(event.limit! / wanted - 1) < 1e-5, `${event.limit} at step ${event.step}`);
    }
    const restart = measured.events.findIndex(({ kind, step }) => kind === "hessian" && step === 10);
    if (restart >= 0) {
      assert.deepEqual(measured.events[restart - 1], { kind: "restart", step: 10, cycle: 1 });
    }
  }
});

Deno.test("dropout drops other units at every step, and the same ones in a run that is done again", async () => {
  const losses = async (model: Model) =>
    (await run({ model })).events.flatMap((event) => event.kind === "step" ? event.loss : []);
  const [first, again, plain] = [
    await losses(DROPOUT_MODEL),
    await losses(DROPOUT_MODEL),
    await losses(TINY_NORM_MODEL),
  ];
  assert.deepEqual(again, first);
  assert.ok(first.every((loss, step) => loss !== plain[step]));
  // One batch, a rate of 0: only the masks tell the steps apart.
  const [batch] = epochBatches({ seed: 1, count: 50, batchSize: 8, augment: [] }, 0);
  const still = await run({
    model: DROPOUT_MODEL,
    schedule: { name: "constant", lr: 0 },
    plan: { batches: () => Array.from({ length: 7 }, () => batch!) },
  });
  const seen = still.events.flatMap((event) => event.kind === "step" ? event.loss : []);
  assert.equal(new Set(seen).size, seen.length);
});

Deno.test("a run that goes on from another measures the way from there to its end, also when broken off", async () => {
  const plan = { ...EVERYTHING, firstStep: 10 };
  const whole = await run({ plan, saveAt: [17] });
  const walked = ({ events }: typeof whole) =>
    events.flatMap((event) => event.kind === "path" && event.from === "start" ? event : []);
  const [path, ...more] = walked(whole);
  assert.ok(path && path.to === "end" && more.length === 0);
  assert.ok(path.distance > 0);
  const last = whole.events.findLast((event) => event.kind === "sharpness");
  assert.ok(last?.kind === "sharpness");
  assert.equal(path.losses.at(-1), last.loss);
  assert.ok(whole.events.every((event) => event.kind !== "eval" || event.weights !== "start"));
  const rest = await run({ plan, from: copy(trainingCheckpointOf(whole.kept("checkpoint"))) });
  assert.deepEqual(walked(rest), [path]);
});

Deno.test("a stop keeps a checkpoint, and the run goes on from it as if it had never stopped", async () => {
  const whole = await run({ plan: EVERYTHING });
  const stopped = await run({ plan: EVERYTHING, stopAfter: 13 });
  assert.equal(stopped.events.at(-1)?.kind, "ended");
  const rest = await run({ plan: EVERYTHING, from: copy(trainingCheckpointOf(stopped.kept("checkpoint"))) });
  assert.deepEqual([...stopped.events.slice(0, -1), ...rest.events], whole.events);
});

Deno.test("checkpoints change no number of a run", async () => {
  const often = await run({ plan: EVERYTHING, saveAt: Array.from({ length: 30 }, (_, step) => step) });
  assert.deepEqual(often.events, (await run({ plan: EVERYTHING })).events);
});

Deno.test("averages are those of the weights after the steps that they name", async () => {
  // The weights after every step, from checkpoints at each.
  const all = Array.from({ length: 30 }, (_, step) => step + 1);
  const { kept, state } = await run({ plan: { averages: AVERAGES, saveEnd: true }, saveAt: all });
  const after = [...kept("checkpoint"), ...kept("end")].map((artifact) => trainingCheckpointOf([artifact]));
  const weight = (update: number) =>
    after.find(({ step }) => step === update + 1)!.state["conv1/kernel"]!.data;
  const end = trainingCheckpointOf(kept("end"));
  const last = trainingCheckpointOf(kept("checkpoint").slice(-1));
  const mean = (steps: readonly number[]) =>
    weight(0).map((_, index) => steps.reduce((sum, each) => sum + weight(each)[index]!, 0) / steps.length);
  const close = (actual: Float32Array, expected: Float32Array) =>
    actual.forEach((value, index) => assert.ok(Math.abs(value - expected[index]!) < 1e-6));

  close(end.state["average/swa/conv1/kernel"]!.data, mean([14, 17, 20, 23, 26, 29]));
  let ema = weight(5);
  for (let update = 6; update < 30; update++) {
    ema = ema.map((old, index) => 0.9 * old + 0.1 * weight(update)[index]!);
  }
  close(end.state["average/ema/conv1/kernel"]!.data, ema);
  // The second half of each cycle of ten steps, every second of them.
  close(last.retained.get("cycle/0")!["conv1/kernel"]!.data, mean([6, 8]));
  close(last.retained.get("cycle/1")!["conv1/kernel"]!.data, mean([16, 18]));
  close(end.state["average/cycle/conv1/kernel"]!.data, mean([26, 28]));
  assert.ok(state["conv1/kernel"]);
});

Deno.test("every model of a run is judged once on each split, test data last of all for each", async () => {
  const { events, kept } = await run({ plan: EVERYTHING });
  const judged = events.flatMap((event) =>
    event.kind === "eval" && event.step === 30 ? `${event.weights ?? "final"} ${event.split}` : []
  );
  const others = ["cycle/0", "snapshot/0", "cycle/1", "snapshot/1", "cycle/2", "snapshot/2", "ema", "swa"];
  assert.deepEqual(judged, [
    "final validation",
    "final test",
    ...others.flatMap((name) => [`${name} validation`, `${name} test`]),
  ]);
  const [predictions] = kept("predictions");
  assert.ok(predictions?.kind === "save" && "tensors" in predictions);
  assert.deepEqual(
    Object.keys(predictions.tensors).sort(),
    ["final", ...others].flatMap((name) => [`${name}/test`, `${name}/validation`]).sort(),
  );
  const averages = [
    "averages/cycle-0",
    "averages/cycle-1",
    "averages/cycle-2",
    "averages/ema",
    "averages/swa",
  ];
  for (const name of averages) {
    const [average] = kept(name);
    assert.ok(average?.kind === "save" && "tensors" in average, name);
    assert.deepEqual(Object.keys(average.tensors).sort(), [...networkOf(TINY_NORM_MODEL).all].sort());
  }
  const final = predictions.tensors["final/test"]!;
  assert.deepEqual(final.shape, [20, 2]);
  const labels = tinyData().test.labels;
  const right = Array.from(
    labels,
    (label, item) => Number(final.data[2 * item + 1]! > final.data[2 * item]!) === label,
  );
  const told = events.find((event) => event.kind === "eval" && event.split === "test" && !event.weights);
  assert.ok(told?.kind === "eval");
  assert.equal(right.filter(Boolean).length / 20, told.accuracy);
  assert.deepEqual(predictions.tensors["final/validation"], predictions.tensors["snapshot/2/validation"]);
});

Deno.test("snapshots are the weights at each cycle's end, the newest of them", async () => {
  const saveAt = [10, 20, 30];
  const { events, outputs, kept } = await run({ plan: { snapshots: { limit: 2 }, saveEnd: true }, saveAt });
  const weights = kept("checkpoint").map((each) => trainingCheckpointOf([each]).state["conv1/kernel"]);
  const snapshot = (cycle: number) => {
    const [artifact] = kept(`snapshots/cycle-${cycle}`);
    assert.ok(artifact?.kind === "save" && "tensors" in artifact);
    return artifact.tensors;
  };
  assert.deepEqual(snapshot(0)["conv1/kernel"], weights[0]);
  assert.deepEqual(snapshot(1)["conv1/kernel"], weights[1]);
  assert.deepEqual(Object.keys(snapshot(2)).sort(), [...networkOf(TINY_NORM_MODEL).all].sort());
  assert.deepEqual(outputs.filter(({ kind }) => kind === "delete"), [{
    kind: "delete",
    name: "snapshots/cycle-0",
  }]);
  assert.deepEqual([...trainingCheckpointOf(kept("checkpoint").slice(-1)).retained.keys()], [
    "snapshot/0",
    "snapshot/1",
  ]);
  assert.equal(
    trainingCheckpointOf(kept("end")).retained.size,
    0,
    "what goes on from the end has no use for a retained",
  );
  assert.deepEqual(
    events.flatMap((event) => event.kind === "snapshot" ? [[event.step, event.cycle, event.path]] : []),
    [[10, 0, "snapshots/cycle-0.safetensors"], [20, 1, "snapshots/cycle-1.safetensors"], [
      30,
      2,
      "snapshots/cycle-2.safetensors",
    ]],
  );
});

Deno.test("a restart sets the optimizer's slots to zero where it is asked to", async () => {
  // The first step after a restart is then plain gradient descent: its momentum is the gradient alone.
  const kernel = (step: number, resetAtRestart: boolean) =>
    run({ plan: { resetAtRestart }, saveAt: [step] }).then(({ kept }) =>
      trainingCheckpointOf(kept("checkpoint")).state
    );
  const before = await kernel(10, true);
  const [kept, reset] = [await kernel(11, false), await kernel(11, true)];
  const moved = (state: LearnerState, index: number) =>
    before["dense/kernel"]!.data[index]! - state["dense/kernel"]!.data[index]!;
  const slot = reset["dense/kernel/momentum"]!.data;
  slot.forEach((value, index) => assert.ok(Math.abs(moved(reset, index) - 0.1 * value) < 1e-6));
  assert.notDeepEqual(kept["dense/kernel/momentum"], reset["dense/kernel/momentum"]);
  assert.deepEqual(await kernel(10, false), before);
});

Deno.test("parameter groups have rates of their own and stand still while they are frozen", async () => {
  const groups = [
    { match: "conv1/*", lr_factor: 0.5, frozen_until: "1 epoch" },
    { match: "dense/bias", schedule: { name: "constant", lr: 0.02 }, frozen_from: "50%" },
  ];
  const optimizer = { ...SGD, groups };
  const rates = groupRates(groups, SHAPE, 0, (schedule) => buildSchedule(schedule, SHAPE));
  const saveAt = [7, 8, 15, 30];
  const { events, kept } = await run({ optimizer, plan: { groups: rates, saveEnd: true }, saveAt });
  const steps = events.flatMap((event) => event.kind === "step" ? event : []);
  assert.deepEqual(steps[0]!.groups, [null, 0.02]);
  assert.ok(Math.abs(steps[7]!.groups![0]! / steps[7]!.lr - 0.5) < 1e-6);
  assert.equal(steps[14]!.groups![1], 0.02);
  assert.equal(steps[15]!.groups![1], null);
  const states = [...kept("checkpoint"), ...kept("end")].map((each) => trainingCheckpointOf([each]).state);
  const initial = initialWeights(TINY_NORM_MODEL, 1);
  assert.deepEqual(states[0]!["conv1/kernel"]!.data, initial["conv1/kernel"]!.data);
  assert.notDeepEqual(states[1]!["conv1/kernel"]!.data, initial["conv1/kernel"]!.data);
  assert.deepEqual(states[2]!["dense/bias"]!.data, states.at(-1)!["dense/bias"]!.data);
  assert.notDeepEqual(states[2]!["dense/kernel"]!.data, states.at(-1)!["dense/kernel"]!.data);
});

Deno.test("a close look tells what the update did", async () => {
  const { events, kept } = await run({
    optimizer: ADAM,
    schedule: { name: "constant", lr: 0.01 },
    plan: {
      probe: { optimizer: ADAM, trainable: networkOf(TINY_NORM_MODEL).trainable, steps: 4, every: 2 },
    },
    saveAt: [2, 3],
  });
  const probes = events.flatMap((event) => event.kind === "probe" ? event : []);
  assert.deepEqual(probes.map(({ step }) => step), [0, 2]);
  // Adam's first step moves every weight with a gradient by the rate.
  assert.ok(
    Math.abs(probes[0]!.step_rms - 1) < 0.2 && probes[0]!.saturated! > 0.8,
    JSON.stringify(probes[0]),
  );
  const [before, after] = kept("checkpoint").map((each) => trainingCheckpointOf([each]).state);
  let [change, weight, moment, count] = [0, 0, 0, 0];
  for (const name of networkOf(TINY_NORM_MODEL).trainable) {
    before![name]!.data.forEach((value, index) => {
      change += (after![name]!.data[index]! - value) ** 2;
      weight += value ** 2;
      moment += after![`${name}/second_moment`]!.data[index]! / (1 - 0.999 ** 3);
      count++;
    });
  }
  const near = (actual: number, expected: number) => assert.ok(Math.abs(actual / expected - 1) < 1e-6);
  near(probes[1]!.update_norm, Math.sqrt(change));
  near(probes[1]!.weight_norm, Math.sqrt(weight));
  near(probes[1]!.second_moment!, Math.sqrt(moment / count));
  near(probes[1]!.step_rms, Math.sqrt(change / count) / Math.fround(0.01));
  assert.ok(probes[1]!.gradient_norm > 0);
});

Deno.test("paths end at the losses of their snapshots, and directions are the same each time", async () => {
  const { events } = await run({ plan: EVERYTHING });
  const paths = events.flatMap((event) => event.kind === "path" ? event : []);
  const sharpness = events.flatMap((event) => event.kind === "sharpness" ? event : []);
  assert.deepEqual(paths.map(({ from, to }) => [from, to]), [[0, 1], [1, 2]]);
  assert.deepEqual(sharpness.map(({ cycle }) => cycle), [0, 1, 2]);
  for (const path of paths) {
    assert.ok(path.distance > 0 && path.relative_distance > 0 && path.losses.every(Number.isFinite));
    assert.equal(path.losses[0], sharpness[Number(path.from)]!.loss);
    assert.equal(path.losses.at(-1), sharpness[Number(path.to)]!.loss);
  }
  assert.ok(sharpness.every(({ rises }) => rises.length > 1 && rises.every(Number.isFinite)));
  assert.deepEqual((await run({ plan: EVERYTHING })).events, events);
});

Deno.test("a run that goes on from another's end is the same as one run with both schedules", async () => {
  const constant = { name: "constant", lr: 0.1 };
  const shape = { totalSteps: 14, stepsPerEpoch: 7 };
  const first = await run({ schedule: constant, plan: { totalSteps: 14, saveEnd: true, readTest: false } });
  const second = await run({
    plan: {
      firstStep: 14,
      totalSteps: 28,
      epochsBefore: 2,
      schedule: startingAt(
        buildSchedule({ name: "linear", lr: 0.1, duration: "100%", end_lr: 0 }, shape),
        14,
      ),
      readTest: false,
    },
    load: trainingCheckpointOf(first.kept("end")).state,
  });
  const whole = await run({
    schedule: {
      name: "sequence",
      parts: [
        { schedule: constant, for: "14 steps" },
        { schedule: { name: "linear", lr: 0.1, duration: "14 steps", end_lr: 0 }, for: "14 steps" },
      ],
    },
    plan: { totalSteps: 28, readTest: false },
  });
  const steps = (events: typeof whole.events) => events.filter(({ kind }) => kind === "step");
  assert.deepEqual([...steps(first.events), ...steps(second.events)], steps(whole.events));
});

Deno.test("schedule-free runs are judged by their average, with batch norm's statistics of it", async () => {
  const schedule: ScheduleSpec = { name: "constant", lr: 0.02 };
  const seen = await run({ optimizer: SCHEDULE_FREE, schedule });
  const never = await run({ optimizer: SCHEDULE_FREE, schedule, plan: { evalEvery: 30 } });
  // Evaluations leave no trace.
  assert.deepEqual(never.state, seen.state);
  const judged = judgedBy(SCHEDULE_FREE, TINY_NORM_MODEL)!;

  using device = await openDevice("wasm");
  using learner = await device.createLearner({
    model: TINY_NORM_MODEL,
    optimizer: SCHEDULE_FREE,
    data: tinyData(),
    batchSize: 8,
    initial: initialWeights(TINY_NORM_MODEL, 1),
  });
  const last = seen.events.findLast((event) => event.kind === "eval" && event.split === "validation");
  assert.ok(last?.kind === "eval");
  const weights = judged(seen.state);
  await learner.load(weights);
  const stale = await learner.evaluate("validation");
  const batches = { seed: 1, count: 50, batchSize: 8, augment: ["crop", "flip"] as const };
  [...epochBatches(batches, 0)].forEach((batch, index) =>
    learner.estimateStatistics(batch, index / (index + 1))
  );
  const { loss, accuracy } = await learner.evaluate("validation");
  assert.deepEqual([last.loss, last.accuracy], [loss, accuracy]);
  assert.notEqual(stale.loss, loss);
  // The average is not what is trained.
  const kernel = weights["conv1/kernel"]!.data;
  assert.ok(kernel.some((value, index) => Math.abs(value - seen.state["conv1/kernel"]!.data[index]!) > 1e-4));
});

Deno.test("a scalar of the optimizer is part of its state: without it the run goes on otherwise", async () => {
  for (const optimizer of [SCHEDULE_FREE, PRODIGY]) {
    const schedule: ScheduleSpec = { name: "constant", lr: optimizer === PRODIGY ? 1 : 0.02 };
    const whole = await run({ optimizer, schedule, saveAt: [12] });
    const saved = copy(trainingCheckpointOf(whole.kept("checkpoint")));
    const scalars = Object.keys(saved.state).filter((name) =>
      name.startsWith("optimizer/") && name !== "optimizer/steps"
    );
    assert.ok(scalars.length >= 2, `${scalars}`);
    const state = Object.fromEntries(Object.entries(saved.state).filter(([name]) => !scalars.includes(name)));
    const without = await run({ optimizer, schedule, from: { ...saved, state } });
    const going = await run({ optimizer, schedule, from: saved });
    assert.deepEqual(going.state, whole.state);
    assert.notDeepEqual(without.state, whole.state);
  }
});

Deno.test("a run of another optimizer starts from the weights that a schedule-free run is judged by", async () => {
  const { kept } = await run({ optimizer: SCHEDULE_FREE, plan: { saveEnd: true } });
  const end = trainingCheckpointOf(kept("end"));
  const identity = { key: "", device: "", data_digest: "", model: "tiny-norm" };
  const checkpoint = checkpointOf(identity, 0, end);
  const freshOf = async (optimizer: OptimizerSpec) => {
    using device = await openDevice("wasm");
    const initial = initialWeights(TINY_NORM_MODEL, 1);
    using learner = await device.createLearner({
      model: TINY_NORM_MODEL,
      optimizer,
      data: tinyData(),
      batchSize: 8,
      initial,
    });
    return await learner.save();
  };
  const network = networkOf(TINY_NORM_MODEL);
  const same = startingState(checkpoint, network, await freshOf(SCHEDULE_FREE));
  assert.deepEqual(same, end.state);
  const other = startingState(checkpoint, network, await freshOf(SGD));
  assert.deepEqual(other, judgedBy(SCHEDULE_FREE, TINY_NORM_MODEL)!(end.state));
});
