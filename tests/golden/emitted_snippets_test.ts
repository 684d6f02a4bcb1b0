import assert from "node:assert/strict";
import fc from "fast-check";
import { buildSchedule } from "#schedules/registry.ts";
import type { Framework } from "#schedules/frameworks/exports.ts";
import type { RunShape, ScheduleSpec } from "#schedules/schedule.ts";
import { specs } from "../schedules/arbitrary.ts";
import { fromFileUrl } from "../schedules/paths.ts";
import { KINDS, SHAPE } from "../support/emitted_cases.ts";
import { jobOf, runSnippets, type SnippetJob } from "../support/snippets.ts";

/**
 * Emitted snippets as the frameworks' own files ran them: the text, and the rate of every fourth step.
 *
 *     UPDATE=1 LR_LAB_SOURCES=FOLDER deno test -A tests/golden/emitted_snippets_test.ts
 *
 * writes the file again, where FOLDER has what real_sources.py names.
 */
interface Golden {
  readonly made_by: string;
  readonly sources: string;
  readonly every: number;
  readonly cases: readonly {
    readonly framework: Framework;
    readonly spec: ScheduleSpec;
    readonly shape: RunShape;
    readonly code: string;
    readonly lr: readonly number[];
  }[];
}

const PATH = fromFileUrl("../golden/emitted_snippets.json");
const RUN_BY_OWN_FILES: readonly Framework[] = ["optax", "keras", "timm", "transformers", "fastai"];
const [OWN, RANDOM, EVERY] = [26, 22, 4];

/** Half the cases by hand, those with a framework's own call first; half random nested ones. */
function jobsOf(framework: Framework): SnippetJob[] {
  const random = fc.sample(specs(2), { numRuns: 200, seed: 16 }).map((spec) => ({ spec, shape: SHAPE }))
    .filter(({ spec, shape }) => {
      try {
        const { lr, feedback } = buildSchedule(spec, shape);
        return feedback === null && Array.from({ length: 121 }, (_, t) => lr(t)).every((rate) => rate < 1e6);
      } catch {
        return false; // parameters that contradict each other
      }
    });
  const isFormula = ({ code }: SnippetJob) => code.includes("so the formula is written out") ? 1 : 0;
  const own = KINDS.map((one) => jobOf(one, framework)).sort((a, b) => isFormula(a) - isFormula(b));
  return [...own.slice(0, OWN), ...random.slice(0, RANDOM).map((one) => jobOf(one, framework))];
}

async function update(): Promise<void> {
  const jobs = RUN_BY_OWN_FILES.flatMap(jobsOf);
  const answers = await runSnippets(jobs);
  const cases = jobs.map(({ framework, spec, shape, code }, index) => {
    const { lr, error } = answers[index]!;
    assert.equal(error, null, `${error}\n${code}`);
    const kept = lr.slice(0, shape.totalSteps).filter((_, step) => step % EVERY === 0);
    return { framework, spec, shape, code, lr: kept.map((rate) => Number(rate.toPrecision(12))) };
  });
  const golden: Golden = {
    made_by: "tests/golden/emitted_snippets_test.ts",
    sources: "tests/golden/real_sources.py",
    every: EVERY,
    cases,
  };
  const lines = cases.map((one) => JSON.stringify(one)).join(",\n");
  const head = JSON.stringify({ ...golden, cases: undefined }).slice(0, -1);
  await Deno.writeTextFile(PATH, `${head},"cases":[\n${lines}\n]}\n`);
}

if (Deno.env.get("UPDATE") === "1" && Deno.env.has("LR_LAB_SOURCES")) await update();
const golden = JSON.parse(await Deno.readTextFile(PATH)) as Golden;

for (const framework of RUN_BY_OWN_FILES) {
  const cases = golden.cases.filter((one) => one.framework === framework);

  Deno.test(`${framework}: today's snippets are those that its own files ran, and gave our rates`, () => {
    assert.ok(cases.length >= 40, `${cases.length} cases`);
    // fastai takes the progress through a part in 32-bit floats.
    const tolerance = framework === "fastai" ? 1e-6 : 1e-9;
    for (const { spec, shape, code, lr } of cases) {
      assert.equal(jobOf({ spec, shape }, framework).code, code);
      const built = buildSchedule(spec, shape);
      const peak = Math.max(...lr);
      lr.forEach((theirs, index) => {
        const ours = built.lr(index * golden.every);
        assert.ok(
          Math.abs(ours - theirs) <= tolerance * peak,
          `step ${index * golden.every}: ${ours} here, ${theirs} there\n${code}`,
        );
      });
    }
  });
}
