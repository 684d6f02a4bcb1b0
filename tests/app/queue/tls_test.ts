import assert from "node:assert/strict";
import { join } from "node:path";
import { cli } from "../../support/cli.ts";
import { freePort, startRedis } from "../../support/redis.ts";
import { requires } from "../../support/requires.ts";

async function openssl(folder: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("openssl", { args, cwd: folder }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
}

Deno.test(
  "rediss:// is TLS: a certificate of an authority that is known is taken, another is refused",
  await requires("redis", "openssl"),
  async () => {
    const folder = await Deno.makeTempDir();
    try {
      const key = ["-newkey", "rsa:2048", "-nodes"];
      await openssl(
        folder,
        "req",
        "-x509",
        ...key,
        "-keyout",
        "ca.key",
        "-out",
        "ca.pem",
        "-subj",
        "/CN=test",
        "-days",
        "1",
      );
      await openssl(
        folder,
        "req",
        ...key,
        "-keyout",
        "key.pem",
        "-out",
        "leaf.csr",
        "-subj",
        "/CN=localhost",
      );
      await Deno.writeTextFile(
        join(folder, "ext"),
        "subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n",
      );
      const signed = [
        "-CA",
        "ca.pem",
        "-CAkey",
        "ca.key",
        "-CAcreateserial",
        "-extfile",
        "ext",
        "-days",
        "1",
      ];
      await openssl(folder, "x509", "-req", "-in", "leaf.csr", ...signed, "-out", "cert.pem");
      const port = freePort();
      const at = (name: string) => join(folder, name);
      await using redis = await startRedis([
        `tls-port ${port}`,
        `tls-cert-file ${at("cert.pem")}`,
        `tls-key-file ${at("key.pem")}`,
        `tls-ca-cert-file ${at("ca.pem")}`,
        "tls-auth-clients no",
      ]);
      const status = (env: Record<string, string>) =>
        cli("queue", ["status", "--queue", `rediss://localhost:${port}`], {
          env: { LR_LAB_QUEUE_PASSWORD: redis.password, ...env },
        });
      const known = await status({ DENO_CERT: at("ca.pem") });
      assert.equal(known.code, 0, known.stderr);
      assert.equal(known.stdout, `Queue rediss://localhost:${port}: 0 workers\n`);
      const unknown = await status({});
      assert.equal(unknown.code, 1);
      assert.match(unknown.stderr, /certificate/);
      assert.ok(!unknown.stderr.includes(redis.password));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
