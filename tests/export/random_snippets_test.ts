import assert from "node:assert/strict";
import fc from "fast-check";
import { FRAMEWORKS } from "#schedules/frameworks/exports.ts";
import { buildSchedule } from "#schedules/registry.ts";
import { shapes, specs } from "../schedules/arbitrary.ts";
import { LONG } from "../support/long.ts";
import { requires } from "../support/requires.ts";
import { compareRates, jobOf, runSnippets, type SnippetCase } from "../support/snippets.ts";

/** Specs tried; LR_LAB_SNIPPETS asks for more, LR_LAB_SEED for others. */
const COUNT = Number(Deno.env.get("LR_LAB_SNIPPETS") ?? (LONG ? 40 : 20));
const SEED = Number(Deno.env.get("LR_LAB_SEED") ?? 20261128);

/** True for rates that a float32 of another framework could hold, and that no evaluation changes. */
function isPlain({ spec, shape }: SnippetCase): boolean {
  try {
    const { lr, feedback } = buildSchedule(spec, shape);
    if (feedback !== null) return false;
    return Array.from({ length: shape.totalSteps + 1 }, (_, t) => lr(t)).every((rate) => rate < 1e6);
  } catch {
    return false; // parameters that contradict each other
  }
}

Deno.test(
  "random nested schedules give our rates in every framework",
  await requires("python3-torch"),
  async () => {
    const cases = fc.sample(fc.record({ spec: specs(2), shape: shapes }), { numRuns: 4 * COUNT, seed: SEED })
      .filter(isPlain).slice(0, COUNT);
    assert.ok(cases.length > COUNT / 2, `only ${cases.length} of ${COUNT}`);
    const jobs = cases.flatMap((one) => FRAMEWORKS.map((framework) => jobOf(one, framework)));
    const answers = await runSnippets(jobs);
    const failures: string[] = [];
    jobs.forEach((job, index) => {
      try {
        compareRates(job, answers[index]!);
      } catch (error) {
        failures.push((error as Error).message);
      }
    });
    console.log(
      `    ${cases.length} schedules in each of ${FRAMEWORKS.length} frameworks: ${failures.length} failures`,
    );
    assert.equal(failures.length, 0, failures.slice(0, 3).join("\n"));
  },
);
