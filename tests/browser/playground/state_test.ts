import assert from "node:assert/strict";
import { codeOf, curveOf, detailsOf, MOST_POINTS, nameOf, rateAt, yamlOf } from "#browser/playground/arm.ts";
import { asGiven, detailsMemory, withSuggestion, withValue } from "#browser/playground/state.ts";
import { emitSchedule } from "#export/emit.ts";
import { lintSchedule } from "#lint/lint.ts";
import { buildSchedule } from "#schedules/registry.ts";
import { predict } from "#theory/prediction.ts";
import { run as command } from "../../support/command.ts";

const shape = { totalSteps: 100, stepsPerEpoch: 10 };
const run = { shape, origin: 0, first: 0, steps: 100, facts: {} };
const cosine = { name: "cosine", lr: 0.1, T_max: "100%" };
const arm = { name: "mine", schedule: cosine, run };

Deno.test("a moved schedule has the rates, bound, findings and code that the command has for it", () => {
  const moved = withValue(asGiven(arm), ["T_max"], "50 steps");
  const spec = { ...cosine, T_max: "50 steps" };
  assert.deepEqual(moved.schedule, spec);
  const { lr } = buildSchedule(spec, shape);
  assert.deepEqual([...moved.curve.lr], Array.from({ length: 100 }, (_, step) => lr(step)));
  const details = detailsOf(arm, spec);
  assert.deepEqual(details.prediction, predict(moved.curve.lr));
  assert.deepEqual(details.findings, lintSchedule(spec, shape));
  assert.equal(codeOf(arm, spec, "keras"), emitSchedule(spec, shape, "keras"));
  const plateau = { name: "plateau", lr: 0.1 };
  assert.match(codeOf({ ...arm, schedule: plateau }, plateau, "keras"), /^# Cannot emit plateau for keras/);
});

Deno.test("what cannot be built is said, and the last schedule that could stays", () => {
  const wrong = withValue(asGiven(arm), ["lr"], "fast");
  assert.deepEqual(wrong.problems, ['lr must be a number; it is "fast"']);
  assert.deepEqual([wrong.schedule, wrong.written.lr], [cosine, "fast"]);
  const both = withValue(wrong, ["T_max"], "9 lightyears");
  assert.equal(both.problems.length, 2);
  const mended = withValue(withValue(both, ["T_max"], "80%"), ["lr"], 0.2);
  assert.deepEqual([mended.problems, mended.schedule], [[], { name: "cosine", lr: 0.2, T_max: "80%" }]);
  // Without a value the default stands again.
  assert.deepEqual(
    withValue(withValue(mended, ["eta_min"], 0.01), ["eta_min"], undefined).schedule,
    mended.schedule,
  );
});

Deno.test("a suggestion of the linter that changes the schedule can be applied", () => {
  const sgdr = { name: "sgdr", lr: 0.1, T_0: "20 steps", T_mult: 2 };
  const given = asGiven({ ...arm, schedule: sgdr });
  const { findings } = detailsOf(given.arm, sgdr);
  const mends = findings.filter(({ change }) => change !== null && change.kind !== "run");
  assert.ok(mends.length > 0);
  for (const finding of mends) {
    const { schedule } = withSuggestion(given, finding)!;
    const left = detailsOf(given.arm, schedule).findings.filter(({ code }) => code === finding.code);
    assert.ok(left.length < findings.filter(({ code }) => code === finding.code).length, finding.code);
  }
  assert.equal(withSuggestion(given, { ...findings[0]!, change: null }), null);
});

Deno.test("a name that describes the schedule follows it; one that was given stays", () => {
  const described = { ...arm, name: "cosine 0.1 → 0 over 100%" };
  assert.equal(nameOf(described, { ...cosine, lr: 0.2 }), "cosine 0.2 → 0 over 100%");
  assert.equal(nameOf(arm, { ...cosine, lr: 0.2 }), "mine");
});

Deno.test("of a long run the curve has some steps, and its last one; the figures have all", () => {
  const long = { ...arm, run: { ...run, shape: { totalSteps: 200_000, stepsPerEpoch: 10 }, steps: 200_000 } };
  const { steps, lr } = curveOf(long, cosine);
  assert.deepEqual([steps.length, steps[0], steps.at(-1)], [MOST_POINTS, 0, 199_999]);
  assert.equal(lr.at(-1), detailsOf(long, cosine).last);
});

Deno.test("an arm that goes on where another ended has its steps of the lineage", () => {
  const later = { ...arm, run: { ...run, origin: 50, first: 20, steps: 80 } };
  const { steps, lr } = curveOf(later, cosine);
  assert.deepEqual([steps[0], steps.at(-1), lr[0]], [70, 149, buildSchedule(cosine, shape).lr(20)]);
  assert.deepEqual([rateAt(later, cosine, 69), rateAt(later, cosine, 150)], [null, null]);
  assert.equal(rateAt(later, cosine, 70), lr[0]);
});

Deno.test("details are computed once for each schedule", () => {
  const detailsFor = detailsMemory();
  const given = asGiven(arm);
  assert.equal(detailsFor(given), detailsFor(given));
  assert.notEqual(detailsFor(withValue(given, ["lr"], 0.3)).largest, 0.1);
});

Deno.test("the YAML is a file that schedule --file reads, whatever the names", async () => {
  const arms = [
    { name: "a: b # c{", schedule: cosine },
    { name: "true", schedule: { name: "warmup", duration: "5 steps", then: cosine } },
  ];
  const { out, err } = await command(
    ["schedule", "--file", "page.yaml", "--steps", "100", "--format", "json"],
    { "page.yaml": yamlOf(arms) },
  );
  assert.equal(err, "");
  const { schedules } = JSON.parse(out);
  assert.deepEqual(schedules.map(({ name }: { name: string }) => name), arms.map(({ name }) => name));
  assert.deepEqual(schedules[0].lr, [...curveOf(arm, cosine).lr]);
});
