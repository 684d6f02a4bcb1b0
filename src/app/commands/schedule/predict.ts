import type { PredictedSchedule } from "#report/compose/prediction.ts";
import { toCsv } from "#report/render/csv.ts";
import { predictSchedule, type SchedulePrediction, type Variant } from "#theory/schedule_prediction.ts";
import type { CommandIo } from "../../io.ts";
import { pageOf } from "../../reports/page_of.ts";
import type { Arms, PlacedArm } from "../../schedules/facts.ts";
import { refusePage, terminalFor, write } from "../../terminal/output.ts";
import { contextOf, type Output } from "./output.ts";
import { traceOf } from "../../schedules/traces.ts";

/** The convex bound of each schedule: tables and a curve, numbers, or a page. */
export async function predict(
  arms: Arms<PlacedArm>,
  { format = "chart", out }: Output,
  io: CommandIo,
): Promise<void> {
  if (format === "html") refusePage(out, io);
  const context = await contextOf(arms);
  const schedules = arms.arms.map((arm): PredictedSchedule => {
    const { lr, built } = traceOf(arm, context);
    const { shape, first, steps } = arm.run;
    const theory = predictSchedule({ schedule: arm.schedule, shape, first, steps }, context, lr);
    return { name: arm.name, steps, theory, dependsOn: built.feedback?.metric ?? null };
  });
  await write(await rendered(schedules, { format, out }, io), out, io);
}

async function rendered(
  schedules: readonly PredictedSchedule[],
  { format, out }: Output,
  io: CommandIo,
): Promise<string> {
  switch (format) {
    case "json":
      return JSON.stringify({ schedules: schedules.map(toData) }) + "\n";
    case "csv":
      return toCsvText(schedules);
    case "html":
      return await pageOf((await import("#report/compose/prediction.ts")).composePrediction(schedules));
    default: {
      const [{ composePrediction }, { renderTerminal }] = await Promise.all([
        import("#report/compose/prediction.ts"),
        import("#report/render/terminal.ts"),
      ]);
      return renderTerminal(composePrediction(schedules), { ...terminalFor(out, io), page: null });
    }
  }
}

function toData({ name, steps, theory, dependsOn }: PredictedSchedule) {
  return {
    name,
    total_steps: steps,
    depends_on: dependsOn,
    ...(theory === null ? { bound: null } : {
      ...figures(theory.prediction),
      curve: { steps: theory.curve.steps, bound: theory.curve.bounds },
      lengths: theory.lengths.map((variant) => ({ factor: variant.value, ...changed(variant) })),
      cooldowns: theory.cooldowns.map((variant) => ({ share: variant.value, ...changed(variant) })),
      floors: theory.floors.map((variant) => ({ floor: variant.value, ...changed(variant) })),
    }),
  };
}

/** Bounds are in units of DG, best peak rates in units of D/G. */
const figures = ({ bound, bestRate, boundRatio, rateRatio, steps }: SchedulePrediction["prediction"]) => ({
  bound,
  best_rate: bestRate,
  bound_to_linear: boundRatio,
  best_rate_to_linear: rateRatio,
  steps_above_0: steps,
});

const changed = ({ prediction, rate, bound }: Variant) => ({
  ...figures(prediction),
  best_rate_to_unchanged: rate,
  bound_to_unchanged: bound,
});

/** A row for each point of the curves. */
function toCsvText(schedules: readonly PredictedSchedule[]): string {
  const rows = schedules.flatMap(({ name, theory }) =>
    (theory?.curve.steps ?? []).map((step, index) => [name, step, theory!.curve.bounds[index]!])
  );
  return toCsv(["name", "steps", "bound"], rows, { digits: "all" });
}
