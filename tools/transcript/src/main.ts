import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { readCommands } from "./read-commands.ts";
import { replay, toPage } from "./replay.ts";

const GUIDES = path.resolve(import.meta.dirname, "../../../docs/guides");
/** The guide's DAG takes a few seconds; a scheduler under load takes longer. */
const SETTLE_MS = 120_000;

/** Usage: main.ts [URL of a running Airfleet] */
const [url = "http://127.0.0.1:3000"] = process.argv.slice(2);

interface Versions {
  readonly items: readonly { readonly id: string; readonly status: { readonly version: string | null } }[];
}
interface Results {
  readonly results: readonly { readonly data?: { readonly state?: string } }[];
}

const settle = async (runId: string): Promise<void> => {
  const place = `${url}/api/disaster-recovery/runs/disaster_recovery_dag_1/${encodeURIComponent(runId)}?clients=client1,client3`;
  for (const until = Date.now() + SETTLE_MS; Date.now() < until; await delay(500)) {
    const { results } = (await (await fetch(place)).json()) as Results;
    if (results.every(({ data }) => data?.state === "success" || data?.state === "failed")) return;
  }
};

const commands = readCommands(readFileSync(path.join(GUIDES, "from-multi-client-airflow.md"), "utf8"));
const { items } = (await (await fetch(`${url}/api/v1/instances`)).json()) as Versions;
const servers = items.map(({ id, status }) => `\`${id}\` is Airflow ${status.version ?? "(unknown)"}`).join(", ");
const about = `Written by \`npm run replay -w tools/transcript\`, which runs every curl line of [the guide](from-multi-client-airflow.md) against a running Airfleet, on ${new Date().toISOString().slice(0, 10)}: ${servers}. Lists and texts are shortened where it says "…".`;
const replayed = await replay(commands, { url, settle });
const ROOT = path.resolve(GUIDES, "../..");
// Where this checkout lies is nobody's business; Airflow 2's file tokens hold the path as well.
const page = toPage(replayed, about)
  .replaceAll(ROOT, "/path/to/airfleet")
  .replaceAll(/"file_token": "[^"]+"/g, '"file_token": "…"');
writeFileSync(path.join(GUIDES, "multi-client-transcript.md"), page);
process.stdout.write(
  `${replayed.length} commands, statuses ${[...new Set(replayed.map(({ status }) => status))].join(" ")}\n`,
);
