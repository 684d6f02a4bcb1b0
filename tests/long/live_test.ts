/// <reference lib="dom" />
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { browser } from "../browser/chromium.ts";
import { open, serve, specOf } from "../browser/served.ts";
import { LONG } from "../support/long.ts";
import { requires } from "../support/requires.ts";

/** Points of all curves that are drawn, and what the page says. */
const seen = (page: Page) =>
  page.evaluate(() => ({
    points: [...document.querySelectorAll(".plot")].flatMap((plot) =>
      ((plot as unknown as { data?: { x: unknown[] }[] }).data ?? []).map(({ x }) => x.length)
    ).reduce((sum, count) => sum + count, 0),
    share: (document.getElementById("live-bar") as HTMLProgressElement).value,
    text: document.getElementById("live-text")!.textContent,
    canStop: !(document.getElementById("live-stop") as HTMLButtonElement).hidden,
    address: location.href,
  }));

const grows = (page: Page, { points, share }: { points: number; share: number }) =>
  page.waitForFunction(
    ([points, share]) => {
      const drawn = [...document.querySelectorAll(".plot")].flatMap((plot) =>
        ((plot as unknown as { data?: { x: unknown[] }[] }).data ?? []).map(({ x }) => x.length)
      );
      const bar = document.getElementById("live-bar") as HTMLProgressElement;
      return drawn.reduce((sum, count) => sum + count, 0) > points! && bar.value > share!;
    },
    [points, share] as const,
    { polling: 100 },
  );

/** Passes bytes on between browsers and a server, until it is to cut; notes what was asked. */
function cuttableProxy(port: number) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  const asked: string[] = [];
  const pipe = async (from: Deno.Conn, to: Deno.Conn, note: (text: string) => void) => {
    const buffer = new Uint8Array(65536);
    try {
      for (let count; (count = await from.read(buffer)) !== null;) {
        note(new TextDecoder().decode(buffer.subarray(0, count)));
        for (let done = 0; done < count;) done += await to.write(buffer.subarray(done, count));
      }
      to.closeWrite();
    } catch {
      // Cut, which is what it is for.
    }
  };
  (async () => {
    for await (const inner of listener) {
      const outer = await Deno.connect({ hostname: "127.0.0.1", port });
      [inner, outer].forEach((each) => open.add(each));
      pipe(inner, outer, (text) => asked.push(text));
      pipe(outer, inner, () => {});
    }
  })().catch(() => {});
  const cut = () => {
    for (const each of open) {
      try {
        each.close();
      } catch (error) {
        // The other side has closed it.
        if (!(error instanceof Deno.errors.BadResource)) throw error;
      }
    }
    open.clear();
  };
  return {
    server: `http://127.0.0.1:${(listener.addr as Deno.NetAddr).port}`,
    asked,
    cut,
    close: () => (cut(), listener.close()),
  };
}

/** The status line of an answer to a request written out, so that every header can be false. */
async function statusOf(port: number, head: string): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(
    new TextEncoder().encode(`${head}\r\nConnection: close\r\n\r\n`.replaceAll(/\r?\n/g, "\r\n")),
  );
  const buffer = new Uint8Array(4096);
  const text = new TextDecoder().decode(buffer.subarray(0, await connection.read(buffer) ?? 0));
  assert.doesNotMatch(text, /access-control/i);
  return text.split(" ")[1]!;
}

