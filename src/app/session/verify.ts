import { counted } from "#lib/numbers.ts";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { readSafetensors } from "#lib/safetensors.ts";
import type { DeviceInfo, RunRecord } from "#results/run.ts";
import type { Spec } from "#spec/schema.ts";
import { stepsOf } from "#study/study.ts";
import { compareRuns, type Exactness, type Trained, type TrainedFile } from "#study/verification.ts";
import { breaksOf, runToVerify, verification } from "#study/verified_run.ts";
import { readCheckpoint } from "#train/checkpoint.ts";
import { type CommandIo, Interrupted, UsageError } from "../io.ts";
import { trainingCheckpointOf } from "../storage/checkpoints.ts";
import { diskStore } from "../storage/disk.ts";
import { filesOf } from "../storage/run_files.ts";
import type { SessionOptions } from "./options.ts";
import { openSession } from "./session.ts";
import { planned } from "./training.ts";

export interface VerifyRequest {
  readonly spec: Spec;
  /** Id of the run that is taken; `null` for the first arm's first. */
  readonly run: string | null;
  /** Most steps of it; `null` for all. */
  readonly steps: number | null;
  /** Times that it is broken off. */
  readonly breaks: number;
}

export interface Verified extends Exactness {
  readonly run: string;
  readonly device: DeviceInfo;
  /** Steps after which it was broken off. */
  readonly broken_after: readonly number[];
}

/**
 * Trains a run of a spec twice in a scratch folder, once in one go and once broken off several times, each time resumed
 * from the checkpoint on disk in a new worker, and compares all that both reported and left.
 *
 * @throws {UsageError} for a run that the spec does not have, or one that is too short to be broken off.
 * @throws {Interrupted} where it was stopped.
 */
export async function verifyResumption(
  request: VerifyRequest,
  options: SessionOptions,
  io: CommandIo,
): Promise<Verified> {
  const scratch = await Deno.makeTempDir({ prefix: "lr-lab-verify-" });
  try {
    const session = openSession({ ...options, fresh: true, checkpointS: null, quiet: true }, io);
    const facts = await session.facts(request.spec);
    const found = planned(() => runToVerify(facts, request));
    const { plan, starts } = found;
    const study = verification(request.spec, found);
    const breaks = breaksOf(plan, request.breaks);
    const [whole, broken] = [join(scratch, "whole"), join(scratch, "broken")];
    const leg = async (out: string, after: number, resume: boolean) => {
      let checkpoint: Uint8Array | null = null;
      const onCheckpoint = (bytes: Uint8Array) => checkpoint = bytes;
      const { result, interrupted } = await session.run(study, {
        out,
        resume,
        breakOff: { after, onCheckpoint },
      });
      if (interrupted) throw new Interrupted();
      if (result.record) {
        return { ...result, record: result.record, checkpoint: checkpoint as Uint8Array | null };
      }
      throw new UsageError(`Cannot verify ${plan.id}: a run that it starts from diverged`);
    };

    // 1. In one go.
    starts.forEach(({ id }) => io.stderr(`Training ${id}, the parent run of ${plan.id} …\n`));
    io.stderr(`Training ${plan.id} in one go: ${counted(stepsOf([plan]), "step")} …\n`);
    const one = await leg(whole, plan.total_steps, false);

    // 2. Broken off, after the same runs that it starts from.
    for (const { id } of starts) {
      await cp(join(whole, "runs", id), join(broken, "runs", id), { recursive: true });
    }
    let other = one;
    for (const [index, at] of [...breaks, plan.total_steps].entries()) {
      io.stderr(
        at < plan.total_steps ? `Breaking it off after step ${at} …\n` : "Resuming it to its end …\n",
      );
      other = await leg(broken, at, index > 0 || starts.length > 0);
    }

    // 3. Compared.
    return {
      run: plan.id,
      device: one.device,
      broken_after: breaks,
      ...compareRuns(await leftBy(whole, one), await leftBy(broken, other)),
    };
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

/** A leg's run, and its state after the last step, which is not saved beyond its end. */
interface Leg {
  readonly record: RunRecord;
  readonly checkpoint: Uint8Array | null;
}

/** Events and final state of a run. */
async function leftBy(folder: string, { record: { plan }, checkpoint }: Leg): Promise<Trained> {
  const { events } = (await diskStore(folder).records()).find((record) => record.plan.id === plan.id)!;
  const files = new Map<string, TrainedFile>();
  for await (const [name, bytes] of filesOf(join(folder, "runs", plan.id))) {
    files.set(
      name,
      name === "end.safetensors" ? await stateOf(bytes) : { ...readSafetensors(bytes), about: "" },
    );
  }
  if (checkpoint) files.set("the state after the last step", await stateOf(checkpoint));
  return { events, files };
}

/** A checkpoint's tensors and bookkeeping; wall time alone may differ. */
async function stateOf(bytes: Uint8Array): Promise<TrainedFile> {
  const checkpoint = await readCheckpoint(bytes);
  const { averaged, loss_weights } = trainingCheckpointOf(checkpoint).trainer;
  return {
    tensors: checkpoint.state,
    about: JSON.stringify({ step: checkpoint.step, feedback: checkpoint.feedback, averaged, loss_weights }),
  };
}
