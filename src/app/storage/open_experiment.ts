import { join } from "node:path";
import { parseSpec } from "#spec/parse.ts";
import type { Spec, Vocabulary } from "#spec/schema.ts";
import { UsageError } from "../errors.ts";
import { type KeptInvocation, readInvocation } from "./invocation.ts";
import { isFolder } from "./missing.ts";
import { shardFolders } from "./shards.ts";

/**
 * The spec of an experiment's folder, checked, and how the experiment was asked for.
 *
 * @throws {UsageError} for a folder that holds no experiment.
 * @throws {SpecError} for a spec that is wrong.
 */
export async function openExperiment(
  folder: string,
  vocabulary: Vocabulary,
): Promise<{ readonly spec: Spec; readonly invocation: KeptInvocation }> {
  const file = join(folder, "spec.yaml");
  const text = await Deno.readTextFile(file).catch(async (error) => {
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory)) throw error;
    throw new UsageError(
      await isFolder(folder)
        ? `Cannot resume ${folder}: ${await why(folder)}`
        : `Cannot resume ${folder}: there is no such folder`,
    );
  });
  const invocation = await readInvocation(folder);
  return { spec: parseSpec(text, { file, profile: null, overrides: {} }, vocabulary), invocation };
}

async function why(folder: string): Promise<string> {
  return (await shardFolders(folder)).length === 0
    ? "it holds no experiment (no spec.yaml)"
    : `it holds shards, which \`deno task report ${folder}\` joins first`;
}
