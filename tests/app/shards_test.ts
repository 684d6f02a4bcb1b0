import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { stringify } from "yaml";
import { loadFacts } from "#app/session/facts.ts";
import { joinShards } from "#app/session/join.ts";
import type { SessionOptions } from "#app/session/options.ts";
import { trainShard } from "#app/session/shard.ts";
import type { ShardOutcome } from "#app/session/train_part.ts";
import { trainStudy } from "#app/session/train_study.ts";
import type { Training } from "#app/session/training.ts";
import type { CommandIo } from "#app/io.ts";
import { requestOf } from "#app/commands/sweep.ts";
import { studySpec, VOCABULARY } from "#app/studies/study_spec.ts";
import { experiment } from "#study/experiment/study.ts";
import { lrRangeTest } from "#study/lr_range_test/study.ts";
import { scheduleProblem } from "#study/schedule_problem.ts";
import type { Kind, TrainingStudy } from "#study/study.ts";
import { sweep } from "#study/sweep/study.ts";
import { LONG } from "../support/long.ts";
import { PROVENANCE } from "../support/run_fixture.ts";
import { toldBy, toldPool } from "../support/told_pool.ts";

const io: CommandIo = {
  stdout: () => {},
  stderr: () => {},
  readText: () => assert.fail("nothing is read"),
  writeTextAtomic: () => assert.fail("nothing is written"),
  isTerminal: false,
  stderrIsTerminal: false,
  columns: 80,
  env: () => undefined,
};
const options: SessionOptions = {
  invocation: { command: "deno task train spec.yaml", exercise: null, introduction: "", folder: "." },
  dataDir: null,
  backend: "wasm",
  jobs: null,
  threads: 1,
  out: null,
  resume: false,
  fresh: true,
  earlier: null,
  checkpointS: null,
};
const BASE = {
  name: "split",
  dataset: { name: "shapes-16", train: 32, validation: 16, test: 16 },
  model: "cnn-tiny",
  batch_size: 16,
  duration: "2 epochs",
  eval_every: "1 epoch",
};
const constant = (lr: number | "tuned") => ({ name: "constant", lr });
const read = (spec: object) => studySpec({ file: "spec.yaml", text: stringify(spec) }, {});

/** Experiments with and without tuning, looks and arms that go on from others; what the runs come to is by the salt. */
const experiments = fc.record({
  seeds: fc.constantFrom([1, 2], [1, 2, 3], [1, 2, 3, 4]),
  tuned: fc.constantFrom(0, 0, 1),
  looks: fc.boolean(),
  arms: fc.integer({ min: 1, max: 3 }),
  goesOn: fc.boolean(),
}).map(({ seeds, tuned, looks, arms, goesOn }): TrainingStudy<Kind> =>
  experiment({
    questions: [],
    introduction: "",
    spec: read({
      ...BASE,
      seeds,
      ...(looks && { looks: { at: [...new Set([2, seeds.length])] } }),
      ...(tuned && { tune: { rates: [0.1, 0.2], seeds: [8, 9], extend: tuned } }),
      arms: [
        ...Array.from({ length: arms }, (_, arm) => ({
          name: `arm ${arm}`,
          schedule: constant(tuned ? "tuned" : 0.1 + arm / 10),
        })),
        ...(goesOn ? [{ name: "after", from: "arm 0", duration: "3 epochs", schedule: constant(0.01) }] : []),
      ],
    }),
  })
);

const sweeps = fc.record({
  cells: fc.constantFrom({ values: "0.1,0.2,0.3", method: "grid" as const }, {
    values: "0.1,0.2,0.3,0.4",
    method: "halving" as const,
  }),
  seeds: fc.constantFrom([1, 2], [1, 2, 3]),
  all: fc.boolean(),
}).map(({ cells: { values, method }, ...asked }): TrainingStudy<Kind> => {
  const spec = read({ ...BASE, seeds: [1, 2], arms: [{ name: "a", schedule: constant(0.1) }] });
  const over = [`arms[0].schedule.lr=${values}`];
  return sweep(spec, requestOf(spec, { over, draw: 1, eta: 2, method, ...asked }), VOCABULARY);
});

const rangeTests = fc.constantFrom(0, 8).map((checkSteps): TrainingStudy<Kind> =>
  lrRangeTest(read({ ...BASE, seeds: [1, 2], arms: [{ name: "a", schedule: constant(0.1) }] }), {
    ramp: { from: 1e-3, to: 1, steps: 20, shape: "exponential" },
    smoothing: 0.5,
    checkSteps,
    rule: "valley",
  })
);

/** A call of one shard: which, and after how many turns it breaks. */
const calls = fc.array(
  fc.record({
    pick: fc.nat(100),
    turns: fc.constantFrom(1, 2, 3, 5, Infinity, Infinity),
    joins: fc.boolean(),
  }),
  { minLength: 0, maxLength: 8 },
);

/** A folder in memory where the system has one: hundreds of small files are written through to the disk. */
async function inMemory(): Promise<string> {
  return await Deno.makeTempDir({ dir: "/dev/shm" }).catch(() => Deno.makeTempDir());
}

/** All studies are of the same images. */
let facts: ReturnType<typeof loadFacts> | undefined;

