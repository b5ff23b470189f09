import path from "node:path";
import { type ErrorFinding, InstanceConfig, suggest } from "@airfleet/model";
import { valueAt } from "./check-document.ts";
import { anchorPaths, checkInstances, type ConfiguredInstance, trimSlashes } from "./configured-instance.ts";
import { parseSource, type SourceDocument } from "./document.ts";
import { toIssueTexts } from "./issue-text.ts";
import type { ReadFile } from "./read-file.ts";

/** What a file gave: instances, or why it cannot be used. */
export interface FileOutcome {
  readonly instances: readonly ConfiguredInstance[];
  readonly findings: readonly ErrorFinding[];
  readonly warnings: readonly string[];
}

const ROOT = "airflow_clients";
const FIELDS = ["client_id", "client_name", "airflow_url", "username", "password", "enabled", "description"] as const;
const REQUIRED = ["client_id", "airflow_url", "username", "password"] as const;

/** Where a field of ours came from in the client's own words. */
const ORIGINAL: Readonly<Record<string, (typeof FIELDS)[number]>> = {
  id: "client_id",
  name: "client_name",
  url: "airflow_url",
  enabled: "enabled",
  description: "description",
  "auth.username": "username",
  "auth.password": "password",
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const toInput = (client: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => ({
  id: client.client_id,
  // The original showed whatever stood there, also an empty text.
  ...(client.client_name === undefined || client.client_name === "" ? {} : { name: client.client_name }),
  ...(client.description === undefined || client.description === null ? {} : { description: client.description }),
  // Absent is false to the original's filter.
  enabled: client.enabled === undefined ? false : client.enabled,
  url: typeof client.airflow_url === "string" ? trimSlashes(client.airflow_url) : client.airflow_url,
  auth: { type: "basic", username: client.username, password: client.password },
});

const checkClient = (
  document: SourceDocument,
  index: number,
  client: unknown,
): { readonly config?: InstanceConfig; readonly findings: readonly ErrorFinding[] } => {
  const place = [ROOT, index];
  if (!isObject(client)) {
    return {
      findings: [
        { pointer: document.locate(place), message: `each of "${ROOT}" must be an object with ${FIELDS.join(", ")}` },
      ],
    };
  }
  const absent = REQUIRED.filter((field) => client[field] === undefined);
  const findings: ErrorFinding[] = absent.map((field) => ({
    pointer: document.locate(place),
    message: `"${field}" is missing: add "${field}": "…"`,
  }));
  const result = InstanceConfig.safeParse(toInput(client));
  if (result.success) return findings.length > 0 ? { findings } : { config: result.data, findings };
  for (const issue of result.error.issues) {
    const field = ORIGINAL[issue.path.slice(0, issue.path[0] === "auth" ? 2 : 1).join(".")] ?? "client_id";
    if (absent.some((name) => name === field)) continue;
    for (const { message } of toIssueTexts({ ...issue, path: [field] }, InstanceConfig, false)) {
      findings.push({ pointer: document.locate([...place, field]), message });
    }
  }
  return { findings };
};

const warnUnknown = (
  document: SourceDocument,
  at: readonly PropertyKey[],
  value: unknown,
  known: readonly string[],
): readonly string[] =>
  isObject(value)
    ? Object.keys(value)
        .filter((key) => !known.includes(key))
        .map((key) => {
          const meant = suggest(key, known);
          const hint = meant === undefined ? "" : `; did you mean "${meant}"?`;
          return `${document.locateKey([...at, key])}: the key "${key}" is ignored${hint}`;
        })
    : [];

const refuse = (findings: readonly ErrorFinding[]): FileOutcome => ({ instances: [], findings, warnings: [] });

/** Reads the first multi-client format, `config/clients.json`: seven fields for each client under `airflow_clients`. */
export const readClientsFile = (file: ReadFile): FileOutcome => {
  const document = parseSource(file.name, file.text.replace(/^\uFEFF/, ""), "json");
  if (document.findings.length > 0) return refuse(document.findings);
  const clients = valueAt(document.value, [ROOT]);
  if (!Array.isArray(clients)) {
    const message =
      clients === undefined
        ? `the root key "${ROOT}" is missing: write {"${ROOT}": [ … ]}`
        : `"${ROOT}" must be a list of clients: write {"${ROOT}": [ … ]}`;
    return refuse([{ pointer: document.locate([ROOT]), message }]);
  }
  const checked = clients.map((client: unknown, index) => ({ index, client, ...checkClient(document, index, client) }));
  const valid = checked.flatMap(({ index, config }) => (config === undefined ? [] : [{ index, config }]));
  const across = checkInstances(
    valid.map(({ index, config }) => ({
      ...config,
      idPlace: document.locate([ROOT, index, "client_id"]),
      urlPlace: document.locate([ROOT, index, "airflow_url"]),
    })),
    { id: "client_id", url: "airflow_url" },
  );
  const findings = [...checked.flatMap((client) => client.findings), ...across];
  if (findings.length > 0) return refuse(findings);
  const warnings = [
    ...warnUnknown(document, [], document.value, [ROOT]),
    ...checked.flatMap(({ index, client }) => warnUnknown(document, [ROOT, index], client, FIELDS)),
    ...checked
      .filter(({ client }) => isObject(client) && client.enabled === undefined)
      .map(
        ({ index }) =>
          `${document.locate([ROOT, index])}: "enabled" is missing, so the client is disabled; add "enabled": true`,
      ),
    ...(file.isOpen
      ? [`${file.name} holds credentials and every user of this machine may read it: chmod 600 ${file.name}`]
      : []),
  ];
  return {
    instances: valid.map(({ index, config }) => ({
      config: anchorPaths(config, path.dirname(file.path)),
      source: file.name,
      place: document.locate([ROOT, index]),
    })),
    findings: [],
    warnings,
  };
};
