import assert from "node:assert/strict";
import { openCpuDevice } from "#compute/cpu/device.ts";
import type { Device, LearnerOptions } from "#compute/device.ts";
import { plainBatch } from "#compute/plain_batch.ts";
import { referenceInference } from "#compute/reference/model.ts";
import { openTfjsDevice } from "#compute/tfjs/device.ts";
import { openWasmDevice } from "#compute/wasm/device.ts";
import { openWebgpuDevice } from "#compute/webgpu/device.ts";
import { assertBelow, relativeError } from "../support/errors.ts";
import { LONG } from "../support/long.ts";
import { type Requirement, requires } from "../support/requires.ts";
import {
  BATCHES,
  type Case,
  COMBINATIONS,
  controlsOf,
  DROPPING,
  EVERYTHING,
  live,
  LOSSES,
  OPTIMIZERS,
  optionsOf,
  SMALL,
  type Term,
} from "./contract_cases.ts";
import { inputsOf, ReferenceRun } from "./reference_run.ts";
import {
  learnerOptions,
  RESIDUAL,
  rootMeanSquareError,
  someBatch,
  steepWeights,
  syntheticData,
} from "./support.ts";

/**
 * Of the largest value in each tensor, after six steps: measured 1.5e-6 in 32 bits, 6e-6 where WGSL's division, root
 * and exponential round more freely. The last test of this file holds that whatever is left out of a step shows by
 * a hundred times the larger of the two.
 */
const TOLERANCE = 4e-6;
const WGSL_TOLERANCE = 2e-5;

interface Entry {
  readonly name: string;
  readonly needs?: readonly Requirement[];
  /**
   * Whether every combination of terms is run, each with its batches whole and in parts. If not, all terms at once alone,
   * with batches whole for one optimizer, loss or model and in parts for the next: a learner of threads or of a GPU takes
   * a tenth of a second to make, and what a device does with parts hangs on none of them.
   */
  readonly every: boolean;
  readonly tolerance?: number;
  /** The optimizers of {@link OPTIMIZERS} that it runs; absent for all. Threads share gradients, not steps. */
  readonly optimizers?: readonly string[];
  open(): Promise<Device>;
}

const LASTING = Object.keys(OPTIMIZERS).filter((name) => LONG || !OPTIMIZERS[name]!.brief);

const DEVICES: readonly Entry[] = [
  { name: "webgpu", needs: ["vulkan"], every: LONG, tolerance: WGSL_TOLERANCE, open: openWebgpuDevice },
  { name: "cpu", every: true, open: openCpuDevice },
  { name: "wasm", every: true, open: openWasmDevice },
  { name: "wasm, plain SIMD", every: LONG, open: () => openWasmDevice({ build: "plain" }) },
  {
    name: "wasm, two threads",
    every: false,
    optimizers: [...LASTING, "Prodigy", "Muon"],
    open: () => openWasmDevice({ threads: 2 }),
  },
  {
    name: "wasm, two threads, plain SIMD",
    every: false,
    optimizers: LASTING,
    open: () => openWasmDevice({ threads: 2, build: "plain" }),
  },
];

/** Optimizers at full size: where `deno task test` runs, one with two slots, decay and a bias correction. */
const LARGE = EVERYTHING.filter(({ optimizer }) => LONG || optimizer === "AdamW");
/** The side of images for the lab's own network with dropout. */
const DROPPING_SIDE = LONG ? 32 : 16;
/** Optimizers that are saved in the middle where not every combination is run: one of each kind of state. */
const SAVED = ["SGD", "AdamW", "schedule-free AdamW", "Prodigy", "Muon"];

/** Every combination of terms, of which `deno task test` takes none, each alone, and all. */
const MANY = LONG
  ? COMBINATIONS
  : COMBINATIONS.filter((terms) => terms.length <= 1 || terms === COMBINATIONS.at(-1));

/** The same lives in float64, each lived once. */
const lives = new Map<string, ReturnType<typeof referenceLife>>();
function referenceLife(entry: Case, options: LearnerOptions) {
  const run = new ReferenceRun(options);
  const applied: { loss: number; gradientNorm: number }[] = [];
  live(
    {
      update: (batch, controls) => {
        applied.push(run.update(batch, controls));
        return applied.at(-1)!;
      },
      average: (name, share) => run.average(name, share),
      resetOptimizer: () => run.resetOptimizer(),
      estimateStatistics: (batch, keep) => run.estimateStatistics(batch, keep),
    },
    options,
    entry,
  );
  return { applied, state: run.state };
}

function lifeOf(entry: Case, options: LearnerOptions) {
  const key = JSON.stringify([entry, options.model.name]);
  const known = lives.get(key) ?? referenceLife(entry, options);
  lives.set(key, known);
  return known;
}

