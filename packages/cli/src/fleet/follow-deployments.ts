import type { ItemOf } from "@airfleet/sdk";
import type { Command } from "commander";
import { CliFailure } from "../failure/cli-failure.ts";
import { EXIT } from "../failure/exit-codes.ts";
import { toSecondsText } from "../output/instant-text.ts";
import { type Column, toneOf } from "../output/listing.ts";
import { parseSeconds } from "../program/parse-options.ts";
import type { Session } from "../session/session.ts";
import { confirmProduction } from "./confirm-production.ts";

export type Deployment = ItemOf<"listDeployments">;

/** How long a command follows what it began, and what it was told of production. */
export interface WaitOptions {
  readonly wait?: boolean;
  readonly timeout?: number;
  readonly confirm?: string;
}

/** Longer than an Airflow as it is shipped takes to find a new file. */
const WAIT_SECONDS = 600;
const GOING: ReadonlySet<string> = new Set(["pending", "written", "parsed", "live", "removing"]);
const FAILED: ReadonlySet<string> = new Set(["broken", "failed"]);

const placeOf = ({ error }: Deployment): string => {
  if (error === null) return "";
  const where = [error.node === null ? "" : `node ${error.node}`, error.field === null ? "" : `field ${error.field}`];
  const named = where.filter((part) => part !== "").join(", ");
  return named === "" ? error.message : `${named}: ${error.message}`;
};

/** A deployment in a list. */
export const columns: readonly Column<Deployment>[] = [
  { header: "ID", text: (row) => row.id },
  { header: "AT", text: (row) => toSecondsText(row.created_at) },
  { header: "PIPELINE", text: (row) => row.pipeline_id },
  { header: "REVISION", text: (row) => row.revision, alignRight: true },
  { header: "INSTANCE", text: (row) => row.instance },
  { header: "STATE", text: (row) => row.state, tone: (row) => toneOf(row.state) },
  { header: "HASH", text: (row) => row.artifact_hash.slice(0, 12) },
  { header: "BY", text: (row) => `${row.origin} ${row.requested_by}`, isWide: true },
  { header: "TARGET", text: (row) => row.target, isWide: true },
  { header: "REMARK", text: (row) => placeOf(row) || (row.scan === null ? "" : row.scan.text) },
];

/** Everything of one. */
export const fields: readonly Column<Deployment>[] = [
  ...columns.map((column) => ({ ...column, isWide: false })),
  { header: "DAG", text: (row) => row.dag_id },
  {
    header: "STATES",
    text: (row) =>
      Object.entries(row.state_times)
        .map(([state, at]) => `${state} ${toSecondsText(at)}`)
        .join(", "),
  },
  { header: "EXPECTED", text: (row) => toSecondsText(row.expected_at) },
  { header: "LINE", text: (row) => row.error?.line },
];

export const nameOf = (row: Deployment): string => row.id;

/** Follows deployments to their end, each change told once. */
const follow = async (
  session: Session,
  first: readonly Deployment[],
  { wait = false, timeout = WAIT_SECONDS }: WaitOptions,
): Promise<readonly Deployment[]> => {
  if (!wait) return first;
  const deadline = Date.now() + timeout * 1_000;
  const told = new Map<string, string>();
  let now = first;
  for (;;) {
    for (const one of now) {
      if (told.get(one.id) === one.state) continue;
      told.set(one.id, one.state);
      session.output.note(`${one.instance}: ${one.state}${one.scan === null ? "" : ` (${one.scan.text})`}`);
    }
    if (!now.some(({ state }) => GOING.has(state)) || Date.now() > deadline) return now;
    await new Promise((resolve) => setTimeout(resolve, 500));
    now = await Promise.all(now.map(({ id }) => session.client.getDeployment({ params: { deployment: id } })));
  }
};

/** Shows what came of it, and fails where it failed or is not over in time. */
export const finish = async (session: Session, first: readonly Deployment[], options: WaitOptions): Promise<void> => {
  const rows = await follow(session, first, options);
  await session.output.list({ columns, rows, nameOf });
  const failed = rows.find(({ state }) => FAILED.has(state));
  if (failed !== undefined) {
    throw new CliFailure({
      code: failed.error?.code ?? "DEPLOY_TARGET_REFUSED",
      message: `${failed.instance}: ${placeOf(failed) || failed.state}`,
      exitCode: EXIT.failure,
      fix: `airfleet deployments show ${failed.id}`,
    });
  }
  const late = options.wait === true ? rows.find(({ state }) => GOING.has(state)) : undefined;
  if (late === undefined) return;
  throw new CliFailure({
    code: "DEPLOYMENT_NOT_LIVE",
    message: `${late.instance} is ${late.state} still; the deployment goes on.`,
    exitCode: EXIT.timeout,
    fix: `airfleet deployments show ${late.id}`,
  });
};

const tiersOf = async (session: Session, ids: readonly string[]) => {
  const known = await Array.fromAsync(session.client.items("listInstances", {}));
  return known.filter(({ id }) => ids.includes(id)).map(({ id, tier }) => ({ instance: id, tier }));
};

/** What the server wants to be told: the id of the one production instance, or how many there are. */
export const confirmed = async (
  session: Session,
  instances: readonly string[],
  deed: string,
  given: string | undefined,
): Promise<{ readonly confirm?: string }> => {
  const guarded = await tiersOf(session, instances);
  await confirmProduction(session, guarded, deed, given);
  const production = guarded.filter(({ tier }) => tier === "production").map(({ instance }) => instance);
  const [only] = production;
  if (only === undefined) return {};
  return { confirm: production.length === 1 ? only : `${production.length} production` };
};

/** The options of every command that may follow a deployment. */
export const withWaiting = (command: Command): Command =>
  command
    .option("--wait", "follow it until a run would work with it")
    .option("--timeout <time>", `how long to follow it, such as 90 or 5m (default: ${WAIT_SECONDS})`, parseSeconds)
    .option("--confirm <text>", 'for production: the instance id, or "N production"');
