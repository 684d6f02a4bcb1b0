import type { AskedSchedule } from "#study/loss_law/predict.ts";
import { type CommandIo, UsageError } from "../../io.ts";
import { type Arms, placed } from "../../schedules/facts.ts";
import { contextOf } from "../schedule/output.ts";
import { armsOfFile, armsOfTexts } from "../schedule/read_arms.ts";
import { traceOf } from "../../schedules/traces.ts";
import type { ArmCurve } from "./read_curves.ts";

/**
 * Schedules that options name, in runs of `steps`, or as long as a recorded one.
 *
 * @throws {UsageError} for a schedule with a mistake, and for one whose rates depend on evaluations.
 */
export async function askedSchedules(
  sources: readonly string[],
  like: ArmCurve,
  steps: number | undefined,
  io: CommandIo,
): Promise<AskedSchedule[]> {
  const asked: AskedSchedule[] = [];
  for (const source of sources) {
    const arms: Arms = /^\s*\{/.test(source) ? await armsOfTexts([source]) : await armsOfFile(source, io);
    const isPlanned = arms.arms.some(({ run }) => run !== undefined);
    const length = isPlanned ? steps : steps ?? like.rates.length;
    const stepsPerEpoch = like.rates.length / like.epochs;
    const shape = length === undefined ? {} : { steps: length, stepsPerEpoch };
    const found = placed(arms, shape);
    const context = await contextOf(found);
    for (const arm of found.arms) {
      const { lr, built, name } = traceOf(arm, context);
      if (built.feedback) {
        throw new UsageError(`Cannot predict ${name}: its rates depend on ${built.feedback.metric}`);
      }
      if (!lr.some((rate) => rate > 0)) {
        throw new UsageError(`Cannot predict ${name}: it has no rate above 0`);
      }
      asked.push({ name, rates: lr });
    }
  }
  return asked;
}
