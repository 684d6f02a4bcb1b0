import { join } from "node:path";
import { EXERCISES } from "#exercises/catalog.ts";
import { TESTED_CLAIMS, UNTESTED_CLAIMS } from "#exercises/claims.ts";
import { claimRows, recordOf } from "#study/claims.ts";
import { type CommandIo, UsageError } from "../io.ts";
import { newCommand } from "./command.ts";
import { type ClaimRecord, claimsMarkdown } from "../reports/claims_markdown.ts";
import { sha256 } from "../sha256.ts";
import { readSummary } from "../storage/read_experiment.ts";
import { textOutOption } from "./options.ts";
import { write } from "../terminal/output.ts";

/** The records that a claim may be judged by. */
const SOURCES = `exercises ${Object.keys(EXERCISES).join(", ")} and the specs ${
  [...new Set(TESTED_CLAIMS.flatMap((claim) => "spec" in claim ? [claim.spec] : []))].join(", ")
}`;

/** `claims`: the page that sets common claims against records of the exercises. Nothing is trained. */
export function claimsCommand(io: CommandIo) {
  return newCommand("claims", io)
    .description(
      "Writes what the records of exercises 1 to 12 say about common claims, as Markdown. Make the records with " +
        "exercise N --profile standard --out FOLDER/N.",
    )
    .argument("<dirs...>", "folders of the results, one for each exercise and spec")
    .addOption(textOutOption())
    .action(async (folders, { out }) => {
      const records = (await Promise.all(folders.map(readRecord))).toSorted((a, b) =>
        a.source.localeCompare(b.source, "en", { numeric: true })
      );
      await write(claimsMarkdown(rowsOf(records), UNTESTED_CLAIMS, records), out, io);
    });
}

function rowsOf(records: readonly ClaimRecord[]) {
  const twice = records.find(({ source }, index) => records[index + 1]?.source === source);
  if (twice) throw new UsageError(`Cannot judge by two records of “${twice.summary.name}”: name one`);
  try {
    return claimRows(TESTED_CLAIMS, new Map(records.map(({ source, summary }) => [source, summary])));
  } catch (error) {
    throw error instanceof RangeError ? new UsageError(error.message, { cause: error }) : error;
  }
}

/** @throws {UsageError} for a folder without the complete record of an exercise. */
async function readRecord(folder: string): Promise<ClaimRecord> {
  const summary = await readSummary(folder);
  const numbers = await Promise.all(
    Object.entries(EXERCISES).map(async ([number, { load }]) => {
      const { spec } = await load();
      return spec.includes(`\nname: ${summary.name}\n`) ? number : [];
    }),
  );
  const isSpec = TESTED_CLAIMS.some((claim) => recordOf(claim) === summary.name);
  const source = numbers.flat()[0] ?? (isSpec ? summary.name : undefined);
  if (source === undefined) {
    throw new UsageError(`Cannot use ${folder}: “${summary.name}” is none of ${SOURCES}`);
  }
  if (!summary.complete) {
    throw new UsageError(`Cannot use ${folder}: its experiment was not finished; resume it first`);
  }
  const bytes = await Deno.readFile(join(folder, "summary.json"));
  return { source, summary, digest: sha256(bytes) };
}
