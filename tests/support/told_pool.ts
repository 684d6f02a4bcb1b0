import type { Pool } from "#app/workers/pool.ts";
import type { RunPlan } from "#results/run.ts";
import { runKey } from "#spec/plan.ts";
import { random } from "#lib/prng.ts";
import { PROVENANCE } from "./run_fixture.ts";
import { record } from "./records.ts";

/** What runs come to: a figure of the run and the salt alone, whoever trains it and whenever. */
export function toldBy(salt: number): (plan: RunPlan) => ReturnType<typeof record> {
  return (plan) => {
    const source = random(salt, runKey(plan));
    // Of every fourth salt most runs diverge, so that whole arms fail and lineages end early.
    const isDiverged = source.uniform() < (salt % 4 === 0 ? 0.7 : 0.12);
    return record(plan, 0.2 + 0.7 * source.uniform(), isDiverged ? "diverged" : "budget");
  };
}

/**
 * A pool that says what its runs come to in place of training them, so that hundreds of studies take seconds. Each run
 * needs two turns: its first events, then its end and what it leaves.
 *
 * @param turns after which the pool breaks, as a worker does.
 */
export function toldPool(told: (plan: RunPlan) => ReturnType<typeof record>, turns = Infinity): Pool {
  let left = turns;
  const turn = () => {
    if (left-- <= 0) throw new Error("the pool was broken");
  };
  return {
    device: PROVENANCE.device,
    size: 1,
    stop: () => {},
    run: async (plans, listener) => {
      for (const plan of plans) {
        turn();
        await listener.startOf(plan);
        const { events } = told(plan);
        listener.onEvents(plan, events.slice(0, 3));
        turn();
        listener.onEvents(plan, events.slice(3, -1));
        const end = events.at(-1)!;
        if (plan.keep_end && end.kind === "ended" && end.reason === "budget") {
          listener.onFile(plan, { name: "end.safetensors", bytes: new TextEncoder().encode(runKey(plan)) });
        }
        // Wall time is what differs from machine to machine.
        listener.onEvents(plan, [{ ...end, ...(end.kind === "ended" && { ms_per_step: Math.random() }) }]);
      }
    },
    [Symbol.dispose]: () => {},
  };
}
