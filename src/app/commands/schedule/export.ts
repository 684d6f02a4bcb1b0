import { CATALOGUE } from "#schedules/entries.ts";
import type { Framework } from "#schedules/frameworks/exports.ts";
import { type CommandIo, UsageError } from "../../io.ts";
import { type Arms, LONGEST_RUN, type PlacedArm, refuseLonger } from "../../schedules/facts.ts";
import { write } from "../../terminal/output.ts";
import type { Output } from "./output.ts";

/** The same schedules as code for a framework. */
export async function emit(
  arms: Arms<PlacedArm>,
  framework: Framework,
  out: string | undefined,
  io: CommandIo,
): Promise<void> {
  const { emitSchedule } = await import("#export/emit.ts");
  const snippets = arms.arms.map(({ name, schedule, run, optimizer, unemitted }) => {
    if (unemitted !== undefined) throw new UsageError(`${name}: ${unemitted}`);
    refuseLonger(LONGEST_RUN, run.shape.totalSteps, "emit");
    try {
      const code = emitSchedule(schedule, run.shape, framework, CATALOGUE, optimizer);
      return arms.arms.length === 1 ? code : `# --- ${name}\n${code}`;
    } catch (error) {
      throw new UsageError(`${name}: ${(error as Error).message}`);
    }
  });
  await write(snippets.join("\n"), out, io);
}

/** The same schedules in other libraries, with the steps at which the rates differ. */
export async function dialect(
  arms: Arms<PlacedArm>,
  { format, out }: Output,
  io: CommandIo,
): Promise<void> {
  const [{ compareDialects }, { printDialects }] = await Promise.all([
    import("#export/dialect.ts"),
    import("#export/print_dialects.ts"),
  ]);
  const compared = arms.arms.map(({ name, schedule, run }) => {
    refuseLonger(LONGEST_RUN, run.shape.totalSteps, "compare");
    try {
      return { name, dialects: compareDialects(schedule, run.shape) };
    } catch (error) {
      throw new UsageError(`${name}: ${(error as Error).message}`);
    }
  });
  const text = format === "json"
    ? JSON.stringify({ schedules: compared }) + "\n"
    : compared.map(({ name, dialects }) => `${name}\n${printDialects(dialects)}`).join("\n");
  await write(text, out, io);
}
