import assert from "node:assert/strict";
import { EXERCISES } from "#exercises/catalog.ts";
import { TESTED_CLAIMS } from "#exercises/claims.ts";
import { claimsMarkdown } from "#app/reports/claims_markdown.ts";
import { claimRows } from "#study/claims.ts";
import { experimentFixture } from "../support/experiment_fixture.ts";

const { summary } = experimentFixture();
const answer = {
  question: "Is cosine better?",
  hypothesis: "No.",
  unit: "points",
  verdict: { kind: "supported", effect: -1.2, interval: [-2.1, -0.3], runs: 32 },
  text: "measured",
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
  for (const { claim, exercise, question } of TESTED_CLAIMS) {
    assert.ok(questions.get(exercise)?.includes(question), `${claim}: ${question}`);
  }
});

Deno.test("a claim that the hypothesis denies is contradicted where that is supported", () => {
  const claim = {
    claim: "Cosine | is better",
    exercise: 2,
    question: answer.question,
    claims: "opposite",
  } as const;
  const [row] = claimRows([claim], new Map([[2, record]]));
  assert.equal(row!.verdict, "contradicted");
  const page = claimsMarkdown([row!], [{ claim: "Other", because: "no data" }], [
    { exercise: 2, summary: record, digest: "0123456789abcdef".repeat(4) },
  ]);
  assert.match(
    page,
    /\| Cosine \\\| is better \| _contradicted_ \| −1\.2 \[−2\.1, −0\.3\] points \| 16 \| 2\.1 \|/,
  );
  assert.match(page, /1 claim: 1 contradicted/);
  assert.match(page, /\| Other \| no data \|/);
  assert.match(page, /`0123456789abcdef…`/);
});

Deno.test("a claim without its record is refused by name", () => {
  const claim = { claim: "A", exercise: 3, question: "B", claims: "hypothesis" } as const;
  assert.throws(() => claimRows([claim], new Map()), /“A”: there is no record of exercise 3/);
  assert.throws(() => claimRows([claim], new Map([[3, record]])), /exercise 3 does not ask “B”/);
});
