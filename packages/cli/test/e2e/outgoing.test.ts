import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { runCli } from "../support/run-cli.ts";
import { serve } from "../support/serve.ts";

const listen = async (status: number) => {
  const heard: string[] = [];
  const server = createServer((request, response) => {
    heard.push(String(request.headers["webhook-id"] ?? request.url));
    request.resume().on("end", () => response.writeHead(status).end());
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, heard, [Symbol.dispose]: close };
};

test("makes, tests, turns and removes receivers and alert rules of files", { timeout: 120_000 }, async () => {
  const directory = mkdtempSync(path.join(tmpdir(), "airfleet-cli-"));
  const write = (name: string, text: string): void => writeFileSync(path.join(directory, name), text, { mode: 0o600 });
  using good = await listen(204);
  using bad = await listen(500);
  write("airfleet.yaml", "network:\n  allow: [127.0.0.0/8]\n");
  write("shop.yaml", `url: ${good.url}\nevents: [run.changed]\n`);
  write("broken.yaml", `condition: import_error\nnotify:\n  - {type: slack, name: ops, url: ${bad.url}}\n`);
  try {
    await using served = await serve(directory);
    const cli = (...args: readonly string[]) => runCli(args, { url: served.url, cwd: directory });
    const made = await cli("webhooks", "create", "shop", "-f", "shop.yaml", "-o", "name");
    expect(made.stdout.trim()).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(await cli("webhooks", "create", "shop", "-f", "shop.yaml")).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('There is a webhook "shop" already'),
    });
    expect(await cli("webhooks", "test", "shop")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("delivered"),
    });
    expect(good.heard).toHaveLength(1);
    const rotated = await cli("webhooks", "rotate", "shop", "-o", "name");
    expect(rotated.stdout).not.toBe(made.stdout);
    expect((await cli("webhooks", "list", "-o", "name")).stdout).toBe("shop\n");
    const [listed] = JSON.parse((await cli("webhooks", "list", "--json")).stdout) as readonly object[];
    expect(listed).toMatchObject({ id: "shop", deliveries_pending: 0, deliveries_dead: 0, oldest_pending_at: null });
    expect((await cli("webhooks", "list")).stdout).toMatch(/^ID +STATE +PENDING +DEAD /);
    expect((await cli("webhooks", "deliveries", "shop", "--json")).stdout.trim()).toBe("[]");
    expect((await cli("webhooks", "redeliver", "shop")).code).toBe(2);
    expect(await cli("webhooks", "redeliver", "shop", "--all-dead")).toMatchObject({ code: 0 });

    expect((await cli("alerts", "put-rule", "broken", "-f", "broken.yaml")).code).toBe(0);
    expect((await cli("alerts", "put-rule", "broken", "-f", "broken.yaml")).code).toBe(0);
    const rules = await cli("alerts", "rules", "--json");
    expect(JSON.parse(rules.stdout)).toMatchObject([{ id: "broken", version: 2 }]);
    expect(rules.stdout).not.toContain(bad.url);
    expect(await cli("alerts", "test-rule", "broken")).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("500"),
    });
    expect((await cli("alerts", "list", "--state", "open", "--json")).stdout.trim()).toBe("[]");
    expect((await cli("alerts", "snooze", "alr_none")).code).toBe(3);
    expect((await cli("alerts", "remove-rule", "broken", "--yes")).code).toBe(0);
    expect((await cli("webhooks", "remove", "shop", "--yes")).code).toBe(0);
    expect((await cli("webhooks", "show", "shop")).code).toBe(3);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
