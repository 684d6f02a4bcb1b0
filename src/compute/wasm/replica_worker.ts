/// <reference lib="deno.worker" />
import { assertNever } from "#lib/assert_never.ts";
import { type Enlistment, type Order, readOrder } from "./crew.ts";
import { Replica } from "./replica.ts";
import { Team } from "./team.ts";

/** A worker is a replica for one run: it follows orders until the crew's owner ends it by failing their team. */
self.onmessage = ({ data }: MessageEvent<Enlistment>) => {
  const team = new Team(data.team, data.rank);
  try {
    const replica = new Replica(data.options, data.build, team);
    self.postMessage({ error: null });
    while (true) {
      team.barrier(Infinity);
      follow(replica, readOrder(data.orders), new Float32Array(data.orders.state));
    }
  } catch (error) {
    self.postMessage({ error: error instanceof Error ? error.message : String(error) });
    team.fail();
  }
};

function follow(replica: Replica, order: Order, state: Float32Array): void {
  switch (order.kind) {
    case "update":
      replica.update(order.batch, order.controls, order.part);
      return;
    case "estimate":
      replica.estimateStatistics(order.batch, order.keep);
      return;
    case "reset":
      replica.resetOptimizer();
      return;
    case "evaluate":
      replica.evaluate(order.split);
      return;
    case "load":
      replica.takeState(state);
      return;
    default:
      assertNever(order);
  }
}
