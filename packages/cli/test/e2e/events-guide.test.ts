import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { runCli, temporaryDirectory } from "../support/run-cli.ts";
import { type Served, serve } from "../support/serve.ts";

const GUIDES = path.resolve(import.meta.dirname, "../../../../docs/guides");
const read = (name: string): string => readFileSync(path.join(GUIDES, name), "utf8");
const EVENTS = read("events.md");
const EVENTS_IN = read("events-in.md");

const commandsOf = (guide: string): readonly string[] =>
  [...guide.matchAll(/^\$ airfleet (.+)$/gm)].flatMap(([, command]) => (command === undefined ? [] : [command]));
const blockOf = (guide: string, start: string): string => {
  const from = guide.indexOf(start);
  return guide.slice(from, guide.indexOf("\n```", from));
};

let server: Served;
const directory = temporaryDirectory();

beforeAll(async () => {
  const instances = [{ id: "eu-1", url: "http://127.0.0.1:9" }];
  const settings = { instances, poll: { enabled: false } };
  writeFileSync(path.join(directory.path, "airfleet.yaml"), JSON.stringify(settings), { mode: 0o600 });
  server = await serve(directory.path);
}, 60_000);
afterAll(async () => {
  await server.stop();
  directory[Symbol.dispose]();
});

const airfleet = (command: string) => runCli(command.split(" "), { url: server.url, cwd: directory.path });

