import { fileURLToPath } from "node:url";
import { type Spread, spread } from "./statistics.ts";

export interface StartupFigures {
  /** An empty program. */
  readonly empty_ms: Spread;
  /** `main.ts --help`. */
  readonly help_ms: Spread;
  /** `main.ts schedule --spec … --format json` over 100 steps. */
  readonly schedule_ms: Spread;
  /** From an empty program's start to the end of the first step of cnn-small on WASM, in a process of its own. */
  readonly first_step_ms: Spread;
}

const SPEC = '{"name": "cosine", "lr": 0.1, "T_max": "100%"}';
const SCHEDULE = ["schedule", "--spec", SPEC, "--steps", "100", "--format", "json"];

/** Times processes from start to end, in alternation. */
export async function benchStartup(rounds: number): Promise<StartupFigures> {
  const main = fileURLToPath(new URL("../main.ts", import.meta.url));
  const first = fileURLToPath(new URL("./first_step.ts", import.meta.url));
  const cases = {
    empty_ms: ["eval", ""],
    help_ms: ["run", "--allow-read", "--allow-env", main, "--help"],
    schedule_ms: ["run", "--allow-read", "--allow-env", main, ...SCHEDULE],
    first_step_ms: ["run", "--allow-read", "--allow-env", first],
  };
  const times: Record<keyof typeof cases, number[]> = {
    empty_ms: [],
    help_ms: [],
    schedule_ms: [],
    first_step_ms: [],
  };
  for (let round = 0; round <= rounds; round++) {
    for (const [name, args] of Object.entries(cases) as [keyof typeof cases, string[]][]) {
      const start = performance.now();
      const { success } = await new Deno.Command(Deno.execPath(), { args, stdout: "null", stderr: "null" })
        .output();
      if (!success) throw new Error(`deno ${args.join(" ")} failed`);
      // The first round fills caches.
      if (round > 0) times[name].push(performance.now() - start);
    }
  }
  return {
    empty_ms: spread(times.empty_ms),
    help_ms: spread(times.help_ms),
    schedule_ms: spread(times.schedule_ms),
    first_step_ms: spread(times.first_step_ms),
  };
}
