import { UsageError } from "../errors.ts";

/** The Redis of a queue. Nothing prints or stores the user and the password: messages use {@link QueueAddress.shown}. */
export interface QueueAddress {
  readonly host: string;
  /** The host as it was written, which a certificate has to name. */
  readonly name: string;
  readonly port: number;
  /** Number of Redis' database. */
  readonly db: number;
  /** True for `rediss://`: TLS, checked against the system's certificates and those of `DENO_CERT`. */
  readonly tls: boolean;
  readonly username: string | null;
  readonly password: string | null;
  /** `rediss://host:6380`, for messages. */
  readonly shown: string;
}

/** Holds the password where the address has none: an address is seen by everybody who may list processes. */
export const PASSWORD_VARIABLE = "LR_LAB_QUEUE_PASSWORD";

const PORT = 6379;
const MOST_DB = 65_535;

/**
 * The address of a queue: `redis://HOST`, `rediss://USER:PASSWORD@HOST:PORT/DB`.
 *
 * @param env reads {@link PASSWORD_VARIABLE}.
 * @throws {UsageError} for another text. The message does not repeat it: it may hold a password.
 */
export function queueAddress(text: string, env: (name: string) => string | undefined): QueueAddress {
  const url = URL.canParse(text) ? new URL(text) : null;
  const db = /^\/?(\d*)$/.exec(url?.pathname ?? "")?.[1];
  const isAddress = url !== null && ["redis:", "rediss:"].includes(url.protocol) && url.hostname !== "" &&
    url.search === "" && url.hash === "" && db !== undefined && Number(db) <= MOST_DB;
  const [username, password] = isAddress ? [url.username, url.password].map(decoded) : [];
  if (!isAddress || username === undefined || password === undefined) {
    throw new UsageError(
      "Cannot read the address of --queue: expected redis://HOST, or rediss://HOST for TLS, with USER:PASSWORD@ " +
        `before the host, :PORT and /DATABASE after it where they are needed. ${PASSWORD_VARIABLE} may hold the password`,
    );
  }
  const tls = url.protocol === "rediss:";
  // Deno grants the net by the name as it is written, and the tasks name this one.
  const name = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const host = name === "localhost" ? "127.0.0.1" : name;
  const port = url.port === "" ? PORT : Number(url.port);
  return {
    host,
    name,
    port,
    db: Number(db),
    tls,
    username,
    password: password ?? env(PASSWORD_VARIABLE) ?? null,
    shown: `${url.protocol}//${url.hostname}${url.port && `:${port}`}${db && `/${db}`}`,
  };
}

/** `null` for nothing, `undefined` for what cannot be decoded. */
function decoded(part: string): string | null | undefined {
  try {
    return part === "" ? null : decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

/** A message of others without the password, however it came into it. */
export function redacted({ password }: Pick<QueueAddress, "password">, text: string): string {
  if (password === null || password === "") return text;
  return [password, encodeURIComponent(password)].reduce(
    (rest, secret) => rest.replaceAll(secret, "***"),
    text,
  );
}
