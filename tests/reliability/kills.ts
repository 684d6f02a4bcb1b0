/**
 * How many kills studies survive: trains specs with everything on, or sweeps or range-tests one, kills the process with
 * SIGKILL at random moments, resumes, and compares what was measured and kept with a study that was never stopped, bit for
 * bit.
 *
 *     deno run -A tests/reliability/kills.ts --count 50 --subject train
 *
 * Prints a line for each study that a kill hit and, at the end, how many there were and what differed; exit code 1 where
 * anything did. With `--together 1` each is in its command's own process.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Random, random } from "#lib/prng.ts";
import { differing, progressOf, unfinished } from "./compare.ts";
import { type Life, liveUntil, type Moment, type Phase, PHASES, type StudyCall } from "./life.ts";
import { paceOf } from "./pace.ts";
import { argsOf, type Reference, referenceOf } from "./reference.ts";
import { SUBJECTS } from "./subjects.ts";

/** A study that was killed: where in its life, and what its folder was left with. */
export interface Kill {
  readonly phase: Phase;
  /** Steps on disk. */
  readonly steps: number;
  /** True where a file was being written: one lies beside its target, or a line is cut off. */
  readonly writing: boolean;
}

export interface Survival {
  readonly kills: readonly Kill[];
  /** Processes that were killed. */
  readonly signals: number;
  /** Studies that came to their end after kills, and were compared. */
  readonly compared: number;
  /** What differs from the study that was never stopped; empty where all is the same. */
  readonly differences: readonly string[];
}

export interface KillOptions {
  /** Kills of studies. */
  readonly count: number;
  /** Studies in one process; 1 for the command's own. */
  readonly together: number;
  readonly source: Random;
  readonly onKill?: (kill: Kill) => void;
  /** Called after each process, with a line on it. */
  readonly onProcess?: (line: string) => void;
}

/** Share of processes that are killed in each phase of one of their studies; the others are where they are. */
const SHARES: Readonly<Record<Phase, number>> = {
  "start-up": 0.15,
  "training": 0.6,
  "result and report": 0.25,
};

interface Slot {
  readonly out: string;
  readonly kills: number;
  /** Files that earlier kills left half written. */
  readonly left: readonly string[];
}

/** Kills until so many studies were hit, and brings each of them to its end. */
export async function surviveKills(reference: Reference, options: KillOptions): Promise<Survival> {
  const { count, together, source } = options;
  const kills: Kill[] = [];
  const differences: string[] = [];
  const pace = paceOf(reference, together);
  let [signals, compared, number] = [0, 0, 0];
  const fresh = (): Slot => ({ out: join(reference.folder, `killed-${++number}`), kills: 0, left: [] });
  let slots = Array.from({ length: Math.min(together, count) }, fresh);
  while (slots.length > 0) {
    const calls = await Promise.all(
      slots.map((slot) => callOf(slot, reference, source.uniform() * pace.ms().stagger)),
    );
    const moment = kills.length < count ? drawMoment(calls, pace.ms(), source) : null;
    const { lives, killedAt } = await liveUntil(calls.map(({ call }) => call), moment, together === 1);
    const next: Slot[] = [];
    for (const [index, slot] of slots.entries()) {
      const life = lives[index]!;
      const { steps, ended: runsEnded } = await progressOf(slot.out);
      pace.saw(life, steps - calls[index]!.steps, killedAt);
      if (life.code !== null) {
        compared += slot.kills === 0 ? 0 : 1;
        differences.push(...await faultsOf(slot, life, reference));
        if (kills.length < count) next.push(fresh());
        continue;
      }
      const files = await unfinished(slot.out);
      const phase = phaseOf(life, runsEnded === reference.runs);
      if (phase === null) next.push(slot);
      else {
        kills.push({ phase, steps, writing: files.some((file) => !slot.left.includes(file)) });
        options.onKill?.(kills.at(-1)!);
        next.push({ ...slot, kills: slot.kills + 1, left: files });
      }
    }
    const ended = lives.filter(({ code }) => code !== null).length;
    if (moment !== null && ended < lives.length) signals++;
    options.onProcess?.(
      `${kills.length} kills; ${lives.length} studies, ${ended} ended; ${
        moment === null ? "no kill" : `${(moment.afterMs / 1000).toFixed(1)} s in ${moment.phase}`
      }; ${
        Object.entries(pace.ms()).map(([phase, ms]) => `${phase} ${(ms / 1000).toFixed(1)} s`).join(", ")
      }`,
    );
    // Enough were hit: those that were not have nothing to show.
    slots = kills.length < count ? next : next.filter(({ kills }) => kills > 0);
  }
  return { kills, signals, compared, differences };
}

