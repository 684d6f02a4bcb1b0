import { counted } from "#lib/numbers.ts";
import type { Kind, Study } from "#study/study.ts";
import { type CommandIo, Exited, Interrupted, UsageError } from "../io.ts";
import { openSession } from "../session/session.ts";
import { missingText, type ShardOutcome } from "../session/train_part.ts";
import type { Invocation } from "../storage/invocation.ts";
import { present, type PresentOptions } from "./present.ts";
import { LATER, POLL_MS } from "./shard_codes.ts";
import { sessionOptions, type ShardOptions, type StudyOptions } from "./study_options.ts";

/**
 * Runs a command's study, or one shard's part of it, and prints what came of it.
 *
 * @throws {UsageError} for options that do not go together.
 * @throws {Exited} after a shard that has to be called again.
 * @throws {Interrupted} after a study that was stopped.
 */
export async function runStudy<K extends Kind>(
  study: Study<K>,
  invocation: Invocation,
  options: StudyOptions & ShardOptions & PresentOptions,
  io: CommandIo,
): Promise<void> {
  const { shard, wait, serve, open } = options;
  const session = openSession(sessionOptions(options, invocation), io);
  if (shard === undefined) {
    if (wait) throw new UsageError("--wait says nothing without --shard");
    return await present(await session.run(study), options, io);
  }
  if (serve !== undefined || open) {
    throw new UsageError(
      `--${
        open ? "open" : "serve"
      } shows a whole study, and --shard trains a part: leave it out, and join all parts ` +
        "with `report`",
    );
  }
  presentShard(await session.runShard(study, { ...shard, waitMs: wait ? POLL_MS : null }), options, io);
}

/** Prints what a shard did, and what there is to do next. */
function presentShard(
  outcome: ShardOutcome,
  { format }: Pick<PresentOptions, "format">,
  io: CommandIo,
): void {
  io.stdout(format === "json" ? JSON.stringify(outcome, null, 2) + "\n" : `${textOf(outcome)}\n`);
  if (outcome.state === "stopped") throw new Interrupted();
  if (outcome.state === "waiting") throw new Exited(LATER);
}

function textOf({ shard, of, folder, trained, before, missing, state }: ShardOutcome): string {
  const done = `Shard ${shard} of ${of}: ${counted(trained.length, "run")} trained${
    before.length > 0 ? `, ${before.length} from before` : ""
  }.`;
  const others = [...new Set(missing.map((each) => each.shard))].filter((number) => number !== shard);
  const which = `${others.length === 1 ? "shard" : "shards"} ${others.join(" and ")}`;
  switch (state) {
    case "whole":
      return `${done} All runs are there: \`deno task report ${folder}\` joins them.`;
    case "done":
      return `${done} Its part is done. Still missing: ${
        missingText(missing)
      }; then \`deno task report ${folder}\` joins them.`;
    case "waiting":
      return `${done} The next stage needs ${missingText(missing)}. Call this shard again when ${which} ${
        others.length === 1 ? "has" : "have"
      } ended, or add --wait.`;
    case "stopped":
      return `${done} It was stopped; the same command goes on.`;
  }
}
