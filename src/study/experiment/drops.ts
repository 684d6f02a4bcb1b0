import type { Curve } from "#stats/curves.ts";
import { type PairedDifference, pairedDifference } from "#stats/paired.ts";
import { lossAround, lossChange, type RateJump, rateJumps, windowOf } from "./dynamics.ts";
import { evals, steps } from "#results/final.ts";
import type { RunRecord } from "#results/run.ts";

/**
 * The steps at which the rate of a run drops at once and then stays for a window: drops of step decay. The steep last steps of a
 * smooth schedule, and what comes before or after a restart, are none.
 */
export function dropsOf(record: RunRecord): RateJump[] {
  const window = windowOf(record);
  const jumps = rateJumps(record);
  const applied = steps(record);
  const [first, last] = [applied[0]?.step ?? 0, applied.at(-1)?.step ?? 0];
  return jumps.filter((jump) =>
    jump.after < jump.before && jump.step - window >= first && jump.step + window <= last + 1 &&
    jumps.every(({ step }) => step === jump.step || Math.abs(step - jump.step) >= window)
  );
}

/** True where the rate of a run falls smoothly: it ends lower than it was, without a drop and without a restart. */
export function isSmooth(record: RunRecord): boolean {
  const rates = steps(record).map(({ lr }) => lr);
  const highest = rates.reduce((high, rate) => Math.max(high, rate), 0);
  return rates.length > 0 && rates.at(-1)! < highest / 2 && dropsOf(record).length === 0 &&
    record.events.every(({ kind }) => kind !== "restart");
}

/** One drop of an arm over its seeds, against another arm in the same steps. Changes are after minus before. */
export interface DropOverSeeds {
  /** One-based number of the drop. */
  readonly number: number;
  readonly jump: RateJump;
  /** Change of the mean training loss (nats) over a window, of either arm, and on the same batches between them. */
  readonly loss: ChangeOverSeeds;
  /** Change of validation accuracy (0 … 1) from the last evaluation before the drop to the first a window after. */
  readonly accuracy: ChangeOverSeeds;
}

interface ChangeOverSeeds {
  readonly own: PairedDifference;
  readonly other: PairedDifference;
  /** Own minus other. */
  readonly between: PairedDifference;
}

/**
 * Every drop of an arm against a smooth one, over the seeds that both have. Intervals are widened for the number of
 * drops.
 *
 * @param resolution the smallest difference of accuracy that can be seen.
 */
export function dropsOverSeeds(
  records: readonly RunRecord[],
  smooth: readonly RunRecord[],
  resolution: number,
): DropOverSeeds[] {
  const pairs = records.flatMap((own) => {
    const other = smooth.find(({ plan }) => isPaired(plan, own.plan));
    return other ? [{ own, other, seed: own.plan.seed }] : [];
  });
  const drops = pairs[0] ? dropsOf(pairs[0].own) : [];
  const over = (value: (own: RunRecord, other: RunRecord) => number | null, finest: number) => {
    const values = pairs.map(({ own, other, seed }) => [seed, value(own, other)] as const);
    return pairedDifference(new Map(values), new Map(values.map(([seed]) => [seed, 0])), {
      family: drops.length,
      resolution: finest,
    });
  };
  return drops.map((jump, index) => {
    const loss = (one: RunRecord, against?: RunRecord) => lossChange(one, jump.step, windowOf(one), against);
    const accuracy = (one: RunRecord) => accuracyChange(one, jump.step, windowOf(one));
    return {
      number: index + 1,
      jump,
      loss: {
        own: over((own) => loss(own), 0),
        other: over((_, other) => loss(other), 0),
        between: over(loss, 0),
      },
      accuracy: {
        own: over(accuracy, resolution),
        other: over((_, other) => accuracy(other), resolution),
        between: over((own, other) => difference(accuracy(own), accuracy(other)), resolution),
      },
    };
  });
}

/** The loss of every run around a step, see {@link lossAround}, up to the neighbouring drops of `among`. */
export function lossesAroundDrop(
  records: readonly RunRecord[],
  { step }: RateJump,
  among: readonly RateJump[],
): Curve[] {
  const others = among.map((jump) => jump.step);
  const from = others.findLast((other) => other < step) ?? 0;
  const until = others.find((other) => other > step) ?? Infinity;
  return records.flatMap((record) => lossAround(record, step, { from, until }) ?? []);
}

/** Runs that see the same batches at the same steps. */
export function isPaired(one: RunRecord["plan"], other: RunRecord["plan"]): boolean {
  return one.seed === other.seed && one.batch_size === other.batch_size &&
    one.accumulate === other.accumulate && one.total_steps === other.total_steps &&
    one.first_step === other.first_step;
}

function accuracyChange(record: RunRecord, step: number, window: number): number | null {
  const held = evals(record, "validation");
  const before = held.findLast((one) => one.step <= step);
  const after = held.find((one) => one.step >= step + window);
  return difference(after?.accuracy ?? null, before?.accuracy ?? null);
}

function difference(one: number | null, other: number | null): number | null {
  return one === null || other === null ? null : one - other;
}
