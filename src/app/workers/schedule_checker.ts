import { spawnThread } from "#compute/thread.ts";
import { customModules } from "#schedules/custom.ts";
import { type RunPlan, schedulesOf } from "#spec/run_plan.ts";
import { scheduleProblem } from "#study/schedule_problem.ts";
import { UsageError } from "../errors.ts";
import { threadName, watchLife } from "./liveness.ts";

/** One plan to check; `folder` is what modules are relative to. */
export interface CheckRequest {
  readonly plan: RunPlan;
  readonly folder: string;
}

export type CheckReply =
  | { readonly kind: "checked"; readonly problem: string | null }
  /** A module that cannot be loaded. */
  | { readonly kind: "refused"; readonly message: string };

/** Checks schedules of plans. Modules of custom ones run in a thread of their own, which may only compute and read. */
export interface ScheduleChecker extends Disposable {
  /**
   * Why a schedule of the plan does not fit its run; `null` where all fit.
   *
   * @throws {UsageError} for a module that cannot be used.
   */
  problemOf(plan: RunPlan): Promise<string | null>;
}

/** @param folder that modules are relative to. */
export function openChecker(folder: string): ScheduleChecker {
  let thread: Thread | null = null;
  return {
    problemOf: async (plan) => {
      if (customModules(schedulesOf(plan)).length === 0) return scheduleProblem(plan, {});
      thread ??= spawn();
      const reply = await thread.ask({ plan, folder });
      if (reply.kind === "refused") throw new UsageError(reply.message);
      return reply.problem;
    },
    [Symbol.dispose]: () => thread?.end(),
  };
}

interface Thread {
  ask(request: CheckRequest): Promise<CheckReply>;
  end(): void;
}

function spawn(): Thread {
  const name = threadName();
  const worker = spawnThread(new URL("./check_worker.ts", import.meta.url), name);
  let unwatch = () => {};
  return {
    ask: (request) =>
      new Promise((resolve) => {
        const refuse = (message: string) => resolve({ kind: "refused", message });
        worker.onmessage = ({ data }: MessageEvent<CheckReply | "alive">) => {
          if (data !== "alive") return resolve(data);
          unwatch = watchLife(
            name,
            () => refuse("A module of a custom schedule ended its thread: it may not"),
          );
        };
        worker.onerror = (event) => {
          event.preventDefault();
          refuse(`A module of a custom schedule failed: ${event.message}`);
        };
        worker.postMessage(request);
      }),
    end: () => {
      unwatch();
      worker.terminate();
    },
  };
}
