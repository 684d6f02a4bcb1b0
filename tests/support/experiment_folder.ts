import { join } from "node:path";
import { stringify } from "yaml";
import { experimentFixture, type Fixture, type FixtureOptions } from "./experiment_fixture.ts";

/** A folder as an experiment leaves it, without the report, in a temporary folder or at `folder`. */
export async function experimentFolder(
  options: FixtureOptions & { readonly folder?: string; readonly spec?: unknown } = {},
): Promise<string> {
  const { folder = await Deno.makeTempDir(), spec, ...rest } = options;
  await Deno.mkdir(folder, { recursive: true });
  const { summary, records }: Fixture = experimentFixture({ steps: 100, stepsPerEpoch: 20, ...rest });
  await Deno.writeTextFile(join(folder, "summary.json"), JSON.stringify(summary));
  if (spec !== undefined) await Deno.writeTextFile(join(folder, "spec.yaml"), stringify(spec));
  for (const { events, ...record } of records) {
    const run = join(folder, "runs", record.plan.id);
    await Deno.mkdir(run, { recursive: true });
    await Deno.writeTextFile(join(run, "run.json"), JSON.stringify({ version: 2, ...record }));
    await Deno.writeTextFile(
      join(run, "events.jsonl"),
      events.map((event) => JSON.stringify(event) + "\n").join(""),
    );
  }
  return folder;
}
