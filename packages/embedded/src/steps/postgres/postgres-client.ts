import type { Connection } from "@airfleet/model";
import pg from "pg";
import { allowedAddress } from "../network/allowed-address.ts";
import type { StepContext } from "../step-context.ts";
import { reasonOf, StepRefusal, StepTrouble } from "../step-trouble.ts";

/** Classes of errors that come again: wrong data, names, rights, sign-in, statements. */
const REFUSED_CLASSES = new Set(["0A", "21", "22", "23", "25", "28", "3D", "3F", "42"]);
const CONNECT_MS = 15_000;

/** What PostgreSQL complains of as the step's error. */
export const toPostgresTrouble = (error: unknown): StepTrouble => {
  if (error instanceof StepTrouble) return error;
  const { code, detail, where } = error as { code?: unknown; detail?: unknown; where?: unknown };
  const more = [detail, where].filter((part) => typeof part === "string" && part !== "").join(" ");
  const message = `PostgreSQL: ${reasonOf(error)}${more === "" ? "" : ` (${more})`}`;
  return typeof code === "string" && REFUSED_CLASSES.has(code.slice(0, 2))
    ? new StepRefusal(message, { cause: error })
    : new StepTrouble(message, { cause: error });
};

/** TLS as `sslmode` in the connection's extra asks for it, in libpq's words. */
const toTls = ({ extra, host }: Connection): false | { rejectUnauthorized: boolean; servername?: string } => {
  const mode = extra["sslmode"];
  if (mode !== "require" && mode !== "verify-ca" && mode !== "verify-full") return false;
  return { rejectUnauthorized: mode !== "require", ...(host === null ? {} : { servername: host }) };
};

const open = async (context: StepContext, connection: Connection): Promise<pg.Client> => {
  const port = connection.port ?? 5432;
  const host = await allowedAddress(context.networkAllow, connection.host ?? "127.0.0.1", port);
  const client = new pg.Client({
    host,
    port,
    user: connection.login ?? undefined,
    password: connection.password ?? "",
    database: connection.schema ?? undefined,
    ssl: toTls(connection),
    connectionTimeoutMillis: CONNECT_MS,
    application_name: "airfleet",
  });
  // A connection that breaks while nothing is asked would otherwise end the process; the next query says what is wrong.
  client.on("error", () => undefined);
  await client.connect();
  return client;
};

/** How long a server may take to say goodbye. */
const GOODBYE_MS = 2_000;

/** Ends a connection whatever it is doing; what it has not committed is undone by the server. */
const close = async (client: pg.Client): Promise<void> => {
  const { connection } = client as unknown as { connection: { stream: { destroy(): void } } };
  const timer = setTimeout(() => connection.stream.destroy(), GOODBYE_MS);
  await client.end().catch(() => undefined);
  clearTimeout(timer);
};

/** Asks the server to leave off what it does for us: closing the connection alone lets it go on. */
const cancelQuery = async (context: StepContext, connection: Connection, pid: number): Promise<void> => {
  const other = await open(context, connection);
  try {
    await other.query("select pg_cancel_backend($1)", [pid]);
  } finally {
    await other.end();
  }
};

const SETTINGS = [
  "set local timezone = 'UTC'",
  "set local datestyle = 'ISO'",
  "set local intervalstyle = 'postgres'",
  "set local bytea_output = 'hex'",
  "set local extra_float_digits = 1",
].join("; ");

/** Whether a transaction was committed whose answer got lost: a second try would load its rows twice. */
const wasCommitted = async (context: StepContext, connection: Connection, transaction: string): Promise<boolean> => {
  const other = await open(context, connection);
  try {
    const found = await other.query<{ status: string | null }>("select txid_status($1) as status", [transaction]);
    return found.rows[0]?.status === "committed";
  } finally {
    await other.end();
  }
};

const commit = async (context: StepContext, connection: Connection, client: pg.Client): Promise<void> => {
  const found = await client.query<{ id: string | null }>("select txid_current_if_assigned()::text as id");
  const id = found.rows[0]?.id ?? null;
  try {
    await client.query("commit");
  } catch (error) {
    // An answer with a code is the server's own: the transaction is undone.
    if (id === null || typeof (error as { code?: unknown }).code === "string" || context.signal.aborted) throw error;
    if (!(await wasCommitted(context, connection, id))) throw error;
    context.log("The connection broke after the rows were loaded; the server confirms them.");
  }
};

/** Runs `work` in one transaction, which is committed when it ends well and at no other time. */
export const inTransaction = async <Result>(
  context: StepContext,
  connection: Connection,
  seconds: number,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> => {
  let client: pg.Client;
  try {
    client = await open(context, connection);
  } catch (error) {
    throw toPostgresTrouble(error);
  }
  const stop = (): void => {
    const { processID: pid } = client as unknown as { processID?: number | null };
    if (typeof pid === "number") cancelQuery(context, connection, pid).catch(() => undefined);
  };
  context.signal.addEventListener("abort", stop);
  try {
    await client.query("begin");
    await client.query(`set local statement_timeout = ${Math.ceil(seconds * 1000)}; ${SETTINGS}`);
    const result = await work(client);
    context.signal.throwIfAborted();
    await commit(context, connection, client);
    return result;
  } catch (error) {
    throw toPostgresTrouble(error);
  } finally {
    context.signal.removeEventListener("abort", stop);
    // Not a rollback: a connection that is in the middle of something cannot hear of it.
    await close(client);
  }
};
