import { timingSafeEqual } from "node:crypto";

/** The proof that a request needs to be answered. */
export interface Guard {
  /** Port that the page is served on. */
  readonly port: number;
  /** Whoever has it may stop the study. */
  readonly token: string;
}

/**
 * Why a request is refused; `null` where it is not. The page is for browsers of this machine that were given its
 * address: another site's page must neither read it nor stop the study, also not under a name that it lets point here
 * (DNS rebinding).
 */
export function refusalOf(request: Request, { port, token }: Guard): Response | null {
  const { headers, method } = request;
  const host = headers.get("host");
  if (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`) {
    return refusal(421, `This page is at http://127.0.0.1:${port}/ alone`);
  }
  const origin = headers.get("origin");
  const site = headers.get("sec-fetch-site") ?? "none";
  if ((origin !== null && origin !== `http://${host}`) || !["none", "same-origin"].includes(site)) {
    return refusal(403, "Another site may not use this page");
  }
  const { pathname } = new URL(request.url);
  const allowed = METHODS[pathname];
  if (allowed === undefined) return refusal(404, "There is no such page");
  if (!allowed.includes(method)) return refusal(405, "Not allowed", { allow: allowed.join(", ") });
  if (pathname === STOP && !isToken(headers.get("authorization"), token)) {
    return refusal(403, "Only the address that the terminal printed may stop the study");
  }
  return null;
}

export const STOP = "/stop";
const METHODS: Readonly<Record<string, readonly string[] | undefined>> = {
  "/": ["GET", "HEAD"],
  "/events": ["GET"],
  [STOP]: ["POST"],
};

function isToken(given: string | null, token: string): boolean {
  const [wanted, bytes] = [`Bearer ${token}`, given ?? ""].map((text) => new TextEncoder().encode(text));
  return wanted!.length === bytes!.length && timingSafeEqual(wanted!, bytes!);
}

function refusal(status: number, text: string, headers: Record<string, string> = {}): Response {
  return answer(`${text}\n`, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", ...headers },
  });
}

/** A response with the headers that every answer has; none of them lets another site read it. */
export function answer(body: BodyInit | null, { status = 200, headers }: ResponseInit): Response {
  return new Response(body, {
    status,
    headers: {
      "cache-control": "no-store",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      ...headers as Record<string, string>,
    },
  });
}