async function assertLife(
  device: Device,
  entry: Case,
  options: LearnerOptions,
  { errorOf = relativeError, tolerance }: { errorOf?: typeof relativeError | null; tolerance: number },
): Promise<void> {
  const wanted = lifeOf(entry, options);
  const { optimizer, terms, accumulate, loss: trained } = entry;
  const losses = trained ? `, ${Object.values(trained).join(" ")}` : "";
  const what = `${optimizer}, ${terms.join(" ")}${accumulate ? ", in parts" : ""}${losses}`;
  using learner = await device.createLearner(options);
  live(learner, options, entry);
  const applied = await learner.losses();
  assert.equal(applied.length, BATCHES.length);
  applied.forEach(({ lr, momentum, loss, gradientNorm }, step) => {
    const controls = controlsOf(entry, step);
    assert.deepEqual([lr, momentum], [Math.fround(controls.lr), Math.fround(controls.momentum)], what);
    assertNear(loss, wanted.applied[step]!.loss, tolerance, `${what}: loss ${step}`);
    assertNear(
      gradientNorm!,
      wanted.applied[step]!.gradientNorm,
      tolerance,
      `${what}: norm of gradient ${step}`,
    );
  });
  const state = await learner.save();
  assert.deepEqual(Object.keys(state).sort(), Object.keys(wanted.state).sort(), what);
  if (errorOf === null) return;
  for (const [name, { data }] of Object.entries(wanted.state)) {
    const kernel = `six steps, ${optimizer}`;
    const compared = {
      device: device.info.backend,
      kernel,
      shape: `${options.model.name}: ${name} (${what})`,
    };
    // Prodigy's numerator adds up terms of both signs: what is left has their rounding.
    const bound = name.startsWith("optimizer/") ? 10 * tolerance : tolerance;
    assertBelow(compared, errorOf(state[name]!.data, data), bound);
  }
}

function assertNear(seen: number, wanted: number, tolerance: number, what: string): void {
  assert.ok(Math.abs(seen - wanted) < tolerance * wanted, `${what} is ${seen}, expected ${wanted}`);
}

/** Two threads share gradients in one way whatever the build is, so `deno task test` leaves that pair out. */
const TRIED = DEVICES.filter(({ name }) => LONG || name !== "wasm, two threads, plain SIMD");