/** The phase in which a study was killed, by its files: what is printed is ahead of the disk. `null` before it began. */
function phaseOf({ began }: Life, trained: boolean): Phase | null {
  if (began["start-up"] === undefined) return null;
  if (began["training"] === undefined) return "start-up";
  return trained ? "result and report" : "training";
}

/** What is wrong with a study that has ended; a folder with a fault is kept, the others are removed. */
async function faultsOf(
  { out, kills }: Slot,
  { code, stderr }: Life,
  { whole }: Reference,
): Promise<string[]> {
  const found = code === 0 ? await differing(whole, out) : [`it ended with code ${code}: ${stderr}`];
  if (found.length === 0) {
    await Deno.remove(out, { recursive: true });
    return [];
  }
  const kept = join(await Deno.makeTempDir({ prefix: "reliability-fault-" }), "study");
  await Deno.rename(out, kept);
  return found.map((fault) => `after ${kills} kills (${kept}): ${fault}`);
}

interface Begun {
  readonly call: StudyCall;
  /** On disk. */
  readonly steps: number;
  /** Of all steps. */
  readonly left: number;
}

async function callOf({ out }: Slot, reference: Reference, delayMs: number): Promise<Begun> {
  const { subject, folder, runs } = reference;
  const begun = await Deno.stat(out).then(() => true, () => false);
  const { steps, ended } = await progressOf(out);
  const args = [...argsOf(subject, folder, out), ...(begun ? ["--resume"] : [])];
  return {
    call: { task: subject.task, args, delayMs, runs, trained: ended === runs },
    steps,
    left: 1 - steps / reference.steps,
  };
}

/** Uniform over a phase of one of the studies; of training over half of what is left, so that more kills can come. */
function drawMoment(
  calls: readonly Begun[],
  ms: Readonly<Record<Phase, number>>,
  source: Random,
): Moment {
  const study = source.below(calls.length);
  let at = source.uniform();
  const phase = PHASES.find((phase) => (at -= SHARES[phase]) < 0) ?? "training";
  const spread = phase === "training" ? 0.1 + calls[study]!.left / 2 : 1;
  return { study, phase, afterMs: ms[phase] * spread * source.uniform() };
}

/** One line on what came of it. */
export function survivalText({ kills, signals, compared, differences }: Survival): string {
  const fell = PHASES.map((phase) => `${kills.filter((kill) => kill.phase === phase).length} in ${phase}`);
  const writing = kills.filter((kill) => kill.writing).length;
  return `${kills.length} kills by ${signals} signals: ${
    fell.join(", ")
  }; ${writing} while a file was written; ` +
    `${compared} studies compared, ` +
    (differences.length === 0 ? "nothing differs, bit for bit" : `these differ: ${differences.join(", ")}`);
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      count: { type: "string", default: "50" },
      subject: { type: "string", default: "train" },
      together: { type: "string", default: "5" },
    },
  });
  const subject = SUBJECTS[values.subject];
  if (!subject) {
    throw new RangeError(`Unknown subject ${values.subject}: expected ${Object.keys(SUBJECTS).join(", ")}`);
  }
  await using reference = await referenceOf(subject);
  console.log(`without a kill: ${reference.runs} runs, ${reference.steps} steps`);
  let done = 0;
  const survival = await surviveKills(reference, {
    count: Number(values.count),
    together: Number(values.together),
    source: random("kills", values.subject, Date.now()),
    onProcess: console.log,
    onKill: ({ phase, steps, writing }) =>
      console.log(
        `kill ${++done}: ${phase}, ${steps} steps on disk${writing ? ", a file half written" : ""}`,
      ),
  });
  console.log(survivalText(survival));
  if (survival.differences.length > 0) Deno.exit(1);
}
