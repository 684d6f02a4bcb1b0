import assert from "node:assert/strict";
import { openDevice } from "#compute/devices.ts";
import { initialWeights } from "#compute/parameters.ts";
import { buildSchedule } from "#schedules/registry.ts";
import type { ScheduleSpec } from "#schedules/schedule.ts";
import { epochBatches } from "#train/batches.ts";
import type { TrainEvent } from "#train/events.ts";
import type { Learner } from "#train/learner.ts";
import { STEPS_PER_READ, train } from "#train/loop.ts";
import type { TrainPlan } from "#train/plan.ts";
import { eventsOf, TINY_MODEL, TINY_NETWORK, tinyData } from "../support/tiny.ts";

const OPTIMIZER = { name: "sgd", momentum: 0.9, nesterov: false, weight_decay: 0, clip_norm: null } as const;
const SHAPE = { totalSteps: 30, stepsPerEpoch: 7 };

interface Changes {
  readonly schedule?: ScheduleSpec;
  readonly plan?: Partial<TrainPlan>;
  readonly stopAfter?: number;
  /** Stands between the loop and the learner. */
  readonly between?: (learner: Learner) => Learner;
}

async function run(
  { schedule, plan, stopAfter = Infinity, between = (it) => it }: Changes = {},
): Promise<TrainEvent[]> {
  const data = tinyData();
  using device = await openDevice("wasm");
  using learner = await device.createLearner({
    model: TINY_MODEL,
    optimizer: OPTIMIZER,
    data,
    batchSize: 8,
    initial: initialWeights(TINY_MODEL, 1),
  });
  let asked = 0;
  const outputs = await Array.fromAsync(train(between(learner), {
    ...SHAPE,
    schedule: buildSchedule(schedule ?? { name: "constant", lr: 0.1 }, SHAPE),
    momentum: 0.9,
    batches: (epoch) => epochBatches({ seed: 1, count: 50, batchSize: 8, augment: ["flip"] }, epoch),
    evalEvery: 10,
    readTest: true,
    network: TINY_NETWORK,
    ...plan,
  }, { now: () => performance.now(), shouldStop: () => ++asked > stopAfter }));
  return eventsOf(outputs);
}

Deno.test("a run tells every step, its evaluations, and ends once", async () => {
  const events = await run();
  const kinds = events.map(({ kind }) => kind);
  assert.deepEqual(
    events.flatMap((event) => event.kind === "step" ? event.step : []),
    Array.from({ length: 30 }, (_, step) => step),
  );
  const evals = events.flatMap((event) => event.kind === "eval" ? `${event.split} ${event.step}` : []);
  assert.deepEqual(evals, ["validation 10", "validation 20", "validation 30", "test 30"]);
  assert.equal(kinds.filter((kind) => kind === "ended").length, 1);
  const end = events.at(-1)!;
  assert.ok(end.kind === "ended" && end.reason === "budget" && end.step === 30 && end.ms_per_step! > 0);
  // Steps come before the evaluation that follows them.
  assert.equal(events.findIndex((event) => event.kind === "eval"), 10);
});

Deno.test("a device continues while losses travel, and the events are the same", async () => {
  const plan = { totalSteps: 120, evalEvery: 120, snapshots: { limit: 9 } };
  const schedule = { name: "sgdr", lr: 0.1, T_0: "60 steps", T_mult: 1 };
  let [asked, ahead] = [0, 0];
  /** Losses come 30 ms after they were asked for, as from a GPU. */
  const distant = (near: Learner): Learner => {
    let queued = 0;
    return {
      update: (...args) => {
        near.update(...args);
        queued++;
        if (asked > 0) ahead++;
      },
      losses: async () => {
        const losses = await near.losses();
        asked++;
        await new Promise((resolve) => setTimeout(resolve, 30));
        asked--;
        return losses;
      },
      evaluate: (split) => {
        assert.equal(asked, 0, `evaluated after ${queued} steps with losses on their way`);
        return near.evaluate(split);
      },
      save: () => near.save(),
      load: (state) => near.load(state),
      predict: (split) => near.predict(split),
      resetOptimizer: () => near.resetOptimizer(),
      average: (name, share) => near.average(name, share),
      estimateStatistics: (batch, keep) => near.estimateStatistics(batch, keep),
      gradients: (...args) => near.gradients(...args),
      [Symbol.dispose]: () => near[Symbol.dispose](),
    };
  };
  const untimed = (events: readonly TrainEvent[]) =>
    events.map((event) => event.kind === "ended" ? { ...event, ms_per_step: 0 } : event);
  const told = await run({ schedule, plan, between: distant });
  assert.deepEqual(untimed(told), untimed(await run({ schedule, plan })));
  assert.ok(ahead >= STEPS_PER_READ, `${ahead} steps were queued while losses were on their way`);
});

Deno.test("the time of a step counts what asking for losses takes, as where a device is behind", async () => {
  const waitMs = 40;
  const busy = (near: Learner): Learner =>
    Object.assign(Object.create(null), {
      update: near.update.bind(near),
      losses: () => {
        const until = performance.now() + waitMs;
        while (performance.now() < until);
        return near.losses();
      },
      evaluate: near.evaluate.bind(near),
      [Symbol.dispose]: () => near[Symbol.dispose](),
    });
  const events = await run({ plan: { totalSteps: 64, evalEvery: 64 }, between: busy });
  const end = events.at(-1)!;
  assert.ok(end.kind === "ended" && end.ms_per_step! >= waitMs / STEPS_PER_READ, JSON.stringify(end));
});

