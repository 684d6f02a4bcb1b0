import { join } from "node:path";
import { type Benchmark, benchmarkFile } from "#results/benchmark.ts";
import { type CommandIo } from "../io.ts";
import { writeAtomic } from "../storage/write.ts";

export interface WriteOptions {
  readonly format: "text" | "json";
  readonly open: boolean;
  readonly verbose: boolean;
  /** File of the tables as Markdown; `null` for none. */
  readonly write: string | null;
}

/** Writes the result and its report into its folder, and prints it. */
export async function writeBenchmark(
  out: string,
  result: Benchmark,
  { format }: WriteOptions,
  io: CommandIo,
): Promise<void> {
  await Deno.mkdir(out, { recursive: true });
  await writeAtomic(join(out, benchmarkFile.name), JSON.stringify(result, null, 2) + "\n");
  const { scores: { settings, unfinished } } = result;
  if (format === "json") io.stdout(JSON.stringify({ ...result, folder: out }, null, 2) + "\n");
  else io.stdout(`${settings.length} settings are whole, ${unfinished.length} are not: ${out}\n`);
}
