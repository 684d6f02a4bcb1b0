import { suggest } from "#lib/nearest.ts";
import { type ArmCurve, type ArmCurves, armCurves } from "#study/loss_law/curves.ts";
import { UsageError } from "../../errors.ts";
import { readExperiment } from "../../storage/read_experiment.ts";

/** Fewer curves say nothing of what a change of the rate does. */
const LEAST = 2;

/**
 * The loss curves of an experiment's arms, and the names of those to fit.
 *
 * @throws {UsageError} where there are too few, or a named arm has none.
 */
export async function readCurves(
  folder: string,
  wanted: readonly string[],
): Promise<ArmCurves & { readonly fitted: readonly string[] }> {
  const { summary, records } = await readExperiment(folder);
  const failed = new Map(
    summary.arms.map(({ name, runs }) =>
      [
        name,
        new Set(runs.filter((run) => run.diverged || run.failed === true).map(({ seed }) => seed)),
      ] as const
    ),
  );
  const { curves, leftOut } = armCurves(records, failed);
  const names = curves.map(({ name }) => name);
  const unknown = wanted.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const why = leftOut.find(({ name }) => name === unknown)?.why;
    if (why !== undefined) throw new UsageError(`Cannot fit a law to ${unknown}: ${why}`);
    throw new UsageError(
      `${folder} has no arm ${JSON.stringify(unknown)}; ${suggest(unknown, names)}`,
    );
  }
  const fitted = wanted.length === 0 ? names : [...new Set(wanted)];
  if (fitted.length >= LEAST) return { curves, leftOut, fitted };
  const others = leftOut.map(({ name, why }) => `; ${name} is left out: ${why}`).join("");
  throw new UsageError(
    `Cannot fit a law to ${fitted.length} of the ${curves.length} curves in ${folder}: it takes at least ${LEAST} arms that ` +
      `differ in their schedule alone; allowed for --fit: ${names.join(", ") || "none"}${others}`,
  );
}

export type { ArmCurve };