Deno.test(
  "a live page in Chromium: curves grow, for two viewers, after a cut; only its opener stops the study",
  await requires("chromium"),
  async (t) => {
    const folder = await Deno.makeTempDir();
    const spec = join(folder, "spec.yaml");
    const out = join(folder, "out");
    await Deno.writeTextFile(spec, specOf(1000));
    try {
      const args = ["--backend", "wasm", "--jobs", "1", "--threads", "1", "--checkpoint-every", "0.2"];
      const { address, ended } = await serve("train", [spec, "--out", out, ...args]);
      const port = Number(new URL(address).port);
      const bare = address.split("#")[0]!;
      const proxy = cuttableProxy(port);
      const opener = await open(address);
      const through = await (await browser()).newContext({
        proxy: { server: proxy.server, bypass: "<-loopback>" },
      });
      const viewer = await open(bare, {}, through.newPage());

      await t.step(
        "the curves grow; the token leaves the address; only the opener has the button",
        async () => {
          for (const { page } of [opener, viewer]) {
            await page.waitForSelector(".plot svg.main-svg");
            const first = await seen(page);
            assert.match(first.text!, /^\d of 4 runs, /);
            assert.equal(first.address, bare);
            assert.equal(first.canStop, page === opener.page);
            await grows(page, first);
          }
          assert.equal(await opener.page.locator("h1").textContent(), "“watched” is in training");
          assert.equal(await opener.page.locator("b").count(), 0, "a name is text");
        },
      );

      await t.step("after a cut the viewer connects again, says what it has seen, and goes on", async () => {
        proxy.cut();
        await viewer.page.waitForFunction(() =>
          document.getElementById("live-text")!.textContent!.includes("lost")
        );
        await grows(viewer.page, await seen(viewer.page));
        assert.match((await seen(viewer.page)).text!, /^\d of 4 runs, /);
        const ids = proxy.asked.flatMap((text) => /last-event-id: (\w+)-(\d+)/i.exec(text)?.[2] ?? []);
        assert.ok(ids.length > 0 && Number(ids[0]) > 0, "Last-Event-ID was sent");
      });

      await t.step(
        "wrong token, Host, Origin, method and path are refused, and another site cannot read",
        async () => {
          const host = `Host: 127.0.0.1:${port}`;
          const token = `Authorization: Bearer ${address.split("stop=")[1]}`;
          const refused = [
            ["403", `POST /stop HTTP/1.1\n${host}`],
            ["403", `POST /stop HTTP/1.1\n${host}\nAuthorization: Bearer ${"0".repeat(32)}`],
            ["403", `POST /stop HTTP/1.1\n${host}\n${token}\nOrigin: http://evil.example`],
            ["403", `POST /stop HTTP/1.1\n${host}\n${token}\nOrigin: null`],
            ["403", `GET /events HTTP/1.1\n${host}\nSec-Fetch-Site: cross-site`],
            ["421", `POST /stop HTTP/1.1\nHost: evil.example:${port}\n${token}`],
            ["421", `GET /events HTTP/1.1\nHost: 127.0.0.1`],
            ["405", `GET /stop HTTP/1.1\n${host}\n${token}`],
            ["405", `OPTIONS /stop HTTP/1.1\n${host}`],
            ["404", `GET /runs HTTP/1.1\n${host}`],
          ] as const;
          for (const [status, head] of refused) assert.equal(await statusOf(port, head), status, head);
          assert.equal(await statusOf(port, `GET / HTTP/1.1\nHost: localhost:${port}`), "200");

          // A page of another program on the same machine.
          await using other = Deno.serve(
            { hostname: "127.0.0.1", port: 0, onListen: () => {} },
            () =>
              new Response("<!doctype html><title>other</title>", {
                headers: { "content-type": "text/html" },
              }),
          );
          const { page } = await open(`http://127.0.0.1:${other.addr.port}/`);
          const got = await page.evaluate(async (bare) => [
            await fetch(`${bare}events`).then(() => "read", () => "refused"),
            await fetch(`${bare}stop`, { method: "POST", headers: { authorization: "Bearer 0" } })
              .then(() => "read", () => "refused"),
          ], bare);
          assert.deepEqual(got, ["refused", "refused"]);
          await page.close();
          await grows(opener.page, await seen(opener.page));
        },
      );

      await t.step("the button stops the study; both pages become the partial report", async () => {
        await opener.page.click("#live-stop");
        for (const { page } of [opener, viewer]) {
          await page.waitForSelector(".notice.partial");
          assert.equal(await page.locator("#live-text").count(), 0);
          await page.waitForSelector(".plot svg.main-svg");
        }
        const { code, stderr } = await ended;
        assert.equal(code, 130, stderr);
        assert.match(stderr, /Stopping, as the live page asks; all measurements so far are saved/);
        assert.deepEqual(opener.complaints, []);
      });
      proxy.close();
      await Promise.all([opener.page.close(), through.close()]);

      // Resumption itself is tested without a browser.
      const resumes = async () => {
        const { address, ended } = await serve("resume", [out, "--jobs", "1", "--checkpoint-every", "0.2"]);
        const { page } = await open(address);
        await page.waitForSelector(".plot svg.main-svg");
        const first = await seen(page);
        assert.ok(first.share > 0);
        await grows(page, first);
        await page.click("#live-stop");
        assert.equal((await ended).code, 130);
        await page.close();
      };
      if (LONG) await t.step("the study resumes where it stood", resumes);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
