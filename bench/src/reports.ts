import { generateKeyPairSync } from "node:crypto";
import path from "node:path";
import { serveAirfleet } from "./airfleet.ts";
import { startChild } from "./child.ts";
import { waitUntilSwept } from "./fanout/wait-until-swept.ts";
import { round } from "./measure.ts";
import { send, type SendOrder, type Sent } from "./reports/send.ts";
import type { Bench, BenchRow } from "./result.ts";
import { startInstances } from "./trigger/instances.ts";
import { postgresRoom, SQLITE_ROOM, type StoreRoom } from "./trigger/store-room.ts";

const TARGET_PER_SECOND = 2_000;
const TARGET_P99_MS = 100;
/** A little more than the target, so that what is asked for is more than what must be reached. */
const PACE = 2_100;
const CONNECTIONS = 32;
/** Reports of one post: one each, and as many as a sender has at hand after a moment. */
const EACH = [1, 25] as const;
const KEY_ID = "bench";

const keys = generateKeyPairSync("ed25519", {
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});

const ask = async (url: string, method: string, body?: unknown): Promise<unknown> => {
  const answer = await fetch(url, {
    method,
    ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  });
  const said: unknown = await answer.json();
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${JSON.stringify(said)}`);
  return said;
};

/** How many reports the server has kept. */
const countKept = async (url: string): Promise<number> => {
  let count = 0;
  for (let cursor: string | null = ""; cursor !== null; ) {
    const from: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const page = (await ask(`${url}/api/v1/reports?outcome=accepted&limit=1000${from}`, "GET")) as {
      readonly items: readonly unknown[];
      readonly next_cursor: string | null;
    };
    count += page.items.length;
    cursor = page.next_cursor;
  }
  return count;
};

const orderOf = (url: string, instance: string, seconds: number, each: number, perSecond: number): SendOrder => ({
  url,
  instance,
  key: keys.privateKey,
  seconds,
  perSecond,
  each,
  connections: CONNECTIONS,
  most: Math.ceil(((perSecond === 0 ? 12_000 : perSecond) * seconds * 1.1) / each),
});

const bare = async (seconds: number, each: number): Promise<Sent> => {
  const script = path.join(import.meta.dirname, "reports/bare-receiver.ts");
  await using child = await startChild({
    args: ["--conditions=@airfleet/source", script, keys.publicKey.replaceAll("\n", "\\n")],
    ready: /^\{"url"/,
  });
  const { url } = JSON.parse(child.readyLine) as { readonly url: string };
  return await send(orderOf(url, "bench", seconds, each, 0));
};

interface Measured {
  readonly paced: Sent;
  readonly fastest: Sent;
  readonly lost: number;
}

const measure = async (room: StoreRoom, port: number, seconds: number, each: number): Promise<Measured> => {
  await using instances = await startInstances(1, 0);
  const instance = instances.list[0]?.id ?? "";
  await using airfleet = await serveAirfleet({
    port,
    configuration: { server: { log_level: "warn" }, instances: instances.configuration, ...room.configuration },
    env: room.env,
  });
  await waitUntilSwept(airfleet.url);
  const key = { type: "public", key_id: KEY_ID, algorithm: "EdDSA", public_key: keys.publicKey };
  const source = `${airfleet.url}/api/v1/report-sources/${instance}`;
  // A database has it from the run before, with the same key.
  if (!(await fetch(source)).ok) await ask(source, "PUT", { keys: [key] });
  const before = await countKept(airfleet.url);
  // The first ones warm the server up.
  const warm = await send(orderOf(airfleet.url, instance, 2, each, PACE));
  const paced = await send(orderOf(airfleet.url, instance, seconds, each, PACE));
  const lost = warm.taken + paced.taken - ((await countKept(airfleet.url)) - before);
  const fastest = await send(orderOf(airfleet.url, instance, Math.min(seconds, 10), each, 0));
  return { paced, fastest, lost };
};

const textOf = ({ perSecond, p50, p99 }: Sent): string =>
  `${Math.round(perSecond)}/s, p50 ${round(p50)} ms, p99 ${round(p99)} ms`;

const toRow = (room: StoreRoom, each: number, { paced, fastest, lost }: Measured, baseline: Sent): BenchRow => ({
  what: `signed reports kept on ${room.name}, ${each === 1 ? "one" : each} per post, ${round(paced.seconds, 0)} s`,
  ours: `${textOf(paced)}, ${lost} of ${paced.reports} lost; at most ${Math.round(fastest.perSecond)}/s`,
  baseline: `${Math.round(baseline.perSecond)}/s at most by a server that verifies and keeps nothing`,
  ratio: fastest.perSecond / baseline.perSecond,
  target: `≥ ${TARGET_PER_SECOND}/s, p99 < ${TARGET_P99_MS} ms, none lost`,
  reached: paced.perSecond >= TARGET_PER_SECOND && paced.p99 < TARGET_P99_MS && lost === 0,
});

/** What taking reports in costs: their signatures checked, on the disk before they are answered, and their runs told. */
export const reports: Bench = {
  name: "reports",
  claim:
    "Signed reports taken in over HTTP and kept, on two cores with what sends them, beside a server that keeps nothing",
  run: async ({ quick }) => {
    const seconds = quick ? 5 : 30;
    await using postgres = await postgresRoom();
    const rows: BenchRow[] = [];
    let port = 26_811;
    for (const each of EACH) {
      const baseline = await bare(Math.min(seconds, 10), each);
      for (const room of [SQLITE_ROOM, postgres]) {
        rows.push(toRow(room, each, await measure(room, port++, seconds, each), baseline));
      }
    }
    return rows;
  },
};
