import type { RunShape } from "#lib/duration.ts";
import type { BuiltSchedule } from "#schedules/schedule.ts";
import type { BuildContext } from "#schedules/entry.ts";
import type { Framework } from "#schedules/exports.ts";
import type { RunFacts } from "#schedules/finding.ts";
import { type CommandIo, Failure, UsageError } from "../../io.ts";
import { loadCustomModules } from "../../session/custom_modules.ts";
import type { Arms } from "./facts.ts";

type Format = "chart" | "json" | "csv" | "html";
interface Output {
  readonly format?: Format | undefined;
  readonly out?: string | undefined;
}
interface CheckOptions extends Output {
  readonly strict: boolean;
  readonly optimizer?: string | undefined;
  readonly clipNorm?: number | "none" | undefined;
  readonly snapshots?: "yes" | "no" | undefined;
  readonly reset?: "yes" | "no" | undefined;
  readonly convergence?: number | undefined;
}

/** @throws {UsageError} where options ask for two things at once. */
export function exclusive(options: Readonly<Record<string, unknown>>): void {
  for (const group of [["spec", "file", "preset", "list"], ["emit", "dialect", "check", "list"]]) {
    const given = group.filter((key) => options[key] !== undefined && options[key] !== false);
    if (given.length > 1) throw new UsageError(`--${given.join(" and --")} exclude each other`);
  }
  for (const [needed, keys] of Object.entries(NEEDED)) {
    const stray = keys.find((key) => options[key] !== undefined && options[key] !== false);
    if (stray && !options[needed]) {
      throw new UsageError(`--${dashed(stray)} says nothing without --${needed}`);
    }
  }
  const [emitted, format] = [options.emit, options.format];
  if (emitted !== undefined && format !== undefined) {
    throw new UsageError(`--emit ${emitted} writes code: leave --format ${format} away`);
  }
}

/** Options that only another one gives a meaning. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  check: ["strict", "optimizer", "clipNorm", "snapshots", "reset", "convergence"],
};

const dashed = (key: string) => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** The curves: chart, numbers or page. */
export async function show(
  arms: Arms,
  shape: RunShape,
  { format = "chart", out }: Output,
  io: CommandIo,
): Promise<void> {
  const [{ traceOf }, { toChart, toCsvText, toJson }] = await Promise.all([
    import("./traces.ts"),
    import("./show.ts"),
  ]);
  const context = await contextOf(arms);
  const traces = arms.arms.map((arm) => traceOf(arm, shape, context));
  switch (format) {
    case "chart": {
      const color = io.isTerminal && out === undefined && !io.env("NO_COLOR");
      return await write(toChart(traces, shape, { columns: io.columns, color }), out, io);
    }
    case "json":
      return await write(toJson(traces, shape), out, io);
    case "csv":
      return await write(toCsvText(traces, shape), out, io);
    case "html": {
      if (out === undefined && io.isTerminal) {
        throw new UsageError("A page is not for the terminal: add --out FILE.html");
      }
      const [{ schedulePage }, { renderPage }, { assets }] = await Promise.all([
        import("./page.ts"),
        import("#report/render/html.ts"),
        import("#report/page/assets.ts"),
      ]);
      return await write(renderPage(schedulePage(traces, shape, arms.untuned), assets), out, io);
    }
  }
}

/** The same schedules as code for a framework. */
export async function emit(
  arms: Arms,
  shape: RunShape,
  framework: Framework,
  out: string | undefined,
  io: CommandIo,
): Promise<void> {
  const { emitSchedule } = await import("#export/emit.ts");
  const snippets = arms.arms.map(({ name, schedule }) => {
    try {
      const code = emitSchedule(schedule, shape, framework);
      return arms.arms.length === 1 ? code : `# --- ${name}\n${code}`;
    } catch (error) {
      throw new UsageError(`${name}: ${(error as Error).message}`);
    }
  });
  await write(snippets.join("\n"), out, io);
}

