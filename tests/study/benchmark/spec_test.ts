import assert from "node:assert/strict";
import { studySpec } from "#app/studies/study_spec.ts";
import { planBudgets, planTuning } from "#spec/plan.ts";
import { FAMILIES } from "#study/benchmark/families.ts";
import { QUESTIONS } from "#study/benchmark/questions.ts";
import { settingsOf, specOf } from "#study/benchmark/spec_of.ts";
import { familiesOf, PROFILES } from "#study/benchmark/workloads.ts";

for (const profile of PROFILES) {
  Deno.test(`every setting of the profile ${profile.name} is an experiment with equal tuning budgets`, () => {
    const families = familiesOf(profile);
    const arms = families.filter(({ runsOf }) => runsOf === undefined).length;
    for (const setting of settingsOf(profile)) {
      const text = JSON.stringify(specOf(setting, profile, families));
      const spec = studySpec({ file: setting.name, text }, {});
      const rates = setting.workload.rates.length;
      assert.equal(planTuning(spec, 1600).length, arms * rates * profile.tuningSeeds.length);
      assert.equal(planBudgets(spec, 1600).length, arms * rates * profile.seeds.length);
    }
  });
}

Deno.test("settings come in an order in which every workload is done at one length before the next", () => {
  const standard = PROFILES.find(({ name }) => name === "standard")!;
  assert.deepEqual(settingsOf(standard).slice(0, 4).map(({ name }) => name), [
    "cnn-1x",
    "vit-1x",
    "gpt-1x",
    "cnn-2x",
  ]);
});

Deno.test("questions ask about families that are trained, and no profile names one that is not", () => {
  const names = FAMILIES.map(({ name }) => name);
  for (const { family, against } of QUESTIONS) {
    assert.ok(names.includes(family) && names.includes(against), family);
  }
  for (const { runsOf } of FAMILIES) assert.ok(runsOf === undefined || names.includes(runsOf));
  assert.throws(
    () => familiesOf({ ...PROFILES[0]!, families: ["sine"] }),
    /Unknown family "sine": expected constant/,
  );
});