async function trainingOf(
  study: TrainingStudy<Kind>,
  salt: number,
  turns?: number,
): Promise<Training<never>> {
  facts ??= loadFacts(study.spec, options);
  const { data, files } = await facts;
  const known = { spec: study.spec, data, files };
  return {
    facts: known,
    specText: stringify(known.spec),
    plan: study.plan(known) as never,
    problemOf: (plan) => Promise.resolve(scheduleProblem(plan, {})),
    pool: toldPool(toldBy(salt), turns),
    backend: "wasm",
    why: "",
    threads: 1,
    jobs: 1,
    provenance: { ...PROVENANCE, at: new Date().toISOString(), data_digest: data.digest },
    [Symbol.dispose]: () => {},
  };
}

/** One call of a shard; `null` where its pool broke. */
async function call(
  study: TrainingStudy<Kind>,
  out: string,
  { shard, of, salt, turns = Infinity, waitMs = null }: {
    shard: number;
    of: number;
    salt: number;
    turns?: number;
    waitMs?: number | null;
  },
): Promise<ShardOutcome | null> {
  const training = await trainingOf(study, salt, turns);
  const request = { shard, of, waitMs };
  try {
    return await trainShard(training, study.asked!, { out, options, request, io });
  } catch (error) {
    if (/the pool was broken/.test((error as Error).message)) return null;
    throw error;
  }
}

/** As a kill leaves it: before the last run's list of files was written, with half of an event. */
async function tear(folder: string): Promise<void> {
  for await (const { name } of Deno.readDir(join(folder, "runs"))) {
    const run = join(folder, "runs", name);
    const isFinished = await Deno.stat(join(run, "files.json")).then(() => true, () => false);
    if (!isFinished) {
      return await Deno.writeTextFile(join(run, "events.jsonl"), '{"kind":"st', { append: true });
    }
  }
}

/** Without what differs from one process to the next: when, and how long it took. */
function figuresOf(result: unknown): unknown {
  return JSON.parse(
    JSON.stringify(result),
    (key, value) => ["at", "wall_s", "jobs", "ms_per_step"].includes(key) ? 0 : value,
  );
}

async function eventsIn(out: string): Promise<Record<string, string>> {
  const events: Record<string, string> = {};
  for await (const { name } of Deno.readDir(join(out, "runs"))) {
    const text = await Deno.readTextFile(join(out, "runs", name, "events.jsonl"));
    events[name] = text.replace(/"ms_per_step":[^}]*/g, "");
  }
  return events;
}

const RESULTS: Partial<Record<Kind, string>> = {
  experiment: "summary.json",
  sweep: "sweep.json",
  "range test": "range-test.json",
};

async function sameAsOne(
  study: TrainingStudy<Kind>,
  of: number,
  salt: number,
  order: readonly { pick: number; turns: number; joins: boolean }[],
): Promise<void> {
  const folder = await inMemory();
  const [one, out] = [join(folder, "one"), join(folder, "out")];
  const joined = () => joinShards(out, { dataDir: null, studyOf: () => Promise.resolve(study), io });
  try {
    // 1. In one process.
    await Deno.mkdir(join(one, "runs"), { recursive: true });
    const whole = await trainStudy(study.kind, await trainingOf(study, salt), {
      folder: one,
      options,
      provenance: () => ({
        at: "",
        command: options.invocation.command,
        commit: null,
        versions: PROVENANCE.versions,
        wall_s: 0,
      }),
      io,
      server: null,
    });
    const failure = whole.failure?.message ?? null;

    /** What a study that fails in one process fails with in a shard. */
    const failing = (error: Error) => {
      assert.ok(failure !== null && error.message.startsWith(failure), error.message);
      return { state: "whole" as const };
    };

    // 2. In shards: some calls that break, then all until nothing is left, at once or in turn.
    for (const { pick, turns, joins } of order) {
      const shard = 1 + pick % of;
      const outcome = await call(study, out, { shard, of, salt, turns }).catch(failing);
      if (outcome === null) await tear(join(out, `shard-${shard}-of-${of}`));
      if (joins) await joined().catch((error) => assert.equal(error.message, failure));
    }
    const shards = Array.from({ length: of }, (_, index) => ({ shard: index + 1, of, salt }));
    if (salt % 2 === 0) {
      const outcomes = await Promise.all(
        shards.map((each) => call(study, out, { ...each, waitMs: 5 }).catch(failing)),
      );
      assert.ok(outcomes.every((outcome) => outcome?.state === "whole"));
    } else {
      const states = new Map<number, string>();
      for (let round = 0; states.size < of; round++) {
        assert.ok(round < 20, "it comes to no end");
        for (const each of shards) {
          const { state } = (await call(study, out, each).catch(failing))!;
          if (state === "whole" || state === "done") states.set(each.shard, state);
        }
      }
      assert.equal(states.get(of), "whole");
    }

    // 3. Joined.
    if (failure !== null) await assert.rejects(joined(), { message: failure });
    else assert.deepEqual((await joined())!.missing, []);
    const result = JSON.parse(await Deno.readTextFile(join(out, RESULTS[study.kind]!)));
    assert.deepEqual(figuresOf(result), figuresOf(whole.result));
    assert.deepEqual(await eventsIn(out), await eventsIn(one));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

for (const [name, studies] of Object.entries({ experiments, sweeps, rangeTests })) {
  Deno.test(`${name}: shards in any number, order and state of repair give what one process gives`, async () => {
    await fc.assert(
      fc.asyncProperty(studies, fc.integer({ min: 1, max: 4 }), fc.nat(1000), calls, sameAsOne),
      { numRuns: LONG ? 50 : 4 },
    );
  });
}
