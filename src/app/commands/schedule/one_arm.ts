import { presetOf } from "#advise/presets.ts";
import { type CommandIo, UsageError } from "../../io.ts";
import type { Arm, Arms } from "../../schedules/facts.ts";
import { armsOfFile, armsOfTexts } from "./read_arms.ts";
import { armsOfPreset } from "./read_preset.ts";

/**
 * One schedule, as JSON, the name of a preset or a file (`FILE#ARM` for one of several arms), in its own run where it has
 * one.
 *
 * @param option that has the text, for messages.
 * @throws {UsageError} for a text that is none of these, and for a file with several arms that names none of them.
 */
export async function oneArm(
  text: string,
  option: string,
  io: CommandIo,
): Promise<{ readonly arms: Arms; readonly arm: Arm }> {
  const arms = await armsOf(text, option, io);
  const [arm, ...others] = arms.arms;
  if (arm === undefined || others.length > 0) {
    const names = arms.arms.map(({ name }) => name).join(", ");
    throw new UsageError(`${text} has ${arms.arms.length} arms: write ${text}#ARM for one of ${names}`);
  }
  const { totalSteps, stepsPerEpoch } = arms.shape;
  if (arm.run !== undefined || totalSteps === null) return { arms, arm };
  const shape = { totalSteps, stepsPerEpoch: stepsPerEpoch ?? 100 };
  return { arms, arm: { ...arm, run: { shape, origin: 0, first: 0, steps: totalSteps, facts: arms.facts } } };
}

async function armsOf(text: string, option: string, io: CommandIo): Promise<Arms> {
  if (text.trimStart().startsWith("{")) return await armsOfTexts([text], option);
  if (presetOf(text) !== undefined) return armsOfPreset(text);
  return await armsOfFile(text, io);
}
