import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { AlertRuleDefinition, WebhookDefinition } from "@airfleet/model";
import { describe, expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";
import { backends } from "../../../store/test/backends.ts";
import { actor, eventually } from "../fleet-fixture.ts";
import { aControl, aWebhook, observeRun } from "../webhooks/outgoing-fixture.ts";

const EXAMPLES = path.join(import.meta.dirname, "../../../../examples");
const PYTHON_LIBRARY = "standardwebhooks==1.1.0";

/** A Python that has the standard's library, made once on this machine. */
const pythonWithLibrary = async (): Promise<string> => {
  const home = path.join(tmpdir(), `airfleet-${PYTHON_LIBRARY.replaceAll("=", "")}-${process.getuid?.() ?? 0}`);
  const python = path.join(home, "bin/python");
  if (!existsSync(path.join(home, "ready"))) {
    const run = promisify(execFile);
    await run(process.env["AIRFLEET_PYTHON"] ?? "python3", ["-m", "venv", "--clear", home]);
    await run(python, ["-m", "pip", "install", "--quiet", PYTHON_LIBRARY]);
    await run(python, ["-c", `open(${JSON.stringify(path.join(home, "ready"))}, "w").close()`]);
  }
  return python;
};

/** Starts a receiver and answers its port and what it says. */
const startExample = async (command: string, file: string, key: string) => {
  const env = { ...process.env, WEBHOOK_KEY: key, PORT: "0" };
  const child: ChildProcess = spawn(command, [path.join(EXAMPLES, "webhooks", file)], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill());
  const said: string[] = [];
  const lines = createInterface({ input: child.stdout! });
  lines.on("line", (line) => said.push(line));
  await once(lines, "line");
  return { said, url: `http://127.0.0.1:${said[0]?.replace("listening on ", "")}/` };
};

const RECEIVERS = {
  "receiver.ts": () => Promise.resolve(process.execPath),
  "receiver.py": pythonWithLibrary,
};

const definitions = (folder: string) =>
  readdirSync(path.join(EXAMPLES, folder))
    .filter((name) => name.endsWith(".yaml"))
    .map((name): unknown => parse(readFileSync(path.join(EXAMPLES, folder, name), "utf8")));

describe("examples of receivers", { timeout: 180_000 }, () => {
  it.each(Object.entries(RECEIVERS))(
    "%s acts on each message once, and on nothing that others send",
    async (file, find) => {
      const command = await find();
      const { control, store } = await aControl(backends[0]);
      const definition = aWebhook("http://127.0.0.1:9/", { state_words: "cinco", enabled: false });
      const { webhook, key } = await control.webhooks.create(actor, "shop", definition);
      const { said, url } = await startExample(command, file, key);
      const forged = await fetch(url, { method: "POST", body: "{}", headers: { "webhook-id": "msg_1" } });
      expect(forged.status).toBe(400);
      await control.webhooks.update(actor, "shop", { ...definition, url, enabled: true }, webhook.version);
      await observeRun(store, "r1", "success");
      await eventually(() => said.some((line) => /^run\.changed run_\S+ succeeded$/.test(line)));
      await eventually(async () => (await control.webhooks.backlog("shop")).pending === 0);
      const [delivery] = (await control.webhooks.deliveries("shop", { limit: 1 })).items;
      await control.webhooks.redeliver(actor, "shop", delivery.id);
      await eventually(() => said.at(-1) === "repeated");
      expect(said).toHaveLength(3);
    },
  );

  it("of definitions are valid", () => {
    const webhooks = definitions("webhooks").map((one) => WebhookDefinition.parse(one));
    const rules = definitions("alert-rules").map((one) => AlertRuleDefinition.parse(one));
    expect([webhooks.length, rules.length]).toEqual([1, 2]);
  });
});
