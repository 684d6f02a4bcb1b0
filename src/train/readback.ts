import type { AppliedUpdate, PlainLearner } from "./learner.ts";

/**
 * Time that losses may travel before they are waited for. Reading anything back from a GPU takes some ten milliseconds,
 * however little it is; meanwhile the device continues with steps that are queued behind.
 */
const PATIENCE_MS = 50;

/** Losses on their way from the device, in the order of their steps. */
export interface Readback {
  /** Asks for the losses of all steps since the last time. */
  ask(): void;
  /** The oldest losses that were asked for, once they are there; `null` where none is due. With `all` any is due. */
  next(all: boolean): Promise<readonly AppliedUpdate[] | null>;
}

export function createReadback(learner: Pick<PlainLearner, "losses">, now: () => number): Readback {
  const travelling: { readonly since: number; readonly losses: Promise<readonly AppliedUpdate[]> }[] = [];
  return {
    ask: () => {
      const losses = learner.losses();
      // Who awaits them sees the failure; a run that is left early awaits nothing.
      losses.catch(() => {});
      travelling.push({ since: now(), losses });
    },
    next: async (all) => {
      const [oldest] = travelling;
      if (!oldest || (!all && now() - oldest.since < PATIENCE_MS)) return null;
      travelling.shift();
      return await oldest.losses;
    },
  };
}