for (const { name, needs = [], every, tolerance = TOLERANCE, optimizers, open } of TRIED) {
  const tried = optimizers ?? Object.keys(OPTIMIZERS);
  /** Whether batches go in parts, for the entry of a table with this index. */
  const partings = (index: number) => every || LONG ? [false, true] : [index % 2 === 1];
  const machine = await requires(...needs);
  // One device for all: opening it and building its kernels takes longer than most of what is tested.
  Deno.test(`${name} keeps the contract of a device`, machine, async (t) => {
    using device = await open();
    for (const [index, optimizer] of tried.entries()) {
      const brief = !LONG && OPTIMIZERS[optimizer]!.brief === true;
      const combinations = every && !brief ? MANY : COMBINATIONS.slice(-1);
      const title = `${combinations.length} combinations of terms`;
      await t.step(`${optimizer} with ${title} is float64's`, async () => {
        for (const terms of combinations) {
          for (const accumulate of partings(index)) {
            const entry = { optimizer, terms, accumulate };
            await assertLife(device, entry, optionsOf(entry), { tolerance });
          }
        }
      });
    }

    await t.step(
      `cnn-small on 32×32 trains as in float64, with all terms and ${
        LARGE.map(({ optimizer }) => optimizer).join(", ")
      }`,
      async () => {
        // In the mean square: Adam and RMSProp divide each component by its own size, so that of 18,432 weights there is
        // some whose gradient is hardly more than rounding. Measured: 5e-5 by Prodigy, whose gradients come by Winograd's
        // F(4 × 4, 3 × 3); 2e-5 in WGSL.
        const loosely = { errorOf: rootMeanSquareError, tolerance: Math.max(1e-4, 5 * tolerance) };
        // Lion takes signs, and schedule-free AdamW has large first steps: such a weight moves the other way. Measured on
        // WASM: 1e-4 of a loss. Their weights are compared on the small network above.
        const lossesAlone = { errorOf: null, tolerance: 1e-3 };
        for (const entry of LARGE) {
          const within = ["Lion", "schedule-free AdamW"].includes(entry.optimizer) ? lossesAlone : loosely;
          await assertLife(device, entry, optionsOf(entry, "cnn-small", 32), within);
        }
      },
    );

    await t.step(`every loss trains as in float64, and evaluations tell cross-entropy`, async () => {
      for (const [index, loss] of LOSSES.entries()) {
        for (const accumulate of partings(index)) {
          const entry: Case = { optimizer: "momentum", terms: ["clip"], accumulate, loss };
          const options = optionsOf(entry);
          await assertLife(device, entry, options, { tolerance });
          using learner = await device.createLearner(options);
          const { data, model, initial } = options;
          const { images, labels } = inputsOf(
            { ...data, train: data.validation },
            plainBatch(0, data.validation.count),
          );
          const plain = referenceInference(model, initial, images, labels).loss;
          assertNear(
            (await learner.evaluate("validation")).loss,
            plain,
            tolerance,
            `${loss.name}: evaluation`,
          );
        }
      }
    });

    await t.step(`dropout is float64's, in parts and whole, and only while training`, async () => {
      for (const accumulate of [false, true]) {
        const entry: Case = { optimizer: "momentum", terms: ["clip"], accumulate };
        await assertLife(device, entry, optionsOf(entry, DROPPING), { tolerance });
      }
      const entry: Case = { optimizer: "momentum", terms: [], accumulate: false };
      await assertLife(device, entry, optionsOf(entry, "cnn-dropout", DROPPING_SIDE), { tolerance });

      const options = optionsOf(entry, DROPPING);
      using learner = await device.createLearner(options);
      const { data, model, initial } = options;
      const { images, labels } = inputsOf(
        { ...data, train: data.validation },
        plainBatch(0, data.validation.count),
      );
      const { loss, logits } = referenceInference(model, initial, images, labels);
      assert.ok(relativeError(await learner.predict("validation"), logits) < tolerance);
      assertNear((await learner.evaluate("validation")).loss, loss, tolerance, "evaluation");
      assert.throws(
        () => learner.update(someBatch(data, 0, 4), { lr: 0.1, momentum: 0 }),
        /without the step's number/,
      );
    });

    await t.step(`residual blocks train as in float64, in parts too`, async () => {
      for (const [index, optimizer] of ["Nesterov", "AdamW"].entries()) {
        for (const accumulate of partings(index)) {
          const entry: Case = { optimizer, terms: ["decay", "clip"], accumulate };
          await assertLife(device, entry, optionsOf(entry, RESIDUAL), { tolerance: 5 * tolerance });
        }
      }
    });

    await t.step(
      `gradients alone are float64's, in parts and whole, and move batch norm's statistics alone`,
      async () => {
        for (const [index, model] of [SMALL, DROPPING].entries()) {
          for (const accumulate of partings(index)) {
            const options = optionsOf({ optimizer: "momentum", terms: ["groups"], accumulate }, model);
            using learner = await device.createLearner(options);
            const before = await learner.save();
            const run = new ReferenceRun(options);
            const batch = someBatch(options.data, 0, 8);
            const wanted = run.gradients(batch);
            // Twice: nothing of the first is left over, and nothing moves what it depends on.
            for (const gradients of [await learner.gradients(batch), await learner.gradients(batch)]) {
              assert.deepEqual(Object.keys(gradients).sort(), Object.keys(wanted).sort());
              for (const [each, values] of Object.entries(wanted)) {
                assert.ok(relativeError(Float64Array.from(gradients[each]!), values) < tolerance, each);
              }
            }
            const after = await learner.save();
            for (const [each, { data }] of Object.entries(before)) {
              if (each.includes("/moving_")) assert.notDeepEqual(after[each]!.data, data, each);
              else assert.deepEqual(after[each]!.data, data, each);
            }
            assert.deepEqual(await learner.losses(), []);
          }
        }
      },
    );

    await t.step(`a state saved in the middle goes on bit for bit`, async () => {
      const saved = (optimizer: string) =>
        tried.includes(optimizer) && (every || LONG || SAVED.includes(optimizer));
      for (const entry of EVERYTHING.filter(({ optimizer }) => saved(optimizer))) {
        const options = optionsOf(entry);
        using first = await device.createLearner(options);
        live(first, options, entry, 0, 2);
        const saved = await first.save();
        using second = await device.createLearner(options);
        await second.load(saved);
        assert.deepEqual(await second.save(), saved, entry.optimizer);
        await first.losses();
        for (const learner of [first, second]) live(learner, options, entry, 2);
        assert.deepEqual(await second.losses(), await first.losses(), entry.optimizer);
        assert.deepEqual(await second.save(), await first.save(), entry.optimizer);
      }
    });

    await t.step(`the logits of a split are float64's, and change nothing`, async () => {
      const options = optionsOf(EVERYTHING[1]!);
      using learner = await device.createLearner(options);
      live(learner, options, EVERYTHING[1]!);
      const state = await learner.save();
      const { data, model } = options;
      const { images, labels } = inputsOf(
        { ...data, train: data.validation },
        plainBatch(0, data.validation.count),
      );
      const truth = referenceInference(model, state, images, labels);
      const logits = await learner.predict("validation");
      assert.ok(relativeError(logits, truth.logits) < tolerance);
      assert.equal((await learner.evaluate("validation")).accuracy, truth.correct / data.validation.count);
      assert.deepEqual(await learner.save(), state);
    });

    await t.step(`what is unknown is refused by name`, async () => {
      const entry = EVERYTHING[0]!;
      const options = optionsOf(entry);
      const strange = { ...options.optimizer, groups: [{ match: "conv9/*" }] };
      await assert.rejects(
        async () => await device.createLearner({ ...options, optimizer: strange }),
        /"conv9\/\*" takes no parameter.*conv1\/kernel/,
      );
      using learner = await device.createLearner(options);
      assert.throws(() => learner.average("mean", 1), /"mean"; there is ema, swa/);
      assert.throws(
        () => learner.estimateStatistics(someBatch(options.data, 0, 4), 0),
        /4 images: expected 1 to 3/,
      );
      const controls = { lr: 0.1, momentum: 0, groups: [0.1] };
      assert.throws(
        () => learner.update(someBatch(options.data, 0, 2), controls),
        /1 groups' rates.*3 groups/,
      );
    });
  });
}

