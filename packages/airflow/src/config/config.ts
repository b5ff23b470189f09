import { type ApiPath, type Deadline, parseJsonAnswer, shownReason } from "@airfleet/http";
import { AirfleetError, type ConfigEntry, type ConfigEntryWrite, type ConfigKind } from "@airfleet/model";
import { type Api, readAll, toRequest } from "../api.ts";
import { path, slashed } from "../api-path.ts";

const LISTS = {
  variable: { place: path`/variables`, order: "key" },
  connection: { place: path`/connections`, order: "connection_id" },
  pool: { place: path`/pools`, order: "name" },
} as const satisfies Record<ConfigKind, { place: ApiPath; order: string }>;

const entryPath = (kind: ConfigKind, key: string): ApiPath => {
  switch (kind) {
    case "variable":
      return path`/variables/${slashed(key)}`;
    case "connection":
      return path`/connections/${key}`;
    case "pool":
      return path`/pools/${slashed(key)}`;
    default:
      return kind satisfies never;
  }
};

/** Names and value hashes of one kind. */
export const listConfig = (api: Api, kind: ConfigKind, deadline: Deadline): Promise<readonly ConfigEntry[]> =>
  readAll(api, LISTS[kind].place, api.dialect.shapes.config[kind], deadline, {
    // v1 sorts pools, connections and variables by `id`-like keys of its own names.
    query: { order_by: LISTS[kind].order },
  });

const invalid = (api: Api, entry: ConfigEntryWrite, reason: string): AirfleetError =>
  new AirfleetError("CONFIG_ENTRY_INVALID", {
    kind: entry.kind,
    key: entry.key,
    instance: api.http.place.instance,
    reason,
  });

/** What the servers refuse in ways that cannot be told from a crash, or accept and can never delete. */
const check = (api: Api, entry: ConfigEntryWrite): void => {
  if (entry.key === "" || entry.key.length > 250) throw invalid(api, entry, "the key must have 1 to 250 characters");
  if (entry.kind === "connection" && !/^[\w.-]+$/.test(entry.key)) {
    throw invalid(api, entry, "a connection id may have letters, digits, _ . and - only");
  }
  if (entry.kind === "pool" && entry.key.includes("/") && api.dialect.generation === 2) {
    throw invalid(api, entry, "Airflow 2 cannot find or delete a pool with a slash in its name");
  }
};

/**
 * Creates an entry or replaces it. What the entry does not name becomes empty, but for a password, an extra and a
 * description, which stay: nobody can read the first two back to send them again. Airflow 2's POST would overwrite an
 * existing variable without a word, so the entry is looked up first.
 */
export const putConfig = async (
  api: Api,
  entry: ConfigEntryWrite,
  deadline: Deadline,
): Promise<{ readonly created: boolean }> => {
  check(api, entry);
  const place = entryPath(entry.kind, entry.key);
  const existing = await readEntry(api, place, deadline);
  if (existing === null) {
    const isCreated = await send(api, entry, { method: "POST", place: LISTS[entry.kind].place, existing }, deadline);
    if (isCreated) return { created: true };
  }
  // Somebody else created it in between, or it was there.
  const current = existing ?? (await readEntry(api, place, deadline)) ?? {};
  await send(api, entry, { method: "PATCH", place, existing: current }, deadline);
  return { created: false };
};

const readEntry = async (
  api: Api,
  place: ApiPath,
  deadline: Deadline,
): Promise<Readonly<Record<string, unknown>> | null> => {
  const request = toRequest(api, "GET", place, { passes: [404] });
  const answer = await api.http.call(request, deadline);
  if (answer.status === 404) return null;
  const body = parseJsonAnswer(api.http, request, answer);
  return typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
};

/** Sends the entry; false when a POST found it there already. */
const send = async (
  api: Api,
  entry: ConfigEntryWrite,
  target: { method: "POST" | "PATCH"; place: ApiPath; existing: Readonly<Record<string, unknown>> | null },
  deadline: Deadline,
): Promise<boolean> => {
  const isDefaultPool = entry.kind === "pool" && entry.key === "default_pool" && target.method === "PATCH";
  const request = toRequest(api, target.method, target.place, {
    body: api.dialect.configBody(entry, target.existing),
    // The default pool's name and description are fixed; without a mask both generations refuse to touch it.
    query: { update_mask: isDefaultPool ? defaultPoolMask(api) : undefined },
    passes: target.method === "POST" ? [400, 409, 422] : [400, 422],
  });
  const answer = await api.http.call(request, deadline);
  if (answer.status < 300) return true;
  if (answer.status === 409) return false;
  throw invalid(api, entry, shownReason(answer, api.http.place.scrub));
};

const defaultPoolMask = (api: Api): string | readonly string[] =>
  api.dialect.generation === 2 ? "slots,include_deferred" : ["slots", "include_deferred"];

/** Deletes an entry. */
export const deleteConfig = async (api: Api, kind: ConfigKind, key: string, deadline: Deadline): Promise<void> => {
  const { instance, scrub } = api.http.place;
  const request = toRequest(api, "DELETE", entryPath(kind, key), { passes: [400, 404, 422] });
  const answer = await api.http.call(request, deadline);
  if (answer.status < 300) return;
  if (answer.status === 404) throw new AirfleetError("CONFIG_ENTRY_UNKNOWN", { kind, key, instance });
  throw new AirfleetError("CONFIG_ENTRY_INVALID", { kind, key, instance, reason: shownReason(answer, scrub) });
};
