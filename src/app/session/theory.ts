import { join } from "node:path";
import type { Report } from "#report/model.ts";
import { judgeAll } from "#theory/claim.ts";
import { runStudy } from "#theory/study.ts";
import type { TheorySummary } from "#results/theory.ts";
import { writeAtomic } from "../storage/write.ts";
import { pageOf } from "../reports/write_report.ts";
import { THEORY } from "#exercises/catalog.ts";
import { defaultFolder, openFolder } from "../storage/folder.ts";
import { UsageError } from "../io.ts";
import { commit, versions } from "./provenance.ts";

export interface TheoryResult {
  readonly folder: string;
  readonly summary: TheorySummary;
  readonly report: Report;
}

const NAME = "Theory";

/**
 * Exercise 0: simulates, judges its claims, writes `summary.json` and `report.html`.
 *
 * @param out `null` for `runs/theory-<time>`; with `resume` the newest of them, which is computed again
 * @throws {UsageError} where the folder cannot be written to, or is not empty and `resume` is not asked for, or holds
 * an experiment that trains.
 */
export async function runTheory(
  { out, resume, seed }: { readonly out: string | null; readonly resume: boolean; readonly seed: number },
): Promise<TheoryResult> {
  const started = performance.now();
  const folder = out ?? await defaultFolder(NAME, resume);
  if (await exists(join(folder, "spec.yaml"))) {
    throw new UsageError(
      `Cannot write to ${folder}: it holds another experiment; name another folder with --out`,
    );
  }
  await openFolder(folder, resume);
  const { introduction, settings, claims } = await THEORY.load();
  const study = runStudy(settings, seed);
  const summary: TheorySummary = {
    version: 2,
    kind: "theory",
    name: NAME,
    introduction,
    provenance: {
      at: new Date().toISOString(),
      command: `deno task exercise ${THEORY.number}${seed === 1 ? "" : ` --seeds ${seed}-${seed}`}`,
      commit: await commit(),
      versions: versions(),
      wall_s: (performance.now() - started) / 1000,
    },
    answers: judgeAll(claims, study),
    study,
  };
  await writeAtomic(join(folder, "summary.json"), JSON.stringify(summary, null, 2) + "\n");
  const { composeTheoryReport } = await import("#report/compose/theory.ts");
  const report = composeTheoryReport(summary);
  await writeAtomic(join(folder, "report.html"), await pageOf(report));
  return { folder, summary, report };
}

function exists(path: string): Promise<boolean> {
  return Deno.stat(path).then(() => true, () => false);
}
