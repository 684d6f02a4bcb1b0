/// <reference lib="deno.worker" />
import { schedulesOf } from "#spec/run_plan.ts";
import { scheduleProblem } from "#study/schedule_problem.ts";
import { loadCustomModules } from "./custom_modules.ts";
import { holdLife } from "./liveness.ts";
import type { CheckReply, CheckRequest } from "./schedule_checker.ts";

holdLife(self.name).then(() => self.postMessage("alive"));

self.onmessage = async ({ data: { plan, folder } }: MessageEvent<CheckRequest>) => {
  self.postMessage(await answer({ plan, folder }));
};

async function answer({ plan, folder }: CheckRequest): Promise<CheckReply> {
  try {
    const context = await loadCustomModules(schedulesOf(plan), folder);
    return { kind: "checked", problem: scheduleProblem(plan, context) };
  } catch (error) {
    return { kind: "refused", message: error instanceof Error ? error.message : String(error) };
  }
}
