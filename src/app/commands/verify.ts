import { plain } from "#lib/numbers.ts";
import { type CommandIo, Failure } from "../io.ts";
import type { SessionOptions } from "../session/options.ts";
import { type Verified, verifyResumption } from "../session/verify.ts";
import type { Spec } from "#spec/schema.ts";

/** Times that the run is broken off. */
const BREAKS = 3;

export interface VerifyOptions {
  readonly run?: string | undefined;
  readonly steps?: number | undefined;
  readonly format: "text" | "json";
}

/** `resume --verify`: proves on this machine that a run is resumed exactly. @throws {Failure} where it is not. */
export async function verify(
  spec: Spec,
  { run, steps, format }: VerifyOptions,
  session: SessionOptions,
  io: CommandIo,
): Promise<void> {
  const request = { spec, run: run ?? null, steps: steps ?? null, breaks: BREAKS };
  const verified = await verifyResumption(request, session, io);
  io.stdout(format === "json" ? JSON.stringify(verified, null, 2) + "\n" : verdictOf(verified));
  if (verified.difference !== null) {
    throw new Failure(`Resumption is not exact here. The first difference: ${verified.difference}`);
  }
}

function verdictOf({ run, device, broken_after, steps, evaluations, tensors, values, ...rest }: Verified) {
  return `${run} on ${device.name} (${device.detail}), broken off after steps ${broken_after.join(", ")}
Compared with the run in one go: loss, rate and momentum of ${plain(steps)} steps, ${
    plain(evaluations)
  } evaluations, ${plain(tensors)} tensors of ${plain(values)} numbers
${rest.difference === null ? "The same, bit for bit" : "Not the same"}
`;
}
