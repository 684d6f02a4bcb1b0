import { join } from "node:path";
import { progressOf } from "./compare.ts";
import { liveUntil, runsIn } from "./life.ts";
import type { Subject } from "./subjects.ts";

/** A study that nothing disturbed, trained once however many kills are compared with it. */
export interface Reference extends AsyncDisposable {
  readonly subject: Subject;
  /** Has the spec, and room for studies that are killed. */
  readonly folder: string;
  readonly whole: string;
  readonly runs: number;
  /** Of all runs together. */
  readonly steps: number;
  /** How long it took to start and to train, in milliseconds of the clock. */
  readonly startMs: number;
  readonly trainingMs: number;
}

/** A checkpoint after every step. */
const COMMON = ["--backend", "wasm", "--threads", "1", "--fresh", "--checkpoint-every", "0"];

/** Arguments of a subject's task for a study in `out`. */
export const argsOf = ({ options }: Subject, folder: string, out: string) => [
  ...[join(folder, "spec.yaml"), ...options, "--out", out, ...COMMON],
];

/** Trains a subject from its beginning to its end. @throws {Error} where it fails. */
export async function referenceOf(subject: Subject): Promise<Reference> {
  const folder = await Deno.makeTempDir();
  const removed = () => Deno.remove(folder, { recursive: true });
  try {
    for (const [name, text] of Object.entries({ "spec.yaml": subject.spec, ...subject.files })) {
      await Deno.writeTextFile(join(folder, name), text);
    }
    const whole = join(folder, "whole");
    const call = {
      task: subject.task,
      args: argsOf(subject, folder, whole),
      delayMs: 0,
      runs: NaN,
      trained: false,
    };
    const { lives: [life] } = await liveUntil([call], null, true);
    const { began, code, stderr } = life!;
    if (code !== 0) throw new Error(`${subject.task} ended with code ${code}: ${stderr}`);
    const { steps, ended } = await progressOf(whole);
    const runs = runsIn(stderr);
    if (ended !== runs) throw new Error(`${ended} of ${runs} runs have ended: ${stderr}`);
    return {
      subject,
      folder,
      whole,
      runs,
      steps,
      startMs: began["training"]! - began["start-up"]!,
      trainingMs: began["end"]! - began["training"]!,
      [Symbol.asyncDispose]: removed,
    };
  } catch (error) {
    await removed();
    throw error;
  }
}
