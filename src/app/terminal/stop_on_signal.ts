import type { CommandIo } from "../io.ts";

/** A stop that the user may ask for; `release` gives the signals back. */
export interface StopRequest {
  readonly asked: boolean;
  /** Asks for it as the first Ctrl-C does, in words of one's own. */
  ask(text: string): void;
  release(): void;
}

/**
 * One Ctrl-C may come twice: the terminal sends it to every process in front, and `deno task` hands its own on. What
 * follows this soon is the same one.
 */
const SAME_MS = 1000;

/** Signals by which a person or the system asks a process to end; SIGHUP comes when its terminal is closed. */
export const STOP_SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT"]
  : ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Ctrl-C calls `stop`, once, so that all finished measurements are saved; another one ends the process at once.
 *
 * @param asked another way to ask for it: its reason is the text.
 */
export function stopOnSignal(
  stop: () => void,
  io: CommandIo,
  beforeText: () => void,
  asked?: AbortSignal,
): StopRequest {
  let askedAt: number | null = null;
  const ask = (text: string) => {
    askedAt = performance.now();
    beforeText();
    io.stderr(`\n${text}; all measurements so far are saved. Press Ctrl-C again to end at once.\n`);
    stop();
  };
  const onSignal = () => {
    if (askedAt !== null && performance.now() - askedAt < SAME_MS) return;
    if (askedAt !== null) Deno.exit(130);
    ask("Stopping");
  };
  for (const signal of STOP_SIGNALS) Deno.addSignalListener(signal, onSignal);
  const onAbort = () => {
    if (askedAt === null) ask(String(asked!.reason));
  };
  if (asked?.aborted) onAbort();
  asked?.addEventListener("abort", onAbort);
  return {
    get asked() {
      return askedAt !== null;
    },
    ask: (text) => {
      if (askedAt === null) ask(text);
    },
    release: () => {
      asked?.removeEventListener("abort", onAbort);
      const release = () => STOP_SIGNALS.forEach((signal) => Deno.removeSignalListener(signal, onSignal));
      // Without a listener the second half of a Ctrl-C would end the process before it has reported what was measured.
      if (askedAt === null) release();
      else Deno.unrefTimer(setTimeout(release, SAME_MS));
    },
  };
}
