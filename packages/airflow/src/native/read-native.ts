import { type ApiPath, type Deadline, parseJsonAnswer, type Query, type WireAnswer } from "@airfleet/http";
import type { NativeAnswer, NativeRead } from "@airfleet/engine";
import { type Api, toRequest } from "../api.ts";
import { path } from "../api-path.ts";
import { dagUnknown, runUnknown } from "../missing.ts";
import { addV1Names } from "./add-v1-names.ts";
import { readNativeLog } from "./native-log.ts";
import { isWholeObject, isWholePage } from "./whole-page.ts";

type JsonObject = Readonly<Record<string, unknown>>;

/** How one kind of read is asked for. */
interface Plan {
  readonly path: ApiPath;
  /** Key of the rows; null for a single object. */
  readonly rows: "dags" | "dag_runs" | "task_instances" | null;
  readonly query: Query;
  /** Rows wanted from `offset` on; null for all. */
  readonly limit: number | null;
  readonly offset: number;
  readonly missing: () => Error;
}

const toPlan = (api: Api, read: Exclude<NativeRead, { kind: "log" }>): Plan => {
  switch (read.kind) {
    case "dags": {
      const all = api.dialect.generation === 2 ? { only_active: false } : { exclude_stale: false };
      return {
        path: path`/dags`,
        rows: "dags",
        query: { order_by: "dag_id", ...all },
        limit: read.limit ?? null,
        offset: read.offset ?? 0,
        missing: () => new Error("the list of DAGs is not there"),
      };
    }
    case "dag":
      return single(path`/dags/${read.dagId}`, () => dagUnknown(api, read.dagId));
    case "run":
      return single(path`/dags/${read.run.dagId}/dagRuns/${read.run.runId}`, () => runUnknown(api, read.run));
    case "runs":
      return {
        path: path`/dags/${read.dagId}/dagRuns`,
        rows: "dag_runs",
        query: {},
        limit: read.limit,
        offset: read.offset,
        missing: () => dagUnknown(api, read.dagId),
      };
    case "tasks":
      return {
        path: path`/dags/${read.run.dagId}/dagRuns/${read.run.runId}/taskInstances`,
        rows: "task_instances",
        query: {},
        limit: null,
        offset: 0,
        missing: () => runUnknown(api, read.run),
      };
    default:
      return read satisfies never;
  }
};

const single = (place: ApiPath, missing: () => Error): Plan => ({
  path: place,
  rows: null,
  query: {},
  limit: null,
  offset: 0,
  missing,
});

const toBytes = (value: unknown): NativeAnswer => ({ json: Buffer.from(JSON.stringify(value)) });

/**
 * A read in Airflow's own words. This path carries whole fan-outs, so an Airflow 2 body that is plainly one complete
 * JSON object holding every row is passed on as the bytes that came, neither parsed nor printed. What is not plain is
 * parsed, its pages joined, and an Airflow 3 object gets the names that Airflow 2 used beside its own.
 */
export const readNative = async (api: Api, read: NativeRead, deadline: Deadline): Promise<NativeAnswer> => {
  if (read.kind === "log") return toBytes(await readNativeLog(api, read, deadline));
  const plan = toPlan(api, read);
  // Airflow 2 neither caps nor orders task instances: pages of them could miss some, one long page cannot.
  const isUncapped = read.kind === "tasks" && api.dialect.generation === 2;
  const rowsPerPage = isUncapped
    ? api.dialect.batchRows
    : Math.min(plan.limit ?? api.dialect.pageRows, api.dialect.pageRows);
  const first = await get(api, plan, plan.offset, rowsPerPage, deadline);
  const wanted = plan.limit ?? Number.POSITIVE_INFINITY;
  if (api.dialect.generation === 2 && first.headers.contentType.includes("json")) {
    const isWhole =
      plan.rows === null
        ? isWholeObject(first.bytes)
        : isWholePage(first.bytes, {
            rows: Math.min(rowsPerPage, api.dialect.pageRows),
            isOnlyPage: plan.limit !== null && plan.limit <= rowsPerPage,
          });
    if (isWhole) return { json: first.bytes };
  }
  const body = toObject(api, plan, first);
  if (plan.rows === null) return toBytes(api.dialect.generation === 2 ? body : addV1Names(body));
  return toBytes(await joinPages(api, { ...plan, rows: plan.rows }, { body, wanted, rowsPerPage }, deadline));
};

const get = async (api: Api, plan: Plan, offset: number, limit: number, deadline: Deadline): Promise<WireAnswer> => {
  const query = plan.rows === null ? plan.query : { ...plan.query, limit, offset };
  const answer = await api.http.call(toRequest(api, "GET", plan.path, { query, passes: [404] }), deadline);
  if (answer.status === 404) throw plan.missing();
  return answer;
};

const toObject = (api: Api, plan: Plan, answer: WireAnswer): JsonObject => {
  const body = parseJsonAnswer(api.http, toRequest(api, "GET", plan.path), answer);
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as JsonObject;
  return {};
};

const joinPages = async (
  api: Api,
  plan: Plan & { readonly rows: string },
  { body, wanted, rowsPerPage }: { body: JsonObject; wanted: number; rowsPerPage: number },
  deadline: Deadline,
): Promise<JsonObject> => {
  const rowsOf = (page: JsonObject): readonly JsonObject[] => {
    const rows = page[plan.rows];
    return Array.isArray(rows) ? rows : [];
  };
  const rows = [...rowsOf(body)];
  const total = typeof body["total_entries"] === "number" ? body["total_entries"] : rows.length;
  while (rows.length < wanted && plan.offset + rows.length < total) {
    const limit = Math.min(rowsPerPage, wanted - rows.length);
    const page = rowsOf(toObject(api, plan, await get(api, plan, plan.offset + rows.length, limit, deadline)));
    if (page.length === 0) break;
    rows.push(...page);
  }
  const shown = api.dialect.generation === 2 ? rows : rows.map(addV1Names);
  return { ...body, [plan.rows]: shown };
};
