import { counted } from "#lib/numbers.ts";
import type { RunShape } from "#lib/duration.ts";
import type { Finding, RunFacts } from "#schedules/finding.ts";
import type { BuiltSchedule } from "#schedules/schedule.ts";
import { type CommandIo, Failure, UsageError } from "../../io.ts";
import { type Arms, LONGEST_RUN, type PlacedArm, refuseLonger } from "../../schedules/facts.ts";
import { write } from "../../terminal/output.ts";
import { contextOf, type Output } from "./output.ts";

/** Facts of the run that options add to those of the file. */
interface CheckOptions extends Output {
  readonly strict: boolean;
  readonly optimizer?: string | undefined;
  readonly clipNorm?: number | "none" | undefined;
  readonly snapshots?: "yes" | "no" | undefined;
  readonly reset?: "yes" | "no" | undefined;
  readonly convergence?: number | undefined;
  readonly stopsAt?: number | undefined;
  readonly evalEvery?: number | undefined;
  readonly accumulate?: number | undefined;
}

/** The findings of the linter. */
export async function check(
  arms: Arms<PlacedArm>,
  options: CheckOptions,
  io: CommandIo,
): Promise<void> {
  const [{ lintSchedule }, { buildSchedule }] = await Promise.all([
    import("#lint/lint.ts"),
    import("#schedules/registry.ts"),
  ]);
  const context = await contextOf(arms);
  const checked = arms.arms.map(({ name, schedule, run: { shape, facts } }) => {
    refuseLonger(LONGEST_RUN, shape.totalSteps, "check");
    try {
      const findings = lintSchedule(schedule, shape, factsOf(facts, options), context);
      checkRates(buildSchedule(schedule, shape, context), shape);
      return { name, findings };
    } catch (error) {
      throw new UsageError(`${name}: ${(error as Error).message}`);
    }
  });
  const text = options.format === "json"
    ? JSON.stringify(checked.length === 1 ? checked[0] : { schedules: checked }) + "\n"
    : checked.map(({ name, findings }) => [name, ...findings.map(printFinding)].join("\n")).join("\n") + "\n";
  await write(text, options.out, io);
  const warnings =
    checked.flatMap(({ findings }) => findings).filter(({ severity }) => severity === "warning").length;
  if (options.strict && warnings > 0) {
    throw new Failure(counted(warnings, "warning"));
  }
}

/** The facts of the file, and those that options replace or add. */
function factsOf(facts: RunFacts, options: CheckOptions): RunFacts {
  return {
    ...facts,
    ...(options.optimizer === undefined ? {} : { optimizer: options.optimizer }),
    ...(options.clipNorm === undefined
      ? {}
      : { clipNorm: options.clipNorm === "none" ? null : options.clipNorm }),
    ...(options.snapshots === undefined ? {} : { snapshots: options.snapshots === "yes" }),
    ...(options.reset === undefined ? {} : { resetsOptimizer: options.reset === "yes" }),
    ...(options.convergence === undefined ? {} : { convergenceSteps: options.convergence }),
    ...(options.stopsAt === undefined ? {} : { stopsAt: options.stopsAt }),
    ...(options.evalEvery === undefined ? {} : { evalEvery: options.evalEvery }),
    ...(options.accumulate === undefined ? {} : { accumulate: options.accumulate }),
  };
}

/** Steps that are looked at one by one; of a longer run they are spread evenly. */
const LOOKED_AT = 1_000_000;

/** @throws {RangeError} at the first step whose rate could not be applied, such as a custom schedule may have. */
function checkRates({ lr }: BuiltSchedule, { totalSteps }: RunShape): void {
  const stride = Math.ceil(totalSteps / LOOKED_AT);
  for (let step = 0; step < totalSteps; step += stride) {
    const rate = lr(step);
    if (!(rate >= 0 && rate < Infinity)) throw new RangeError(`the rate of step ${step} is ${rate}`);
  }
}

function printFinding(finding: Finding): string {
  const { severity, code, path, why, source, suggestion } = finding;
  const where = path.length === 0 ? "" : ` in ${path.join(".")}`;
  return [
    `  ${severity} ${code}${where}: ${why}`,
    ...(suggestion === null ? [] : [`    suggestion: ${suggestion}`]),
    `    source:     ${source}`,
  ].join("\n");
}
