import { composeLive, liveCurves, type LiveStudy } from "#report/compose/live.ts";
import type { Report } from "#report/model.ts";
import { figureData } from "#report/render/figure_data.ts";
import { renderPage } from "#report/render/html.ts";
import { renderBlock } from "#report/render/html_blocks.ts";
import { renderScreen } from "#report/render/live.ts";
import type { RunPlan, RunRecord } from "#results/run.ts";
import type { Progress } from "../terminal/progress.ts";
import { createTally, type ProgressTotals } from "../terminal/tally.ts";
import type { RunFile } from "../storage/store.ts";
import { createLiveMasks } from "./live_masks.ts";
import { createLiveRuns } from "./live_runs.ts";
import type { LiveServer } from "./server.ts";

/** Least time between two pictures of the curves; the longest keeps the page at most 2 s behind. */
const [LEAST_MS, MOST_MS] = [1500, 1900];
/** Making pictures takes at most this share of the time. */
const SHARE = 0.005;

const EMPTY: Report = {
  eyebrow: "",
  title: "",
  summary: "",
  notices: [],
  series: [],
  overview: [],
  sections: [],
};

/** The study's name and the groups of its runs. */
export interface LivePageOptions extends Pick<LiveStudy, "name" | "dataset" | "arms" | "groupOf"> {
  readonly totals: ProgressTotals;
  readonly provenance: RunRecord["provenance"];
}

/** A study's page. Nothing is drawn while nobody looks. */
export interface LivePage {
  /** Receives what the terminal's progress does. */
  readonly progress: Progress;
  /** A stage is done. @param report its report, made only if the page is still open then; `null` for none. */
  stage(report: () => Promise<Report | null>): void;
  /** A file that a run left: example masks are shown. */
  file(plan: RunPlan, file: RunFile): void;
  /** No more pictures. */
  close(): void;
}

/** Shows a study on a server. */
export function openLivePage(
  { feed, show }: LiveServer,
  { totals, provenance, ...about }: LivePageOptions,
): LivePage {
  const tally = createTally(totals, () => performance.now());
  const runs = createLiveRuns(provenance);
  const masks = createLiveMasks();
  let areMasksStale = false;
  let sofar: Report | null = null;
  let next: (() => Promise<Report | null>) | null = null;
  let notice = "";
  /** Of the last picture, what decides whether the next one has the same figures. */
  let shown = "";
  let timer: ReturnType<typeof setTimeout> | null = null;
  let due = 0;
  let isClosed = false;

  let isStale = false;

  const draw = async () => {
    isStale = false;
    if (next !== null) {
      // Another stage may end while this one's report is made.
      const make = next;
      next = null;
      sofar = await make();
    }
    const study: LiveStudy = { ...about, records: runs.records(), sofar };
    const { done, totals } = tally;
    const left = `${done.runs} of ${totals.runs} runs, ${tally.left()} left`;
    feed.publish("progress", {
      text: notice === "" ? left : `${left} · ${notice}`,
      share: Math.min(1, done.steps / Math.max(1, totals.steps)),
    });
    const curves = liveCurves(study);
    // The screen is the same as long as the same panels are on it, under the same title, and no further stage has ended.
    const panels = curves.flatMap(({ chart }) => chart.kind === "multiples" ? chart.panels : []);
    const screen = JSON.stringify([
      panels.map(({ label }) => label),
      curves.map(({ title }) => title),
      sofar,
    ]);
    if (screen !== shown) feed.publish("screen", renderScreen(composeLive(study)));
    else if (curves.length > 0) {
      const figures = figureData({ ...EMPTY, series: about.arms, overview: curves });
      feed.publish("curves", { figures, alt: curves[0]!.alt });
    }
    shown = screen;
    if (areMasksStale) {
      areMasksStale = false;
      feed.publish("masks", { html: masks.strip().map((block) => renderBlock(block, []).text).join("") });
    }
  };
  const wake = () => {
    if (isClosed || timer !== null || feed.viewers === 0 || !isStale) return;
    timer = setTimeout(async () => {
      const started = performance.now();
      await draw().catch((error) => {
        // The study is worth more than its page.
        feed.publish("progress", { text: `The page could not be drawn: ${error.message}`, share: 0 });
      });
      const ended = performance.now();
      due = ended + Math.min(MOST_MS, Math.max(LEAST_MS, (ended - started) / SHARE));
      timer = null;
      wake();
    }, Math.max(0, due - performance.now()));
  };
  const changed = () => {
    isStale = true;
    wake();
  };

  show(shell(about));
  feed.onViewer(wake);
  return {
    progress: {
      events: (plan, events) => {
        tally.events(plan, events);
        runs.events(plan, events);
        changed();
      },
      known: (plan, record) => {
        tally.known(plan);
        if (record) runs.events(plan, record.events);
        changed();
      },
      more: (plans) => tally.more(plans),
      notice: (text) => {
        notice = text;
        changed();
      },
      close: () => {},
    },
    stage: (report) => {
      next = report;
      changed();
    },
    file: (plan, file) => {
      if (!masks.file(plan, file)) return;
      areMasksStale = true;
      changed();
    },
    close: () => {
      isClosed = true;
      if (timer !== null) clearTimeout(timer);
    },
  };
}

/** The page without its content, made once. */
function shell(about: Pick<LiveStudy, "name" | "dataset" | "arms" | "groupOf">): () => Promise<string> {
  let page: Promise<string> | null = null;
  return () =>
    page ??= (async () => {
      const { liveAssets } = await import("#report/page/assets.ts");
      return await renderPage(composeLive({ ...about, records: [], sofar: null }), liveAssets);
    })();
}
