import { join } from "node:path";
import type { Report } from "#report/model.ts";
import type { Spec } from "#spec/schema.ts";
import type { Kind, Study, StudyResults } from "#study/study.ts";
import { type CommandIo, Failure } from "../io.ts";
import { pageOf } from "../reports/page_of.ts";
import type { LiveServer } from "../serve/server.ts";
import { newestFolder, newFolder, openFolder } from "../storage/folder.ts";
import { lockFolder } from "../storage/lock.ts";
import { writeAtomic } from "../storage/write.ts";
import { loadFacts, type SessionFacts } from "./facts.ts";
import type { SessionOptions } from "./options.ts";
import { OUTPUTS, writeResult } from "./output.ts";
import { commit, versions } from "../machine/provenance.ts";
import { checkResumable } from "./resumable.ts";
import { runShard, type ShardRequest } from "./shard.ts";
import type { ShardOutcome } from "./train_part.ts";
import { type Measured, trainStudy } from "./train_study.ts";
import { openTraining } from "./training.ts";

/** Runs studies, one after the other, from the same options. */
export interface Session {
  /** Loads the facts that a spec's studies are planned from, once. */
  facts(spec: Spec): Promise<SessionFacts>;
  /**
   * Trains what a study asks for, and writes its result and report.
   *
   * @param changes options of this study alone.
   * @throws {UsageError} for what is refused, before anything is written.
   * @throws {Failure} where a run or the disk failed, after what was measured was written with a partial report.
   */
  run<K extends Kind>(study: Study<K>, changes?: Partial<SessionOptions>): Promise<Outcome<K>>;
  /** Trains one shard's part of a study; errors are those of `run`. */
  runShard<K extends Kind>(study: Study<K>, request: ShardRequest): Promise<ShardOutcome>;
}

export interface Outcome<K extends Kind> {
  readonly folder: string;
  readonly result: StudyResults[K];
  /** `null` for a study whose result is not saved. */
  readonly report: Report | null;
  /** True where the study was stopped before its end. */
  readonly interrupted: boolean;
}

export function openSession(options: SessionOptions, io: CommandIo): Session {
  const known = new Map<Spec, Promise<SessionFacts>>();
  const facts = (spec: Spec) => {
    const found = known.get(spec) ?? loadFacts(spec, options);
    known.set(spec, found);
    return found;
  };
  return {
    facts,
    run: (study, changes = {}) => runStudy(study, { ...options, ...changes }, { facts, io }),
    runShard: (study, request) => runShard(study, options, request, { facts, io }),
  };
}

async function runStudy<K extends Kind>(
  study: Study<K>,
  options: SessionOptions,
  { facts, io }: { readonly facts: Session["facts"]; readonly io: CommandIo },
): Promise<Outcome<K>> {
  const started = performance.now();
  const at = new Date().toISOString();
  const given = options.out ?? (options.resume ? await newestFolder(study.stem) : null);

  // 1. Everything that can be refused is refused before anything is written.
  await using server = options.serve === undefined || study.spec === null
    ? null
    : await openPage(options.serve, options.queue !== undefined, io);
  using training = study.spec === null
    ? null
    : await openTraining(study, await facts(study.spec), options, { io });
  const earlierS = given !== null && options.resume ? await checkResumable(given, study, training) : 0;
  const folder = given ?? await newFolder(study.stem);
  await openFolder(folder, options.resume);
  using _lock = await lockFolder(folder);

  // 2. The runs, or what takes their place.
  const source = { at, command: options.invocation.command, commit: await commit(), versions: versions() };
  const provenance = () => ({ ...source, wall_s: earlierS + (performance.now() - started) / 1000 });
  const { result, records, file, stopped, failure }: Measured<K> = study.spec === null
    ? { result: study.plan()(provenance), records: [], file: noFile, stopped: false, failure: null }
    : await trainStudy(study.kind, training!, { folder, options, provenance, io, server });

  // 3. Saving.
  const output = OUTPUTS[study.kind];
  await writeResult(folder, output, result);
  const report = await output.compose(result, records, file);
  if (report !== null) {
    const html = await pageOf(report);
    await writeAtomic(join(folder, "report.html"), html);
    await server?.finish(html, `The study has ended. Its report: ${join(folder, "report.html")}`);
  }
  if (failure) {
    throw new Failure(
      `${failure.message}\nThe measurements until then and a partial report are saved in ${folder}`,
      { cause: failure },
    );
  }
  return { folder, result, report, interrupted: stopped && !isComplete(result) };
}

const noFile = () => Promise.resolve(null);

/** A page for the study, and where it is. @throws {UsageError} where it cannot be served. */
async function openPage(port: number | null, keepsNet: boolean, io: CommandIo): Promise<LiveServer> {
  const { openServer } = await import("../serve/server.ts");
  const server = await openServer(port, keepsNet);
  io.stderr(
    `Live page: ${server.address}\nWhoever has this address can stop the study; without #stop=… it only shows.\n`,
  );
  return server;
}

function isComplete(result: object): boolean {
  return "complete" in result && result.complete === true;
}