/** Where frameworks give other rates. */
export async function dialect(
  arms: Arms,
  shape: RunShape,
  { format, out }: Output,
  io: CommandIo,
): Promise<void> {
  const { compareDialects, printDialects } = await import("#export/dialect.ts");
  const compared = arms.arms.map(({ name, schedule }) => {
    try {
      return { name, dialects: compareDialects(schedule, shape) };
    } catch (error) {
      throw new UsageError(`${name}: ${(error as Error).message}`);
    }
  });
  const text = format === "json"
    ? JSON.stringify({ schedules: compared }) + "\n"
    : compared.map(({ name, dialects }) => `${name}\n${printDialects(dialects)}`).join("\n");
  await write(text, out, io);
}

/** What the linter finds. */
export async function check(
  arms: Arms,
  shape: RunShape,
  options: CheckOptions,
  io: CommandIo,
): Promise<void> {
  const [{ lintSchedule }, { buildSchedule }] = await Promise.all([
    import("#lint/lint.ts"),
    import("#schedules/registry.ts"),
  ]);
  const facts: RunFacts = {
    ...arms.facts,
    ...(options.optimizer === undefined ? {} : { optimizer: options.optimizer }),
    ...(options.clipNorm === undefined
      ? {}
      : { clipNorm: options.clipNorm === "none" ? null : options.clipNorm }),
    ...(options.snapshots === undefined ? {} : { snapshots: options.snapshots === "yes" }),
    ...(options.reset === undefined ? {} : { resetsOptimizer: options.reset === "yes" }),
    ...(options.convergence === undefined ? {} : { convergenceSteps: options.convergence }),
  };
  const context = await contextOf(arms);
  const checked = arms.arms.map(({ name, schedule }) => {
    try {
      const findings = lintSchedule(schedule, shape, facts, context);
      checkRates(buildSchedule(schedule, shape, context), shape);
      return { name, findings };
    } catch (error) {
      throw new UsageError(`${name}: ${(error as Error).message}`);
    }
  });
  const text = options.format === "json"
    ? JSON.stringify(checked.length === 1 ? checked[0] : { schedules: checked }) + "\n"
    : checked.map(({ name, findings }) => [name, ...findings.map(printFinding)].join("\n")).join("\n") + "\n";
  await write(text, options.out, io);
  const warnings =
    checked.flatMap(({ findings }) => findings).filter(({ severity }) => severity === "warning").length;
  if (options.strict && warnings > 0) {
    throw new Failure(`${warnings} ${warnings === 1 ? "warning" : "warnings"}`);
  }
}

/** @throws {RangeError} at the first step whose rate could not be applied, such as a custom schedule may have. */
function checkRates({ lr }: BuiltSchedule, { totalSteps }: RunShape): void {
  for (let step = 0; step < totalSteps; step++) {
    const rate = lr(step);
    if (!(rate >= 0 && rate < Infinity)) throw new RangeError(`the rate of step ${step} is ${rate}`);
  }
}

/** Every schedule with its parameters, and every preset. */
export async function list({ format, out }: Output, io: CommandIo): Promise<void> {
  const { catalogJson, catalogText } = await import("./catalog_text.ts");
  await write(format === "json" ? catalogJson() : catalogText(), out, io);
}

/** A preset as a spec that `train` and `--file` read. */
export async function printPreset(name: string, out: string | undefined, io: CommandIo): Promise<void> {
  const { presetYaml } = await import("./read_preset.ts");
  await write(presetYaml(name), out, io);
}

function printFinding(finding: import("#schedules/finding.ts").Finding): string {
  const { severity, code, path, why, source, mend } = finding;
  const where = path.length === 0 ? "" : ` in ${path.join(".")}`;
  return [
    `  ${severity} ${code}${where}: ${why}`,
    ...(mend === null ? [] : [`    mend:   ${mend}`]),
    `    source: ${source}`,
  ].join("\n");
}

async function contextOf({ arms, folder }: Arms): Promise<BuildContext> {
  return await loadCustomModules(arms.map(({ schedule }) => schedule), folder);
}

async function write(text: string, out: string | undefined, io: CommandIo): Promise<void> {
  if (out === undefined) return io.stdout(text);
  await io.writeTextAtomic(out, text);
  io.stderr(`wrote ${out}\n`);
}