Deno.test("a device that cannot do what a plan asks says so before anything runs", async () => {
  using device = await openTfjsDevice("cpu");
  const data = syntheticData(8, 8);
  const loss = { name: "focal", gamma: 2 } as const;
  const options = optionsOf(
    { optimizer: "Adam", terms: ["groups", "clamp"], accumulate: true, loss },
    "cnn-dropout",
  );
  await assert.rejects(
    device.createLearner(options),
    (error) =>
      error instanceof TypeError &&
      /^The tfjs device trains by SGD .*not: dropout, optimizer adam, parameter groups, clip_value, averages of the weights, a loss other than plain cross-entropy \(focal\), norms of gradients; take --backend wasm$/
        .test(error.message),
  );
  using learner = await device.createLearner(learnerOptions("cnn-small", data, 2));
  assert.throws(
    () => learner.update(someBatch(data, 0, 3), { lr: 0.1, momentum: 0 }),
    /does not accumulate: 3 images are more than 2/,
  );
});

Deno.test("what is dropped shows in the reference by far more than the tolerance", () => {
  const entry: Case = { optimizer: "momentum", terms: [], accumulate: false };
  const stateOf = (changed: Partial<LearnerOptions>) =>
    referenceLife(entry, { ...optionsOf(entry, DROPPING), ...changed }).state["dense/kernel"]!.data;
  const seen = stateOf({});
  for (const changed of [{ model: SMALL }, { dropoutSeed: 4 }]) {
    assert.ok(relativeError(stateOf(changed), seen) > 100 * WGSL_TOLERANCE);
  }
  // Parts of a batch without batch norm are the batch: the masks must not show how it was cut.
  const layers = DROPPING.layers.filter(({ kind }) => kind !== "batch_norm");
  const model = { ...DROPPING, layers };
  const plain = { model, initial: steepWeights(model, 5) };
  assert.ok(relativeError(stateOf({ ...plain, batchSize: 3 }), stateOf(plain)) < 1e-12);
});

Deno.test("every loss shows in the reference by far more than the tolerance", () => {
  const lives = [undefined, ...LOSSES].map((loss) => {
    const entry: Case = { optimizer: "momentum", terms: [], accumulate: false, ...(loss && { loss }) };
    return lifeOf(entry, optionsOf(entry)).state["dense/kernel/momentum"]!.data;
  });
  lives.forEach((data, index) => {
    for (const other of lives.slice(0, index)) {
      const error = relativeError(data, other);
      assert.ok(error > 100 * WGSL_TOLERANCE, `${error}`);
    }
  });
});

Deno.test("whatever is left out of a step shows in the reference by far more than the tolerance", () => {
  for (const entry of EVERYTHING) {
    const whole = lifeOf(entry, optionsOf(entry)).state;
    const without: Case[] = entry.terms.map((left: Term) => ({
      ...entry,
      terms: entry.terms.filter((term) => term !== left),
    }));
    for (const other of [...without, { ...entry, accumulate: false }]) {
      const { state } = lifeOf(other, optionsOf(other));
      const shared = Object.keys(whole).filter((name) => name !== "optimizer/steps");
      const shown = Math.max(...shared.map((name) => relativeError(state[name]!.data, whole[name]!.data)));
      assert.ok(shown > 100 * WGSL_TOLERANCE, `${entry.optimizer} against ${other.terms}: only ${shown}`);
    }
  }
});
