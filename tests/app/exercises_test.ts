import assert from "node:assert/strict";
import { EXERCISES } from "#exercises/catalog.ts";
import { MODELS } from "#compute/models.ts";
import { DATASET_VOCABULARY } from "#datasets/catalog.ts";
import { evidenceOf } from "#study/experiment/evidence.ts";
import { answersTo, checkQuestions } from "#study/exercise.ts";
import type { RunPlan } from "#results/run.ts";
import { planArms } from "#spec/plan.ts";
import { planSensitivity } from "#spec/sweep/sensitivity.ts";
import { record } from "../support/records.ts";
import { parseSpec } from "#spec/parse.ts";
import type { Spec } from "#spec/schema.ts";

const PROFILES = ["quick", "standard", "full"];
const parse = (text: string, file: string, profile: string): Spec =>
  parseSpec(text, { file, profile, overrides: {} }, { ...DATASET_VOCABULARY, models: Object.keys(MODELS) });

for (const [number, { file, load }] of Object.entries(EXERCISES)) {
  Deno.test(`exercise ${number}: every profile is a spec, and every question names arms that are there`, async () => {
    const exercise = await load();
    assert.equal(exercise.number, Number(number));
    assert.equal(exercise.spec, await Deno.readTextFile(new URL(`../../${file}`, import.meta.url)));
    for (const profile of PROFILES) {
      const spec = parse(exercise.spec, file, profile);
      assert.ok(
        spec.tune && spec.seeds.every((seed) => !spec.tune!.seeds.includes(seed)),
        "tuning sees a seed that is compared",
      );
      checkQuestions(exercise.questions, spec);
    }
  });

  Deno.test(`exercise ${number} is a file of at most 150 lines`, async () => {
    const text = await Deno.readTextFile(
      new URL(`../../${file.replace("spec.yaml", "exercise.ts")}`, import.meta.url),
    );
    assert.ok(text.trimEnd().split("\n").length <= 150);
  });

  // Later exercises ask for more than these made-up records hold: their notebooks train them.
  if (Number(number) > 3) continue;
  Deno.test(`exercise ${number}: runs that all came to their end answer every question`, async () => {
    const { spec: text, questions } = await load();
    const spec = parse(text, file, "quick");
    const chosen = new Map(spec.arms.map(({ name }) => [name, 0.05]));
    const arms = planArms(spec, 1600, chosen);
    const cells = planSensitivity(spec, 1600, chosen);
    const accuracy = ({ arm, seed }: RunPlan) => 0.5 + 0.0005 * seed + 0.001 * arm.length;
    const evidence = evidenceOf({
      spec,
      tuning: [],
      arms: arms.map((plan) => record(plan, accuracy(plan))),
      cells,
      sweep: cells.flatMap(({ plans }) => plans.map((plan) => record(plan, accuracy(plan)))),
      images: { validation: 500, test: 1000 },
      classes: 10,
    });
    for (const { question, verdict, text } of answersTo(questions, evidence)) {
      assert.ok(text.includes(`${spec.seeds.length} seeds`), `${question} ${text}`);
      if (verdict.kind === "inconclusive") assert.doesNotMatch(verdict.missing, /at least 2 seeds/);
    }
  });
}

Deno.test("exercises 1, 2, 3, 5 and 11 share task, model and optimizer, so that they share runs", async () => {
  for (const profile of PROFILES) {
    const common = await Promise.all(
      ["1", "2", "3", "5", "11"].map((number) => EXERCISES[number]!).map(async ({ file, load }) => {
        const { dataset, model, optimizer, batch_size, duration, eval_every, tune } = parse(
          (await load()).spec,
          file,
          profile,
        );
        return JSON.stringify({ dataset, model, optimizer, batch_size, duration, eval_every, tune });
      }),
    );
    assert.equal(new Set(common).size, 1, common.join("\n"));
  }
});