Deno.test("a run that diverges while losses travel tells no step beyond", async () => {
  const schedule = { name: "constant", lr: 1e6 };
  const plan = { totalSteps: 60, evalEvery: 60 };
  const events = await run({ schedule, plan });
  const end = events.at(-1)!;
  assert.ok(end.kind === "ended" && end.reason === "diverged" && /training loss/.test(end.detail!));
  assert.equal(events.filter(({ kind }) => kind === "step").length, end.step);
  assert.equal(events.length, end.step + 1);
});

Deno.test("the network learns the tiny task", async () => {
  const events = await run();
  const test = events.find((event) => event.kind === "eval" && event.split === "test");
  const losses = events.flatMap((event) => event.kind === "step" ? event.loss : []);
  assert.ok(test?.kind === "eval" && test.accuracy >= 0.9, JSON.stringify(test));
  assert.ok(losses.at(-1)! < losses[0]! / 2, `${losses[0]} to ${losses.at(-1)}`);
});

Deno.test("the rate of each step event is the schedule's, as the update applied it", async () => {
  const schedule = { name: "multistep", lr: 0.1, milestones: ["10 steps", "20 steps"], gamma: 0.1 };
  const events = await run({ schedule });
  const rates = events.flatMap((event) => event.kind === "step" ? event.lr : []);
  assert.deepEqual([rates[0], rates[9], rates[10], rates[19], rates[20], rates[29]], [
    0.1,
    0.1,
    0.01,
    0.01,
    0.001,
    0.001,
  ]);
});

Deno.test("momentum that a schedule moves is what the update applied", async () => {
  const schedule = { name: "one_cycle", max_lr: 0.1, duration: "100%" };
  const events = await run({ schedule });
  const momenta = events.flatMap((event) => event.kind === "step" ? event.momentum : []);
  assert.equal(momenta[0], 0.95);
  assert.equal(Math.min(...momenta), 0.85);
});

Deno.test("restarts are told before the update that they begin", async () => {
  const schedule = { name: "sgdr", lr: 0.1, T_0: "10 steps", T_mult: 1 };
  const events = await run({ schedule });
  assert.deepEqual(
    events.flatMap((event) => event.kind === "restart" ? `${event.cycle} at ${event.step}` : []),
    ["1 at 10", "2 at 20"],
  );
});

Deno.test("a rate that is far too large ends the run as diverged, with the reason", async () => {
  const events = await run({ schedule: { name: "constant", lr: 1e6 } });
  const end = events.at(-1)!;
  assert.ok(end.kind === "ended" && end.reason === "diverged", JSON.stringify(end));
  assert.match(end.detail!, /^The (training|validation) loss (became NaN|became infinite|rose to)/);
  assert.ok(end.step < 30);
  assert.ok(!events.some((event) => event.kind === "eval" && event.split === "test"), "test data was read");
});

Deno.test("a run that is asked to stop tells what it did and ends as stopped", async () => {
  const events = await run({ stopAfter: 13 });
  const end = events.at(-1)!;
  assert.ok(end.kind === "ended" && end.reason === "stopped" && end.step === 13, JSON.stringify(end));
  assert.equal(events.filter(({ kind }) => kind === "step").length, 13);
});

Deno.test("a feedback schedule moves the rate after evaluations that brought nothing", async () => {
  // A threshold that nothing can beat: every evaluation counts as bad.
  const schedule = {
    name: "plateau",
    lr: 0.1,
    factor: 0.5,
    patience: 0,
    threshold: 0.99,
    threshold_mode: "rel",
  };
  const events = await run({ schedule });
  const rates = events.flatMap((event) => event.kind === "step" ? event.lr : []);
  assert.deepEqual([rates[0], rates[9]], [0.1, 0.1]);
  assert.ok(rates[29]! < 0.1, `${rates[29]}`);
});

Deno.test("leaving the loop early frees what it held", async () => {
  const data = tinyData();
  using device = await openDevice("wasm");
  const learner = await device.createLearner({
    model: TINY_MODEL,
    optimizer: OPTIMIZER,
    data,
    batchSize: 8,
    initial: initialWeights(TINY_MODEL, 1),
  });
  const events = train(learner, {
    ...SHAPE,
    schedule: buildSchedule({ name: "constant", lr: 0.1 }, SHAPE),
    momentum: 0.9,
    batches: (epoch) => epochBatches({ seed: 1, count: 50, batchSize: 8, augment: [] }, epoch),
    evalEvery: 10,
    readTest: false,
    network: TINY_NETWORK,
  }, { now: () => performance.now(), shouldStop: () => false });
  for await (const event of events) if (event.kind === "eval") break;
  learner[Symbol.dispose]();
  assert.deepEqual(await events.next(), { done: true, value: undefined });
});

Deno.test("a cycle that evaluations extend restarts where it ends, not where it would have", async () => {
  // The second evaluation of so easy a task can bring no better accuracy, so the second cycle is extended.
  const schedule = {
    name: "adaptive_sgdr",
    lr: 0.1,
    T_0: "10 steps",
    patience: 1,
    extension_factor: 1.2,
    metric: "validation_accuracy",
  };
  const events = await run({ schedule, plan: { evalEvery: 8 } });
  const rates = events.flatMap((event) => event.kind === "step" ? event.lr : []);
  const restarts = events.flatMap((event) => event.kind === "restart" ? event.step : []);
  const risen = rates.flatMap((rate, step) => step > 0 && rate > rates[step - 1]! ? step : []);
  assert.ok(restarts.some((step) => step % 10 !== 0), `no cycle was extended: ${restarts}`);
  assert.deepEqual(restarts, risen);
});
