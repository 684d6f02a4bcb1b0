import assert from "node:assert/strict";
import fc from "fast-check";
import { planArms, planTuning } from "#spec/plan.ts";
import { parseSpec } from "#spec/parse.ts";
import { armStems, slug } from "#spec/run_id.ts";
import { runKey } from "#spec/run_key.ts";
import { planSensitivity } from "#spec/sweep/sensitivity.ts";

interface Drawn {
  readonly name: string;
  readonly members: number | null;
}

/** Every run of a spec with these arms: tuning, arms and sweep. */
function plansOf(arms: readonly Drawn[], rates: readonly number[], seeds: readonly number[]) {
  const text = JSON.stringify({
    name: "ids",
    dataset: { name: "shapes", train: 64, validation: 16, test: 16 },
    model: "cnn-small",
    batch_size: 32,
    duration: "2 epochs",
    seeds,
    tune: { rates, seeds: [901, 902] },
    arms: arms.map(({ name, members }, index) => ({
      name,
      ...(members === null ? {} : { members }),
      // Each arm is another run.
      schedule: { name: "step", lr: "tuned", step_size: "1 step", gamma: 0.1 + 0.01 * index },
    })),
    sweep: { over: { "arms[0].schedule.gamma": [0.7, 0.8] } },
  });
  const spec = parseSpec(text, { file: "ids.yaml", profile: null, overrides: {} }, {
    datasets: ["shapes"],
    models: ["cnn-small"],
  });
  const chosen = new Map(arms.map(({ name }) => [name, rates[0]!]));
  return [
    ...planTuning(spec, 64),
    ...planArms(spec, 64, chosen),
    ...planSensitivity(spec, 64, chosen).flatMap(({ plans }) => plans),
  ];
}

function sharedIds(plans: ReturnType<typeof plansOf>): string[] {
  const keys = new Map<string, string>();
  return plans.flatMap((plan) => {
    const key = runKey(plan);
    if ((keys.get(plan.id) ?? key) !== key) return [plan.id];
    keys.set(plan.id, key);
    assert.match(plan.id, /^[a-z0-9][a-z0-9._-]{0,120}$/, "a folder on every system");
    return [];
  });
}

Deno.test("two different runs of a spec never share an id, whatever its arms are called", () => {
  const word = fc.constantFrom(
    "wd",
    "cosine",
    "tune",
    "sweep",
    "cell",
    "arm",
    "x2",
    "1",
    "2",
    "100",
    "0.1",
    "1e",
    "é",
    "×",
  );
  const gap = fc.constantFrom(" ", "-", " - ", "+", ".", "_");
  const name = fc.array(fc.tuple(word, gap), { minLength: 1, maxLength: 4 })
    .map((parts) => parts.flat().join(""))
    .map((text) => text.trim())
    .filter((text) => text !== "");
  const long = fc.tuple(fc.constant("a".repeat(79)), fc.constantFrom("", "b", " 1", " 2", "+", "b 0.1")).map((
    parts,
  ) => parts.join(""));
  const arms = fc.uniqueArray(
    fc.record({
      name: fc.oneof({ weight: 4, arbitrary: name }, long),
      members: fc.constantFrom(null, null, 2, 3),
    }),
    { selector: ({ name }) => name, minLength: 1, maxLength: 6 },
  );
  const rates = fc.uniqueArray(fc.constantFrom(0.1, 0.01, 1, 7, 1e-7, 3e-7, 2), {
    minLength: 2,
    maxLength: 4,
  });
  const seeds = fc.uniqueArray(fc.constantFrom(1, 2, 7, 100), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(arms, rates, seeds, (arms, rates, seeds) => {
      assert.deepEqual(sharedIds(plansOf(arms, rates, seeds)), []);
    }),
    { numRuns: 300 },
  );
});

Deno.test("names that met once: signs, a number, a member, a long name with its rates", () => {
  const plain = (name: string): Drawn => ({ name, members: null });
  assert.deepEqual([...armStems(["wd +", "wd -", "wd 2"].map((name) => ({ name }))).values()], [
    "wd",
    "wd-3",
    "wd-2",
  ]);
  assert.deepEqual(
    sharedIds(plansOf([plain("wd +"), plain("wd -"), plain("wd 2")], [0.1, 0.01], [1, 2])),
    [],
  );
  assert.deepEqual(
    sharedIds(plansOf([{ name: "cosine", members: 3 }, plain("cosine 1")], [0.1, 0.01], [1, 2])),
    [],
  );
  assert.deepEqual(sharedIds(plansOf([plain("a".repeat(74)), plain("a".repeat(90))], [0.1, 0.01], [1])), []);
  assert.deepEqual(sharedIds(plansOf([plain("a"), plain("tune a 0.1")], [0.1, 0.01], [1])), []);
});

Deno.test("a name that meets no other keeps its slug", () => {
  const stems = armStems([{ name: "step ×0.1, own rate" }, { name: "Cosine" }]);
  assert.deepEqual([...stems.values()], ["step-x0.1-own-rate", "cosine"]);
  assert.equal(slug("…"), "arm");
});
