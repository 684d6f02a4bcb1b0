/// <reference lib="deno.worker" />
import { assertNever } from "#lib/assert_never.ts";
import { type Command, readCommand, type SpawnOptions } from "./worker_group.ts";
import { Replica } from "./replica.ts";
import { ProcessGroup } from "./process_group.ts";

/** A worker is a replica for one run: it follows commands until the owner of the group ends it. */
self.onmessage = ({ data }: MessageEvent<SpawnOptions>) => {
  const group = new ProcessGroup(data.group, data.rank);
  try {
    const replica = new Replica(data.options, data.build, group);
    self.postMessage({ error: null });
    while (true) {
      group.barrier(Infinity);
      follow(replica, readCommand(data.commands), new Float32Array(data.commands.state));
    }
  } catch (error) {
    self.postMessage({ error: error instanceof Error ? error.message : String(error) });
    group.fail();
  }
};

function follow(replica: Replica, command: Command, state: Float32Array): void {
  switch (command.kind) {
    case "update":
      replica.update(command.batch, command.controls, command.part);
      return;
    case "estimate":
      replica.estimateStatistics(command.batch, command.keep);
      return;
    case "gradients":
      replica.lossesAndGradients(command.batch, command.part, { lossWeights: command.lossWeights });
      return;
    case "reset":
      replica.resetOptimizer();
      return;
    case "evaluate":
      replica.evaluate(command.split);
      return;
    case "load":
      replica.takeState(state);
      return;
    default:
      assertNever(command);
  }
}
