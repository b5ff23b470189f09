import type { FleetInstance } from "@airfleet/control";

/** What one client contributed. `data` is JSON text that is passed on as it is, or a value of ours. */
export interface ClientSuccess {
  readonly client: FleetInstance;
  readonly success: true;
  /** Keys of ours beside the documented ones. */
  readonly extras?: Readonly<Record<string, unknown>>;
  readonly data: Uint8Array | object;
}

export interface ClientFailure {
  readonly client: FleetInstance;
  readonly success: false;
  readonly error: string;
  /** HTTP status of the client's Airflow; 500 when there was no answer, as the seed document shows. */
  readonly status: number;
  /** From our error catalogue, for machines. */
  readonly code: string;
  readonly extras?: Readonly<Record<string, unknown>>;
}

export type ClientResult = ClientSuccess | ClientFailure;

/** How the whole went. */
export type Outcome = "ok" | "partial" | "failed";

export const outcomeOf = (results: readonly ClientResult[]): Outcome => {
  const failed = results.filter((result) => !result.success).length;
  if (failed === 0) return "ok";
  return failed === results.length ? "failed" : "partial";
};

/** The seed answers 200 whatever happened; `?strict=true` asks for a status that tells. */
export const statusOf = (outcome: Outcome, isStrict: boolean): 200 | 207 | 502 => {
  if (!isStrict || outcome === "ok") return 200;
  return outcome === "partial" ? 207 : 502;
};

/** The counts that stand before the results of every multi-client answer. */
export const countsOf = (results: readonly ClientResult[]): Readonly<Record<string, number>> => {
  const successful = results.filter((result) => result.success).length;
  return {
    total_clients: results.length,
    successful_clients: successful,
    failed_clients: results.length - successful,
  };
};

const headOf = (result: ClientResult): Readonly<Record<string, unknown>> => ({
  client_id: result.client.id,
  client_name: result.client.name,
  success: result.success,
  ...(result.success ? {} : { error: result.error, status: result.status, code: result.code }),
  ...result.extras,
});

const DATA_KEY = Buffer.from(',"data":');
const OBJECT_END = Buffer.from("}");
const COMMA = Buffer.from(",");

const itemChunks = (result: ClientResult): readonly Uint8Array[] => {
  const head = JSON.stringify(headOf(result));
  if (!result.success) return [Buffer.from(head)];
  const data = result.data instanceof Uint8Array ? result.data : Buffer.from(JSON.stringify(result.data));
  return [Buffer.from(head.slice(0, -1)), DATA_KEY, data, OBJECT_END];
};

/**
 * The aggregate envelope as pieces of text in order. Bodies of Airflow are handed through as the bytes that came: over a
 * hundred instances, parsing and printing them again would be most of the work.
 *
 * @param frame Keys before `results`, counts included.
 */
export const toChunks = (
  frame: Readonly<Record<string, unknown>>,
  results: readonly ClientResult[],
): readonly Uint8Array[] => {
  const open = `${JSON.stringify(frame).slice(0, -1)},"results":[`;
  const items = results.flatMap((result, index) => [...(index === 0 ? [] : [COMMA]), ...itemChunks(result)]);
  return [Buffer.from(open), ...items, Buffer.from("]}")];
};
