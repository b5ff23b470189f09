import { createHash, type KeyObject, randomUUID, sign } from "node:crypto";

const TASKS = 10;
/** Runs that go on at the same time. */
const RUNS_AT_ONCE = 200;
const KEY_ID = "bench";

const toText = (part: unknown): string => Buffer.from(JSON.stringify(part)).toString("base64url");

/** What the listener says at each step of a run's life. */
const detailsOf = (step: number) => {
  const at = new Date().toISOString();
  if (step === 0) return { run: { state: "running", started_at: at } };
  if (step === 2 * TASKS + 1) {
    return { run: { state: "success", ended_at: at }, progress: { percent: 100 }, results: { rows: step } };
  }
  const isEnd = step % 2 === 0;
  return {
    task: {
      task_id: `task_${Math.ceil(step / 2)}`,
      try_number: 1,
      map_index: -1,
      state: isEnd ? "success" : "running",
      started_at: at,
      ...(isEnd ? { ended_at: at, process_ends: true } : {}),
      hostname: "worker-1.example.org",
      pid: 4_711,
    },
  };
};

/** The reports of many runs with ten tasks each, as a listener would send them: 22 of each run, those of all runs mixed. */
const createReports = (instance: string) => {
  const under = Array.from({ length: RUNS_AT_ONCE }, (_, run) => ({ run, step: 0 }));
  let nextRun = RUNS_AT_ONCE;
  let turn = 0;
  return () => {
    const slot = under[turn++ % under.length];
    if (slot === undefined) throw new Error("there are no runs");
    const { run, step } = slot;
    slot.step += 1;
    if (slot.step > 2 * TASKS + 1) {
      slot.run = nextRun++;
      slot.step = 0;
    }
    return {
      version: 1,
      event_id: randomUUID(),
      instance,
      dag_id: `dag_${run % 50}`,
      dag_run_id: `bench_${run}`,
      origin: "listener",
      sent_at: new Date().toISOString(),
      ...detailsOf(step),
    };
  };
};

/**
 * Whole HTTP requests, signed beforehand, so that making them costs nothing while they are sent.
 *
 * @param each Reports of one post.
 */
export const createSignedPosts = (
  { instance, url, key }: { readonly instance: string; readonly url: URL; readonly key: KeyObject },
  { count, each }: { readonly count: number; readonly each: number },
): readonly Buffer[] => {
  const next = createReports(instance);
  const head = toText({ alg: "EdDSA", kid: KEY_ID, typ: "JWT" });
  return Array.from({ length: count }, () => {
    const reports = Array.from({ length: each }, next);
    const body = JSON.stringify(each === 1 ? reports[0] : { reports });
    const iat = Math.floor(Date.now() / 1_000);
    const body_sha256 = createHash("sha256").update(body).digest("base64url");
    const claims = toText({ iss: instance, aud: "airfleet", iat, exp: iat + 300, jti: randomUUID(), body_sha256 });
    const signature = sign(null, Buffer.from(`${head}.${claims}`), key).toString("base64url");
    return Buffer.from(
      [
        "POST /api/v1/reports HTTP/1.1",
        `Host: ${url.host}`,
        "Content-Type: application/json",
        `Authorization: Bearer ${head}.${claims}.${signature}`,
        `Content-Length: ${Buffer.byteLength(body)}`,
        "",
        body,
      ].join("\r\n"),
    );
  });
};
