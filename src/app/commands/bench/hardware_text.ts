import { counted } from "#lib/numbers.ts";
import { assertNever } from "#lib/assert_never.ts";
import { GPU_MODELS } from "#bench/gpu.ts";
import type { HardwareReport, PartReport } from "#bench/hardware.ts";
import type { ConformanceFigures } from "#bench/hardware_conformance.ts";
import type { ExerciseFigures, MachineFigures, PartFigures } from "#bench/hardware_parts.ts";
import { profileText, stepText, togetherText } from "./text.ts";

/** `hardware.txt`: the parts in order, each with how it went and what it found. */
export function hardwareText({ at, minutes, parts }: HardwareReport): string {
  return [`${at}, ${minutes} minutes`, "", ...parts.flatMap(partText)].join("\n");
}

function partText({ name, outcome, seconds, limit_seconds, found }: PartReport): string[] {
  const heading = `== ${name}: ${outcome}, ${seconds.toFixed(0)} of ${limit_seconds} s`;
  return [heading, found ? foundText(found) : "nothing found; see hardware.log\n"];
}

function foundText(found: PartFigures): string {
  switch (found.kind) {
    case "machine":
      return machineText(found.figures);
    case "conformance":
      return conformanceText(found.figures);
    case "step": {
      const { profile, model, ratio } = found.figures;
      const { goal = null } = GPU_MODELS.find((each) => each.model === model) ?? {};
      const wanted = ratio && goal !== null ? `the goal is a ratio of at most ${goal}\n` : "";
      return stepText(found.figures) + wanted + (profile ? "\n" + profileText(profile) : "");
    }
    case "together":
      return togetherText(found.figures);
    case "exercise":
      return exerciseText(found.figures);
    default:
      return assertNever(found);
  }
}

function machineText({ webgpu }: MachineFigures): string {
  if (!webgpu) return "WebGPU cannot be used here\n";
  return `${webgpu.name} (${webgpu.driver})${webgpu.software ? ", a software adapter" : ""}\n`;
}

function conformanceText({ passed, failed, failures, errors }: ConformanceFigures): string {
  return [
    `${passed} passed, ${failed} failed`,
    ...failures.map((name) => `  failed: ${name}`),
    ...errors.map(({ kernel, comparisons, largest }) =>
      `  ${kernel.padEnd(50)} ${String(comparisons).padStart(4)} comparisons, largest error ${
        largest === 0 ? "none" : Number(largest).toExponential(1)
      }`
    ),
    "",
  ].join("\n");
}

function exerciseText({ complete, arms }: ExerciseFigures): string {
  const runs = arms.map(({ name, runs }) => `  ${name}: ${counted(runs.length, "run")}\n`);
  return `${complete ? "complete" : "stopped before its end"}\n${runs.join("")}`;
}
