import type { CommandIo } from "../io.ts";

export interface DownloadProgress {
  update(done: number, total: number | null): void;
  /** Puts a line of text below what is shown. */
  say(text: string): void;
  close(): void;
}

/** Milliseconds between redraws of a terminal, and between lines without one. */
const REDRAW_MS = 200;
const LINE_EVERY_MS = 5000;

/** One line that is drawn over and over on a terminal, plain lines elsewhere. `now` is in milliseconds. */
export function downloadProgress(io: CommandIo, now: () => number): DownloadProgress {
  let shownAt = now();
  let first: { readonly done: number; readonly at: number } | null = null;
  let drawn = false;
  const close = () => {
    if (drawn) io.stderr("\n");
    drawn = false;
  };
  return {
    update: (done, total) => {
      const at = now();
      // The pace is that of this connection: what an earlier one brought took no time now.
      if (first === null || done < first.done) first = { done, at };
      const whole = total !== null && done >= total;
      if (!whole && at - shownAt < (io.stderrIsTerminal ? REDRAW_MS : LINE_EVERY_MS)) return;
      shownAt = at;
      const pace = at > first.at ? (done - first.done) / (at - first.at) * 1000 : 0;
      const text = line(done, total, pace);
      if (io.stderrIsTerminal) {
        io.stderr(`\r${text.slice(0, io.columns - 1).padEnd(io.columns - 1)}`);
        drawn = true;
      } else io.stderr(`${text}\n`);
    },
    say: (text) => {
      close();
      io.stderr(`${text}\n`);
    },
    close,
  };
}

/** `43.1 of 170.1 MB, 25 %, 3.2 MB/s, 0:39 left` */
function line(done: number, total: number | null, pace: number): string {
  const speed = pace > 0 ? `, ${megabytes(pace)} MB/s` : "";
  if (total === null) return `${megabytes(done)} MB${speed}`;
  const seconds = pace > 0 ? Math.round((total - done) / pace) : null;
  const left = seconds === null
    ? ""
    : `, ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} left`;
  const share = Math.floor((100 * done) / total);
  return `${megabytes(done)} of ${megabytes(total)} MB, ${share} %${speed}${left}`;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