const post = async (route: string, text: string): Promise<{ readonly status: number; readonly body: never }> => {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${server.url}${route}`, { method: "POST", headers, body: text });
  return { status: answer.status, body: (await answer.json()) as never };
};

describe("the guide to events in", () => {
  test("its message makes a run that nobody had heard of, and the run tells what was said of it", async () => {
    const message = /-d '([^']+)'/.exec(EVENTS_IN)?.[1] ?? "";
    const { status, body } = await post("/api/v1/instances/eu-1/reports", message);
    expect([status, body]).toMatchObject([
      200,
      { accepted: 1, items: [{ outcome: "accepted", kind: "dag_complete" }] },
    ]);
    const [{ run }] = (body as { items: [{ run: string }] }).items;
    const shown = (await (await fetch(`${server.url}/api/v1/runs/${run}`)).json()) as object;
    expect(shown).toMatchObject({ instance: "eu-1", dag_id: "harvest_collection", state: "success" });
    const listed = await airfleet(`reports list ${run} --json`);
    expect([listed.code, JSON.parse(listed.stdout)]).toMatchObject([
      0,
      [{ kind: "dag_complete", message: { dag_complete: true }, error: false, source: "http" }],
    ]);
    expect((await airfleet(`reports list run_${"x".repeat(52)}`)).code).toBe(3);
    const again = await post("/api/v1/instances/eu-1/reports", `[${message},${message}]`);
    expect(again.body).toMatchObject({ duplicates: 2, accepted: 0 });
  });

  test("its definition of a source is accepted, shown and removed", async () => {
    const definition = blockOf(EVENTS_IN, "# rikolti.yaml").replace("type: sqs", "type: sqs\nenabled: false");
    writeFileSync(path.join(directory.path, "rikolti.yaml"), definition);
    const [put = "", list = ""] = commandsOf(EVENTS_IN);
    expect(await airfleet(put)).toMatchObject({ code: 0, stderr: "" });
    const listed = await airfleet(list);
    expect([listed.code, listed.stdout]).toEqual([0, expect.stringMatching(/rikolti\s+sqs\s+disabled\s+by host/)]);
    expect((await airfleet(put)).stdout).toMatch(/VERSION:\s+2/);
    expect((await airfleet("event-sources show nobody")).code).toBe(3);
    expect((await airfleet("event-sources remove rikolti --yes")).code).toBe(0);
  });

  test("what cannot be used is listed, tried again and dropped with its commands", async () => {
    const [, , , rejected = "", retry = "", drop = ""] = commandsOf(EVENTS_IN);
    const { status, body } = await post(
      "/api/v1/instances/eu-1/reports",
      '[{"dag_id": "d"}, {"Type": "Notification"}]',
    );
    expect([status, body]).toMatchObject([200, { rejected: 2 }]);
    const listed = await airfleet(`${rejected} --json`);
    const rows = JSON.parse(listed.stdout) as { id: string; code: string }[];
    expect(rows.map(({ code }) => code)).toEqual(["REPORT_INCOMPLETE", "REPORT_UNREADABLE"]);
    expect(await airfleet(retry)).toMatchObject({ code: 1, stdout: expect.stringMatching(/REJECTED:\s+2/) });
    for (const { id } of rows) expect((await airfleet(drop.replace("REJECTED", id))).code).toBe(0);
    expect((await airfleet(rejected)).stderr).toContain("Nothing found");
    expect((await airfleet("reports retry")).code).toBe(2);
    expect((await airfleet("reports drop rej_gone")).code).toBe(3);
  });

  test("keys that are no data are refused before anybody looks at them", async () => {
    const { status } = await post(
      "/api/v1/instances/eu-1/reports",
      '{"dag_id":"d","dag_run_id":"r","__proto__":{"a":1}}',
    );
    expect(status).toBe(400);
    const nested = JSON.stringify({
      Type: "Notification",
      Message: '{"__proto__":{"a":1},"dag_id":"d","dag_run_id":"r"}',
    });
    expect((await post("/api/v1/instances/eu-1/reports", nested)).body).toMatchObject({
      items: [{ outcome: "rejected", code: "REPORT_UNREADABLE" }],
    });
  });
});

describe("the guide to events", () => {
  test("its commands show what happened, and follow what happens", async () => {
    const [shown = "", follow = "", subject = ""] = commandsOf(EVENTS);
    const text = await airfleet(shown);
    expect([text.code, text.stdout]).toEqual([0, expect.stringContaining("run.changed")]);
    const child = spawn(
      process.execPath,
      ["--conditions=@airfleet/source", path.resolve(import.meta.dirname, "../../src/main.ts"), ...follow.split(" ")],
      { env: { ...process.env, AIRFLEET_URL: server.url }, stdio: ["ignore", "pipe", "ignore"] },
    );
    let said = "";
    child.stdout.on("data", (data: Buffer) => (said += data.toString()));
    await vi.waitFor(() => expect(said).toContain("harvest_collection"), { timeout: 20_000 });
    const message = { dag_id: "publish", dag_run_id: "r2", rikolti_message: { dag_complete: false, error: true } };
    await post("/api/v1/instances/eu-1/reports", JSON.stringify(message));
    await vi.waitFor(() => expect(said).toMatch(/run\.changed {2}eu-1 {2}publish {2}r2 {2}new -> failed/), {
      timeout: 20_000,
    });
    child.kill("SIGINT");
    const once = await airfleet(`${subject.replace(" --follow", "")} --kind run.changed`);
    expect([once.code, JSON.parse(once.stdout)]).toEqual([0, []]);
    expect((await airfleet("events --state-words nonsense")).code).toBe(2);
  });

  test("its program prints what is kept", async () => {
    const file = path.join(import.meta.dirname, `events-guide-${process.pid}.mjs`);
    const program = blockOf(EVENTS, 'import { createClient } from "@airfleet/sdk";');
    const run = spawn(process.execPath, ["--conditions=@airfleet/source", "--input-type=module"], {
      env: { ...process.env, AIRFLEET_URL: server.url },
      cwd: path.dirname(file),
      stdio: ["pipe", "pipe", "pipe"],
    });
    let out = "";
    run.stdout.on("data", (data: Buffer) => (out += data.toString()));
    run.stdin.end(program);
    await new Promise((resolve) => run.once("exit", resolve));
    expect(out).toMatch(/^\d+ harvest_collection success$/m);
  });
});
