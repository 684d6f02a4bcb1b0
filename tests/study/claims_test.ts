import assert from "node:assert/strict";
import { EXERCISES } from "#exercises/catalog.ts";
import { TESTED_CLAIMS } from "#exercises/claims.ts";
import { claimsMarkdown } from "#app/reports/claims_markdown.ts";
import { baselineOf } from "#spec/lineage.ts";
import { parseSpec } from "#spec/parse.ts";
import type { Spec } from "#spec/schema.ts";
import { claimRows } from "#study/claims.ts";
import { experimentFixture } from "../support/experiment_fixture.ts";

const { summary } = experimentFixture();
const answer = {
  question: "Is cosine better?",
  hypothesis: "No.",
  unit: "points",
  verdict: { kind: "supported", effect: -1.2, interval: [-2.1, -0.3], runs: 32 },
  text: "measured",
  arms: ["cosine", "step"],
} as const;
const record = { ...summary, answers: [answer] };

Deno.test("every tested claim names a question of its exercise, word for word", async () => {
  const questions = new Map(
    await Promise.all(
      Object.entries(EXERCISES).map(async ([number, { load }]) =>
        [Number(number), (await load()).questions.map(({ question }) => question)] as const
      ),
    ),
  );
  for (const claim of TESTED_CLAIMS) {
    if ("spec" in claim) continue;
    assert.ok(questions.get(claim.exercise)?.includes(claim.question), `${claim.claim}: ${claim.question}`);
  }
});

Deno.test("a claim that the hypothesis denies is contradicted where that is supported", () => {
  const claim = {
    claim: "Cosine | is better",
    exercise: 2,
    question: answer.question,
    claims: "opposite",
  } as const;
  const [row] = claimRows([claim], new Map([["2", record]]));
  assert.equal(row!.verdict, "contradicted");
  const page = claimsMarkdown([row!], [{ claim: "Other", because: "no data" }], [
    { source: "2", summary: record, digest: "0123456789abcdef".repeat(4) },
  ]);
  assert.match(
    page,
    /\| Cosine \\\| is better \| _contradicted_ \| −1\.2 points \[−2\.1, −0\.3\] \| cosine − step \| 16 \| 2\.1 \|/,
  );
  assert.match(page, /1 claim: 1 contradicted/);
  assert.match(page, /\| Other \| no data \|/);
  assert.match(page, /`0123456789abcdef…`/);
});

Deno.test("an open claim is listed with what it would take", () => {
  const claim = {
    claim: "Cosine is better",
    exercise: 2,
    question: answer.question,
    claims: "hypothesis",
  } as const;
  const open = { ...answer, verdict: { kind: "inconclusive", missing: "40 seeds more" } } as const;
  const [row] = claimRows([claim], new Map([["2", { ...record, answers: [open] }]]));
  const page = claimsMarkdown([row!], [], []);
  assert.match(page, /\| Cosine is better \| _open_ \| – \|/);
  assert.match(page, /open ones would take\n\n.*\n.*\n\| Cosine is better \| 40 seeds more \|/);
});

Deno.test("a claim without its record is refused by name", () => {
  const claim = { claim: "A", exercise: 3, question: "B", claims: "hypothesis" } as const;
  assert.throws(() => claimRows([claim], new Map()), /“A”: there is no record of exercise 3/);
  assert.throws(() => claimRows([claim], new Map([["3", record]])), /exercise 3 does not ask “B”/);
});

Deno.test("every claim about an arm names one of its spec in exercises/, which is not the baseline", async () => {
  const folder = new URL("../../exercises/", import.meta.url);
  const specs = new Map<string, Spec>();
  for (const name of ["pipelines.yaml", "small_batches.yaml", "mask_pipeline.yaml"]) {
    const text = await Deno.readTextFile(new URL(name, folder));
    const spec = parseSpec(text, { file: name, profile: "quick", overrides: {} }, {
      datasets: ["shapes", "shapes-16", "shapes-masks-16"],
      labelUnits: { "shapes-masks-16": "pixel" },
      models: ["cnn-small", "cnn-tiny", "unet-micro"],
    });
    specs.set(spec.name, spec);
  }
  for (const claim of TESTED_CLAIMS) {
    if (!("spec" in claim)) continue;
    const spec = specs.get(claim.spec)!;
    assert.ok(spec.arms.some(({ name }) => name === claim.arm), claim.claim);
    assert.notEqual(baselineOf(spec), claim.arm);
  }
});

Deno.test("a claim about an arm is judged by its comparison with the baseline", () => {
  const claim = { claim: "A", spec: summary.name, expect: { kind: "higher" } } as const;
  const [compared] = summary.comparisons.filter(({ metric }) => metric === "test_accuracy");
  const rows = claimRows([{ ...claim, arm: compared!.arm }], new Map([[summary.name, summary]]));
  assert.equal(rows[0]!.effect, 100 * compared!.difference!);
  assert.equal(rows[0]!.source, `${summary.name}: ${compared!.arm}`);
  const none = { ...claim, arm: "none" };
  assert.throws(() => claimRows([none], new Map([[summary.name, summary]])), /test accuracy of “none”/);
});

Deno.test("a claim about an arm trained on masks is judged by Dice", () => {
  const claim = { claim: "A", spec: summary.name, expect: { kind: "higher" } } as const;
  const [compared] = summary.comparisons.filter(({ metric }) => metric === "test_accuracy");
  const ofDice = { ...compared!, metric: "test_dice", difference: 0.25, interval: [0.2, 0.3] as const };
  const record = { ...summary, failures: [], comparisons: [...summary.comparisons, ofDice] };
  const [row] = claimRows([{ ...claim, arm: compared!.arm }], new Map([[summary.name, record]]));
  assert.deepEqual([row!.effect, row!.verdict], [25, "supported"]);
});

Deno.test("a claim about an arm whose runs fail is decided by these, and an open one says what it would take", () => {
  const [compared] = summary.comparisons.filter(({ metric }) => metric === "test_accuracy");
  const { arm, against } = compared!;
  const claim = { claim: "A", spec: summary.name, arm, expect: { kind: "higher" } } as const;
  const rowOf = (more: Partial<typeof summary>) =>
    claimRows([claim], new Map([[summary.name, { ...summary, ...more }]]))[0]!;
  const better = { ...compared!, difference: 0.05, interval: [0.01, 0.09] as const, seeds: 11, spread: 0.02 };
  const failed = { arm, against, failed: 5, against_failed: 0, seeds: 16, difference: 5 / 16 };
  assert.equal(rowOf({ comparisons: [better], failures: [] }).verdict, "supported");
  const byFailures = rowOf({
    comparisons: [better],
    failures: [{ ...failed, interval: [0.02, 0.6], verdict: "higher" }],
  });
  assert.equal(byFailures.verdict, "inconclusive");
  const worse = { ...better, difference: -0.01, interval: [-0.05, 0.03] as const };
  const open = rowOf({
    comparisons: [worse],
    failures: [{ ...failed, interval: [-0.1, 0.6], verdict: "no detectable difference" }],
  });
  assert.match(
    open.missing!,
    /11 seeds leave \[−5, 3\] points: .* would show with .* seeds.*fails in 5 of 16 runs against 0/,
  );
  const decided = rowOf({
    comparisons: [worse],
    failures: [{ ...failed, interval: [0.02, 0.6], verdict: "higher" }],
  });
  assert.deepEqual([decided.verdict, decided.unit], ["contradicted", "points of failed runs"]);
});
