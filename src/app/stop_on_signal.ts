import type { CommandIo } from "./io.ts";

/** Whether the user asked for the end; `release` gives the signals back. */
export interface StopRequest {
  readonly asked: boolean;
  release(): void;
}

/** Ctrl-C calls `stop`, once, so that what was measured is kept; a second one ends the process at once. */
export function stopOnSignal(stop: () => void, io: CommandIo, beforeText: () => void): StopRequest {
  let asked = false;
  const onSignal = () => {
    if (asked) Deno.exit(130);
    asked = true;
    beforeText();
    io.stderr("\nStopping; what was measured is kept. Press Ctrl-C again to end at once.\n");
    stop();
  };
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  for (const signal of signals) Deno.addSignalListener(signal, onSignal);
  return {
    get asked() {
      return asked;
    },
    release: () => signals.forEach((signal) => Deno.removeSignalListener(signal, onSignal)),
  };
}
