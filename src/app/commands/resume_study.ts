import { stringify } from "yaml";
import { chooseBackend } from "#compute/devices.ts";
import { HORIZON_POLICIES, type HorizonPolicy, longer } from "#spec/longer.ts";
import type { Spec } from "#spec/schema.ts";
import { experiment } from "#study/experiment/study.ts";
import type { SessionOptions } from "../session/options.ts";
import type { KeptInvocation } from "../storage/invocation.ts";
import type { SpecOptions } from "../studies/study_spec.ts";
import { ownInvocation } from "./command_line.ts";
import { questionsOf } from "../studies/exercise_questions.ts";
import { sessionOptions, type StudyOptions } from "./study_options.ts";
import { studySpec } from "../studies/study_spec.ts";

export { openSession } from "../session/session.ts";
export { openExperiment } from "../storage/open_experiment.ts";
export { present } from "./present.ts";
export { VOCABULARY } from "../studies/study_spec.ts";
export { verify } from "./verify.ts";

/** The experiment in a folder and how it was asked for. */
export interface Kept {
  readonly folder: string;
  readonly spec: Spec;
  readonly invocation: KeptInvocation;
}

/** Options of `resume` for the device; absent ones are as the experiment was begun. */
export type ResumeOptions = Partial<StudyOptions> & Pick<StudyOptions, "checkpointEvery">;

/** The experiment itself. @throws {UsageError} for an exercise that this lab does not have. */
export async function sameStudy({ folder, spec, invocation }: Kept) {
  const { introduction, exercise } = invocation;
  const questions = exercise === null ? [] : await questionsOf(exercise, `Cannot resume ${folder}`);
  return { study: experiment({ spec, questions, introduction }), changes: { out: folder, resume: true } };
}

/**
 * A new experiment that starts from the ends of the one in the folder. Runs trained by this lab on this device are taken
 * over as they are; others are trained again, to the same ends.
 *
 * @throws {SpecError} for a length that adds nothing.
 */
export function longerStudy({ folder, spec, invocation }: Kept, duration: string, clock: HorizonPolicy) {
  const introduction =
    `A continuation of “${spec.name}”: every arm starts from the end of its own run of the same seed, to ` +
    `${duration} in all; ${HORIZON_POLICIES[clock]}.`;
  const checked = studySpec({ file: folder, text: stringify(longer(spec, duration, clock)) }, NO_CHANGES);
  return {
    study: experiment({ spec: checked, questions: [], introduction }),
    changes: {
      invocation: { ...ownInvocation(invocation.folder), introduction },
      earlier: folder,
    },
  };
}

const NO_CHANGES: SpecOptions = {};

/** A session with the data folder, device and threads of the experiment, where the command names no others. */
export async function sessionOf(
  { invocation }: Pick<Kept, "invocation">,
  options: ResumeOptions,
): Promise<SessionOptions> {
  const begun = invocation.backend ?? "auto";
  // Where it is what `auto` takes, the record also says why.
  const automatic = options.backend === undefined && (await chooseBackend("auto")).backend === begun;
  return sessionOptions({
    ...options,
    resume: false,
    fresh: false,
    dataDir: options.dataDir ?? invocation.dataDir ?? undefined,
    backend: options.backend ?? (automatic ? "auto" : begun),
    threads: options.threads ?? (options.backend === undefined ? invocation.threads ?? undefined : undefined),
  }, invocation);
}
