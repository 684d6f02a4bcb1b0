import { counted } from "#lib/numbers.ts";
import { join as joinPath } from "node:path";
import { parseSpec } from "#spec/parse.ts";
import type { Shard } from "#results/shard.ts";
import { experiment } from "#study/experiment/study.ts";
import { lrRangeTest } from "#study/lr_range_test/study.ts";
import type { Kind, TrainingStudy } from "#study/study.ts";
import { sweep } from "#study/sweep/study.ts";
import type { CommandIo } from "../io.ts";
import { joinShards } from "../session/join.ts";
import { missingText } from "../session/train_part.ts";
import { questionsOf } from "./exercise_questions.ts";
import { VOCABULARY } from "./study_spec.ts";

/**
 * Joins the shards in a folder, where it has some, and says how many runs there are.
 *
 * @returns what is missing, in words; `null` where nothing is, or the folder has no shards.
 */
export async function join(folder: string, dataDir: string | null, io: CommandIo): Promise<string | null> {
  const joined = await joinShards(folder, { dataDir, studyOf, io });
  if (joined === null) return null;
  const { runs, of, missing } = joined;
  io.stderr(`Joined ${counted(runs, "run")} of ${of} shards, in ${folder}\n`);
  if (missing.length === 0) return null;
  const which = missing.map(({ shard, runs }) => `\n  shard ${shard} of ${of}: ${runs.join(", ")}`).join("");
  return `The stage that the study has come to lacks ${
    missingText(missing)
  }:${which}\nCall these shards again, then ` +
    `\`report\`; the result so far is in ${folder}`;
}

/** The study that a shard is a part of. @throws {UsageError} for an exercise that this lab does not have. */
async function studyOf(
  { study, origin }: Shard,
  specText: string,
  folder: string,
): Promise<TrainingStudy<Kind>> {
  const spec = parseSpec(
    specText,
    { file: joinPath(folder, "spec.yaml"), profile: null, overrides: {} },
    VOCABULARY,
  );
  switch (study.kind) {
    case "experiment": {
      const questions = origin.exercise === null
        ? []
        : await questionsOf(origin.exercise, `Cannot join ${folder}`);
      return experiment({ spec, questions, introduction: origin.introduction });
    }
    case "sweep":
      return sweep(spec, study.request, VOCABULARY);
    case "range test":
      return lrRangeTest(spec, study.request);
  }
}
