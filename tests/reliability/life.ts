/** Commands in a process that is killed with SIGKILL at a chosen moment of the life of one of them. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { spawn } from "../support/cli.ts";
import { repositoryRoot } from "../support/requires.ts";
import type { Call, Line } from "./group.ts";

/** Parts of a study's life, by what it has printed: nothing yet, that it trains, that its last run has ended. */
export const PHASES = ["start-up", "training", "result and report"] as const;
export type Phase = typeof PHASES[number];

/** A command of a study, and what its phases are known by. */
export interface StudyCall extends Call {
  /** Runs of the study. */
  readonly runs: number;
  /** True where each of them has ended before: what is left is its result. */
  readonly trained: boolean;
}

/** So long after a phase of one of the studies began. */
export interface Moment {
  readonly study: number;
  readonly phase: Phase;
  readonly afterMs: number;
}

/** A study in a process that has ended. */
export interface Life {
  /** When each phase began and the study ended, on the clock of `performance.now()`; what it did not come to is left out. */
  readonly began: Readonly<Partial<Record<Phase | "end", number>>>;
  /** Exit code; `null` where it was killed, or had not begun. */
  readonly code: number | null;
  readonly stderr: string;
}

/**
 * Starts commands in one process and kills it. A moment after the phase's end lies in the next one, and none comes after
 * the process has ended.
 *
 * @param moment `null` to let all come to their end.
 * @param own true for the command's own process, with its permissions: there is one command then.
 */
export async function liveUntil(
  calls: readonly StudyCall[],
  moment: Moment | null,
  own: boolean,
): Promise<{ readonly lives: readonly Life[]; readonly killedAt: number }> {
  const child = own ? await spawn(calls[0]!.task, calls[0]!.args) : groupOf(calls);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const followed = calls.map((call, study) =>
    follow(call, (phase) => {
      if (moment?.study !== study || moment.phase !== phase) return;
      timer = setTimeout(() => kill(child), moment.afterMs);
    })
  );
  const stderr = own ? eachText(child.stderr, followed[0]!.print) : new Response(child.stderr).text();
  const stdout = own ? new Response(child.stdout).text() : eachLine(child.stdout, followed);
  if (own) followed[0]!.print("");
  const [{ code, signal }, text] = await Promise.all([child.status, stderr, stdout]);
  clearTimeout(timer);
  if (own && signal === null) followed[0]!.end(code);
  if (!own && signal !== "SIGKILL" && code !== 0) throw new Error(`A process ended with ${code}: ${text}`);
  return { lives: followed.map(({ life }) => life), killedAt: performance.now() };
}

function groupOf(calls: readonly Call[]): Deno.ChildProcess {
  const script = fileURLToPath(new URL("./group.ts", import.meta.url));
  const config = join(repositoryRoot(), "deno.json");
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--quiet", "--config", config, script, JSON.stringify(calls)],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

interface Followed {
  readonly life: Life;
  print(text: string): void;
  end(code: number): void;
}

function follow({ runs, trained }: StudyCall, onPhase: (phase: Phase) => void): Followed {
  const life: { began: Partial<Record<Phase | "end", number>>; code: number | null; stderr: string } = {
    began: {},
    code: null,
    stderr: "",
  };
  const enter = (phase: Phase) => {
    if (life.began[phase] !== undefined) return;
    life.began[phase] = performance.now();
    onPhase(phase);
  };
  return {
    life,
    print: (text) => {
      enter("start-up");
      life.stderr += text;
      if (/ at a time, on /.test(life.stderr)) enter("training");
      if (life.began["training"] === undefined) return;
      if (trained || new RegExp(`^\\[${runs}/${runs}\\]`, "m").test(life.stderr)) enter("result and report");
    },
    end: (code) => {
      life.began["end"] = performance.now();
      life.code = code;
    },
  };
}

async function eachText(stream: ReadableStream<Uint8Array<ArrayBuffer>>, print: (text: string) => void) {
  let text = "";
  for await (const piece of stream.pipeThrough(new TextDecoderStream())) {
    print(piece);
    text += piece;
  }
  return text;
}

async function eachLine(stream: ReadableStream<Uint8Array<ArrayBuffer>>, followed: readonly Followed[]) {
  let rest = "";
  await eachText(stream, (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines.map((line): Line => JSON.parse(line))) {
      if ("code" in line) followed[line.study]!.end(line.code);
      else followed[line.study]!.print(line.text);
    }
  });
}

/** Runs of the study, as one that came to its end says it. */
export function runsIn(stderr: string): number {
  return Number([...stderr.matchAll(/^\[ *\d+\/(\d+)\]/gm)].at(-1)![1]);
}

function kill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch (error) {
    // It had just ended.
    if (!(error instanceof TypeError)) throw error;
  }
}
